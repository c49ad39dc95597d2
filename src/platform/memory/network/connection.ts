/** A connection of the host program. */

import { Errno } from "../../../witx/errno.ts";
import type { ConnectionEvents, ConnectionHandle } from "../../../core/net/events/driver.ts";
import type { ByteReadable, ByteWritable } from "../../../contract/web_types.ts";
import { publicAddress, type VirtualAddress, VirtualNetworkError } from "./address.ts";
import { errnoFromResult } from "../../../contract/results.ts";

/** A connection on a virtual network, as web streams. */
export interface VirtualConnection {
  /** Data from the peer. Cancelling it discards all further data. */
  readonly readable: ByteReadable;
  /** Data to the peer. Closing it half-closes the connection; aborting it resets the connection. */
  readonly writable: ByteWritable;
  /** Its own address. */
  readonly localAddress: VirtualAddress;
  /** The address of the peer. */
  readonly remoteAddress: VirtualAddress;
  /**
   * Resolves when both directions have ended; rejects if the connection failed or was aborted. A rejection need not be
   * handled.
   */
  readonly closed: Promise<void>;
  /** Resets the connection: both streams fail with `reason`, and the peer gets a reset. */
  abort(reason?: unknown): void;
}

/** Unread bytes in `readable` before the peer is paused. */
const READ_AHEAD_BYTES = 64 * 1024;

/** Turns the events of a connection into web streams. */
export class ConnectionBridge implements ConnectionEvents {
  readonly readable: ByteReadable;
  /** The stream of {@linkcode VirtualConnection.writable}. */
  readonly sink: ByteWritable;
  readonly closed: Promise<void>;
  readonly #onOpened: ((errno: Errno) => void) | undefined;
  #handle: ConnectionHandle | undefined;
  #source: ReadableStreamDefaultController<Uint8Array> | undefined;
  #sinkController: WritableStreamDefaultController | undefined;
  #settle: { resolve: () => void; reject: (reason: unknown) => void } | undefined;
  #onRoom: (() => void) | undefined;
  #isOpen: boolean;
  /** True once reading has ended or was cancelled. */
  #hasEnded = false;
  /** True after `cancel` of the readable. */
  #isDeaf = false;
  /** True once the end was sent. */
  #isShut = false;
  #failure: { readonly reason: unknown } | undefined;

  /** @param onOpened Called on success or failure; undefined for a connection that is open. */
  constructor(onOpened: ((errno: Errno) => void) | undefined) {
    this.#onOpened = onOpened;
    this.#isOpen = onOpened === undefined;
    this.closed = new Promise((resolve, reject) => void (this.#settle = { resolve, reject }));
    this.closed.catch(() => {});
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#source = controller),
      pull: () => this.#handle?.resume(),
      cancel: () => this.#detach(),
    }, new ByteLengthQueuingStrategy({ highWaterMark: READ_AHEAD_BYTES }));
    this.sink = new WritableStream<Uint8Array>({
      start: (controller) => void (this.#sinkController = controller),
      write: (chunk) => this.#write(chunk),
      close: () => this.#shut(),
      abort: (reason) => this.reset(reason),
    });
  }

  /** Sets the handle that moves its bytes. */
  attach(handle: ConnectionHandle): void {
    this.#handle = handle;
  }

  opened(): void {
    this.#isOpen = true;
    this.#onOpened?.(Errno.SUCCESS);
  }

  received(bytes: Uint8Array): void {
    if (this.#isDeaf) return;
    const source = this.#source!;
    source.enqueue(bytes);
    if (source.desiredSize! <= 0) this.#handle!.pause();
  }

  ended(): void {
    this.#hasEnded = true;
    if (!this.#isDeaf) this.#source!.close();
    this.#closeIfOver();
  }

  writable(): void {
    this.#onRoom?.();
  }

  failed(errno: Errno): void {
    if (!this.#isOpen) return this.#onOpened?.(errno);
    this.#fail(new VirtualNetworkError("Cannot go on with the connection", errno));
  }

  /** End it at once. */
  reset(reason: unknown): void {
    if (this.#failure !== undefined || (this.#hasEnded && this.#isShut)) return;
    this.#handle!.reset();
    this.#fail(reason);
  }

  #fail(reason: unknown): void {
    this.#failure = { reason };
    if (!this.#hasEnded && !this.#isDeaf) this.#source!.error(reason);
    if (!this.#isShut) this.#sinkController!.error(reason);
    this.#onRoom?.();
    this.#settle!.reject(reason);
  }

  #detach(): void {
    this.#isDeaf = true;
    this.#handle!.resume();
    if (this.#isShut) this.ended();
  }

  #write(chunk: Uint8Array): void | Promise<void> {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("Cannot send this: a connection takes Uint8Arrays");
    // A Buffer's `slice` copies nothing.
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const taken = this.#send(bytes, 0);
    if (taken < bytes.length) return this.#writeRest(bytes, taken);
  }

  async #writeRest(bytes: Uint8Array, start: number): Promise<void> {
    for (let at = start; at < bytes.length; at += this.#send(bytes, at)) {
      await new Promise<void>((resolve) => void (this.#onRoom = resolve));
      this.#onRoom = undefined;
      if (this.#failure !== undefined) throw this.#failure.reason;
    }
  }

  #send(bytes: Uint8Array, at: number): number {
    const taken = this.#handle!.write(bytes, at, bytes.length - at);
    if (taken < 0) throw new VirtualNetworkError("Cannot send", errnoFromResult(taken));
    return taken;
  }

  #shut(): void {
    this.#isShut = true;
    this.#handle!.shutdown();
    if (this.#isDeaf) this.#hasEnded = true;
    this.#closeIfOver();
  }

  #closeIfOver(): void {
    if (!this.#hasEnded || !this.#isShut) return;
    this.#handle!.close();
    this.#settle!.resolve();
  }
}

/** A connection for the host program. */
export function publicConnection(bridge: ConnectionBridge, handle: ConnectionHandle): VirtualConnection {
  return {
    readable: bridge.readable,
    writable: bridge.sink,
    closed: bridge.closed,
    localAddress: publicAddress(handle.localAddress()),
    remoteAddress: publicAddress(handle.peerAddress()),
    abort: (reason = new DOMException("The connection was aborted", "AbortError")) => bridge.reset(reason),
  };
}
