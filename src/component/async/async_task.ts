/** Calls of functions with asynchronous types. */

import { LaterReason } from "../../core/guest/outcome.ts";
import type { CoreValue } from "../abi/codec.ts";
import type { CallContext } from "../abi/context.ts";
import type { ComponentInstance } from "../link/component_instance.ts";
import { type Enterable, enterAll, leaveAll, mayEnterAll } from "../link/call/entering.ts";
import { Task } from "../link/task.ts";
import { ComponentTrap, trap } from "../link/trap.ts";
import type { CoreEntry } from "./core_entry.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Cancellable } from "./subtask.ts";
import type { TaskCallee, TaskCaller } from "./task_parties.ts";
import {
  CallbackWait,
  EntryWait,
  HostStackWait,
  type Operation,
  type TaskWait,
  type WaitingTask,
} from "./task_waits.ts";
import { type WaitableEvent, WaitableSet } from "./waitable.ts";

/** States of a task. */
const TaskState = { INITIAL: 0, STARTED: 1, PENDING_CANCEL: 2, CANCEL_DELIVERED: 3, RESOLVED: 4 } as const;

/** What a callback, or the core function before it, wants next: the low four bits of its result. */
const CallbackCode = { EXIT: 0, YIELD: 1, WAIT: 2 } as const;

/** A call of a function with an asynchronous type. */
export class AsyncTask extends Task implements Cancellable, WaitingTask {
  readonly callee: TaskCallee;
  readonly scheduler: Scheduler;
  /** What it waits for; undefined while it runs. */
  wait: TaskWait | undefined;
  /** The operation that it waits in, on its stack. */
  operation: Operation | undefined;
  /** True if a cancellation has ended the wait for it. */
  wasCancelled = false;
  readonly #caller: TaskCaller;
  /** The instances that are entered while it runs. */
  #entered: readonly ComponentInstance[];
  /** The task that waits for this one on the same stack. */
  readonly #syncCaller: AsyncTask | undefined;
  #state: number = TaskState.INITIAL;
  #turns = 0;
  #isTurnOver = false;
  #isOnCallersStack = false;
  #onTurnOver: (() => void) | undefined;
  /** Instances that stay entered while it waits for the host; undefined while it does not. */
  #locked: readonly Enterable[] | undefined;

  /**
   * Make it.
   *
   * @param callee The function.
   * @param caller Who called it.
   * @param entered The instances that the caller enters.
   * @param syncCaller The task that waits for it, if one does.
   */
  constructor(
    callee: TaskCallee,
    caller: TaskCaller,
    entered: readonly ComponentInstance[],
    syncCaller?: AsyncTask,
  ) {
    super(undefined);
    this.callee = callee;
    this.scheduler = callee.instance.store.scheduler;
    this.#caller = caller;
    this.#entered = entered;
    this.#syncCaller = syncCaller;
  }

  /** True once it has returned its result, or was cancelled. */
  get isResolved(): boolean {
    return this.#state === TaskState.RESOLVED;
  }

  /** True while its instance does not let it in. */
  get isHeldBack(): boolean {
    const { instance, needsExclusive } = this.callee;
    return instance.backpressure > 0 || (needsExclusive && instance.exclusive !== undefined);
  }

