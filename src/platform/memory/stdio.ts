/** Standard streams that the host program feeds and reads. */

import { MAX_WRITABLE } from "../../contract/pollable.ts";
import { Errno } from "../../witx/errno.ts";
import { type Filestat, Filetype } from "../../witx/types.ts";
import { Interest, type PlatformStream, Readiness } from "../../contract/platform.ts";
import type { Bytes } from "../../contract/web_types.ts";
import { Content } from "./fs/content.ts";
import { Quota } from "./fs/quota.ts";

const encoder: TextEncoder = new TextEncoder();

/** Attributes of a pipe that nobody has named. */
function storePipe(out: Filestat): number {
  out.words.fill(0);
  out.filetype = Filetype.UNKNOWN;
  out.nlink = 1n;
  return 0;
}

/**
 * A standard input that the host program feeds, before or while the guest runs.
 *
 * @example Feed a line, then end
 * ```ts
 * import { MemoryInput, memoryPlatform } from "wasirun/memory";
 *
 * const stdin = new MemoryInput();
 * const platform = memoryPlatform({ stdin });
 * // const running = run("app.wasm", { platform, stdin: "inherit" });
 * stdin.push("a line\n");
 * stdin.end();
 * ```
 */
export class MemoryInput implements PlatformStream {
  /** Always `stream`. */
  readonly kind = "stream";
  readonly filetype: typeof Filetype.UNKNOWN = Filetype.UNKNOWN;
  readonly isTerminal = false;
  readonly #wakers: Set<() => void> = new Set();
  #pieces: Uint8Array[] = [];
  #first = 0;
  #available = 0;
  #ended = false;

  /** True until it was ended: only the host program can feed it. */
  get needsEventLoop(): boolean {
    return !this.#ended;
  }

  /**
   * Adds input.
   *
   * @param content Bytes, which are copied, or a text.
   * @throws {TypeError} After {@linkcode MemoryInput.end}.
   */
  push(content: string | Uint8Array): void {
    if (this.#ended) throw new TypeError("Cannot push to standard input: it was ended");
    const piece = typeof content === "string" ? encoder.encode(content) : content.slice();
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#available += piece.length;
    this.#wakeAll();
  }

  /** Ends the input after what was pushed. */
  end(): void {
    this.#ended = true;
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of [...this.#wakers]) {
      if (this.#wakers.has(wake)) wake();
    }
  }

  readiness(interest: number): number {
    if ((interest & Interest.READ) === 0) return 0;
    if (this.#available > 0) return Readiness.READ;
    return this.#ended ? Readiness.READ | Readiness.HANGUP : 0;
  }

  readableBytes(): number {
    return this.#available;
  }

  writableBytes(): number {
    return -Errno.BADF;
  }

  flush(): number {
    return 0;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    // A function of its own, so that one that is given twice is two requests.
    const waker = (): void => wake();
    this.#wakers.add(waker);
    return () => void this.#wakers.delete(waker);
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    if (length === 0) return 0;
    if (this.#available === 0) return this.#ended ? 0 : -Errno.AGAIN;
    const count = Math.min(length, this.#available);
    for (let done = 0; done < count;) {
      const piece = this.#pieces[this.#first]!;
      const taken = Math.min(piece.length, count - done);
      bytes.set(piece.subarray(0, taken), start + done);
      done += taken;
      if (taken < piece.length) this.#pieces[this.#first] = piece.subarray(taken);
      else this.#dropFirst();
    }
    this.#available -= count;
    return count;
  }

  /** The list is cut once half of it was read, so that each piece is moved at most once. */
  #dropFirst(): void {
    this.#first++;
    if (this.#first * 2 < this.#pieces.length) return;
    this.#pieces = this.#pieces.slice(this.#first);
    this.#first = 0;
  }

  write(): number {
    return -Errno.BADF;
  }

  fstat(out: Filestat): number {
    return storePipe(out);
  }

  close(): number {
    return 0;
  }
}

/** Default limit of an output. */
const DEFAULT_MAX_OUTPUT_BYTES = 256 * 1024 ** 2;

/** A standard output that stores what guests write. */
export class MemoryOutput implements PlatformStream {
  /** Always `stream`. */
  readonly kind = "stream";
  readonly filetype: typeof Filetype.UNKNOWN = Filetype.UNKNOWN;
  readonly isTerminal = false;
  readonly needsEventLoop = false;
  readonly #content: Content;

  /**
   * Creates an output.
   *
   * @param maxBytes Limit on its size; writes beyond it return `NOSPC`. Default: 256 MiB.
   */
  constructor(maxBytes: number = DEFAULT_MAX_OUTPUT_BYTES) {
    this.#content = new Content(new Quota(maxBytes, "maxOutputBytes"));
  }

  /** A copy of what was written so far. */
  bytes(): Bytes {
    const bytes = new Uint8Array(this.#content.size);
    this.#content.read(bytes, 0, bytes.length, 0);
    return bytes;
  }

  /** What was written so far, as UTF-8. */
  text(): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.bytes());
  }

  /** Discards what was written so far. */
  clear(): void {
    this.#content.setSize(0);
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

  subscribe(_interest: number, wake: () => void): () => void {
    wake();
    return () => {};
  }

  read(): number {
    return -Errno.BADF;
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    return this.#content.write(bytes, start, length, this.#content.size);
  }

  fstat(out: Filestat): number {
    return storePipe(out);
  }

  close(): number {
    return 0;
  }
}
