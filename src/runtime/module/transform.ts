/** Changes of a module before it is compiled. */

import type { Bytes } from "../../contract/web_types.ts";

/** Transforms a module before it is compiled. */
export type ModuleTransform = (bytes: Bytes) => Bytes;
