/**
 * Types of imports and exports, and of the instances and components that have them, with no index left to look up.
 *
 * @module
 */

import type { FunctionType } from "./function_type.ts";
import type { ModuleShape } from "./module_shape.ts";
import type { ResourceIdentity } from "./resource_identity.ts";
import type { DefinedType } from "./scope.ts";

/** The type of an import or an export. */
export type ExternShape =
  | { readonly sort: "func"; readonly type: FunctionType }
  | { readonly sort: "type"; readonly type: DefinedType }
  | { readonly sort: "instance"; readonly shape: InstanceShape }
  | { readonly sort: "component"; readonly shape: ComponentShape }
  | { readonly sort: "core module"; readonly shape: ModuleShape };

/** The type of an instance: what it exports, in order. Resource types in it are those of this instance. */
export interface InstanceShape {
  readonly exports: ReadonlyMap<string, ExternShape>;
}

/** The type of a component. */
export interface ComponentShape {
  /** What it imports, in order. */
  readonly imports: ReadonlyMap<string, ExternShape>;
  /** What it exports, in order. */
  readonly exports: ReadonlyMap<string, ExternShape>;
  /** The resource types that stand for imports, each at its first occurrence in `imports`. */
  readonly importedResources: ReadonlySet<ResourceIdentity>;
  /** The resource types that each instance defines anew, each at its first occurrence in `exports`. */
  readonly definedResources: ReadonlySet<ResourceIdentity>;
}
