/**
 * What `import "wasirun"` is on Bun: the library, over the platform of Bun.
 *
 * @module
 */

import { bunPlatform } from "../platform/bun/mod.ts";
import { compileComponentOver, instantiateOver, runOver, runSyncOver } from "../runtime/over_platform.ts";
import type { CompileComponent, Instantiate, Run, RunSync } from "../runtime/over_platform.ts";

export * from "../runtime/mod.ts";

export const run: Run = /* @__PURE__ */ runOver(bunPlatform);
export const runSync: RunSync = /* @__PURE__ */ runSyncOver(bunPlatform);
export const instantiate: Instantiate = /* @__PURE__ */ instantiateOver(bunPlatform);
export const compileComponent: CompileComponent = /* @__PURE__ */ compileComponentOver(bunPlatform);
