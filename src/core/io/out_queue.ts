/** Output that is accepted as a whole, and queued where what is below it does not take it at once. */

import { Interest, MAX_WRITABLE, type Pollable } from "../../contract/pollable.ts";
import { Errno } from "../../witx/errno.ts";
import type { PendingOutput, QueuedOutput } from "./pending_output.ts";

/** Where the bytes go: a stream, the sending half of a socket, a file from an offset on. */
export interface ByteSink {
  /**
   * Write what fits.
   *
   * @returns Bytes written; `-AGAIN` while nothing fits; `-PIPE` when the reader is gone; or minus an errno.
   */
  write(bytes: Uint8Array, start: number, length: number): number;
  /** As `PlatformStream.flush`; missing where nothing is held back. @returns 0, `-INPROGRESS`, or minus an errno. */
  flush?(): number;
  /** What to wait for, with `Interest.WRITE`, after `-AGAIN` or `-INPROGRESS`. Missing for what never waits. */
  readonly pollable?: Pollable | undefined;
  /** How long the end of the guest waits for what is queued (ns); missing: until it is sent or fails. */
  readonly lingerNs?: number | undefined;
  /** Called once, after the last byte was written or has failed; not for a queue that is never closed. */
  close?(): void;
}

/**
 * A queue before a {@linkcode ByteSink}. A write within the {@linkcode OutQueue.permit} takes all bytes: what the sink
 * does not take is copied, and written when the guest next waits or uses the queue, and at its end.
 *
 * The sink is not polled before a write: that would cost a system call, and the write itself reports it.
 */
export class OutQueue implements QueuedOutput {
  readonly #sink: ByteSink;
  readonly #pending: PendingOutput;
  /** What was not written yet: `[#start, length)`. */
  #queued: Uint8Array | undefined;
  #start = 0;
  #isFlushing = false;
  #isClosing = false;
  #failure = 0;
  #actions: (() => void)[] | undefined;

  /**
   * @param sink Takes the bytes.
   * @param pending Gets this queue while it holds something.
   */
  constructor(sink: ByteSink, pending: PendingOutput) {
    this.#sink = sink;
    this.#pending = pending;
  }

  /** What to wait for while {@linkcode OutQueue.isBusy}. */
  get pollable(): Pollable | undefined {
    return this.#sink.pollable;
  }

  /** How long the end of the guest waits for it (ns). */
  get lingerNs(): number {
    return this.#sink.lingerNs ?? Infinity;
  }

  /** Bits of `Interest` to wait for with {@linkcode OutQueue.pollable}. */
  get interest(): number {
    return Interest.WRITE;
  }

  /** True while bytes are queued or a flush is in progress. */
  get isBusy(): boolean {
    return this.#queued !== undefined || this.#isFlushing;
  }

  /** True once a write has failed: all further calls return the same failure. */
  get hasFailed(): boolean {
    return this.#failure !== 0;
  }

  /** Bytes that were accepted, and not written yet. */
  get queuedBytes(): number {
    return this.#queued === undefined ? 0 : this.#queued.length - this.#start;
  }

  /** @returns Bytes that the next write may have; 0 while busy; minus an errno after a failure. */
  permit(): number {
    if (this.isBusy) this.drain();
    if (this.#failure !== 0) return this.#failure;
    return this.isBusy ? 0 : MAX_WRITABLE;
  }

  /**
   * Write or queue all bytes, whatever {@linkcode OutQueue.permit} says.
   *
   * @returns 0, or minus an errno: of this write, or of bytes written before.
   */
  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.#failure !== 0) return this.#failure;
    let done = 0;
    if (!this.isBusy) {
      while (done < length) {
        const count = this.#sink.write(bytes, start + done, length - done);
        if (count === -Errno.AGAIN) break;
        if (count < 0) return this.#fail(count);
        done += count;
      }
    }
    if (done < length) this.#queue(bytes.subarray(start + done, start + length));
    return 0;
  }

  #queue(rest: Uint8Array): void {
    const before = this.#queued?.subarray(this.#start) ?? new Uint8Array(0);
    const queued = new Uint8Array(before.length + rest.length);
    queued.set(before);
    queued.set(rest, before.length);
    this.#queued = queued;
    this.#start = 0;
    this.#pending.add(this);
  }

  #fail(failure: number): number {
    this.#failure = failure;
    this.#isFlushing = false;
    this.#settle();
    return failure;
  }

  /** Start to pass on all that was written. @returns 0 once that is done, `-INPROGRESS`, or minus an errno. */
  flush(): number {
    if (this.#failure !== 0) return this.#failure;
    if (this.#sink.flush !== undefined) this.#isFlushing = true;
    return this.drain();
  }

  /**
   * Write what the sink takes of the queue, and continue a flush.
   *
   * @returns 0 when nothing is left to do, `-INPROGRESS`, or minus an errno.
   */
  drain(): number {
    if (this.#failure !== 0) return this.#failure;
    if (this.#queued !== undefined) {
      const failure = this.#writeQueued(this.#queued);
      if (failure < 0) return failure;
    }
    if (this.#isFlushing) {
      const flushed = this.#sink.flush?.() ?? 0;
      if (flushed === -Errno.INPROGRESS) {
        this.#pending.add(this);
        return flushed;
      }
      this.#isFlushing = false;
      if (flushed < 0) return this.#fail(flushed);
    }
    this.#settle();
    return 0;
  }

  #writeQueued(queued: Uint8Array): number {
    while (this.#start < queued.length) {
      const count = this.#sink.write(queued, this.#start, queued.length - this.#start);
      if (count === -Errno.AGAIN) return -Errno.INPROGRESS;
      if (count < 0) return this.#fail(count);
      this.#start += count;
    }
    this.#queued = undefined;
    return 0;
  }

  /** Nothing is left to do, or all that is left has failed. */
  #settle(): void {
    this.#queued = undefined;
    this.#pending.delete(this);
    const actions = this.#actions;
    this.#actions = undefined;
    if (actions !== undefined) { for (const act of actions) act(); }
    if (!this.#isClosing) return;
    this.#isClosing = false;
    this.#sink.close?.();
  }

  /** Do something after the bytes written so far, such as ending a direction of a socket: now, if nothing is queued. */
  afterDrain(act: () => void): void {
    if (this.isBusy) (this.#actions ??= []).push(act);
    else act();
  }

  /** No more writes: close the sink once the queue is empty. */
  close(): void {
    this.#isClosing = true;
    if (this.#failure !== 0) this.#settle();
    else this.drain();
  }

  /** Give up what is queued; the sink is closed if the queue was. */
  abandon(): void {
    this.#fail(-Errno.PIPE);
  }
}
