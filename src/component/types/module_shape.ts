/** Types of core modules, with no index left to look up. */

import type { CoreExternType, CoreFunctionType } from "../binary/model_types.ts";

/** Type of what a core module imports or exports. */
export type CoreExternShape =
  | { readonly sort: "core func" | "core tag"; readonly type: CoreFunctionType }
  | Exclude<CoreExternType, { readonly sort: "core func" | "core tag" }>;

/** What a core module imports. */
export interface ModuleImport {
  readonly module: string;
  readonly name: string;
  readonly type: CoreExternShape;
}

/** The type of a core module. */
export interface ModuleShape {
  readonly kind: "core-module";
  readonly imports: readonly ModuleImport[];
  readonly exports: ReadonlyMap<string, CoreExternShape>;
}
