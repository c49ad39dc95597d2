/** Stream connections over `node:net`. */

import { createRequire } from "node:module";
import type net from "node:net";
import { Errno } from "../witx/errno.ts";
import { Family, type SocketAddress, type SocketOption } from "../core/network.ts";
import type { ConnectionEvents, ConnectionHandle, OptionValues } from "../core/socket/driver.ts";
import { inetAddress, unspecifiedAddress } from "../core/socket/address.ts";
import { Departures } from "./_departures.ts";
import { toErrno } from "./_errors.ts";
import { StreamOptions } from "./_stream_options.ts";

/** Bytes that are held at most because the system did not take them yet. */
const MOST_UNSENT = 256 * 1024;

/** What is still to be sent when a guest has ended. */
export const departures: Departures = new Departures();

let module: typeof net | undefined;

/** `node:net`, loaded when the first guest needs it. */
export function loadNet(): typeof net {
  return module ??= createRequire(import.meta.url)("node:net") as typeof net;
}

/** What is copied here is free again as soon as the system took it, which it mostly does within the call. */
let scratch: Buffer = Buffer.alloc(0);
const SCRATCH = 64 * 1024;

/** A connection. */
export class NodeConnection implements ConnectionHandle {
  readonly #socket: net.Socket;
  readonly #family: Family;
  readonly #events: ConnectionEvents;
  readonly #options: StreamOptions;
  #open: boolean;
  /** Nothing is told any more. */
  #over = false;
  #ended = false;
  #shut = false;
  #full = false;
  #local: SocketAddress | undefined;
  #peer: SocketAddress | undefined;

  /**
   * @param socket A socket with `allowHalfOpen`: open, or connecting.
   * @param address The peer's address, or the listener's: its family is the connection's, and a unix path is known from
   * nowhere else.
   * @param options Options that were set before.
   * @param events Who is told.
   */
  constructor(socket: net.Socket, address: SocketAddress, options: OptionValues, events: ConnectionEvents) {
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
    socket.on("error", (error) => this.#fail(toErrno(error)));
    socket.on("close", () => this.#onClose());
  }

  #applyOptions(): void {
    if (this.#family !== Family.UNIX) this.#options.apply(this.#socket, false);
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
      const count = Math.min(length - done, SCRATCH, MOST_UNSENT - socket.writableLength);
      if (count <= 0) {
        // More than the stream's own mark is unsent, so that `drain` is sure to come.
        this.#full = true;
        break;
      }
      this.#writeCopy(bytes.subarray(start + done, start + done + count));
      done += count;
    }
    return done;
  }

  #writeCopy(bytes: Uint8Array): void {
    if (scratch.length === 0) scratch = Buffer.allocUnsafeSlow(SCRATCH);
    const copy = scratch.subarray(0, bytes.length);
    copy.set(bytes);
    this.#socket.write(copy);
    if (this.#socket.writableLength > 0) scratch = Buffer.alloc(0);
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

  getOption(): number {
    return -Errno.NOPROTOOPT;
  }

  close(): void {
    this.#over = true;
    if (this.#socket.writableLength > 0) this.#socket.once("close", departures.add());
    this.#socket.destroySoon();
  }

  reset(): void {
    this.#over = true;
    if (this.#open && this.#family !== Family.UNIX && !this.#socket.destroyed) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }
}

/** An address as the runtime tells it, which is not at all for a connection that broke before anybody asked. */
export function addressOrNone(family: Family, host: string | undefined, port: number | undefined): SocketAddress {
  return (host === undefined ? undefined : inetAddress(host, port ?? 0)) ?? unspecifiedAddress(family);
}
