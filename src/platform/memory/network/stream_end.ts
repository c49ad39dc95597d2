/** One end of a stream connection in memory. */

import { Errno } from "../../../witx/errno.ts";
import { type SocketAddress, SocketOption } from "../../../contract/network.ts";
import type { ConnectionEvents, ConnectionHandle } from "../../../core/net/events/driver.ts";
import type { EventProducer, EventQueue } from "./event_queue.ts";
import { PIECE_BYTES, WINDOW_BYTES } from "./window.ts";

/** One end of a connection, and the data in flight to it. */
export class StreamEnd implements ConnectionHandle, EventProducer {
  readonly #queue: EventQueue;
  /** Undefined once no event may be delivered any more. */
  #events: ConnectionEvents | undefined;
  /** The next step while it is not open: called by the queue. */
  #dial: (() => void) | undefined;
  /** Releases its port. */
  #release: (() => void) | undefined;
  #other: StreamEnd | undefined;
  #local: SocketAddress | undefined;
  #peer: SocketAddress | undefined;
  #inbox: Uint8Array[] = [];
  /** Size of the inbox, with overhead. */
  #held = 0;
  #isQueued = false;
  #isPaused = false;
  /** True after `close` and `reset`. */
  #isClosed = false;
  /** True once this end has half-closed. */
  #isShut = false;
  /** True once the other end has half-closed; and once that was delivered. */
  #isEnding = false;
  #isEnded = false;
  /** True after a partial `write`; and once there is room again. */
  #wantsRoom = false;
  #hasRoom = false;
  /** The error of the connection. */
  #failure: Errno = Errno.SUCCESS;

  /**
   * @param queue Schedules the delivery of events.
   * @param events Receives events; undefined until {@linkcode StreamEnd.attach}.
   */
  constructor(queue: EventQueue, events: ConnectionEvents | undefined) {
    this.#queue = queue;
    this.#events = events;
  }

  /** Connect as soon as the queue says so. */
  dialLater(dial: () => void): void {
    this.#dial = dial;
    this.#enqueue();
  }

  /** Called once when it is closed or has failed. */
  onRelease(release: () => void): void {
    this.#release = release;
  }

  /** Sets the receiver of events. */
  attach(events: ConnectionEvents): this {
    this.#events = events;
    return this;
  }

  /** Connects two ends. */
  static join(
    a: StreamEnd,
    b: StreamEnd,
    addresses: { readonly [end in "a" | "b"]: { readonly local: SocketAddress; readonly peer: SocketAddress } },
  ): void {
    a.#other = b;
    b.#other = a;
    a.#local = addresses.a.local;
    a.#peer = addresses.a.peer;
    b.#local = addresses.b.local;
    b.#peer = addresses.b.peer;
  }

  /** Reports that it is open. */
  opened(): void {
    this.#events?.opened();
  }

  /** Reports that it can't be opened. */
  refuse(errno: Errno): void {
    this.#fail(errno);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  localAddress(): SocketAddress {
    return this.#local!;
  }

  peerAddress(): SocketAddress {
    return this.#peer!;
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    const other = this.#other;
    if (this.#events === undefined || other === undefined || this.#isShut) return -Errno.PIPE;
    if (length === 0) return 0;
    if (other.#isClosed) {
      this.#break();
      return length;
    }
    const taken = Math.min(length, WINDOW_BYTES - other.#held);
    if (taken < length) this.#wantsRoom = true;
    if (taken <= 0) return 0;
    other.#inbox.push(bytes.slice(start, start + taken));
    other.#held += taken + PIECE_BYTES;
    if (!other.#isPaused) other.#enqueue();
    return taken;
  }

  shutdown(): void {
    if (this.#isShut || this.#other === undefined) return;
    this.#isShut = true;
    this.#other.#isEnding = true;
    this.#other.#enqueue();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#held > 0) this.#enqueue();
  }

  /** Options without effect: nothing is delayed, no peer disappears silently, and none is more than one hop away. */
  setOption(option: SocketOption, value: number): number {
    switch (option) {
      case SocketOption.NODELAY:
      case SocketOption.KEEPALIVE:
      case SocketOption.HOPS:
      case SocketOption.SNDBUF:
        return 0;
      case SocketOption.KEEPIDLE:
      case SocketOption.KEEPINTVL:
      case SocketOption.KEEPCNT:
        return value > 0 ? 0 : -Errno.INVAL;
      default:
        return -Errno.NOPROTOOPT;
    }
  }

  /** Undelivered data is lost, and its sender gets a reset, as from a kernel. */
  close(): void {
    if (this.#isClosed) return;
    if (this.#held > 0) return this.reset();
    this.shutdown();
    this.#end();
  }

  reset(): void {
    if (this.#isClosed) return;
    if (this.#other !== undefined) this.#other.#break();
    this.#end();
  }

  #end(): void {
    this.#isClosed = true;
    this.#events = undefined;
    this.#inbox = [];
    this.#held = 0;
    this.#dial = undefined;
    this.#release?.();
    this.#release = undefined;
  }

  /** Handles a reset, which is ignored once both directions have ended. */
  #break(): void {
    if (this.#isEnding && this.#isShut) return;
    this.#failure = this.#isEnding ? Errno.PIPE : Errno.CONNRESET;
    this.#enqueue();
  }

  #enqueue(): void {
    if (this.#isQueued || this.#events === undefined) return;
    this.#isQueued = true;
    this.#queue.add(this);
  }

  deliver(): void {
    this.#isQueued = false;
    if (this.#events === undefined) return;
    if (this.#dial !== undefined) return this.#deliverDial(this.#dial);
    if (this.#hasRoom) this.#deliverRoom();
    if (this.#held > 0) this.#deliverBytes();
    if (this.#held > 0) return;
    if (this.#isEnding && !this.#isEnded) {
      this.#isEnded = true;
      this.#events?.ended();
    }
    if (this.#failure !== Errno.SUCCESS) this.#fail(this.#failure);
  }

  #deliverDial(dial: () => void): void {
    this.#dial = undefined;
    dial();
  }

  #deliverRoom(): void {
    this.#hasRoom = false;
    this.#events?.writable();
  }

  /** Data that arrived before a reset is delivered even while paused: there will be no more. */
  #deliverBytes(): void {
    const pieces = this.#inbox;
    const count = pieces.length;
    const isLast = this.#failure !== Errno.SUCCESS;
    let delivered = 0;
    while (delivered < count && this.#events !== undefined && (isLast || !this.#isPaused)) {
      const piece = pieces[delivered++]!;
      this.#held -= piece.length + PIECE_BYTES;
      this.#events.received(piece);
    }
    if (this.#isClosed) return;
    if (delivered === pieces.length) pieces.length = 0;
    else this.#inbox = pieces.slice(delivered);
    if (this.#held <= WINDOW_BYTES / 2 && this.#other !== undefined) this.#other.#offerRoom();
    if (this.#held > 0 && !this.#isPaused) this.#enqueue();
  }

  #offerRoom(): void {
    if (!this.#wantsRoom) return;
    this.#wantsRoom = false;
    this.#hasRoom = true;
    this.#enqueue();
  }

  #fail(errno: Errno): void {
    const events = this.#events;
    this.#end();
    events?.failed(errno);
  }
}
