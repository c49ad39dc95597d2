/** Stream connections over `node:net`. */

import type net from "node:net";
import { Errno } from "../../witx/errno.ts";
import { Family, type SocketAddress, type SocketOption } from "../../contract/network.ts";
import type { ConnectionEvents, ConnectionHandle, OptionValues } from "../../core/net/events/driver.ts";
import { inetAddress, unspecifiedAddress } from "../../contract/address.ts";
import { errnoFromError } from "../shared/errors.ts";
import { StreamOptions } from "../shared/net/stream_options.ts";
import { MAX_WRITE, type StreamContext } from "./stream_context.ts";

/** Bytes that are held at most because the system did not take them yet. */
const MAX_UNSENT = 256 * 1024;

const EMPTY: Uint8Array = new Uint8Array(0);

/** A connection. */
export class NodeConnection implements ConnectionHandle {
  readonly #context: StreamContext;
  readonly #socket: net.Socket;
  readonly #family: Family;
  readonly #events: ConnectionEvents;
  readonly #options: StreamOptions;
  #open: boolean;
  /** No more events are reported. */
  #over = false;
  #ended = false;
  #shut = false;
  #full = false;
  /** True while `writable` waits until everything is sent. */
  #isFlushing = false;
  #local: SocketAddress | undefined;
  #peer: SocketAddress | undefined;

  /**
   * @param context That of the driver.
   * @param socket A socket with `allowHalfOpen`: open, or connecting.
   * @param address The peer's address, or the listener's: its family is the connection's, and a unix path is known from
   * nowhere else.
   * @param options Options that were set before.
   * @param events Receives the events.
   */
  constructor(
    context: StreamContext,
    socket: net.Socket,
    address: SocketAddress,
    options: OptionValues,
    events: ConnectionEvents,
  ) {
    this.#context = context;
    this.#socket = socket;
    this.#family = address.family;
    this.#events = events;
    this.#options = new StreamOptions(options);
    this.#open = !socket.connecting;
    if (address.family === Family.UNIX) {
      const unnamed = unspecifiedAddress(Family.UNIX);
      this.#local = this.#open ? address : unnamed;
      this.#peer = this.#open ? unnamed : address;
    }
    if (this.#open) this.#applyOptions();
    else socket.once("connect", () => this.#onConnect());
    socket.on("data", (bytes) => this.#onData(bytes as Buffer));
    socket.on("end", () => this.#onEnd());
    socket.on("drain", () => this.#onDrain());
    socket.on("error", (error) => this.#fail(errnoFromError(error)));
    socket.on("close", () => this.#onClose());
  }

  #applyOptions(): void {
    if (this.#family !== Family.UNIX) this.#options.apply(this.#socket, { noDelay: false });
  }

  #onConnect(): void {
    if (this.#over) return;
    this.#open = true;
    this.#applyOptions();
    this.#events.opened();
  }

  #onData(bytes: Uint8Array): void {
    if (!this.#over) this.#events.received(bytes);
  }

  #onEnd(): void {
    if (this.#over) return;
    this.#ended = true;
    this.#events.ended();
  }

  #onDrain(): void {
    if (this.#over || !this.#full) return;
    this.#full = false;
    this.#events.writable();
  }

  #fail(errno: Errno): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.failed(errno);
  }

  #onClose(): void {
    if (!this.#ended || !this.#shut) this.#fail(Errno.CONNRESET);
  }

  /** Once both directions have ended, neither the system nor Node knows them any more. */
  #keepAddresses(): void {
    this.localAddress();
    this.peerAddress();
  }

  localAddress(): SocketAddress {
    return this.#local ??= addressOrNone(this.#family, this.#socket.localAddress, this.#socket.localPort);
  }

  peerAddress(): SocketAddress {
    return this.#peer ??= addressOrNone(this.#family, this.#socket.remoteAddress, this.#socket.remotePort);
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    const socket = this.#socket;
    if (this.#over || this.#shut || socket.destroyed) return -Errno.PIPE;
    let done = 0;
    while (done < length) {
      const count = Math.min(length - done, MAX_WRITE, MAX_UNSENT - socket.writableLength);
      if (count <= 0) {
        // More than the stream's own mark is unsent, so that `drain` is sure to come.
        this.#full = true;
        break;
      }
      this.#context.write(socket, bytes.subarray(start + done, start + done + count));
      done += count;
    }
    return done;
  }

  flush(): number {
    const socket = this.#socket;
    if (this.#over || this.#shut || socket.destroyed) return -Errno.PIPE;
    if (socket.writableLength === 0) return 0;
    this.#full = false;
    if (!this.#isFlushing) {
      this.#isFlushing = true;
      // `drain` comes only if a write went above the stream's mark; the callback of an empty write always does.
      socket.write(EMPTY, () => this.#onFlushed());
    }
    return -Errno.INPROGRESS;
  }

  #onFlushed(): void {
    this.#isFlushing = false;
    if (!this.#over) this.#events.writable();
  }

  shutdown(): void {
    if (this.#shut) return;
    this.#shut = true;
    this.#keepAddresses();
    this.#socket.end();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  setOption(option: SocketOption, value: number): number {
    if (this.#family === Family.UNIX) return -Errno.NOPROTOOPT;
    return this.#options.set(option, value, this.#open && !this.#socket.destroyed ? this.#socket : undefined);
  }

  close(): void {
    this.#over = true;
    if (this.#socket.writableLength > 0) this.#socket.once("close", this.#context.flushes.add());
    this.#socket.destroySoon();
  }

  reset(): void {
    this.#over = true;
    if (this.#open && this.#family !== Family.UNIX && !this.#socket.destroyed) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }
}

/** An address as the runtime reports it; unspecified for a connection that broke before its address was read. */
export function addressOrNone(family: Family, host: string | undefined, port: number | undefined): SocketAddress {
  return (host === undefined ? undefined : inetAddress(host, port ?? 0)) ?? unspecifiedAddress(family);
}
