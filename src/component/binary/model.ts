/**
 * A component as it is decoded: its definitions in order, with every index as it stands in the binary.
 *
 * No index is looked up and no name is checked here: the scopes of `types/` and the linker do that, one definition after
 * the other. Each definition has the offset of its first byte in the outermost binary, for messages.
 *
 * Source: Binary.md of the component model; the names are those of its text format.
 *
 * @module
 */

import type { Canon } from "./model_canon.ts";
import type { ComponentTypeExpression, CoreTypeExpression, ExternType } from "./model_types.ts";
import type { AliasDefinition, CoreItemSort, ExternName, Located, NamedItem, SortIndex } from "./model_references.ts";

/** A core module, which is compiled by the engine. */
export interface CoreModuleDefinition extends Located {
  readonly kind: "core-module";
  /** Its binary, which is not copied. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** `(core instance (instantiate $module …))`. */
export interface CoreInstantiateDefinition extends Located {
  readonly kind: "core-instantiate";
  readonly module: number;
  /** Core instances by the names of the modules that are imported from. */
  readonly args: readonly { readonly name: string; readonly instance: number }[];
}

/** `(core instance (export …) …)`. */
export interface CoreInlineInstanceDefinition extends Located {
  readonly kind: "core-inline-instance";
  readonly exports: readonly (NamedItem & { readonly sort: CoreItemSort })[];
}

/** `(core type …)`. */
export interface CoreTypeDefinition extends Located {
  readonly kind: "core-type";
  readonly type: CoreTypeExpression;
}

/** `(component …)`. */
export interface ComponentDefinition extends Located {
  readonly kind: "component";
  readonly component: Component;
}

/** `(instance (instantiate $component …))`. */
export interface InstantiateDefinition extends Located {
  readonly kind: "instantiate";
  readonly component: number;
  readonly args: readonly NamedItem[];
}

/** `(instance (export …) …)`. */
export interface InlineInstanceDefinition extends Located {
  readonly kind: "inline-instance";
  readonly exports: readonly (NamedItem & ExternName)[];
}

/** `(type …)`. */
export interface TypeDefinition extends Located {
  readonly kind: "type";
  readonly type: ComponentTypeExpression;
}

/** `(canon …)`: one function, a component function for `lift` and a core function for all others. */
export interface CanonDefinition extends Located {
  readonly kind: "canon";
  readonly canon: Canon;
}

/** `(import …)`. It adds to the space of the type's sort. */
export interface ImportDefinition extends Located, ExternName {
  readonly kind: "import";
  readonly type: ExternType;
}

/** `(export …)`. It adds to the space of its sort, as an alias does. */
export interface ExportDefinition extends Located, ExternName, SortIndex {
  readonly kind: "export";
  /** The type that it is exported with; undefined for its own. */
  readonly type: ExternType | undefined;
}

/** A definition of a component. */
export type Definition =
  | CoreModuleDefinition
  | CoreInstantiateDefinition
  | CoreInlineInstanceDefinition
  | CoreTypeDefinition
  | ComponentDefinition
  | InstantiateDefinition
  | InlineInstanceDefinition
  | AliasDefinition
  | TypeDefinition
  | CanonDefinition
  | ImportDefinition
  | ExportDefinition;

/** A custom section. */
export interface CustomSection extends Located {
  readonly name: string;
  /** Its content, which is not copied. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A component. */
export interface Component extends Located {
  /** In the order in which they extend the index spaces. */
  readonly definitions: readonly Definition[];
  readonly customSections: readonly CustomSection[];
}
