/** Where streams of standard input read. */

import type { Pollable } from "../../../contract/pollable.ts";
import type { HeldBytes } from "../../../core/io/held_bytes.ts";
import type { OpenStream } from "../../../core/io/stream.ts";
import { OneBuffer } from "../../../core/io/vectored_io.ts";
import type { StreamSource } from "../io/input_stream.ts";

/** Reads of fewer bytes than this are served from a buffer. */
const SMALL = 256;
/** Bytes that are read ahead. */
const AHEAD = 4096;

/**
 * Standard input. A guest that reads it byte by byte gets bytes that were read ahead (RATIONALE "Why is standard input of a
 * component read ahead?").
 */
export class StdinSource implements StreamSource, HeldBytes {
  readonly origin = "filesystem";
  readonly #stream: OpenStream;
  readonly #vectors: OneBuffer = new OneBuffer();
  /** Bytes that were read ahead: `[#start, #end)`. */
  #ahead: Uint8Array | undefined;
  #start = 0;
  #end = 0;

  /** @param stream Standard input. */
  constructor(stream: OpenStream) {
    this.#stream = stream;
  }

  /** Undefined while there are bytes that were read ahead. */
  get pollable(): Pollable | undefined {
    return this.#start < this.#end ? undefined : this.#stream.pollable;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    if (this.#start === this.#end) {
      if (length >= SMALL || this.#stream.isTerminal) return this.#readNow(bytes, start, length);
      this.#ahead ??= new Uint8Array(AHEAD);
      const count = this.#readNow(this.#ahead, 0, AHEAD);
      if (count <= 0) return count;
      this.#start = 0;
      this.#end = count;
    }
    return this.readAhead(bytes, start, length);
  }

  get aheadBytes(): number {
    return this.#end - this.#start;
  }

  readAhead(bytes: Uint8Array, start: number, length: number): number {
    const ahead = this.#ahead;
    const count = Math.min(length, this.#end - this.#start);
    if (ahead === undefined) return 0;
    if (count < SMALL) {
      for (let i = 0; i < count; i++) bytes[start + i] = ahead[this.#start + i]!;
    } else {
      bytes.set(ahead.subarray(this.#start, this.#start + count), start);
    }
    this.#start += count;
    return count;
  }

  #readNow(bytes: Uint8Array, start: number, length: number): number {
    return this.#stream.read(this.#vectors.of(bytes, start, length));
  }

  /** Nothing is written here. */
  drain(): number {
    return 0;
  }

  readableBytes(): number {
    return this.#end - this.#start || this.#stream.readableBytes();
  }
}
