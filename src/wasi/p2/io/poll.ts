/** `wasi:io/poll`: waiting for many things at once. */

import type { CallContext } from "../../../component/abi/context.ts";
import { DONE, type HostFunction } from "../../../component/link/function.ts";
import { trap } from "../../../component/link/trap.ts";
import { Deadline } from "../../../core/io/deadline.ts";
import { PollRound, type PollSource } from "../../../core/io/poll_round.ts";
import type { HostInterface, WasiHost } from "../../host.ts";
import { type GuestIo, guestIo } from "./guest_io.ts";
import { ALWAYS_READY, type PollTarget } from "./pollable.ts";

const HANDLE_BYTES = 4;

/** The interface `wasi:io/poll@0.2`. */
export function pollInterface(host: WasiHost): HostInterface {
  const io = host.shared(guestIo);
  const poller = new Poller(io);
  return {
    functions: {
      "[method]pollable.ready": ready(io),
      "[method]pollable.block": block(io, poller),
      poll: poll(io, poller),
    },
    resources: { pollable: io.pollable },
  };
}

function ready(io: GuestIo): HostFunction {
  return {
    type: "func(self: borrow<pollable>) -> bool",
    attempt: (cx) => (self: number): 0 | 1 => {
      cx.enter();
      const target = cx.handle(self, io.pollable);
      const isReady = io.isReady(target);
      cx.result = isReady ? 1 : 0;
      return isReady ? DONE : io.foundNothing(cx, target.awaited());
    },
  };
}

function block(io: GuestIo, poller: Poller): HostFunction {
  return {
    type: "func(self: borrow<pollable>)",
    attempt: (cx) => (self: number): 0 | 1 => {
      cx.enter();
      poller.begin();
      poller.add(cx.handle(self, io.pollable));
      return poller.run(cx);
    },
  };
}

function poll(io: GuestIo, poller: Poller): HostFunction {
  return {
    type: "func(in: list<borrow<pollable>>) -> list<u32>",
    attempt: (cx) => (list: number, length: number, result: number): 0 | 1 => {
      cx.enter();
      const from = list >>> 0;
      const count = length >>> 0;
      const at = result >>> 0;
      cx.checkSpan(from, count * HANDLE_BYTES, HANDLE_BYTES);
      cx.checkSpan(at, 8, 4);
      if (count === 0) trap("empty poll list");
      poller.begin();
      for (let i = 0; i < count; i++) {
        poller.add(cx.handle(cx.view.getInt32(from + i * HANDLE_BYTES, true), io.pollable));
      }
      if (poller.run(cx) !== DONE) return 1;
      poller.store(cx, at);
      return DONE;
    },
  };
}

/** Polls one list at a time, from {@linkcode Poller.begin} to {@linkcode Poller.run}. It does not allocate unless it waits. */
class Poller implements PollSource {
  readonly #io: GuestIo;
  readonly #round: PollRound;
  /** The first `#count` are polled. */
  readonly #targets: PollTarget[] = [];
  #count = 0;
  #ready: Uint32Array = new Uint32Array(16);
  #readyCount = 0;
  /** Turns of the event loop at the last answer: a poll that follows a turn need not wait for another. */
  #answeredTurns = 0;

  /** @param io Waits for the guest. */
  constructor(io: GuestIo) {
    this.#io = io;
    this.#round = new PollRound(io.waiter);
  }

  /** A new list. */
  begin(): void {
    this.#count = 0;
  }

  /** One more entry of the list. */
  add(target: PollTarget): void {
    this.#targets[this.#count++] = target;
  }

  /** Ask everything. @returns `DONE` if something is ready, or `WAIT`: then the list must be made again. */
  run(cx: CallContext): 0 | 1 {
    const { pending, waiter } = this.#io;
    if (!pending.isEmpty) pending.drain();
    if (this.#round.step(this, waiter.fairness.turns !== this.#answeredTurns)) {
      this.#answeredTurns = waiter.fairness.turns;
      this.#forget();
      return DONE;
    }
    const { pollables, interests } = this.#round.waiting();
    this.#forget();
    return this.#io.waitFor(cx, pollables, interests, this.#round.timeoutNs);
  }

  /** Do not keep what the guest may drop. */
  #forget(): void {
    for (let i = 0; i < this.#count; i++) this.#targets[i] = ALWAYS_READY;
  }

  askAll(round: PollRound): void {
    if (this.#ready.length < this.#count) this.#ready = new Uint32Array(this.#targets.length);
    this.#readyCount = 0;
    for (let i = 0; i < this.#count; i++) {
      if (isReady(this.#targets[i]!, round)) this.#ready[this.#readyCount++] = i;
    }
  }

  /** Store the indices of what is ready as a `list<u32>`. @param at Where its pointer and length go. */
  store(cx: CallContext, at: number): void {
    const count = this.#readyCount;
    const pointer = cx.realloc(4, count * 4);
    for (let i = 0; i < count; i++) cx.view.setUint32(pointer + i * 4, this.#ready[i]!, true);
    cx.view.setUint32(at, pointer, true);
    cx.view.setUint32(at + 4, count, true);
  }
}

function isReady(target: PollTarget, round: PollRound): boolean {
  const pollable = target.awaited();
  if (pollable === undefined) {
    round.answer();
    return true;
  }
  if (pollable instanceof Deadline) return round.askDeadline(pollable.timeNs);
  if (target.deadlineNs !== undefined && round.askDeadline(target.deadlineNs)) return true;
  if (target.hasTried !== true) return round.ask(pollable, target.interest) !== 0;
  round.addWait(pollable, target.interest);
  return false;
}
