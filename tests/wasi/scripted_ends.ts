/**
 * Ends of streams that do as they are told.
 *
 * @module
 */

import { Interest, type Pollable, Readiness } from "../../src/contract/pollable.ts";
import type { ByteSink } from "../../src/core/io/out_queue.ts";
import type { StreamSource } from "../../src/wasi/p2/io/input_stream.ts";
import type { ErrorOrigin } from "../../src/wasi/p2/io/io_error.ts";
import { Errno } from "../../src/witx/errno.ts";

/** Is ready when it is told so. */
class Signal implements Pollable {
  needsEventLoop = true;
  isReady = false;
  /** How many waits are subscribed. */
  subscribed = 0;
  readonly #bit: number;
  readonly #wakers: Set<() => void> = new Set();

  constructor(bit: number) {
    this.#bit = bit;
  }

  readiness(interest: number): number {
    return this.isReady ? interest & this.#bit : 0;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    const waker = (): void => wake();
    this.#wakers.add(waker);
    this.subscribed++;
    return () => {
      if (this.#wakers.delete(waker)) this.subscribed--;
    };
  }

  set(isReady: boolean): void {
    this.isReady = isReady;
    if (isReady) { for (const wake of [...this.#wakers]) wake(); }
  }
}

/** A source: what is pushed can be read. */
export class ScriptedSource implements StreamSource {
  readonly origin: ErrorOrigin = "sockets";
  readonly pollable: Signal = new Signal(Readiness.READ);
  /** How often it was closed. */
  closes = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #end: number | undefined;

  /** Add bytes. */
  push(content: string | Uint8Array): this {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    this.#bytes = Uint8Array.from([...this.#bytes, ...bytes]);
    this.pollable.set(true);
    return this;
  }

  /** End after what was pushed. @param result 0, or minus an errno. */
  end(result = 0): this {
    this.#end = result;
    this.pollable.set(true);
    return this;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    const count = Math.min(this.#bytes.length, length);
    if (count === 0) return this.#end ?? -Errno.AGAIN;
    bytes.set(this.#bytes.subarray(0, count), start);
    this.#bytes = this.#bytes.slice(count);
    this.pollable.isReady = this.#bytes.length > 0 || this.#end !== undefined;
    return count;
  }

  close(): void {
    this.closes++;
  }
}

/** A sink that takes as much as it is told, and keeps it. */
export class ScriptedSink implements ByteSink {
  readonly pollable: Signal = new Signal(Interest.WRITE);
  /** What it does with the next calls: `write`, `flush`, `close`. */
  readonly log: string[] = [];
  lingerNs: number | undefined;
  /** Bytes that it takes before it answers `-AGAIN`. */
  #room: number;
  #isFlushed = true;
  #failure = 0;
  readonly #taken: number[] = [];

  /** @param room Bytes that it takes before it answers `-AGAIN`. */
  constructor(room: number = Infinity) {
    this.#room = room;
    this.pollable.isReady = room > 0;
  }

  /** What it has taken. */
  get bytes(): Uint8Array {
    return Uint8Array.from(this.#taken);
  }

  /** What it has taken, as text. */
  get text(): string {
    return new TextDecoder().decode(this.bytes);
  }

  /** Take so many more bytes. */
  allow(room: number): void {
    this.#room += room;
    this.pollable.set(true);
  }

  /** Answer minus an errno from now on. */
  fail(errno: Errno): void {
    this.#failure = -errno;
    this.pollable.set(true);
  }

  /** Hold back what is flushed, until {@linkcode ScriptedSink.release}. */
  hold(): void {
    this.#isFlushed = false;
    this.pollable.set(false);
  }

  /** Flushes are done. */
  release(): void {
    this.#isFlushed = true;
    this.pollable.set(true);
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.#failure < 0) return this.#failure;
    const count = Math.min(this.#room, length);
    this.#room -= count;
    if (this.#room === 0) this.pollable.isReady = false;
    if (count === 0 && length > 0) return -Errno.AGAIN;
    for (let i = 0; i < count; i++) this.#taken.push(bytes[start + i]!);
    this.log.push(`write ${count}`);
    return count;
  }

  flush(): number {
    if (this.#failure < 0) return this.#failure;
    this.log.push("flush");
    return this.#isFlushed ? 0 : -Errno.INPROGRESS;
  }

  close(): void {
    this.log.push("close");
  }
}
