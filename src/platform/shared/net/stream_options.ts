/** Options of stream sockets, for runtimes whose sockets have `setNoDelay` and `setKeepAlive`: Node and Bun. */

import { Errno } from "../../../witx/errno.ts";
import { SocketOption } from "../../../contract/network.ts";
import type { OptionValues } from "../../../core/net/events/driver.ts";

/** Options that {@linkcode StreamOptions} takes. */
export const STREAM_OPTIONS: ReadonlySet<SocketOption> = new Set([
  SocketOption.NODELAY,
  SocketOption.KEEPALIVE,
  SocketOption.KEEPIDLE,
  SocketOption.V6ONLY,
]);

/** Longest times (s) and the largest number that Linux takes. Source: net/tcp.h MAX_TCP_KEEPIDLE and the like. */
const MAX_KEEPIDLE = 32767;
const MAX_KEEPINTVL = 32767;
const MAX_KEEPCNT = 127;
/** Default of Linux and macOS (s). */
const DEFAULT_KEEPIDLE = 7200;

/** A socket that takes options. */
export interface StreamOptionTarget {
  /** TCP_NODELAY. */
  setNoDelay(on: boolean): unknown;
  /** SO_KEEPALIVE and TCP_KEEPIDLE; TCP_KEEPINTVL and TCP_KEEPCNT where the runtime has parameters for them. */
  setKeepAlive(on: boolean, idleMs: number, intervalMs?: number, count?: number): unknown;
}

/** The options of one stream, kept until it is open. */
export class StreamOptions {
  #noDelay: boolean;
  #keepAlive: boolean;
  #idle: number;
  #interval: number | undefined;
  #count: number | undefined;

  /** @param values What was set before there was a socket. */
  constructor(values: OptionValues) {
    this.#noDelay = isOn(values, SocketOption.NODELAY);
    this.#keepAlive = isOn(values, SocketOption.KEEPALIVE);
    this.#idle = values.get(SocketOption.KEEPIDLE) ?? DEFAULT_KEEPIDLE;
    this.#interval = values.get(SocketOption.KEEPINTVL);
    this.#count = values.get(SocketOption.KEEPCNT);
  }

  /**
   * Set the options on a socket that has just opened.
   *
   * @param target The socket.
   * @param initial Options as the runtime sets them on a new socket.
   */
  apply(target: StreamOptionTarget, initial: { readonly noDelay: boolean }): void {
    if (this.#noDelay !== initial.noDelay) target.setNoDelay(this.#noDelay);
    if (this.#keepAlive) this.#applyKeepAlive(target);
  }

  /**
   * Change one.
   *
   * @param target The socket, once it is open.
   * @returns 0, or minus an errno: INVAL, NOPROTOOPT.
   */
  set(option: SocketOption, value: number, target: StreamOptionTarget | undefined): number {
    switch (option) {
      case SocketOption.NODELAY:
        this.#noDelay = value !== 0;
        target?.setNoDelay(this.#noDelay);
        return 0;
      case SocketOption.KEEPALIVE:
        this.#keepAlive = value !== 0;
        break;
      case SocketOption.KEEPIDLE:
        if (!(value >= 1 && value <= MAX_KEEPIDLE)) return -Errno.INVAL;
        this.#idle = value;
        break;
      case SocketOption.KEEPINTVL:
        if (!(value >= 1 && value <= MAX_KEEPINTVL)) return -Errno.INVAL;
        this.#interval = value;
        break;
      case SocketOption.KEEPCNT:
        if (!(value >= 1 && value <= MAX_KEEPCNT)) return -Errno.INVAL;
        this.#count = value;
        break;
      case SocketOption.V6ONLY:
        return -Errno.INVAL;
      default:
        return -Errno.NOPROTOOPT;
    }
    const isChanged = this.#keepAlive || option === SocketOption.KEEPALIVE;
    if (target !== undefined && isChanged) this.#applyKeepAlive(target);
    return 0;
  }

  #applyKeepAlive(target: StreamOptionTarget): void {
    const interval = this.#interval === undefined ? undefined : this.#interval * 1000;
    target.setKeepAlive(this.#keepAlive, this.#idle * 1000, interval, this.#count);
  }
}

/** @returns True for an option that was set and is not 0. */
export function isOn(values: OptionValues, option: SocketOption): boolean {
  return (values.get(option) ?? 0) !== 0;
}
