/**
 * Values as core parameters and results.
 *
 * Source: "Flattening" of the canonical ABI.
 *
 * @module
 */

import type { FunctionType } from "./function_type.ts";
import type { CoreType, ValueType } from "./value_type.ts";

/** Limit on the core values that a value, or all parameters of a function, are passed in; more are passed in memory. */
export const MAX_FLAT = 16;
/** The same for the parameters of a function that is lowered asynchronously. */
export const MAX_FLAT_ASYNC_PARAMS = 4;
/** Limit on the core results of a function; more are returned in memory. */
export const MAX_FLAT_RESULTS = 1;

/** Core types of a flattened value; undefined if there are more than {@linkcode MAX_FLAT}. */
export type Flat = readonly CoreType[] | undefined;

/** Flatten a record, a tuple or parameters. It stops at the first element that is too much. */
export function flatSequence(elements: readonly { readonly flat: Flat }[]): Flat {
  const flat: CoreType[] = [];
  for (const element of elements) {
    if (element.flat === undefined || flat.length + element.flat.length > MAX_FLAT) return undefined;
    flat.push(...element.flat);
  }
  return flat;
}

/** Flatten a list of fixed length. */
export function flatRepeated(element: Flat, length: number): Flat {
  if (element === undefined || element.length * length > MAX_FLAT) return undefined;
  return Array.from({ length }, () => element).flat();
}

/** Flatten a variant: the discriminant, then for each position a type that has room for the values of all cases. */
export function flatVariant(payloads: readonly (ValueType | undefined)[]): Flat {
  const flat: CoreType[] = ["i32"];
  for (const payload of payloads) {
    if (payload === undefined) continue;
    if (payload.flat === undefined || payload.flat.length >= MAX_FLAT) return undefined;
    payload.flat.forEach((type, i) => {
      const joined = flat[i + 1];
      flat[i + 1] = joined === undefined ? type : joinFlat(joined, type);
    });
  }
  return flat;
}

/** The core type that has room for the bits of both. */
function joinFlat(a: CoreType, b: CoreType): CoreType {
  if (a === b) return a;
  return isShort(a) && isShort(b) ? "i32" : "i64";
}

function isShort(type: CoreType): boolean {
  return type === "i32" || type === "f32";
}

/** The core function that lifts or lowers a component function. */
export interface CoreSignature {
  readonly params: readonly CoreType[];
  readonly results: readonly CoreType[];
  /** True if the first parameter is the address of a tuple of all parameters. */
  readonly hasSpilledParams: boolean;
  /** True if the result is in memory: its address is the core result if it is lifted, the last parameter if lowered. */
  readonly hasSpilledResult: boolean;
}

const NOTHING: readonly CoreType[] = [];
const POINTER: readonly CoreType[] = ["i32"];

/** The core function of `canon lift` with synchronous options. */
export function syncLiftSignature(type: FunctionType): CoreSignature {
  const { params, hasSpilledParams } = coreParams(type, MAX_FLAT);
  const { results, hasSpilledResult } = coreResults(type);
  return { params, results: hasSpilledResult ? POINTER : results, hasSpilledParams, hasSpilledResult };
}

/**
 * The core function of `canon lift` with option `async`. The result is passed to `task.return`, whose core parameters
 * are those of {@linkcode taskReturnSignature}.
 *
 * @param type The function.
 * @param hasCallback True with option `callback`: the core result is then a code for the scheduler.
 */
export function asyncLiftSignature(type: FunctionType, hasCallback: boolean): CoreSignature {
  const { params, hasSpilledParams } = coreParams(type, MAX_FLAT);
  return { params, results: hasCallback ? POINTER : NOTHING, hasSpilledParams, hasSpilledResult: false };
}

/** The core function of `canon lower` with synchronous options. */
export function syncLowerSignature(type: FunctionType): CoreSignature {
  const { params, hasSpilledParams } = coreParams(type, MAX_FLAT);
  const { results, hasSpilledResult } = coreResults(type);
  if (!hasSpilledResult) return { params, results, hasSpilledParams, hasSpilledResult };
  return { params: [...params, "i32"], results: NOTHING, hasSpilledParams, hasSpilledResult };
}

/** The core function of `canon lower` with option `async`. Any result is in memory; the core result is a status. */
export function asyncLowerSignature(type: FunctionType): CoreSignature {
  const { params, hasSpilledParams } = coreParams(type, MAX_FLAT_ASYNC_PARAMS);
  const hasSpilledResult = type.result !== undefined;
  return {
    params: hasSpilledResult ? [...params, "i32"] : params,
    results: POINTER,
    hasSpilledParams,
    hasSpilledResult,
  };
}

/** The core function of `canon task.return` for a function's result, which is passed as parameters are. */
export function taskReturnSignature(result: ValueType | undefined): CoreSignature {
  const flat = result === undefined ? NOTHING : result.flat;
  return {
    params: flat ?? POINTER,
    results: NOTHING,
    hasSpilledParams: flat === undefined,
    hasSpilledResult: false,
  };
}

function coreParams(type: FunctionType, max: number): Pick<CoreSignature, "params" | "hasSpilledParams"> {
  const flat = flatSequence(type.params.map((param) => param.type));
  const hasSpilledParams = flat === undefined || flat.length > max;
  return { params: hasSpilledParams ? POINTER : flat, hasSpilledParams };
}

function coreResults({ result }: FunctionType): Pick<CoreSignature, "results" | "hasSpilledResult"> {
  const flat = result === undefined ? NOTHING : result.flat;
  const hasSpilledResult = flat === undefined || flat.length > MAX_FLAT_RESULTS;
  return { results: hasSpilledResult ? NOTHING : flat, hasSpilledResult };
}
