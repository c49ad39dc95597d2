/** Functions of the system's own libraries, through the FFI that comes with a runtime: Bun's, or that of Node 26.1 on. */

import { createRequire } from "node:module";

/** Types of parameters: `buffer` is the address of an array. */
export type ForeignType = "i32" | "u64" | "buffer";

/** What a function takes and answers. */
export interface ForeignFunction {
  /** Types of its parameters. */
  readonly parameters: readonly ForeignType[];
  /** Type of its result. */
  readonly result: "i32" | "u64";
}

/** What can be passed: `u64` is a bigint. */
export type ForeignArgument = number | bigint | Uint8Array | Int32Array | BigInt64Array;

/** A function that can be called; answers a bigint for `u64`. */
export type ForeignCall = (...args: ForeignArgument[]) => number | bigint;

/**
 * Opens a library. Every runtime has a way of its own.
 *
 * @throws {Error} If the runtime has no FFI, may not use it, or there is no such library.
 */
export type OpenLibrary = <Name extends string>(
  library: string,
  functions: Readonly<Record<Name, ForeignFunction>>,
) => Readonly<Record<Name, ForeignCall>>;

interface BunFfi {
  dlopen(
    library: string,
    symbols: Record<string, { args: readonly string[]; returns: string }>,
  ): { symbols: unknown };
}

interface NodeFfi {
  dlopen(
    library: string,
    symbols: Record<string, { arguments: readonly string[]; return: string }>,
  ): { functions: unknown };
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

/** {@linkcode OpenLibrary} of Bun and Node. */
export function openLibraryOfNode<Name extends string>(
  library: string,
  functions: Readonly<Record<Name, ForeignFunction>>,
): Readonly<Record<Name, ForeignCall>> {
  return openLibrary(library, functions) as Readonly<Record<Name, ForeignCall>>;
}

function openLibrary(library: string, functions: Readonly<Record<string, ForeignFunction>>): unknown {
  const require = createRequire(import.meta.url);
  if (process.versions["bun"] !== undefined) {
    const { dlopen } = require("bun:ffi") as BunFfi;
    return dlopen(library, translated(functions, (args, returns) => ({ args, returns }))).symbols;
  }
  const { dlopen } = quietly(() => require("node:ffi") as NodeFfi);
  return dlopen(library, translated(functions, (args, result) => ({ arguments: args, return: result }))).functions;
}

function translated<T>(
  functions: Readonly<Record<string, ForeignFunction>>,
  translate: (parameters: readonly string[], result: string) => T,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, { parameters, result }]) => {
      const types = parameters.map((type) => type === "buffer" ? "pointer" : type);
      return [name, translate(types, result)];
    }),
  );
}
