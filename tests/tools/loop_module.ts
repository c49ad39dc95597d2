/**
 * Modules that call WASI many times from inside WebAssembly, to measure what one call costs.
 *
 * @module
 */

import { functionType, signatureOf } from "./proxy.ts";
import { assemble } from "./wat.ts";

/** A constant, or the 32 bits that stand in memory at an address when the call is made. */
export type LoopArgument = number | bigint | { readonly i32At: number };

/** One call, repeated. */
export interface LoopCall {
  /** Name of the function. */
  readonly name: string;
  /** Its arguments, in order. */
  readonly args: readonly LoopArgument[];
}

/** 256 KiB: room for 1,000 subscriptions with their events, and more. */
const PAGES = 4;

/**
 * Make a reactor that exports `memory` (256 KiB) and `run(n: i32) -> i32`, which calls one function `n` times and
 * answers the first errno that was not zero (0 if there was none).
 *
 * @param name Name of the function.
 * @param args Its arguments, in order.
 */
export function loopModule(name: string, ...args: readonly LoopArgument[]): Uint8Array<ArrayBuffer> {
  return loopCallsModule([{ name, args }]);
}

/**
 * As {@linkcode loopModule}, for several calls in turn, such as `path_open` to address 8 and `fd_close` of
 * `{ i32At: 8 }`. `run` goes on after an error.
 *
 * @param calls What `run` does `n` times.
 * @param once What `prepare() -> i32` does once, and answers as `run` does.
 */
export function loopCallsModule(calls: readonly LoopCall[], once: readonly LoopCall[] = []): Uint8Array<ArrayBuffer> {
  const names = [...new Set([...calls, ...once].map((call) => call.name))];
  const text = [
    "(module",
    ...names.map((name) =>
      `(import "wasi_snapshot_preview1" "${name}" (func $${name} ${functionType(signatureOf(name))}))`
    ),
    `(memory (export "memory") ${PAGES})`,
    '(func (export "_initialize"))',
    '(func (export "prepare") (result i32) (local $errno i32) (local $first i32)',
    ...once.map(callText),
    "(local.get $first))",
    '(func (export "run") (param $n i32) (result i32) (local $errno i32) (local $first i32)',
    "(block $done (loop $again",
    "(br_if $done (i32.eqz (local.get $n)))",
    "(local.set $n (i32.sub (local.get $n) (i32.const 1)))",
    ...calls.map(callText),
    "(br $again)))",
    "(local.get $first)))",
  ];
  return assemble("loop.wat", text.join("\n"));
}

function callText({ name, args }: LoopCall): string {
  const { params, results } = signatureOf(name);
  if (args.length !== params.length || results.length === 0) {
    throw new TypeError(`Cannot loop over "${name}": it takes ${params.length} arguments, not ${args.length}`);
  }
  const values = params.map(({ core }, index) => argumentText(core, args[index] ?? 0)).join(" ");
  return `(local.set $errno (call $${name} ${values}))
    (if (i32.eqz (local.get $first)) (then (local.set $first (local.get $errno))))`;
}

function argumentText(type: "i32" | "i64", argument: LoopArgument): string {
  if (typeof argument !== "object") return `(${type}.const ${argument})`;
  const load = `(i32.load (i32.const ${argument.i32At}))`;
  return type === "i32" ? load : `(i64.extend_i32_u ${load})`;
}
