/** Stream sockets: TCP, and unix stream sockets. */

import { Errno } from "../../../witx/errno.ts";
import {
  Family,
  type PlatformSocket,
  type Received,
  ReceiveFlags,
  type SocketAddress,
  SocketType,
} from "../../../contract/network.ts";
import { Interest, Readiness } from "../../../contract/pollable.ts";
import { type IoVectors, totalLength } from "../../../contract/vectors.ts";
import { PollEvents } from "../poll/event_queue.ts";
import { PosixSocket, type SocketContext } from "./socket.ts";
import { pathToConnect, type UnixPath } from "./unix_path.ts";
import { errnoFromResult, type Failure, resultFromErrno } from "../../../contract/results.ts";

const State = { IDLE: 0, LISTENING: 1, CONNECTING: 2, CONNECTED: 3 } as const;
type State = (typeof State)[keyof typeof State];

/**
 * What a socket takes that poll(2) calls writable: by then a third of its send buffer is free, which is at least this much
 * unless the guest made it smaller. The exact number would cost a system call.
 */
const WRITABLE_BYTES = 16 * 1024;

/** A stream socket. */
export class PosixStreamSocket extends PosixSocket {
  readonly type: SocketType = SocketType.STREAM;
  protected readonly isErrorFinal = true;
  #state: State = State.IDLE;
  #isBound = false;
  /** Where a connect is to be tried again: the queue of a unix listener was full. */
  #busy: UnixPath | undefined;
  /** Why a connect failed that was tried again. */
  #failure: Errno = Errno.SUCCESS;

  /**
   * @param context What it shares.
   * @param family Its family.
   * @param fd Its descriptor.
   */
  constructor(context: SocketContext, family: Family, fd: number) {
    super(context, family, fd);
  }

  protected get isListening(): boolean {
    return this.#state === State.LISTENING;
  }

  bind(address: SocketAddress): number {
    if (address.family !== this.family) return -Errno.AFNOSUPPORT;
    const result = this.context.calls.bind(this.fd, address);
    if (result >= 0) this.#isBound = true;
    return result;
  }

