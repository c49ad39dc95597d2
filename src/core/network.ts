/**
 * What the core asks of a host's network: sockets as POSIX has them, without numbers, rights and guest memory.
 *
 * No call waits. A number below zero is minus an {@linkcode Errno}; `-AGAIN` is "not now", `-INPROGRESS` is "begun,
 * wait for it and ask {@linkcode PlatformSocket.finish}". A network of an operating system's own sockets implements
 * {@linkcode PlatformSocket} directly; one that is told by events does so through `eventNetwork` and the state machine
 * of `src/core/socket/`.
 *
 * @module
 */

import type { Errno } from "../witx/errno.ts";
import type { Pollable, WakeSource } from "./pollable.ts";
import type { IoVectors } from "./vectors.ts";

/** Address families. */
export const Family = { INET: 1, INET6: 2, UNIX: 3 } as const;
/** One of {@linkcode Family}. */
export type Family = (typeof Family)[keyof typeof Family];

/** Socket types. */
export const SocketType = { DGRAM: 1, STREAM: 2 } as const;
/** One of {@linkcode SocketType}. */
export type SocketType = (typeof SocketType)[keyof typeof SocketType];

/** An address of an endpoint; never changed once it was made. */
export interface SocketAddress {
  /** Its family. */
  readonly family: Family;
  /** The IP address as text in its shortest form, without zone; or the path of a unix socket ("" if it has none). */
  readonly host: string;
  /** Port (u16); 0 for unix sockets. */
  readonly port: number;
}

/** Options of sockets, by their POSIX names. Values are numbers: flags are 0 or 1, sizes are bytes, times are ns. */
export const SocketOption = {
  REUSEADDR: 0,
  /** Read only: `SocketType`. */
  TYPE: 1,
  /** Read only; reading takes it away: errno of what failed since. */
  ERROR: 2,
  DONTROUTE: 3,
  BROADCAST: 4,
  SNDBUF: 5,
  RCVBUF: 6,
  KEEPALIVE: 7,
  OOBINLINE: 8,
  /** Seconds, or {@linkcode LINGER_OFF}. */
  LINGER: 9,
  RCVLOWAT: 10,
  /** ns, or 0 for ever. */
  RCVTIMEO: 11,
  /** ns, or 0 for ever. */
  SNDTIMEO: 12,
  /** Read only: 1 while it listens. */
  ACCEPTCONN: 13,
  NODELAY: 14,
  /** Seconds of silence before the first keep-alive probe. */
  KEEPIDLE: 15,
  /** Time to live, or hop limit, of what is sent. */
  HOPS: 16,
  /** Of multicast. */
  MULTICAST_HOPS: 17,
  MULTICAST_LOOP: 18,
  V6ONLY: 19,
} as const;
/** One of {@linkcode SocketOption}. */
export type SocketOption = (typeof SocketOption)[keyof typeof SocketOption];

/** Directions of {@linkcode PlatformSocket.shutdown}: bits. */
export const Shutdown = { RD: 1, WR: 2 } as const;

/** What came with received bytes; filled by {@linkcode PlatformSocket.receive}. */
export interface Received {
  /** True if a datagram was longer than the room for it. */
  truncated: boolean;
  /** Who sent it: set for datagrams only. */
  from: SocketAddress | undefined;
}

/**
 * A socket. Its {@linkcode Pollable.readiness}: READ once `receive` or `accept` would not answer `-AGAIN`, WRITE once
 * `send` would not, and when what was in progress is finished, however it ended; HANGUP when both directions are over
 * or it failed.
 */
