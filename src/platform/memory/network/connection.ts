/** A connection of the host program. */

import { Errno } from "../../../witx/errno.ts";
import type { ConnectionEvents, ConnectionHandle } from "../../../core/socket/driver.ts";
import { publicAddress, type VirtualAddress, VirtualNetworkError } from "./address.ts";

/** A connection on a virtual network, as web streams. */
export interface VirtualConnection {
  /** What the peer sends. Cancelling it drops what comes from then on. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What is sent to the peer. Closing it sends the end, and the peer may still send; aborting it resets the connection. */
  readonly writable: WritableStream<Uint8Array>;
  /** Its own address. */
  readonly localAddress: VirtualAddress;
  /** The address of the peer. */
  readonly remoteAddress: VirtualAddress;
  /** Resolves once both directions have ended; rejects if the connection broke or was aborted. Need not be handled. */
  readonly closed: Promise<void>;
  /** Reset it: both streams fail with `reason`, and the peer is told. */
  abort(reason?: unknown): void;
}

/** Bytes that wait in `readable` before the peer has to wait. */
const READ_AHEAD_BYTES = 64 * 1024;

/** Turns what a driver tells of a connection into web streams. */
export class ConnectionBridge implements ConnectionEvents {
  readonly readable: ReadableStream<Uint8Array>;
  /** The stream of {@linkcode VirtualConnection.writable}. */
  readonly sink: WritableStream<Uint8Array>;
  readonly closed: Promise<void>;
  readonly #onOpened: ((errno: Errno) => void) | undefined;
  #handle: ConnectionHandle | undefined;
  #source: ReadableStreamDefaultController<Uint8Array> | undefined;
  #sinkController: WritableStreamDefaultController | undefined;
  #settle: { resolve: () => void; reject: (reason: unknown) => void } | undefined;
  #onRoom: (() => void) | undefined;
  #isOpen: boolean;
  /** True once nothing more comes, or nothing more is wanted. */
  #hasEnded = false;
  /** True after `cancel` of the readable. */
  #isDeaf = false;
  /** True once the end was sent. */
  #isShut = false;
  #failure: { readonly reason: unknown } | undefined;

  /** @param onOpened Told of success or failure; undefined for a connection that is open. */
  constructor(onOpened: ((errno: Errno) => void) | undefined) {
    this.#onOpened = onOpened;
    this.#isOpen = onOpened === undefined;
    this.closed = new Promise((resolve, reject) => void (this.#settle = { resolve, reject }));
    this.closed.catch(() => {});
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#source = controller),
      pull: () => this.#handle?.resume(),
      cancel: () => this.#hearNoMore(),
    }, new ByteLengthQueuingStrategy({ highWaterMark: READ_AHEAD_BYTES }));
    this.sink = new WritableStream<Uint8Array>({
      start: (controller) => void (this.#sinkController = controller),
      write: (chunk) => this.#write(chunk),
      close: () => this.#shut(),
      abort: (reason) => this.reset(reason),
    });
  }

  /** Name what moves its bytes. */
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

  #hearNoMore(): void {
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
    if (taken < 0) throw new VirtualNetworkError("Cannot send", -taken as Errno);
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
