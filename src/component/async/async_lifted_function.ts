/** Functions with asynchronous types that components export. */

import type { CoreValue } from "../abi/codec.ts";
import type { CallContext } from "../abi/context.ts";
import { instancesEntered } from "../link/call/entering.ts";
import type { Linking } from "../link/call/linking.ts";
import type { ComponentFunction } from "../link/component_function.ts";
import type { ComponentInstance } from "../link/component_instance.ts";
import type { CoreFunction } from "../link/function.ts";
import { asyncLiftSignature, syncLiftSignature } from "../types/flat.ts";
import type { FunctionType } from "../types/function_type.ts";
import type { TaskCallee } from "./task_parties.ts";
import { CoreEntry } from "./core_entry.ts";
import { lowerAsync, lowerSync } from "./lowered_call.ts";

/** What the function consists of. */
export interface AsyncLiftedParts {
  readonly type: FunctionType;
  /** The context of the definition; its instance is the callee. */
  readonly cx: CallContext;
  /** The core function. */
  readonly core: CoreFunction;
  /** True for the option `async`: it returns its result by `task.return`. */
  readonly isAsync: boolean;
  /** Called for each event that the function waits for; undefined if it waits on its stack. */
  readonly callback: CoreFunction | undefined;
  /** Called with the core result once that has been read. */
  readonly postReturn: CoreFunction | undefined;
}

/** A function with an asynchronous type: lifted with the option `async`, with and without callback, or without it. */
export class AsyncLiftedFunction implements ComponentFunction, TaskCallee {
  readonly type: FunctionType;
  readonly cx: CallContext;
  readonly isAsync: boolean;
  /** The core function. */
  readonly entry: CoreEntry;
  /** The callback, if it has one. */
  readonly callback: CoreEntry | undefined;
  /** The instances that a call by the host enters. */
  readonly chain: readonly ComponentInstance[];
  readonly #postReturn: ((...args: readonly CoreValue[]) => unknown) | undefined;
  readonly #linking: Linking;
  readonly #entered: Map<ComponentInstance | undefined, readonly ComponentInstance[]> = new Map();

  /**
   * Make it.
   *
   * @param parts What it consists of.
   * @param linking What all definitions of the guest share.
   */
  constructor({ type, cx, core, isAsync, callback, postReturn }: AsyncLiftedParts, linking: Linking) {
    this.type = type;
    this.cx = cx;
    this.isAsync = isAsync;
    const signature = isAsync ? asyncLiftSignature(type, callback !== undefined) : syncLiftSignature(type);
    this.entry = new CoreEntry(core, signature, linking);
    this.callback = callback === undefined ? undefined : new CoreEntry(callback, CALLBACK, linking);
    this.chain = instancesEntered(cx.instance);
    this.#postReturn = postReturn as ((...args: readonly CoreValue[]) => unknown) | undefined;
    this.#linking = linking;
  }

  /** The instance that is called. */
  get instance(): ComponentInstance {
    return this.cx.instance;
  }

  /** True: a call may have to wait until the instance lets it in. */
  get mayWait(): boolean {
    return true;
  }

  /** True if no other task of the instance that needs the same may run while it runs, or waits on its stack. */
  get needsExclusive(): boolean {
    return !this.isAsync || this.callback !== undefined;
  }

  lower(cx: CallContext): CoreFunction {
    return lowerSync(this, cx, this.#linking);
  }

  lowerAsync(cx: CallContext): CoreFunction {
    return lowerAsync(this, cx, this.#linking);
  }

  /** The instances that a call by another instance enters. */
  enteredFrom(caller: ComponentInstance): readonly ComponentInstance[] {
    let entered = this.#entered.get(caller);
    if (entered === undefined) {
      entered = instancesEntered(this.instance, caller);
      this.#entered.set(caller, entered);
    }
    return entered;
  }

  /** The core result has been read. */
  postReturn(core: CoreValue | undefined): void {
    const { instance } = this;
    const { store } = instance;
    if (this.#postReturn === undefined) return;
    instance.mayLeave = false;
    store.isNested = true;
    if (core === undefined) this.#postReturn();
    else this.#postReturn(core);
    store.isNested = false;
    instance.mayLeave = true;
  }
}

/** Type of callbacks: event code, and two values that belong to the event. */
const CALLBACK = { params: ["i32", "i32", "i32"], results: ["i32"] } as const;
