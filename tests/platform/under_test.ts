/** What the suite for platforms is given, and how it reads results. */

import { expect } from "vitest";
import { type Errno, errnoName } from "../../src/witx/errno.ts";
import { emptyFilestat, type Filestat } from "../../src/witx/types.ts";
import type {
  OpenFlags,
  Platform,
  PlatformDirectory,
  PlatformFile,
  PlatformStream,
} from "../../src/contract/platform.ts";
import { errnoFromResult, type Failure } from "../../src/contract/results.ts";

/** What backends differ in. Everything else is the same for all. */
export interface PlatformFeatures {
  /** How far a time that was set may be off, in ns: less than this. 1 for exact times. */
  readonly setTimesStepNs: number;
  /** `ctim` is told to the millisecond or better; otherwise it is not looked at. */
  readonly preciseCtim: boolean;
  /** A directory's `nlink` is 2 and one for each directory in it. */
  readonly directoryLinkCounts: boolean;
  /** `readdir` tells serial numbers; otherwise they are 0. */
  readonly listedInos: boolean;
  /** Append mode can be turned off on a file that was opened with it. */
  readonly appendModeCanEnd: boolean;
  /** There is a clock for processor time. */
  readonly cputime: boolean;
  /** A file can't be as large as 2^52 bytes. False where the file system has no such limit. */
  readonly limitsFileSize: boolean;
}

/** A platform with an empty directory to work in. */
export interface PlatformUnderTest {
  readonly platform: Platform;
  /** Empty at the start. */
  readonly root: PlatformDirectory;
  readonly features: PlatformFeatures;
  /** Called after each test, whether it passed or not. */
  cleanup(): void | Promise<void>;
  /** Lets enough time pass for a change to get a later timestamp. Default: 30 ms. */
  passTime?(): void | Promise<void>;
}

/** Makes a new one for each test. */
export type PlatformMaker = () => Promise<PlatformUnderTest>;

/** Tests by the sentences that they prove. */
export type Cases = Readonly<Record<string, (test: PlatformUnderTest) => void | Promise<void>>>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const READ: OpenFlags = {
  read: true,
  write: false,
  append: false,
  create: false,
  exclusive: false,
  truncate: false,
  syncData: false,
  syncAll: false,
};

/** Flags of open, reading unless told otherwise. */
export function flags(changes: Partial<OpenFlags> = {}): OpenFlags {
  return { ...READ, ...changes };
}

/** Flags that make a file, or open the one that is there, for reading and writing. */
export const CREATE: OpenFlags = flags({ write: true, create: true });

/** Checks that a call succeeded. */
export function ok(result: number): number {
  expect(errnoName(errnoFromResult(result))).toBe("SUCCESS");
  return result;
}

/** Checks that a call returned minus an errno. */
export function fails(result: object | string | number, errno: Errno): void {
  const isFailure = typeof result === "number" && result < 0;
  expect(isFailure ? errnoName(errnoFromResult(result)) : `success (${typeof result})`).toBe(errnoName(errno));
}

/** What a call made. */
export function made<T extends object | string>(result: T | Failure): T {
  if (typeof result === "number") throw new Error(`The call failed with ${errnoName(errnoFromResult(result))}`);
  return result;
}

/** Opens a regular file. */
export function open(directory: PlatformDirectory, name: string, how: OpenFlags): PlatformFile {
  const opened: PlatformFile | PlatformStream = made(directory.openFile(name, how));
  if (opened.kind !== "file") throw new Error(`"${name}" was opened as a ${opened.kind}`);
  return opened;
}

/** Makes a directory and opens it. */
export function makeDirectory(parent: PlatformDirectory, name: string): PlatformDirectory {
  ok(parent.mkdirat(name));
  return made(parent.openDirectory(name));
}

/** Writes all of a text at an offset. */
export function put(file: PlatformFile, text: string, offset = 0): void {
  const bytes = encoder.encode(text);
  expect(ok(file.pwrite(bytes, 0, bytes.length, offset))).toBe(bytes.length);
}

/** Makes a file with a text in it. */
export function writeText(directory: PlatformDirectory, name: string, text: string): void {
  const file = open(directory, name, flags({ write: true, create: true, truncate: true }));
  put(file, text);
  ok(file.close());
}

/** What an open file has in it, up to 64 KiB. */
export function textIn(file: PlatformFile): string {
  const bytes = new Uint8Array(65536);
  return decoder.decode(bytes.subarray(0, ok(file.pread(bytes, 0, bytes.length, 0))));
}

/** What a file has in it. */
export function readText(directory: PlatformDirectory, name: string): string {
  const file = open(directory, name, flags());
  try {
    return textIn(file);
  } finally {
    ok(file.close());
  }
}

/** Attributes of a name. */
export function statAt(directory: PlatformDirectory, name: string): Filestat {
  const out = emptyFilestat();
  ok(directory.fstatat(name, out));
  return out;
}

/** Attributes of what is open. */
export function statOf(object: { fstat(out: Filestat): number }): Filestat {
  const out = emptyFilestat();
  ok(object.fstat(out));
  return out;
}

/** Names in a directory, sorted. */
export function namesIn(directory: PlatformDirectory): string[] {
  return made(directory.readdir()).map(({ name }) => name).sort();
}

/** Lets time pass. */
export async function passTime(test: PlatformUnderTest): Promise<void> {
  if (test.passTime !== undefined) await test.passTime();
  else await new Promise((resolve) => setTimeout(resolve, 30));
}
