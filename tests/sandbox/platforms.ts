/** The platforms that a sandbox is tried on. */

import type { RunOptions } from "wasirun";
import { posix } from "../../src/platform/posix/mod.ts";
import { hostWithoutOpenat2, openOn } from "../races/posix_host.ts";

const withoutOpenat2 = hostWithoutOpenat2();

/** Options of a guest by what they are. */
export const PLATFORMS: readonly (readonly [name: string, options: RunOptions])[] = [
  ["the runtime's own calls", {}],
  ["the system's calls", { platform: posix() }],
  ["the system's calls without openat2", {
    platform: { ...posix(), openRoot: (path) => openOn(withoutOpenat2, path) },
  }],
];
