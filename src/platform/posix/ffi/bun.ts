/** The FFI of Bun. */

import type { Ffi, ForeignCalls, ForeignFunction, ForeignFunctions } from "./ffi.ts";
import { pollInWorker } from "../poll/poll_in_worker.ts";

interface BunFfi {
  dlopen(library: string, symbols: Record<string, Signature>): { readonly symbols: Record<string, never> };
  ptr(bytes: Uint8Array): number;
  toArrayBuffer(address: number, offset: number, length: number): ArrayBuffer;
}

interface Signature {
  readonly args: readonly string[];
  readonly returns: string;
}

/** JavaScript's numbers are passed as they are; `i64_fast` returns a number below 2^53. */
const TYPES = { i32: "i32", i64: "i64", address: "ptr", buffer: "ptr" } as const;
const RESULTS = { i32: "i32", i64: "i64_fast" } as const;

function signature({ parameters, result }: ForeignFunction): Signature {
  return { args: parameters.map((type) => TYPES[type]), returns: RESULTS[result] };
}

/**
 * Names by symbol, in as few batches as can be: an opening knows a symbol by its name alone, so that a second signature
 * of one takes a second opening, and each opening takes a ms.
 */
function batches(functions: ForeignFunctions<string>): Map<string, string>[] {
  const made: Map<string, string>[] = [];
  for (const [name, { symbol = name }] of Object.entries(functions)) {
    let batch = made.find((batch) => !batch.has(symbol));
    if (batch === undefined) made.push(batch = new Map());
    batch.set(symbol, name);
  }
  return made;
}

/**
 * The FFI of Bun.
 *
 * @throws {Error} If this is not Bun.
 */
export function bunFfi(): Ffi {
  const { createRequire } = process.getBuiltinModule("node:module");
  const bun = createRequire(import.meta.url)("bun:ffi") as BunFfi;
  return {
    name: "bun:ffi",
    hasFreeAddresses: true,
    takesBuffers: false,
    open<Name extends string>(library: string, functions: ForeignFunctions<Name>): ForeignCalls<Name> {
      const calls: Record<string, never> = {};
      for (const batch of batches(functions)) {
        const wanted = [...batch].map(([symbol, name]) => [symbol, signature(functions[name as Name])] as const);
        const { symbols } = bun.dlopen(library, Object.fromEntries(wanted));
        for (const [symbol, name] of batch) calls[name] = symbols[symbol]!;
      }
      return calls as unknown as ForeignCalls<Name>;
    },
    address: (address) => address,
    i64: (value) => value,
    addressOf: (bytes) => bun.ptr(bytes),
    view: (address, length) => bun.toArrayBuffer(address, 0, length),
    pollLater: pollInWorker(),
  };
}
