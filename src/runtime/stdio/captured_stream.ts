/** A stream whose output goes into the result. */

import { Interest, type PlatformStream } from "../../contract/platform.ts";
import { MAX_WRITABLE } from "../../contract/pollable.ts";
import { Errno } from "../../witx/errno.ts";
import { type Filestat, Filetype } from "../../witx/types.ts";
import { OutputLimitError } from "../errors.ts";
import { readyAtOnce, streamFilestat } from "./stream_parts.ts";

/** A stream that keeps what is written to it. */
export class CapturedStream implements PlatformStream {
  readonly kind = "stream";
  readonly filetype: typeof Filetype.UNKNOWN = Filetype.UNKNOWN;
  readonly isTerminal = false;
  readonly needsEventLoop = false;
  readonly #name: string;
  readonly #maxBytes: number;
  #bytes: Uint8Array = new Uint8Array(1024);
  #length = 0;

  /**
   * @param name What it is called in an error.
   * @param maxBytes What it keeps at most.
   */
  constructor(name: string, maxBytes: number) {
    this.#name = name;
    this.#maxBytes = maxBytes;
  }

  /** What was written so far; a copy. */
  captured(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  readiness(interest: number): number {
    return interest & Interest.WRITE;
  }

  readableBytes(): number {
    return 0;
  }

  writableBytes(): number {
    return MAX_WRITABLE;
  }

  flush(): number {
    return 0;
  }

  subscribe(interest: number, wake: () => void): () => void {
    return readyAtOnce(interest, wake);
  }

  read(): number {
    return -Errno.BADF;
  }

  /** @throws {OutputLimitError} If it would keep more than it may. */
  write(bytes: Uint8Array, start: number, length: number): number {
    const needed = this.#length + length;
    if (needed > this.#maxBytes) {
      throw new OutputLimitError(
        `Cannot keep the guest's ${this.#name}: it wrote more than ${this.#maxBytes} bytes; raise maxCapturedBytes, or ` +
          "pass a WritableStream",
      );
    }
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, Math.min(this.#bytes.length * 2, this.#maxBytes)));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes.subarray(start, start + length), this.#length);
    this.#length = needed;
    return length;
  }

  fstat(out: Filestat): number {
    return streamFilestat(out);
  }

  close(): number {
    return 0;
  }
}
