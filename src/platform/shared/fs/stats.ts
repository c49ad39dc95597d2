/** Attributes from `node:fs`, on any of the runtimes. */

import type { Filestat, Filetype } from "../../../witx/types.ts";
import type { NodeStats } from "./stats_type.ts";

/** Copy attributes. @returns 0. */
export function storeNodeStats(stats: NodeStats, filetype: Filetype, out: Filestat): number {
  out.dev = stats.dev;
  out.ino = stats.ino;
  out.filetype = filetype;
  out.nlink = stats.nlink;
  out.size = stats.size;
  out.atim = stats.atimeNs;
  out.mtim = stats.mtimeNs;
  out.ctim = stats.ctimeNs;
  return 0;
}
