/** Calls from component to component of functions with asynchronous types. */

import type { CoreValue } from "../abi/codec.ts";
import type { CallContext } from "../abi/context.ts";
import { FunctionCodec, ParamsCodec, returnPointer, storeResult } from "../abi/function_codec.ts";
import { guarded } from "../link/call/guard.ts";
import type { Linking } from "../link/call/linking.ts";
import type { ComponentInstance } from "../link/component_instance.ts";
import type { CoreFunction } from "../link/function.ts";
import { asyncLowerSignature, MAX_FLAT_ASYNC_PARAMS, syncLowerSignature } from "../types/flat.ts";
import { AsyncTask } from "./async_task.ts";
import type { TaskCallee, TaskCaller } from "./task_parties.ts";
import { blockingFunction } from "./blocking.ts";
import { ResultLift } from "./result_lift.ts";
import { resolutionOf, Subtask, SubtaskState } from "./subtask.ts";
import type { Operation } from "./task_waits.ts";

/**
 * Lower a function with the option `async`: the caller goes on while the call waits.
 *
 * @param callee The function.
 * @param cx The context of the caller.
 * @param linking What all definitions of the guest share.
 */
export function lowerAsync(callee: TaskCallee, cx: CallContext, linking: Linking): CoreFunction {
  const { type } = callee;
  const lowering = new Lowering(callee, cx, linking, MAX_FLAT_ASYNC_PARAMS);
  const result = type.result === undefined ? undefined : linking.spans.of(type.result);
  const call = (...flat: CoreValue[]): number => {
    cx.enter();
    const caller = new LoweredCall(lowering, flat);
    caller.onReturn = (value) => {
      if (result !== undefined) storeResult(cx, result, value, returnPointer(flat));
    };
    return startedSubtask(caller.subtask, cx.instance, () => {
      begin(caller.subtask, new AsyncTask(callee, caller, lowering.entered));
    });
  };
  return guarded(call, linking.store.outcome, asyncLowerSignature(type).params.length);
}

/**
 * Start a call that may go on.
 *
 * @returns What the caller gets: its state, and an index if it goes on.
 */
function startedSubtask(subtask: Subtask, instance: ComponentInstance, start: () => void): number {
  start();
  if (subtask.isResolved) {
    subtask.deliverResolve();
    return SubtaskState.RETURNED;
  }
  subtask.index = instance.handles.add(subtask);
  return subtask.state | (subtask.index << 4);
}

/** Lower a function with synchronous options: the task that calls waits while the call waits. */
export function lowerSync(callee: TaskCallee, cx: CallContext, linking: Linking): CoreFunction {
  const lowering = new Lowering(callee, cx, linking);
  const { codec } = lowering;
  const call = (...flat: CoreValue[]): Operation => {
    cx.enter();
    const caller = new LoweredCall(lowering, flat);
    const { subtask } = caller;
    let result: CoreValue | undefined;
    caller.onReturn = (value) => {
      result = codec.lowerResult(cx, value, returnPointer(flat));
    };
    const { task } = cx.instance;
    const waiter = task instanceof AsyncTask ? task : undefined;
    begin(subtask, new AsyncTask(callee, caller, lowering.entered, waiter));
    return resolutionOf(subtask, () => result);
  };
  return blockingFunction(call, cx.instance, syncLowerSignature(callee.type), linking);
}

function begin(subtask: Subtask, task: AsyncTask): void {
  subtask.callee = task;
  task.begin();
}

/** What all calls of a lowered function share. */
class Lowering {
  readonly cx: CallContext;
  readonly codec: FunctionCodec;
  /** Lifts the parameters. */
  readonly params: ParamsCodec;
  readonly results: ResultLift;
  /** The instances that a call enters. */
  readonly entered: readonly ComponentInstance[];

  constructor(callee: TaskCallee, cx: CallContext, { spans }: Linking, maxFlat?: number) {
    const { type } = callee;
    this.cx = cx;
    this.codec = new FunctionCodec(type, spans);
    this.params = new ParamsCodec(type.params.map((param) => param.type), spans, maxFlat);
    this.results = new ResultLift(type, spans);
    this.entered = callee.enteredFrom(cx.instance);
  }
}

/** A call in progress. */
class LoweredCall implements TaskCaller {
  readonly subtask = new Subtask();
  /** Lowers the result. */
  onReturn: (value: unknown) => void = () => {};
  readonly #lowering: Lowering;
  readonly #flat: readonly CoreValue[];

  constructor(lowering: Lowering, flat: readonly CoreValue[]) {
    this.#lowering = lowering;
    this.#flat = flat;
  }

  get results(): ResultLift {
    return this.#lowering.results;
  }

  start(callee: CallContext, out: CoreValue[]): void {
    const { cx, params, codec } = this.#lowering;
    const { subtask } = this;
    subtask.advance(SubtaskState.STARTED);
    cx.refresh();
    const first = cx.lenders.length;
    const values = params.lift(cx, this.#flat);
    subtask.lenders = cx.lenders.splice(first);
    codec.params.lower(callee, values, out);
  }

  returned(value: unknown): void {
    this.#lowering.cx.refresh();
    this.onReturn(value);
    this.subtask.advance(SubtaskState.RETURNED);
  }

  cancelled(): void {
    this.subtask.cancelled();
  }
}
