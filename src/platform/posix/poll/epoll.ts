/** epoll(7) of Linux. Source: linux/eventpoll.h. */

import { Interest } from "../../../contract/pollable.ts";
import type { Region } from "../ffi/arena.ts";
import { type EventQueues, MAX_EVENTS, PollEvents } from "./event_queue.ts";
import type { ForeignCalls, ForeignFunctions } from "../ffi/ffi.ts";
import type { Libc } from "../ffi/libc.ts";

const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;
const EPOLLIN = 1;
const EPOLLPRI = 2;
const EPOLLOUT = 4;
const EPOLLERR = 8;
const EPOLLHUP = 0x10;
const EPOLLRDHUP = 0x2000;
const EPOLLONESHOT = 1 << 30;
const EPOLLET = 1 << 31;

const BOTH_WAYS = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;
const EVERYTHING = Interest.READ | Interest.WRITE;

const FUNCTIONS = {
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "address"], result: "i32" },
  epoll_wait: { parameters: ["i32", "address", "i32", "i32"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

/** Queues of Linux. */
export class Epoll implements EventQueues {
  readonly #libc: Libc;
  readonly #calls: ForeignCalls<keyof typeof FUNCTIONS>;
  /** One `struct epoll_event` to register, and those that were taken. */
  readonly #registration: Region;
  readonly #events: Region;
  /** Words of a `struct epoll_event`, and the first of the two that are ours: x86-64 has no padding in it. */
  readonly #words: number;
  readonly #data: number;

  /** @param libc The C library. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#calls = libc.open(FUNCTIONS);
    this.#words = libc.target.isEpollPacked ? 3 : 4;
    this.#data = this.#words - 2;
    this.#registration = libc.arena.allocate(16);
    this.#events = libc.arena.allocate(MAX_EVENTS * this.#words * 4);
  }

  open(): number {
    return this.#libc.result(this.#calls.epoll_create1(this.#libc.target.open.O_CLOEXEC));
  }

  watch(queue: number, fd: number, slot: number, generation: number): number {
    return this.#control(queue, EPOLL_CTL_ADD, fd, BOTH_WAYS, slot, generation);
  }

  watchOnce(queue: number, fd: number, interest: number, slot: number, generation: number, known: boolean): number {
    const events = ((interest & Interest.READ) !== 0 ? EPOLLIN | EPOLLRDHUP : 0) |
      ((interest & Interest.WRITE) !== 0 ? EPOLLOUT : 0);
    return this.#control(queue, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, events | EPOLLONESHOT, slot, generation);
  }

  unwatch(queue: number, fd: number): void {
    this.#control(queue, EPOLL_CTL_DEL, fd, 0, 0, 0);
  }

  #control(queue: number, operation: number, fd: number, events: number, slot: number, generation: number): number {
    const { u32, address } = this.#registration;
    u32[0] = events;
    u32[this.#data] = slot;
    u32[this.#data + 1] = generation;
    return this.#libc.result(this.#calls.epoll_ctl(queue, operation, fd, address));
  }

  wait(queue: number, timeoutMs: number): number {
    const count = this.#libc.result(this.#calls.epoll_wait(queue, this.#events.address, MAX_EVENTS, timeoutMs));
    return count > 0 ? count : 0;
  }

  slotAt(index: number): number {
    return this.#events.u32[index * this.#words + this.#data]!;
  }

  generationAt(index: number): number {
    return this.#events.u32[index * this.#words + this.#data + 1]!;
  }

  eventsAt(index: number): number {
    const events = this.#events.u32[index * this.#words]!;
    return ((events & EPOLLIN) !== 0 ? PollEvents.READ : 0) |
      ((events & EPOLLOUT) !== 0 ? PollEvents.WRITE : 0) |
      ((events & EPOLLHUP) !== 0 ? PollEvents.HANGUP : 0) |
      ((events & EPOLLERR) !== 0 ? PollEvents.ERROR : 0) |
      ((events & EPOLLRDHUP) !== 0 ? PollEvents.READ_END : 0) |
      ((events & EPOLLPRI) !== 0 ? PollEvents.URGENT : 0);
  }

  /** Each event is all that holds at the moment. */
  interestAt(): number {
    return EVERYTHING;
  }
}
