/** The FFI of Node, from 26.1 on. */

import { createRequire } from "node:module";
import type { Ffi, ForeignCalls, ForeignFunction, ForeignFunctions } from "./ffi.ts";
import { pollInWorker } from "./poll_in_worker.ts";

/** What `node:ffi` has of use here. */
interface NodeFfi {
  DynamicLibrary: new (library: string) => NodeLibrary;
  getRawPointer(bytes: Uint8Array): bigint;
  toArrayBuffer(address: bigint, length: number, copy: boolean): ArrayBuffer;
}

interface NodeLibrary {
  getFunction(symbol: string, signature: Signature): (...args: (number | bigint)[]) => number | bigint;
}

interface Signature {
  readonly arguments: readonly string[];
  readonly return: string;
}

/** Node prints a warning when its FFI is first loaded; what a guest does is no reason to tell the user of it. */
function quietly<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

function signature({ parameters, result }: ForeignFunction, low: boolean): Signature {
  const types = { i32: "i32", i64: "i64", address: low ? "i32" : "u64" } as const;
  return { arguments: parameters.map((type) => types[type]), return: result };
}

/**
 * The FFI of Node.
 *
 * @throws {Error} If it has none, or may not use it.
 */
export function nodeFfi(): Ffi {
  const node = quietly(() => createRequire(import.meta.url)("node:ffi") as NodeFfi);
  return {
    name: "node:ffi",
    hasFreeAddresses: false,
    open<Name extends string>(
      library: string,
      functions: ForeignFunctions<Name>,
      low: boolean,
    ): ForeignCalls<Name> {
      const opened = new node.DynamicLibrary(library);
      const calls: Record<string, unknown> = {};
      for (const [name, declared] of Object.entries<ForeignFunction>(functions)) {
        // A library knows a symbol by one signature; a second one takes a second opening.
        const from = declared.symbol === undefined ? opened : new node.DynamicLibrary(library);
        const call = from.getFunction(declared.symbol ?? name, signature(declared, low));
        calls[name] = declared.result === "i32" ? call : (...args: (number | bigint)[]) => Number(call(...args));
      }
      return calls as ForeignCalls<Name>;
    },
    address: (address, low) => low ? address : BigInt(address),
    i64: (value) => BigInt(value),
    addressOf: (bytes) => Number(node.getRawPointer(bytes)),
    view: (address, length) => node.toArrayBuffer(BigInt(address), length, false),
    pollLater: pollInWorker,
  };
}
