/** Standard input from a web stream. */

import { Interest, type PlatformStream, Readiness } from "../../contract/platform.ts";
import { Errno } from "../../witx/errno.ts";
import { type Filestat, Filetype } from "../../witx/types.ts";
import { formatValue } from "../options/format_value.ts";
import { streamFilestat, Wakers } from "./stream_parts.ts";

/** Standard input from a web stream. It is read only while the guest asks for more. */
export class ReadableSource implements PlatformStream {
  readonly kind = "stream";
  readonly filetype: typeof Filetype.UNKNOWN = Filetype.UNKNOWN;
  readonly isTerminal = false;
  readonly needsEventLoop = true;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #wakers: Wakers = new Wakers();
  readonly #isOwn: boolean;
  #chunk: Uint8Array = new Uint8Array(0);
  #state: "open" | "reading" | "ended" | "failed" = "open";
  #wrongChunk: TypeError | undefined;
  #isReleased = false;

  /**
   * @param stream Locked until the guest ends, and then cancelled.
   * @param isOwn True for one of the process itself, which is not cancelled.
   */
  constructor(stream: ReadableStream<Uint8Array>, isOwn: boolean) {
    this.#reader = stream.getReader();
    this.#isOwn = isOwn;
  }

  #pull(): void {
    if (this.#state !== "open" || this.#chunk.length > 0) return;
    this.#state = "reading";
    this.#reader.read().then(({ done, value }) => {
      this.#state = done ? "ended" : "open";
      if (!done) this.#take(value);
      if (this.#state === "open" && this.#chunk.length === 0) this.#pull();
      this.#wakers.wakeAll();
    }, () => {
      this.#state = "failed";
      this.#wakers.wakeAll();
    });
  }

  #take(chunk: unknown): void {
    if (chunk instanceof Uint8Array) {
      this.#chunk = chunk;
      return;
    }
    const advice = typeof chunk === "string" ? "pipe it through a TextEncoderStream" : "make it a stream of Uint8Array";
    this.#wrongChunk = new TypeError(`Cannot read ${formatValue(chunk)} from options.stdin: ${advice}`);
    this.#state = "failed";
  }

  readiness(interest: number): number {
    if ((interest & Interest.READ) === 0) return 0;
    if (this.#chunk.length > 0) return Readiness.READ;
    this.#pull();
    return this.#state === "ended" || this.#state === "failed" ? Readiness.READ | Readiness.HANGUP : 0;
  }

  readableBytes(): number {
    return this.#chunk.length;
  }

  writableBytes(): number {
    return -Errno.BADF;
  }

  flush(): number {
    return 0;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    return this.#wakers.add(wake);
  }

  /** @throws {TypeError} If the stream is none of bytes. */
  read(bytes: Uint8Array, start: number, length: number): number {
    const taken = Math.min(length, this.#chunk.length);
    if (taken === 0) {
      this.#pull();
      if (this.#wrongChunk !== undefined) throw this.#wrongChunk;
      if (this.#state === "failed") return -Errno.IO;
      return this.#state === "ended" ? 0 : -Errno.AGAIN;
    }
    bytes.set(this.#chunk.subarray(0, taken), start);
    this.#chunk = this.#chunk.subarray(taken);
    return taken;
  }

  write(): number {
    return -Errno.BADF;
  }

  fstat(out: Filestat): number {
    return streamFilestat(out);
  }

  /** Let go of the stream: the guest could not be started. Closing does nothing then. */
  release(): void {
    this.#isReleased = true;
    this.#reader.releaseLock();
  }

  close(): number {
    if (this.#isReleased) return 0;
    if (this.#isOwn) this.release();
    else this.#reader.cancel().catch(() => {});
    return 0;
  }
}
