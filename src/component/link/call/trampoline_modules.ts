/**
 * Functions in WebAssembly that stand between a guest and what it imports. Between two frames of WebAssembly there is then
 * none of JavaScript, so that the engine can suspend the stack.
 *
 * @module
 */

import type { CoreType } from "../../types/value_type.ts";
import { type CoreSignatureTypes, functionModule, getLocals, leb, Op, type WrittenImport } from "./wasm_writer.ts";

/** What a bridge passes on as it is. */
export interface BridgeShape {
  /** The function that the caller calls. */
  readonly caller: CoreSignatureTypes;
  /** The function of the callee. */
  readonly callee: CoreSignatureTypes;
  /** True if the caller's parameters are those of the callee. */
  readonly passesParams: boolean;
  /** True if the callee's result is that of the caller. */
  readonly passesResult: boolean;
  /** True if the caller's last parameter is where the result goes. */
  readonly hasReturnPointer: boolean;
}

/** Compiles trampolines, and keeps them by their types. They have no state: one object serves any number of guests. */
export class TrampolineModules {
  readonly #made: Map<string, WebAssembly.Module> = new Map();

  /**
   * A call that may have to wait, for its core type:
   *
   *     (loop (if (call $attempt (local.get …)) (then (call $wait) (call $resumed) (br 1)))) (call $result)
   */
  waiting(signature: CoreSignatureTypes): WebAssembly.Module {
    return this.#module(`wait ${keyOf(signature)}`, () => waitingModule(signature));
  }

  /**
   * A call from component to component: `$start` lifts and lowers parameters, which `$i32`, `$i64`, `$f32` and `$f64` then
   * answer by index; `$finish` lifts and lowers the result. An exception of the callee is caught: `$threw`.
   */
  bridge(shape: BridgeShape): WebAssembly.Module {
    const { caller, callee, passesParams, passesResult, hasReturnPointer } = shape;
    const key = `bridge ${keyOf(caller)} ${keyOf(callee)} ${passesParams} ${passesResult} ${hasReturnPointer}`;
    return this.#module(key, () => bridgeModule(shape));
  }

  /** A call that answers a promise: `$start` answers a token for `$wait` and `$result`, or 0 if the call is done. */
  promised(signature: CoreSignatureTypes): WebAssembly.Module {
    return this.#module(`promise ${keyOf(signature)}`, () => promisedModule(signature));
  }

  /** The core function of a task: `$finish` gets its results; an exception of it is caught: `$threw`. */
  entry(signature: CoreSignatureTypes): WebAssembly.Module {
    return this.#module(`entry ${keyOf(signature)}`, () => entryModule(signature));
  }

  /** A call of `$floats`, which takes a float64 in place of each i64. */
  floats(signature: CoreSignatureTypes): WebAssembly.Module {
    return this.#module(`floats ${keyOf(signature)}`, () => floatsModule(signature));
  }

  #module(key: string, write: () => Uint8Array<ArrayBuffer>): WebAssembly.Module {
    let module = this.#made.get(key);
    if (module === undefined) {
      module = new WebAssembly.Module(write());
      this.#made.set(key, module);
    }
    return module;
  }
}

function keyOf({ params, results }: CoreSignatureTypes): string {
  return `${params.join()}:${results.join()}`;
}

const NONE: readonly CoreType[] = [];

/** A signature with a float64 in place of each parameter that is an i64. */
export function withFloats({ params, results }: CoreSignatureTypes): CoreSignatureTypes {
  return { params: params.map((type) => type === "i64" ? "f64" : type), results };
}

function waitingModule(signature: CoreSignatureTypes): Uint8Array<ArrayBuffer> {
  const { params, results } = signature;
  const [attempt, wait, resumed, result] = [0, 1, 2, 3];
  const imports: WrittenImport[] = [
    { name: "attempt", params, results: ["i32"] },
    { name: "wait", params: NONE, results: NONE },
    { name: "resumed", params: NONE, results: NONE },
    { name: "result", params: NONE, results },
  ];
  // deno-fmt-ignore
  const code = [
    Op.LOOP, Op.BLOCK_VOID,
      ...getLocals(params.length), Op.CALL, attempt,
      Op.IF, Op.BLOCK_VOID, Op.CALL, wait, Op.CALL, resumed, Op.BR, 1, Op.END,
    Op.END,
    ...(results.length === 0 ? [] : [Op.CALL, result]),
  ];
  return functionModule(signature, imports, [], code);
}

