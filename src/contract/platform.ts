/**
 * What the core asks of a host: files, standard streams, clocks, random bytes and waiting.
 *
 * A platform is plain primitives with POSIX names. Nothing here knows of preview 1's numbers, rights or paths of
 * more than one component; that is the core's work. No call waits, except through {@linkcode Waiter}.
 *
 * A call that fails returns minus an errno, whatever it returns on success: see `results.ts`.
 *
 * @module
 */

import type { OpenTls } from "./tls.ts";
import type { Filestat, Filetype } from "../witx/types.ts";
import type { PlatformNetwork } from "./network.ts";
import type { Pollable } from "./pollable.ts";
import type { Failure } from "./results.ts";
import type { IoVectors } from "./vectors.ts";
import type { Waiter, WaitMode } from "./waiter.ts";
import type { Bytes, WebUrl } from "./web_types.ts";

export { Interest, type Pollable, Readiness, type WakeSource } from "./pollable.ts";
export type { Waiter, WaitMode } from "./waiter.ts";

/** How to open a regular or special file. */
export interface OpenFlags {
  /** Open for reading. */
  read: boolean;
  /** Open for writing. */
  write: boolean;
  /** Every write goes to the end, atomically where the host can. */
  append: boolean;
  /** Create the file if it is not there. */
  create: boolean;
  /** With `create`: fail with EXIST if the path already exists, even as a symbolic link. */
  exclusive: boolean;
  /** Cut the file to size 0. */
  truncate: boolean;
  /** Every write waits until its data is on the disk (O_DSYNC); a host without such a flag ignores it. */
  syncData: boolean;
  /** Every write waits until data and attributes are on the disk (O_SYNC); a host without such a flag ignores it. */
  syncAll: boolean;
}

/** An open regular file: bytes at offsets. The core keeps the offset. */
export interface PlatformFile {
  /** Tells it from the other kinds of open objects. */
  readonly kind: "file";
  /**
   * Read at an offset.
   *
   * @param bytes Where to store; never written outside `[start, start + length)`.
   * @param start First index in `bytes`.
   * @param length Bytes at most.
   * @param offset Bytes from the start of the file (below 2^53).
   * @returns Bytes read, 0 at the end; or minus an errno.
   */
  pread(bytes: Uint8Array, start: number, length: number, offset: number): number;
  /** Write at an offset; as {@linkcode pread}. May write less than `length`, but at least one byte. */
  pwrite(bytes: Uint8Array, start: number, length: number, offset: number): number;
  /** Write at the end of the file. Only while it is in append mode. */
  append(bytes: Uint8Array, start: number, length: number): number;
  /** As {@linkcode pread}, of many pieces in one call; without it they are read one by one. */
  preadv?(iovs: IoVectors, offset: number): number;
  /** As {@linkcode pwrite}, of many pieces. */
  pwritev?(iovs: IoVectors, offset: number): number;
  /** As {@linkcode append}, of many pieces. */
  appendv?(iovs: IoVectors): number;
  /** Turn append mode on or off. @returns 0 or minus an errno. */
  setAppend(on: boolean): number;
  /** Size in bytes, or minus an errno. */
  size(): number;
  /** Fill `out` with the file's attributes. @returns 0 or minus an errno. */
  fstat(out: Filestat): number;
  /** Cut or extend with zeros. @returns 0 or minus an errno (INVAL, FBIG, NOSPC, …). */
  ftruncate(size: number): number;
  /** Set times in ns since 1970; undefined leaves one as it is. @returns 0 or minus an errno. */
  futimens(atim: bigint | undefined, mtim: bigint | undefined): number;
  /** Write data and attributes to the disk. @returns 0 or minus an errno. */
  fsync(): number;
  /** Write data to the disk. @returns 0 or minus an errno. */
  fdatasync(): number;
  /** Advice of the access to come (`Advice`). @returns 0, also where the host has no such call; or minus an errno. */
  fadvise(offset: number, length: number, advice: number): number;
  /** Make sure that `[offset, offset + length)` has room; the file grows if it must. @returns 0 or minus an errno. */
  fallocate(offset: number, length: number): number;
  /** Close it; later calls return BADF. @returns 0 or minus an errno. */
  close(): number;
}

