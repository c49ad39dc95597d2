/** Decodes sorts, references to definitions, names and aliases. */

import { oneOfSort } from "./sort_text.ts";
import type {
  AliasDefinition,
  CoreItemSort,
  ExternName,
  NameAttributes,
  NamedItem,
  Sort,
  SortIndex,
} from "./model_references.ts";
import { InvalidComponentError } from "./invalid_component.ts";
import type { Reader } from "./reader.ts";
import { unknownCode, unsupported, VALUES } from "./unsupported.ts";

const CORE_ITEM_SORTS: readonly CoreItemSort[] = [
  "core func",
  "core table",
  "core memory",
  "core global",
  "core tag",
];

/** Decode a sort. */
export function decodeSort(reader: Reader): Sort {
  const { offset } = reader;
  const code = reader.byte("a sort");
  switch (code) {
    case 0x00:
      return decodeCoreSort(reader);
    case 0x01:
      return "func";
    case 0x02:
      throw unsupported(VALUES, offset);
    case 0x03:
      return "type";
    case 0x04:
      return "component";
    case 0x05:
      return "instance";
    default:
      throw unknownCode("a sort", code, offset);
  }
}

/** Decode a core sort. */
function decodeCoreSort(reader: Reader): Sort {
  const { offset } = reader;
  const code = reader.byte("a core sort");
  switch (code) {
    case 0x10:
      return "core type";
    case 0x11:
      return "core module";
    case 0x12:
      return "core instance";
    default: {
      const sort = CORE_ITEM_SORTS[code];
      if (sort === undefined) throw unknownCode("a core sort", code, offset);
      return sort;
    }
  }
}

/** Decode the sort of what a core instance exports. */
export function decodeCoreItemSort(reader: Reader): CoreItemSort {
  const { offset } = reader;
  return coreItemSort(decodeCoreSort(reader), offset);
}

function coreItemSort(sort: Sort, offset: number): CoreItemSort {
  if ((CORE_ITEM_SORTS as readonly Sort[]).includes(sort)) return sort as CoreItemSort;
  throw new InvalidComponentError(`a core instance can't export ${oneOfSort(sort)}`, offset);
}

/** Decode a reference to a definition. */
export function decodeSortIndex(reader: Reader): SortIndex {
  const sort = decodeSort(reader);
  return { sort, index: reader.u32(`a ${sort} index`) };
}

/** Decode an argument of an instantiation. */
export function decodeNamedItem(reader: Reader): NamedItem {
  const { offset } = reader;
  const name = reader.name("the name of an argument");
  return { name, offset, ...decodeSortIndex(reader) };
}

/** Decode the name of an import or an export. */
export function decodeExternName(reader: Reader): ExternName {
  const { offset } = reader;
  const code = reader.byte("the form of a name");
  if (code > 0x02) throw unknownCode("a form of a name", code, offset);
  const name = reader.name("the name of an import or export");
  return { name, attributes: code === 0x02 ? decodeAttributes(reader) : undefined };
}

const ATTRIBUTES: readonly (keyof NameAttributes)[] = ["implements", "versionSuffix", "externalId"];

function decodeAttributes(reader: Reader): NameAttributes {
  const attributes: { -readonly [key in keyof NameAttributes]: NameAttributes[key] } = {
    implements: undefined,
    versionSuffix: undefined,
    externalId: undefined,
  };
  reader.list("attributes of a name", () => {
    const { offset } = reader;
    const code = reader.byte("the kind of an attribute");
    const key = ATTRIBUTES[code];
    if (key === undefined) throw unknownCode("an attribute of a name", code, offset);
    const value = reader.name("an attribute of a name");
    if (attributes[key] !== undefined) throw new InvalidComponentError("an attribute of a name is given twice", offset);
    attributes[key] = value;
  });
  return attributes;
}

/** Decode an alias. */
export function decodeAlias(reader: Reader): AliasDefinition {
  const { offset } = reader;
  const sort = decodeSort(reader);
  const at = reader.offset;
  const code = reader.byte("the target of an alias");
  switch (code) {
    case 0x00: {
      const instance = reader.u32("an instance index");
      return { kind: "alias-export", offset, sort: exportSort(sort, at), instance, name: aliasedName(reader) };
    }
    case 0x01: {
      const instance = reader.u32("a core instance index");
      const coreSort = coreItemSort(sort, at);
      return { kind: "alias-core-export", offset, sort: coreSort, instance, name: aliasedName(reader) };
    }
    case 0x02: {
      const count = reader.u32("the number of scopes of an outer alias");
      return { kind: "alias-outer", offset, sort: outerSort(sort, at), count, index: reader.u32(`a ${sort} index`) };
    }
    default:
      throw unknownCode("a target of an alias", code, at);
  }
}

function aliasedName(reader: Reader): string {
  return reader.name("the name of an aliased export");
}

function exportSort(sort: Sort, offset: number): Sort {
  if (!sort.startsWith("core ") || sort === "core module") return sort;
  throw new InvalidComponentError(`an instance can't export ${oneOfSort(sort)}`, offset);
}

function outerSort(sort: Sort, offset: number): "core module" | "core type" | "type" | "component" {
  switch (sort) {
    case "core module":
    case "core type":
    case "type":
    case "component":
      return sort;
    default:
      throw new InvalidComponentError(`${oneOfSort(sort)} can't be aliased from an outer scope`, offset);
  }
}
