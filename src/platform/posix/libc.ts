/** The C library: opened once a thread, with its results as a platform has them. */

import { Errno } from "../../witx/errno.ts";
import { Arena } from "./arena.ts";
import type { Ffi, ForeignCalls, ForeignFunctions } from "./ffi.ts";
import type { Target } from "./target.ts";

/** Names of the C library by operating system, in the order in which they are tried: of glibc, of musl. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  linux: ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"],
  darwin: ["libSystem.B.dylib"],
};

/** Bytes of the {@linkcode Arena}. */
const ARENA_BYTES = 512 * 1024;

/** Where memory below 2^31 is asked for, if there is no flag for it: programs lie below or far above. */
const LOW_HINT = 0x3000_0000;

const LOW_END = 2 ** 31;
const PROT_READ_WRITE = 3;

/** The C library of this process. */
export class Libc {
  /** Numbers and layouts. */
  readonly target: Target;
  /** Memory for parameters. */
  readonly arena: Arena;
  /** The FFI. */
  readonly ffi: Ffi;
  /** Name of the library. */
  readonly library: string;
  readonly #low: boolean;
  readonly #errno: Int32Array;

  /**
   * @param ffi The runtime's.
   * @param target What it runs on.
   * @throws {Error} If the library can't be opened.
   */
  constructor(ffi: Ffi, target: Target) {
    this.ffi = ffi;
    this.target = target;
    const { library, calls } = openFirst(ffi, target);
    this.library = library;
    const base = allocate(ffi, target, calls["mmap"]!);
    this.#low = base + ARENA_BYTES <= LOW_END;
    this.arena = new Arena(ffi, base, ARENA_BYTES, this.#low);
    this.#errno = new Int32Array(ffi.view(calls["errno"]!(), 4));
  }

  /** Open functions of it. @throws {Error} If one is missing. */
  open<Name extends string>(functions: ForeignFunctions<Name>): ForeignCalls<Name> {
    return this.ffi.open(this.library, functions, this.#low);
  }

  /** A result of a call: itself if it is no failure, or minus an errno. To be asked for right after the call. */
  result(result: number): number {
    return result >= 0 ? result : -this.errnoOf(this.#errno[0]!);
  }

  /** The number of an error as an errno. */
  errnoOf(number: number): Errno {
    return this.target.errnos[number] ?? Errno.IO;
  }
}

function openFirst(ffi: Ffi, target: Target): { library: string; calls: ForeignCalls<string> } {
  const functions = {
    mmap: { parameters: ["i64", "i64", "i32", "i32", "i32", "i64"], result: "i64" },
    errno: { symbol: target.errnoLocation, parameters: [], result: "i64" },
  } as const;
  let failure: unknown;
  for (const library of LIBRARIES[target.os]!) {
    try {
      return { library, calls: ffi.open(library, functions, false) };
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

function allocate(ffi: Ffi, target: Target, mmap: (...args: (number | bigint)[]) => number): number {
  const { MAP_PRIVATE, MAP_ANONYMOUS, MAP_32BIT } = target;
  const hint = MAP_32BIT === 0 ? LOW_HINT : 0;
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT;
  const base = mmap(ffi.i64(hint), ffi.i64(ARENA_BYTES), PROT_READ_WRITE, flags, -1, ffi.i64(0));
  if (base > 0) return base;
  throw new Error("Cannot use the posix platform: the system gives no memory for the parameters of its calls");
}
