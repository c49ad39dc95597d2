/**
 * The sockets of a network in one event queue, which tells of each change once. What holds of a socket is kept in bits,
 * so that neither asking for it nor waiting costs a call for each socket.
 */

import { Interest, type PollGroup, Readiness, type WakeSource } from "../../core/pollable.ts";
import { afterTurn } from "../../core/waiter.ts";
import { type EventQueues, MOST_EVENTS, Told } from "./event_queues.ts";
import { eventQueuesOf } from "./event_queues_of.ts";
import type { FdWatch } from "./fd_watch.ts";
import type { Host } from "./host.ts";
import { type PollFds, pollFdsOf } from "./poll_fds.ts";

const BOTH = Interest.READ | Interest.WRITE;

/** How long to leave alone what the system tells nothing about (ms). */
const RETRY_MS = 2;

/** A descriptor in a {@linkcode PollSet}. */
export abstract class Member {
  /** The set that it is in. */
  readonly group: PollSet;
  /** Its place in the set. */
  slot = -1;
  /** Its place in {@linkcode PollSet.readable}, or -1. */
  readableAt = -1;
  /** Its descriptor; -1 once it is closed. */
  protected fd: number;
  /** Bits of `Told` that hold, as far as is known. */
  #holds = 0;
  /** Bits of `Interest` that may have changed since without being told: to be asked for. */
  #unsure = 0;
  /** True while something is tried again in intervals, since the system tells nothing about it. */
  #stalled = false;

  /**
   * @param group The set, which it is not in yet.
   * @param fd Its descriptor.
   */
  constructor(group: PollSet, fd: number) {
    this.group = group;
    this.fd = fd;
  }

  /** True if a failure ends it: that of a datagram is told, and it goes on. */
  protected abstract readonly failsForGood: boolean;

  /** An event tells what holds of the directions that it is `about`. @returns True if something holds that did not. */
  tell(told: number, about: number): boolean {
    const before = this.#holds;
    const replaced = about === BOTH ? BOTH | Told.HANGUP | Told.FAILURE : about;
    let holds = this.#holds & ~replaced | told & ~Told.CHANGE;
    if ((told & Told.FAILURE) !== 0) holds |= BOTH | (this.failsForGood ? Told.HANGUP : 0);
    if (this.#stalled) holds &= ~Told.WRITE;
    this.#set(holds, (told & Told.CHANGE) !== 0 ? BOTH : this.#unsure & ~about);
    return (holds & ~before) !== 0 || (told & Told.CHANGE) !== 0;
  }

  #set(holds: number, unsure: number): void {
    this.#holds = holds;
    this.#unsure = unsure;
    const isReadable = (holds & (Told.READ | Told.HANGUP) | unsure & Interest.READ) !== 0;
    if (isReadable !== this.readableAt >= 0) this.group.setReadable(this, isReadable);
  }

  /** All may be different now. */
  renew(): void {
    this.#set(0, BOTH);
  }

  /** A direction may be different now. */
  protected doubt(interest: number): void {
    this.#set(this.#holds, this.#unsure | interest);
  }

  /** A direction is not ready: the next change will be told. */
  protected spent(interest: number): void {
    this.#set(this.#holds & ~interest, this.#unsure & ~interest);
  }

