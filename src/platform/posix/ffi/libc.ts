/** The C library: opened once a thread, with its results as a platform has them. */

import { Errno } from "../../../witx/errno.ts";
import { Arena } from "./arena.ts";
import type { Ffi, ForeignCalls, ForeignFunctions } from "./ffi.ts";
import type { Target } from "../target/target.ts";
import { resultFromErrno } from "../../../contract/results.ts";
import { Parts } from "./parts.ts";

/**
 * The C library by operating system. Trying a second name would be dangerous: Bun looks for a missing library in the
 * working directory as well. No issue known; seen with Bun 1.4 (RATIONALE "Why is the C library opened by one name?").
 */
const LIBRARIES: Readonly<Record<string, string>> = {
  linux: "libc.so.6",
  darwin: "/usr/lib/libSystem.B.dylib",
};

/** Bytes of the {@linkcode Arena}. */
const ARENA_BYTES = 512 * 1024;

/** Address hint for memory below 2^31, where no flag requests it: programs are mapped below or far above. */
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
  /** Groups of functions and their memory. */
  readonly parts: Parts<Libc>;
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
    this.library = LIBRARIES[target.os]!;
    this.parts = new Parts<Libc>(this);
    const calls = openMemory(ffi, this.library, target);
    const base = allocate(ffi, target, calls["mmap"]!);
    this.#low = base + ARENA_BYTES <= LOW_END;
    this.arena = new Arena(ffi, base, ARENA_BYTES, this.#low);
    this.#errno = new Int32Array(ffi.view(calls["errno"]!(), 4));
  }

  /** Open functions of it. @throws {Error} If one is missing. */
  open<Name extends string>(functions: ForeignFunctions<Name>): ForeignCalls<Name> {
    return this.ffi.open(this.library, functions, this.#low);
  }

  /** A result of a call: itself if it is no failure, or minus an errno. To be called right after the call. */
  result(result: number): number {
    return result >= 0 ? result : this.failureOf(this.#errno[0]!);
  }

  /** The errno of an error number of the system. */
  errnoOf(number: number): Errno {
    return this.target.errnos[number] ?? Errno.IO;
  }

  /** The result for an error number of the system; 0 for 0. */
  failureOf(number: number): number {
    return number === 0 ? 0 : resultFromErrno(this.errnoOf(number));
  }
}

function openMemory(ffi: Ffi, library: string, target: Target): ForeignCalls<string> {
  return ffi.open(library, {
    mmap: { parameters: ["i64", "i64", "i32", "i32", "i32", "i64"], result: "i64" },
    errno: { symbol: target.errnoLocation, parameters: [], result: "i64" },
  }, false);
}

function allocate(ffi: Ffi, target: Target, mmap: (...args: (number | bigint)[]) => number): number {
  const { MAP_PRIVATE, MAP_ANONYMOUS, MAP_32BIT } = target;
  const hint = MAP_32BIT === 0 ? LOW_HINT : 0;
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT;
  const base = mmap(ffi.i64(hint), ffi.i64(ARENA_BYTES), PROT_READ_WRITE, flags, -1, ffi.i64(0));
  if (base > 0) return base;
  throw new Error("Cannot use the posix platform: the system gives no memory for the parameters of its calls");
}
