/**
 * The network of a platform: sockets with POSIX semantics, without descriptors, rights and guest memory.
 *
 * No call waits. A call that fails returns minus an errno (see `results.ts`); `-AGAIN` means "not now", `-INPROGRESS`
 * means "started, wait and then call {@linkcode PlatformSocket.finish}". A network on the operating system's sockets
 * implements {@linkcode PlatformSocket} directly; an event-driven one does so through `eventNetwork` and the state
 * machine of `src/core/net/events/`.
 *
 * @module
 */

import type { Pollable, WakeSource } from "./pollable.ts";
import type { Failure } from "./results.ts";
import type { IoVectors } from "./vectors.ts";

/** Address families. */
export const Family = { INET: 1, INET6: 2, UNIX: 3 } as const;
/** One of {@linkcode Family}. */
export type Family = (typeof Family)[keyof typeof Family];

/** Socket types. */
export const SocketType = { DGRAM: 1, STREAM: 2 } as const;
/** One of {@linkcode SocketType}. */
export type SocketType = (typeof SocketType)[keyof typeof SocketType];

/** An immutable socket address. */
export interface SocketAddress {
  /** Its family. */
  readonly family: Family;
  /** The IP address as text in its shortest form, without zone; or the path of a unix socket ("" if it has none). */
  readonly host: string;
  /** Port (u16); 0 for unix sockets. */
  readonly port: number;
  /**
   * Zone of an IPv6 address (u32): the index of an interface, for link-local addresses. Missing or 0 for none. Networks
   * that know no zones return `-NOTSUP` to any other.
   */
  readonly scopeId?: number;
  /** Flow label and traffic class of an IPv6 address (u32). A hint, which networks may ignore. */
  readonly flowInfo?: number;
}

/** Options of sockets, by their POSIX names. Values are numbers: flags are 0 or 1, sizes are bytes, times are ns. */
export const SocketOption = {
  REUSEADDR: 0,
  /** Read only: `SocketType`. */
  TYPE: 1,
  /** Read only: the pending error, which reading clears. */
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
  /** Seconds between keep-alive probes. */
  KEEPINTVL: 20,
  /** Unanswered keep-alive probes that end a connection. */
  KEEPCNT: 21,
} as const;
/** One of {@linkcode SocketOption}. */
export type SocketOption = (typeof SocketOption)[keyof typeof SocketOption];

/** The largest datagram of IPv4 (bytes); some systems send less. */
export const MAX_DATAGRAM_BYTES = 65_507;

/** Directions of {@linkcode PlatformSocket.shutdown}: bits. */
export const Shutdown = { RD: 1, WR: 2 } as const;

/** Flags of {@linkcode PlatformSocket.receive}: bits. */
export const ReceiveFlags = {
  /** Leave the data in the queue (MSG_PEEK). */
  PEEK: 1,
} as const;

/** Details of received data; filled by {@linkcode PlatformSocket.receive}. */
export interface Received {
  /** True if a datagram was truncated. */
  truncated: boolean;
  /** The sender, for datagrams only. */
  from: SocketAddress | undefined;
}

/**
 * A socket. Its {@linkcode Pollable.readiness}: READ if `receive` or `accept` would not return `-AGAIN`, WRITE if
 * `send` would not, and when the operation in progress has ended, whatever the result; HANGUP when both directions
 * ended or the socket failed.
 */
