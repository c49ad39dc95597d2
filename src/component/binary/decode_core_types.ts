/** Decodes core types. */

import { InvalidComponentError } from "./invalid_component.ts";
import type { Located } from "./model_references.ts";
import type {
  CoreExternType,
  CoreFunctionType,
  CoreLimits,
  CoreTypeExpression,
  ModuleDeclaration,
} from "./model_types.ts";
import { hex, type Reader } from "./reader.ts";
import { unknownCode } from "./unsupported.ts";

const FUNCTION = 0x60;
const MODULE = 0x50;
/** Before a type that may have subtypes; it stands for a type of modules in a component, unless a 0 is before it. */
const SUBTYPE = 0x50;
const FINAL_SUBTYPE = 0x4f;
/** Pages of a 32-bit memory. */
const MAX_PAGES = 65_536;

/** Types of core values by their codes, in the text format. */
const VALUE_TYPES: Readonly<Record<number, string>> = {
  0x7f: "i32",
  0x7e: "i64",
  0x7d: "f32",
  0x7c: "f64",
  0x7b: "v128",
  0x74: "nullexnref",
  0x73: "nullfuncref",
  0x72: "nullexternref",
  0x71: "nullref",
  0x70: "funcref",
  0x6f: "externref",
  0x6e: "anyref",
  0x6d: "eqref",
  0x6c: "i31ref",
  0x6b: "structref",
  0x6a: "arrayref",
  0x69: "exnref",
};
const REF = 0x64;
const REF_NULL = 0x63;

/** What a code of a garbage-collected type, or of a group of types, begins with. */
const GC_CODES: ReadonlySet<number> = new Set([0x4e, 0x5e, 0x5f]);

/** Decode a core type of a component. */
export function decodeCoreType(reader: Reader): CoreTypeExpression {
  const code = reader.peek("a core type");
  if (code === 0x00) reader.byte("a core type");
  if (code !== MODULE) return decodeCoreFunctionType(reader);
  reader.byte("a core type");
  const declarations = reader.nested(() => reader.list("declarations of a module type", decodeModuleDeclaration));
  return { kind: "core-module", declarations };
}

/** Decode a type of core functions. */
export function decodeCoreFunctionType(reader: Reader): CoreFunctionType {
  let { offset } = reader;
  let code = reader.byte("a core type");
  if (code === SUBTYPE || code === FINAL_SUBTYPE) {
    reader.list("supertypes", () => reader.u32("a core type index"));
    offset = reader.offset;
    code = reader.byte("a core type");
  }
  if (GC_CODES.has(code)) {
    throw new InvalidComponentError(
      "a core type is a struct, an array or a group of types, and only function types are supported",
      offset,
    );
  }
  if (code !== FUNCTION) throw unknownCode("a core type", code, offset);
  const params = reader.list("core parameters", decodeCoreValueType);
  return { kind: "core-func", params, results: reader.list("core results", decodeCoreValueType) };
}

/** Decode a type of core values. */
export function decodeCoreValueType(reader: Reader): string {
  const { offset } = reader;
  const code = reader.byte("a core value type");
  const name = VALUE_TYPES[code];
  if (name !== undefined) return name;
  if (code !== REF && code !== REF_NULL) throw unknownCode("a core value type", code, offset);
  const heap = reader.s33("a heap type");
  const heapName = heap < 0 ? VALUE_TYPES[heap + 0x80] : `${heap}`;
  if (heapName === undefined) throw new InvalidComponentError(`${heap} is not a heap type`, offset);
  // `(ref null func)` and `funcref` are the same type.
  if (heap < 0 && code === REF_NULL) return heapName;
  const text = heap < 0 ? heapName.replace(/ref$/, "") : heapName;
  return code === REF ? `(ref ${text})` : `(ref null ${text})`;
}

function decodeModuleDeclaration(reader: Reader): Located & ModuleDeclaration {
  const { offset } = reader;
  const code = reader.byte("a declaration of a module type");
  switch (code) {
    case 0x00: {
      const module = reader.name("the module of a core import");
      const name = reader.name("the name of a core import");
      return { kind: "import", offset, module, name, type: decodeCoreExternType(reader) };
    }
    case 0x01:
      return { kind: "type", offset, type: decodeCoreFunctionType(reader) };
    case 0x02:
      reader.expect(0x10, "the sort of an alias inside a module type");
      reader.expect(0x01, "the target of an alias inside a module type");
      return {
        kind: "alias-outer",
        offset,
        count: reader.u32("the number of scopes of an outer alias"),
        index: reader.u32("a core type index"),
      };
    case 0x03: {
      const name = reader.name("the name of a core export");
      return { kind: "export", offset, name, type: decodeCoreExternType(reader) };
    }
    default:
      throw unknownCode("a declaration of a module type", code, offset);
  }
}

/** Decode the type of what a core module imports or exports. */
export function decodeCoreExternType(reader: Reader): CoreExternType {
  const { offset } = reader;
  const code = reader.byte("a core extern type");
  switch (code) {
    case 0x00:
      return { sort: "core func", type: reader.u32("a core type index") };
    case 0x01:
      return decodeCoreTableType(reader);
    case 0x02:
      return decodeCoreMemoryType(reader);
    case 0x03:
      return decodeCoreGlobalType(reader);
    case 0x04:
      reader.expect(0x00, "the attribute of a tag");
      return { sort: "core tag", type: reader.u32("a core type index") };
    default:
      throw unknownCode("a core extern type", code, offset);
  }
}

/** Decode the type of a core table. */
export function decodeCoreTableType(reader: Reader): CoreExternType {
  return { sort: "core table", element: decodeCoreValueType(reader), limits: decodeLimits(reader, 0x07) };
}

/** Decode the type of a core memory. */
export function decodeCoreMemoryType(reader: Reader): CoreExternType {
  const { offset } = reader;
  const limits = decodeLimits(reader, 0x0f);
  const { min, max = min, is64, pageSizeLog2 } = limits;
  if (!is64 && pageSizeLog2 === undefined && Math.max(min, max) > MAX_PAGES) {
    throw new InvalidComponentError(`a memory size must be at most ${MAX_PAGES} pages`, offset);
  }
  return { sort: "core memory", limits };
}

/** Decode the type of a core global. */
export function decodeCoreGlobalType(reader: Reader): CoreExternType {
  return {
    sort: "core global",
    type: decodeCoreValueType(reader),
    isMutable: reader.flag("the mutability of a global"),
  };
}

/** Bits of the flags of limits. */
const Limit = { MAX: 0x01, SHARED: 0x02, IS_64: 0x04, PAGE_SIZE: 0x08 } as const;

function decodeLimits(reader: Reader, allowedFlags: number): CoreLimits {
  const { offset } = reader;
  const flags = reader.byte("the flags of limits");
  if ((flags & ~allowedFlags) !== 0) throw new InvalidComponentError(`limits have unknown flags ${hex(flags)}`, offset);
  const is64 = (flags & Limit.IS_64) !== 0;
  const number = (what: string): number => is64 ? reader.u64(what) : reader.u32(what);
  const min = number("a minimum size");
  const max = (flags & Limit.MAX) === 0 ? undefined : number("a maximum size");
  if (max !== undefined && max < min) {
    throw new InvalidComponentError(`a maximum size is ${max}, and the minimum is ${min}`, offset);
  }
  return {
    min,
    max,
    isShared: (flags & Limit.SHARED) !== 0,
    is64,
    pageSizeLog2: (flags & Limit.PAGE_SIZE) === 0 ? undefined : reader.u32("the size of a page"),
  };
}
