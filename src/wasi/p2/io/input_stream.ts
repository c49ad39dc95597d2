/** The resource `input-stream` of `wasi:io/streams`. */

import { Interest, type Pollable } from "../../../contract/pollable.ts";
import { Errno } from "../../../witx/errno.ts";
import type { ErrorOrigin } from "./io_error.ts";
import type { PollTarget } from "./pollable.ts";

/** Result of an operation on a stream that is closed: at its end, after a failure, or because the other end is gone. */
export const CLOSED: number = -Errno.PIPE;

/** Where an input stream reads: standard input, a file from an offset on, the receiving half of a socket. */
export interface StreamSource {
  /** For the errors of the stream. */
  readonly origin: ErrorOrigin;
  /**
   * Read what is there.
   *
   * @param bytes Where to store: memory of the guest, or a buffer of the host.
   * @returns Bytes read; 0 at the end; `-AGAIN` while nothing is there; or minus an errno.
   */
  read(bytes: Uint8Array, start: number, length: number): number;
  /**
   * Bytes that a read returns for certain, 0 if that is unknown. Asked before large reads only: so many bytes are allocated in
   * the guest and read into place.
   */
  readableBytes?(): number;
  /**
   * Pass over bytes without reading them, where that is possible (a file); missing: they are read.
   *
   * @returns As for {@linkcode StreamSource.read}.
   */
  skip?(length: number): number;
  /** What to wait for, with `Interest.READ`, after `-AGAIN`. Undefined for a stream that never returns that, such as a file. */
  readonly pollable: Pollable | undefined;
  /** When the wait for it is over (ns on the monotonic clock): then a read returns something else. Missing: never. */
  readonly deadlineNs?: number | undefined;
  /** The guest has dropped the stream; called once. */
  close?(): void;
}

/** An input stream. Its calls return a count, or minus an errno; {@linkcode CLOSED} once there is nothing more to come. */
export class InputStream implements PollTarget {
  readonly interest: number = Interest.READ;
  readonly #source: StreamSource;
  #isClosed = false;
  #isDropped = false;

  /** @param source Where it reads. */
  constructor(source: StreamSource) {
    this.#source = source;
  }

  /** For the errors of the stream. */
  get origin(): ErrorOrigin {
    return this.#source.origin;
  }

  /** As {@linkcode StreamSource.readableBytes}. */
  readableBytes(): number {
    return this.#isClosed ? 0 : this.#source.readableBytes?.() ?? 0;
  }

  awaited(): Pollable | undefined {
    return this.#isClosed ? undefined : this.#source.pollable;
  }

  get deadlineNs(): number | undefined {
    return this.#source.deadlineNs;
  }

  /**
   * Read.
   *
   * @returns Bytes read, 0 only for a length of 0; `-AGAIN`, {@linkcode CLOSED}, or minus the errno of a failure, which is
   * reported once.
   */
  read(bytes: Uint8Array, start: number, length: number): number {
    if (this.#isClosed) return CLOSED;
    if (length === 0) return 0;
    return this.#checked(this.#source.read(bytes, start, length));
  }

  /**
   * Pass over bytes.
   *
   * @param length Bytes at most.
   * @param scratch Where to read them, for sources that can't pass over them.
   * @returns As {@linkcode InputStream.read}.
   */
  skip(length: number, scratch: Uint8Array): number {
    if (this.#isClosed) return CLOSED;
    if (length === 0) return 0;
    const source = this.#source;
    if (source.skip !== undefined) return this.#checked(source.skip(length));
    return this.#checked(source.read(scratch, 0, Math.min(length, scratch.length)));
  }

  #checked(count: number): number {
    if (count > 0 || count === -Errno.AGAIN) return count;
    this.#isClosed = true;
    return count === 0 ? CLOSED : count;
  }

  /** The guest has dropped it. */
  close(): void {
    this.#isClosed = true;
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#source.close?.();
  }
}
