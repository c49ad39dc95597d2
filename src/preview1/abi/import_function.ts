/** Imports made from their signatures: what each has in common happens here. */

import { Errno } from "../../witx/errno.ts";
import { isPointer, type Parameter, type ResultType, type Signature } from "../../witx/signature.ts";
import type { MaybePromise } from "../../core/io/maybe_promise.ts";
import type { Abi } from "./abi.ts";
import type { GuestMemory } from "./memory.ts";
import type { GuestOutcome } from "../../core/guest/outcome.ts";

/** An import as the guest calls it: i32 as number, i64 as bigint. */
export type ImportFunction = (...args: never[]) => MaybePromise | void;

/** Imports by their names. */
export type ImportTable = Record<string, ImportFunction>;

/** How the arguments of a function are treated, by their positions. */
interface Plan {
  /** Which bits count; 0 for an i64, which is passed on unchanged. */
  readonly masks: readonly number[];
  /** Bytes that a pointer points to, {@linkcode NEXT} if the next argument counts them, or 0 where nothing is checked. */
  readonly sizes: readonly number[];
  /** True if there is a pointer: then the guest's memory is looked at. */
  readonly usesMemory: boolean;
}

/** The next argument is the length. */
const NEXT = -1;

/**
 * Bodies that are made an import each; see {@linkcode importFunction}.
 *
 * @param isNeeded True for a function that is imported; by default all are made.
 */
export function importTable(
  abi: Abi,
  signatures: Readonly<Record<string, Signature>>,
  bodies: ImportTable,
  isNeeded: (name: string) => boolean = () => true,
): ImportTable {
  const table: ImportTable = {};
  for (const [name, body] of Object.entries(bodies)) {
    if (isNeeded(name)) table[name] = importFunction(abi, signatures[name]!, body);
  }
  return table;
}

/**
 * Make an import of a body that knows nothing but its call. The import
 *
 * - does not run once the guest has ended, nor without room on the stack;
 * - has the views of memory made anew if memory has grown;
 * - coerces each argument to an unsigned number of its type's bits;
 * - returns `FAULT` if a result, or a buffer that is written, does not lie in memory;
 * - ends the guest if the body throws, or if its promise rejects (RATIONALE "Why does a guest's exit unwind with a trap?").
 *
 * @param abi What the imports of the guest share.
 * @param signature Its parameters.
 * @param body Gets the arguments, an i64 as a bigint.
 */
export function importFunction(abi: Abi, signature: Signature, body: ImportFunction): ImportFunction {
  return wrapped(abi, planOf(signature, abi.dialect.resultSizes), body as Body);
}

function planOf({ params }: Signature, resultSizes: Readonly<Record<ResultType, number>>): Plan {
  return {
    masks: params.map(({ bits }) => bits === 64 ? 0 : bits === 32 ? -1 : (1 << bits) - 1),
    sizes: params.map((param) => checkedSize(param, resultSizes)),
    usesMemory: params.some(isPointer),
  };
}

function checkedSize(param: Parameter, resultSizes: Readonly<Record<ResultType, number>>): number {
  if (param.kind === "result") return resultSizes[param.type];
  return param.type === "buffer" || param.type === "text" || param.type === "prestat_name" ? NEXT : 0;
}

/** As the engine sees it; an i64 is a bigint and stays one. */
type Body = (...args: readonly number[]) => MaybePromise | void;

/** An unsigned number. */
function coerced(value: number, mask: number): number {
  return mask === 0 ? value : (value & mask) >>> 0;
}

function isOutside(limit: number, ptr: number, size: number, next = 0): boolean {
  return size !== 0 && ptr + (size === NEXT ? next : size) > limit;
}

/** @returns The size of memory, or 0 where no argument is a pointer. */
function enter(memory: GuestMemory, usesMemory: boolean): number {
  if (usesMemory) {
    memory.refresh();
    return memory.bytes.length;
  }
  memory.outcome.check();
  return 0;
}

function leave(outcome: GuestOutcome, result: MaybePromise | void): MaybePromise | void {
  return typeof result === "object" ? outcome.settle(result) : result;
}

