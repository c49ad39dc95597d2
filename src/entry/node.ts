/**
 * What `import "wasirun"` is on Node: the library, over the platform of Node.
 *
 * @module
 */

import { nodePlatform } from "../platform/node.ts";
import { setDefaultPlatform } from "../runtime/mod.ts";

setDefaultPlatform(nodePlatform);

export * from "../runtime/mod.ts";
