/**
 * What the platforms of Node and Bun share.
 *
 * `process` is the global one, here and wherever else Node runs: `import process from "node:process"` would read
 * `process.stdin` and `process.stdout`, and Node sets O_NONBLOCK on the pipes behind them, which other processes share
 * (https://github.com/nodejs/node/issues/42826).
 */

import fs from "node:fs";
import { textOfBytes } from "../../text/byte_text.ts";
import type { Platform, PlatformClock, PlatformRandom } from "../../contract/platform.ts";
import type { PlatformNetwork } from "../../contract/network.ts";
import { pathForNode } from "../shared/fs/byte_paths.ts";
import type { DriverOptions } from "./network.ts";
import { mayUseAllFiles } from "../shared/foreign_calls.ts";
import { openFdDirectory } from "../shared/fs/fd_directory.ts";
import { NODE_DIRECTORY_FDS, NODE_PATHS } from "./paths.ts";
import { nodeStdio, type StdinPull } from "./stdio.ts";
import { openPathDirectory } from "../shared/fs/path_directory.ts";

/** ns of processor time of the process. */
export function cputimeNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** Under Node's permissions, paths beneath /proc are not those that the user has allowed. */
function mayHold(): boolean {
  return process.platform === "linux" && mayUseAllFiles();
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
    tls: async () => await (await import("../shared/tls.ts")).loadTls(),
    network: (mode, dnsServer) => mode === "suspend" ? openNetwork({ dnsServer }) : undefined,
    openRoot(path) {
      const root = textOfBytes(fs.realpathSync.native(pathForNode(path), "buffer"));
      // Fails where it is no directory, or may not be read.
      fs.opendirSync(pathForNode(root) as string).closeSync();
      const held = mayHold() ? openFdDirectory(NODE_PATHS, NODE_DIRECTORY_FDS, root) : undefined;
      return held ?? openPathDirectory(NODE_PATHS, root);
    },
    readFile(path) {
      const { buffer, byteOffset, byteLength } = fs.readFileSync(typeof path === "string" ? pathForNode(path) : path);
      return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    },
  };
}
