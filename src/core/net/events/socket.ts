/** Common parts of stream and datagram sockets over a driver: options, errors, the operation in progress. */

import { Errno } from "../../../witx/errno.ts";
import {
  Family,
  LINGER_OFF,
  type SocketAddress,
  SocketOption,
  type SocketType,
  type Wakeable,
} from "../../../contract/network.ts";
import type { OptionValues, SocketDriver } from "./driver.ts";
import { resultFromErrno } from "../../../contract/results.ts";

/** Default limit on unread bytes (RCVBUF); data in flight adds to it. */
const DEFAULT_RECEIVE_BYTES = 256 * 1024;
const MIN_RECEIVE_BYTES = 2048;
const MAX_RECEIVE_BYTES = 16 * 1024 * 1024;

/** Boolean options: any value other than 0 is 1. */
const FLAGS: ReadonlySet<SocketOption> = new Set([
  SocketOption.BROADCAST,
  SocketOption.KEEPALIVE,
  SocketOption.MULTICAST_LOOP,
  SocketOption.NODELAY,
  SocketOption.REUSEADDR,
  SocketOption.V6ONLY,
]);

/** Ranges of options: those of Linux, so that no socket accepts more before it is open. */
const RANGES: ReadonlyMap<SocketOption, readonly [least: number, most: number]> = new Map([
  [SocketOption.KEEPIDLE, [1, 32767]],
  [SocketOption.KEEPINTVL, [1, 32767]],
  [SocketOption.KEEPCNT, [1, 127]],
  [SocketOption.HOPS, [1, 255]],
  [SocketOption.MULTICAST_HOPS, [0, 255]],
  [SocketOption.SNDBUF, [0, 2 ** 31 - 1]],
]);

/** Options of both kinds of handle. */
interface OptionHandle {
  setOption(option: SocketOption, value: number): number;
  getOption?(option: SocketOption): number;
}

/** The part of a socket that does not depend on its type. */
export abstract class EventSocket {
  readonly kind = "socket";
  readonly needsEventLoop = true;
  readonly family: Family;
  abstract readonly type: SocketType;
  readonly source: Wakeable;
  protected readonly driver: SocketDriver;
  /** Options of the driver that were set. */
  readonly #options: Map<SocketOption, number> = new Map();
  /** State of the operation: 0, `-INPROGRESS` or minus an errno. */
  protected operation = 0;
  /** A pending error. */
  protected error: Errno = Errno.SUCCESS;
  protected receiveLimit: number = DEFAULT_RECEIVE_BYTES;
  protected linger: number = LINGER_OFF;
  #receiveTimeoutNs = 0;
  #sendTimeoutNs = 0;

  constructor(driver: SocketDriver, family: Family, wake: Wakeable) {
    this.driver = driver;
    this.family = family;
    this.source = wake;
  }

