/**
 * Decodes components.
 *
 * Source: Binary.md of the component model.
 *
 * @module
 */

import { decodeCanon } from "./decode_canon.ts";
import { decodeCoreType } from "./decode_core_types.ts";
import { decodeAlias, decodeCoreItemSort, decodeExternName, decodeNamedItem, decodeSortIndex } from "./decode_sorts.ts";
import { decodeExternType, decodeType } from "./decode_types.ts";
import { InvalidComponentError } from "./invalid_component.ts";
import type { Component, CustomSection, Definition } from "./model.ts";
import { binaryKind, readPreamble } from "./preamble.ts";
import { Reader } from "./reader.ts";
import { unknownCode, unsupported } from "./unsupported.ts";

/**
 * Decode a component and all that are nested in it. Core modules are neither read nor copied.
 *
 * Time and memory are bounded by the size of the binary (see `limits.ts`).
 *
 * @param bytes The binary.
 * @throws {InvalidComponentError} It is not a component, is malformed, or uses what is not supported.
 */
export function decodeComponent(bytes: Uint8Array<ArrayBuffer>): Component {
  return decodeSections(Reader.of(bytes));
}

function decodeSections(reader: Reader): Component {
  const { offset } = reader;
  const definitions: Definition[] = [];
  const customSections: CustomSection[] = [];
  readPreamble(reader);
  while (!reader.isAtEnd) {
    const start = reader.offset;
    const id = reader.byte("the id of a section");
    const section = reader.range(reader.u32("the size of a section"), "section");
    if (id === 0) customSections.push(decodeCustomSection(section));
    else decodeSection(id, section, start, definitions);
    section.end();
  }
  return { offset, definitions, customSections };
}

function decodeCustomSection(reader: Reader): CustomSection {
  const { offset } = reader;
  const name = reader.name("the name of a custom section");
  return { offset, name, bytes: reader.rest() };
}

function decodeSection(id: number, section: Reader, start: number, definitions: Definition[]): void {
  const { offset } = section;
  switch (id) {
    case 1:
      definitions.push(decodeCoreModule(section));
      break;
    case 4:
      definitions.push({ kind: "component", offset, component: section.nested(() => decodeSections(section)) });
      break;
    case 9:
      throw unsupported("a start function", start);
    case 12:
      throw unsupported("value definitions", start);
    default: {
      const decode = LISTS[id];
      if (decode === undefined) throw unknownCode("a section", id, start);
      section.list("definitions", () => definitions.push(decode(section)));
    }
  }
}

/** Sections that are lists of definitions, by their ids. */
const LISTS: Readonly<Record<number, (reader: Reader) => Definition>> = {
  2: decodeCoreInstance,
  3: (reader) => ({ kind: "core-type", offset: reader.offset, type: decodeCoreType(reader) }),
  5: decodeInstance,
  6: decodeAlias,
  7: (reader) => ({ kind: "type", offset: reader.offset, type: decodeType(reader) }),
  8: (reader) => ({ kind: "canon", offset: reader.offset, canon: decodeCanon(reader) }),
  10: (reader) => ({
    kind: "import",
    offset: reader.offset,
    ...decodeExternName(reader),
    type: decodeExternType(reader),
  }),
  11: (reader) => ({
    kind: "export",
    offset: reader.offset,
    ...decodeExternName(reader),
    ...decodeSortIndex(reader),
    type: reader.optional("the type of an export", decodeExternType),
  }),
};

function decodeCoreModule(section: Reader): Definition {
  const { offset } = section;
  const bytes = section.rest();
  if (binaryKind(bytes) !== "core module") {
    throw new InvalidComponentError("the section of a core module contains something else", offset);
  }
  return { kind: "core-module", offset, bytes };
}

function decodeCoreInstance(reader: Reader): Definition {
  const { offset } = reader;
  const code = reader.byte("the form of a core instance");
  switch (code) {
    case 0x00: {
      const module = reader.u32("a core module index");
      const args = reader.list("arguments", () => {
        const name = reader.name("the name of an argument");
        reader.expect(0x12, "the sort of an argument");
        return { name, instance: reader.u32("a core instance index") };
      });
      return { kind: "core-instantiate", offset, module, args };
    }
    case 0x01: {
      const exports = reader.list("exports", () => {
        const at = reader.offset;
        const name = reader.name("the name of an export");
        const sort = decodeCoreItemSort(reader);
        return { name, offset: at, sort, index: reader.u32(`a ${sort} index`) };
      });
      return { kind: "core-inline-instance", offset, exports };
    }
    default:
      throw unknownCode("a form of a core instance", code, offset);
  }
}

function decodeInstance(reader: Reader): Definition {
  const { offset } = reader;
  const code = reader.byte("the form of an instance");
  switch (code) {
    case 0x00: {
      const component = reader.u32("a component index");
      return { kind: "instantiate", offset, component, args: reader.list("arguments", decodeNamedItem) };
    }
    case 0x01: {
      const exports = reader.list("exports", () => {
        const at = reader.offset;
        return { ...decodeExternName(reader), offset: at, ...decodeSortIndex(reader) };
      });
      return { kind: "inline-instance", offset, exports };
    }
    default:
      throw unknownCode("a form of an instance", code, offset);
  }
}
