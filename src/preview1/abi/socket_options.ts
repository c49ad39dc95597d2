/** Socket options in guest memory: their numbers, and the layout of their values. */

import { Errno } from "../../witx/errno.ts";
import { SockOptIpv6, SockOptLevel, SockOptSo, SockOptTcp } from "../../witx/wasmedge.ts";
import { LINGER_OFF, SocketOption } from "../../contract/network.ts";
import type { GuestMemory } from "./memory.ts";

const SO: Readonly<Record<number, SocketOption>> = {
  [SockOptSo.REUSEADDR]: SocketOption.REUSEADDR,
  [SockOptSo.TYPE]: SocketOption.TYPE,
  [SockOptSo.ERROR]: SocketOption.ERROR,
  [SockOptSo.DONTROUTE]: SocketOption.DONTROUTE,
  [SockOptSo.BROADCAST]: SocketOption.BROADCAST,
  [SockOptSo.SNDBUF]: SocketOption.SNDBUF,
  [SockOptSo.RCVBUF]: SocketOption.RCVBUF,
  [SockOptSo.KEEPALIVE]: SocketOption.KEEPALIVE,
  [SockOptSo.OOBINLINE]: SocketOption.OOBINLINE,
  [SockOptSo.LINGER]: SocketOption.LINGER,
  [SockOptSo.RCVLOWAT]: SocketOption.RCVLOWAT,
  [SockOptSo.RCVTIMEO]: SocketOption.RCVTIMEO,
  [SockOptSo.SNDTIMEO]: SocketOption.SNDTIMEO,
  [SockOptSo.ACCEPTCONN]: SocketOption.ACCEPTCONN,
};

const TCP: Readonly<Record<number, SocketOption>> = {
  [SockOptTcp.NODELAY]: SocketOption.NODELAY,
  [SockOptTcp.NODELAY_WASI_GO]: SocketOption.NODELAY,
  [SockOptTcp.KEEPIDLE]: SocketOption.KEEPIDLE,
};

const IPV6: Readonly<Record<number, SocketOption>> = {
  [SockOptIpv6.UNICAST_HOPS]: SocketOption.HOPS,
  [SockOptIpv6.MULTICAST_HOPS]: SocketOption.MULTICAST_HOPS,
  [SockOptIpv6.MULTICAST_LOOP]: SocketOption.MULTICAST_LOOP,
  [SockOptIpv6.V6ONLY]: SocketOption.V6ONLY,
};

/** The option of a level and a name, or undefined. */
export function optionOf(level: number, name: number): SocketOption | undefined {
  switch (level) {
    case SockOptLevel.SOL_SOCKET:
      return SO[name];
    case SockOptLevel.IPPROTO_TCP:
      return TCP[name];
    case SockOptLevel.IPPROTO_IPV6:
      return IPV6[name];
    default:
      return undefined;
  }
}

const INT_SIZE = 4;
const LINGER_SIZE = 8;
const TIMEVAL_SIZE = 16;

/** Bytes of an option's value: `int`, `struct linger` or `struct timeval` of wasi-libc. */
export function optionSize(option: SocketOption): number {
  switch (option) {
    case SocketOption.LINGER:
      return LINGER_SIZE;
    case SocketOption.RCVTIMEO:
    case SocketOption.SNDTIMEO:
      return TIMEVAL_SIZE;
    default:
      return INT_SIZE;
  }
}

/** Store a value. The caller has checked the range. */
export function writeOption(memory: GuestMemory, ptr: number, option: SocketOption, value: number): void {
  const { view } = memory;
  switch (option) {
    case SocketOption.LINGER:
      view.setInt32(ptr, value === LINGER_OFF ? 0 : 1, true);
      view.setInt32(ptr + 4, value === LINGER_OFF ? 0 : value, true);
      return;
    case SocketOption.RCVTIMEO:
    case SocketOption.SNDTIMEO:
      view.setBigInt64(ptr, BigInt(Math.floor(value / 1e9)), true);
      view.setBigInt64(ptr + 8, BigInt(Math.floor((value % 1e9) / 1e3)), true);
      return;
    default:
      view.setInt32(ptr, value, true);
  }
}

/** Read a value of `length` bytes. The caller has checked the range. @returns The value, or NaN for an invalid one. */
export function readOption(memory: GuestMemory, ptr: number, length: number, option: SocketOption): number {
  if (length < optionSize(option)) return NaN;
  const { view } = memory;
  switch (option) {
    case SocketOption.LINGER:
      return view.getInt32(ptr, true) === 0 ? LINGER_OFF : view.getInt32(ptr + 4, true);
    case SocketOption.RCVTIMEO:
    case SocketOption.SNDTIMEO: {
      const usec = Number(view.getBigInt64(ptr + 8, true));
      if (usec < 0 || usec >= 1e6) return NaN;
      return Number(view.getBigInt64(ptr, true)) * 1e9 + usec * 1e3;
    }
    default:
      return view.getInt32(ptr, true);
  }
}

/**
 * A larger number is not a length but a pointer to one (RATIONALE "Why is an option length sometimes a
 * pointer?").
 */
const MAX_LENGTH = 16;

/** The room for an option's value: its length, and where its length is to be stored. */
export interface OptionRoom {
  /** Bytes. */
  length: number;
  /** Where the length that was used is stored, or 0. */
  lengthPtr: number;
}

/**
 * Read the last parameter of `sock_getsockopt`, which is a length for some guests and a pointer to one for others.
 *
 * @returns SUCCESS or FAULT.
 */
export function readOptionRoom(memory: GuestMemory, lengthOrPtr: number, out: OptionRoom): Errno {
  out.length = lengthOrPtr;
  out.lengthPtr = 0;
  if (lengthOrPtr <= MAX_LENGTH) return Errno.SUCCESS;
  if (!memory.holds(lengthOrPtr, 4)) return Errno.FAULT;
  out.length = memory.view.getUint32(lengthOrPtr, true);
  out.lengthPtr = lengthOrPtr;
  return Errno.SUCCESS;
}
