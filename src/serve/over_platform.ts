/** `serve` over the platform of a runtime. */

import { type PlatformMaker, platformOf } from "../runtime/default_platform.ts";
import type { ModuleSource } from "../runtime/mod.ts";
import type { App } from "./app.ts";
import { serveOn, type ServeOptions } from "./serve.ts";

/** The function `serve` as a value. */
export type Serve = (module: ModuleSource, options?: ServeOptions) => Promise<App>;

/**
 * `serve`, over a platform.
 *
 * @param ofRuntime Makes the platform for callers who pass none.
 */
export function serveOver(ofRuntime: PlatformMaker): Serve {
  return async (module, options = {}) => await serveOn(platformOf(options, ofRuntime), module, options);
}
