/** Keeps the end of a guest's standard error, which usually explains why it ended. */

import type { Platform, PlatformStream } from "../../contract/platform.ts";
import type { IoVectors } from "../../contract/vectors.ts";
import type { Filestat, Filetype } from "../../witx/types.ts";

/** Bytes that are kept unless the caller says otherwise. */
const TAIL_BYTES = 2048;

/** The end of a text that grows, in a ring of a fixed size. */
export class Tail {
  readonly #ring: Uint8Array;
  #total = 0;

  /** @param size Bytes that are kept. */
  constructor(size: number = TAIL_BYTES) {
    this.#ring = new Uint8Array(size);
  }

  /** Add `length` bytes to the end. */
  push(bytes: Uint8Array, start: number, length: number): void {
    const ring = this.#ring;
    for (let i = Math.max(0, length - ring.length); i < length; i++) {
      ring[(this.#total + i) % ring.length] = bytes[start + i]!;
    }
    this.#total += length;
  }

  /** What is kept, from the start of a line. */
  text(): string {
    const size = this.#ring.length;
    if (this.#total <= size) return new TextDecoder().decode(this.#ring.subarray(0, this.#total));
    const at = this.#total % size;
    const bytes = new Uint8Array(size);
    bytes.set(this.#ring.subarray(at));
    bytes.set(this.#ring.subarray(0, at), size - at);
    const text = new TextDecoder().decode(bytes);
    return text.slice(text.indexOf("\n") + 1);
  }
}

/**
 * A platform whose standard error goes where it went, and into `tail`.
 *
 * @param platform The platform.
 * @param tail Takes the bytes that were written.
 */
export function withStderrTail(platform: Platform, tail: Tail): Platform {
  return {
    name: platform.name,
    clock: platform.clock,
    random: platform.random,
    ...(platform.tls === undefined ? {} : { tls: () => platform.tls!() }),
    stdio: (mode) => {
      const { stdin, stdout, stderr } = platform.stdio(mode);
      return { stdin, stdout, stderr: new TailedStream(stderr, tail) };
    },
    network: (mode, dnsServer) => platform.network?.(mode, dnsServer),
    ...(platform.waiter === undefined ? {} : { waiter: (mode) => platform.waiter!(mode) }),
    openRoot: (path) => platform.openRoot(path),
    readFile: (path) => platform.readFile(path),
  };
}

/** A stream that is written on, and into a tail. */
class TailedStream implements PlatformStream {
  readonly kind = "stream";
  readonly #stream: PlatformStream;
  readonly #tail: Tail;
  /** Only where the stream has it: without it the pieces are written one by one. */
  readonly writev?: (iovs: IoVectors) => number;

  constructor(stream: PlatformStream, tail: Tail) {
    this.#stream = stream;
    this.#tail = tail;
    if (stream.writev !== undefined) this.writev = (iovs) => this.#writev(iovs);
  }

  #writev(iovs: IoVectors): number {
    const written = this.#stream.writev!(iovs);
    let left = written;
    for (let i = 0; i < iovs.count && left > 0; i++) {
      const length = Math.min(left, iovs.lengths[i]!);
      this.#tail.push(iovs.bytes, iovs.starts[i]!, length);
      left -= length;
    }
    return written;
  }

  get filetype(): Filetype {
    return this.#stream.filetype;
  }

  get isTerminal(): boolean {
    return this.#stream.isTerminal;
  }

  get needsEventLoop(): boolean {
    return this.#stream.needsEventLoop;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    return this.#stream.read(bytes, start, length);
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    const written = this.#stream.write(bytes, start, length);
    if (written > 0) this.#tail.push(bytes, start, written);
    return written;
  }

  readiness(interest: number): number {
    return this.#stream.readiness(interest);
  }

  readableBytes(): number {
    return this.#stream.readableBytes();
  }

  writableBytes(): number {
    return this.#stream.writableBytes();
  }

  flush(): number {
    return this.#stream.flush();
  }

  subscribe(interest: number, wake: () => void): (() => void) | undefined {
    return this.#stream.subscribe(interest, wake);
  }

  fstat(out: Filestat): number {
    return this.#stream.fstat(out);
  }

  close(): number {
    return this.#stream.close();
  }
}
