/** Standard output into a web stream. */

import { Interest, type PlatformStream, Readiness } from "../../contract/platform.ts";
import { Errno } from "../../witx/errno.ts";
import { type Filestat, Filetype } from "../../witx/types.ts";
import { streamFilestat, Wakers } from "./stream_parts.ts";

/** Bytes that wait for a web stream at most; then the guest waits. */
const MAX_QUEUED = 64 * 1024;

/** Standard output into a web stream, which may be slow: the guest then waits with its next write. */
export class WritableSink implements PlatformStream {
  readonly kind = "stream";
  readonly filetype: typeof Filetype.UNKNOWN = Filetype.UNKNOWN;
  readonly isTerminal = false;
  readonly needsEventLoop = true;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #keepsOpen: boolean;
  readonly #wakers: Wakers = new Wakers();
  #queued = 0;
  #failed = false;
  /** True while nothing may be written because what is queued is being flushed. */
  #isFlushing = false;
  #lastWrite: Promise<void> | undefined;

  /**
   * @param stream Locked until the guest ends.
   * @param keepsOpen True to leave it open then.
   */
  constructor(stream: WritableStream<Uint8Array>, keepsOpen: boolean) {
    this.#writer = stream.getWriter();
    this.#keepsOpen = keepsOpen;
    this.#writer.closed.catch(() => this.#fail());
  }

  #fail(): void {
    this.#failed = true;
    this.#wakers.wakeAll();
  }

  readiness(interest: number): number {
    if ((interest & Interest.WRITE) === 0) return 0;
    if (this.#failed) return Readiness.WRITE | Readiness.HANGUP;
    return this.writableBytes() > 0 ? Readiness.WRITE : 0;
  }

  readableBytes(): number {
    return 0;
  }

  writableBytes(): number {
    if (this.#failed) return -Errno.PIPE;
    return this.#isFlushing ? 0 : Math.max(MAX_QUEUED - this.#queued, 0);
  }

  flush(): number {
    if (this.#failed) return -Errno.PIPE;
    this.#isFlushing = this.#queued > 0;
    return this.#isFlushing ? -Errno.INPROGRESS : 0;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    return this.#wakers.add(wake);
  }

  read(): number {
    return -Errno.BADF;
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.#failed) return -Errno.PIPE;
    const room = this.writableBytes();
    if (room === 0) return -Errno.AGAIN;
    const taken = Math.min(length, room);
    this.#queued += taken;
    this.#lastWrite = this.#writer.write(bytes.slice(start, start + taken)).then(() => {
      this.#queued -= taken;
      if (this.#queued === 0) this.#isFlushing = false;
      this.#wakers.wakeAll();
    }, () => this.#fail());
    return taken;
  }

  fstat(out: Filestat): number {
    return streamFilestat(out);
  }

  close(): number {
    return 0;
  }

  /** Let go of the stream: the guest could not be started. */
  release(): void {
    this.#writer.releaseLock();
  }

  /**
   * Write out what is queued, and close the web stream or let go of it; if `signal` was aborted, give it up without
   * waiting for a stream that may be stuck. Never rejects.
   */
  async finish(signal: AbortSignal | undefined): Promise<void> {
    const isAborted = signal?.aborted === true;
    if (this.#keepsOpen) {
      if (!isAborted) await this.#lastWrite;
      this.#writer.releaseLock();
    } else if (isAborted) {
      this.#writer.abort(signal.reason).catch(() => {});
    } else {
      // If the stream has failed, the guest's writes have returned the error.
      await this.#writer.close().catch(() => {});
    }
  }
}
