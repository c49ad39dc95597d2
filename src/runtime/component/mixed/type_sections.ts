/** The types of WIT that a core module has in its custom sections. */

import type { StringEncoding } from "../../../component/abi/strings.ts";
import { decodeComponent } from "../../../component/binary/decode.ts";
import type { Component, Definition } from "../../../component/binary/model.ts";
import type { ComponentTypeExpression, Declaration } from "../../../component/binary/model_types.ts";
import { InvalidComponentError } from "../../../component/binary/invalid_component.ts";
import { validateComponent } from "../../../component/validate/validate.ts";
import type { Bytes } from "../../../contract/web_types.ts";
import { ModuleError } from "../../errors.ts";
import { sectionsOf, WasmReader } from "../../module/wasm_reader.ts";

/** What a world imports, by one section. */
export interface World {
  /** Types, aliases and imports, as a component has them. */
  readonly definitions: readonly Definition[];
  /** How strings are encoded. */
  readonly encoding: StringEncoding;
}

/** Sections of tools have this name, or one that begins with it and a colon. */
const SECTION = "component-type";
/** The section in a section that has the encoding of strings, after a version. */
const ENCODING_SECTION = "wit-component-encoding";
const ENCODINGS: readonly StringEncoding[] = ["utf8", "utf16", "latin1+utf16"];

/**
 * Read the worlds of a module: one for each library that was linked into it.
 *
 * @param bytes The module.
 * @param label What it is called in messages.
 * @throws {ModuleError} If one of them is not valid.
 */
export function worldsOf(bytes: Bytes, label: string): readonly World[] {
  return typeSections(bytes).map(({ name, content }) => {
    try {
      const component = decodeComponent(content);
      validateComponent(component);
      return worldOf(component);
    } catch (error) {
      if (!(error instanceof InvalidComponentError)) throw error;
      throw new ModuleError(`Cannot load ${label}: its section ${name} is not valid: ${error.message}`, {
        cause: error,
      });
    }
  });
}

function typeSections(bytes: Bytes): { readonly name: string; readonly content: Bytes }[] {
  return sectionsOf(bytes).flatMap(({ id, start, end }) => {
    if (id !== 0) return [];
    const reader = new WasmReader(bytes, start, end);
    const name = new TextDecoder().decode(reader.vector());
    const isOfTypes = name === SECTION || name.startsWith(`${SECTION}:`);
    return isOfTypes ? [{ name, content: bytes.slice(reader.at, end) as Bytes }] : [];
  });
}

/** A world is a type of components, which a type of components exports, which the component exports. */
function worldOf(component: Component): World {
  const outer = component.definitions.find(isComponentType);
  const world = outer?.type.declarations.find(isComponentType);
  if (world === undefined) {
    throw new InvalidComponentError("it has no type of a component inside a type of a package", component.offset);
  }
  return { definitions: imported(world.type.declarations), encoding: encodingOf(component) };
}

/** What follows the imports is about exports. */
function imported(declarations: readonly Declaration[]): readonly Definition[] {
  const end = declarations.findLastIndex(({ kind }) => kind === "import") + 1;
  return declarations.slice(0, end).filter((each): each is Declaration & Definition => each.kind !== "export");
}

type OfComponentType = { readonly type: ComponentTypeExpression & { readonly kind: "component" } };

function isComponentType<T extends Declaration | Definition>(each: T): each is T & OfComponentType {
  return each.kind === "type" && each.type.kind === "component";
}

function encodingOf({ customSections }: Component): StringEncoding {
  const code = customSections.find(({ name }) => name === ENCODING_SECTION)?.bytes[1];
  return ENCODINGS[code ?? 0] ?? "utf8";
}
