/**
 * Arguments and results of calls that are not numbers. The caller owns and reuses them, so that a call that succeeds
 * allocates nothing (RATIONALE "Why do results go into objects that the caller owns?").
 *
 * @module
 */

import type { Errno } from "../witx/errno.ts";
import type { SocketAddress } from "../contract/network.ts";
import { errnoFromResult } from "../contract/results.ts";

/** Receives a u32: a count of bytes, a descriptor or a set of flags. */
export interface U32Result {
  /** The value; 0 after a failed transfer. */
  value: number;
}

/** Receives an offset in a file. */
export interface OffsetResult {
  /** Bytes from the start of the file (u64, below 2^53). */
  offset: number;
}

/**
 * Stores the count of a transfer.
 *
 * @param result Bytes transferred, or minus an errno.
 * @param out Receives the count, 0 after a failure.
 */
export function storeCount(result: number, out: U32Result): Errno {
  out.value = result < 0 ? 0 : result;
  return errnoFromResult(result);
}

/** The subscriptions of `poll_oneoff`, one row each. */
export interface Subscriptions {
  /** Number of rows in use. */
  count: number;
  /** `Eventtype` of each. */
  type: Uint8Array;
  /** Descriptor, for FD_READ and FD_WRITE. */
  fd: Uint32Array;
  /** `Clockid`, for CLOCK. */
  clockid: Uint32Array;
  /** Timeout in ns, for CLOCK (u64 as a float64). */
  timeout: Float64Array;
  /** `Subclockflags`, for CLOCK. */
  flags: Uint16Array;
}

/** The events of `poll_oneoff`, one row each. */
export interface Events {
  /** Number of rows in use. */
  count: number;
  /** Index of the subscription. */
  index: Uint32Array;
  /** Errno of the subscription. */
  error: Uint16Array;
  /** Bytes that can be read or written, 0 if unknown. */
  nbytes: Float64Array;
  /** `Eventrwflags`. */
  flags: Uint16Array;
}

/** Receives an address. */
export interface AddressResult {
  /** The address, if there is one. */
  address: SocketAddress | undefined;
}

/** Receives the addresses of a name. */
export interface LookupResult {
  /** Addresses, with port 0. */
  addresses: readonly SocketAddress[];
}

/** Receives the value of an option. */
export interface OptionResult {
  /** The value; its unit depends on the `SocketOption`. */
  value: number;
}

/** Attributes of a preopen. */
export interface Prestat {
  /** `Preopentype`; {@linkcode PREOPEN_SOCKET} for a socket. */
  tag: number;
  /** Name of the directory in the guest, encoded. */
  name: Uint8Array;
}

/** Tag of a preopened socket: not a `Preopentype`, so that a search for directories skips it. */
export const PREOPEN_SOCKET = 1;
