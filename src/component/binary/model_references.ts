/** Sorts, references, names and aliases, as they are decoded. */

/** Sorts of core definitions that a core instance can export. */
export type CoreItemSort = "core func" | "core table" | "core memory" | "core global" | "core tag";

/** Sorts: each has an index space of its own. */
export type Sort =
  | "func"
  | "type"
  | "component"
  | "instance"
  | CoreItemSort
  | "core type"
  | "core module"
  | "core instance";

/** A reference to a definition. */
export interface SortIndex {
  readonly sort: Sort;
  /** Index in the space of the sort. */
  readonly index: number;
}

/** A definition by the name that it gets. */
export interface NamedItem extends SortIndex {
  readonly name: string;
  /** Bytes from the start of the binary. */
  readonly offset: number;
}

/** What every definition has. */
export interface Located {
  /** Bytes from the start of the outermost binary. */
  readonly offset: number;
}

/** What stands beside the name of an import or an export. It does not take part in matching names. */
export interface NameAttributes {
  /** The interface that an instance implements: `(implements "wasi:keyvalue/store")`. */
  readonly implements: string | undefined;
  /** What was cut off a version: `.1` of `0.2.1`. */
  readonly versionSuffix: string | undefined;
  /** What a host calls it. */
  readonly externalId: string | undefined;
}

/** Name of an import or an export. */
export interface ExternName {
  readonly name: string;
  /** Undefined if there are none. */
  readonly attributes: NameAttributes | undefined;
}

/** `(alias export $instance "name" …)`. */
export interface ExportAliasDefinition extends Located {
  readonly kind: "alias-export";
  readonly sort: Sort;
  readonly instance: number;
  readonly name: string;
}

/** `(alias core export $instance "name" …)`. */
export interface CoreExportAliasDefinition extends Located {
  readonly kind: "alias-core-export";
  readonly sort: CoreItemSort;
  readonly instance: number;
  readonly name: string;
}

/** `(alias outer …)`. */
export interface OuterAliasDefinition extends Located {
  readonly kind: "alias-outer";
  readonly sort: "core module" | "core type" | "type" | "component";
  /** Number of scopes outwards; 0 is the scope of the alias itself. */
  readonly count: number;
  readonly index: number;
}

/** The three kinds of aliases. */
export type AliasDefinition = ExportAliasDefinition | CoreExportAliasDefinition | OuterAliasDefinition;