export interface PlatformSocket extends Pollable {
  /** Tells it from the other kinds of open objects. */
  readonly kind: "socket";
  /** Its family. */
  readonly family: Family;
  /** Its type. */
  readonly type: SocketType;
  /**
   * Bind to a local address. @returns 0, `-INPROGRESS`, or ADDRINUSE, ADDRNOTAVAIL, ACCES, INVAL (bound already),
   * AFNOSUPPORT.
   */
  bind(address: SocketAddress): number;
  /**
   * Listen, with at most `backlog` connections that wait to be accepted. @returns 0, `-INPROGRESS`, or INVAL, NOTSUP,
   * DESTADDRREQ (unix, not bound).
   */
  listen(backlog: number): number;
  /**
   * Connect. @returns 0, `-INPROGRESS`, or ISCONN, ALREADY, CONNREFUSED, NETUNREACH, HOSTUNREACH, TIMEDOUT, NOENT,
   * AFNOSUPPORT.
   */
  connect(address: SocketAddress): number;
  /**
   * End the association of a datagram socket with its peer, if it has one. A socket that was bound to port 0 may get
   * another port.
   *
   * @returns 0, or NOTSUP for streams.
   */
  disconnect(): number;
  /**
   * Result of the bind, listen or connect in progress: 0, `-INPROGRESS` or minus its errno, which is thereby cleared.
   */
  finish(): number;
  /** Accept a connection. Errors: AGAIN, INVAL (it does not listen), MFILE. */
  accept(): PlatformSocket | Failure;
  /**
   * Receive.
   *
   * @param iovs Filled in order; one datagram at most.
   * @param flags Bits of {@linkcode ReceiveFlags}.
   * @param out Details.
   * @returns Bytes; 0 at the end, or for an empty datagram; `-AGAIN`, or NOTCONN, CONNRESET, TIMEDOUT.
   */
  receive(iovs: IoVectors, flags: number, out: Received): number;
  /**
   * Send.
   *
   * @param iovs The bytes, which form one datagram.
   * @param to The destination, for datagrams; undefined for the connected peer.
   * @returns Bytes accepted; `-AGAIN`, or NOTCONN, PIPE, CONNRESET, MSGSIZE, DESTADDRREQ, ISCONN.
   */
  send(iovs: IoVectors, to: SocketAddress | undefined): number;
  /** Bytes that can be read at once, or 0 if the number is unknown; of a listener, connections that can be accepted. */
  readableBytes(): number;
  /**
   * How much fits now, for a socket that can send: as `PlatformStream.writableBytes`; of a datagram socket, the size of a
   * datagram.
   */
  writableBytes(): number;
  /** Start to pass on to the system everything sent so far: as `PlatformStream.flush`; 0 for datagrams. */
  flush(): number;
  /** End one or both directions: bits of {@linkcode Shutdown}. @returns 0, or NOTCONN. */
  shutdown(how: number): number;
  /** Its own address: `0.0.0.0:0` and the like while it is not bound. */
  localAddress(): SocketAddress;
  /** The peer's. Errors: NOTCONN. */
  peerAddress(): SocketAddress | Failure;
  /**
   * Value of an option, or minus an errno (NOPROTOOPT where there is none). LINGER that is off is {@linkcode
   * LINGER_OFF}.
   */
  getOption(option: SocketOption): number;
  /** Set an option. @returns 0, NOPROTOOPT if it is not supported, or INVAL for an invalid value. */
  setOption(option: SocketOption, value: number): number;
  /** Close it: bytes that were sent still go out, unless LINGER is 0. @returns 0. */
  close(): number;
}

/** Value of {@linkcode PlatformSocket.getOption} for LINGER that is off: no errno has this value. */
export const LINGER_OFF: number = -0x7fffffff;

/** A lookup of a name in progress: ready to READ once it is over. */
export interface PlatformLookup extends Pollable {
  /**
   * Addresses (their port is 0), in the order of the resolver; or AGAIN while it goes on, NOENT (no such name), IO (the
   * resolver failed).
   */
  result(): readonly SocketAddress[] | Failure;
  /** Cancel it. */
  cancel(): void;
}

/** A network. */
export interface PlatformNetwork {
  /** True if unix sockets have paths of the host's file system, false if their names are names of this network only. */
  readonly hasHostPaths: boolean;
  /**
   * Make a socket.
   *
   * @param wake Notified of changes of its readiness. Errors: AFNOSUPPORT, PROTONOSUPPORT, MFILE.
   */
  socket(family: Family, type: SocketType, wake: Wakeable): PlatformSocket | Failure;
  /** Look up the addresses of a name. `family` limits them; 0 is any. IP addresses need no lookup. */
  lookup(name: string, family: Family | 0, wake: Wakeable): PlatformLookup;
  /** Resolves when closed sockets have sent their data, where that is not the kernel's task. */
  flushed?(): Promise<void>;
}

/** A {@linkcode WakeSource} that can be notified. */
export interface Wakeable extends WakeSource {
  /** Notify all subscribers. */
  notify(): void;
}
