/** Errors of the host as errno: one table for every backend. */

import { Errno, errnoName } from "../../witx/errno.ts";
import { type Failure, resultFromErrno } from "../../contract/results.ts";

/** Codes whose names differ from those of preview 1. */
const OTHER_NAMES: Readonly<Record<string, Errno>> = {
  E2BIG: Errno.TOOBIG,
  EDEADLOCK: Errno.DEADLK,
  EOPNOTSUPP: Errno.NOTSUP,
  EWOULDBLOCK: Errno.AGAIN,
  ECANCELLED: Errno.CANCELED,
  ERR_ACCESS_DENIED: Errno.ACCES,
  ERR_OUT_OF_RANGE: Errno.INVAL,
  ERR_INVALID_ARG_VALUE: Errno.INVAL,
  ERR_FS_FILE_TOO_LARGE: Errno.FBIG,
  ENODATA: Errno.NOENT,
  ESHUTDOWN: Errno.PIPE,
  ETOOMANYREFS: Errno.MLINK,
  EUSERS: Errno.DQUOT,
  EHOSTDOWN: Errno.HOSTUNREACH,
  ENONET: Errno.NETUNREACH,
  EPFNOSUPPORT: Errno.AFNOSUPPORT,
  ESOCKTNOSUPPORT: Errno.PROTONOSUPPORT,
  ERR_SOCKET_CLOSED: Errno.PIPE,
  ERR_STREAM_DESTROYED: Errno.PIPE,
  ERR_STREAM_WRITE_AFTER_END: Errno.PIPE,
  ERR_SOCKET_BAD_PORT: Errno.INVAL,
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

/**
 * Error numbers of the operating system, for errors of Deno that carry nothing but the number in their message. Up to 34,
 * Linux and macOS agree except for 11, which is missing here. From 35 to 75, the numbers that file operations return on
 * either system; none has two meanings. From 88 on, the numbers of Linux that socket operations return.
 * Source: asm-generic/errno.h, sys/errno.h of macOS.
 */
const OS_ERRORS: Readonly<Record<number, Errno>> = {
  1: Errno.PERM,
  2: Errno.NOENT,
  4: Errno.INTR,
  5: Errno.IO,
  6: Errno.NXIO,
  9: Errno.BADF,
  12: Errno.NOMEM,
  13: Errno.ACCES,
  16: Errno.BUSY,
  17: Errno.EXIST,
  18: Errno.XDEV,
  19: Errno.NODEV,
  20: Errno.NOTDIR,
  21: Errno.ISDIR,
  22: Errno.INVAL,
  23: Errno.NFILE,
  24: Errno.MFILE,
  25: Errno.NOTTY,
  26: Errno.TXTBSY,
  27: Errno.FBIG,
  28: Errno.NOSPC,
  29: Errno.SPIPE,
  30: Errno.ROFS,
  31: Errno.MLINK,
  32: Errno.PIPE,
  36: Errno.NAMETOOLONG,
  38: Errno.NOSYS,
  39: Errno.NOTEMPTY,
  40: Errno.LOOP,
  62: Errno.LOOP,
  63: Errno.NAMETOOLONG,
  66: Errno.NOTEMPTY,
  69: Errno.DQUOT,
  75: Errno.OVERFLOW,
  88: Errno.NOTSOCK,
  89: Errno.DESTADDRREQ,
  90: Errno.MSGSIZE,
  91: Errno.PROTOTYPE,
  92: Errno.NOPROTOOPT,
  93: Errno.PROTONOSUPPORT,
  94: Errno.PROTONOSUPPORT,
  95: Errno.NOTSUP,
  97: Errno.AFNOSUPPORT,
  98: Errno.ADDRINUSE,
  99: Errno.ADDRNOTAVAIL,
  100: Errno.NETDOWN,
  101: Errno.NETUNREACH,
  103: Errno.CONNABORTED,
  104: Errno.CONNRESET,
  105: Errno.NOBUFS,
  106: Errno.ISCONN,
  107: Errno.NOTCONN,
  108: Errno.PIPE,
  110: Errno.TIMEDOUT,
  111: Errno.CONNREFUSED,
  112: Errno.HOSTUNREACH,
  113: Errno.HOSTUNREACH,
  114: Errno.ALREADY,
  115: Errno.INPROGRESS,
  122: Errno.DQUOT,
};

/**
 * An error of the host as errno.
 *
 * @param error What a call threw: has a `code` such as `ENOENT`, or is one of Deno's classes.
 * @returns Its errno; `IO` for what is not known.
 */
export function errnoFromError(error: unknown): Errno {
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
  if (typeof code === "string") {
    const errno = byCode(code);
    if (errno !== undefined) return errno;
  }
  if (typeof name === "string" && Object.hasOwn(DENO_CLASSES, name)) return DENO_CLASSES[name]!;
  const number = /\(os error (\d+)\)/.exec(String(message))?.[1];
  return (number === undefined ? undefined : OS_ERRORS[Number(number)]) ?? Errno.IO;
}

/** The error of a directory of the host that can't be opened. */
export function openError(errno: Errno, path: string): Error {
  const code = `E${errnoName(errno)}`;
  return Object.assign(new Error(`${code}: cannot open ${path}`), { code });
}

function byCode(code: string): Errno | undefined {
  if (Object.hasOwn(OTHER_NAMES, code)) return OTHER_NAMES[code];
  const name = code.slice(1);
  return code.startsWith("E") && Object.hasOwn(Errno, name) ? Errno[name as keyof typeof Errno] : undefined;
}

/**
 * The result for an error of the host: minus {@linkcode errnoFromError}.
 *
 * @param error What a call threw.
 */
export function failureFromError(error: unknown): Failure {
  return resultFromErrno(errnoFromError(error));
}

/**
 * Calls a host function that returns nothing.
 *
 * @returns 0, or minus an errno.
 */
export function attempt(call: () => void): number {
  try {
    call();
    return 0;
  } catch (error) {
    return failureFromError(error);
  }
}
