/**
 * What the platforms of Node and Bun share.
 *
 * `process` is the global one, here and wherever else Node runs: `import process from "node:process"` would read
 * `process.stdin` and `process.stdout`, and Node sets O_NONBLOCK on the pipes behind them, which others share.
 */

import fs from "node:fs";
import type { Platform, PlatformClock, PlatformRandom } from "../core/platform.ts";
import type { PlatformNetwork } from "../core/network.ts";
import type { DriverOptions } from "./_node_network.ts";
import { NODE_PATHS } from "./_node_paths.ts";
import { nodeStdio, type StdinPull } from "./_node_stdio.ts";
import { PathDirectory } from "./_path_directory.ts";

/** ns of processor time of the process. */
export function cputimeNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/**
 * A platform over `node:fs`.
 *
 * @param name Its name.
 * @param clock Its clocks.
 * @param random Its random bytes.
 * @param pull How the runtime reads standard input by promises.
 * @param openNetwork Loads and makes its network.
 */
export function platformOverNode(
  name: string,
  clock: PlatformClock,
  random: PlatformRandom,
  pull: StdinPull,
  openNetwork: (options: DriverOptions) => Promise<PlatformNetwork>,
): Platform {
  return {
    name,
    clock,
    random,
    stdio: nodeStdio(pull),
    network: (suspends, dnsServer) => suspends ? openNetwork({ dnsServer }) : undefined,
    openRoot(path) {
      const root = fs.realpathSync(path);
      // Fails where it is no directory, or may not be read.
      fs.opendirSync(root).closeSync();
      return new PathDirectory(NODE_PATHS, root);
    },
    readFile(path) {
      const { buffer, byteOffset, byteLength } = fs.readFileSync(path);
      return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    },
  };
}
