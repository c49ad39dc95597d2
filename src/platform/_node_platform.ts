/** What the platforms of Node and Bun share. */

import fs from "node:fs";
import process from "node:process";
import type { Platform } from "../core/platform.ts";
import { runtimeClock } from "./_clock.ts";
import { NODE_PATHS } from "./_node_paths.ts";
import { nodeStdio, type StdinPull } from "./_node_stdio.ts";
import { PathDirectory } from "./_path_directory.ts";
import { runtimeRandom } from "./_random.ts";

function cputimeNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/**
 * A platform over `node:fs`.
 *
 * @param name Its name.
 * @param pull How the runtime reads standard input by promises.
 */
export function platformOverNode(name: string, pull: StdinPull): Platform {
  return {
    name,
    clock: runtimeClock(cputimeNs, 1),
    random: runtimeRandom(),
    stdio: nodeStdio(pull),
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
