/** An output of a guest as lines on the console. */

import { MAX_WRITABLE } from "../../contract/pollable.ts";
import { Interest, type PlatformStream } from "../../contract/platform.ts";
import { Errno } from "../../witx/errno.ts";
import { type Filestat, Filetype } from "../../witx/types.ts";

/** A line that is longer is shown in pieces (characters). */
const LONGEST_LINE = 8192;

/** An output. The console shows whole lines; the last one is shown when the stream is closed. */
export class ConsoleOutput implements PlatformStream {
  readonly kind = "stream";
  readonly filetype: typeof Filetype.UNKNOWN = Filetype.UNKNOWN;
  readonly isTerminal = false;
  readonly needsEventLoop = false;
  readonly #method: "log" | "error";
  readonly #decoder: TextDecoder = new TextDecoder();
  #line = "";

  /** @param method The method of the console that shows a line. */
  constructor(method: "log" | "error") {
    this.#method = method;
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

  /** A line that has not ended is not shown: the console would show its rest as another one. */
  flush(): number {
    return 0;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    wake();
    return () => {};
  }

  read(): number {
    return -Errno.BADF;
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    // A copy, because a decoder refuses shared memory.
    this.#line += this.#decoder.decode(bytes.slice(start, start + length), { stream: true });
    const lines = this.#line.split("\n");
    this.#line = lines.pop() ?? "";
    for (const line of lines) this.#show(line);
    if (this.#line.length > LONGEST_LINE) this.#showRest();
    return length;
  }

  #showRest(): void {
    this.#show(this.#line);
    this.#line = "";
  }

  #show(line: string): void {
    console[this.#method](line);
  }

  fstat(out: Filestat): number {
    out.words.fill(0);
    out.filetype = this.filetype;
    out.nlink = 1n;
    return 0;
  }

  close(): number {
    this.#line += this.#decoder.decode();
    if (this.#line !== "") this.#showRest();
    return 0;
  }
}