/** One function for each number of parameters: a rest parameter would allocate an array for each call. */
// deno-fmt-ignore
function wrapped({ memory }: Abi, { masks, sizes, usesMemory }: Plan, body: Body): ImportFunction {
  const { outcome } = memory;
  const [m0 = 0, m1 = 0, m2 = 0, m3 = 0, m4 = 0, m5 = 0, m6 = 0, m7 = 0, m8 = 0] = masks;
  const [s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0, s8 = 0] = sizes;

  switch (masks.length) {
    case 0:
      return () => {
        try {
          enter(memory, usesMemory);
          return leave(outcome, body());
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 1:
      return (a: number) => {
        try {
          const limit = enter(memory, usesMemory);
          a = coerced(a, m0);
          if (isOutside(limit, a, s0)) return Errno.FAULT;
          return leave(outcome, body(a));
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 2:
      return (a: number, b: number) => {
        try {
          const limit = enter(memory, usesMemory);
          a = coerced(a, m0); b = coerced(b, m1);
          if (
            isOutside(limit, a, s0, b) || isOutside(limit, b, s1)
          ) return Errno.FAULT;
          return leave(outcome, body(a, b));
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 3:
      return (a: number, b: number, c: number) => {
        try {
          const limit = enter(memory, usesMemory);
          a = coerced(a, m0); b = coerced(b, m1); c = coerced(c, m2);
          if (
            isOutside(limit, a, s0, b) || isOutside(limit, b, s1, c) || isOutside(limit, c, s2)
          ) return Errno.FAULT;
          return leave(outcome, body(a, b, c));
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 4:
      return (a: number, b: number, c: number, d: number) => {
        try {
          const limit = enter(memory, usesMemory);
          a = coerced(a, m0); b = coerced(b, m1); c = coerced(c, m2); d = coerced(d, m3);
          if (
            isOutside(limit, a, s0, b) || isOutside(limit, b, s1, c) || isOutside(limit, c, s2, d) ||
            isOutside(limit, d, s3)
          ) return Errno.FAULT;
          return leave(outcome, body(a, b, c, d));
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 5:
      return (a: number, b: number, c: number, d: number, e: number) => {
        try {
          const limit = enter(memory, usesMemory);
          a = coerced(a, m0); b = coerced(b, m1); c = coerced(c, m2); d = coerced(d, m3); e = coerced(e, m4);
          if (
            isOutside(limit, a, s0, b) || isOutside(limit, b, s1, c) || isOutside(limit, c, s2, d) ||
            isOutside(limit, d, s3, e) || isOutside(limit, e, s4)
          ) return Errno.FAULT;
          return leave(outcome, body(a, b, c, d, e));
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 6:
      return (a: number, b: number, c: number, d: number, e: number, f: number) => {
        try {
          const limit = enter(memory, usesMemory);
          a = coerced(a, m0); b = coerced(b, m1); c = coerced(c, m2); d = coerced(d, m3); e = coerced(e, m4);
          f = coerced(f, m5);
          if (
            isOutside(limit, a, s0, b) || isOutside(limit, b, s1, c) || isOutside(limit, c, s2, d) ||
            isOutside(limit, d, s3, e) || isOutside(limit, e, s4, f) || isOutside(limit, f, s5)
          ) return Errno.FAULT;
          return leave(outcome, body(a, b, c, d, e, f));
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 7:
      return (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => {
        try {
          const limit = enter(memory, usesMemory);
          a = coerced(a, m0); b = coerced(b, m1); c = coerced(c, m2); d = coerced(d, m3); e = coerced(e, m4);
          f = coerced(f, m5); g = coerced(g, m6);
          if (
            isOutside(limit, a, s0, b) || isOutside(limit, b, s1, c) || isOutside(limit, c, s2, d) ||
            isOutside(limit, d, s3, e) || isOutside(limit, e, s4, f) || isOutside(limit, f, s5, g) ||
            isOutside(limit, g, s6)
          ) return Errno.FAULT;
          return leave(outcome, body(a, b, c, d, e, f, g));
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 8:
      return (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number) => {
        try {
          const limit = enter(memory, usesMemory);
          a = coerced(a, m0); b = coerced(b, m1); c = coerced(c, m2); d = coerced(d, m3); e = coerced(e, m4);
          f = coerced(f, m5); g = coerced(g, m6); h = coerced(h, m7);
          if (
            isOutside(limit, a, s0, b) || isOutside(limit, b, s1, c) || isOutside(limit, c, s2, d) ||
            isOutside(limit, d, s3, e) || isOutside(limit, e, s4, f) || isOutside(limit, f, s5, g) ||
            isOutside(limit, g, s6, h) || isOutside(limit, h, s7)
          ) return Errno.FAULT;
          return leave(outcome, body(a, b, c, d, e, f, g, h));
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 9:
      return (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => {
        try {
          const limit = enter(memory, usesMemory);
          a = coerced(a, m0); b = coerced(b, m1); c = coerced(c, m2); d = coerced(d, m3); e = coerced(e, m4);
          f = coerced(f, m5); g = coerced(g, m6); h = coerced(h, m7); i = coerced(i, m8);
          if (
            isOutside(limit, a, s0, b) || isOutside(limit, b, s1, c) || isOutside(limit, c, s2, d) ||
            isOutside(limit, d, s3, e) || isOutside(limit, e, s4, f) || isOutside(limit, f, s5, g) ||
            isOutside(limit, g, s6, h) || isOutside(limit, h, s7, i) || isOutside(limit, i, s8)
          ) return Errno.FAULT;
          return leave(outcome, body(a, b, c, d, e, f, g, h, i));
        } catch (error) {
          return outcome.fail(error);
        }
      };
    default:
      throw new TypeError(`Cannot make an import of ${masks.length} parameters: add them above`);
  }
}
