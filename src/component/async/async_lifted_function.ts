/** Functions that were lifted with the option `async`. */

import type { CoreValue } from "../abi/codec.ts";
import type { CallContext } from "../abi/context.ts";
import type { Callee } from "../link/call/callee.ts";
import type { Linking } from "../link/call/linking.ts";
import type { ComponentFunction } from "../link/component_function.ts";
import type { ComponentInstance } from "../link/component_instance.ts";
import type { CoreFunction } from "../link/function.ts";
import type { Task } from "../link/task.ts";
import { enterTask, leaveTask } from "../link/call/task_scope.ts";
import { trap } from "../link/trap.ts";
import { asyncLiftSignature, type CoreSignature } from "../types/flat.ts";
import type { FunctionType } from "../types/function_type.ts";
import { asyncBridge } from "./async_bridge.ts";

/** What the core function, or its callback, wants next: the low four bits of its result. */
const EXIT = 0;
const YIELD = 1;
const WAIT = 2;

/** Limit on yields of one call: nothing else runs meanwhile that the call could wait for. */
const MAX_YIELDS = 2 ** 20;

/** The callback: event code, and two values that belong to the event. */
type Callback = (event: number, first: number, second: number) => number;

/** What a function lifted with the option `async` consists of. */
export interface AsyncLiftedParts {
  readonly type: FunctionType;
  /** The context of the definition; its instance is the callee. */
  readonly cx: CallContext;
  /** The core function. */
  readonly core: CoreFunction;
  /** Called for each event that the core function waits for; undefined if it waits by itself. */
  readonly callback: CoreFunction | undefined;
}

/**
 * A function that was lifted with the option `async`. It returns its result by `task.return`. It may yield, but can't wait
 * yet: nothing that it could wait for is supported.
 */
export class AsyncLiftedFunction implements ComponentFunction, Callee {
  readonly type: FunctionType;
  readonly cx: CallContext;
  readonly core: CoreFunction;
  readonly signature: CoreSignature;
  readonly hasPostReturn = false;
  readonly isAsync = true;
  readonly #callback: Callback | undefined;
  readonly #linking: Linking;

  /**
   * Make it.
   *
   * @param parts What it consists of.
   * @param linking What all definitions of the guest share.
   */
  constructor({ type, cx, core, callback }: AsyncLiftedParts, linking: Linking) {
    this.type = type;
    this.cx = cx;
    this.core = core;
    this.signature = asyncLiftSignature(type, callback !== undefined);
    this.#callback = callback as Callback | undefined;
    this.#linking = linking;
  }

  get instance(): ComponentInstance {
    return this.cx.instance;
  }

  get mayWait(): boolean {
    return this.cx.instance.mayWait;
  }

  lower(cx: CallContext): CoreFunction {
    return asyncBridge(this, cx, this.#linking, "sync");
  }

  lowerAsync(cx: CallContext): CoreFunction {
    return asyncBridge(this, cx, this.#linking, "async");
  }

  begin(): Task {
    const { cx } = this;
    if (cx.instance.backpressure > 0) trap("calls that an instance holds back are not supported");
    cx.refresh();
    const task = enterTask(cx);
    task.resultType = this.type.result;
    return task;
  }

  settle(task: Task | undefined, core: CoreValue | undefined): void {
    const callback = this.#callback;
    if (callback !== undefined) {
      let code = core as number;
      for (let i = 0; (code & 15) === YIELD && i < MAX_YIELDS; i++) code = callback(0, 0, 0);
      if ((code & 15) > WAIT) trap(`unsupported callback code: ${code & 15}`);
      if ((code & 15) !== EXIT) trap("deadlock detected: event loop cannot make further progress");
    }
    if (task?.hasReturned !== true) trap("async-lifted export did not call `task.return`");
  }

  end(task: Task | undefined): void {
    leaveTask(this.cx, task);
  }

  abandon(task: Task | undefined): void {
    leaveTask(this.cx, task);
  }
}
