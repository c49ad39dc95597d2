/**
 * An edge-triggered readiness cache: all sockets of a network are in one event queue, which reports each change once.
 * The readiness of each socket is kept in bits, so that neither a query nor a wait costs a system call for each socket.
 */

import { Interest, type PollGroup, Readiness, type WakeSource } from "../../../contract/pollable.ts";
import { afterTurn } from "../../../core/io/waiter.ts";
import { type EventQueues, MAX_EVENTS, PollEvents } from "./event_queue.ts";
import { eventQueuesOf } from "./open_event_queue.ts";
import type { FdWatch } from "./fd_watch.ts";
import type { Syscalls } from "../syscalls.ts";
import { type PollSyscalls, pollSyscallsOf } from "./poll_syscalls.ts";

const BOTH = Interest.READ | Interest.WRITE;

/** Interval of retries for sockets that the system reports no event for (ms). */
const RETRY_MS = 2;

/** A descriptor in a {@linkcode Reactor}. */
export abstract class Registration {
  /** The reactor that it is registered with. */
  readonly group: Reactor;
  /** Its slot in the reactor, or -1. */
  slot = -1;
  /** Its index in {@linkcode Reactor.readable}, or -1. */
  readableIndex = -1;
  /** Its descriptor; -1 once it is closed. */
  protected fd: number;
  /** Cached bits of `PollEvents`. */
  #ready = 0;
  /** Bits of `Interest` whose cached state may be out of date: the next query polls the descriptor. */
  #stale = 0;
  /** True while writes are retried in intervals, because the system reports no event for them. */
  #retrying = false;

  /**
   * @param group The reactor to register with.
   * @param fd Its descriptor.
   */
  constructor(group: Reactor, fd: number) {
    this.group = group;
    this.fd = fd;
  }

  /** True if an error ends the socket. A datagram socket continues after one. */
  protected abstract readonly isErrorFinal: boolean;

  /** Applies an event mask for the given directions. @returns True if the socket became ready in a new way. */
  onEvents(events: number, directions: number): boolean {
    const before = this.#ready;
    const replaced = directions === BOTH ? BOTH | PollEvents.HANGUP | PollEvents.ERROR : directions;
    let ready = this.#ready & ~replaced | events & ~PollEvents.RECHECK;
    if ((events & PollEvents.ERROR) !== 0) ready |= BOTH | (this.isErrorFinal ? PollEvents.HANGUP : 0);
    if (this.#retrying) ready &= ~PollEvents.WRITE;
    this.#update(ready, (events & PollEvents.RECHECK) !== 0 ? BOTH : this.#stale & ~directions);
    return (ready & ~before) !== 0 || (events & PollEvents.RECHECK) !== 0;
  }

  #update(ready: number, stale: number): void {
    this.#ready = ready;
    this.#stale = stale;
    const isReadable = (ready & (PollEvents.READ | PollEvents.HANGUP) | stale & Interest.READ) !== 0;
    if (isReadable !== this.readableIndex >= 0) this.group.setReadable(this, isReadable);
  }

  /** Discard the cached state. */
  invalidateAll(): void {
    this.#update(0, BOTH);
  }

  /** Mark the cached state of a direction as out of date. */
  protected invalidate(interest: number): void {
    this.#update(this.#ready, this.#stale | interest);
  }

  /** A call returned `AGAIN`: the direction is not ready until an event says so. */
  protected clearReady(interest: number): void {
    this.#update(this.#ready & ~interest, this.#stale & ~interest);
  }

