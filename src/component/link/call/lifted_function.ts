/** Functions that components export: `canon lift`. */

import type { CoreValue } from "../../abi/codec.ts";
import type { CallContext } from "../../abi/context.ts";
import type { FunctionType } from "../../types/function_type.ts";
import { type CoreSignature, syncLiftSignature } from "../../types/flat.ts";
import { bridge } from "./bridge.ts";
import type { Callee } from "./callee.ts";
import type { ComponentFunction } from "../component_function.ts";
import type { ComponentInstance } from "../component_instance.ts";
import type { CoreFunction } from "../function.ts";
import type { Linking } from "./linking.ts";
import type { Task } from "../task.ts";
import { enterTask, leaveTask } from "./task_scope.ts";

/** What a lifted function consists of. */
export interface LiftedParts {
  readonly type: FunctionType;
  /** The context of the definition; its instance is the callee. */
  readonly cx: CallContext;
  /** The core function. */
  readonly core: CoreFunction;
  /** Called with the core result once that has been read. */
  readonly postReturn: CoreFunction | undefined;
}

/** A function with a synchronous type, which is always lifted with synchronous options. */
export class LiftedFunction implements ComponentFunction, Callee {
  readonly type: FunctionType;
  readonly cx: CallContext;
  readonly core: CoreFunction;
  readonly signature: CoreSignature;
  readonly hasPostReturn: boolean;
  readonly #postReturn: ((...args: readonly CoreValue[]) => unknown) | undefined;
  readonly #linking: Linking;

  /**
   * Make it.
   *
   * @param parts What it consists of.
   * @param linking What all definitions of the guest share.
   */
  constructor({ type, cx, core, postReturn }: LiftedParts, linking: Linking) {
    this.type = type;
    this.cx = cx;
    this.core = core;
    this.signature = syncLiftSignature(type);
    this.hasPostReturn = postReturn !== undefined;
    this.#postReturn = postReturn as ((...args: readonly CoreValue[]) => unknown) | undefined;
    this.#linking = linking;
  }

  get instance(): ComponentInstance {
    return this.cx.instance;
  }

  get mayWait(): boolean {
    return this.cx.instance.mayWait;
  }

  lower(cx: CallContext): CoreFunction {
    return bridge(this, cx, this.#linking);
  }

  lowerAsync(): never {
    throw new TypeError("Cannot lower a function with a synchronous type with the option async");
  }

  begin(hasBorrow: boolean): Task | undefined {
    const { cx } = this;
    cx.refresh();
    return hasBorrow || cx.instance.usesTasks ? enterTask(cx) : undefined;
  }

  end(task: Task | undefined, result: CoreValue | undefined): void {
    const { instance } = this.cx;
    if (this.#postReturn !== undefined) {
      const { store } = instance;
      const { isNested } = store;
      instance.mayLeave = false;
      store.isNested = true;
      if (result === undefined) this.#postReturn();
      else this.#postReturn(result);
      store.isNested = isNested;
      instance.mayLeave = true;
    }
    leaveTask(this.cx, task);
  }

  abandon(task: Task | undefined): void {
    leaveTask(this.cx, task);
  }
}
