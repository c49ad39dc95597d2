/** What a task waits for. */

import type { CoreValue } from "../abi/codec.ts";
import type { ComponentInstance } from "../link/component_instance.ts";
import type { HostWait } from "./host_waits.ts";
import type { Scheduler, Waiting } from "./scheduler.ts";
import { CANCELLED_EVENT, NO_EVENT, type WaitableEvent, type WaitableSet } from "./waitable.ts";

/** An operation that a task waits for. */
export interface Operation {
  /** Ends the wait. */
  readonly isReady: () => boolean;
  /** True if a cancellation of the task ends it, too. */
  readonly isCancellable: boolean;
  /** True if others are let run even if it is ready. */
  readonly isYield?: boolean;
  /**
   * Make the core result.
   *
   * @param isCancelled True if the task was cancelled.
   */
  readonly finish: (isCancelled: boolean) => CoreValue | undefined;
}

/** A task, as far as it concerns its waits. */
export interface WaitingTask {
  readonly callee: {
    readonly instance: ComponentInstance;
    /** The instances that it enters when it is resumed. */
    readonly chain: readonly ComponentInstance[];
  };
  readonly scheduler: Scheduler;
  /** True while its instance does not let it in. */
  readonly isHeldBack: boolean;
  wait: TaskWait | undefined;
  wasCancelled: boolean;
  /** Run part of it. */
  turn(chain: readonly ComponentInstance[], run: () => void): void;
  /** The instance lets it in. */
  enter(): void;
  /** Call its callback. */
  callBack(event: WaitableEvent): void;
  /** End it without a result. */
  cancel(): void;
  /** Resume its stack. */
  resumeStack(chain: readonly ComponentInstance[], wake: () => void): Promise<void>;
  /** The same, after {@linkcode HostStackWait}. */
  resumeLocked(wake: () => void): Promise<void>;
  /** It waits, or is over. */
  turnIsOver(): void;
  /** Others run on top of its stack. */
  leaveWhile(run: () => void): void;
}

/** A wait of a task. */
export interface TaskWait extends Waiting {
  /** True if a cancellation ends it. */
  readonly isCancellable: boolean;
  /**
   * End it because the task was cancelled.
   *
   * @returns True if the task has had its turn; false if it gets it from the scheduler.
   */
  cancel(): boolean;
}

/** A task that its instance does not let in yet. */
export class EntryWait implements TaskWait {
  readonly isSuspended = false;
  readonly isCancellable = true;
  readonly #task: WaitingTask;

  /** @param task The task. */
  constructor(task: WaitingTask) {
    this.#task = task;
    task.callee.instance.waitingToEnter++;
  }

  get chain(): readonly ComponentInstance[] {
    return this.#task.callee.chain;
  }

  get isReady(): boolean {
    return !this.#task.isHeldBack;
  }

  resume(): void {
    this.#end();
    this.#task.turn(this.chain, () => this.#task.enter());
  }

  cancel(): boolean {
    this.#task.scheduler.remove(this);
    this.#end();
    this.#task.cancel();
    return true;
  }

  #end(): void {
    this.#task.wait = undefined;
    this.#task.callee.instance.waitingToEnter--;
  }
}

/** A task whose callback is called when there is an event. No stack is suspended meanwhile. */
export class CallbackWait implements TaskWait {
  readonly isSuspended = false;
  readonly isCancellable = true;
  readonly #task: WaitingTask;
  readonly #set: WaitableSet | undefined;
  readonly #isCancelled: boolean;

  /**
   * Make it.
   *
   * @param task The task.
   * @param set What it waits for; undefined if it only lets others run.
   * @param isCancelled True if it was cancelled before.
   */
  constructor(task: WaitingTask, set: WaitableSet | undefined, isCancelled: boolean) {
    this.#task = task;
    this.#set = set;
    this.#isCancelled = isCancelled;
    if (set !== undefined) set.waiterCount++;
  }

  get chain(): readonly ComponentInstance[] {
    return this.#task.callee.chain;
  }

  get isReady(): boolean {
    if (this.#task.callee.instance.exclusive !== undefined) return false;
    return this.#isCancelled || this.#set === undefined || this.#set.hasEvent;
  }

  resume(): void {
    this.#end();
    const event = this.#isCancelled ? CANCELLED_EVENT : this.#set?.takeEvent() ?? NO_EVENT;
    this.#callBack(this.chain, event);
  }

  cancel(): boolean {
    this.#task.scheduler.remove(this);
    this.#end();
    // The caller has entered the instances.
    this.#callBack([], CANCELLED_EVENT);
    return true;
  }

  #end(): void {
    this.#task.wait = undefined;
    if (this.#set !== undefined) this.#set.waiterCount--;
  }

  #callBack(chain: readonly ComponentInstance[], event: WaitableEvent): void {
    this.#task.turn(chain, () => this.#task.callBack(event));
  }
}

/** A task that waits on its stack: that is suspended, or whatever else can run runs on top of it. */
export class StackWait implements TaskWait {
  isSuspended = false;
  readonly isCancellable: boolean;
  /** True if a cancellation has ended it. */
  isCancelled = false;
  readonly #task: WaitingTask;
  readonly #condition: () => boolean;
  #wake: (() => void) | undefined;

  /**
   * Make it.
   *
   * @param task The task.
   * @param condition Ends the wait.
   * @param isCancellable True if a cancellation ends it.
   */
  constructor(task: WaitingTask, condition: () => boolean, isCancellable: boolean) {
    this.#task = task;
    this.#condition = condition;
    this.isCancellable = isCancellable;
  }

  get chain(): readonly ComponentInstance[] {
    return this.#task.callee.chain;
  }

  get isReady(): boolean {
    return this.isCancelled || this.#condition();
  }

  /** Suspend the stack. @returns What the engine waits for. */
  suspend(): Promise<void> {
    this.isSuspended = true;
    const { scheduler } = this.#task;
    scheduler.add(this);
    const woken = new Promise<void>((resolve) => this.#wake = resolve);
    this.#task.turnIsOver();
    return woken;
  }

  /** Block the thread. */
  block(): void {
    const task = this.#task;
    task.leaveWhile(() => task.scheduler.runUntil(() => this.isReady));
    task.wait = undefined;
  }

  resume(): Promise<void> {
    this.#task.wait = undefined;
    return this.#task.resumeStack(this.chain, this.#wake!);
  }

  cancel(): boolean {
    this.isCancelled = true;
    this.#task.wasCancelled = true;
    return false;
  }
}

/**
 * A task that waits for the host in a function with a synchronous type: its instances stay entered, so that nothing else of
 * them runs.
 */
export class HostStackWait implements Waiting {
  readonly chain: readonly ComponentInstance[] = [];
  readonly isSuspended = true;
  /** What the engine waits for. */
  readonly woken: Promise<void>;
  readonly #task: WaitingTask;
  readonly #wait: HostWait;
  #wake: (() => void) | undefined;

  /** @param task The task. What it waits for was requested. */
  constructor(task: WaitingTask) {
    this.#task = task;
    this.#wait = task.scheduler.host.requested();
    this.woken = new Promise((resolve) => this.#wake = resolve);
  }

  get isReady(): boolean {
    return this.#wait.isOver;
  }

  resume(): Promise<void> {
    this.#task.scheduler.host.remove(this.#wait);
    return this.#task.resumeLocked(this.#wake!);
  }
}
