/** Reads what a core module imports and exports. */

import {
  decodeCoreExternType,
  decodeCoreFunctionType,
  decodeCoreGlobalType,
  decodeCoreMemoryType,
  decodeCoreTableType,
} from "../binary/decode_core_types.ts";
import { InvalidComponentError } from "../binary/invalid_component.ts";
import type { CoreItemSort } from "../binary/model_references.ts";
import type { CoreExternType, CoreFunctionType } from "../binary/model_types.ts";
import { Reader } from "../binary/reader.ts";
import type { CoreExternShape, ModuleImport, ModuleShape } from "../types/module_shape.ts";

const PREAMBLE_BYTES = 8;
/** By the kinds of imports and exports. */
const SORTS: readonly CoreItemSort[] = ["core func", "core table", "core memory", "core global", "core tag"];
/** What a table with an initial value begins with. */
const TABLE_WITH_VALUE = 0x40;

/**
 * Read what a core module imports and exports.
 *
 * @param bytes Its binary.
 * @param offset Its offset in the component, for messages.
 * @returns Undefined if it is malformed or has types that are not known here: the engine tells which when it compiles it.
 */
export function readModuleShape(bytes: Uint8Array<ArrayBuffer>, offset: number): ModuleShape | undefined {
  try {
    return new ModuleReader().read(Reader.of(bytes, offset));
  } catch (error) {
    if (error instanceof InvalidComponentError) return undefined;
    throw error;
  }
}

/** Index spaces of a core module, with what it imports first. */
class ModuleReader {
  readonly #types: CoreFunctionType[] = [];
  /** Indices of types: a module has thousands of functions, and exports few. */
  readonly #functions: number[] = [];
  readonly #others: Record<Exclude<CoreItemSort, "core func">, CoreExternShape[]> = {
    "core table": [],
    "core memory": [],
    "core global": [],
    "core tag": [],
  };
  readonly #imports: ModuleImport[] = [];
  readonly #exports = new Map<string, CoreExternShape>();

  read(reader: Reader): ModuleShape {
    reader.skip(PREAMBLE_BYTES, "the preamble");
    while (!reader.isAtEnd) {
      const id = reader.byte("the id of a section");
      this.#section(id, reader.range(reader.u32("the size of a section"), "section"));
    }
    return { kind: "core-module", imports: this.#imports, exports: this.#exports };
  }

  #section(id: number, section: Reader): void {
    switch (id) {
      case 1:
        section.list("types", () => this.#types.push(decodeCoreFunctionType(section)));
        break;
      case 2:
        section.list("imports", () => this.#import(section));
        break;
      case 3:
        section.list("functions", () => this.#functions.push(section.u32("a type index")));
        break;
      case 4:
        section.list("tables", () => this.#add(decodeTable(section), section));
        break;
      case 5:
        section.list("memories", () => this.#add(decodeCoreMemoryType(section), section));
        break;
      case 6:
        this.#globals(section);
        break;
      case 7:
        section.list("exports", () => this.#export(section));
        break;
      case 13:
        section.list("tags", () => {
          section.expect(0, "the attribute of a tag");
          this.#add({ sort: "core tag", type: section.u32("a type index") }, section);
        });
        break;
    }
  }

  #import(reader: Reader): void {
    const module = reader.name("the module of an import");
    const name = reader.name("the name of an import");
    this.#imports.push({ module, name, type: this.#add(decodeCoreExternType(reader), reader) });
  }

  #export(reader: Reader): void {
    const name = reader.name("the name of an export");
    const sort = SORTS[reader.byte("the kind of an export")];
    const index = reader.u32("the index of an export");
    this.#exports.set(name, this.#item(sort, index) ?? unknown("an export", reader));
  }

  #item(sort: CoreItemSort | undefined, index: number): CoreExternShape | undefined {
    if (sort !== "core func") return sort === undefined ? undefined : this.#others[sort][index];
    const type = this.#types[this.#functions[index] ?? -1];
    return type === undefined ? undefined : { sort, type };
  }

  #add(type: CoreExternType, reader: Reader): CoreExternShape {
    if (type.sort === "core func") this.#functions.push(type.type);
    const shape = this.#shape(type) ?? unknown("a type", reader);
    if (shape.sort !== "core func") this.#others[shape.sort].push(shape);
    return shape;
  }

  #shape(type: CoreExternType): CoreExternShape | undefined {
    switch (type.sort) {
      case "core func":
      case "core tag": {
        const resolved = this.#types[type.type];
        return resolved === undefined ? undefined : { sort: type.sort, type: resolved };
      }
      default:
        return type;
    }
  }

  #globals(section: Reader): void {
    section.list("globals", () => {
      this.#add(decodeCoreGlobalType(section), section);
      skipExpression(section);
    });
  }
}

function unknown(what: string, reader: Reader): never {
  throw new InvalidComponentError(`${what} of a core module is not there`, reader.offset);
}

function decodeTable(reader: Reader): CoreExternType {
  const hasValue = reader.peek("a table") === TABLE_WITH_VALUE;
  if (hasValue) reader.skip(2, "a table");
  const type = decodeCoreTableType(reader);
  if (hasValue) skipExpression(reader);
  return type;
}

/** Pass over a constant expression. */
function skipExpression(reader: Reader): void {
  const END = 0x0b;
  for (;;) {
    const { offset } = reader;
    const code = reader.byte("an instruction");
    switch (code) {
      case END:
        return;
      case 0x41: // i32.const
      case 0x42: // i64.const
        while (reader.byte("a number") >= 0x80);
        break;
      case 0x43: // f32.const
        reader.skip(4, "a number");
        break;
      case 0x44: // f64.const
        reader.skip(8, "a number");
        break;
      case 0x23: // global.get
      case 0xd2: // ref.func
        reader.u32("an index");
        break;
      case 0xd0: // ref.null
        reader.s33("a heap type");
        break;
      case 0xfd: // v128.const
        reader.expect(0x0c, "the code of v128.const");
        reader.skip(16, "a vector");
        break;
      default:
        // i32.add, i32.sub, i32.mul, and those of i64; all others may be anything.
        if ((code >= 0x6a && code <= 0x6c) || (code >= 0x7c && code <= 0x7e)) break;
        throw new InvalidComponentError("a constant expression is not known", offset);
    }
  }
}
