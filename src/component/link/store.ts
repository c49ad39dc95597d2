/** What all component instances of one guest share: how it ended, and how it waits. */

import type { WasmImportValue } from "../../contract/web_types.ts";
import type { WaitRequest } from "../async/host_waits.ts";
import { Scheduler } from "../async/scheduler.ts";
import { GuestOutcome } from "../../core/guest/outcome.ts";
import type { StackState } from "../../core/io/stack_state.ts";
import type { GuestWaiter } from "../../core/io/wait.ts";
import type { Pollable } from "../../contract/pollable.ts";
import { type HandleTable, ResourceHandle } from "./handles.ts";
import { trap } from "./trap.ts";

/** JavaScript Promise Integration, where the runtime has it and the guest is suspended while it waits. */
export interface StackSwitching {
  /** An import that may answer a promise, which suspends the guest. */
  suspending(fn: (...args: never[]) => unknown): WasmImportValue;
  /** An export whose call answers a promise. */
  promising(fn: (...args: unknown[]) => unknown): (...args: unknown[]) => Promise<unknown>;
}

/** Parts of a store. */
export interface StoreOptions {
  /** Waits for the guest; undefined if it never has to. */
  readonly waiter?: GuestWaiter | undefined;
  /** Keeps how the guest ends. */
  readonly outcome?: GuestOutcome | undefined;
  /** For a guest that is suspended while it waits; undefined for one that blocks the thread. */
  readonly stacks?: StackSwitching | undefined;
}

/** Part of a component instance that the end of the guest changes. */
interface Leaving {
  mayLeave: boolean;
  readonly handles: HandleTable;
}

/** A task that waits on its stack while others run. */
export interface BlockedStack {
  /** What the engine waits for if it suspends the stack. */
  suspend(): Promise<void>;
  /** Run the others on top of the stack. */
  block(): void;
}

/** What all component instances of one guest share ("store" in the specification). */
export class Store implements StackState {
  /** How the guest ended, once it has. */
  readonly outcome: GuestOutcome;
  /** Waits for the guest; undefined if it never has to. */
  readonly waiter: GuestWaiter | undefined;
  /** Undefined for a guest that blocks the thread while it waits. */
  readonly stacks: StackSwitching | undefined;
  /** Whoever calls into the guest sets it, and resets it afterwards. */
  canSuspend = false;
  isNested = false;
  /** Runs tasks that wait. */
  readonly scheduler: Scheduler;
  readonly #instances: Leaving[] = [];
  #blocked: BlockedStack | undefined;
  #pollables: readonly Pollable[] = [];
  #interests: readonly number[] = [];
  #timeoutNs = 0;

  /** @param options Its parts. */
  constructor(options: StoreOptions = {}) {
    const { waiter, outcome = new GuestOutcome(), stacks } = options;
    this.waiter = waiter;
    this.outcome = outcome;
    this.stacks = stacks;
    this.scheduler = new Scheduler(this);
    outcome.onEnd(() => this.#end());
  }

  /** Add an instance, which can't call out once the guest has ended. */
  add(instance: Leaving): void {
    this.#instances.push(instance);
    if (this.outcome.ended) instance.mayLeave = false;
  }

  #end(): void {
    for (const instance of this.#instances) instance.mayLeave = false;
  }

  /**
   * Destroy the host's resources that the guest still owns, after it has ended. Those that components define are gone
   * with them.
   */
  close(): void {
    for (const { handles } of this.#instances.splice(0)) {
      for (const entry of handles.entries()) {
        if (!(entry instanceof ResourceHandle) || !entry.isOwn) continue;
        const { type, rep } = entry as ResourceHandle;
        if (type.owner === undefined) type.destroy(rep);
      }
    }
  }

  /**
   * End the guest because a call of it has failed.
   *
   * @param error What was thrown.
   * @returns What ended the guest: `error`, unless it had ended before.
   */
  failed(error: unknown): unknown {
    this.outcome.end(error);
    return this.outcome.reason;
  }

  /**
   * Request a wait, on behalf of a call that answers `WAIT`. Whoever made the call performs it at once.
   *
   * @param pollables What to wait for.
   * @param interests Bits of `Interest`, one entry for each pollable.
   * @param timeoutNs Timeout; `Infinity` for none.
   */
  requestWait(pollables: readonly Pollable[], interests: readonly number[], timeoutNs: number): void {
    this.#pollables = pollables;
    this.#interests = interests;
    this.#timeoutNs = timeoutNs;
  }

  /** The wait that was requested last. */
  get request(): WaitRequest {
    return { pollables: this.#pollables, interests: this.#interests, timeoutNs: this.#timeoutNs };
  }

  /** As {@linkcode Store.requestWait}, for a task that waits while others run. */
  requestBlock(blocked: BlockedStack): void {
    this.#blocked = blocked;
  }

  #takeBlocked(): BlockedStack | undefined {
    const blocked = this.#blocked;
    this.#blocked = undefined;
    return blocked;
  }

  /**
   * Perform the wait that was requested last, in the guest's mode.
   *
   * @returns Nothing after it has blocked the thread; a promise for a guest that is suspended.
   */
  wait(): void | Promise<void> {
    if (this.#blocked !== undefined) return this.#takeBlocked()?.suspend();
    const { current } = this.scheduler;
    if (current !== undefined) return current.suspendForHost();
    return this.#waiter().wait(this.#pollables, this.#interests, this.#timeoutNs);
  }

  /**
   * Perform the wait that was requested last, by blocking the thread.
   *
   * @throws {ComponentTrap} If what is waited for needs the event loop.
   */
  block(): void {
    if (this.#blocked !== undefined) return this.#takeBlocked()?.block();
    const waiter = this.#waiter();
    const pollables = this.#pollables;
    if (waiter.mode === "suspend" && pollables.some((pollable) => pollable.needsEventLoop)) {
      cannotBlock();
    }
    void waiter.wait(pollables, this.#interests, this.#timeoutNs, "block");
  }

  #waiter(): GuestWaiter {
    return this.waiter ?? trap("cannot wait: the guest has no waiter");
  }
}

/** A call has to wait that can do so only by suspending the guest. @throws {ComponentTrap} Always. */
export function cannotBlock(): never {
  return trap(
    "cannot block: the call has to wait for the event loop, and was not made by a function that returns a promise; " +
      "call the export with call()",
  );
}