/** An open stream: a terminal, a pipe, a device, a standard stream, a web stream. It has no offsets. */
export interface PlatformStream extends Pollable {
  /** Tells it from the other kinds of open objects. */
  readonly kind: "stream";
  /** `CHARACTER_DEVICE` for terminals and character devices, `UNKNOWN` for pipes, `REGULAR_FILE` for a redirected file, … */
  readonly filetype: Filetype;
  /** True if it is a terminal (isatty(3)). */
  readonly isTerminal: boolean;
  /**
   * Read what is there.
   *
   * @returns Bytes read, 0 at the end of the stream, `-AGAIN` while nothing is there; or minus an errno.
   */
  read(bytes: Uint8Array, start: number, length: number): number;
  /**
   * Write what fits.
   *
   * @returns Bytes written, `-AGAIN` while nothing fits, `-PIPE` when the reader is gone; or minus an errno.
   */
  write(bytes: Uint8Array, start: number, length: number): number;
  /** Bytes that can be read at once, or 0 if the number is unknown. */
  readableBytes(): number;
  /**
   * How much fits now: the size of a write that {@linkcode write} takes at once as a rule, and at least a part of.
   *
   * @returns Bytes; 0 while nothing fits (wait for WRITE); minus an errno once writing is known to fail (PIPE, BADF).
   */
  writableBytes(): number;
  /**
   * Start to pass on everything written so far: to the system, or to the reader. Nothing more can be written until that is
   * done.
   *
   * @returns 0 if nothing is held back (any more); `-INPROGRESS` otherwise: wait for WRITE. Or minus an errno (PIPE).
   */
  flush(): number;
  /** As {@linkcode read}, of many pieces in one call; without it they are read one by one. */
  readv?(iovs: IoVectors): number;
  /** As {@linkcode write}, of many pieces. */
  writev?(iovs: IoVectors): number;
  /** Fill `out` with attributes. @returns 0 or minus an errno. */
  fstat(out: Filestat): number;
  /** Give it up. A standard stream of the process stays open for the process. @returns 0 or minus an errno. */
  close(): number;
}

/** One entry of a directory. */
export interface DirectoryEntry {
  /** Name, without any slash. */
  name: string;
  /** Type, or `UNKNOWN` where the host does not report it. */
  filetype: Filetype;
  /** Serial number, or 0n where it would cost a call of its own. */
  ino: bigint;
}

/**
 * An open directory: the only thing names are looked up in.
 *
 * A `name` is one component: not empty, not `.` or `..`, without slash and NUL. The core sees to that. No call follows
 * a symbolic link that `name` itself is.
 */
export interface PlatformDirectory {
  /** Tells it from the other kinds of open objects. */
  readonly kind: "directory";
  /**
   * True if names, paths and targets of links may stand for bytes that are not UTF-8 (`textOfBytes`); the core returns ILSEQ
   * to those for any other directory. Names that a directory returns may stand for such bytes in any case.
   */
  readonly takesBytes?: boolean;
  /** Open the directory `name`. Errors: NOTDIR (also for a symbolic link), NOENT, ACCES, MFILE, … */
  openDirectory(name: string): PlatformDirectory | Failure;
  /**
   * Opens the directory at a path of several components in one call, where the host guarantees that no component leads out
   * of this one, neither through a symbolic link nor in a race. Errors other than those of {@linkcode openDirectory}: XDEV (it leads
   * out), NOSYS; after any error the core resolves the components one by one.
   */
  openBeneath?(path: string): PlatformDirectory | Failure;
  /** Open a file that is not a directory. Errors: LOOP (a symbolic link), ISDIR, NOENT, EXIST, ACCES, MFILE, … */
  openFile(name: string, flags: OpenFlags): PlatformFile | PlatformStream | Failure;
  /** {@linkcode openFile} at a path of many components, as {@linkcode openBeneath}; LOOP for a last one that is a link. */
  openFileBeneath?(path: string, flags: OpenFlags): PlatformFile | PlatformStream | Failure;
  /** Attributes of `name`. @returns 0 or minus an errno. */
  fstatat(name: string, out: Filestat): number;
  /** Attributes of the directory itself. @returns 0 or minus an errno. */
  fstat(out: Filestat): number;
  /** Set times of `name` in ns since 1970; undefined leaves one. @returns 0 or minus an errno. */
  utimensat(name: string, atim: bigint | undefined, mtim: bigint | undefined): number;
  /** Set times of the directory itself. @returns 0 or minus an errno. */
  futimens(atim: bigint | undefined, mtim: bigint | undefined): number;
  /** Target of the symbolic link `name`. Errors: INVAL (no link), NOENT, … */
  readlinkat(name: string): string | Failure;
  /** Make a directory. @returns 0 or minus an errno. */
  mkdirat(name: string): number;
  /** Make a symbolic link `name` to `target`. @returns 0 or minus an errno. */
  symlinkat(target: string, name: string): number;
  /** Make `newName` in `newDirectory` another name of the file `name`. @returns 0 or minus an errno. */
  linkat(name: string, newDirectory: PlatformDirectory, newName: string): number;
  /** rename(2). @returns 0 or minus an errno. */
  renameat(name: string, newDirectory: PlatformDirectory, newName: string): number;
  /** Remove a name that is no directory. @returns 0 or minus an errno (ISDIR, NOENT, …). */
  unlinkat(name: string): number;
  /** Remove an empty directory. @returns 0 or minus an errno (NOTDIR, NOTEMPTY, …). */
  rmdirat(name: string): number;
  /** All entries but `.` and `..`, in the host's order. */
  readdir(): DirectoryEntry[] | Failure;
  /** Path of the host that a unix socket `name` has or will have. Errors: NOENT (the directory is gone). */
  socketPath?(name: string): string | Failure;
  /** fsync(2) of the directory. @returns 0, also where the host has no such call; or minus an errno. */
  fsync(): number;
  /** The directory above, for the inode of `..` only. @returns 0 or minus an errno. */
  fstatParent(out: Filestat): number;
  /** Close it. @returns 0 or minus an errno. */
  close(): number;
}

