/**
 * A module through which every import can be called with any arguments, as a guest would.
 *
 * @module
 */

import type { Signature } from "../../src/witx/signature.ts";
import { SIGNATURES } from "../../src/witx/signatures.ts";
import { assemble } from "./wat.ts";

/** What {@linkcode proxyModule} is made with. */
export interface ProxyOptions {
  /** Module of the imports. Default: `wasi_snapshot_preview1`. */
  readonly module?: string;
  /** Names of the functions. Default: all of `SIGNATURES`. */
  readonly names?: readonly string[];
  /** Pages of memory, 64 KiB each. Default: 1. */
  readonly pages?: number;
}

/**
 * Make a reactor that imports functions of WASI and exports, under the same name and with the same type, functions
 * that call them. It also exports `memory`, and `_initialize`, which does nothing.
 */
export function proxyModule(options: ProxyOptions = {}): Uint8Array<ArrayBuffer> {
  const module = options.module ?? "wasi_snapshot_preview1";
  const names = options.names ?? Object.keys(SIGNATURES);
  const text = [
    "(module",
    ...names.map((name) => `(import "${module}" "${name}" (func $${name} ${functionType(signatureOf(name))}))`),
    `(memory (export "memory") ${options.pages ?? 1})`,
    '(func (export "_initialize"))',
    ...names.map((name) => forwarder(name, signatureOf(name))),
    ")",
  ];
  return assemble("proxy.wat", text.join("\n"));
}

/**
 * The core type of a function of WASI in the text format, such as `(param i32 i64) (result i32)`.
 *
 * @param signature One of `SIGNATURES`.
 */
export function functionType(signature: Signature): string {
  const params = signature.params.map(({ core }) => core);
  const param = params.length === 0 ? "" : `(param ${params.join(" ")})`;
  const result = signature.results.length === 0 ? "" : "(result i32)";
  return `${param} ${result}`.trim();
}

/**
 * Look a function up.
 *
 * @throws {TypeError} WASI has no function of that name.
 */
export function signatureOf(name: string): Signature {
  const signature = SIGNATURES[name];
  if (signature === undefined) throw new TypeError(`Cannot import "${name}": no such function in preview 1`);
  return signature;
}

function forwarder(name: string, signature: Signature): string {
  const args = signature.params.map((_, index) => `(local.get ${index})`).join(" ");
  return `(func (export "${name}") ${functionType(signature)} (call $${name} ${args}))`;
}
