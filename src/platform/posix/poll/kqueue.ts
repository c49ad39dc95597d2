/** kqueue(2) of macOS. Source: sys/event.h. Written from it; not run yet. */

import { Interest } from "../../../contract/pollable.ts";
import type { Region } from "../ffi/arena.ts";
import { type EventQueues, MAX_EVENTS, PollEvents } from "./event_queue.ts";
import type { ForeignCalls, ForeignFunctions } from "../ffi/ffi.ts";
import type { Libc } from "../ffi/libc.ts";

const EVFILT_READ = -1;
const EVFILT_WRITE = -2;
const EV_ADD = 1;
const EV_DELETE = 2;
const EV_ONESHOT = 0x10;
const EV_CLEAR = 0x20;
const EV_EOF = 0x8000;

/** Words of a `struct kevent`, and where its members start. */
const WORDS = 8;
const IDENT = 0;
const FILTER_AND_FLAGS = 2;
const UDATA = 6;

const FUNCTIONS = {
  kqueue: { parameters: [], result: "i32" },
  kevent: { parameters: ["i32", "address", "i32", "address", "i32", "address"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

/** Queues of macOS. */
export class Kqueue implements EventQueues {
  readonly #libc: Libc;
  readonly #calls: ForeignCalls<keyof typeof FUNCTIONS>;
  readonly #changes: Region;
  readonly #events: Region;
  readonly #timeout: Region;

  /** @param libc The C library. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#calls = libc.open(FUNCTIONS);
    this.#changes = libc.arena.allocate(2 * WORDS * 4);
    this.#events = libc.arena.allocate(MAX_EVENTS * WORDS * 4);
    this.#timeout = libc.arena.allocate(16);
  }

  open(): number {
    return this.#libc.result(this.#calls.kqueue());
  }

  watch(queue: number, fd: number, slot: number, generation: number): number {
    this.#store(0, fd, EVFILT_READ, EV_ADD | EV_CLEAR, slot, generation);
    this.#store(1, fd, EVFILT_WRITE, EV_ADD | EV_CLEAR, slot, generation);
    return this.#change(queue, 2);
  }

  watchOnce(queue: number, fd: number, interest: number, slot: number, generation: number): number {
    let count = 0;
    if ((interest & Interest.READ) !== 0) this.#store(count++, fd, EVFILT_READ, EV_ADD | EV_ONESHOT, slot, generation);
    if ((interest & Interest.WRITE) !== 0) {
      this.#store(count++, fd, EVFILT_WRITE, EV_ADD | EV_ONESHOT, slot, generation);
    }
    return this.#change(queue, count);
  }

  /** One by one: the first that is not there any more ends a list. */
  unwatch(queue: number, fd: number): void {
    for (const filter of [EVFILT_READ, EVFILT_WRITE]) {
      this.#store(0, fd, filter, EV_DELETE, 0, 0);
      this.#change(queue, 1);
    }
  }

  #store(index: number, fd: number, filter: number, flags: number, slot: number, generation: number): void {
    const { u32 } = this.#changes;
    const at = index * WORDS;
    u32.fill(0, at, at + WORDS);
    u32[at + IDENT] = fd;
    u32[at + FILTER_AND_FLAGS] = (filter & 0xffff) | flags << 16;
    u32[at + UDATA] = slot;
    u32[at + UDATA + 1] = generation;
  }

  #change(queue: number, count: number): number {
    return this.#libc.result(this.#calls.kevent(queue, this.#changes.address, count, 0, 0, 0));
  }

  wait(queue: number, timeoutMs: number): number {
    const { u32, address } = this.#timeout;
    u32[0] = Math.floor(timeoutMs / 1000);
    u32[2] = (timeoutMs % 1000) * 1_000_000;
    const timeout = timeoutMs < 0 ? 0 : address;
    const count = this.#libc.result(this.#calls.kevent(queue, 0, 0, this.#events.address, MAX_EVENTS, timeout));
    return count > 0 ? count : 0;
  }

  slotAt(index: number): number {
    return this.#events.u32[index * WORDS + UDATA]!;
  }

  generationAt(index: number): number {
    return this.#events.u32[index * WORDS + UDATA + 1]!;
  }

  /** The end of each direction is an event of its filter; poll(2) reports both together. Urgent data is not reported. */
  eventsAt(index: number): number {
    const events = this.interestAt(index) === Interest.READ ? PollEvents.READ | PollEvents.URGENT : PollEvents.WRITE;
    return (this.#word(index) >>> 16 & EV_EOF) !== 0 ? events | PollEvents.RECHECK : events;
  }

  interestAt(index: number): number {
    return (this.#word(index) & 0xffff) === (EVFILT_READ & 0xffff) ? Interest.READ : Interest.WRITE;
  }

  #word(index: number): number {
    return this.#events.u32[index * WORDS + FILTER_AND_FLAGS]!;
  }
}
