/** A connection to the guest, over which one request after another goes. */

import type { ConnectionEvents, ConnectionHandle } from "../core/socket/driver.ts";
import type { Errno } from "../witx/errno.ts";
import { type ResponseEvents, ResponseReader } from "./http1_response_reader.ts";

/** What goes over a connection: a request and its response. */
export interface Exchange extends ResponseEvents {
  /** True once it needs no connection any more. */
  readonly isOver: boolean;
  /** The connection is open: send. */
  start(connection: GuestConnection): void;
  /** Everything that came at once was told. */
  flush(): void;
  /** The connection is no use any more, or the response is none. */
  lost(reason: Error): void;
  /** There is no connection to be had. */
  refused(reason: string): void;
}

/** What a connection tells those who keep it. */
export interface ConnectionKeeper {
  /** It is open, and whom it was opened for needs it no more. */
  free(connection: GuestConnection): void;
  /** It could not be opened. */
  unreachable(exchange: Exchange, errno: Errno): void;
  /** It is closed. */
  closed(connection: GuestConnection): void;
}

const encoder: TextEncoder = new TextEncoder();

/** A connection. */
export class GuestConnection implements ConnectionEvents {
  /** True from its second request on. */
  isReused = false;
  readonly #keeper: ConnectionKeeper;
  readonly #reader: ResponseReader = new ResponseReader();
  #handle: ConnectionHandle | undefined;
  #exchange: Exchange | undefined;
  #isOpen = false;
  #isClosed = false;
  /** What was to be sent and found no room. */
  #unsent: Uint8Array[] = [];
  #onRoom: (() => void) | undefined;

  /**
   * @param keeper Is told of its end.
   * @param exchange The first to use it.
   */
  constructor(keeper: ConnectionKeeper, exchange: Exchange) {
    this.#keeper = keeper;
    this.#exchange = exchange;
  }

  /** Name what moves its bytes. */
  attach(handle: ConnectionHandle): void {
    this.#handle = handle;
  }

  /** True if the response to the request in progress has begun. */
  get hasResponse(): boolean {
    return this.#reader.hasBytes;
  }

  /** Use it, once it is open. */
  begin(exchange: Exchange): void {
    this.#exchange = exchange;
    exchange.start(this);
  }

  /** Send the head of a request, and expect the response. */
  sendHead(method: string, head: string): void {
    this.#reader.begin(method, this.#exchange!);
    this.send(bytesOf(head));
  }

  /** Send bytes. @returns False if some of them wait for room: then await {@linkcode room}. */
  send(bytes: Uint8Array): boolean {
    if (this.#isClosed) return true;
    const taken = this.#unsent.length > 0 ? 0 : this.#handle!.write(bytes, 0, bytes.length);
    // What a broken connection does not take is lost with it: `failed` follows.
    if (taken >= 0 && taken < bytes.length) this.#unsent.push(bytes.slice(taken));
    return this.#unsent.length === 0;
  }

  /** Resolves once all was sent, or the connection is closed. */
  room(): Promise<void> {
    return new Promise((resolve) => void (this.#onRoom = resolve));
  }

  /** Tell no more for now; or again. */
  pause(): void {
    this.#handle!.pause();
  }

  resume(): void {
    this.#handle!.resume();
  }

  /** The exchange is over. @returns True if another may follow. */
  release(): boolean {
    this.#exchange = undefined;
    this.isReused = true;
    if (!this.#isClosed) this.#handle!.resume();
    return !this.#isClosed && this.#reader.keepsAlive && this.#unsent.length === 0;
  }

  /** Close it; at once, if something goes over it. */
  close(): void {
    if (this.#isClosed) return;
    if (this.#exchange === undefined) this.#handle!.close();
    else this.#handle!.reset();
    this.#end();
  }

  #end(): void {
    this.#isClosed = true;
    this.#exchange = undefined;
    this.#onRoom?.();
    this.#keeper.closed(this);
  }

  /** Close it, and tell the exchange that goes over it. */
  lose(reason: Error): void {
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
    this.#keeper.free(this);
  }

  received(bytes: Uint8Array): void {
    const exchange = this.#exchange;
    try {
      this.#reader.push(bytes);
    } catch (error) {
      return this.lose(error as Error);
    }
    exchange!.flush();
  }

  ended(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return this.close();
    try {
      this.#reader.finish();
    } catch (error) {
      return this.lose(error as Error);
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
    this.#onRoom?.();
  }

  failed(errno: Errno): void {
    const exchange = this.#exchange;
    const wasOpen = this.#isOpen;
    this.#end();
    if (exchange === undefined) return;
    if (wasOpen) exchange.lost(new Error("the connection was reset"));
    else this.#keeper.unreachable(exchange, errno);
  }
}

/** Of a string with one character for each byte. */
function bytesOf(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  return bytes.length === text.length ? bytes : Uint8Array.from(text, (char) => char.charCodeAt(0));
}
