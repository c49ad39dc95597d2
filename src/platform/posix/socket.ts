/** What stream and datagram sockets of the system have in common. */

import { Errno } from "../../witx/errno.ts";
import {
  Family,
  LINGER_OFF,
  type PlatformSocket,
  type Received,
  type SocketAddress,
  SocketOption,
  type SocketType,
} from "../../core/network.ts";
import { unspecifiedAddress } from "../../core/socket/address.ts";
import { Interest } from "../../core/pollable.ts";
import type { IoVectors } from "../../core/vectors.ts";
import type { Host } from "./host.ts";
import { Member, type PollSet } from "./poll_set.ts";
import { type SocketCalls, socketCallsOf } from "./socket_calls.ts";
import { SystemOptions } from "./socket_options.ts";

/** What the sockets of a network share. */
export class SocketContext {
  /** The system's calls. */
  readonly host: Host;
  /** Those with sockets. */
  readonly calls: SocketCalls;
  /** Options. */
  readonly options: SystemOptions;
  /** Where all sockets are members. */
  readonly set: PollSet;
  /** True if the thread must not be held up. */
  readonly suspends: boolean;

  /**
   * @param host The system's calls.
   * @param set Where all sockets are members.
   * @param suspends True if the thread must not be held up.
   */
  constructor(host: Host, set: PollSet, suspends: boolean) {
    this.host = host;
    this.calls = socketCallsOf(host);
    this.options = new SystemOptions(this.calls, host.libc.target);
    this.set = set;
    this.suspends = suspends;
  }
}

const MOST_BACKLOG = 65535;

/** A socket of the system. */
export abstract class PosixSocket extends Member implements PlatformSocket {
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
    super(context.set, fd);
    this.context = context;
    this.family = family;
    this.needsEventLoop = context.suspends;
  }

  /** Take the options of the listener over that it came from, beside those that the system hands on. */
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
  abstract finish(): number;
  abstract accept(): PlatformSocket | Errno;
  abstract receive(iovs: IoVectors, peek: boolean, out: Received): number;
  abstract send(iovs: IoVectors, to: SocketAddress | undefined): number;
  abstract readableBytes(): number;

  listen(backlog: number): number {
    return this.context.calls.listen(this.fd, Math.min(backlog, MOST_BACKLOG));
  }

  shutdown(how: number): number {
    // SHUT_RD, SHUT_WR and SHUT_RDWR are one less than the bits.
    const result = this.context.calls.shutdown(this.fd, how - 1);
    this.doubt(Interest.READ | Interest.WRITE);
    return result;
  }

  localAddress(): SocketAddress {
    const address = this.context.calls.localAddress(this.fd, this.family);
    return typeof address === "number" ? unspecifiedAddress(this.family) : address;
  }

  peerAddress(): SocketAddress | Errno {
    return this.context.calls.peerAddress(this.fd, this.family);
  }

  /** Take the error that waits to be told. */
  protected takeError(): Errno {
    const number = this.context.options.takeError(this.fd);
    if (number !== 0) this.doubt(Interest.READ | Interest.WRITE);
    if (number < 0) return -number as Errno;
    return number === 0 ? Errno.SUCCESS : this.context.host.libc.errnoOf(number);
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
    this.doubt(Interest.READ | Interest.WRITE);
    return result;
  }

  close(): number {
    if (this.fd < 0) return 0;
    const { context, fd } = this;
    // The system would hold up the thread, though the descriptor is non-blocking.
    if (this.#lingers && context.suspends) context.options.setLinger(fd, LINGER_OFF);
    this.fd = -1;
    context.host.descriptors.close(fd);
    this.leave();
    if (this.#held >= 0) context.host.descriptors.close(this.#held);
    this.#held = -1;
    return 0;
  }
}
