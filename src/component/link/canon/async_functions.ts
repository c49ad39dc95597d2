/** The functions of built-ins for tasks, waitables, streams and futures. */

import { taskCancel, taskReturn, threadYield } from "../../async/task_builtins.ts";
import {
  subtaskCancel,
  subtaskDrop,
  waitableJoin,
  waitableSetDrop,
  waitableSetNew,
  waitableSetPoll,
  waitableSetWait,
} from "../../async/waitable_builtins.ts";
import { type CopyBuiltin, copyCancel, copyDrop, copyElementsOf, copyNew } from "../../async/copy/copy_builtins.ts";
import type { CallContext } from "../../abi/context.ts";
import { InvalidComponentError } from "../../binary/invalid_component.ts";
import type { Canon, CanonCancelCopy, CanonCopy, CanonOptions, CanonTaskReturn } from "../../binary/model_canon.ts";
import { MAX_FLAT } from "../../types/flat.ts";
import type { FutureType, StreamType } from "../../types/value_type.ts";
import { guarded } from "../call/guard.ts";
import type { Linking } from "../call/linking.ts";
import type { ComponentInstance } from "../component_instance.ts";
import type { CoreFunction } from "../function.ts";
import type { LinkScope } from "../link_scope.ts";
import type { CallContexts } from "./canon_options.ts";
import { unsupportedBuiltin } from "./task_builtins.ts";

const NO_OPTIONS: CanonOptions = {
  encoding: "utf8",
  memory: undefined,
  realloc: undefined,
  postReturn: undefined,
  callback: undefined,
  isAsync: false,
};

/** What the functions belong to. */
export interface AsyncFunctionsOf {
  readonly instance: ComponentInstance;
  readonly linking: Linking;
  readonly contexts: CallContexts;
}

/** Makes the functions of built-ins for tasks, waitables, streams and futures. */
export class AsyncFunctions {
  readonly #scope: LinkScope;
  readonly #instance: ComponentInstance;
  readonly #linking: Linking;
  readonly #contexts: CallContexts;

  /**
   * Make it.
   *
   * @param scope What indices refer to.
   * @param of What the functions belong to.
   */
  constructor(scope: LinkScope, { instance, linking, contexts }: AsyncFunctionsOf) {
    this.#scope = scope;
    this.#instance = instance;
    this.#linking = linking;
    this.#contexts = contexts;
  }

  /**
   * The function of a definition. One that is not supported traps.
   *
   * @param canon The definition.
   * @param offset Where it stands, for messages.
   */
  core(canon: Canon, offset: number): CoreFunction {
    const instance = this.#instance;
    switch (canon.operation) {
      case "task.return":
        return this.#taskReturn(canon, offset);
      case "task.cancel":
        return this.#guarded(taskCancel(instance));
      case "thread.yield":
        return threadYield(instance, canon.isCancellable, this.#linking);
      case "waitable-set.new":
        return this.#guarded(waitableSetNew(instance));
      case "waitable-set.wait":
        return waitableSetWait(this.#memory(canon.memory, offset), canon.isCancellable, this.#linking);
      case "waitable-set.poll":
        return this.#guarded(waitableSetPoll(this.#memory(canon.memory, offset), canon.isCancellable));
      case "waitable-set.drop":
        return this.#guarded(waitableSetDrop(instance));
      case "waitable.join":
        return this.#guarded(waitableJoin(instance));
      case "subtask.cancel":
        return subtaskCancel(instance, canon.isAsync, this.#linking);
      case "subtask.drop":
        return this.#guarded(subtaskDrop(instance));
      default:
        return this.#copy(canon, offset);
    }
  }

  #copy(canon: Canon, offset: number): CoreFunction {
    const instance = this.#instance;
    switch (canon.operation) {
      case "stream.new":
      case "future.new":
        return this.#guarded(copyNew(instance, this.#copyType(canon.type, offset)));
      case "stream.drop-readable":
      case "future.drop-readable":
        return this.#guarded(copyDrop(instance, this.#copyType(canon.type, offset), "readable"));
      case "stream.drop-writable":
      case "future.drop-writable":
        return this.#guarded(copyDrop(instance, this.#copyType(canon.type, offset), "writable"));
      case "stream.read":
      case "stream.write":
      case "future.read":
      case "future.write": {
        const cx = this.#contexts.of(canon.options, offset);
        return copyElementsOf(cx, this.#copyBuiltin(canon, canon.options.isAsync, offset), this.#linking);
      }
      case "stream.cancel-read":
      case "stream.cancel-write":
      case "future.cancel-read":
      case "future.cancel-write":
        return this.#guarded(copyCancel(instance, this.#copyBuiltin(canon, canon.isAsync, offset)));
      default:
        return this.#guarded(unsupportedBuiltin(instance, canon.operation));
    }
  }

  #guarded(fn: CoreFunction): CoreFunction {
    return guarded(fn, this.#linking.store.outcome, fn.length);
  }

  #copyType(index: number, offset: number): StreamType | FutureType {
    const type = this.#scope.types.type(index, offset);
    if (type.kind === "stream" || type.kind === "future") return type;
    throw new InvalidComponentError(`type ${index} is neither a stream nor a future`, offset);
  }

  #copyBuiltin({ operation, type }: CanonCopy | CanonCancelCopy, isAsync: boolean, offset: number): CopyBuiltin {
    return { type: this.#copyType(type, offset), isReadable: operation.endsWith("read"), isAsync };
  }

  #taskReturn({ result, options }: CanonTaskReturn, offset: number): CoreFunction {
    const type = result === undefined ? undefined : this.#scope.types.valueType(result, offset);
    return guarded(taskReturn(this.#contexts.of(options, offset), type), this.#linking.store.outcome, MAX_FLAT);
  }

  /** A context that has only a memory. */
  #memory(memory: number, offset: number): CallContext {
    return this.#contexts.of({ ...NO_OPTIONS, memory }, offset);
  }
}
