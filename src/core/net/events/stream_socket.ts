/** The state machine of a stream socket: TCP, and unix stream sockets. */

import { Errno } from "../../../witx/errno.ts";
import {
  Family,
  type PlatformSocket,
  type Received,
  ReceiveFlags,
  Shutdown,
  type SocketAddress,
  SocketType,
  type Wakeable,
} from "../../../contract/network.ts";
import { Interest, MAX_WRITABLE, Readiness } from "../../../contract/pollable.ts";
import type { IoVectors } from "../../../contract/vectors.ts";
import { unspecifiedAddress } from "../../../contract/address.ts";
import type { ConnectionEvents, ConnectionHandle, ListenerEvents, ListenerHandle, SocketDriver } from "./driver.ts";
import { EventSocket } from "./socket.ts";
import { ReceiveQueue } from "./receive_queue.ts";
import { type Failure, resultFromErrno } from "../../../contract/results.ts";

/**
 * Minimum length of the accept queue, whatever the guest requests: the runtimes accept on their own, so that
 * no kernel queue holds further connections.
 */
const MIN_BACKLOG = 1024;
const MAX_BACKLOG = 65536;

const State = {
  IDLE: 0,
  BINDING: 1,
  BOUND: 2,
  LISTENING: 3,
  CONNECTING: 4,
  CONNECTED: 5,
  BROKEN: 6,
  CLOSED: 7,
} as const;
type State = (typeof State)[keyof typeof State];

/** A stream socket. */
export class StreamSocket extends EventSocket implements PlatformSocket, ConnectionEvents, ListenerEvents {
  readonly type: SocketType = SocketType.STREAM;
  #state: State = State.IDLE;
  #listener: ListenerHandle | undefined;
  #connection: ConnectionHandle | undefined;
  #waiting: StreamSocket[] = [];
  #backlog = 0;
  readonly #queue: ReceiveQueue = new ReceiveQueue();
  #paused = false;
  #hasRoom = true;
  #ended = false;
  #down = 0;
  #local: SocketAddress | undefined;
  #peer: SocketAddress | undefined;

  constructor(driver: SocketDriver, family: Family, wake: Wakeable) {
    super(driver, family, wake);
  }

  protected optionHandle(): ConnectionHandle | undefined {
    return this.#connection;
  }

  protected accepts(): boolean {
    return this.#state === State.LISTENING;
  }

  protected isBound(): boolean {
    return this.#listener !== undefined;
  }