export interface PlatformSocket extends Pollable {
  readonly kind: "socket";
  /** Its family. */
  readonly family: Family;
  /** Its type. */
  readonly type: SocketType;
  /** Bind to a local address. @returns 0, `-INPROGRESS`, or ADDRINUSE, ADDRNOTAVAIL, ACCES, INVAL (bound already), AFNOSUPPORT. */
  bind(address: SocketAddress): number;
  /** Listen, with at most `backlog` connections that wait to be accepted. @returns 0, `-INPROGRESS`, or INVAL, NOTSUP, DESTADDRREQ (unix, not bound). */
  listen(backlog: number): number;
  /** Connect. @returns 0, `-INPROGRESS`, or ISCONN, ALREADY, CONNREFUSED, NETUNREACH, HOSTUNREACH, TIMEDOUT, NOENT, AFNOSUPPORT. */
  connect(address: SocketAddress): number;
  /** What became of the bind, listen or connect in progress: 0, `-INPROGRESS` or minus its errno, which is thereby taken. */
  finish(): number;
  /** Take a connection that waits. Errors: AGAIN, INVAL (it does not listen), MFILE. */
  accept(): PlatformSocket | Errno;
  /**
   * Receive.
   *
   * @param iovs Filled in order; one datagram at most.
   * @param peek True to leave what is received where it is.
   * @param out What came with it.
   * @returns Bytes; 0 at the end, or for an empty datagram; `-AGAIN`, or NOTCONN, CONNRESET, TIMEDOUT.
   */
  receive(iovs: IoVectors, peek: boolean, out: Received): number;
  /**
   * Send.
   *
   * @param iovs The bytes; for datagrams they are one.
   * @param to Where to, for datagrams; undefined for the connected peer.
   * @returns Bytes taken; `-AGAIN`, or NOTCONN, PIPE, CONNRESET, MSGSIZE, DESTADDRREQ, ISCONN.
   */
  send(iovs: IoVectors, to: SocketAddress | undefined): number;
  /** End one or both directions: bits of {@linkcode Shutdown}. @returns 0, or NOTCONN. */
  shutdown(how: number): number;
  /** Its own address: `0.0.0.0:0` and the like while it is not bound. */
  localAddress(): SocketAddress;
  /** The peer's. Errors: NOTCONN. */
  peerAddress(): SocketAddress | Errno;
  /** Value of an option, or minus an errno (NOPROTOOPT where there is none). LINGER that is off is {@linkcode LINGER_OFF}. */
  getOption(option: SocketOption): number;
  /** Set an option. @returns 0, or NOPROTOOPT where it can't be had, INVAL for a value that can't be. */
  setOption(option: SocketOption, value: number): number;
  /** Close it: bytes that were sent still go out, unless LINGER is 0. @returns 0. */
  close(): number;
}

/** What {@linkcode PlatformSocket.getOption} answers for LINGER that is off: no errno has this value. */
export const LINGER_OFF: number = -0x7fffffff;

/** A lookup of a name in progress: ready to READ once it is over. */
export interface PlatformLookup extends Pollable {
  /** Addresses (their port is 0), in the order of the resolver; or AGAIN while it goes on, NOENT (no such name), IO (the resolver failed). */
  result(): readonly SocketAddress[] | Errno;
  /** Give it up. */
  cancel(): void;
}

/** A network. */
export interface PlatformNetwork {
  /** True if unix sockets have paths of the host's file system, false if their names are names of this network only. */
  readonly hasHostPaths: boolean;
  /**
   * Make a socket.
   *
   * @param wake Notified of all that changes its readiness. Errors: AFNOSUPPORT, PROTONOSUPPORT, MFILE.
   */
  socket(family: Family, type: SocketType, wake: Wakeable): PlatformSocket | Errno;
  /** Look up the addresses of a name. `family` limits them; 0 is any. IP addresses are answered at once. */
  lookup(name: string, family: Family | 0, wake: Wakeable): PlatformLookup;
  /** Resolved once what closed sockets had to send is sent, where that is not the kernel's business already. */
  flushed?(): Promise<void>;
}

/** A {@linkcode WakeSource} that can be notified. */
export interface Wakeable extends WakeSource {
  /** Tell all who asked. */
  notify(): void;
}
