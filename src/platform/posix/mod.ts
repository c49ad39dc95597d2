/**
 * The platform of the operating system's own calls, by the FFI that Deno, Bun and Node 26.1 have built in.
 *
 * @module
 */

import { errnoName } from "../../witx/errno.ts";
import type { PlatformNetwork } from "../../core/network.ts";
import type { Platform, PlatformStdio } from "../../core/platform.ts";
import { posixClock } from "./clock.ts";
import { PosixDirectory } from "./directory.ts";
import type { Host } from "./host.ts";
import { openHost } from "./open_host.ts";
import { posixRandom } from "./random.ts";
import { readWhole } from "./read_whole.ts";
import { posixStdio } from "./stdio.ts";
import { posixWaiter } from "./waiter.ts";

function open(host: Host, path: string, flags: number): number {
  if (path.includes("\0")) throw new TypeError(`Cannot open ${JSON.stringify(path)}: no path has a NUL in it`);
  const fd = host.names.openat(host.libc.target.at.AT_FDCWD, path, flags | host.libc.target.open.O_CLOEXEC);
  if (fd >= 0) return fd;
  const code = `E${errnoName(-fd)}`;
  throw Object.assign(new Error(`${code}: cannot open ${path}`), { code });
}

/** Most guests have no network: what it takes is loaded for those that have. */
async function openNetwork(host: Host, suspends: boolean, dnsServer: string | undefined): Promise<PlatformNetwork> {
  const { posixNetwork } = await import("./network.ts");
  if (!suspends) return posixNetwork(host, false);
  const { runtimeLookup } = await import("./runtime_lookup.ts");
  return posixNetwork(host, true, await runtimeLookup(dnsServer));
}

function makePlatform(host: Host): Platform {
  const stdio = new Map<boolean, PlatformStdio>();
  return {
    name: "posix",
    clock: posixClock(host.libc),
    random: posixRandom(host.libc),
    stdio(suspends) {
      let streams = stdio.get(suspends);
      if (streams === undefined) stdio.set(suspends, streams = posixStdio(host, suspends));
      return streams;
    },
    waiter: (suspends) => posixWaiter(host, suspends),
    network: (suspends, dnsServer) => openNetwork(host, suspends, dnsServer),
    openRoot: (path) => new PosixDirectory(host, open(host, path, host.libc.target.open.O_DIRECTORY)),
    readFile(path) {
      const fd = open(host, typeof path === "string" ? path : decodeURIComponent(path.pathname), 0);
      try {
        return readWhole(host, fd);
      } finally {
        host.descriptors.close(fd);
      }
    },
  };
}

let platform: Platform | undefined;

/**
 * The platform of the operating system's own calls: Linux on x86-64 and arm64, macOS on arm64.
 *
 * It takes an FFI: that of Bun, of Node from 26.1 on, or of Deno with `--allow-ffi`. What it does is not subject to the
 * permissions of Deno, since no foreign call is: a guest reaches what its options name.
 *
 * @returns Always the same one.
 * @throws {Error} If there is no FFI, or it may not be used, or the system is another one.
 *
 * @example Run a guest on it
 * ```ts
 * import { run } from "wasirun";
 * import { posix } from "wasirun/posix";
 * import assert from "node:assert/strict";
 *
 * // (module (func (export "_start")) (memory (export "memory") 1))
 * const module = Uint8Array.from(
 *   atob("AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGX3N0YXJ0AAAGbWVtb3J5AgAKBAECAAs="),
 *   (char) => char.charCodeAt(0),
 * );
 * assert.equal((await run(module, { platform: posix() })).exitCode, 0);
 * ```
 */
export function posix(): Platform {
  try {
    return platform ??= makePlatform(openHost());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot use the posix platform: ${reason}`, { cause: error });
  }
}
