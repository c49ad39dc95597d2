/** FIFOs, terminals and devices that the guest opened by their path. */

import { Errno } from "../witx/errno.ts";
import type { Filestat, Filetype } from "../witx/types.ts";
import { Interest, type PlatformStream, Readiness } from "../core/platform.ts";
import { attempt, toErrno } from "./_errors.ts";

/** Bytes that are read ahead to learn whether there is something to read. */
const AHEAD = 4096;

/** Calls of `node:fs` that a device needs, and fstat(2). */
export interface DeviceCalls {
  /** read(2). */
  readSync(fd: number, bytes: Uint8Array, start: number, length: number, position: null): number;
  /** write(2). */
  writeSync(fd: number, bytes: Uint8Array, start: number, length: number, position: null): number;
  /** close(2). */
  closeSync(fd: number): void;
  /** fstat(2). @returns 0 or minus an errno. */
  fstat(fd: number, out: Filestat): number;
}

/**
 * A descriptor of the process's own that never blocks. Nothing tells when it becomes ready: it is tried again and again.
 */
export class Device implements PlatformStream {
  readonly kind = "stream";
  readonly filetype: Filetype;
  readonly isTerminal: boolean;
  readonly needsEventLoop = false;
  readonly #calls: DeviceCalls;
  readonly #fd: number;
  #ahead: Uint8Array | undefined;
  #ended = false;

  /**
   * @param calls The runtime.
   * @param fd Descriptor with O_NONBLOCK, not shared with any other process.
   * @param filetype Its type.
   * @param isTerminal True for a terminal.
   */
  constructor(calls: DeviceCalls, fd: number, filetype: Filetype, isTerminal: boolean) {
    this.#calls = calls;
    this.#fd = fd;
    this.filetype = filetype;
    this.isTerminal = isTerminal;
  }

  readiness(interest: number): number {
    let ready = interest & Interest.WRITE;
    if ((interest & Interest.READ) === 0) return ready;
    if (this.#ahead === undefined && !this.#ended) this.#readAhead();
    if (this.#ahead !== undefined) ready |= Readiness.READ;
    if (this.#ended) ready |= Readiness.READ | Readiness.HANGUP;
    return ready;
  }

  #readAhead(): void {
    const bytes = new Uint8Array(AHEAD);
    const count = this.#readNow(bytes, 0, AHEAD);
    if (count > 0) this.#ahead = bytes.subarray(0, count);
    else if (count !== -Errno.AGAIN) this.#ended = true;
  }

  readableBytes(): number {
    return this.#ahead?.length ?? 0;
  }

  subscribe(): undefined {
    return undefined;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    const ahead = this.#ahead;
    if (ahead === undefined) {
      this.#ended = false;
      return this.#readNow(bytes, start, length);
    }
    const taken = Math.min(length, ahead.length);
    bytes.set(ahead.subarray(0, taken), start);
    this.#ahead = taken < ahead.length ? ahead.subarray(taken) : undefined;
    return taken;
  }

  #readNow(bytes: Uint8Array, start: number, length: number): number {
    try {
      return this.#calls.readSync(this.#fd, bytes, start, length, null);
    } catch (error) {
      return -toErrno(error);
    }
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    try {
      return this.#calls.writeSync(this.#fd, bytes, start, length, null);
    } catch (error) {
      return -toErrno(error);
    }
  }

  fstat(out: Filestat): number {
    return this.#calls.fstat(this.#fd, out);
  }

  close(): number {
    return attempt(() => this.#calls.closeSync(this.#fd));
  }
}

/** A standard stream of the process, opened once more. It outlives the guests that use it, so that closing it does nothing. */
export class StandardDevice extends Device {
  override close(): number {
    return 0;
  }
}
