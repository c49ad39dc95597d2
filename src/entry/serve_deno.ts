/**
 * What `import "wasirun/serve"` is on Deno.
 *
 * @module
 */

import { denoPlatform } from "../platform/deno/mod.ts";
import { type Serve, serveOver } from "../serve/over_platform.ts";

export type { App } from "../serve/app.ts";
export type { ServeOptions } from "../serve/serve.ts";

export const serve: Serve = /* @__PURE__ */ serveOver(denoPlatform);
