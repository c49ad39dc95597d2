/** The target that this process runs on. */

import type { Target } from "./target.ts";
import { darwin } from "./darwin.ts";
import { linux } from "./linux.ts";

/**
 * The target by the names of the runtimes (`process.platform`, `process.arch`), or undefined where the posix platform has
 * not been written for it.
 */
export function targetOf(os: string, arch: string): Target | undefined {
  if (os === "linux" && (arch === "x64" || arch === "arm64")) return linux(arch);
  return os === "darwin" && arch === "arm64" ? darwin() : undefined;
}
