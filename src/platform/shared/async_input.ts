/** Standard input that is read by promises: one read at a time, and only while the guest asks for more. */

import { Errno } from "../../witx/errno.ts";
import type { Filestat, Filetype } from "../../witx/types.ts";
import { Interest, type PlatformStream, Readiness } from "../../contract/platform.ts";
import { failureFromError } from "./errors.ts";

/** Bytes of one read. */
const CHUNK = 65536;

/** What a {@linkcode AsyncInput} is made of. */
export interface AsyncInputSource {
  /** Type of the file behind it. */
  readonly filetype: Filetype;
  /** True for a terminal. */
  readonly isTerminal: boolean;
  /** Attributes. */
  readonly fstat: (out: Filestat) => number;
  /** Read into `bytes`; 0 at the end. May reject. */
  readonly pull: (bytes: Uint8Array) => Promise<number>;
}

/** A stream of the process. It outlives the guests that read it: what one has not read, the next one finds. */
export class AsyncInput implements PlatformStream {
  readonly kind = "stream";
  readonly filetype: Filetype;
  readonly isTerminal: boolean;
  readonly needsEventLoop = true;
  readonly #source: AsyncInputSource;
  readonly #wakers: Set<() => void> = new Set();
  #buffer: Uint8Array | undefined;
  #from = 0;
  #to = 0;
  #pulling = false;
  /** What the last read found in place of bytes: 0 at the end, or minus an errno. */
  #end: number | undefined;

  /** @param source Where the bytes come from. */
  constructor(source: AsyncInputSource) {
    this.#source = source;
    this.filetype = source.filetype;
    this.isTerminal = source.isTerminal;
  }

  #pull(): void {
    if (this.#pulling || this.#end !== undefined || this.#from < this.#to) return;
    this.#pulling = true;
    this.#buffer ??= new Uint8Array(CHUNK);
    this.#source.pull(this.#buffer).then(
      (count) => this.#pulled(count, count === 0 ? 0 : undefined),
      (error: unknown) => this.#pulled(0, failureFromError(error)),
    );
  }

  #pulled(count: number, end: number | undefined): void {
    this.#pulling = false;
    this.#from = 0;
    this.#to = count;
    this.#end = end;
    for (const wake of [...this.#wakers]) wake();
  }

  readiness(interest: number): number {
    if ((interest & Interest.READ) === 0) return 0;
    if (this.#from < this.#to) return Readiness.READ;
    if (this.#end !== undefined) return Readiness.READ | Readiness.HANGUP;
    this.#pull();
    return 0;
  }

  readableBytes(): number {
    return this.#to - this.#from;
  }

  writableBytes(): number {
    return -Errno.BADF;
  }

  flush(): number {
    return 0;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    this.#wakers.add(wake);
    return () => void this.#wakers.delete(wake);
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    if (length === 0) return 0;
    const available = this.#to - this.#from;
    if (available === 0) return this.#readNothing();
    const taken = Math.min(length, available);
    bytes.set(this.#buffer!.subarray(this.#from, this.#from + taken), start);
    this.#from += taken;
    return taken;
  }

  /** A terminal goes on after its end: the next read asks it again. */
  #readNothing(): number {
    const end = this.#end;
    if (end !== undefined) {
      if (this.isTerminal) this.#end = undefined;
      return end;
    }
    this.#pull();
    return -Errno.AGAIN;
  }

  write(): number {
    return -Errno.BADF;
  }

  fstat(out: Filestat): number {
    return this.#source.fstat(out);
  }

  close(): number {
    return 0;
  }
}