/** Clocks. */
export interface PlatformClock {
  /**
   * Time of day.
   *
   * @param out Two words: `out[0]` the low and `out[1]` the high half of the ns since 1970 (u64).
   */
  realtime(out: Uint32Array): void;
  /** ns since some moment, never going back (a float64, exact below 2^53: for 104 days). */
  monotonic(): number;
  /** {@linkcode monotonic} as two words, low half first, where the host has it as such and need not compute it. */
  monotonicInto?(out: Uint32Array): void;
  /** ns of processor time of the process, or minus an errno. */
  cputime(): number;
  /** Smallest step of a clock (`Clockid`) in ns, at least 1. */
  resolution(clockid: number): number;
}

/** Random bytes. */
export interface PlatformRandom {
  /** Fill `[start, start + length)` of `bytes` with bytes fit for keys. */
  fill(bytes: Uint8Array, start: number, length: number): void;
}

/** The three standard streams. */
export interface PlatformStdio {
  /** Standard input. */
  readonly stdin: PlatformStream;
  /** Standard output. */
  readonly stdout: PlatformStream;
  /** Standard error. */
  readonly stderr: PlatformStream;
}

/**
 * A host.
 *
 * @example The platform in memory
 * ```ts
 * import { memoryPlatform } from "wasirun/memory";
 * import type { Platform } from "wasirun";
 *
 * const platform: Platform = memoryPlatform();
 * platform.clock.monotonic();
 * ```
 */
export interface Platform {
  /** Short name for messages: `node`, `deno`, `bun`, `memory`. */
  readonly name: string;
  /** Clocks. */
  readonly clock: PlatformClock;
  /** Random bytes. */
  readonly random: PlatformRandom;
  /**
   * The standard streams of the process, created on first use.
   *
   * @param mode How the guest waits for them. With `"block"` they must not need the event loop.
   */
  stdio(mode: WaitMode): PlatformStdio;
  /**
   * The network, where it is available: at once, or as a promise if its modules must be loaded first.
   *
   * @param mode As for {@linkcode Platform.stdio}.
   * @param dnsServer `ADDR` or `ADDR:PORT` of the name server to ask in place of the system's resolver.
   * @returns The network, or undefined where a guest that waits in this way can have none.
   */
  network?(
    mode: WaitMode,
    dnsServer?: string,
  ): PlatformNetwork | undefined | Promise<PlatformNetwork | undefined>;
  /** Loads TLS, for guests that make requests of HTTP; without it they have none. Only for guests that are suspended. */
  tls?(): Promise<OpenTls>;
  /**
   * A way to wait of the platform's own; without it, timers and `Atomics.wait` serve.
   *
   * @param mode How the guest waits.
   */
  waiter?(mode: WaitMode): Waiter;
  /**
   * True for a web stream of the process itself, such as `Deno.stdout.writable`, which is not to end with a guest.
   * Without it there are none.
   */
  ownsStream?(stream: object): boolean;
  /**
   * Open a directory of the host as the root of a mount. This is the one place where a host path is looked up.
   *
   * @param path Host path; relative ones start at the process's working directory.
   * @throws {Error} The host's own error, when it is not there, is no directory or may not be read.
   */
  openRoot(path: string): PlatformDirectory;
  /**
   * Read a whole file of the host: a module that is named by its path.
   *
   * @throws {Error} The host's own error.
   */
  readFile(path: string | WebUrl): Bytes;
}
