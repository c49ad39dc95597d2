/** What all exports and imports of one guest share: classes of resources, and conversions of values. */

import type { ResourceType } from "../link/resource_type.ts";
import type { Store } from "../link/store.ts";
import type { FunctionType } from "../types/function_type.ts";
import type { ValueType } from "../types/value_type.ts";
import type { Callee, Caller } from "./callee.ts";
import { ComponentError } from "./errors.ts";
import { CopyValues } from "./copy_values.ts";
import { CallHandles, type Handle } from "./handle.ts";
import { pascalCase } from "./names.ts";
import { type Conversion, Conversions } from "./resource_values.ts";
import { ResourceClasses, type ResourceObject } from "./resource_class.ts";

/** A function of the guest, as JavaScript calls it. */
export type JsFunction = (...args: unknown[]) => unknown;

/** Objects that are lent to JavaScript for the duration of one call. */
export type LentObjects = Handle[];

/** The bindings of one guest. */
export class Bindings {
  /** Classes of the resources that the guest defines. */
  readonly classes: ResourceClasses;
  /** From JavaScript to the guest. */
  readonly inward: Conversions<CallHandles>;
  /** From the guest to JavaScript. */
  readonly outward: Conversions<LentObjects>;
  /** Calls the guest. */
  readonly caller: Caller;
  /** Converts streams and futures; undefined if the guest has none. */
  readonly copies: CopyValues | undefined;
  readonly #waiting: WeakMap<JsFunction, (args: readonly unknown[]) => Promise<unknown>> = new WeakMap();

  /**
   * Make them.
   *
   * @param caller Calls the guest.
   * @param store What all instances of the guest share; undefined if it has no streams and futures.
   */
  constructor(caller: Caller, store?: Store) {
    this.caller = caller;
    const copies = this.copies = store === undefined ? undefined : new CopyValues(store);
    const classes = this.classes = new ResourceClasses(caller);
    this.inward = new Conversions({
      convert(type, isOwn, value, handles) {
        const handle = classes.unwrap(type, value);
        if (isOwn) handles.move(handle);
        else handles.lend(handle);
        return handle.rep;
      },
      copy(type, element, value) {
        if (copies === undefined) throw noCopies(type);
        return copies.inward(type, value, element && ((each) => element(each, new CallHandles())));
      },
    });
    this.outward = new Conversions({
      convert: (type, isOwn, rep, lent): ResourceObject => {
        const object = classes.wrap(type, rep, isOwn, pascalCase(type.name));
        if (!isOwn) lent.push(classes.unwrap(type, object));
        return object;
      },
      copy(type, element, value) {
        if (copies === undefined) throw noCopies(type);
        return copies.outward(type, value, element && ((each) => element(each, [])));
      },
    });
  }

  /**
   * A function of the guest as a function of JavaScript. It returns at once, or a promise if it is `async` in WIT.
   *
   * @param callee The function.
   * @param label What it is called in messages.
   */
  function(callee: Callee, label: string): JsFunction {
    const caller = this.caller;
    const call = this.caller.call.bind(caller);
    const prepare = this.#preparation(callee.type);
    const finish = this.#completion(callee.type);
    const waiting = async (args: readonly unknown[]): Promise<unknown> => {
      const [values, handles] = prepare(args);
      try {
        return finish(await call(callee, values, label));
      } finally {
        handles?.end();
      }
    };
    const made: JsFunction = callee.type.isAsync ? (...args) => waiting(args) : (...args) => {
      const [values, handles] = prepare(args);
      try {
        return finish(caller.callSync(callee, values, label));
      } finally {
        handles?.end();
      }
    };
    this.#waiting.set(made, waiting);
    return made;
  }

  /** A method, whose first parameter is the object that it is called on. */
  method(callee: Callee, label: string): JsFunction {
    const made = this.function(callee, label);
    const method = function (this: unknown, ...args: unknown[]): unknown {
      return made(this, ...args);
    };
    this.#waiting.set(method, this.#waiting.get(made)!);
    return method;
  }

  /** A constructor, which returns what the object holds. */
  constructing(callee: Callee, label: string): (args: readonly unknown[]) => Handle {
    const caller = this.caller;
    const prepare = this.#preparation(callee.type);
    const { result } = callee.type;
    if (result?.kind !== "own") {
      const made = this.function(callee, label);
      // Its result is a `result`, whose error was thrown.
      const type = result?.kind === "result" && result.ok?.kind === "own"
        ? result.ok.resource as ResourceType
        : undefined;
      if (type === undefined) throw new TypeError(`Cannot use the constructor ${label}: it returns no resource`);
      return (args) => this.classes.take(type, made(...args));
    }
    const type = result.resource as ResourceType;
    return (args) => {
      const [values, handles] = prepare(args);
      try {
        return this.classes.handle(type, caller.callSync(callee, values, label));
      } finally {
        handles?.end();
      }
    };
  }

  /**
   * As a call of a function of the guest, but when its turn has come, and it may wait.
   *
   * @param fn A function that these bindings made; the first argument of a method is its object.
   * @returns Undefined if it is another function.
   */
  call(fn: JsFunction, args: readonly unknown[]): Promise<unknown> | undefined {
    return this.#waiting.get(fn)?.(args);
  }

  /** Makes the values of a call. They have handles to be ended after the call if there are resources among them. */
  #preparation({ params }: FunctionType): (args: readonly unknown[]) => [readonly unknown[], CallHandles | undefined] {
    const conversions = params.map(({ type }) => this.inward.of(type));
    const { length } = params;
    if (conversions.every((conversion) => conversion === undefined)) {
      return (args) => [args.length === length ? args : resized(args, length), undefined];
    }
    return (args) => {
      const handles = new CallHandles();
      try {
        return [
          conversions.map((conversion, i) => conversion === undefined ? args[i] : conversion(args[i], handles)),
          handles,
        ];
      } catch (error) {
        handles.rollBack();
        throw error;
      }
    };
  }

  /** Makes the result of a call: that of a `result` is returned or thrown. */
  #completion({ result }: FunctionType): (value: unknown) => unknown {
    if (result === undefined) return () => undefined;
    if (result.kind !== "result") return this.#converted(result);
    const ok = result.ok === undefined ? undefined : this.#converted(result.ok);
    const error = result.error === undefined ? undefined : this.#converted(result.error);
    return (value) => {
      const { tag, val } = value as { readonly tag: "ok" | "err"; readonly val?: unknown };
      if (tag === "ok") return ok?.(val);
      throw new ComponentError(error?.(val));
    };
  }

  #converted(type: ValueType): (value: unknown) => unknown {
    const conversion: Conversion<LentObjects> = this.outward.of(type);
    // A result has no borrows.
    return conversion === undefined ? (value) => value : (value) => conversion(value, []);
  }
}

function noCopies({ kind }: ValueType): TypeError {
  return new TypeError(`Cannot pass a ${kind}: the guest has none`);
}

function resized(args: readonly unknown[], length: number): readonly unknown[] {
  const values = args.slice(0, length);
  while (values.length < length) values.push(undefined);
  return values;
}
