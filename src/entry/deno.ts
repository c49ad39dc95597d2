/**
 * What `import "wasirun"` is on Deno: the library, over the platform of Deno.
 *
 * @module
 */

import { denoPlatform } from "../platform/deno.ts";
import { setDefaultPlatform } from "../runtime/mod.ts";

setDefaultPlatform(denoPlatform);

export * from "../runtime/mod.ts";