  override listen(backlog: number): number {
    if (this.family === Family.UNIX && !this.#isBound) return -Errno.DESTADDRREQ;
    const result = super.listen(backlog);
    if (result < 0) return result;
    this.#state = State.LISTENING;
    this.invalidateAll();
    return 0;
  }

  accept(): PlatformSocket | Failure {
    const { context } = this;
    let fd: number;
    // A connection that was given up before it was taken is none.
    do fd = context.calls.accept(this.fd); while (fd === -Errno.CONNABORTED || fd === -Errno.INTR);
    if (fd < 0) {
      if (fd === -Errno.AGAIN) this.clearReady(Interest.READ);
      return fd;
    }
    this.invalidate(Interest.READ);
    const socket = new PosixStreamSocket(context, this.family, fd);
    socket.#state = State.CONNECTED;
    socket.inherit(this);
    const result = context.reactor.add(socket, fd);
    if (result >= 0) return socket;
    socket.close();
    return result;
  }

  connect(address: SocketAddress): number {
    if (address.family !== this.family) return -Errno.AFNOSUPPORT;
    if (this.#state === State.LISTENING || this.#state === State.CONNECTED) return -Errno.ISCONN;
    if (this.#busy !== undefined) return -Errno.ALREADY;
    return this.family === Family.UNIX ? this.#connectUnix(address) : this.#begin(address);
  }

  #begin(address: SocketAddress): number {
    const { calls } = this.context;
    let result = calls.connect(this.fd, address);
    // Linux reports the previous attempt once more, though its error was read.
    if (result === -Errno.CONNABORTED) result = calls.connect(this.fd, address);
    if (result === -Errno.ALREADY || result === -Errno.ISCONN) return result;
    // An interrupted connect goes on.
    if (result === -Errno.INPROGRESS || result === -Errno.INTR) {
      this.#state = State.CONNECTING;
      this.invalidateAll();
      return -Errno.INPROGRESS;
    }
    if (result >= 0) this.#state = State.CONNECTED;
    else if (this.#state === State.CONNECTING) this.#state = State.IDLE;
    this.invalidateAll();
    return result;
  }

  #connectUnix(address: SocketAddress): number {
    const place = pathToConnect(this.context.syscalls, address.host);
    return typeof place === "number" ? place : this.#connectTo(place);
  }

  #connectTo(place: UnixPath): number {
    const result = this.#begin({ family: Family.UNIX, host: place.path, port: 0 });
    if (result === -Errno.AGAIN) {
      this.#state = State.CONNECTING;
      this.#busy = place;
      this.retryLater();
      return -Errno.INPROGRESS;
    }
    this.#busy = undefined;
    if (place.fd >= 0) this.context.syscalls.fds.close(place.fd);
    return result;
  }

  disconnect(): number {
    return -Errno.NOTSUP;
  }

  finish(): number {
    if (this.#state !== State.CONNECTING) return 0;
    if (this.#busy !== undefined) return this.#connectTo(this.#busy);
    return this.#isOver() ? resultFromErrno(this.#outcome()) : -Errno.INPROGRESS;
  }

  /** True once it is known what became of a connect. */
  #isOver(): boolean {
    return (this.group.pollNow(this.fd) & (PollEvents.WRITE | PollEvents.HANGUP | PollEvents.ERROR)) !== 0;
  }

  #outcome(): Errno {
    const errno = super.takeError();
    this.#settle(errno);
    return errno;
  }

  protected override takeError(): Errno {
    if (this.#failure !== Errno.SUCCESS) return this.#takeFailure();
    const isOver = this.#state === State.CONNECTING && this.#busy === undefined && this.#isOver();
    return isOver ? this.#outcome() : super.takeError();
  }

  #takeFailure(): Errno {
    const failure = this.#failure;
    this.#failure = Errno.SUCCESS;
    return failure;
  }

  #settle(errno: Errno): void {
    if (this.#state === State.CONNECTING) this.#state = errno === Errno.SUCCESS ? State.CONNECTED : State.IDLE;
  }

  override readiness(interest: number): number {
    if (this.#busy === undefined) return super.readiness(interest);
    return super.readiness(Interest.WRITE) === 0 ? 0 : this.#retried(interest);
  }

  /** A guest that waits for the connect of its own accord asks for nothing but this, and for the error then. */
  #retried(interest: number): number {
    const result = this.#connectTo(this.#busy!);
    if (result === -Errno.INPROGRESS) return 0;
    if (result < 0) this.#failure = errnoFromResult(result);
    return super.readiness(interest);
  }

  receive(iovs: IoVectors, flags: number, out: Received): number {
    out.truncated = false;
    out.from = undefined;
    if (this.#state === State.IDLE || this.#state === State.LISTENING) return -Errno.NOTCONN;
    const { calls, syscalls } = this.context;
    // A unix socket returns flags.
    const isPlain = flags === 0 && iovs.count === 1 && this.family !== Family.UNIX;
    const count = isPlain
      ? calls.receiveBuffer(this.fd, iovs)
      : calls.receive(this.fd, iovs, (flags & ReceiveFlags.PEEK) !== 0 ? syscalls.libc.target.socket.MSG_PEEK : 0);
    if (count < 0) return this.#failed(count, Interest.READ);
    if ((flags & ReceiveFlags.PEEK) === 0) this.#received(count, iovs);
    return count;
  }

  #received(count: number, iovs: IoVectors): void {
    if (this.#state === State.CONNECTING) this.#state = State.CONNECTED;
    const isShort = count < totalLength(iovs);
    if (isShort && count === 0) this.onEndRead();
    // With rights that were passed, a unix socket stops before the end of what is there.
    else if (isShort && this.context.calls.receivedFlags === 0) this.onDrained();
    else this.invalidate(Interest.READ);
  }

  #failed(result: number, interest: number): number {
    if (result === -Errno.AGAIN) {
      this.clearReady(interest);
      return result;
    }
    this.invalidate(Interest.READ | Interest.WRITE);
    this.#settle(errnoFromResult(result));
    return result;
  }

  send(iovs: IoVectors, to: SocketAddress | undefined): number {
    if (this.#state === State.IDLE || this.#state === State.LISTENING) return -Errno.NOTCONN;
    if (to !== undefined) return -Errno.ISCONN;
    const count = this.context.calls.send(this.fd, iovs);
    if (count < 0) return this.#failed(count, Interest.WRITE);
    if (this.#state === State.CONNECTING) this.#state = State.CONNECTED;
    if (count < totalLength(iovs)) this.clearReady(Interest.WRITE);
    return count;
  }

  readableBytes(): number {
    // No call returns how many connections are pending.
    if (this.#state === State.LISTENING) return this.readiness(Interest.READ) === 0 ? 0 : 1;
    return this.context.syscalls.fds.readableBytes(this.fd);
  }

  writableBytes(): number {
    if (this.#state === State.IDLE || this.#state === State.LISTENING) return -Errno.NOTCONN;
    const ready = this.readiness(Interest.WRITE);
    if ((ready & Readiness.HANGUP) !== 0) return -Errno.PIPE;
    return ready === 0 ? 0 : WRITABLE_BYTES;
  }

  override close(): number {
    const busy = this.#busy;
    this.#busy = undefined;
    if (busy !== undefined && busy.fd >= 0) this.context.syscalls.fds.close(busy.fd);
    return super.close();
  }
}
