/** What the exports of a guest are made from. */

import type { ResourceType } from "../link/resource_type.ts";
import type { FunctionType } from "../types/function_type.ts";
import type { Handle } from "./handle.ts";

/** A function that a component exports. Resources that components define are what stands for them (their "reps"). */
export interface Callee {
  /** Its type. */
  readonly type: FunctionType;
  /** True if a call may have to wait. */
  readonly mayWait: boolean;
  /**
   * Call it.
   *
   * @param args Values of its parameters, all of them.
   * @returns Its result; a `result` as `{ tag, val }`.
   */
  call(args: readonly unknown[]): unknown;
  /** As {@linkcode Callee.call}, on a stack of its own, so that the guest may be suspended. */
  callSuspending(args: readonly unknown[]): Promise<unknown>;
}

/** What an interface exports. */
export interface ExportedInterface {
  /** Functions by their names in WIT: `get-url`, `[method]blob.size`. */
  readonly functions: ReadonlyMap<string, Callee>;
  /** Resource types by their names in WIT. */
  readonly resources: ReadonlyMap<string, ResourceType>;
}

/** What a component exports. */
export interface ExportedItems extends ExportedInterface {
  /** Interfaces by their names in WIT: `wasi:cli/run@0.2.12`. */
  readonly interfaces: ReadonlyMap<string, ExportedInterface>;
}

/** Calls a guest: one call at a time, none after its end, and each with what it comes to. */
export interface Caller {
  /**
   * Call at once; the guest can't be suspended.
   *
   * @param label What the function is called in messages.
   * @throws {Error} If the guest has ended, or runs another call.
   */
  callSync(callee: Callee, args: readonly unknown[], label: string): unknown;
  /** Call when its turn has come; the guest may be suspended. @throws {Error} If the guest has ended. */
  call(callee: Callee, args: readonly unknown[], label: string): Promise<unknown>;
  /** Destroy a resource, at once or once no call runs. It does nothing if the guest has ended. */
  destroy(handle: Handle): void;
}