  /** All that was there has been read, unless the end comes next, or what is behind a mark. */
  protected drained(): void {
    if ((this.#holds & (Told.END | Told.HANGUP)) !== 0) return;
    if ((this.#holds & Told.MARK) !== 0) this.doubt(Interest.READ);
    else this.spent(Interest.READ);
  }

  /** The end was read, and will be again. */
  protected ended(): void {
    this.#set(this.#holds | Told.READ | Told.END, this.#unsure & ~Interest.READ);
  }

  /** Nothing will tell when a direction to write is ready: it is tried again in a moment. */
  protected stall(): void {
    this.#stalled = true;
    this.spent(Interest.WRITE);
    this.group.stall(this);
  }

  /** The moment is over. */
  unstall(): void {
    this.#stalled = false;
    this.doubt(Interest.WRITE);
  }

  /** As `Pollable.readiness`. */
  readiness(interest: number): number {
    if ((this.#unsure & interest) !== 0) this.tell(this.group.ask(this.fd), BOTH);
    const holds = this.#holds;
    return (holds & Told.HANGUP) !== 0 ? interest | Readiness.HANGUP : holds & interest;
  }

  /** As `Pollable.subscribe`. */
  subscribe(_interest: number, wake: () => void): () => void {
    return this.group.subscribe(wake);
  }

  /** As `Pollable.source`. */
  get source(): WakeSource {
    return this.group;
  }

  /** Leave the set. */
  protected leave(): void {
    this.#set(0, 0);
    this.group.remove(this);
  }
}

/** The sockets of a network. Its descriptor is there as long as it has members. */
export class PollSet implements PollGroup, WakeSource {
  readonly #host: Host;
  readonly #queues: EventQueues;
  readonly #fds: PollFds;
  readonly #watch: () => FdWatch;
  #queue = -1;
  readonly #members: (Member | undefined)[] = [];
  readonly #generations: number[] = [];
  readonly #free: number[] = [];
  #size = 0;
  /** Members that can be read, or may be so, in no order. */
  readonly readable: Member[] = [];
  #stalled: Member[] = [];
  #retryMs = 0;
  readonly #wakers: Set<() => void> = new Set();
  #unwatch: (() => void) | undefined;
  #looksSoon = false;
  #looksLater = false;

  /**
   * @param host The system's calls.
   * @param watch What tells a thread that is not blocked of descriptors.
   */
  constructor(host: Host, watch: () => FdWatch) {
    this.#host = host;
    this.#queues = eventQueuesOf(host.libc);
    this.#fds = pollFdsOf(host.libc);
    this.#watch = watch;
  }

  /** Descriptor that is readable once something may have changed; -1 while there are no members. */
  get fd(): number {
    return this.#queue;
  }

  /** Number of members. */
  get size(): number {
    return this.#size;
  }

  /** Take a member in. @returns 0 or minus an errno. */
  add(member: Member, fd: number): number {
    if (this.#queue < 0) {
      const queue = this.#queues.open();
      if (queue < 0) return queue;
      this.#queue = queue;
    }
    const slot = this.#free.pop() ?? this.#members.length;
    const generation = this.#generations[slot] ??= 0;
    const result = this.#queues.watch(this.#queue, fd, slot, generation);
    this.#size++;
    this.#members[slot] = member;
    member.slot = slot;
    if (result < 0) this.remove(member);
    else member.renew();
    return result;
  }

  /** Leave a member out whose descriptor is to be closed. */
  remove(member: Member): void {
    const { slot } = member;
    if (slot < 0) return;
    member.slot = -1;
    this.#members[slot] = undefined;
    this.#generations[slot] = this.#generations[slot]! + 1 >>> 0;
    this.#free.push(slot);
    if (--this.#size === 0) this.#close();
  }

  #close(): void {
    this.#disarm();
    this.#host.descriptors.close(this.#queue);
    this.#queue = -1;
  }

  /** Keep {@linkcode PollSet.readable}. */
  setReadable(member: Member, isReadable: boolean): void {
    const { readable } = this;
    if (isReadable) {
      member.readableAt = readable.length;
      readable.push(member);
      return;
    }
    const last = readable.pop()!;
    if (last !== member) {
      readable[member.readableAt] = last;
      last.readableAt = member.readableAt;
    }
    member.readableAt = -1;
  }

  /** What holds of a descriptor now: bits of `Told`. */
  ask(fd: number): number {
    return this.#fds.ask(fd);
  }

  refresh(): void {
    this.wait(0);
  }

  /**
   * Wait until something changes, and take it in. It may end early.
   *
   * @param timeoutMs How long at most; -1 for ever.
   * @returns True if something holds that did not.
   */
  wait(timeoutMs: number): boolean {
    let told = this.#stalled.length > 0 && this.#retry();
    if (this.#queue >= 0 && this.#take(told ? 0 : timeoutMs)) told = true;
    if (told && this.#wakers.size > 0) this.#notify();
    return told;
  }

  /** What was told after it had been read already tells nothing new: the wait goes on. */
  #take(timeoutMs: number): boolean {
    const deadlineMs = timeoutMs > 0 ? performance.now() + timeoutMs : 0;
    let told = false;
    for (;;) {
      const count = this.#queues.take(this.#queue, told ? 0 : timeoutMs);
      for (let i = 0; i < count; i++) {
        if (this.#tell(i)) told = true;
      }
      if (count < MOST_EVENTS && (told || count === 0 || timeoutMs === 0)) return told;
      if (timeoutMs > 0) timeoutMs = Math.max(0, Math.floor(deadlineMs - performance.now()));
    }
  }

  #tell(index: number): boolean {
    const queues = this.#queues;
    const slot = queues.slotAt(index);
    if (queues.generationAt(index) !== this.#generations[slot]) return false;
    return this.#members[slot]?.tell(queues.toldAt(index), queues.aboutAt(index)) ?? false;
  }

  /** Try a member again in a moment. */
  stall(member: Member): void {
    if (this.#stalled.length === 0) this.#retryMs = performance.now() + RETRY_MS;
    if (!this.#stalled.includes(member)) this.#stalled.push(member);
    if (this.#wakers.size > 0) this.#lookLater();
  }

  /** ns until members are to be tried again that nothing is told about; `Infinity` if there are none. */
  get retryNs(): number {
    if (this.#stalled.length === 0) return Infinity;
    return Math.max(0, this.#retryMs - performance.now()) * 1e6;
  }

  /** @returns True if the moment was over. */
  #retry(): boolean {
    if (performance.now() < this.#retryMs) return false;
    const stalled = this.#stalled;
    this.#stalled = [];
    for (const member of stalled) member.unstall();
    return true;
  }

  subscribe(wake: () => void): () => void {
    this.#wakers.add(wake);
    if (this.#stalled.length > 0) this.#lookLater();
    this.#lookSoon();
    return () => {
      this.#wakers.delete(wake);
      if (this.#wakers.size === 0) this.#disarm();
    };
  }

  #notify(): void {
    for (const wake of this.#wakers) wake();
  }

  #lookLater(): void {
    if (this.#looksLater) return;
    this.#looksLater = true;
    setTimeout(() => {
      this.#looksLater = false;
      if (this.#wakers.size > 0 && !this.wait(0)) this.#lookSoon();
    }, RETRY_MS);
  }

  /** Under load there is something at the next turn of the event loop, and no other thread has to wait for it. */
  #lookSoon(): void {
    if (this.#looksSoon) return;
    this.#looksSoon = true;
    afterTurn(() => {
      this.#looksSoon = false;
      if (this.#wakers.size === 0 || this.#queue < 0) return;
      if (this.wait(0)) this.#lookSoon();
      else this.#arm();
    });
  }

  #arm(): void {
    this.#unwatch ??= this.#watch().watch(this.#queue, Interest.READ, this.#changed, true);
    if (this.#unwatch === undefined) this.#lookLater();
  }

  readonly #changed = (): void => {
    this.#disarm();
    this.refresh();
    if (this.#wakers.size > 0) this.#lookSoon();
  };

  #disarm(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }
}
