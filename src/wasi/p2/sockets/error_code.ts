/**
 * The error codes of wasi:sockets, and how the core's errnos become such.
 *
 * @module
 */

import { Errno } from "../../../witx/errno.ts";

/** Cases of `error-code`: their discriminants. Source: wasi:sockets/network@0.2.12. */
export const ErrorCode = {
  UNKNOWN: 0,
  ACCESS_DENIED: 1,
  NOT_SUPPORTED: 2,
  INVALID_ARGUMENT: 3,
  OUT_OF_MEMORY: 4,
  TIMEOUT: 5,
  CONCURRENCY_CONFLICT: 6,
  NOT_IN_PROGRESS: 7,
  WOULD_BLOCK: 8,
  INVALID_STATE: 9,
  NEW_SOCKET_LIMIT: 10,
  ADDRESS_NOT_BINDABLE: 11,
  ADDRESS_IN_USE: 12,
  REMOTE_UNREACHABLE: 13,
  CONNECTION_REFUSED: 14,
  CONNECTION_RESET: 15,
  CONNECTION_ABORTED: 16,
  DATAGRAM_TOO_LARGE: 17,
  NAME_UNRESOLVABLE: 18,
  TEMPORARY_RESOLVER_FAILURE: 19,
  PERMANENT_RESOLVER_FAILURE: 20,
} as const;
/** One of {@linkcode ErrorCode}. */
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** WIT names of the cases, by discriminant. */
export const ERROR_NAMES: readonly string[] = Object.keys(ErrorCode).map((name) =>
  name.toLowerCase().replaceAll("_", "-")
);

/**
 * What a call of a socket object returns when it fails: the complement of an {@linkcode ErrorCode}, which is below zero. An
 * errno has no word for "not in progress" or "invalid state", and `AGAIN` means two things.
 */
export type SocketFailure = number;

/** The failure that stands for an error code. */
export function failure(code: ErrorCode): SocketFailure {
  return ~code;
}

/** The error code of a failure. */
export function codeOf(failed: SocketFailure): ErrorCode {
  return ~failed as ErrorCode;
}

const CODES: ReadonlyMap<Errno, ErrorCode> = new Map<Errno, ErrorCode>([
  [Errno.ACCES, ErrorCode.ACCESS_DENIED],
  [Errno.PERM, ErrorCode.ACCESS_DENIED],
  [Errno.NOTCAPABLE, ErrorCode.ACCESS_DENIED],
  [Errno.NOTSUP, ErrorCode.NOT_SUPPORTED],
  [Errno.NOSYS, ErrorCode.NOT_SUPPORTED],
  [Errno.NOPROTOOPT, ErrorCode.NOT_SUPPORTED],
  [Errno.PROTONOSUPPORT, ErrorCode.NOT_SUPPORTED],
  [Errno.INVAL, ErrorCode.INVALID_ARGUMENT],
  [Errno.AFNOSUPPORT, ErrorCode.INVALID_ARGUMENT],
  [Errno.DESTADDRREQ, ErrorCode.INVALID_ARGUMENT],
  [Errno.NOMEM, ErrorCode.OUT_OF_MEMORY],
  [Errno.NOBUFS, ErrorCode.OUT_OF_MEMORY],
  [Errno.TIMEDOUT, ErrorCode.TIMEOUT],
  [Errno.ALREADY, ErrorCode.CONCURRENCY_CONFLICT],
  [Errno.AGAIN, ErrorCode.WOULD_BLOCK],
  [Errno.INPROGRESS, ErrorCode.WOULD_BLOCK],
  [Errno.NOTCONN, ErrorCode.INVALID_STATE],
  [Errno.ISCONN, ErrorCode.INVALID_STATE],
  [Errno.BADF, ErrorCode.INVALID_STATE],
  [Errno.MFILE, ErrorCode.NEW_SOCKET_LIMIT],
  [Errno.NFILE, ErrorCode.NEW_SOCKET_LIMIT],
  [Errno.ADDRNOTAVAIL, ErrorCode.ADDRESS_NOT_BINDABLE],
  [Errno.ADDRINUSE, ErrorCode.ADDRESS_IN_USE],
  [Errno.HOSTUNREACH, ErrorCode.REMOTE_UNREACHABLE],
  [Errno.NETUNREACH, ErrorCode.REMOTE_UNREACHABLE],
  [Errno.NETDOWN, ErrorCode.REMOTE_UNREACHABLE],
  [Errno.NETRESET, ErrorCode.REMOTE_UNREACHABLE],
  [Errno.CONNREFUSED, ErrorCode.CONNECTION_REFUSED],
  [Errno.CONNRESET, ErrorCode.CONNECTION_RESET],
  [Errno.PIPE, ErrorCode.CONNECTION_RESET],
  [Errno.CONNABORTED, ErrorCode.CONNECTION_ABORTED],
  [Errno.MSGSIZE, ErrorCode.DATAGRAM_TOO_LARGE],
]);

/**
 * The failure of a socket's operation.
 *
 * @param result Minus an errno.
 */
export function socketFailure(result: number): SocketFailure {
  return failure(CODES.get(-result as Errno) ?? ErrorCode.UNKNOWN);
}

/**
 * The failure of a connect: an implicit bind that finds no port answers ADDRNOTAVAIL on Linux.
 *
 * @param result Minus an errno.
 */
export function connectFailure(result: number): SocketFailure {
  return result === -Errno.ADDRNOTAVAIL ? failure(ErrorCode.ADDRESS_IN_USE) : socketFailure(result);
}

/**
 * The failure to make a socket.
 *
 * @param result Minus an errno.
 */
export function creationFailure(result: number): SocketFailure {
  return result === -Errno.AFNOSUPPORT ? failure(ErrorCode.NOT_SUPPORTED) : socketFailure(result);
}

/**
 * The failure of a lookup.
 *
 * @param result Minus an errno, as `GuestLookup.finish` returns it.
 */
export function lookupFailure(result: number): SocketFailure {
  switch (-result) {
    case Errno.INPROGRESS:
      return failure(ErrorCode.WOULD_BLOCK);
    case Errno.NOENT:
      return failure(ErrorCode.NAME_UNRESOLVABLE);
    case Errno.AGAIN:
    case Errno.TIMEDOUT:
      return failure(ErrorCode.TEMPORARY_RESOLVER_FAILURE);
    case Errno.ACCES:
    case Errno.PERM:
      return failure(ErrorCode.ACCESS_DENIED);
    default:
      return failure(ErrorCode.PERMANENT_RESOLVER_FAILURE);
  }
}
