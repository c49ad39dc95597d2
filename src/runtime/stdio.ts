/** Standard streams that are not those of the process: nothing, bytes, captured, web streams. */

import { Errno } from "../witx/errno.ts";
import { type Filestat, Filetype } from "../witx/types.ts";
import { Interest, type PlatformStream, Readiness } from "../core/platform.ts";

const NOT_WRITABLE = -Errno.BADF;
const NOT_READABLE = -Errno.BADF;

function zeroFilestat(out: Filestat, filetype: Filetype): number {
  out.dev = 0n;
  out.ino = 0n;
  out.filetype = filetype;
  out.nlink = 1n;
  out.size = 0n;
  out.atim = 0n;
  out.mtim = 0n;
  out.ctim = 0n;
  return 0;
}

/** What the streams below have in common. */
interface Always {
  readonly kind: "stream";
  readonly isTerminal: false;
}

const ALWAYS: Always = { kind: "stream", isTerminal: false };

/** A stream that is always at its end and takes whatever is written: /dev/null. */
export function nullStream(): PlatformStream {
  return {
    ...ALWAYS,
    filetype: Filetype.CHARACTER_DEVICE,
    needsEventLoop: false,
    readiness: (interest) => interest,
    readableBytes: () => 0,
    subscribe: readyAtOnce,
    read: () => 0,
    write: (_bytes, _start, length) => length,
    fstat: (out) => zeroFilestat(out, Filetype.CHARACTER_DEVICE),
    close: () => 0,
  };
}

/** A stream that holds these bytes, then ends. */
export function bytesStream(content: Uint8Array): PlatformStream {
  let at = 0;
  return {
    ...ALWAYS,
    filetype: Filetype.UNKNOWN,
    needsEventLoop: false,
    readiness: (interest) => interest & Interest.READ,
    readableBytes: () => content.length - at,
    subscribe: readyAtOnce,
    read(bytes, start, length) {
      const taken = Math.min(length, content.length - at);
      bytes.set(content.subarray(at, at + taken), start);
      at += taken;
      return taken;
    },
    write: () => NOT_WRITABLE,
    fstat: (out) => zeroFilestat(out, Filetype.UNKNOWN),
    close: () => 0,
  };
}

function readyAtOnce(_interest: number, wake: () => void): () => void {
  wake();
  return () => {};
}

/** A stream that keeps what is written to it. */
export class CapturedStream implements PlatformStream {
  readonly kind = "stream";
  readonly filetype: typeof Filetype.UNKNOWN = Filetype.UNKNOWN;
  readonly isTerminal = false;
  readonly needsEventLoop = false;
  #bytes: Uint8Array = new Uint8Array(1024);
  #length = 0;

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

  subscribe(_interest: number, wake: () => void): () => void {
    return readyAtOnce(_interest, wake);
  }

  read(): number {
    return NOT_READABLE;
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    const needed = this.#length + length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes.subarray(start, start + length), this.#length);
    this.#length = needed;
    return length;
  }

  fstat(out: Filestat): number {
    return zeroFilestat(out, Filetype.UNKNOWN);
  }

  close(): number {
    return 0;
  }
}

/** Those who wait for a stream to change. */
class Wakers {
  readonly #wakers: Set<() => void> = new Set();

  add(wake: () => void): () => void {
    this.#wakers.add(wake);
    return () => void this.#wakers.delete(wake);
  }

  wakeAll(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}

/** Standard input from a web stream. It is read only while the guest asks for more. */
export class ReadableSource implements PlatformStream {
  readonly kind = "stream";
  readonly filetype: typeof Filetype.UNKNOWN = Filetype.UNKNOWN;
  readonly isTerminal = false;
  readonly needsEventLoop = true;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #wakers: Wakers = new Wakers();
  #chunk: Uint8Array = new Uint8Array(0);
  #state: "open" | "reading" | "ended" | "failed" = "open";

  /** @param stream Locked until the guest ends. */
  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  #pull(): void {
    if (this.#state !== "open" || this.#chunk.length > 0) return;
    this.#state = "reading";
    this.#reader.read().then(({ done, value }) => {
      this.#state = done ? "ended" : "open";
      if (value !== undefined) this.#chunk = value;
      if (!done && this.#chunk.length === 0) this.#pull();
      this.#wakers.wakeAll();
    }, () => {
      this.#state = "failed";
      this.#wakers.wakeAll();
    });
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

  subscribe(_interest: number, wake: () => void): () => void {
    return this.#wakers.add(wake);
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    const taken = Math.min(length, this.#chunk.length);
    if (taken === 0) {
      this.#pull();
      if (this.#state === "failed") return -Errno.IO;
      return this.#state === "ended" ? 0 : -Errno.AGAIN;
    }
    bytes.set(this.#chunk.subarray(0, taken), start);
    this.#chunk = this.#chunk.subarray(taken);
    return taken;
  }

  write(): number {
    return NOT_WRITABLE;
  }

  fstat(out: Filestat): number {
    return zeroFilestat(out, Filetype.UNKNOWN);
  }

  close(): number {
    this.#reader.cancel().catch(() => {});
    return 0;
  }
}

/** Bytes that wait for a web stream at most; then the guest waits. */
const MAX_QUEUED = 64 * 1024;

/** Standard output into a web stream, which may be slow: the guest then waits with its next write. */
export class WritableSink implements PlatformStream {
  readonly kind = "stream";
  readonly filetype: typeof Filetype.UNKNOWN = Filetype.UNKNOWN;
  readonly isTerminal = false;
  readonly needsEventLoop = true;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #wakers: Wakers = new Wakers();
  #queued = 0;
  #failed = false;

  /** @param stream Locked until the guest ends. */
  constructor(stream: WritableStream<Uint8Array>) {
    this.#writer = stream.getWriter();
    this.#writer.closed.catch(() => this.#fail());
  }

  #fail(): void {
    this.#failed = true;
    this.#wakers.wakeAll();
  }

  readiness(interest: number): number {
    if ((interest & Interest.WRITE) === 0) return 0;
    if (this.#failed) return Readiness.WRITE | Readiness.HANGUP;
    return this.#queued < MAX_QUEUED ? Readiness.WRITE : 0;
  }

  readableBytes(): number {
    return 0;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    return this.#wakers.add(wake);
  }

  read(): number {
    return NOT_READABLE;
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.#failed) return -Errno.PIPE;
    const room = MAX_QUEUED - this.#queued;
    if (room <= 0) return -Errno.AGAIN;
    const taken = Math.min(length, room);
    this.#queued += taken;
    this.#writer.write(bytes.slice(start, start + taken)).then(() => {
      this.#queued -= taken;
      this.#wakers.wakeAll();
    }, () => this.#fail());
    return taken;
  }

  fstat(out: Filestat): number {
    return zeroFilestat(out, Filetype.UNKNOWN);
  }

  close(): number {
    return 0;
  }

  /**
   * Write out what is queued and close the web stream; or give both up if `signal` was aborted, without waiting for a
   * stream that may be stuck. Never rejects.
   */
  async finish(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) {
      this.#writer.abort(signal.reason).catch(() => {});
      return;
    }
    try {
      await this.#writer.close();
    } catch {
      // The stream failed, and the guest was told so by its writes.
    }
  }
}
