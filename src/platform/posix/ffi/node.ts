/** The FFI of Node, from 26.1 on. */

import { Errno } from "../../../witx/errno.ts";
import { failureFromError } from "../../shared/errors.ts";
import type { Ffi, ForeignCalls, ForeignFunction, ForeignFunctions } from "./ffi.ts";
import { pollInWorker } from "../poll/poll_in_worker.ts";

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

/** Node prints a warning when its FFI is first loaded, which does not concern the user of a guest. */
function quietly<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

type NodeCall = (...args: (number | bigint)[]) => number | bigint;

/** With more parameters, Node allocates an array for the arguments of each call (https://github.com/nodejs/node/pull/63068). */
const FEW = 3;

/**
 * With more than processors have registers for, it stores them in a buffer that it made before: so that functions with
 * more than a few are declared with as many, of which the last ones are not looked at by anyone.
 */
const MANY = 9;

/** Behind the arguments, it keeps V8 from making an array of them. */
const NOTHING: readonly never[] = [];

function signature({ parameters, result }: ForeignFunction, low: boolean): Signature {
  const types = { i32: "i32", i64: "i64", address: low ? "i32" : "u64", buffer: "buffer" } as const;
  const padding = new Array<string>(paddingOf(parameters.length)).fill("i32");
  return { arguments: [...parameters.map((type) => types[type]), ...padding], return: result };
}

function paddingOf(count: number): number {
  return count > FEW ? MANY - count : 0;
}

/** The function without the parameters that were added. */
function unpadded(call: NodeCall, count: number): NodeCall {
  switch (count) {
    case 4:
      return (a, b, c, d) => call(a!, b!, c!, d!, 0, 0, 0, 0, 0, ...NOTHING);
    case 5:
      return (a, b, c, d, e) => call(a!, b!, c!, d!, e!, 0, 0, 0, 0, ...NOTHING);
    case 6:
      return (a, b, c, d, e, f) => call(a!, b!, c!, d!, e!, f!, 0, 0, 0, ...NOTHING);
    default:
      return call;
  }
}

/** Faster than by the FFI, where calls with four parameters take a way of their own. `writeSync` is not: it makes an object. */
function preadOf({ readSync }: typeof import("node:fs")): NonNullable<Ffi["pread"]> {
  return (fd, bytes, start, length, offset) => {
    try {
      return readSync(fd, bytes, start, length, offset);
    } catch (error) {
      return failure(fd, error);
    }
  };
}

/** `node:fs` calls the number of a closed file an argument out of range. */
function failure(fd: number, error: unknown): number {
  return fd < 0 ? -Errno.BADF : failureFromError(error);
}

/**
 * The FFI of Node.
 *
 * @throws {Error} If it has none, or may not use it.
 */
export function nodeFfi(): Ffi {
  const node = quietly(() => process.getBuiltinModule?.("node:ffi") as NodeFfi | undefined);
  if (node === undefined) throw new Error(`Node ${process.versions.node} has no FFI; it takes Node 26.1 or later`);
  return {
    name: "node:ffi",
    hasFreeAddresses: false,
    takesBuffers: false,
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
        const padded = from.getFunction(declared.symbol ?? name, signature(declared, low));
        const call = unpadded(padded, declared.parameters.length);
        calls[name] = declared.result === "i32" ? call : (...args: (number | bigint)[]) => Number(call(...args));
      }
      return calls as ForeignCalls<Name>;
    },
    address: (address, low) => low ? address : BigInt(address),
    i64: (value) => BigInt(value),
    addressOf: (bytes) => Number(node.getRawPointer(bytes)),
    view: (address, length) => node.toArrayBuffer(BigInt(address), length, false),
    pread: preadOf(process.getBuiltinModule("node:fs")),
    pollLater: pollInWorker(),
  };
}
