/**
 * A guest that serves HTTP, as a handler for `Deno.serve`, `Bun.serve` or `node:http`.
 *
 * @module
 */

import { setPlatformDetector } from "../runtime/default_platform.ts";

setPlatformDetector(async () => (await import("../platform/detect.ts")).detectPlatform());

export { serve } from "./serve.ts";
export type { ServeOptions } from "./serve.ts";
export type { App } from "./app.ts";
