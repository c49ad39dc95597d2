/** Stream connections over `Bun.connect` and `Bun.listen`. */

import fs from "node:fs";
import { Errno } from "../../witx/errno.ts";
import { Family, type SocketAddress, type SocketOption } from "../../contract/network.ts";
import type { ConnectionEvents, ConnectionHandle, OptionValues } from "../../core/net/events/driver.ts";
import { unspecifiedAddress } from "../../contract/address.ts";
import { errnoFromError } from "../shared/errors.ts";
import { addressOrNone } from "../node/connection.ts";
import { StreamOptions } from "../shared/net/stream_options.ts";
import type { BunSocket, BunSocketHandler } from "./api.ts";

/** What listens, as long as a socket that it accepted has no connection yet. */
export interface Acceptor {
  readonly kind: "acceptor";
  /** A socket came. */
  accept(socket: OwnedSocket): void;
}

/** A socket of Bun, and whose it is. */
export type OwnedSocket = BunSocket<Acceptor | BunConnection>;

/** A connection. Bun hands bytes to the system within the call and holds none: what it did not take, it says. */
export class BunConnection implements ConnectionHandle {
  readonly kind = "connection";
  readonly #family: Family;
  readonly #events: ConnectionEvents;
  readonly #options: StreamOptions;
  #socket: OwnedSocket | undefined;
  /** No more events are reported. */
  #over = false;
  #paused = false;
  #ended = false;
  #shut = false;
  #full = false;
  #local: SocketAddress | undefined;
  #peer: SocketAddress | undefined;

  /**
   * @param socket The socket, if it is open.
   * @param address The peer's address, or the listener's: its family is the connection's, and a unix path is known from
   * nowhere else.
   * @param options Options that were set before.
   * @param events Receives the events.
   */
  constructor(
    socket: OwnedSocket | undefined,
    address: SocketAddress,
    options: OptionValues,
    events: ConnectionEvents,
  ) {
    this.#family = address.family;
    this.#events = events;
    this.#options = new StreamOptions(options);
    if (address.family === Family.UNIX) {
      const unnamed = unspecifiedAddress(Family.UNIX);
      this.#local = socket === undefined ? unnamed : address;
      this.#peer = socket === undefined ? address : unnamed;
    }
    if (socket !== undefined) this.#take(socket);
  }

  #take(socket: OwnedSocket): void {
    this.#socket = socket;
    socket.data = this;
    // Bun has TCP_NODELAY on from the start.
    if (this.#family !== Family.UNIX) this.#options.apply(socket, { noDelay: true });
    if (this.#paused) socket.pause();
  }

  /** It is open. */
  onOpen(socket: OwnedSocket): void {
    if (this.#over) return socket.terminate();
    this.#take(socket);
    this.#events.opened();
  }

  /** Bytes came; Bun never uses their buffer again. */
  onData(bytes: Uint8Array): void {
    if (!this.#over) this.#events.received(bytes);
  }

  /** The peer's end came. */
  onEnd(): void {
    if (this.#over || this.#ended) return;
    this.#ended = true;
    this.#events.ended();
  }

  /** There may be room again. Bun also calls this when no write was short: no issue known; seen with Bun 1.4. */
  onDrain(): void {
    if (this.#over || !this.#full) return;
    this.#full = false;
    this.#events.writable();
  }

  /** It could not be opened, or broke. */
  onError(error: unknown): void {
    if (!this.#over) this.#fail(this.#socket === undefined ? openErrno(error) : errnoFromError(error));
  }

  /**
   * It is closed. After a shutdown this is the only event for the peer's end; and a unix socket whose peer has closed
   * it is closed with the peer's end: what is written to it from then on is PIPE.
   */
  onClose(error: Error | undefined): void {
    if (error !== undefined && error !== null) return this.#fail(errnoFromError(error));
    if (!this.#shut && !this.#ended) return this.#fail(Errno.CONNRESET);
    this.onEnd();
    this.onDrain();
    this.#over = true;
  }

  #fail(errno: Errno): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.failed(errno);
  }

  /** Once both directions have ended, neither the system nor Bun knows them any more. */
  #keepAddresses(): void {
    this.localAddress();
    this.peerAddress();
  }

  localAddress(): SocketAddress {
    const socket = this.#socket;
    return this.#local ??= addressOrNone(this.#family, socket?.localAddress, socket?.localPort);
  }

  peerAddress(): SocketAddress {
    const socket = this.#socket;
    return this.#peer ??= addressOrNone(this.#family, socket?.remoteAddress, socket?.remotePort);
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.#over || this.#shut || this.#socket === undefined) return -Errno.PIPE;
    const taken = this.#socket.write(bytes, start, length);
    if (taken < 0) return -Errno.PIPE;
    if (taken < length) this.#full = true;
    return taken;
  }

  shutdown(): void {
    if (this.#shut) return;
    this.#shut = true;
    this.#keepAddresses();
    this.#socket?.shutdown();
  }

  pause(): void {
    this.#paused = true;
    this.#socket?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#socket?.resume();
  }

  setOption(option: SocketOption, value: number): number {
    return this.#family === Family.UNIX ? -Errno.NOPROTOOPT : this.#options.set(option, value, this.#socket);
  }

  close(): void {
    this.#over = true;
    this.#socket?.end();
  }

  reset(): void {
    this.#over = true;
    this.#socket?.terminate();
  }
}

/**
 * Why a socket could not be opened. Without a free descriptor, Bun reports ECONNREFUSED for a connection and no code for a
 * listener (https://github.com/oven-sh/bun/pull/36140).
 */
export function openErrno(error: unknown): Errno {
  const { code } = error as { code?: unknown };
  return code === undefined || code === "ECONNREFUSED"
    ? descriptorErrno() || errnoFromError(error)
    : errnoFromError(error);
}

/** @returns MFILE or NFILE while no descriptor is available. */
function descriptorErrno(): Errno {
  try {
    fs.closeSync(fs.openSync("/dev/null", "r"));
    return Errno.SUCCESS;
  } catch (error) {
    return errnoFromError(error);
  }
}

/** One for all sockets: whose they are, they know. */
export const HANDLER: BunSocketHandler<Acceptor | BunConnection> = {
  binaryType: "uint8array",
  open(socket) {
    const owner = socket.data;
    if (owner.kind === "acceptor") owner.accept(socket);
    else owner.onOpen(socket);
  },
  data(socket, bytes) {
    if (socket.data.kind === "connection") socket.data.onData(bytes);
  },
  end(socket) {
    if (socket.data.kind === "connection") socket.data.onEnd();
  },
  drain(socket) {
    if (socket.data.kind === "connection") socket.data.onDrain();
  },
  error(socket, error) {
    if (socket.data.kind === "connection") socket.data.onError(error);
  },
  close(socket, error) {
    if (socket.data.kind === "connection") socket.data.onClose(error);
  },
  connectError(socket, error) {
    if (socket.data.kind === "connection") socket.data.onError(error);
  },
};
