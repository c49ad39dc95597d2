/**
 * The posix platform's own parts, made by a test with another target or without openat2(2).
 *
 * @module
 */

import process from "node:process";
import { PosixDirectory } from "../../src/platform/posix/fs/directory.ts";
import type { Ffi } from "../../src/platform/posix/ffi/ffi.ts";
import { bunFfi } from "../../src/platform/posix/ffi/bun.ts";
import { denoFfi } from "../../src/platform/posix/ffi/deno.ts";
import { nodeFfi } from "../../src/platform/posix/ffi/node.ts";
import { Syscalls } from "../../src/platform/posix/syscalls.ts";
import { Libc } from "../../src/platform/posix/ffi/libc.ts";
import type { Target } from "../../src/platform/posix/target/target.ts";
import { targetOf } from "../../src/platform/posix/target/current.ts";
import { errnoName } from "../../src/witx/errno.ts";

/** The target of this machine. @throws {Error} If there is none. */
function ownTarget(): Target {
  const target = targetOf(process.platform, process.arch);
  if (target === undefined) throw new Error(`There is no posix platform for ${process.platform} on ${process.arch}`);
  return target;
}

function ownFfi(): Ffi {
  if (process.versions["deno"] !== undefined) return denoFfi();
  return process.versions["bun"] === undefined ? nodeFfi() : bunFfi();
}

/**
 * The system's calls.
 *
 * @param change Makes another target of that of this machine.
 */
export function posixHost(change: (target: Target) => Target = (target) => target): Syscalls {
  return new Syscalls(new Libc(ownFfi(), change(ownTarget())));
}

/** As {@linkcode posixHost}, without openat2(2): every component of a path is looked up by itself. */
export function hostWithoutOpenat2(): Syscalls {
  const host = posixHost();
  host.opensBeneath = false;
  return host;
}

/** Open a directory. @throws {Error} If it is not there. */
export function openOn(host: Syscalls, path: string): PosixDirectory {
  const { at, open } = host.libc.target;
  const fd = host.paths.openat(at.AT_FDCWD, path, open.O_DIRECTORY | open.O_CLOEXEC, 0);
  if (fd < 0) throw new Error(`Cannot open ${path}: ${errnoName(-fd)}`);
  return new PosixDirectory(host, fd);
}
