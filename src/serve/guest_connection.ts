/** A connection to the guest that carries one exchange after another. */

import type { ConnectionEvents, ConnectionHandle } from "../core/net/events/driver.ts";
import type { Errno } from "../witx/errno.ts";
import { type ResponseEvents, ResponseReader } from "../core/http1/response_reader.ts";

/** A request and its response. */
export interface Exchange extends ResponseEvents {
  /** True once it no longer needs a connection. */
  readonly isOver: boolean;
  /** The connection is open: send the request. */
  start(connection: GuestConnection): void;
  /** All events of one read were delivered. */
  flush(): void;
  /** The connection failed, or the response is invalid. */
  lost(reason: Error): void;
  /** No connection is available. */
  refused(reason: string): void;
}

/** Receives the events of a connection. */
export interface ConnectionOwner {
  /** The connection is open and has no exchange. */
  released(connection: GuestConnection): void;
  /** The connection could not be opened. */
  connectFailed(exchange: Exchange, errno: Errno): void;
  /** The connection is closed. */
  closed(connection: GuestConnection): void;
}

const encoder: TextEncoder = new TextEncoder();

/** A connection to the guest. */
export class GuestConnection implements ConnectionEvents {
  /** True from the second exchange on. */
  isReused = false;
  readonly #owner: ConnectionOwner;
  readonly #reader: ResponseReader = new ResponseReader();
  #handle: ConnectionHandle | undefined;
  #exchange: Exchange | undefined;
  #isOpen = false;
  #isClosed = false;
  /** Bytes that the driver has not accepted yet. */
  #unsent: Uint8Array[] = [];
  #onDrain: (() => void) | undefined;

  /**
   * @param owner Receives its events.
   * @param exchange The first exchange.
   */
  constructor(owner: ConnectionOwner, exchange: Exchange) {
    this.#owner = owner;
    this.#exchange = exchange;
  }

  /** Sets the driver's handle. */
  attach(handle: ConnectionHandle): void {
    this.#handle = handle;
  }

  /** True if the response to the current request has started. */
  get hasResponse(): boolean {
    return this.#reader.hasBytes;
  }

  /** Starts an exchange on an open connection. */
  begin(exchange: Exchange): void {
    this.#exchange = exchange;
    exchange.start(this);
  }

  /** Sends the head of a request and expects the response. */
  sendHead(method: string, head: string): void {
    this.#reader.begin(method, this.#exchange!);
    this.send(bytesOf(head));
  }

  /** Sends bytes. @returns False if some are buffered: then await {@linkcode drained}. */
  send(bytes: Uint8Array): boolean {
    if (this.#isClosed) return true;
    const taken = this.#unsent.length > 0 ? 0 : this.#handle!.write(bytes, 0, bytes.length);
    // A broken connection takes nothing; `failed` follows.
    if (taken >= 0 && taken < bytes.length) this.#unsent.push(bytes.slice(taken));
    return this.#unsent.length === 0;
  }

  /** Resolves once all bytes are sent, or the connection is closed. */
  drained(): Promise<void> {
    return new Promise((resolve) => void (this.#onDrain = resolve));
  }

  /** Stops delivering data. */
  pause(): void {
    this.#handle!.pause();
  }

  /** Delivers data again. */
  resume(): void {
    this.#handle!.resume();
  }

  /** Ends the exchange. @returns True if another may follow. */
  release(): boolean {
    this.#exchange = undefined;
    this.isReused = true;
    if (!this.#isClosed) this.#handle!.resume();
    return !this.#isClosed && this.#reader.keepsAlive && this.#unsent.length === 0;
  }

  /** Closes the connection, with a reset if an exchange is in progress. */
  close(): void {
    if (this.#isClosed) return;
    if (this.#exchange === undefined) this.#handle!.close();
    else this.#handle!.reset();
    this.#end();
  }

  #end(): void {
    this.#isClosed = true;
    this.#exchange = undefined;
    this.#onDrain?.();
    this.#owner.closed(this);
  }

  /** Closes the connection and fails its exchange. */
  fail(reason: Error): void {
    const exchange = this.#exchange;
    const wasOpen = this.#isOpen;
    this.close();
    if (wasOpen) exchange?.lost(reason);
    else exchange?.refused(reason.message);
  }

  opened(): void {
    this.#isOpen = true;
    const exchange = this.#exchange!;
    if (!exchange.isOver) return exchange.start(this);
    this.#exchange = undefined;
    this.#owner.released(this);
  }

  received(bytes: Uint8Array): void {
    const exchange = this.#exchange;
    try {
      this.#reader.push(bytes);
    } catch (error) {
      return this.fail(error as Error);
    }
    exchange!.flush();
  }

  ended(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return this.close();
    try {
      this.#reader.finish();
    } catch (error) {
      return this.fail(error as Error);
    }
    exchange.flush();
  }

  writable(): void {
    while (this.#unsent.length > 0) {
      const bytes = this.#unsent[0]!;
      const taken = this.#handle!.write(bytes, 0, bytes.length);
      if (taken < 0) return;
      if (taken < bytes.length) {
        this.#unsent[0] = bytes.subarray(taken);
        return;
      }
      this.#unsent.shift();
    }
    this.#onDrain?.();
  }

  failed(errno: Errno): void {
    const exchange = this.#exchange;
    const wasOpen = this.#isOpen;
    this.#end();
    if (exchange === undefined) return;
    if (wasOpen) exchange.lost(new Error("the connection was reset"));
    else this.#owner.connectFailed(exchange, errno);
  }
}

/** Encodes a string that has one character per byte. */
function bytesOf(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  return bytes.length === text.length ? bytes : Uint8Array.from(text, (char) => char.charCodeAt(0));
}
