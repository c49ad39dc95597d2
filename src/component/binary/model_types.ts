/** Types as they are decoded, with indices of other types. */

import type { PrimitiveKind } from "./primitive_kind.ts";
import type { AliasDefinition, ExternName, Located } from "./model_references.ts";

/** A type of values: a primitive type, or the index of a type. */
export type TypeReference = PrimitiveKind | number;

/** A label and the type of its value: a field or a parameter. */
export interface LabelledType {
  readonly name: string;
  readonly type: TypeReference;
}

/** A label and the type of a payload, if it has one. */
export interface CaseExpression {
  readonly name: string;
  readonly type: TypeReference | undefined;
}

/** Definition of a type of values. */
export type ValueTypeExpression =
  | { readonly kind: "primitive"; readonly primitive: PrimitiveKind }
  | { readonly kind: "record"; readonly fields: readonly LabelledType[] }
  | { readonly kind: "variant"; readonly cases: readonly CaseExpression[] }
  | { readonly kind: "list"; readonly element: TypeReference; readonly length: number | undefined }
  | { readonly kind: "tuple"; readonly types: readonly TypeReference[] }
  | { readonly kind: "flags" | "enum"; readonly labels: readonly string[] }
  | { readonly kind: "option"; readonly some: TypeReference }
  | { readonly kind: "result"; readonly ok: TypeReference | undefined; readonly error: TypeReference | undefined }
  | { readonly kind: "own" | "borrow"; readonly resource: number }
  | { readonly kind: "stream" | "future"; readonly element: TypeReference | undefined }
  | { readonly kind: "map"; readonly key: TypeReference; readonly value: TypeReference };

/** Definition of a type of functions. */
export interface FunctionTypeExpression {
  readonly kind: "func";
  readonly isAsync: boolean;
  readonly params: readonly LabelledType[];
  readonly result: TypeReference | undefined;
}

/** Definition of a resource type. Its representation is an i32. */
export interface ResourceTypeExpression {
  readonly kind: "resource";
  /** Index of the core function that is called with the representation when the resource is dropped. */
  readonly destructor: number | undefined;
}

/** A declaration of a component type or an instance type. */
export type Declaration =
  | (Located & { readonly kind: "core-type"; readonly type: CoreTypeExpression })
  | (Located & { readonly kind: "type"; readonly type: ComponentTypeExpression })
  | AliasDefinition
  | (Located & ExternName & { readonly kind: "import" | "export"; readonly type: ExternType });

/** Definition of a type of instances, which has no imports, or of components. */
export interface ScopeTypeExpression {
  readonly kind: "instance" | "component";
  readonly declarations: readonly Declaration[];
}

/** Definition of a type. */
export type ComponentTypeExpression =
  | ValueTypeExpression
  | FunctionTypeExpression
  | ResourceTypeExpression
  | ScopeTypeExpression;

/** Type of an import or an export. */
export type ExternType =
  | {
    readonly sort: "core module" | "func" | "component" | "instance";
    /** Index of its type; of a core type for core modules. */
    readonly type: number;
  }
  | {
    readonly sort: "type";
    /** Index of the type that it equals; undefined for `(sub resource)`, a new resource type. */
    readonly equal: number | undefined;
  };

/** Limits of a core table or memory. */
export interface CoreLimits {
  readonly min: number;
  readonly max: number | undefined;
  readonly isShared: boolean;
  readonly is64: boolean;
  /** Binary logarithm of the size of a page; undefined for the usual one. */
  readonly pageSizeLog2: number | undefined;
}

/** Type of what a core module imports or exports. Types of core values are in the text format, such as `funcref`. */
export type CoreExternType =
  | { readonly sort: "core func" | "core tag"; readonly type: number }
  | { readonly sort: "core table"; readonly element: string; readonly limits: CoreLimits }
  | { readonly sort: "core memory"; readonly limits: CoreLimits }
  | { readonly sort: "core global"; readonly type: string; readonly isMutable: boolean };

/** Type of core functions. */
export interface CoreFunctionType {
  readonly kind: "core-func";
  readonly params: readonly string[];
  readonly results: readonly string[];
}

/** A declaration of a type of core modules. */
export type ModuleDeclaration =
  | { readonly kind: "type"; readonly type: CoreFunctionType }
  | { readonly kind: "alias-outer"; readonly count: number; readonly index: number }
  | { readonly kind: "import"; readonly module: string; readonly name: string; readonly type: CoreExternType }
  | { readonly kind: "export"; readonly name: string; readonly type: CoreExternType };

/** Definition of a type of core modules. */
export interface ModuleTypeExpression {
  readonly kind: "core-module";
  readonly declarations: readonly (Located & ModuleDeclaration)[];
}

/** Definition of a core type. */
export type CoreTypeExpression = CoreFunctionType | ModuleTypeExpression;
