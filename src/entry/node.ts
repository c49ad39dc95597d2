/**
 * What `import "wasirun"` is on Node: the library, over the platform of Node.
 *
 * @module
 */

import { nodePlatform } from "../platform/node/mod.ts";
import { compileComponentOver, instantiateOver, runOver, runSyncOver } from "../runtime/over_platform.ts";
import type { CompileComponent, Instantiate, Run, RunSync } from "../runtime/over_platform.ts";

export * from "../runtime/mod.ts";

export const run: Run = /* @__PURE__ */ runOver(nodePlatform);
export const runSync: RunSync = /* @__PURE__ */ runSyncOver(nodePlatform);
export const instantiate: Instantiate = /* @__PURE__ */ instantiateOver(nodePlatform);
export const compileComponent: CompileComponent = /* @__PURE__ */ compileComponentOver(nodePlatform);
