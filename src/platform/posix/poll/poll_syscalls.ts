/** poll(2) and ppoll(2): for a few descriptors, and to the ns. */

import { Errno } from "../../../witx/errno.ts";
import { Interest, Readiness } from "../../../contract/pollable.ts";
import type { Region } from "../ffi/arena.ts";
import { PollEvents } from "./event_queue.ts";
import type { ForeignCall, ForeignFunctions } from "../ffi/ffi.ts";
import type { Libc } from "../ffi/libc.ts";

/** Descriptors of one call. */
const MAX_DESCRIPTORS = 512;

/** Longest wait (ns); a longer one ends early. */
const MAX_TIMEOUT_NS = 1e9 * 86_400;

const POLL = { poll: { parameters: ["address", "i32", "i32"], result: "i32" } } as const satisfies ForeignFunctions<
  string
>;
const PPOLL = {
  ppoll: { parameters: ["address", "i32", "address", "address"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

/** The calls, opened on first use. */
export function pollSyscallsOf(libc: Libc): PollSyscalls {
  return libc.parts.get(openPollSyscalls);
}

function openPollSyscalls(libc: Libc): PollSyscalls {
  return new PollSyscalls(libc);
}

/** A list of descriptors for one call. */
export class PollSyscalls {
  readonly #libc: Libc;
  readonly #poll: ForeignCall;
  readonly #list: Region;
  readonly #timeout: Region;
  readonly #one: Region;
  #ppoll: ForeignCall | undefined;
  #count = 0;

  /** @param libc The C library. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#poll = libc.open(POLL).poll;
    this.#list = libc.arena.allocate(MAX_DESCRIPTORS * 8);
    this.#timeout = libc.arena.allocate(16);
    this.#one = libc.arena.allocate(8);
  }

  /** Descriptors in the list. */
  get count(): number {
    return this.#count;
  }

  /** Empty the list. */
  clear(): void {
    this.#count = 0;
  }

  /** Put a descriptor on it. @param interest Bits of `Interest`. @returns False if there is no room. */
  add(fd: number, interest: number): boolean {
    if (this.#count === MAX_DESCRIPTORS) return false;
    const { i32 } = this.#list;
    i32[2 * this.#count] = fd;
    i32[2 * this.#count + 1] = this.#pollMask(interest);
    this.#count++;
    return true;
  }

  #pollMask(interest: number): number {
    const { POLLIN, POLLOUT } = this.#libc.target;
    return ((interest & Interest.READ) !== 0 ? POLLIN : 0) | ((interest & Interest.WRITE) !== 0 ? POLLOUT : 0);
  }

  /** Wait until one of the list is ready. @param timeoutNs At most; `Infinity` for ever. It may end early. */
  wait(timeoutNs: number): void {
    const { address } = this.#list;
    if (this.#libc.target.os !== "linux") {
      const timeoutMs = timeoutNs === Infinity ? -1 : Math.ceil(Math.min(timeoutNs, MAX_TIMEOUT_NS) / 1e6);
      this.#poll(address, this.#count, timeoutMs);
    } else {
      this.#ppoll ??= this.#libc.open(PPOLL).ppoll;
      this.#ppoll(address, this.#count, timeoutNs === Infinity ? 0 : this.#storeTimeout(timeoutNs), 0);
    }
  }

  #storeTimeout(timeoutNs: number): number | bigint {
    const { u32, address } = this.#timeout;
    const ns = Math.max(0, Math.min(timeoutNs, MAX_TIMEOUT_NS));
    u32[0] = ns / 1e9;
    u32[2] = ns % 1e9;
    return address;
  }

  /** True if the last {@linkcode PollSyscalls.wait} reported events of this entry. */
  isReady(index: number): boolean {
    return this.#list.i32[2 * index + 1]! >>> 16 !== 0;
  }

  /** What holds of one descriptor now: bits of {@linkcode PollEvents}, of both directions. */
  pollNow(fd: number): number {
    const { POLLIN, POLLOUT, POLLERR, POLLHUP } = this.#libc.target;
    const revents = this.#pollOne(fd, POLLIN | POLLOUT);
    return ((revents & POLLIN) !== 0 ? PollEvents.READ : 0) |
      ((revents & POLLOUT) !== 0 ? PollEvents.WRITE : 0) |
      ((revents & POLLHUP) !== 0 ? PollEvents.HANGUP : 0) |
      ((revents & POLLERR) !== 0 ? PollEvents.ERROR : 0);
  }

  /** Bits of `Readiness` for those of `Interest`. A descriptor that can't be polled counts as ready: the call itself then reports the error. */
  readiness(fd: number, interest: number): number {
    const { POLLIN, POLLOUT, POLLERR, POLLHUP, POLLNVAL } = this.#libc.target;
    const revents = this.#pollOne(fd, this.#pollMask(interest));
    if ((revents & POLLNVAL) !== 0) return interest;
    let readiness = 0;
    if ((revents & POLLIN) !== 0) readiness |= Readiness.READ;
    if ((revents & POLLOUT) !== 0) readiness |= Readiness.WRITE;
    if ((revents & (POLLHUP | POLLERR)) === 0) return readiness;
    return readiness | interest | ((revents & POLLIN) === 0 ? Readiness.HANGUP : 0);
  }

  /** Events of one descriptor by poll(2): `POLLNVAL` also if the call fails. */
  #pollOne(fd: number, events: number): number {
    const { i32, address } = this.#one;
    let count: number;
    do {
      i32[0] = fd;
      i32[1] = events;
      count = this.#libc.result(this.#poll(address, 1, 0));
    } while (count === -Errno.INTR);
    if (count < 0) return this.#libc.target.POLLNVAL;
    return count === 0 ? 0 : i32[1] >>> 16;
  }
}