  /** Inherits the options of the listener, as on Linux. */
  protected inherit(listener: EventSocket): void {
    for (const [option, value] of listener.#options) this.#options.set(option, value);
    this.receiveLimit = listener.receiveLimit;
    this.linger = listener.linger;
    this.#receiveTimeoutNs = listener.#receiveTimeoutNs;
    this.#sendTimeoutNs = listener.#sendTimeoutNs;
  }

  protected abstract optionHandle(): OptionHandle | undefined;
  protected abstract accepts(): boolean;
  protected abstract isBound(): boolean;

  /** Options for a new handle. */
  protected get options(): OptionValues {
    return this.#options;
  }

  /** Why a socket can't use an address: 0, or minus an errno. The runtimes know no zones by number. */
  protected checkAddress({ family, scopeId = 0 }: SocketAddress): number {
    if (family !== this.family) return -Errno.AFNOSUPPORT;
    return scopeId === 0 ? 0 : -Errno.NOTSUP;
  }

  /** The operation in progress has ended. */
  protected settle(errno: Errno): void {
    this.operation = resultFromErrno(errno);
    if (errno !== Errno.SUCCESS) this.error = errno;
    this.source.notify();
  }

  /** Result of `bind` and `connect` after calling the driver. */
  protected outcome(): number {
    return this.operation === -Errno.INPROGRESS ? this.operation : this.finish();
  }

  finish(): number {
    const { operation } = this;
    if (operation === 0 || operation === -Errno.INPROGRESS) return operation;
    this.operation = 0;
    this.error = Errno.SUCCESS;
    return operation;
  }

  /** Takes the pending error. */
  protected takeError(): Errno {
    const { error } = this;
    this.error = Errno.SUCCESS;
    if (this.operation !== -Errno.INPROGRESS) this.operation = 0;
    return error;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    return this.source.subscribe(wake);
  }

  getOption(option: SocketOption): number {
    switch (option) {
      case SocketOption.TYPE:
        return this.type;
      case SocketOption.ERROR:
        return this.takeError();
      case SocketOption.ACCEPTCONN:
        return this.accepts() ? 1 : 0;
      case SocketOption.RCVTIMEO:
        return this.#receiveTimeoutNs;
      case SocketOption.SNDTIMEO:
        return this.#sendTimeoutNs;
      case SocketOption.LINGER:
        return this.linger;
      case SocketOption.RCVBUF:
        return this.receiveLimit;
      default:
        return this.#driverOption(option);
    }
  }

  #driverOption(option: SocketOption): number {
    if (!this.driver.options(this.type).has(option)) return this.#fixedOption(option);
    const value = this.optionHandle()?.getOption?.(option) ?? -Errno.NOPROTOOPT;
    return value === -Errno.NOPROTOOPT ? this.#options.get(option) ?? 0 : value;
  }

  /** Options that can't be changed have the value that all runtimes use. */
  #fixedOption(option: SocketOption): number {
    switch (option) {
      case SocketOption.REUSEADDR:
        return this.accepts() || this.isBound() ? 1 : 0;
      case SocketOption.RCVLOWAT:
        return 1;
      case SocketOption.V6ONLY:
        return this.family === Family.INET6 ? 0 : -Errno.NOPROTOOPT;
      case SocketOption.OOBINLINE:
      case SocketOption.DONTROUTE:
      case SocketOption.BROADCAST:
        return 0;
      default:
        return -Errno.NOPROTOOPT;
    }
  }

  setOption(option: SocketOption, value: number): number {
    switch (option) {
      case SocketOption.TYPE:
      case SocketOption.ERROR:
      case SocketOption.ACCEPTCONN:
        return -Errno.NOPROTOOPT;
      case SocketOption.RCVTIMEO:
        return this.#setTimeout(value, (ns) => this.#receiveTimeoutNs = ns);
      case SocketOption.SNDTIMEO:
        return this.#setTimeout(value, (ns) => this.#sendTimeoutNs = ns);
      case SocketOption.LINGER:
        // A close that waits is none that these runtimes have.
        if (value !== 0 && value !== LINGER_OFF) return -Errno.NOPROTOOPT;
        this.linger = value;
        return 0;
      case SocketOption.RCVBUF:
        if (value < 0) return -Errno.INVAL;
        this.receiveLimit = Math.min(Math.max(value, MIN_RECEIVE_BYTES), MAX_RECEIVE_BYTES);
        return 0;
      default:
        return this.#setDriverOption(option, FLAGS.has(option) ? Number(value !== 0) : value);
    }
  }

  #setTimeout(ns: number, store: (ns: number) => void): number {
    if (!(ns >= 0)) return -Errno.INVAL;
    store(ns);
    return 0;
  }

  #setDriverOption(option: SocketOption, value: number): number {
    if (this.driver.options(this.type).has(option)) {
      const [least, most] = RANGES.get(option) ?? [-Infinity, Infinity];
      if (!(value >= least && value <= most)) return -Errno.INVAL;
      const handle = this.optionHandle();
      const result = handle === undefined ? 0 : handle.setOption(option, value);
      if (result === 0) this.#options.set(option, value);
      return result;
    }
    // Every runtime sets it on listeners, and none can clear it.
    if (option === SocketOption.REUSEADDR && value !== 0) return 0;
    const fixed = this.#fixedOption(option);
    return fixed === value ? 0 : -Errno.NOPROTOOPT;
  }
}
