/** Options of stream sockets, for runtimes whose sockets have `setNoDelay` and `setKeepAlive`: Node and Bun. */

import { Errno } from "../witx/errno.ts";
import { SocketOption } from "../core/network.ts";
import type { OptionValues } from "../core/socket/driver.ts";

/** Options that {@linkcode StreamOptions} takes. */
export const STREAM_OPTIONS: ReadonlySet<SocketOption> = new Set([
  SocketOption.NODELAY,
  SocketOption.KEEPALIVE,
  SocketOption.KEEPIDLE,
  SocketOption.V6ONLY,
]);

/** Longest time that Linux takes (s). Source: linux/tcp.h MAX_TCP_KEEPIDLE. */
const LONGEST_IDLE = 32767;
/** What Linux and macOS wait if nobody says otherwise (s). */
const DEFAULT_IDLE = 7200;

/** A socket that takes options. */
export interface StreamOptionTarget {
  /** TCP_NODELAY. */
  setNoDelay(on: boolean): unknown;
  /** SO_KEEPALIVE and TCP_KEEPIDLE. */
  setKeepAlive(on: boolean, idleMs: number): unknown;
}

/** The options of one stream, kept until it is open. */
export class StreamOptions {
  #noDelay: boolean;
  #keepAlive: boolean;
  #idle: number;

  /** @param values What was set before there was a socket. */
  constructor(values: OptionValues) {
    this.#noDelay = isOn(values, SocketOption.NODELAY);
    this.#keepAlive = isOn(values, SocketOption.KEEPALIVE);
    this.#idle = values.get(SocketOption.KEEPIDLE) ?? DEFAULT_IDLE;
  }

  /**
   * Bring a socket that has just opened to what is wanted.
   *
   * @param target The socket.
   * @param hasNoDelay What the runtime set by itself.
   */
  apply(target: StreamOptionTarget, hasNoDelay: boolean): void {
    if (this.#noDelay !== hasNoDelay) target.setNoDelay(this.#noDelay);
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
        if (!(value >= 1 && value <= LONGEST_IDLE)) return -Errno.INVAL;
        this.#idle = value;
        if (!this.#keepAlive) return 0;
        break;
      case SocketOption.V6ONLY:
        return -Errno.INVAL;
      default:
        return -Errno.NOPROTOOPT;
    }
    if (target !== undefined) this.#applyKeepAlive(target);
    return 0;
  }

  #applyKeepAlive(target: StreamOptionTarget): void {
    target.setKeepAlive(this.#keepAlive, this.#idle * 1000);
  }
}

/** @returns True for an option that was set and is not 0. */
export function isOn(values: OptionValues, option: SocketOption): boolean {
  return (values.get(option) ?? 0) !== 0;
}