function floatsModule(signature: CoreSignatureTypes): Uint8Array<ArrayBuffer> {
  const code = signature.params.flatMap((type, i) => [
    ...[Op.LOCAL_GET, ...leb(i)],
    ...(type === "i64" ? [Op.F64_CONVERT_I64_S] : []),
  ]);
  return functionModule(signature, [{ name: "floats", ...withFloats(signature) }], [], [...code, Op.CALL, 0]);
}

function promisedModule(signature: CoreSignatureTypes): Uint8Array<ArrayBuffer> {
  const { params, results } = signature;
  const [start, wait, result] = [0, 1, 2];
  const token = leb(params.length);
  const imports: WrittenImport[] = [
    { name: "start", params, results: ["i32"] },
    { name: "wait", params: ["i32"], results: NONE },
    { name: "result", params: ["i32"], results },
  ];
  // deno-fmt-ignore
  const code = [
    ...getLocals(params.length), Op.CALL, start, Op.LOCAL_SET, ...token,
    Op.LOCAL_GET, ...token, Op.IF, Op.BLOCK_VOID, Op.LOCAL_GET, ...token, Op.CALL, wait, Op.END,
    Op.LOCAL_GET, ...token, Op.CALL, result,
  ];
  return functionModule(signature, imports, ["i32"], code);
}

function bridgeModule(shape: BridgeShape): Uint8Array<ArrayBuffer> {
  const { caller, callee, passesParams, passesResult, hasReturnPointer } = shape;
  const token = caller.params.length;
  const finishParams: CoreType[] = [
    ...(passesResult ? NONE : callee.results),
    ...(hasReturnPointer ? ["i32" as const] : NONE),
    "i32",
  ];
  const imports: WrittenImport[] = [
    { name: "start", params: passesParams ? NONE : caller.params, results: ["i32"] },
    { name: "callee", params: callee.params, results: callee.results },
    { name: "finish", params: finishParams, results: passesResult ? NONE : caller.results },
    { name: "threw", params: NONE, results: NONE },
    ...(["i32", "i64", "f32", "f64"] as const).map((type) => ({
      name: type,
      params: ["i32" as const],
      results: [type],
    })),
  ];
  const result = leb(token + 1);
  const hasResult = callee.results.length === 1;
  // deno-fmt-ignore
  const code = [
    ...(passesParams ? [] : getLocals(caller.params.length)), Op.CALL, 0, Op.LOCAL_SET, ...leb(token),
    Op.TRY, Op.BLOCK_VOID,
      ...(passesParams ? getLocals(callee.params.length) : callee.params.flatMap((type, i) => argument(type, i))),
      Op.CALL, 1, ...(hasResult ? [Op.LOCAL_SET, ...result] : []),
    Op.CATCH_ALL, Op.CALL, 3, Op.END,
    ...(hasResult && !passesResult ? [Op.LOCAL_GET, ...result] : []),
    ...(hasReturnPointer ? [Op.LOCAL_GET, ...leb(token - 1)] : []),
    Op.LOCAL_GET, ...leb(token), Op.CALL, 2,
    ...(hasResult && passesResult ? [Op.LOCAL_GET, ...result] : []),
  ];
  return functionModule(caller, imports, ["i32", ...callee.results], code);
}

function entryModule({ params, results }: CoreSignatureTypes): Uint8Array<ArrayBuffer> {
  const [callee, finish, threw] = [0, 1, 2];
  const imports: WrittenImport[] = [
    { name: "callee", params, results },
    { name: "finish", params: results, results: NONE },
    { name: "threw", params: NONE, results: NONE },
  ];
  const result = leb(params.length);
  const hasResult = results.length === 1;
  // deno-fmt-ignore
  const code = [
    Op.TRY, Op.BLOCK_VOID,
      ...getLocals(params.length), Op.CALL, callee, ...(hasResult ? [Op.LOCAL_SET, ...result] : []),
    Op.CATCH_ALL, Op.CALL, threw, Op.END,
    ...(hasResult ? [Op.LOCAL_GET, ...result] : []), Op.CALL, finish,
  ];
  return functionModule({ params, results: NONE }, imports, results, code);
}

/** Index of the import that answers parameters of a type. */
const ARGUMENT: Readonly<Record<CoreType, number>> = { i32: 4, i64: 5, f32: 6, f64: 7 };

function argument(type: CoreType, index: number): number[] {
  return [Op.I32_CONST, index, Op.CALL, ARGUMENT[type]];
}
