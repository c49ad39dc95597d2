/** Calls of exports with synchronous types from JavaScript. */

import type { CoreValue } from "../../abi/codec.ts";
import type { Codecs } from "../../abi/codecs.ts";
import { FunctionCodec } from "../../abi/function_codec.ts";
import { ComponentTrap } from "../trap.ts";
import { enterAll, instancesEntered, leaveAll } from "./entering.ts";
import type { Callee } from "./callee.ts";
import type { Task } from "../task.ts";

type AnyFunction = (...args: readonly CoreValue[]) => unknown;

/** An export, as JavaScript calls it. */
export interface CallableExport {
  /** Call it. What has to wait blocks the thread. */
  call(args: readonly unknown[]): unknown;
  /** Call it. What has to wait suspends the guest, if it can be suspended. */
  callSuspending(args: readonly unknown[]): Promise<unknown>;
}

/**
 * Calls one export with values of JavaScript. A call that fails ends the guest, except for one that was refused before it
 * ran: with values that are not of the parameters' types, or because the instance runs already.
 */
export class ExportCall implements CallableExport {
  readonly #target: Callee;
  readonly #codec: FunctionCodec;
  readonly #entered: ReturnType<typeof instancesEntered>;
  /** Core parameters, while they are passed: an instance that is entered can't be entered again. */
  readonly #flat: CoreValue[] = [];
  #promising: ((...args: CoreValue[]) => Promise<unknown>) | undefined;

  /**
   * Make it.
   *
   * @param target The function.
   * @param codecs What values become in JavaScript.
   */
  constructor(target: Callee, codecs: Codecs) {
    this.#target = target;
    this.#codec = new FunctionCodec(target.type, codecs);
    this.#entered = instancesEntered(target.instance);
  }

  /**
   * Call the function. What has to wait blocks the thread.
   *
   * @param args Values of the parameters.
   * @returns The result.
   * @throws {TypeError} If a value is not of its parameter's type.
   * @throws {ComponentTrap} If the guest traps, or the instance runs already. If the guest exits, what stands for that.
   */
  call(args: readonly unknown[]): unknown {
    const target = this.#target;
    const { store } = target.instance;
    const { canSuspend, isNested } = store;
    store.canSuspend = false;
    store.isNested = true;
    try {
      const task = this.#begin(args);
      try {
        return this.#finish(task, callCore(target.core as AnyFunction, this.#flat));
      } catch (error) {
        throw store.failed(error);
      }
    } finally {
      store.canSuspend = canSuspend;
      store.isNested = isNested;
      store.scheduler.pump();
    }
  }

  /**
   * Call the function. What has to wait suspends the guest, if it can be suspended.
   *
   * @param args As for {@linkcode ExportCall.call}, also for what the promise rejects with.
   * @returns A promise of the result.
   */
  async callSuspending(args: readonly unknown[]): Promise<unknown> {
    const target = this.#target;
    const { store } = target.instance;
    const { stacks, canSuspend } = store;
    if (stacks === undefined) return this.call(args);
    this.#promising ??= stacks.promising(target.core as (...args: unknown[]) => unknown);
    store.canSuspend = true;
    let task: Task | undefined;
    let returned: Promise<unknown>;
    try {
      task = this.#begin(args);
      returned = this.#promising(...this.#flat);
    } finally {
      store.canSuspend = canSuspend;
    }
    try {
      const value = this.#finish(task, (await returned) as CoreValue | undefined);
      store.scheduler.pump();
      return value;
    } catch (error) {
      throw store.failed(error);
    }
  }

  #begin(args: readonly unknown[]): Task | undefined {
    const target = this.#target;
    const { cx } = target;
    const codec = this.#codec;
    codec.checkCount(args);
    enterAll(this.#entered);
    const task = target.begin(codec.hasBorrow);
    try {
      codec.params.lower(cx, args, this.#flat);
      return task;
    } catch (error) {
      const { store, mayLeave } = cx.instance;
      // It may not leave while it allocates: the guest itself has failed.
      if (error instanceof ComponentTrap || !mayLeave) throw store.failed(error);
      target.abandon(task);
      leaveAll(this.#entered);
      throw error;
    }
  }

  #finish(task: Task | undefined, core: unknown): unknown {
    const target = this.#target;
    const { cx } = target;
    cx.refresh();
    task?.checkReturn();
    const value = this.#codec.liftResult(cx, core as CoreValue | undefined);
    target.end(task, core as CoreValue | undefined);
    leaveAll(this.#entered);
    return value;
  }
}

/** Call a core function. Without a spread for few parameters, a call costs half as much. */
function callCore(core: AnyFunction, flat: readonly CoreValue[]): unknown {
  switch (flat.length) {
    case 0:
      return core();
    case 1:
      return core(flat[0] as CoreValue);
    case 2:
      return core(flat[0] as CoreValue, flat[1] as CoreValue);
    case 3:
      return core(flat[0] as CoreValue, flat[1] as CoreValue, flat[2] as CoreValue);
    default:
      return core(...flat);
  }
}
