/**
 * A guest that calls functions of WASI from the bottom of a recursion, to cut them short where the stack ends.
 *
 * @module
 */

import { SOCKET_IMPORTS } from "../../src/preview1/abi/sockets.ts";
import type { WaitMode } from "../../src/contract/waiter.ts";
import type { ImportTable } from "../../src/preview1/abi/import_function.ts";
import { GuestMemory } from "../../src/preview1/abi/memory.ts";
import { preview1, WAITING_IMPORTS } from "../../src/preview1/abi/preview1.ts";
import type { System } from "../../src/preview1/system.ts";
import type { Signature } from "../../src/witx/signature.ts";
import { SIGNATURES } from "../../src/witx/signatures.ts";
import { WASMEDGE_SIGNATURES } from "../../src/witx/wasmedge.ts";
import { promising, suspending } from "../../src/runtime/jspi.ts";
import { functionType } from "../tools/proxy.ts";
import { assemble } from "../tools/wat.ts";

/** An argument of a call. */
export type Argument = number | bigint;

/** How a call at the bottom of a recursion ended: with a result, in the host, or before it began. */
export type DeepResult = number | "cut" | "not begun";

/** Where the module keeps the arguments of the deep call, eight bytes each, and whether it began. */
const ARGUMENTS = 64;
const BEGUN = 32;
const SPARE = 65536;
/** What a test stores is from here on. */
export const DATA = 4096;

const NAMES: readonly string[] = [
  ...Object.keys(SIGNATURES).filter((name) => !name.startsWith("proc_") && !name.startsWith("sock_")),
  ...Object.keys(WASMEDGE_SIGNATURES),
];

function signatureOf(name: string): Signature {
  return WASMEDGE_SIGNATURES[name]?.v2 ?? SIGNATURES[name]!;
}

function thunk(name: string, index: number): string {
  const loads = signatureOf(name).params.map(({ core }, i) => {
    const load = `(i64.load (i32.const ${ARGUMENTS + 8 * i}))`;
    return core === "i64" ? load : `(i32.wrap_i64 ${load})`;
  });
  return `(func $thunk${index} (result i32) (i32.store (i32.const ${BEGUN}) (i32.const 1)) (call $${name} ${
    loads.join(" ")
  }))`;
}

/** Locals that are alive across a call, so that the frames of `wide` take 4 KiB and those of `narrow` are small. */
const WIDE_LOCALS = 512;
const NARROW_LOCALS = 4;

function eachLocal(count: number, text: (name: string, at: number) => string): string {
  return Array.from({ length: count }, (_, i) => text(`$l${i}`, SPARE + 8 * i)).join(" ");
}

/** Declares locals, and reads them from memory. */
function locals(count: number): string {
  return eachLocal(count, (name) => `(local ${name} i64)`) +
    eachLocal(count, (name, at) => `(local.set ${name} (i64.load (i32.const ${at})))`);
}

/** Stores locals again, so that they are needed until then. */
function storeLocals(count: number): string {
  return eachLocal(count, (name, at) => `(i64.store (i32.const ${at}) (local.get ${name}))`);
}

function moduleText(): string {
  return `(module
    ${NAMES.map((name) => `(import "wasi" "${name}" (func $${name} ${functionType(signatureOf(name))}))`).join("\n")}
    (memory (export "memory") 2)
    (table ${NAMES.length} funcref)
    (elem (i32.const 0) ${NAMES.map((_, i) => `$thunk${i}`).join(" ")})
    (type $thunk (func (result i32)))
    ${NAMES.map(thunk).join("\n")}
    (func $narrow (param $depth i32) (param $which i32) (result i32)
      ${locals(NARROW_LOCALS)}
      (if (result i32) (local.get $depth)
        (then (call $narrow (i32.sub (local.get $depth) (i32.const 1)) (local.get $which)))
        (else (call_indirect (type $thunk) (local.get $which))))
      ${storeLocals(NARROW_LOCALS)})
    (func $wide (export "deep") (param $levels i32) (param $depth i32) (param $which i32) (result i32)
      ${locals(WIDE_LOCALS)}
      (if (result i32) (local.get $levels)
        (then (call $wide (i32.sub (local.get $levels) (i32.const 1)) (local.get $depth) (local.get $which)))
        (else (call $narrow (local.get $depth) (local.get $which))))
      ${storeLocals(WIDE_LOCALS)}))`;
}

const module = new WebAssembly.Module(assemble("deep.wat", moduleText()));

type Deep = (levels: number, depth: number, which: number) => number | Promise<number>;

/** A guest over a system. Once it has ended, another one goes on over the same system, with the same memory. */
export class DeepGuest {
  readonly #system: System;
  readonly #mode: WaitMode;
  #table!: ImportTable;
  #guestMemory!: GuestMemory;
  #memory!: WebAssembly.Memory;
  #deep!: Deep;

  /**
   * @param system Answers its calls.
   * @param mode How it waits.
   */
  constructor(system: System, mode: WaitMode) {
    this.#system = system;
    this.#mode = mode;
    this.#start();
  }

  #start(): void {
    const memory = new GuestMemory();
    this.#table = preview1(this.#system, memory, { sockets: SOCKET_IMPORTS, extension: "wasmedgev2" });
    const functions: Record<string, WebAssembly.ImportValue> = {};
    for (const name of NAMES) {
      const fn = this.#table[name]!;
      functions[name] = this.#mode === "suspend" && WAITING_IMPORTS.includes(name) ? suspending(fn) : fn;
    }
    const { exports } = new WebAssembly.Instance(module, { wasi: functions });
    this.#guestMemory = memory;
    this.#memory = exports["memory"] as WebAssembly.Memory;
    memory.attach(this.#memory);
    const deep = exports["deep"] as Deep;
    this.#deep = this.#mode === "suspend" ? promising(deep as never) as unknown as Deep : deep;
  }

  #restart(): void {
    const before = this.bytes(0, this.#memory.buffer.byteLength);
    this.#start();
    this.bytes(0, before.length).set(before);
  }

  /** All of memory. */
  get view(): DataView {
    return new DataView(this.#memory.buffer);
  }

  /** Bytes of memory. */
  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length);
  }

  /** Store a text. @returns Where it is, and its length. */
  store(at: number, text: string): [at: number, length: number] {
    const bytes = new TextEncoder().encode(text);
    this.bytes(at, bytes.length).set(bytes);
    return [at, bytes.length];
  }

  /** Call a function from where there is stack enough. */
  call(name: string, ...args: readonly Argument[]): number {
    return this.#table[name]!(...args as never[]) as unknown as number;
  }

  /** Call a function from `levels` wide and `depth` narrow frames down. */
  async callDeep(name: string, args: readonly Argument[], levels: number, depth: number): Promise<DeepResult> {
    const { view } = this;
    args.forEach((arg, i) => view.setBigInt64(ARGUMENTS + 8 * i, BigInt(arg), true));
    view.setUint32(BEGUN, 0, true);
    try {
      const result = this.#deep(levels, depth, NAMES.indexOf(name));
      return typeof result === "number" ? result : await result;
    } catch (error) {
      if (!isOverflow(error)) throw error;
      const hasBegun = this.view.getUint32(BEGUN, true) !== 0;
      if (this.#guestMemory.outcome.ended) this.#restart();
      return hasBegun ? "cut" : "not begun";
    }
  }
}

function isOverflow(error: unknown): boolean {
  return error instanceof RangeError || error instanceof WebAssembly.RuntimeError;
}
