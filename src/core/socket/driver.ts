/**
 * What a network that is told by events offers: `node:net`, `Bun.connect`, `Deno.connect`, a network in memory. The
 * sockets of this folder keep the state, the queues and the readiness; a driver moves bytes.
 *
 * A driver never calls an event before the call that was given the events has returned, unless it says so there, and
 * never one after `close`, `reset` or a terminal event.
 *
 * @module
 */

import type { Errno } from "../../witx/errno.ts";
import type { Family, SocketAddress, SocketOption, SocketType } from "../network.ts";

/** Options that were set before there was a handle, by number. */
export type OptionValues = ReadonlyMap<SocketOption, number>;

/** A network. */
export interface SocketDriver {
  /** As `PlatformNetwork.hasHostPaths`. */
  readonly hasHostPaths: boolean;
  /** What it can make. Answers SUCCESS, AFNOSUPPORT or PROTONOSUPPORT. */
  supports(family: Family, type: SocketType): Errno;
  /** Options that its handles of a type take: the others are NOPROTOOPT, or the business of the core. */
  options(type: SocketType): ReadonlySet<SocketOption>;
  /**
   * Listen for connections. Port 0 lets the system choose.
   *
   * `listening` or `failed` is called once, within this call or later.
   */
  listen(address: SocketAddress, options: OptionValues, events: ListenerEvents): ListenerHandle;
  /**
   * Connect, from `local` if that is given. `opened` or `failed` is called once, within this call or later.
   */
  connect(
    address: SocketAddress,
    local: SocketAddress | undefined,
    options: OptionValues,
    events: ConnectionEvents,
  ): ConnectionHandle;
  /** Open a datagram socket bound to `local`. `opened` or `failed` is called once, within this call or later. */
  openDatagram(local: SocketAddress, options: OptionValues, events: DatagramEvents): DatagramHandle;
  /**
   * Look up the addresses of a name that is no IP address. `answer` is called once, later, with the addresses (port 0) or
   * NOENT, AGAIN (try later), ACCES, IO.
   *
   * @returns Gives it up: `answer` is not called any more.
   */
  lookup(name: string, family: Family | 0, answer: (result: readonly SocketAddress[] | Errno) => void): () => void;
  /** Resolved once closed connections have sent what was written to them, where the kernel does not have it at once. */
  flushed?(): Promise<void>;
}

/** What a listener tells. */
export interface ListenerEvents {
  /** It listens; its address can be asked for. */
  listening(): void;
  /** It can't. Terminal. */
  failed(errno: Errno): void;
  /**
   * A connection came. The core takes it at once by calling `attach`, which hands out its handle; from then on its events
   * are told (`opened` is not: it is open).
   */
  accepted(attach: (events: ConnectionEvents) => ConnectionHandle): void;
}

/** A listener. */
export interface ListenerHandle {
  /** Where it listens. Only after `listening`. */
  localAddress(): SocketAddress;
  /** Stop taking connections, because too many wait, where that can be done; or take them again. */
  pause(): void;
  resume(): void;
  /** Stop. A unix socket's name is left to the guest to unlink, as POSIX has it, where the runtime lets it. */
  close(): void;
}

/** What a connection tells. */
export interface ConnectionEvents {
  /** It is open. */
  opened(): void;
  /** Bytes came. They belong to the core from now on: a driver hands out no view of a buffer that it uses again. */
  received(bytes: Uint8Array): void;
  /** The peer sent all: no more bytes will come. */
  ended(): void;
  /** There is room again after a `write` that did not take everything. */
  writable(): void;
  /** It could not be opened, or broke. Terminal. */
  failed(errno: Errno): void;
}

/** A connection. */
export interface ConnectionHandle {
  /** Its own address. Only while it is open. */
  localAddress(): SocketAddress;
  /** The peer's address. Only while it is open. */
  peerAddress(): SocketAddress;
  /**
   * Send bytes, copied or handed to the system before this returns. At most some 256 KiB are held that the system has
   * not taken yet.
   *
   * @returns How many were taken, 0 if there is no room: `writable` follows, also if not all were taken. Minus an errno.
   */
  write(bytes: Uint8Array, start: number, length: number): number;
  /** Send the end after what was written. */
  shutdown(): void;
  /** Tell no more bytes for now; some that are on their way may still be told. */
  pause(): void;
  /** Tell them again. */
  resume(): void;
  /** Set an option of {@linkcode SocketDriver.options}. @returns 0 or minus an errno. */
  setOption(option: SocketOption, value: number): number;
  /** Value of an option of {@linkcode SocketDriver.options} as the system has it, or -NOPROTOOPT where it does not tell: then what was set is answered. */
  getOption(option: SocketOption): number;
  /** Close it once all that was written is sent. No more events. */
  close(): void;
  /** Close it at once, with a reset where the runtime can. No more events. */
  reset(): void;
}

/** What a datagram socket tells. */
export interface DatagramEvents {
  /** It is bound. */
  opened(): void;
  /** It can't be bound. Terminal. */
  failed(errno: Errno): void;
  /** A datagram came; it belongs to the core from now on. */
  received(bytes: Uint8Array, from: SocketAddress): void;
  /** There is room again after a `send` that answered 0 or `-AGAIN`. */
  writable(): void;
  /** An earlier datagram met an error (CONNREFUSED). It goes on. */
  refused(errno: Errno): void;
}

/** A datagram socket. */
export interface DatagramHandle {
  /** Its address. Only after `opened`. */
  localAddress(): SocketAddress;
  /** Send to `address` from now on, and receive from it only; undefined ends that. `send` may be called at once. */
  connect(address: SocketAddress | undefined): void;
  /**
   * Send one datagram, which is copied or handed to the system before this returns.
   *
   * @param to Where to; undefined for the connected peer.
   * @returns `length`, or minus an errno; `-AGAIN` when too many wait: `writable` follows.
   */
  send(bytes: Uint8Array, start: number, length: number, to: SocketAddress | undefined): number;
  /** As {@linkcode ConnectionHandle.setOption}. */
  setOption(option: SocketOption, value: number): number;
  /** As {@linkcode ConnectionHandle.getOption}. */
  getOption(option: SocketOption): number;
  /** Tell no more datagrams for now, where that can be done. */
  pause(): void;
  resume(): void;
  /** Close it. No more events. */
  close(): void;
}
