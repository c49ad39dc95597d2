/** Standard streams whose calls are made at once: a file, a device, a pipe to be written. */

import { MAX_WRITABLE } from "../../contract/pollable.ts";
import { Errno } from "../../witx/errno.ts";
import type { Filestat, Filetype } from "../../witx/types.ts";
import { Interest, type PlatformStream } from "../../contract/platform.ts";
import { failureFromError } from "./errors.ts";

/** How long a full pipe is left alone (ms). */
const FULL_MS = 1;

/** What a {@linkcode SyncStream} is made of. */
export interface SyncStreamCalls {
  /** Type of the file behind it. */
  readonly filetype: Filetype;
  /** True for a terminal. */
  readonly isTerminal: boolean;
  /** Attributes. @returns 0 or minus an errno. */
  readonly fstat: (out: Filestat) => number;
  /** read(2), where the stream is an input; throws the runtime's error. */
  readonly read?: (bytes: Uint8Array, start: number, length: number) => number;
  /** write(2), where it is an output; throws the runtime's error. */
  readonly write?: (bytes: Uint8Array, start: number, length: number) => number;
  /** Bytes of one write at most. */
  readonly most: number;
}

/** A stream of the process. It outlives the guests that use it. */
export class SyncStream implements PlatformStream {
  readonly kind = "stream";
  readonly filetype: Filetype;
  readonly isTerminal: boolean;
  readonly needsEventLoop = false;
  readonly #calls: SyncStreamCalls;
  #fullUntilMs = 0;

  /** @param calls The runtime. */
  constructor(calls: SyncStreamCalls) {
    this.#calls = calls;
    this.filetype = calls.filetype;
    this.isTerminal = calls.isTerminal;
  }

  readiness(interest: number): number {
    const full = this.#fullUntilMs !== 0 && performance.now() < this.#fullUntilMs;
    return (interest & Interest.READ) | (full ? 0 : interest & Interest.WRITE);
  }

  readableBytes(): number {
    return 0;
  }

  writableBytes(): number {
    if (this.#calls.write === undefined) return -Errno.BADF;
    return this.readiness(Interest.WRITE) === 0 ? 0 : Math.min(this.#calls.most, MAX_WRITABLE);
  }

  flush(): number {
    return 0;
  }

  subscribe(): undefined {
    return undefined;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    if (this.#calls.read === undefined) return -Errno.BADF;
    try {
      return this.#calls.read(bytes, start, length);
    } catch (error) {
      return failureFromError(error);
    }
  }

  /** The pipe may be non-blocking because whoever shares it made it so; then a full one is tried again. */
  write(bytes: Uint8Array, start: number, length: number): number {
    const { most, write } = this.#calls;
    if (write === undefined) return -Errno.BADF;
    let written = 0;
    try {
      do {
        const piece = Math.min(length - written, most);
        const count = write(bytes, start + written, piece);
        written += count;
        if (count < piece) break;
      } while (written < length);
      this.#fullUntilMs = 0;
      return written;
    } catch (error) {
      const failure = failureFromError(error);
      if (failure === -Errno.AGAIN) this.#fullUntilMs = performance.now() + FULL_MS;
      return written > 0 ? written : failure;
    }
  }

  fstat(out: Filestat): number {
    return this.#calls.fstat(out);
  }

  close(): number {
    return 0;
  }
}
