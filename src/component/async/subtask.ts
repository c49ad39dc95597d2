/** Calls of a component that go on while the component does something else. */

import type { CoreValue } from "../abi/codec.ts";
import type { ResourceHandle } from "../link/handles.ts";
import type { ComponentInstance } from "../link/component_instance.ts";
import { trap } from "../link/trap.ts";
import type { Operation } from "./task_waits.ts";
import { EventCode, Waitable, type WaitableEvent } from "./waitable.ts";

/** States of a {@linkcode Subtask}, as guests see them. */
export const SubtaskState = {
  STARTING: 0,
  STARTED: 1,
  RETURNED: 2,
  CANCELLED_BEFORE_STARTED: 3,
  CANCELLED_BEFORE_RETURNED: 4,
} as const;

/** What a subtask has called. */
export interface Cancellable {
  /**
   * The caller does not want the result any more.
   *
   * @param caller The instance that calls.
   * @returns True once what was called has had the chance to end.
   */
  requestCancellation(caller: ComponentInstance): () => boolean;
}

/** A call, as its caller sees it. */
export class Subtask extends Waitable {
  readonly type: object = Subtask;
  /** One of {@linkcode SubtaskState}. */
  state: number = SubtaskState.STARTING;
  /** Handles of the caller that are lent to the call; undefined once the caller knows that it is over. */
  lenders: readonly ResourceHandle[] | undefined = [];
  /** True once the caller has asked for its end. */
  isCancelRequested = false;
  /** What was called. */
  callee: Cancellable | undefined;

  /** True once the call is over. */
  get isResolved(): boolean {
    return this.state >= SubtaskState.RETURNED;
  }

  /** True once the caller knows that the call is over. */
  get isResolveDelivered(): boolean {
    return this.lenders === undefined;
  }

  /** The call has come to a new state. */
  advance(state: number): void {
    this.state = state;
    if (this.index !== 0) this.notify();
  }

  /** The call ended without a result. */
  cancelled(): void {
    const { state } = this;
    this.advance(
      state === SubtaskState.STARTING ? SubtaskState.CANCELLED_BEFORE_STARTED : SubtaskState.CANCELLED_BEFORE_RETURNED,
    );
  }

  /** The caller gets to know that the call is over: what it has lent returns to it. */
  deliverResolve(): void {
    for (const handle of this.lenders ?? []) handle.lendCount--;
    this.lenders = undefined;
  }

  protected deliver(): WaitableEvent {
    if (this.isResolved && !this.isResolveDelivered) this.deliverResolve();
    return { code: EventCode.SUBTASK, index: this.index, payload: this.state };
  }

  /** @throws {ComponentTrap} If the caller does not know yet that it is over. */
  checkDrop(): void {
    if (!this.isResolveDelivered) trap("cannot drop a subtask which has not yet resolved");
  }
}

/**
 * The wait of a synchronous call for its subtask.
 *
 * @param subtask The call.
 * @param result The core result, once the subtask is resolved.
 */
export function resolutionOf(subtask: Subtask, result: () => CoreValue | undefined): Operation {
  return {
    isReady: () => subtask.isResolved,
    isCancellable: false,
    finish: () => {
      subtask.deliverResolve();
      return result();
    },
  };
}
