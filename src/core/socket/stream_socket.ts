/** The state machine of a stream socket: TCP, and unix stream sockets. */

import { Errno } from "../../witx/errno.ts";
import {
  Family,
  type PlatformSocket,
  type Received,
  Shutdown,
  type SocketAddress,
  SocketType,
  type Wakeable,
} from "../network.ts";
import { Interest, Readiness } from "../pollable.ts";
import type { IoVectors } from "../vectors.ts";
import { unspecifiedAddress } from "./address.ts";
import type { ConnectionEvents, ConnectionHandle, ListenerEvents, ListenerHandle, SocketDriver } from "./driver.ts";
import { EventSocket } from "./event_socket.ts";
import { ReceiveQueue } from "./receive_queue.ts";

/**
 * Connections that may wait to be accepted whatever the guest asks for: the runtimes accept by themselves, so that
 * there is no kernel queue where more could wait.
 */
const LEAST_BACKLOG = 1024;
const MOST_BACKLOG = 65536;

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
    if (address.family !== this.family) return -Errno.AFNOSUPPORT;
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
    this.#backlog = Math.min(Math.max(backlog, LEAST_BACKLOG), MOST_BACKLOG);
    this.#state = State.LISTENING;
    return this.operation;
  }

  accepted(attach: (events: ConnectionEvents) => ConnectionHandle): void {
    const socket = new StreamSocket(this.driver, this.family, this.source);
    socket.inherit(this);
    socket.#state = State.CONNECTED;
    socket.#connection = attach(socket);
    if (this.#waiting.length >= (this.#backlog || LEAST_BACKLOG)) {
      socket.#connection.reset();
      return;
    }
    this.#waiting.push(socket);
    this.source.notify();
  }

  accept(): PlatformSocket | Errno {
    if (this.#state !== State.LISTENING) return Errno.INVAL;
    return this.#waiting.shift() ?? (this.takeError() || Errno.AGAIN);
  }

  connect(address: SocketAddress): number {
    if (address.family !== this.family) return -Errno.AFNOSUPPORT;
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
    // What became of the attempt before is told first, as on Linux.
    if (this.operation < 0) return this.finish();
    if (this.#state === State.BOUND) this.#leaveListener();
    this.#state = State.CONNECTING;
    this.#reset();
    this.operation = -Errno.INPROGRESS;
    this.#connection = this.driver.connect(address, this.#local, this.options, this);
    return this.outcome();
  }

  /** A socket that was bound and now connects: what listened for it gives its address free. */
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

  receive(iovs: IoVectors, peek: boolean, out: Received): number {
    out.truncated = false;
    out.from = undefined;
    if (this.#queue.size > 0) return this.#read(iovs, peek);
    if (this.error !== Errno.SUCCESS) return peek ? -this.error : -this.takeError();
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
    if (this.error !== Errno.SUCCESS) return -this.takeError();
    switch (this.#state) {
      case State.CONNECTED:
        break;
      case State.CONNECTING:
        return -Errno.AGAIN;
      case State.BROKEN:
        return -Errno.PIPE;
      default:
        return -Errno.NOTCONN;
    }
    if (to !== undefined) return -Errno.ISCONN;
    if ((this.#down & Shutdown.WR) !== 0) return -Errno.PIPE;
    return this.#hasRoom ? this.#write(iovs) : -Errno.AGAIN;
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

  peerAddress(): SocketAddress | Errno {
    if (this.#state !== State.CONNECTED) return Errno.NOTCONN;
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
