/**
 * What `import "wasirun"` is on Bun: the library, over the platform of Bun.
 *
 * @module
 */

import { bunPlatform } from "../platform/bun.ts";
import { setDefaultPlatform } from "../runtime/mod.ts";

setDefaultPlatform(bunPlatform);

export * from "../runtime/mod.ts";
