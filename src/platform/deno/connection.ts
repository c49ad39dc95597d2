/** Stream connections over `Deno.Conn`. */

import { Errno } from "../../witx/errno.ts";
import { Family, type SocketAddress, SocketOption } from "../../contract/network.ts";
import { unspecifiedAddress } from "../../contract/address.ts";
import type { ConnectionEvents, ConnectionHandle, OptionValues } from "../../core/net/events/driver.ts";
import { denoAddress } from "./address.ts";
import { networkErrno, networkFailure } from "./errors.ts";
import { attempt } from "../shared/errors.ts";
import { isOn } from "../shared/net/stream_options.ts";
import type { DenoConn } from "./api.ts";
import type { StreamContext } from "./stream_context.ts";

/** Options that {@linkcode DenoConnection} takes. */
export const STREAM_OPTIONS: ReadonlySet<SocketOption> = new Set([SocketOption.NODELAY, SocketOption.KEEPALIVE]);

/** Bytes that are held at most because the system did not take them yet. */
const MAX_UNSENT = 256 * 1024;
/** Room for what is read at once: little while little comes, for each idle connection holds it. */
const SMALL_READ = 4 * 1024;
const LARGE_READ = 64 * 1024;
/** Small reads in a row after which the room is small again. */
const FEW_BYTES_TIMES = 16;

const EMPTY: Uint8Array = new Uint8Array(0);

const NEVER = -1;

/** A connection. */
export class DenoConnection implements ConnectionHandle {
  readonly #context: StreamContext;
  readonly #family: Family;
  readonly #events: ConnectionEvents;
  /** Gives up a connection that is not open yet. */
  readonly #abort: AbortController | undefined;
  #conn: DenoConn | undefined;
  #local: SocketAddress | undefined;
  #peer: SocketAddress | undefined;
  #noDelay: boolean;
  #keepAlive: boolean;
  /** No more events are reported. */
  #over = false;
  #closed = false;

  #room: Uint8Array = EMPTY;
  #smallReads = 0;
  #reading = false;
  #paused = false;
  #ended = false;

  /** What the system has not taken yet: the bytes in its hands, and those that wait for their turn. */
  #unsent = 0;
  /** Called when everything is sent, after a close. */
  #flushed: (() => void) | undefined;
  #sending: Uint8Array = EMPTY;
  #waiting: Uint8Array = EMPTY;
  #waitingLength = 0;
  /** `writable` is reported once at most so many bytes are unsent: after a partial write, or a flush. */
  #writableAt: number = NEVER;
  #shut = false;
  /** Why nothing can be sent any more; what came before may still be read. */
  #sendFailure = 0;

  /**
   * @param context That of the driver.
   * @param family Its family.
   * @param options Options that were set before.
   * @param events Receives the events.
   * @param abort Gives up the attempt to connect.
   */
  constructor(
    context: StreamContext,
    family: Family,
    options: OptionValues,
    events: ConnectionEvents,
    abort?: AbortController,
  ) {
    this.#context = context;
    this.#family = family;
    this.#events = events;
    this.#abort = abort;
    this.#noDelay = isOn(options, SocketOption.NODELAY);
    this.#keepAlive = isOn(options, SocketOption.KEEPALIVE);
  }

