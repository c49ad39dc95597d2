/** Keeps the last of what a guest wrote to its standard error, for the message of a guest that does not start. */

import type { Platform, PlatformStream } from "../core/platform.ts";
import type { Filestat, Filetype } from "../witx/types.ts";

/** Bytes that are kept. */
const TAIL_BYTES = 2048;

/** The end of a text that grows. */
export class Tail {
  #bytes: Uint8Array = new Uint8Array(0);

  /** Add to the end. */
  push(bytes: Uint8Array): void {
    const last = bytes.subarray(Math.max(bytes.length - TAIL_BYTES, 0));
    const kept = this.#bytes.subarray(Math.max(this.#bytes.length + last.length - TAIL_BYTES, 0));
    const joined = new Uint8Array(kept.length + last.length);
    joined.set(kept);
    joined.set(last, kept.length);
    this.#bytes = joined;
  }

  /** What is kept, from the start of a line. */
  text(): string {
    const text = new TextDecoder().decode(this.#bytes);
    return this.#bytes.length < TAIL_BYTES ? text : text.slice(text.indexOf("\n") + 1);
  }
}

/** A platform whose standard error goes where it went, and into `tail`. */
export function withStderrTail(platform: Platform, tail: Tail): Platform {
  return {
    name: platform.name,
    clock: platform.clock,
    random: platform.random,
    stdio: (suspends) => {
      const { stdin, stdout, stderr } = platform.stdio(suspends);
      return { stdin, stdout, stderr: new TailedStream(stderr, tail) };
    },
    network: (suspends, dnsServer) => platform.network?.(suspends, dnsServer),
    ...(platform.waiter === undefined ? {} : { waiter: (suspends) => platform.waiter!(suspends) }),
    openRoot: (path) => platform.openRoot(path),
    readFile: (path) => platform.readFile(path),
  };
}

/** A stream that is written on, and into a tail. */
class TailedStream implements PlatformStream {
  readonly kind = "stream";
  readonly #stream: PlatformStream;
  readonly #tail: Tail;

  constructor(stream: PlatformStream, tail: Tail) {
    this.#stream = stream;
    this.#tail = tail;
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
    if (written > 0) this.#tail.push(bytes.subarray(start, start + written));
    return written;
  }

  readiness(interest: number): number {
    return this.#stream.readiness(interest);
  }

  readableBytes(): number {
    return this.#stream.readableBytes();
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