  bind(address: SocketAddress): number {
    const unusable = this.checkAddress(address);
    if (unusable < 0) return unusable;
    if (this.#state !== State.IDLE || this.#local !== undefined) return -Errno.INVAL;
    this.#state = State.BINDING;
    this.operation = -Errno.INPROGRESS;
    const listener = this.driver.listen(address, this.options, this);
    // It may have failed within that call.
    if (this.#mayListen()) this.#listener = listener;
    return this.outcome();
  }

  #mayListen(): boolean {
    return this.#state === State.BINDING || this.#state === State.BOUND;
  }

  listening(): void {
    if (this.#state === State.BINDING) this.#state = State.BOUND;
    this.settle(Errno.SUCCESS);
  }

  listen(backlog: number): number {
    if (this.#state === State.IDLE) {
      if (this.family === Family.UNIX) return -Errno.DESTADDRREQ;
      const bound = this.bind(unspecifiedAddress(this.family));
      if (bound !== 0 && bound !== -Errno.INPROGRESS) return bound;
    }
    if (this.#listener === undefined) return -Errno.INVAL;
    this.#backlog = Math.min(Math.max(backlog, MIN_BACKLOG), MAX_BACKLOG);
    this.#state = State.LISTENING;
    return this.operation;
  }

  accepted(attach: (events: ConnectionEvents) => ConnectionHandle): void {
    const socket = new StreamSocket(this.driver, this.family, this.source);
    socket.inherit(this);
    socket.#state = State.CONNECTED;
    socket.#connection = attach(socket);
    if (this.#waiting.length >= (this.#backlog || MIN_BACKLOG)) {
      socket.#connection.reset();
      return;
    }
    this.#waiting.push(socket);
    this.source.notify();
  }

  accept(): PlatformSocket | Failure {
    if (this.#state !== State.LISTENING) return -Errno.INVAL;
    return this.#waiting.shift() ?? resultFromErrno(this.takeError() || Errno.AGAIN);
  }

  connect(address: SocketAddress): number {
    const unusable = this.checkAddress(address);
    if (unusable < 0) return unusable;
    switch (this.#state) {
      case State.CONNECTED:
      case State.BROKEN:
      case State.LISTENING:
        return -Errno.ISCONN;
      case State.CONNECTING:
        return -Errno.ALREADY;
      case State.BINDING:
        return -Errno.AGAIN;
    }
    // The result of the previous attempt is reported first, as on Linux.
    if (this.operation < 0) return this.finish();
    if (this.#state === State.BOUND) this.#leaveListener();
    this.#state = State.CONNECTING;
    this.#reset();
    this.operation = -Errno.INPROGRESS;
    this.#connection = this.driver.connect(address, this.#local, this.options, this);
    return this.outcome();
  }

  disconnect(): number {
    return -Errno.NOTSUP;
  }

  /** A bound socket connects: the listener that held its address is closed. */
  #leaveListener(): void {
    this.#local = this.#listener?.localAddress();
    this.#listener?.close();
    this.#listener = undefined;
    for (const socket of this.#waiting.splice(0)) socket.close();
  }

  #reset(): void {
    this.#queue.clear();
    this.#paused = false;
    this.#hasRoom = true;
    this.#ended = false;
    this.#down = 0;
    this.error = Errno.SUCCESS;
  }

  opened(): void {
    this.#state = State.CONNECTED;
    this.settle(Errno.SUCCESS);
  }

  failed(errno: Errno): void {
    const wasListener = this.#state === State.BINDING || this.#listener !== undefined;
    this.#state = this.#state === State.CONNECTED ? State.BROKEN : State.IDLE;
    if (wasListener) this.#listener = undefined;
    if (this.operation === -Errno.INPROGRESS) return this.settle(errno);
    this.error = errno;
    this.#hasRoom = true;
    this.source.notify();
  }

  received(bytes: Uint8Array): void {
    if ((this.#down & Shutdown.RD) !== 0) return;
    this.#queue.push(bytes);
    if (!this.#paused && this.#queue.footprint >= this.receiveLimit) {
      this.#paused = true;
      this.#connection?.pause();
    }
    this.source.notify();
  }

  ended(): void {
    this.#ended = true;
    this.source.notify();
  }

  writable(): void {
    this.#hasRoom = true;
    this.source.notify();
  }

  receive(iovs: IoVectors, flags: number, out: Received): number {
    out.truncated = false;
    out.from = undefined;
    const peek = (flags & ReceiveFlags.PEEK) !== 0;
    if (this.#queue.size > 0) return this.#read(iovs, peek);
    if (this.error !== Errno.SUCCESS) return resultFromErrno(peek ? this.error : this.takeError());
    switch (this.#state) {
      case State.CONNECTED:
        return this.#ended || (this.#down & Shutdown.RD) !== 0 ? 0 : -Errno.AGAIN;
      case State.BROKEN:
        return 0;
      case State.CONNECTING:
        return -Errno.AGAIN;
      default:
        return -Errno.NOTCONN;
    }
  }

  #read(iovs: IoVectors, peek: boolean): number {
    const count = this.#queue.read(iovs, peek);
    if (this.#paused && this.#queue.footprint <= this.receiveLimit / 2) {
      this.#paused = false;
      this.#connection?.resume();
    }
    return count;
  }

  send(iovs: IoVectors, to: SocketAddress | undefined): number {
    if (this.error !== Errno.SUCCESS) return resultFromErrno(this.takeError());
    const result = this.#sendability();
    if (result < 0) return result;
    if (to !== undefined) return -Errno.ISCONN;
    if ((this.#down & Shutdown.WR) !== 0) return -Errno.PIPE;
    return this.#hasRoom ? this.#write(iovs) : -Errno.AGAIN;
  }

  /** @returns 0 if the state lets it send, or minus an errno. */
  #sendability(): number {
    switch (this.#state) {
      case State.CONNECTED:
        return 0;
      case State.CONNECTING:
        return -Errno.AGAIN;
      case State.BROKEN:
        return -Errno.PIPE;
      default:
        return -Errno.NOTCONN;
    }
  }

  #write({ bytes, starts, lengths, count }: IoVectors): number {
    let done = 0;
    for (let i = 0; i < count; i++) {
      const length = lengths[i]!;
      if (length === 0) continue;
      const taken = this.#connection!.write(bytes, starts[i]!, length);
      if (taken < 0) return done > 0 ? done : taken;
      done += taken;
      if (taken === length) continue;
      this.#hasRoom = false;
      return done > 0 ? done : -Errno.AGAIN;
    }
    return done;
  }

  shutdown(how: number): number {
    if (this.#state !== State.CONNECTED) return -Errno.NOTCONN;
    const added = how & ~this.#down;
    this.#down |= how;
    if ((added & Shutdown.WR) !== 0) this.#connection!.shutdown();
    if ((added & Shutdown.RD) !== 0) {
      this.#queue.clear();
      if (this.#paused) this.#connection!.resume();
      this.#paused = false;
    }
    this.source.notify();
    return 0;
  }

  localAddress(): SocketAddress {
    if (this.#state === State.CONNECTED) return this.#local = this.#connection!.localAddress();
    if (this.#listener !== undefined && this.operation !== -Errno.INPROGRESS) return this.#listener.localAddress();
    return this.#local ?? unspecifiedAddress(this.family);
  }

  peerAddress(): SocketAddress | Failure {
    if (this.#state !== State.CONNECTED) return -Errno.NOTCONN;
    return this.#peer ??= this.#connection!.peerAddress();
  }

  readiness(interest: number): number {
    const state = this.#state;
    if (state === State.CONNECTED) return this.#connectedReadiness(interest);
    if (state === State.LISTENING) return this.#waiting.length > 0 ? interest & Interest.READ : 0;
    if (this.operation === -Errno.INPROGRESS) return 0;
    return interest | Readiness.HANGUP;
  }

  #connectedReadiness(interest: number): number {
    let ready = 0;
    const isOver = this.#ended || (this.#down & Shutdown.RD) !== 0;
    if ((interest & Interest.READ) !== 0 && (this.#queue.size > 0 || isOver)) ready |= Readiness.READ;
    const isShut = (this.#down & Shutdown.WR) !== 0;
    if ((interest & Interest.WRITE) !== 0 && (this.#hasRoom || isShut)) ready |= Readiness.WRITE;
    return isOver && isShut ? ready | Readiness.HANGUP : ready;
  }

  readableBytes(): number {
    return this.#state === State.LISTENING ? this.#waiting.length : this.#queue.size;
  }

  writableBytes(): number {
    if (this.error !== Errno.SUCCESS) return -this.error;
    const result = this.#sendability();
    if (result < 0) return result === -Errno.AGAIN ? 0 : result;
    if ((this.#down & Shutdown.WR) !== 0) return -Errno.PIPE;
    return this.#hasRoom ? MAX_WRITABLE : 0;
  }

  flush(): number {
    const result = this.#state === State.CONNECTED ? this.#connection!.flush?.() ?? 0 : 0;
    if (result === -Errno.INPROGRESS) this.#hasRoom = false;
    return result;
  }

  close(): number {
    const state = this.#state;
    this.#state = State.CLOSED;
    this.#listener?.close();
    for (const socket of this.#waiting.splice(0)) socket.#connection?.reset();
    if (this.#connection === undefined || state === State.BROKEN || state === State.IDLE) return 0;
    // As on Linux: the peer learns that not all of it was read.
    const isUnread = this.#queue.size > 0;
    if (this.linger === 0 || isUnread || state === State.CONNECTING) this.#connection.reset();
    else this.#connection.close();
    return 0;
  }
}
