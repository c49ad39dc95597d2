/**
 * Where unix sockets are in the file system. A directory names them by its descriptor, so that nothing which is renamed
 * meanwhile leads elsewhere; what `/proc/self/fd/N` means ends with the descriptor, and for other processes it never
 * meant that.
 */

import type { Libc } from "../ffi/libc.ts";
import type { Syscalls } from "../syscalls.ts";

const BY_DIRECTORY = /^\/proc\/self\/fd\/(\d+)\/([^/]+)$/;

/** A path, and what it needs. */
export interface UnixPath {
  /** The path for the call. */
  readonly path: string;
  /** A descriptor that is to be open as long as the path is used; -1 for none. */
  readonly fd: number;
}

/**
 * The path to connect or send to: the socket itself, as it is opened now. A symbolic link that replaced it is refused.
 *
 * @returns A path, or minus an errno.
 */
export function pathToConnect(syscalls: Syscalls, path: string): UnixPath | number {
  const match = BY_DIRECTORY.exec(path);
  if (match === null) return { path, fd: -1 };
  const { O_PATH, O_NOFOLLOW, O_CLOEXEC } = syscalls.libc.target.open;
  const fd = syscalls.paths.openat(Number(match[1]), match[2]!, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
  return fd < 0 ? fd : { path: `/proc/self/fd/${fd}`, fd };
}

/**
 * The path to bind a datagram socket to, which receivers of its datagrams see: it means the same to all
 * processes of this user, and nothing else does, for as long as the descriptor is open.
 */
export function pathToBind(syscalls: Syscalls, path: string): UnixPath | number {
  const match = BY_DIRECTORY.exec(path);
  if (match === null) return { path, fd: -1 };
  const { O_PATH, O_DIRECTORY, O_CLOEXEC } = syscalls.libc.target.open;
  const fd = syscalls.paths.openat(Number(match[1]), ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  return fd < 0 ? fd : { path: `/proc/${syscalls.libc.parts.get(getProcessId)}/fd/${fd}/${match[2]}`, fd };
}

function getProcessId(libc: Libc): number {
  return libc.open({ getpid: { parameters: [], result: "i32" } }).getpid();
}
