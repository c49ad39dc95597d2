/** Errors of the host as errno: one table for every backend. */

import { Errno } from "../witx/errno.ts";

/** Codes whose names differ from those of preview 1. */
const OTHER_NAMES: Readonly<Record<string, Errno>> = {
  E2BIG: Errno.TOOBIG,
  EDEADLOCK: Errno.DEADLK,
  EOPNOTSUPP: Errno.NOTSUP,
  EWOULDBLOCK: Errno.AGAIN,
  ECANCELLED: Errno.CANCELED,
  ERR_OUT_OF_RANGE: Errno.INVAL,
  ERR_INVALID_ARG_VALUE: Errno.INVAL,
  ERR_FS_FILE_TOO_LARGE: Errno.FBIG,
  ENODATA: Errno.NOENT,
  ESHUTDOWN: Errno.PIPE,
  ETOOMANYREFS: Errno.MLINK,
  EUSERS: Errno.DQUOT,
};

/** Errors of Deno that carry no code, by class. */
const DENO_CLASSES: Readonly<Record<string, Errno>> = {
  NotFound: Errno.NOENT,
  AlreadyExists: Errno.EXIST,
  PermissionDenied: Errno.ACCES,
  NotCapable: Errno.ACCES,
  IsADirectory: Errno.ISDIR,
  NotADirectory: Errno.NOTDIR,
  FilesystemLoop: Errno.LOOP,
  WouldBlock: Errno.AGAIN,
  BrokenPipe: Errno.PIPE,
  BadResource: Errno.BADF,
  Interrupted: Errno.INTR,
  NotSupported: Errno.NOTSUP,
  TimedOut: Errno.TIMEDOUT,
  UnexpectedEof: Errno.IO,
  InvalidData: Errno.INVAL,
  Busy: Errno.BUSY,
};

/** Told of errors that are in none of the tables; tests make it fail. */
let onUnmapped: ((error: unknown) => void) | undefined;

/** Name who is told of an error that became `IO` because it is in none of the tables. */
export function setUnmappedErrorHook(hook: ((error: unknown) => void) | undefined): void {
  onUnmapped = hook;
}

/**
 * An error of the host as errno.
 *
 * @param error What a call threw: has a `code` such as `ENOENT`, or is one of Deno's classes.
 * @returns Its errno; `IO` for what is not known.
 */
export function toErrno(error: unknown): Errno {
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === "string") {
    const errno = byCode(code);
    if (errno !== undefined) return errno;
  }
  if (typeof name === "string" && Object.hasOwn(DENO_CLASSES, name)) return DENO_CLASSES[name]!;
  onUnmapped?.(error);
  return Errno.IO;
}

function byCode(code: string): Errno | undefined {
  if (Object.hasOwn(OTHER_NAMES, code)) return OTHER_NAMES[code];
  const name = code.slice(1);
  return code.startsWith("E") && Object.hasOwn(Errno, name) ? Errno[name as keyof typeof Errno] : undefined;
}

/**
 * Call a host function that answers nothing.
 *
 * @returns 0, or minus an errno.
 */
export function attempt(call: () => void): number {
  try {
    call();
    return 0;
  } catch (error) {
    return -toErrno(error);
  }
}
