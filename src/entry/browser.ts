/**
 * What `import "wasirun"` is in a browser: the library, over the platform of a browser.
 *
 * @module
 */

import { browserPlatform } from "../platform/browser/mod.ts";
import { compileComponentOver, instantiateOver, runOver, runSyncOver } from "../runtime/over_platform.ts";
import type { CompileComponent, Instantiate, Run, RunSync } from "../runtime/over_platform.ts";

export * from "../runtime/mod.ts";

export const run: Run = /* @__PURE__ */ runOver(browserPlatform);
export const runSync: RunSync = /* @__PURE__ */ runSyncOver(browserPlatform);
export const instantiate: Instantiate = /* @__PURE__ */ instantiateOver(browserPlatform);
export const compileComponent: CompileComponent = /* @__PURE__ */ compileComponentOver(browserPlatform);
