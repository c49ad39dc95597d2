/** What all interfaces with streams and pollables share, for one guest. */

import type { CallContext } from "../../../component/abi/context.ts";
import { DONE } from "../../../component/link/function.ts";
import { ResourceType } from "../../../component/link/resource_type.ts";
import type { Pollable } from "../../../contract/pollable.ts";
import { type ByteSink, OutQueue } from "../../../core/io/out_queue.ts";
import { PendingOutput } from "../../../core/io/pending_output.ts";
import type { GuestWaiter } from "../../../core/io/wait.ts";
import type { Errno } from "../../../witx/errno.ts";
import type { WasiHost } from "../../host.ts";
import { CLOSED, type InputStream } from "./input_stream.ts";
import { type ErrorOrigin, IoError } from "./io_error.ts";
import { OutputStream } from "./output_stream.ts";
import type { PollTarget } from "./pollable.ts";

/** Bytes that one call reads at most. */
export const MAX_READ: number = 64 * 1024;

/** So many bytes are copied one by one: faster than a copy by the engine. */
const FEW = 64;

/** Canonical text of `stream-error`. */
export const STREAM_ERROR: string = "variant{last-operation-failed(own<error>), closed}";

/** Offset of the handle in a `stream-error`, and its discriminants. */
const ERROR_AT = 4;
const LAST_OPERATION_FAILED = 0;
const CLOSED_CASE = 1;

/** The queued output of a guest: an object to be shared ({@linkcode WasiHost.shared}). */
export function pendingOutput(): PendingOutput {
  return new PendingOutput();
}

/** Resource types of `wasi:io`, and the way to wait: `host.shared(guestIo)`. */
export function guestIo(host: WasiHost): GuestIo {
  return new GuestIo(host.guest.waiter, host.shared(pendingOutput));
}

/** Resource types of `wasi:io`, the waits of the guest, and the results that its streams have in common. */
export class GuestIo {
  readonly error: ResourceType<IoError> = new ResourceType("error");
  readonly pollable: ResourceType<PollTarget> = new ResourceType("pollable");
  readonly inputStream: ResourceType<InputStream> = new ResourceType("input-stream", (stream) => stream.close());
  readonly outputStream: ResourceType<OutputStream> = new ResourceType("output-stream", (stream) => stream.close());
  /** Waits for the guest. */
  readonly waiter: GuestWaiter;
  /** Queued output. */
  readonly pending: PendingOutput;
  #scratch: Uint8Array | undefined;
  /** The first bytes of the buffer, as many as were copied last. */
  #copied: Uint8Array = new Uint8Array(0);

  /**
   * @param waiter Waits for the guest.
   * @param pending Queued output.
   */
  constructor(waiter: GuestWaiter, pending: PendingOutput) {
    this.waiter = waiter;
    this.pending = pending;
  }

  /** A buffer of {@linkcode MAX_READ} bytes, for use within one call. */
  get scratch(): Uint8Array {
    return this.#scratch ??= new Uint8Array(MAX_READ);
  }

  /** Copy the first bytes of {@linkcode GuestIo.scratch}. */
  copyScratch(to: Uint8Array, at: number, count: number): void {
    const { scratch } = this;
    if (count <= FEW) {
      for (let i = 0; i < count; i++) to[at + i] = scratch[i]!;
      return;
    }
    if (this.#copied.length !== count) this.#copied = scratch.subarray(0, count);
    to.set(this.#copied, at);
  }

  /** A buffer of zeros, for use within one call. @param count How many are needed, at most {@linkcode MAX_READ}. */
  zeros(count: number): Uint8Array {
    return this.scratch.fill(0, 0, Math.min(count, MAX_READ));
  }

  /** An output stream of its own queue, for a file or socket. */
  openOutput(sink: ByteSink, origin: ErrorOrigin): OutputStream {
    return new OutputStream(new OutQueue(sink, this.pending), origin);
  }

  /**
   * Wait for one thing, and write meanwhile what is queued.
   *
   * @param pollable What to wait for; undefined to let others run.
   * @param interest Bits of `Interest`.
   * @returns `WAIT`: the attempt is made again.
   */
  waitForOne(cx: CallContext, pollable: Pollable | undefined, interest: number): 1 {
    if (pollable === undefined) return this.waitFor(cx, [], [], 0);
    return this.waitFor(cx, [pollable], [interest], Infinity);
  }

  /** As {@linkcode GuestIo.waitForOne}, for a target: not longer than until its deadline. */
  waitForTarget(cx: CallContext, target: PollTarget): 1 {
    const pollable = target.awaited();
    const { deadlineNs } = target;
    if (deadlineNs === undefined || pollable === undefined) return this.waitForOne(cx, pollable, target.interest);
    const leftNs = Math.max(deadlineNs - this.waiter.clock.monotonic(), 0);
    return this.waitFor(cx, [pollable], [target.interest], leftNs);
  }

  /**
   * Wait, and write meanwhile what is queued.
   *
   * @param pollables What to wait for; the array is used up.
   * @param interests Bits of `Interest`, one entry for each; used up.
   * @param timeoutNs Timeout; `Infinity` for none.
   * @returns `WAIT`.
   */
  waitFor(cx: CallContext, pollables: Pollable[], interests: number[], timeoutNs: number): 1 {
    if (!this.pending.isEmpty) {
      this.pending.drain();
      this.pending.appendTo(pollables, interests);
    }
    return cx.waitFor(pollables, interests, timeoutNs);
  }

  /**
   * A call that does not wait has found nothing. A guest that only ever asks must let the event loop turn now and then, or
   * nothing it asks for could happen.
   *
   * @param pollable What might have been found.
   * @returns `WAIT` to make the attempt again after a turn; `DONE` to answer.
   */
  foundNothing(cx: CallContext, pollable: Pollable | undefined): 0 | 1 {
    const { mode, fairness, clock } = this.waiter;
    if (!this.pending.isEmpty) this.pending.drain();
    if (mode === "block" || pollable?.needsEventLoop !== true) return DONE;
    return fairness.isStarving(clock.monotonic()) ? this.waitFor(cx, [], [], 0) : DONE;
  }

  /** True if a target is ready. */
  isReady(target: PollTarget): boolean {
    const pollable = target.awaited();
    if (pollable === undefined) return true;
    if (target.hasTried === true) return false;
    if (target.deadlineNs !== undefined && target.deadlineNs <= this.waiter.clock.monotonic()) return true;
    pollable.group?.refresh();
    return pollable.readiness(target.interest) !== 0;
  }

  /**
   * Store a `stream-error`.
   *
   * @param at Where: 8 bytes in memory, aligned to 4.
   * @param failure {@linkcode CLOSED}, or minus an errno.
   * @param origin Of the stream.
   */
  storeError(cx: CallContext, at: number, failure: number, origin: ErrorOrigin): void {
    if (failure === CLOSED) {
      cx.bytes[at] = CLOSED_CASE;
      return;
    }
    cx.bytes[at] = LAST_OPERATION_FAILED;
    const handle = cx.addHandle(this.error, new IoError(-failure as Errno, origin));
    cx.view.setUint32(at + ERROR_AT, handle, true);
  }

  /**
   * Give the guest a pollable.
   *
   * @returns Its handle.
   */
  subscribe(cx: CallContext, target: PollTarget): number {
    return cx.addHandle(this.pollable, target);
  }
}
