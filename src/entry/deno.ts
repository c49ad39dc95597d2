/**
 * What `import "wasirun"` is on Deno: the library, over the platform of Deno.
 *
 * @module
 */

import { denoPlatform } from "../platform/deno/mod.ts";
import { compileComponentOver, instantiateOver, runOver, runSyncOver } from "../runtime/over_platform.ts";
import type { CompileComponent, Instantiate, Run, RunSync } from "../runtime/over_platform.ts";

export * from "../runtime/mod.ts";

export const run: Run = /* @__PURE__ */ runOver(denoPlatform);
export const runSync: RunSync = /* @__PURE__ */ runSyncOver(denoPlatform);
export const instantiate: Instantiate = /* @__PURE__ */ instantiateOver(denoPlatform);
export const compileComponent: CompileComponent = /* @__PURE__ */ compileComponentOver(denoPlatform);