  /** Start it, or let it wait until the instance lets it in. */
  begin(): void {
    const { instance } = this.callee;
    if (!mayEnterAll(this.#entered)) trap("cannot enter component instance");
    if (this.isHeldBack || instance.waitingToEnter > 0) this.#await(new EntryWait(this));
    else this.turn(this.#entered, () => this.#enterOnCallersStack());
  }

  #enterOnCallersStack(): void {
    this.#isOnCallersStack = true;
    this.enter();
    this.#isOnCallersStack = false;
  }

  /** The instance lets it in: call the core function. */
  enter(): void {
    const { callee } = this;
    const { cx, instance } = callee;
    if (callee.needsExclusive) instance.exclusive = this;
    this.#state = TaskState.STARTED;
    cx.refresh();
    const flat: CoreValue[] = [];
    const { borrowScope } = cx;
    cx.borrowScope = this;
    this.#caller.start(cx, flat);
    cx.borrowScope = borrowScope;
    this.#run(callee.entry, flat);
  }

  /** It was refused: values of its parameters are not of their types. */
  abandon(): void {
    const { instance } = this.callee;
    if (instance.exclusive === this) instance.exclusive = undefined;
    this.#state = TaskState.RESOLVED;
    leaveAll(this.#entered);
  }

  /** Call the callback. */
  callBack({ code, index, payload }: WaitableEvent): void {
    this.callee.instance.exclusive = this;
    this.#run(this.callee.callback as CoreEntry, [code, index, payload]);
  }

  #run(entry: CoreEntry, args: readonly CoreValue[]): void {
    const { instance } = this.callee;
    const { store } = instance;
    this.#isTurnOver = false;
    if (!store.canSuspend || !instance.mayWait) return entry.call(args);
    const failure = new LaterReason(new ComponentTrap("a component trapped"));
    entry.callSuspending(args).then(undefined, (error: unknown) => {
      failure.reason = error;
      store.failed(error);
      this.turnIsOver();
    });
    // It trapped: the engine says why only later.
    if (!this.#isTurnOver) throw failure;
  }

  /** The core function, or the callback, has returned. */
  finished(core: CoreValue | undefined): void {
    const { callee } = this;
    callee.cx.refresh();
    if (callee.callback !== undefined) return this.#next(core as number);
    if (!callee.isAsync) {
      this.return(this.#caller.results.liftCore(callee.cx, core));
      callee.postReturn(core);
    }
    this.#exit();
  }

  #next(packed: number): void {
    const { instance } = this.callee;
    const code = packed & 15;
    if (code === CallbackCode.EXIT) return this.#exit();
    if (code > CallbackCode.WAIT) trap(`unsupported callback code: ${code}`);
    const set = code === CallbackCode.WAIT ? waitableSet(instance, packed >>> 4) : undefined;
    instance.exclusive = undefined;
    this.#await(new CallbackWait(this, set, this.takePendingCancel()));
    this.turnIsOver();
  }

  #exit(): void {
    const { instance } = this.callee;
    if (!this.isResolved) trap("async-lifted export did not call `task.return`");
    if (instance.exclusive === this) instance.exclusive = undefined;
    this.turnIsOver();
  }

  #await(wait: TaskWait): void {
    this.wait = wait;
    this.scheduler.add(wait);
  }

  /** It returns its result. @throws {ComponentTrap} If it has done so before, or still has borrowed handles. */
  return(value: unknown): void {
    if (this.isResolved) trap("`task.return` or `task.cancel` called more than once for current task");
    this.checkReturn();
    this.#caller.returned(value);
    this.#state = TaskState.RESOLVED;
  }

  /** It lifts the core parameters of `task.return`, and returns them. */
  returnFlat(cx: CallContext, flat: readonly CoreValue[]): void {
    if (this.isResolved) trap("`task.return` or `task.cancel` called more than once for current task");
    this.return(this.#caller.results.liftFlat(cx, flat));
  }

  /** It ends without a result. @throws {ComponentTrap} If nobody has asked for that. */
  cancel(): void {
    if (this.#state !== TaskState.CANCEL_DELIVERED) {
      trap("`task.cancel` called by task which has not been cancelled");
    }
    this.checkReturn();
    this.#caller.cancelled();
    this.#state = TaskState.RESOLVED;
  }

  /** Take notice of a cancellation, if there was one. */
  takePendingCancel(): boolean {
    if (this.#state !== TaskState.PENDING_CANCEL) return false;
    this.#state = TaskState.CANCEL_DELIVERED;
    return true;
  }

  requestCancellation(caller: ComponentInstance): () => boolean {
    const { wait, callee } = this;
    const { instance, needsExclusive } = callee;
    const turns = this.#turns;
    if (this.#state === TaskState.INITIAL) {
      this.#state = TaskState.CANCEL_DELIVERED;
      wait?.cancel();
      return isDone;
    }
    const isHeld = needsExclusive && instance.exclusive !== undefined && instance.exclusive !== this;
    const entered = callee.enteredFrom(caller);
    if (wait?.isCancellable !== true || isHeld || !mayEnterAll(entered)) {
      this.#state = TaskState.PENDING_CANCEL;
      return isDone;
    }
    this.#state = TaskState.CANCEL_DELIVERED;
    enterAll(entered);
    const hadTurn = wait.cancel();
    leaveAll(entered);
    return hadTurn ? isDone : () => this.#turns > turns;
  }

  /** Run part of it. @param chain The instances that are entered meanwhile. */
  turn(chain: readonly ComponentInstance[], run: () => void): void {
    const restore = this.#switch(chain);
    try {
      run();
    } finally {
      restore();
    }
    this.#leave(chain);
  }

  #leave(chain: readonly Enterable[]): void {
    if (this.#locked === undefined) leaveAll(chain);
    else this.#locked = chain;
  }

  suspendForHost(): Promise<void> {
    const wait = new HostStackWait(this);
    this.#locked = [];
    this.scheduler.lock();
    this.scheduler.add(wait);
    this.turnIsOver();
    return wait.woken;
  }

  async resumeLocked(wake: () => void): Promise<void> {
    const locked = this.#locked as readonly ComponentInstance[];
    leaveAll(locked);
    this.#locked = undefined;
    this.scheduler.unlock();
    await this.resumeStack(locked, wake);
  }

  /** Resume its stack. @returns A promise for when it waits again or is over. */
  async resumeStack(chain: readonly ComponentInstance[], wake: () => void): Promise<void> {
    const restore = this.#switch(chain);
    const over = new Promise<void>((resolve) => this.#onTurnOver = resolve);
    this.#isTurnOver = false;
    wake();
    await over;
    restore();
    this.#leave(chain);
  }

  #switch(chain: readonly ComponentInstance[]): () => void {
    const { scheduler, callee: { instance } } = this;
    const { store, task } = instance;
    const { current } = scheduler;
    const { canSuspend } = store;
    enterAll(chain);
    if (chain.length > 0) this.#entered = chain;
    scheduler.current = this;
    instance.task = this;
    return () => {
      scheduler.current = current;
      instance.task = task;
      store.canSuspend = canSuspend;
    };
  }

  /** It waits, or is over. */
  turnIsOver(): void {
    this.#isTurnOver = true;
    this.#turns++;
    const over = this.#onTurnOver;
    this.#onTurnOver = undefined;
    over?.();
  }

  get #waiterBelow(): AsyncTask | undefined {
    return this.#isOnCallersStack ? this.#syncCaller : undefined;
  }

  /** Others run on top of its stack: the instances that it, and who waits for it there, has entered may be entered. */
  leaveWhile(run: () => void): void {
    const left = [this.#entered];
    for (let each = this.#waiterBelow; each !== undefined; each = each.#waiterBelow) left.push(each.#entered);
    for (const entered of left) leaveAll(entered);
    run();
    for (const entered of left) enterAll(entered);
  }
}

function isDone(): boolean {
  return true;
}

/** The set behind a handle. @throws {ComponentTrap} If there is none. */
export function waitableSet(instance: ComponentInstance, index: number): WaitableSet {
  const entry = instance.handles.get(index);
  return entry instanceof WaitableSet ? entry : trap(`handle index ${index >>> 0} is not a waitable set`);
}
