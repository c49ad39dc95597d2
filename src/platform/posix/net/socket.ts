/** What stream and datagram sockets of the system have in common. */

import { Errno } from "../../../witx/errno.ts";
import {
  Family,
  LINGER_OFF,
  type PlatformSocket,
  type Received,
  type SocketAddress,
  SocketOption,
  type SocketType,
} from "../../../contract/network.ts";
import { unspecifiedAddress } from "../../../contract/address.ts";
import { Interest } from "../../../contract/pollable.ts";
import type { WaitMode } from "../../../contract/waiter.ts";
import type { IoVectors } from "../../../contract/vectors.ts";
import type { Syscalls } from "../syscalls.ts";
import { type Reactor, Registration } from "../poll/reactor.ts";
import { type SocketSyscalls, socketSyscallsOf } from "./socket_syscalls.ts";
import { SystemOptions } from "./socket_options.ts";
import { errnoFromResult, type Failure } from "../../../contract/results.ts";

/** What the sockets of a network share. */
export class SocketContext {
  /** The system's calls. */
  readonly syscalls: Syscalls;
  /** Those with sockets. */
  readonly calls: SocketSyscalls;
  /** Options. */
  readonly options: SystemOptions;
  /** Where all sockets are registered. */
  readonly reactor: Reactor;
  /** How the guest waits: with `"suspend"`, no call may block the thread. */
  readonly mode: WaitMode;

  /**
   * @param syscalls The system's calls.
   * @param reactor Where all sockets are registered.
   * @param mode How the guest waits.
   */
  constructor(syscalls: Syscalls, reactor: Reactor, mode: WaitMode) {
    this.syscalls = syscalls;
    this.calls = socketSyscallsOf(syscalls);
    this.options = new SystemOptions(this.calls, syscalls.libc);
    this.reactor = reactor;
    this.mode = mode;
  }
}

const MAX_BACKLOG = 65535;

/** A socket of the system. */
export abstract class PosixSocket extends Registration implements PlatformSocket {
  readonly kind = "socket";
  readonly family: Family;
  abstract readonly type: SocketType;
  /** A guest that is suspended shares the event loop with its peers, so that it has to let it turn. */
  readonly needsEventLoop: boolean;
  protected readonly context: SocketContext;
  #receiveTimeoutNs = 0;
  #sendTimeoutNs = 0;
  /** True if LINGER has seconds. */
  #lingers = false;
  /** A descriptor that its address needs, or -1. */
  #held = -1;

  /**
   * @param context What it shares.
   * @param family Its family.
   * @param fd Its descriptor.
   */
  constructor(context: SocketContext, family: Family, fd: number) {
    super(context.reactor, fd);
    this.context = context;
    this.family = family;
    this.needsEventLoop = context.mode === "suspend";
  }

  /** Copies the options of the listener that the system does not pass on to an accepted socket. */
  protected inherit(listener: PosixSocket): void {
    this.#receiveTimeoutNs = listener.#receiveTimeoutNs;
    this.#sendTimeoutNs = listener.#sendTimeoutNs;
    this.#lingers = listener.#lingers;
  }

  /** Keep a descriptor open until this is closed. */
  protected hold(fd: number): void {
    this.#held = fd;
  }

  abstract bind(address: SocketAddress): number;
  abstract connect(address: SocketAddress): number;
  abstract disconnect(): number;
  abstract finish(): number;
  abstract accept(): PlatformSocket | Failure;
  abstract receive(iovs: IoVectors, flags: number, out: Received): number;
  abstract send(iovs: IoVectors, to: SocketAddress | undefined): number;
  abstract readableBytes(): number;
  abstract writableBytes(): number;

  /** The system has everything at once. */
  flush(): number {
    return 0;
  }

  listen(backlog: number): number {
    return this.context.calls.listen(this.fd, Math.min(backlog, MAX_BACKLOG));
  }

  shutdown(how: number): number {
    // SHUT_RD, SHUT_WR and SHUT_RDWR are one less than the bits.
    const result = this.context.calls.shutdown(this.fd, how - 1);
    this.invalidate(Interest.READ | Interest.WRITE);
    return result;
  }

  localAddress(): SocketAddress {
    const address = this.context.calls.localAddress(this.fd, this.family);
    return typeof address === "number" ? unspecifiedAddress(this.family) : address;
  }

  peerAddress(): SocketAddress | Failure {
    return this.context.calls.peerAddress(this.fd, this.family);
  }

  /** Takes the pending error (SO_ERROR). */
  protected takeError(): Errno {
    const number = this.context.options.takeError(this.fd);
    if (number !== 0) this.invalidate(Interest.READ | Interest.WRITE);
    if (number < 0) return errnoFromResult(number);
    return number === 0 ? Errno.SUCCESS : this.context.syscalls.libc.errnoOf(number);
  }

  /** True if it listens. */
  protected abstract readonly isListening: boolean;

  getOption(option: SocketOption): number {
    const { options } = this.context;
    switch (option) {
      case SocketOption.TYPE:
        return this.type;
      case SocketOption.ERROR:
        return this.takeError();
      case SocketOption.ACCEPTCONN:
        return this.isListening ? 1 : 0;
      case SocketOption.RCVTIMEO:
        return this.#receiveTimeoutNs;
      case SocketOption.SNDTIMEO:
        return this.#sendTimeoutNs;
      case SocketOption.LINGER:
        return options.linger(this.fd);
      default:
        return options.get(this.fd, this.family, this.type, option);
    }
  }

  setOption(option: SocketOption, value: number): number {
    switch (option) {
      case SocketOption.TYPE:
      case SocketOption.ERROR:
      case SocketOption.ACCEPTCONN:
        return -Errno.NOPROTOOPT;
      case SocketOption.RCVTIMEO:
        if (!(value >= 0)) return -Errno.INVAL;
        this.#receiveTimeoutNs = value;
        return 0;
      case SocketOption.SNDTIMEO:
        if (!(value >= 0)) return -Errno.INVAL;
        this.#sendTimeoutNs = value;
        return 0;
      case SocketOption.LINGER:
        return this.#setLinger(value);
      default:
        return this.#setSystemOption(option, value);
    }
  }

  #setLinger(seconds: number): number {
    const result = this.context.options.setLinger(this.fd, seconds);
    if (result >= 0) this.#lingers = seconds > 0;
    return result;
  }

  /** Sizes of buffers, and the least that is worth telling, decide what is ready. */
  #setSystemOption(option: SocketOption, value: number): number {
    const result = this.context.options.set(this.fd, this.family, this.type, option, value);
    this.invalidate(Interest.READ | Interest.WRITE);
    return result;
  }

  close(): number {
    if (this.fd < 0) return 0;
    const { context, fd } = this;
    // The system would hold up the thread, though the descriptor is non-blocking.
    if (this.#lingers && context.mode === "suspend") context.options.setLinger(fd, LINGER_OFF);
    this.fd = -1;
    context.syscalls.fds.close(fd);
    this.unregister();
    const held = this.#held;
    this.#held = -1;
    if (held >= 0) context.syscalls.fds.close(held);
    return 0;
  }
}
