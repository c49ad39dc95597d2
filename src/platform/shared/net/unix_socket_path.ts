/**
 * Paths of unix sockets in the file system.
 *
 * When a runtime closes a listener, it unlinks the path, even if another socket is there by then
 * (https://github.com/nodejs/node/issues/19729, https://github.com/denoland/deno/pull/31947). So listeners start at a
 * temporary path and are then linked to their own: the runtime unlinks a path that no longer exists, and the socket stays
 * at the guest's path until the guest unlinks it, as in POSIX.
 */

import { Errno } from "../../../witx/errno.ts";
import { attempt, failureFromError } from "../errors.ts";
import { checkUnixPath } from "./unix_path_check.ts";
import type { Failure } from "../../../contract/results.ts";

/** Calls of a runtime with names. They throw the runtime's own error. */
export interface UnixPathCalls {
  /** link(2). */
  link(path: string, newPath: string): void;
  /** rename(2). */
  rename(path: string, newPath: string): void;
  /** unlink(2). */
  unlink(path: string): void;
  /** lstat(2). @returns Text that stands for what has this name now; undefined if nothing has. */
  identify(path: string): string | undefined;
  /** open(2) with O_PATH and O_NOFOLLOW. @returns The descriptor. */
  hold(path: string): number;
  /** close(2). */
  close(fd: number): void;
}

/** Letters and digits of a spare name: short, because `sockaddr_un` has little room. */
const TEMPORARY_NAME_LENGTH = 10;
const DIGITS = 36;

/** A name that nobody has, in the directory of a path. */
function temporaryName(path: string): string {
  const bytes = crypto.getRandomValues(new Uint32Array(TEMPORARY_NAME_LENGTH));
  const name = Array.from(bytes, (word) => (word % DIGITS).toString(DIGITS)).join("");
  return `${path.slice(0, path.lastIndexOf("/") + 1)}.${name}`;
}

/**
 * A name in the directory of a socket, to listen at in its place.
 *
 * @param path Where the socket will be.
 * @returns The name; or minus NOENT, INVAL or NAMETOOLONG.
 */
export function temporaryPathFor(path: string): string | Failure {
  const spare = temporaryName(path);
  return checkUnixPath(path) || checkUnixPath(spare) || spare;
}

/**
 * Give a socket the name that it is to have, unless that is taken, and take the spare one away.
 *
 * @param calls The runtime.
 * @param spare The name that it listens at.
 * @param path The name that it is to have.
 * @returns 0, or minus an errno: ADDRINUSE, or why there can be no such name.
 */
export function publishSocket(calls: UnixPathCalls, spare: string, path: string): number {
  const linked = attempt(() => calls.link(spare, path));
  const result = hasNoLinks(linked) ? renameUnlessTaken(calls, spare, path) : linked;
  try {
    calls.unlink(spare);
  } catch {
    // It was renamed.
  }
  return result === -Errno.EXIST ? -Errno.ADDRINUSE : result;
}

/** True for a file system that gives a file one name only, or no second one to a socket. */
function hasNoLinks(result: number): boolean {
  return result === -Errno.PERM || result === -Errno.NOTSUP || result === -Errno.NOSYS || result === -Errno.MLINK;
}

function renameUnlessTaken(calls: UnixPathCalls, from: string, to: string): number {
  try {
    if (calls.identify(to) !== undefined) return -Errno.EXIST;
    calls.rename(from, to);
    return 0;
  } catch (error) {
    return failureFromError(error);
  }
}

const BY_DIRECTORY = /^\/proc\/self\/fd\/\d+\/[^/]+$/;

/** A path to connect to. */
export interface ResolvedSocketPath {
  /** The path. */
  readonly path: string;
  /** True if it still leads to what it led to at first. */
  readonly isSame: () => boolean;
  /** To be called when it was connected to, or that failed. */
  readonly release: () => void;
}

/**
 * The path to connect to. A socket beneath a directory that a descriptor holds is named by a descriptor of its own: it is
 * the one that is there now, and a symbolic link that took its place is no socket.
 *
 * @param calls The runtime.
 * @param path Of the socket.
 * @returns The path; or minus an errno.
 */
export function resolveSocketPath(calls: UnixPathCalls, path: string): ResolvedSocketPath | Failure {
  const checked = checkUnixPath(path);
  if (checked < 0) return checked;
  try {
    if (!BY_DIRECTORY.test(path)) return byPath(calls, path);
    const fd = calls.hold(path);
    return { path: `/proc/self/fd/${fd}`, isSame: () => true, release: () => calls.close(fd) };
  } catch (error) {
    return failureFromError(error);
  }
}

function byPath(calls: UnixPathCalls, path: string): ResolvedSocketPath {
  const identity = calls.identify(path);
  return { path, isSame: () => calls.identify(path) === identity, release: () => {} };
}
