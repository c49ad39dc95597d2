/** What stream and datagram sockets over a driver have in common: options, errors, what is in progress. */

import { Errno } from "../../witx/errno.ts";
import { Family, LINGER_OFF, SocketOption, type SocketType, type Wakeable } from "../network.ts";
import type { OptionValues, SocketDriver } from "./driver.ts";

/** Bytes that wait to be read, at most, unless RCVBUF says otherwise; what is on its way comes on top. */
const DEFAULT_RECEIVE_BYTES = 256 * 1024;
const LEAST_RECEIVE_BYTES = 2048;
const MOST_RECEIVE_BYTES = 16 * 1024 * 1024;

/** Options that are on or off: whatever is not 0 is 1. */
const FLAGS: ReadonlySet<SocketOption> = new Set([
  SocketOption.BROADCAST,
  SocketOption.KEEPALIVE,
  SocketOption.MULTICAST_LOOP,
  SocketOption.NODELAY,
  SocketOption.REUSEADDR,
  SocketOption.V6ONLY,
]);

/** Least and most of options that a driver may take: those of Linux, so that no socket takes more before it is open. */
const RANGES: ReadonlyMap<SocketOption, readonly [least: number, most: number]> = new Map([
  [SocketOption.KEEPIDLE, [1, 32767]],
  [SocketOption.HOPS, [1, 255]],
  [SocketOption.MULTICAST_HOPS, [0, 255]],
  [SocketOption.SNDBUF, [0, 2 ** 31 - 1]],
]);

/** What both kinds of handle can do for options. */
interface OptionHandle {
  setOption(option: SocketOption, value: number): number;
  getOption(option: SocketOption): number;
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
  /** What is in progress, or became of it: 0, `-INPROGRESS`, minus an errno. */
  protected operation = 0;
  /** What failed and was not told yet. */
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

  /** Take the options of the listener over that this came from, as on Linux. */
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

  /** Options for a handle that is to be made. */
  protected get options(): OptionValues {
    return this.#options;
  }

  /** What was in progress is over. */
  protected settle(errno: Errno): void {
    this.operation = -errno;
    if (errno !== Errno.SUCCESS) this.error = errno;
    this.source.notify();
  }

  /** What `bind` and `connect` answer after they asked the driver. */
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

  /** Take the error that waits to be told. */
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
    const value = this.optionHandle()?.getOption(option) ?? -Errno.NOPROTOOPT;
    return value === -Errno.NOPROTOOPT ? this.#options.get(option) ?? 0 : value;
  }

  /** What can't be changed has the value that it has in all runtimes. */
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
        this.receiveLimit = Math.min(Math.max(value, LEAST_RECEIVE_BYTES), MOST_RECEIVE_BYTES);
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
    // Every runtime sets it on what listens, and none lets it be taken away.
    if (option === SocketOption.REUSEADDR && value !== 0) return 0;
    const fixed = this.#fixedOption(option);
    return fixed === value ? 0 : -Errno.NOPROTOOPT;
  }
}
