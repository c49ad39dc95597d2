/** The FFI of Deno. */

import type { Ffi, ForeignCalls, ForeignFunction, ForeignFunctions } from "./ffi.ts";
import type { DenoForeignFunction, DenoNamespace } from "../../deno/api.ts";

function signature({ symbol, parameters, result }: ForeignFunction, low: boolean): DenoForeignFunction {
  const types = { i32: "i32", i64: "i64", address: low ? "i32" : "usize", buffer: "buffer" } as const;
  const named = symbol === undefined ? {} : { name: symbol };
  return { ...named, parameters: parameters.map((type) => types[type]), result: result === "i32" ? "i32" : "isize" };
}

const POLL = { parameters: ["buffer", "i32", "i32"], result: "i32", nonblocking: true } as const;

/** poll(2) in Deno's pool of threads. */
function pollInPool(deno: DenoNamespace): Ffi["pollLater"] {
  const pollfds = new Int32Array([-1, 1, -1, 1]);
  let poll: ((...args: unknown[]) => unknown) | undefined;
  return async (library, fd, otherFd) => {
    poll ??= deno.dlopen(library, { poll: POLL }).symbols["poll"]!;
    pollfds[0] = fd;
    pollfds[2] = otherFd;
    await poll(pollfds, 2, -1);
  };
}

/**
 * The FFI of Deno.
 *
 * @throws {Error} If this is not Deno.
 */
export function denoFfi(): Ffi {
  const deno = (globalThis as unknown as { Deno: DenoNamespace }).Deno;
  return {
    name: "Deno.dlopen",
    hasFreeAddresses: false,
    takesBuffers: true,
    open<Name extends string>(
      library: string,
      functions: ForeignFunctions<Name>,
      low: boolean,
    ): ForeignCalls<Name> {
      const symbols: Record<string, DenoForeignFunction> = {};
      for (const [name, declared] of Object.entries<ForeignFunction>(functions)) {
        symbols[name] = signature(declared, low);
      }
      const calls: Record<string, unknown> = { ...deno.dlopen(library, symbols).symbols };
      for (const [name, { result }] of Object.entries<ForeignFunction>(functions)) {
        const call = calls[name] as (...args: unknown[]) => number | bigint;
        if (result === "i64") calls[name] = (...args: unknown[]) => Number(call(...args));
      }
      return calls as ForeignCalls<Name>;
    },
    address: (address) => address,
    i64: (value) => value,
    addressOf: (bytes) => Number(deno.UnsafePointer.value(deno.UnsafePointer.of(bytes))),
    view: (address, length) =>
      deno.UnsafePointerView.getArrayBuffer(deno.UnsafePointer.create(BigInt(address)), length),
    pollLater: pollInPool(deno),
  };
}
