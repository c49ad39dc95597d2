/**
 * Calls into the system's C library through the FFI that a runtime has built in: the one interface of Bun's, Node's and
 * Deno's.
 *
 * No call makes an object: numbers go in, a number comes out. Pointers are addresses in an {@linkcode Arena} that were
 * made into an {@linkcode Address} once; the guest's memory is reached through the `iovec`s that lie there.
 *
 * @module
 */

/**
 * Type of a parameter.
 *
 * - `i32`: a 32-bit integer. It also serves for 64-bit parameters (`size_t`, `off_t`) whose value is in [0, 2^31): there
 *   all ABIs pass the same register.
 * - `i64`: a 64-bit integer, made by {@linkcode Ffi.i64}; slower.
 * - `address`: made by {@linkcode Ffi.address}.
 * - `buffer`: an array, of which the function is given the address; only where {@linkcode Ffi.takesBuffers}.
 */
export type ForeignType = "i32" | "i64" | "address" | "buffer";

/** A function of the library. */
export interface ForeignFunction {
  /** Its name there, if two are declared that differ in their types. */
  readonly symbol?: string;
  /** Types of its parameters. */
  readonly parameters: readonly ForeignType[];
  /** Type of its result: `i32`, or `i64` for addresses and for sizes of 2^31 and more, which comes as a number below 2^53. */
  readonly result: "i32" | "i64";
}

/** A number as a 64-bit parameter takes it. */
export type Wide = number | bigint;

/** An address as a parameter takes it. */
export type Address = number | bigint;

/** A function that can be called. */
export type ForeignCall = (...args: (Wide | Uint8Array)[]) => number;

/** Declarations by name. */
export type ForeignFunctions<Name extends string> = Readonly<Record<Name, ForeignFunction>>;

/** The functions of a library by name. */
export type ForeignCalls<Name extends string> = Readonly<Record<Name, ForeignCall>>;

/** What a runtime's FFI can do. */
export interface Ffi {
  /** Its name, for messages: `bun:ffi`, `node:ffi`, `Deno.dlopen`. */
  readonly name: string;
  /** True if an {@linkcode Address} may be any number that is made on the spot, at no cost. */
  readonly hasFreeAddresses: boolean;
  /** True if the address of an array costs nothing, while numbers above 2^31 do. */
  readonly takesBuffers: boolean;
  /**
   * Open a library.
   *
   * @param library Name of a shared object, as dlopen(3) takes it.
   * @param functions What is wanted of it.
   * @param low True if all addresses that are passed are below 2^31, which is faster on some runtimes.
   * @throws {Error} If there is no such library or function, or its use is not permitted.
   */
  open<Name extends string>(library: string, functions: ForeignFunctions<Name>, low: boolean): ForeignCalls<Name>;
  /** An address as a parameter. `low` as it was for {@linkcode Ffi.open}. */
  address(address: number, low: boolean): Address;
  /** An integer as an `i64` parameter. */
  i64(value: number): Wide;
  /** Where an array lies. Valid until its buffer is detached. */
  addressOf(bytes: Uint8Array): number;
  /** Memory of the process that belongs to no array. It stays there as long as the caller sees to it. */
  view(address: number, length: number): ArrayBuffer;
  /**
   * pread(2) by the runtime's own call, where calls with more than three parameters take a slow way: as that of
   * `PlatformFile`, behind the number of the descriptor.
   */
  readonly pread?: (fd: number, bytes: Uint8Array, start: number, length: number, offset: number) => number;
  /**
   * poll(2) in another thread, while the event loop goes on, which stays alive for it.
   *
   * @param library The C library.
   * @returns Resolved when one of the two descriptors is readable, or the wait ended for another reason. One call at a time.
   */
  pollLater(library: string, fd: number, otherFd: number): Promise<void>;
}