  /** A read was short: nothing is left to read, except after the peer's end or an urgent mark. */
  protected onDrained(): void {
    if ((this.#ready & (PollEvents.READ_END | PollEvents.HANGUP)) !== 0) return;
    if ((this.#ready & PollEvents.URGENT) !== 0) this.invalidate(Interest.READ);
    else this.clearReady(Interest.READ);
  }

  /** The end was read: every later read returns it again. */
  protected onEndRead(): void {
    this.#update(this.#ready | PollEvents.READ | PollEvents.READ_END, this.#stale & ~Interest.READ);
  }

  /** No event will report that a write can succeed: try again after {@linkcode RETRY_MS}. */
  protected retryLater(): void {
    this.#retrying = true;
    this.clearReady(Interest.WRITE);
    this.group.scheduleRetry(this);
  }

  /** The retry is due. */
  onRetry(): void {
    this.#retrying = false;
    this.invalidate(Interest.WRITE);
  }

  /** As `Pollable.readiness`. */
  readiness(interest: number): number {
    if ((this.#stale & interest) !== 0) this.onEvents(this.group.pollNow(this.fd), BOTH);
    const ready = this.#ready;
    return (ready & PollEvents.HANGUP) !== 0 ? interest | Readiness.HANGUP : ready & interest;
  }

  /** As `Pollable.subscribe`. */
  subscribe(_interest: number, wake: () => void): () => void {
    return this.group.subscribe(wake);
  }

  /** As `Pollable.source`. */
  get source(): WakeSource {
    return this.group;
  }

  /** Remove it from the reactor. */
  protected unregister(): void {
    this.#update(0, 0);
    this.group.remove(this);
  }
}

/** The sockets of a network. The event queue is open while there are registrations. */
export class Reactor implements PollGroup, WakeSource {
  readonly #syscalls: Syscalls;
  readonly #queues: EventQueues;
  readonly #poll: PollSyscalls;
  readonly #watch: () => FdWatch;
  #queue = -1;
  readonly #registrations: (Registration | undefined)[] = [];
  readonly #generations: number[] = [];
  readonly #free: number[] = [];
  #size = 0;
  /** Registrations that are or may be readable, in no order. */
  readonly readable: Registration[] = [];
  #retrying: Registration[] = [];
  #retryMs = 0;
  readonly #wakers: Set<() => void> = new Set();
  #unwatch: (() => void) | undefined;
  #willPollSoon = false;
  #willPollLater = false;

  /**
   * @param syscalls The system's calls.
   * @param watch Reports events on the queue while the event loop runs.
   */
  constructor(syscalls: Syscalls, watch: () => FdWatch) {
    this.#syscalls = syscalls;
    this.#queues = eventQueuesOf(syscalls.libc);
    this.#poll = pollSyscallsOf(syscalls.libc);
    this.#watch = watch;
  }

  /** Descriptor that becomes readable when an event arrives; -1 without registrations. */
  get fd(): number {
    return this.#queue;
  }

  /** Number of registrations. */
  get size(): number {
    return this.#size;
  }

  /** Register a descriptor. @returns 0 or minus an errno. */
  add(registration: Registration, fd: number): number {
    if (this.#queue < 0) {
      const queue = this.#queues.open();
      if (queue < 0) return queue;
      this.#queue = queue;
    }
    const slot = this.#free.pop() ?? this.#registrations.length;
    const generation = this.#generations[slot] ??= 0;
    const result = this.#queues.watch(this.#queue, fd, slot, generation);
    this.#size++;
    this.#registrations[slot] = registration;
    registration.slot = slot;
    if (result < 0) this.remove(registration);
    else registration.invalidateAll();
    return result;
  }

  /** Remove a registration whose descriptor is about to be closed. */
  remove(registration: Registration): void {
    const { slot } = registration;
    if (slot < 0) return;
    registration.slot = -1;
    this.#registrations[slot] = undefined;
    this.#generations[slot] = this.#generations[slot]! + 1 >>> 0;
    this.#free.push(slot);
    if (--this.#size === 0) this.#close();
  }

  #close(): void {
    const queue = this.#queue;
    this.#queue = -1;
    this.#stopWatching();
    this.#syscalls.fds.close(queue);
  }

  /** Update {@linkcode Reactor.readable}. */
  setReadable(registration: Registration, isReadable: boolean): void {
    const { readable } = this;
    if (isReadable) {
      registration.readableIndex = readable.length;
      readable.push(registration);
      return;
    }
    const last = readable.pop()!;
    if (last !== registration) {
      readable[registration.readableIndex] = last;
      last.readableIndex = registration.readableIndex;
    }
    registration.readableIndex = -1;
  }

  /** The current state of a descriptor by poll(2): bits of `PollEvents`. */
  pollNow(fd: number): number {
    return this.#poll.pollNow(fd);
  }

  refresh(): void {
    this.wait(0);
  }

  /**
   * Wait for events and apply them. It may end early.
   *
   * @param timeoutMs How long at most; -1 for ever.
   * @returns True if a socket became ready in a new way.
   */
  wait(timeoutMs: number): boolean {
    let isNews = this.#retrying.length > 0 && this.#retryDue();
    if (this.#queue >= 0 && this.#drain(isNews ? 0 : timeoutMs)) isNews = true;
    if (isNews && this.#wakers.size > 0) this.#notify();
    return isNews;
  }

  /** Take all events. The wait continues after events that report nothing new. */
  #drain(timeoutMs: number): boolean {
    const deadlineMs = timeoutMs > 0 ? performance.now() + timeoutMs : 0;
    let isNews = false;
    for (;;) {
      const count = this.#queues.wait(this.#queue, isNews ? 0 : timeoutMs);
      for (let i = 0; i < count; i++) {
        if (this.#dispatch(i)) isNews = true;
      }
      if (count < MAX_EVENTS && (isNews || count === 0 || timeoutMs === 0)) return isNews;
      if (timeoutMs > 0) timeoutMs = Math.max(0, Math.floor(deadlineMs - performance.now()));
    }
  }

  #dispatch(index: number): boolean {
    const queues = this.#queues;
    const slot = queues.slotAt(index);
    if (queues.generationAt(index) !== this.#generations[slot]) return false;
    return this.#registrations[slot]?.onEvents(queues.eventsAt(index), queues.interestAt(index)) ?? false;
  }

  /** Retry a registration after {@linkcode RETRY_MS}. */
  scheduleRetry(registration: Registration): void {
    if (this.#retrying.length === 0) this.#retryMs = performance.now() + RETRY_MS;
    if (!this.#retrying.includes(registration)) this.#retrying.push(registration);
    if (this.#wakers.size > 0) this.#pollLater();
  }

  /** ns until the next retry; `Infinity` if none is scheduled. */
  get retryNs(): number {
    if (this.#retrying.length === 0) return Infinity;
    return Math.max(0, this.#retryMs - performance.now()) * 1e6;
  }

  /** Run the retries that are due. @returns True if there were any. */
  #retryDue(): boolean {
    if (performance.now() < this.#retryMs) return false;
    const due = this.#retrying;
    this.#retrying = [];
    for (const registration of due) registration.onRetry();
    return true;
  }

  subscribe(wake: () => void): () => void {
    this.#wakers.add(wake);
    if (this.#retrying.length > 0) this.#pollLater();
    this.#pollSoon();
    return () => {
      this.#wakers.delete(wake);
      if (this.#wakers.size === 0) this.#stopWatching();
    };
  }

  #notify(): void {
    for (const wake of this.#wakers) wake();
  }

  #pollLater(): void {
    if (this.#willPollLater) return;
    setTimeout(() => {
      this.#willPollLater = false;
      if (this.#wakers.size > 0 && !this.wait(0)) this.#pollSoon();
    }, RETRY_MS);
    this.#willPollLater = true;
  }

  /** Poll at the next turn of the event loop: under load there are events by then, and no other thread has to wait. */
  #pollSoon(): void {
    if (this.#willPollSoon) return;
    afterTurn(() => {
      this.#willPollSoon = false;
      if (this.#wakers.size === 0 || this.#queue < 0) return;
      if (this.wait(0)) this.#pollSoon();
      else this.#startWatching();
    });
    this.#willPollSoon = true;
  }

  #startWatching(): void {
    this.#unwatch ??= this.#watch().watch(this.#queue, Interest.READ, this.#onQueueReady, true);
    if (this.#unwatch === undefined) this.#pollLater();
  }

  readonly #onQueueReady = (): void => {
    this.#stopWatching();
    this.refresh();
    if (this.#wakers.size > 0) this.#pollSoon();
  };

  #stopWatching(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }
}
