/**
 * The platform of the operating system's own calls, by the FFI that Deno, Bun and Node 26.1 have built in.
 *
 * @module
 */

import { errnoName } from "../../witx/errno.ts";
import type { PlatformNetwork } from "../../contract/network.ts";
import type { Platform, PlatformStdio, WaitMode } from "../../contract/platform.ts";
import { ownsStream } from "../shared/web_streams.ts";
import { posixClock } from "./clock.ts";
import { PosixDirectory } from "./fs/directory.ts";
import { readEmbedded } from "./fs/embedded.ts";
import type { Syscalls } from "./syscalls.ts";
import { openSyscalls } from "./open_syscalls.ts";
import { posixRandom } from "./random.ts";
import { readWhole } from "./fs/read_whole.ts";
import { posixStdio } from "./fs/stdio.ts";
import { posixWaiter } from "./poll/waiter.ts";
import { errnoFromResult } from "../../contract/results.ts";

function open(syscalls: Syscalls, path: string, flags: number): number {
  if (path.includes("\0")) throw new TypeError(`Cannot open ${JSON.stringify(path)}: no path has a NUL in it`);
  const fd = syscalls.paths.openat(syscalls.libc.target.at.AT_FDCWD, path, flags | syscalls.libc.target.open.O_CLOEXEC);
  if (fd >= 0) return fd;
  const code = `E${errnoName(errnoFromResult(fd))}`;
  throw Object.assign(new Error(`${code}: cannot open ${path}`), { code });
}

function readFile(syscalls: Syscalls, path: string): Uint8Array<ArrayBuffer> {
  const fd = open(syscalls, path, 0);
  try {
    return readWhole(syscalls, fd);
  } finally {
    syscalls.fds.close(fd);
  }
}

/** Most guests have no network: what it takes is loaded for those that have. */
async function openNetwork(
  syscalls: Syscalls,
  mode: WaitMode,
  dnsServer: string | undefined,
): Promise<PlatformNetwork> {
  const { posixNetwork } = await import("./net/network.ts");
  if (mode === "block") return posixNetwork(syscalls, mode);
  const { runtimeLookup } = await import("./net/runtime_lookup.ts");
  return posixNetwork(syscalls, mode, await runtimeLookup(dnsServer));
}

function makePlatform(syscalls: Syscalls): Platform {
  const stdio = new Map<WaitMode, PlatformStdio>();
  return {
    name: "posix",
    clock: posixClock(syscalls.libc),
    random: posixRandom(syscalls.libc),
    stdio(mode) {
      let streams = stdio.get(mode);
      if (streams === undefined) stdio.set(mode, streams = posixStdio(syscalls, mode));
      return streams;
    },
    waiter: (mode) => posixWaiter(syscalls, mode),
    tls: async () => await (await import("../shared/tls.ts")).loadTls(),
    network: (mode, dnsServer) => openNetwork(syscalls, mode, dnsServer),
    openRoot: (path) => new PosixDirectory(syscalls, open(syscalls, path, syscalls.libc.target.open.O_DIRECTORY)),
    readFile(url) {
      const path = typeof url === "string" ? url : decodeURIComponent(url.pathname);
      return readEmbedded(path) ?? readFile(syscalls, path);
    },
    ownsStream,
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
    return platform ??= makePlatform(openSyscalls());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot use the posix platform: ${reason}`, { cause: error });
  }
}
