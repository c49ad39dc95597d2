/** Calls of exports with asynchronous types from JavaScript. */

import type { CoreValue } from "../abi/codec.ts";
import type { Codecs } from "../abi/codecs.ts";
import type { CallContext } from "../abi/context.ts";
import { FunctionCodec } from "../abi/function_codec.ts";
import { mayEnterAll } from "../link/call/entering.ts";
import type { CallableExport } from "../link/call/export_call.ts";
import { ComponentTrap, trap } from "../link/trap.ts";
import type { AsyncLiftedFunction } from "./async_lifted_function.ts";
import { AsyncTask } from "./async_task.ts";
import type { TaskCaller } from "./task_parties.ts";
import { ResultLift } from "./result_lift.ts";

/** Calls one export with values of JavaScript. Failures are those of `ExportCall`. */
export class AsyncExportCall implements CallableExport {
  readonly #target: AsyncLiftedFunction;
  readonly #codec: FunctionCodec;
  readonly #results: ResultLift;

  /**
   * Make it.
   *
   * @param target The function.
   * @param codecs What values become in JavaScript.
   */
  constructor(target: AsyncLiftedFunction, codecs: Codecs) {
    this.#target = target;
    this.#codec = new FunctionCodec(target.type, codecs);
    this.#results = new ResultLift(target.type, codecs);
  }

  /** Call the function. What has to wait blocks the thread; other tasks of the guest run meanwhile. */
  call(args: readonly unknown[]): unknown {
    const { store } = this.#target.instance;
    const { canSuspend } = store;
    this.#check(args);
    let call: HostCall;
    store.canSuspend = false;
    try {
      call = this.#begin(args);
      store.scheduler.runUntil(() => call.isOver);
    } catch (error) {
      throw store.failed(error);
    } finally {
      store.canSuspend = canSuspend;
    }
    return call.result();
  }

  /** Call the function. @returns A promise of the result, which may come before all that the guest does for it is done. */
  async callSuspending(args: readonly unknown[]): Promise<unknown> {
    const { store } = this.#target.instance;
    const { scheduler, stacks, canSuspend, waiter } = store;
    if (stacks === undefined && waiter?.mode !== "suspend") return this.call(args);
    this.#check(args);
    store.canSuspend = stacks !== undefined;
    let call: HostCall;
    try {
      call = this.#begin(args);
    } catch (error) {
      store.failed(error);
      // The engine may be about to say why a stack has trapped.
      await Promise.resolve();
      throw store.outcome.reason;
    } finally {
      store.canSuspend = canSuspend;
    }
    await scheduler.settled(() => call.isOver);
    scheduler.pump();
    if (!call.isOver) throw store.outcome.reason;
    return call.result();
  }

  /** @throws {ComponentTrap} If the guest has ended, or runs. */
  #check(args: readonly unknown[]): void {
    const { chain, instance: { store } } = this.#target;
    this.#codec.checkCount(args);
    if (store.outcome.ended || !mayEnterAll(chain)) trap("cannot enter component instance");
  }

  #begin(args: readonly unknown[]): HostCall {
    const target = this.#target;
    const call = new HostCall(this.#codec, this.#results, args);
    const task = new AsyncTask(target, call, target.chain);
    try {
      task.begin();
    } catch (error) {
      if (!call.isRefused) throw error;
      task.abandon();
    }
    return call;
  }
}

/** A call in progress. */
class HostCall implements TaskCaller {
  readonly results: ResultLift;
  /** True if its values are not of their types. */
  isRefused = false;
  readonly #codec: FunctionCodec;
  readonly #args: readonly unknown[];
  #outcome: { readonly value: unknown } | { readonly error: unknown } | undefined;

  constructor(codec: FunctionCodec, results: ResultLift, args: readonly unknown[]) {
    this.#codec = codec;
    this.results = results;
    this.#args = args;
  }

  /** True once it has its result, or was refused. */
  get isOver(): boolean {
    return this.#outcome !== undefined;
  }

  /** @returns Its result. @throws What was wrong with its values. */
  result(): unknown {
    const outcome = this.#outcome as { readonly value: unknown } | { readonly error: unknown };
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  start(cx: CallContext, out: CoreValue[]): void {
    try {
      this.#codec.params.lower(cx, this.#args, out);
    } catch (error) {
      // It may not leave while it allocates: the guest itself has failed.
      this.isRefused = !(error instanceof ComponentTrap) && cx.instance.mayLeave;
      if (this.isRefused) this.#outcome = { error };
      throw error;
    }
  }

  returned(value: unknown): void {
    this.#outcome = { value };
  }

  cancelled(): void {}
}
