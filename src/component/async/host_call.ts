/** Calls of functions of the host with asynchronous types. */

import type { CoreValue } from "../abi/codec.ts";
import type { CallContext } from "../abi/context.ts";
import { guarded } from "../link/call/guard.ts";
import type { Linking } from "../link/call/linking.ts";
import type { CoreFunction, HostFunction } from "../link/function.ts";
import { asyncLowerSignature, syncLowerSignature } from "../types/flat.ts";
import type { FunctionType } from "../types/function_type.ts";
import { blockingFunction } from "./blocking.ts";
import type { HostWait } from "./host_waits.ts";
import { type HostStep, type HostSteps, stepsOf } from "./host_steps.ts";
import type { Scheduler, Waiting } from "./scheduler.ts";
import { type Cancellable, resolutionOf, Subtask, SubtaskState } from "./subtask.ts";
import type { Operation } from "./task_waits.ts";

/** A function of the host, for one guest. */
export interface AsyncHostFunction {
  /** Its type, with the resource types of the guest. */
  readonly type: FunctionType;
  readonly host: HostFunction;
}

/**
 * Lower a function of the host with the option `async`: the caller goes on while the host waits.
 *
 * @param fn The function.
 * @param cx The context of the caller.
 * @param linking What all definitions of the guest share.
 */
export function lowerHostAsync({ type, host }: AsyncHostFunction, cx: CallContext, linking: Linking): CoreFunction {
  const steps = stepsOf(type, host, "async", linking);
  const call = (...flat: CoreValue[]): number => {
    const subtask = begin(steps, cx, flat, () => {});
    if (subtask.isResolved) {
      subtask.deliverResolve();
      return SubtaskState.RETURNED;
    }
    subtask.index = cx.instance.handles.add(subtask);
    return subtask.state | (subtask.index << 4);
  };
  return guarded(call, linking.store.outcome, asyncLowerSignature(type).params.length);
}

/** Lower a function of the host with synchronous options: the task that calls waits, and others run. */
export function lowerHostSync({ type, host }: AsyncHostFunction, cx: CallContext, linking: Linking): CoreFunction {
  const steps = stepsOf(type, host, "sync", linking);
  const call = (...flat: CoreValue[]): Operation => {
    let result: CoreValue | undefined;
    const subtask = begin(steps, cx, flat, (core) => result = core);
    return resolutionOf(subtask, () => result);
  };
  return blockingFunction(call, cx.instance, syncLowerSignature(type), linking);
}

function begin(
  steps: HostSteps,
  cx: CallContext,
  flat: readonly CoreValue[],
  onResult: (core: CoreValue | undefined) => void,
): Subtask {
  const { scheduler } = cx.instance.store;
  const subtask = new Subtask();
  subtask.advance(SubtaskState.STARTED);
  cx.enter();
  const first = cx.lenders.length;
  const step = steps(cx, flat, onResult);
  const wait = step();
  subtask.lenders = cx.lenders.splice(first);
  if (wait === undefined) subtask.advance(SubtaskState.RETURNED);
  else scheduler.add(subtask.callee = new HostCall(subtask, step, wait, scheduler));
  return subtask;
}

/** A call that waits for the host. */
class HostCall implements Waiting, Cancellable {
  readonly chain = [];
  readonly isSuspended = false;
  readonly #subtask: Subtask;
  readonly #step: HostStep;
  readonly #scheduler: Scheduler;
  #wait: HostWait;

  constructor(subtask: Subtask, step: HostStep, wait: HostWait, scheduler: Scheduler) {
    this.#subtask = subtask;
    this.#step = step;
    this.#wait = wait;
    this.#scheduler = scheduler;
  }

  get isReady(): boolean {
    return this.#wait.isOver;
  }

  resume(): void {
    const scheduler = this.#scheduler;
    scheduler.host.remove(this.#wait);
    const wait = this.#step();
    if (wait === undefined) return this.#subtask.advance(SubtaskState.RETURNED);
    this.#wait = wait;
    scheduler.add(this);
  }

  /** What the host answers later is not wanted any more. */
  requestCancellation(): () => boolean {
    this.#scheduler.host.remove(this.#wait);
    this.#scheduler.remove(this);
    this.#subtask.cancelled();
    return () => true;
  }
}