  /**
   * It is open: start to read.
   *
   * @param conn What it goes through from now on.
   * @param local Its address, if Deno does not report it.
   * @param peer The peer's address, if Deno does not report it.
   */
  attach(conn: DenoConn, local?: SocketAddress, peer?: SocketAddress): void {
    if (this.#over) return conn.close();
    this.#conn = conn;
    this.#local = local;
    this.#peer = peer;
    if (this.#noDelay) this.setOption(SocketOption.NODELAY, 1);
    if (this.#keepAlive) this.setOption(SocketOption.KEEPALIVE, 1);
    this.#room = new Uint8Array(SMALL_READ);
    this.#read();
  }

  /** As {@linkcode attach}, for a connection that the core waits for. */
  open(conn: DenoConn, local?: SocketAddress, peer?: SocketAddress): void {
    this.attach(conn, local, peer);
    if (!this.#over) this.#events.opened();
  }

  /** It could not be opened, or broke. */
  fail(errno: Errno): void {
    if (this.#over) return;
    this.#end();
    this.#events.failed(errno);
  }

  #end(): void {
    this.#over = true;
    this.#room = EMPTY;
    this.#waiting = EMPTY;
    if (this.#closed) return;
    this.#closed = true;
    this.#conn?.close();
    this.#flushed?.();
  }

  #read(): void {
    if (this.#reading || this.#paused || this.#ended || this.#over) return;
    this.#reading = true;
    this.#conn!.read(this.#room).then(this.#onRead, this.#onReadError);
  }

  readonly #onRead = (count: number | null): void => {
    this.#reading = false;
    if (this.#over) return;
    if (count === null) {
      this.#ended = true;
      this.#room = EMPTY;
      return this.#events.ended();
    }
    this.#events.received(this.#take(count));
    this.#read();
  };

  readonly #onReadError = (error: unknown): void => {
    this.#reading = false;
    this.fail(networkErrno(error));
  };

  /** What was read, out of the room for it: a copy, or the room itself where a copy would cost more than a new one. */
  #take(count: number): Uint8Array {
    const room = this.#room;
    const size = room.length;
    this.#smallReads = count < SMALL_READ ? this.#smallReads + 1 : 0;
    const next = count === size ? LARGE_READ : this.#smallReads >= FEW_BYTES_TIMES ? SMALL_READ : size;
    if (2 * count < size) {
      if (next !== size) this.#room = new Uint8Array(next);
      return this.#context.slab.copy(room, 0, count);
    }
    this.#room = new Uint8Array(next);
    return count === size ? room : room.subarray(0, count);
  }

  localAddress(): SocketAddress {
    return this.#local ??= this.#addressOf((conn) => denoAddress(conn.localAddr, this.#family));
  }

  peerAddress(): SocketAddress {
    return this.#peer ??= this.#addressOf((conn) => denoAddress(conn.remoteAddr, this.#family));
  }

  #addressOf(get: (conn: DenoConn) => SocketAddress): SocketAddress {
    return this.#conn === undefined ? unspecifiedAddress(this.#family) : get(this.#conn);
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.#over || this.#shut || this.#conn === undefined) return -Errno.PIPE;
    if (this.#sendFailure < 0) return this.#sendFailure;
    const count = Math.min(length, MAX_UNSENT - this.#unsent);
    if (count < length && this.#writableAt === NEVER) this.#writableAt = MAX_UNSENT / 2;
    if (count <= 0) return 0;
    const isFirst = this.#unsent === 0;
    this.#unsent += count;
    if (isFirst) this.#send(this.#context.slab.copy(bytes, start, start + count));
    else this.#append(bytes, start, count);
    return count;
  }

  /** Deno tries to send within the call, but always returns the result as a promise. */
  #send(bytes: Uint8Array): void {
    this.#sending = bytes;
    this.#conn!.write(bytes).then(this.#onSent, this.#onSendError);
  }

  #append(bytes: Uint8Array, start: number, count: number): void {
    const used = this.#waitingLength;
    if (used + count > this.#waiting.length) {
      const grown = new Uint8Array(Math.max(used + count, 2 * this.#waiting.length, SMALL_READ));
      grown.set(this.#waiting.subarray(0, used));
      this.#waiting = grown;
    }
    this.#waiting.set(bytes.subarray(start, start + count), used);
    this.#waitingLength = used + count;
  }

  readonly #onSent = (count: number): void => {
    this.#unsent -= count;
    const isDone = count === this.#sending.length;
    if (this.#unsent === 0) this.#onAllSent();
    else if (isDone) this.#sendWaiting();
    else this.#send(this.#sending.subarray(count));
    if (!this.#over && this.#unsent <= this.#writableAt) {
      this.#writableAt = NEVER;
      this.#events.writable();
    }
  };

  flush(): number {
    if (this.#over) return -Errno.PIPE;
    if (this.#unsent === 0 || this.#sendFailure < 0) return this.#sendFailure;
    this.#writableAt = 0;
    return -Errno.INPROGRESS;
  }

  #sendWaiting(): void {
    const bytes = this.#waiting.subarray(0, this.#waitingLength);
    this.#waiting = EMPTY;
    this.#waitingLength = 0;
    this.#send(bytes);
  }

  #onAllSent(): void {
    this.#sending = EMPTY;
    if (this.#over) this.#end();
    else if (this.#shut) this.#endSending();
  }

  /** The peer is gone. What it sent before can still be read, so that reading goes on. */
  readonly #onSendError = (error: unknown): void => {
    this.#unsent = 0;
    this.#waitingLength = 0;
    this.#sending = this.#waiting = EMPTY;
    if (this.#over) return this.#end();
    this.#sendFailure = networkFailure(error);
    this.#events.writable();
  };

  #endSending(): void {
    this.#conn!.closeWrite().catch(ignore);
  }

  shutdown(): void {
    if (this.#shut || this.#over) return;
    this.#shut = true;
    if (this.#unsent === 0) this.#endSending();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.#conn !== undefined) this.#read();
  }

  setOption(option: SocketOption, value: number): number {
    if (this.#family === Family.UNIX) return -Errno.NOPROTOOPT;
    const isSet = value !== 0;
    switch (option) {
      case SocketOption.NODELAY:
        this.#noDelay = isSet;
        return attempt(() => this.#conn?.setNoDelay?.(isSet));
      case SocketOption.KEEPALIVE:
        this.#keepAlive = isSet;
        return attempt(() => this.#conn?.setKeepAlive?.(isSet));
      default:
        return -Errno.NOPROTOOPT;
    }
  }

  close(): void {
    if (this.#over) return;
    if (this.#conn === undefined || this.#unsent === 0) return this.reset();
    this.#flushed = this.#context.flushes.add();
    this.#over = true;
  }

  /** Drops unsent bytes: `Deno.Conn` has no reset (https://github.com/denoland/deno/pull/33415). */
  reset(): void {
    this.#end();
    if (this.#conn === undefined) this.#abort?.abort();
  }
}

function ignore(): void {}
