/** What the tasks of a guest wait for that the host brings about. */

import type { GuestOutcome } from "../../core/guest/outcome.ts";
import type { GuestWaiter } from "../../core/io/wait.ts";
import { trap } from "../link/trap.ts";
import { afterTurn } from "../../core/io/waiter.ts";
import { Interest, type Pollable, type PollGroup } from "../../contract/pollable.ts";

/** A wait for the host. */
export interface HostWait {
  readonly pollables: readonly Pollable[];
  /** Bits of `Interest`, one entry for each pollable. */
  readonly interests: readonly number[];
  /** Monotonic time (ns); `Infinity` for none. */
  readonly deadlineNs: number;
  /** True once it may be over. */
  isOver: boolean;
}

/** A wait that is requested. */
export interface WaitRequest {
  readonly pollables: readonly Pollable[];
  /** Bits of `Interest`, one entry for each pollable. */
  readonly interests: readonly number[];
  /** `Infinity` for none. */
  readonly timeoutNs: number;
}

/** Performs waits, for all instances of a guest. */
export interface WaitingStore {
  readonly outcome: GuestOutcome;
  readonly waiter: GuestWaiter | undefined;
  /** The wait that was requested last. */
  readonly request: WaitRequest;
  requestWait(pollables: readonly Pollable[], interests: readonly number[], timeoutNs: number): void;
  /** Perform the wait that was requested last. */
  wait(): void | Promise<void>;
  /** The same, blocking the thread. */
  block(): void;
}

/** All waits of one guest for the host, served by one wait. */
export class HostWaits {
  readonly #store: WaitingStore;
  readonly #waits: Set<HostWait> = new Set();
  readonly #wake = new WakePollable();

  /** @param store What all instances of the guest share. */
  constructor(store: WaitingStore) {
    this.#store = store;
  }

  /** True if nothing waits for the host. */
  get isEmpty(): boolean {
    return this.#waits.size === 0;
  }

  /** The wait that was requested last, on behalf of an attempt. */
  requested(): HostWait {
    const { pollables, interests, timeoutNs } = this.#store.request;
    const deadlineNs = timeoutNs === Infinity ? Infinity : this.#now() + timeoutNs;
    return this.add({ pollables, interests, deadlineNs, isOver: false });
  }

  /** Wait for one pollable. */
  one(pollable: Pollable): HostWait {
    return this.add({ pollables: [pollable], interests: [Interest.READ], deadlineNs: Infinity, isOver: false });
  }

  /** Add a wait. */
  add(wait: HostWait): HostWait {
    this.#waits.add(wait);
    return wait;
  }

  /** Forget a wait. */
  remove(wait: HostWait): void {
    this.#waits.delete(wait);
  }

  /** End the wait of the event loop: there is something to do. */
  wake(): void {
    this.#wake.wake();
  }

  /** Wait for any, blocking the thread. @throws {ComponentTrap} If all need the event loop. */
  block(): void {
    this.poll();
    if (this.#isAnyOver()) return;
    const waits = [...this.#waits].filter((wait) => wait.pollables.some((pollable) => !pollable.needsEventLoop));
    const isTimed = [...this.#waits].some((wait) => wait.deadlineNs !== Infinity);
    if (waits.length === 0 && !isTimed) trap("cannot block: the call has to wait for the event loop");
    this.#request(waits, []);
    this.#store.block();
    this.poll();
  }

  /** Wait for any, or until {@linkcode wake}, while the event loop runs. */
  async suspend(): Promise<void> {
    if (this.isEmpty) {
      await new Promise<void>((resolve) => this.#wake.subscribe(0, resolve));
      return;
    }
    this.poll();
    if (this.#isAnyOver()) return;
    this.#request([...this.#waits], [this.#wake]);
    await this.#store.wait();
    this.poll();
  }

  /** Let the event loop have a turn. */
  async turn(): Promise<void> {
    await new Promise<void>((resolve) => afterTurn(resolve));
    this.poll();
  }

  /** Wait for something that only the guest brings about. @throws What ended it before that. */
  async while<T>(promise: Promise<T>): Promise<T> {
    const { outcome } = this.#store;
    if (outcome.ended) throw outcome.reason;
    return await new Promise<T>((resolve, reject) => {
      const forget = outcome.onEnd(() => reject(outcome.reason));
      promise.then((value) => {
        forget();
        resolve(value);
      }, reject);
    });
  }

  /** Find out which are over, without waiting. */
  poll(): void {
    if (this.isEmpty) return;
    const nowNs = this.#now();
    let refreshed: PollGroup | undefined;
    for (const wait of this.#waits) {
      let isOver = wait.deadlineNs <= nowNs;
      wait.pollables.forEach((pollable, i) => {
        const { group } = pollable;
        if (group !== undefined && group !== refreshed) (refreshed = group).refresh();
        if (pollable.readiness(wait.interests[i] as number) !== 0) isOver = true;
      });
      if (isOver) wait.isOver = true;
    }
  }

  #isAnyOver(): boolean {
    for (const wait of this.#waits) if (wait.isOver) return true;
    return false;
  }

  #request(waits: readonly HostWait[], more: readonly Pollable[]): void {
    const pollables = [...more];
    const interests: number[] = more.map(() => Interest.READ);
    let deadlineNs = Infinity;
    for (const wait of this.#waits) deadlineNs = Math.min(deadlineNs, wait.deadlineNs);
    for (const wait of waits) {
      pollables.push(...wait.pollables);
      interests.push(...wait.interests);
    }
    const timeoutNs = deadlineNs === Infinity ? Infinity : Math.max(0, deadlineNs - this.#now());
    this.#store.requestWait(pollables, interests, timeoutNs);
  }

  #now(): number {
    return this.#store.waiter?.clock.monotonic() ?? 0;
  }
}

/** Never ready, but ends a wait of the event loop. */
class WakePollable implements Pollable {
  readonly needsEventLoop = true;
  readonly #wakers: Set<() => void> = new Set();

  readiness(): number {
    return 0;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    this.#wakers.add(wake);
    return () => void this.#wakers.delete(wake);
  }

  wake(): void {
    const wakers = [...this.#wakers];
    this.#wakers.clear();
    for (const wake of wakers) wake();
  }
}
