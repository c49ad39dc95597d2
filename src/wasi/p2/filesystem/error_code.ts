/** The enum `error-code` of `wasi:filesystem/types`. */

import { Errno } from "../../../witx/errno.ts";

/** Cases of `error-code`, in the order of their numbers. */
export const ERROR_CODES = [
  "access",
  "would-block",
  "already",
  "bad-descriptor",
  "busy",
  "deadlock",
  "quota",
  "exist",
  "file-too-large",
  "illegal-byte-sequence",
  "in-progress",
  "interrupted",
  "invalid",
  "io",
  "is-directory",
  "loop",
  "too-many-links",
  "message-size",
  "name-too-long",
  "no-device",
  "no-entry",
  "no-lock",
  "insufficient-memory",
  "insufficient-space",
  "not-directory",
  "not-empty",
  "not-recoverable",
  "unsupported",
  "no-tty",
  "no-such-device",
  "overflow",
  "not-permitted",
  "pipe",
  "read-only",
  "invalid-seek",
  "text-file-busy",
  "cross-device",
] as const;

/** A case of `error-code`. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * Errnos that have a case of their own. Where wasmtime has no case for one, and answers `io` (DQUOT, NXIO, ROFS, TXTBSY,
 * XDEV, …), this is the precise one. There is none for a lack of descriptors.
 */
const BY_ERRNO: Readonly<Partial<Record<Errno, ErrorCode>>> = {
  [Errno.ACCES]: "access",
  [Errno.AGAIN]: "would-block",
  [Errno.ALREADY]: "already",
  [Errno.BADF]: "bad-descriptor",
  [Errno.BUSY]: "busy",
  [Errno.DEADLK]: "deadlock",
  [Errno.DQUOT]: "quota",
  [Errno.EXIST]: "exist",
  [Errno.FBIG]: "file-too-large",
  [Errno.ILSEQ]: "illegal-byte-sequence",
  [Errno.INPROGRESS]: "in-progress",
  [Errno.INTR]: "interrupted",
  [Errno.INVAL]: "invalid",
  [Errno.IO]: "io",
  [Errno.ISDIR]: "is-directory",
  [Errno.LOOP]: "loop",
  [Errno.MFILE]: "insufficient-memory",
  [Errno.MLINK]: "too-many-links",
  [Errno.MSGSIZE]: "message-size",
  [Errno.NAMETOOLONG]: "name-too-long",
  [Errno.NFILE]: "insufficient-memory",
  [Errno.NODEV]: "no-device",
  [Errno.NOENT]: "no-entry",
  [Errno.NOLCK]: "no-lock",
  [Errno.NOMEM]: "insufficient-memory",
  [Errno.NOSPC]: "insufficient-space",
  [Errno.NOSYS]: "unsupported",
  [Errno.NOTCAPABLE]: "not-permitted",
  [Errno.NOTDIR]: "not-directory",
  [Errno.NOTEMPTY]: "not-empty",
  [Errno.NOTRECOVERABLE]: "not-recoverable",
  [Errno.NOTSUP]: "unsupported",
  [Errno.NOTTY]: "no-tty",
  [Errno.NXIO]: "no-such-device",
  [Errno.OVERFLOW]: "overflow",
  [Errno.PERM]: "not-permitted",
  [Errno.PIPE]: "pipe",
  [Errno.ROFS]: "read-only",
  [Errno.SPIPE]: "invalid-seek",
  [Errno.TXTBSY]: "text-file-busy",
  [Errno.XDEV]: "cross-device",
};

/** The case for a failure. @param failure Minus an errno. */
export function errorCodeOf(failure: number): ErrorCode {
  return BY_ERRNO[-failure as Errno] ?? "io";
}

/** The number of the case for a failure. @param failure Minus an errno. */
export function errorNumberOf(failure: number): number {
  return ERROR_CODES.indexOf(errorCodeOf(failure));
}
