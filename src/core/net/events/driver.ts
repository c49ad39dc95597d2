/**
 * The interface of event-driven networks: `node:net`, `Bun.connect`, `Deno.connect`, a network in memory. The
 * sockets of this folder keep the state, the queues and the readiness; a driver moves bytes.
 *
 * A driver never delivers an event before the call that received the events object has returned, unless documented, and
 * never one after `close`, `reset` or a terminal event.
 *
 * @module
 */

import type { Errno } from "../../../witx/errno.ts";
import type { Family, SocketAddress, SocketOption, SocketType } from "../../../contract/network.ts";
import type { Failure } from "../../../contract/results.ts";

/** Options that were set before the handle existed, by number. */
export type OptionValues = ReadonlyMap<SocketOption, number>;

/** A network. */
export interface SocketDriver {
  /** As `PlatformNetwork.hasHostPaths`. */
  readonly hasHostPaths: boolean;
  /** Checks for support of a kind of socket. @returns 0, or minus AFNOSUPPORT or PROTONOSUPPORT. */
  supports(family: Family, type: SocketType): number;
  /** Options that its handles of a type support: the others are NOPROTOOPT or handled by the core. */
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
   * Look up the addresses of a name that is no IP address. `answer` is called once, later, with the addresses (port 0)
   * or minus an errno: NOENT, AGAIN (try later), ACCES, IO.
   *
   * @returns Cancels the lookup: `answer` is not called any more.
   */
  lookup(name: string, family: Family | 0, answer: (result: readonly SocketAddress[] | Failure) => void): () => void;
  /** Resolves when closed connections have sent their data, where the kernel does not accept it at once. */
  flushed?(): Promise<void>;
}

/** Events of a listener. */
export interface ListenerEvents {
  /** It listens; its address is known. */
  listening(): void;
  /** It can't listen. Terminal. */
  failed(errno: Errno): void;
  /**
   * A connection arrived. The core accepts it at once by calling `attach`, which returns its handle; from then on its
   * events are delivered (except `opened`: it is open).
   */
  accepted(attach: (events: ConnectionEvents) => ConnectionHandle): void;
}

/** A listener. */
export interface ListenerHandle {
  /** The address that it listens on. Only after `listening`. */
  localAddress(): SocketAddress;
  /**
   * Stops listening. Unlinking the name of a unix socket is left to the guest, as in POSIX, where the runtime allows
   * it.
   */
  close(): void;
}

/** Events of a connection. */
export interface ConnectionEvents {
  /** It is open. */
  opened(): void;
  /** Data arrived. It belongs to the core now: a driver must not pass views of a buffer that it reuses. */
  received(bytes: Uint8Array): void;
  /** The peer half-closed: no more data will arrive. */
  ended(): void;
  /** There is room again after a partial `write`. */
  writable(): void;
  /** It could not be opened, or it failed. Terminal. */
  failed(errno: Errno): void;
}

/** A connection. */
export interface ConnectionHandle {
  /** Its own address. Only while it is open. */
  localAddress(): SocketAddress;
  /** The peer's address. Only while it is open. */
  peerAddress(): SocketAddress;
  /**
   * Sends bytes, which are copied or passed to the system before this returns. It buffers at most 256 KiB that the
   * system has not accepted yet.
   *
   * @returns The number accepted, 0 if there is no room; `writable` follows if not all were accepted. Or minus an
   * errno.
   */
  write(bytes: Uint8Array, start: number, length: number): number;
  /**
   * Starts to pass everything written to the system. Without this method nothing is ever buffered.
   *
   * @returns 0 if nothing is buffered; `-INPROGRESS` otherwise: `writable` follows once the buffer is empty, and not
   * before. Or minus an errno.
   */
  flush?(): number;
  /** Half-closes after all written data. */
  shutdown(): void;
  /** Stops delivering data; data in flight may still arrive. */
  pause(): void;
  /** Delivers data again. */
  resume(): void;
  /** Set an option of {@linkcode SocketDriver.options}. @returns 0 or minus an errno. */
  setOption(option: SocketOption, value: number): number;
  /** Closes it after all written data is sent. No more events. */
  close(): void;
  /** Closes it at once, with a reset where the runtime supports it. No more events. */
  reset(): void;
}

/** Events of a datagram socket. */
export interface DatagramEvents {
  /** It is bound. */
  opened(): void;
  /** It can't be bound. Terminal. */
  failed(errno: Errno): void;
  /** A datagram arrived; it belongs to the core now. */
  received(bytes: Uint8Array, from: SocketAddress): void;
  /** There is room again after a `send` that returned 0 or `-AGAIN`. */
  writable(): void;
  /** An earlier datagram caused an error (CONNREFUSED). The socket stays usable. */
  refused(errno: Errno): void;
}

/** A datagram socket. */
export interface DatagramHandle {
  /** Its address. Only after `opened`. */
  localAddress(): SocketAddress;
  /** Connects to `address`, for sending and receiving; undefined disconnects. `send` may be called at once. */
  connect(address: SocketAddress | undefined): void;
  /**
   * Sends a datagram, which is copied or passed to the system before this returns.
   *
   * @param to The destination; undefined for the connected peer.
   * @returns `length`, or minus an errno; `-AGAIN` when too many wait: `writable` follows.
   */
  send(bytes: Uint8Array, start: number, length: number, to: SocketAddress | undefined): number;
  /** As {@linkcode ConnectionHandle.setOption}. */
  setOption(option: SocketOption, value: number): number;
  /**
   * Value of an option as the system has it, or minus an errno. What was set is the value if this returns NOPROTOOPT,
   * or is missing.
   */
  getOption?(option: SocketOption): number;
  /** Stops delivering datagrams, where supported. */
  pause(): void;
  /** Delivers datagrams again. */
  resume(): void;
  /** Close it. No more events. */
  close(): void;
}
