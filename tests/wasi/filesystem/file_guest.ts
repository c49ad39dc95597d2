/** A guest that calls `wasi:filesystem` as a component does, on every platform. */

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ResourceType } from "../../../src/component/link/resource_type.ts";
import type { Platform, PlatformDirectory } from "../../../src/contract/platform.ts";
import { Mount, nestMounts } from "../../../src/core/fs/mounted_directory.ts";
import { detectPlatform } from "../../../src/platform/detect.ts";
import { memoryPlatform } from "../../../src/platform/memory/platform.ts";
import { posix } from "../../../src/platform/posix/mod.ts";
import type { Descriptor } from "../../../src/wasi/p2/filesystem/descriptor.ts";
import { ERROR_CODES } from "../../../src/wasi/p2/filesystem/error_code.ts";
import { DESCRIPTOR_TYPES } from "../../../src/wasi/p2/filesystem/flags.ts";
import { FakeComponent, fakeGuest } from "../fake_context.ts";

/** Where files are. */
export interface Files {
  /** An empty directory. */
  readonly root: PlatformDirectory;
  /** Its path on the host; undefined in memory. */
  readonly path: string | undefined;
  readonly platform: Platform;
  remove(): void;
}

function onDisk(platform: Platform): Files {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "wasirun-p2-")));
  return {
    root: platform.openRoot(path),
    path,
    platform,
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

const runtime = (await detectPlatform())();

/** Platforms, by names for tests. */
export const BACKENDS: readonly (readonly [name: string, make: () => Files])[] = [
  ["memory", () => {
    const platform = memoryPlatform();
    return { root: platform.openRoot("."), path: undefined, platform, remove: () => {} };
  }],
  ["the runtime's platform", () => onDisk(runtime)],
  ["the posix platform", () => onDisk(posix())],
];

/** A `result`. */
export type Result<T> = { readonly tag: "ok"; readonly val: T } | { readonly tag: "err"; readonly val: string };

/** A time. */
export interface Time {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** A `descriptor-stat`. */
export interface Stat {
  readonly type: string;
  readonly linkCount: bigint;
  readonly size: bigint;
  readonly atim: Time | undefined;
  readonly mtim: Time | undefined;
  readonly ctim: Time | undefined;
}

/** `ok` or the error code. */
export function code(result: Result<unknown>): string {
  return result.tag === "ok" ? "ok" : result.val;
}

/** What a call has produced. */
export function made<T>(result: Result<T>): T {
  if (result.tag === "ok") return result.val;
  throw new Error(`the call failed: ${result.val}`);
}

export const READ = 1;
export const WRITE = 2;
export const RW = 3;
export const MUTATE = 32;
export const CREATE = 1;
export const DIRECTORY = 2;
export const EXCLUSIVE = 4;
export const TRUNCATE = 8;

const TYPES = "wasi:filesystem/types@0.2";
const STREAMS = "wasi:io/streams@0.2";
const FOLLOW = 1;
const NOFOLLOW = 0;

/** How a path is opened. */
export interface How {
  readonly flags?: number;
  readonly open?: number;
  /** Default: true. */
  readonly follow?: boolean;
}

/** How directories are mounted, by their paths in the guest. */
export type Mounts = Readonly<Record<string, { readonly root: PlatformDirectory; readonly readOnly?: boolean }>>;

/** The guest. Descriptors and streams are handles. */
export class FileGuest {
  readonly component: FakeComponent;
  /** Preopens, by their paths. */
  readonly preopens: ReadonlyMap<string, number>;

  constructor(platform: Platform, mounts: Mounts, options: { readonly maxOpenFiles?: number } = {}) {
    const made = Object.entries(mounts).map(([path, { root, readOnly = false }]) =>
      new Mount(path, root, { readOnly })
    );
    nestMounts(made);
    this.component = new FakeComponent(fakeGuest(platform, { mounts: made, ...options }));
    const directories = this.component.value("wasi:filesystem/preopens@0.2", "get-directories") as [
      Descriptor,
      string,
    ][];
    this.preopens = new Map(
      directories.map(([descriptor, path]) => [path, this.component.own(this.#type("descriptor"), descriptor)]),
    );
  }

  /** The preopen at `/`, or the first one. */
  get root(): number {
    return this.preopens.get("/") ?? this.preopens.values().next().value!;
  }

  #type<Rep = Descriptor>(name: string): ResourceType<Rep> {
    return this.component.find(TYPES).resources[name] as unknown as ResourceType<Rep>;
  }

  /** The object behind a handle. */
  descriptor(handle: number): Descriptor {
    return this.component.rep(handle, this.#type("descriptor"));
  }

  /** A function that is lowered by hand. @returns Where its result is. */
  #lowered(name: string, size: number, ...args: readonly (number | bigint)[]): number {
    const at = this.component.room(size);
    this.component.bytes(at, size).fill(0xaa);
    this.component.call(TYPES, `[method]${name}`, ...args, at);
    return at;
  }

  #result<T>(at: number, payload: number, load: (at: number) => T): Result<T> {
    const [tag] = this.component.bytes(at, 1);
    const [error] = this.component.bytes(at + payload, 1);
    return tag === 0 ? { tag: "ok", val: load(at + payload) } : { tag: "err", val: ERROR_CODES[error!]! };
  }

  #call<T>(name: string, ...args: readonly unknown[]): Result<T> {
    return this.component.value(TYPES, `[method]descriptor.${name}`, ...args) as Result<T>;
  }

  open(path: string, { flags = READ, open = 0, follow = true }: How = {}, from: number = this.root): Result<number> {
    const text = this.component.put(path);
    const at = this.#lowered("descriptor.open-at", 8, from, follow ? FOLLOW : NOFOLLOW, ...text, open, flags);
    return this.#result(at, 4, (at) => this.component.u32(at));
  }

  /** Open a file for reading and writing; it is created if it is missing. */
  file(path: string, from: number = this.root): number {
    return made(this.open(path, { flags: RW, open: CREATE }, from));
  }

  /** Make a file with a text in it. */
  put(path: string, content: string, from: number = this.root): void {
    const file = made(this.open(path, { flags: RW, open: CREATE | TRUNCATE }, from));
    made(this.write(file, content));
    this.drop(file);
  }

  /** Text of a file. */
  text(path: string, from: number = this.root): string {
    const file = made(this.open(path, {}, from));
    const [text] = made(this.read(file, 65536n));
    this.drop(file);
    return text;
  }

  read(file: number, length: bigint, offset: bigint = 0n): Result<[text: string, end: boolean]> {
    const at = this.#lowered("descriptor.read", 16, file, BigInt.asIntN(64, length), BigInt.asIntN(64, offset));
    return this.#result(at, 4, (at) => [this.component.text(at), this.component.bytes(at + 8, 1)[0] === 1]);
  }

  write(file: number, content: string | Uint8Array, offset: bigint = 0n): Result<bigint> {
    const at = this.#lowered("descriptor.write", 16, file, ...this.component.put(content), BigInt.asIntN(64, offset));
    return this.#result(at, 8, (at) => this.component.u64(at));
  }

  #time(at: number): Time | undefined {
    if (this.component.bytes(at, 1)[0] === 0) return undefined;
    return { seconds: this.component.u64(at + 8), nanoseconds: this.component.u32(at + 16) };
  }

  #stat(at: number): Result<Stat> {
    return this.#result(at, 8, (at) => ({
      type: DESCRIPTOR_TYPES[this.component.bytes(at, 1)[0]!]!,
      linkCount: this.component.u64(at + 8),
      size: this.component.u64(at + 16),
      atim: this.#time(at + 24),
      mtim: this.#time(at + 48),
      ctim: this.#time(at + 72),
    }));
  }

  stat(file: number): Result<Stat> {
    return this.#stat(this.#lowered("descriptor.stat", 104, file));
  }

  statAt(path: string, follow: boolean = true, from: number = this.root): Result<Stat> {
    const text = this.component.put(path);
    return this.#stat(this.#lowered("descriptor.stat-at", 104, from, follow ? FOLLOW : NOFOLLOW, ...text));
  }

  flags(file: number): number {
    return made(
      this.#result(this.#lowered("descriptor.get-flags", 2, file), 1, (at) => this.component.bytes(at, 1)[0]!),
    );
  }

  type(file: number): string {
    const at = this.#lowered("descriptor.get-type", 2, file);
    return made(this.#result(at, 1, (at) => DESCRIPTOR_TYPES[this.component.bytes(at, 1)[0]!]!));
  }

  hash(file: number): Result<string> {
    const at = this.#lowered("descriptor.metadata-hash", 24, file);
    return this.#result(at, 8, (at) => `${this.component.u64(at)} ${this.component.u64(at + 8)}`);
  }

  hashAt(path: string, follow: boolean = true, from: number = this.root): Result<string> {
    const text = this.component.put(path);
    const at = this.#lowered("descriptor.metadata-hash-at", 24, from, follow ? FOLLOW : NOFOLLOW, ...text);
    return this.#result(at, 8, (at) => `${this.component.u64(at)} ${this.component.u64(at + 8)}`);
  }

  readDirectory(directory: number): Result<number> {
    const at = this.#lowered("descriptor.read-directory", 8, directory);
    return this.#result(at, 4, (at) => this.component.u32(at));
  }

  nextEntry(entries: number): Result<readonly [name: string, type: string] | undefined> {
    const at = this.#lowered("directory-entry-stream.read-directory-entry", 20, entries);
    return this.#result(at, 4, (at) => {
      if (this.component.bytes(at, 1)[0] === 0) return undefined;
      return [this.component.text(at + 8), DESCRIPTOR_TYPES[this.component.bytes(at + 4, 1)[0]!]!];
    });
  }

  dropEntries(entries: number): void {
    this.component.drop(entries, this.#type("directory-entry-stream"));
  }

  /** Names and types in a directory, in the order of the names; an error as its code. */
  list(directory: number): string[] {
    const entries = made(this.readDirectory(directory));
    const found: string[] = [];
    for (;;) {
      const entry = this.nextEntry(entries);
      if (entry.tag === "ok" && entry.val === undefined) break;
      found.push(entry.tag === "ok" ? entry.val!.join(" ") : entry.val);
    }
    this.dropEntries(entries);
    return found.sort();
  }

  /** A method of `descriptor` with values; handles of descriptors are given as such. */
  method(name: string, file: number, ...args: readonly unknown[]): Result<unknown> {
    return this.#call(name, this.descriptor(file), ...args);
  }

  mkdir(path: string, from: number = this.root): Result<unknown> {
    return this.method("create-directory-at", from, path);
  }

  rmdir(path: string, from: number = this.root): Result<unknown> {
    return this.method("remove-directory-at", from, path);
  }

  unlink(path: string, from: number = this.root): Result<unknown> {
    return this.method("unlink-file-at", from, path);
  }

  symlink(target: string, path: string, from: number = this.root): Result<unknown> {
    return this.method("symlink-at", from, target, path);
  }

  readlink(path: string, from: number = this.root): Result<string> {
    return this.method("readlink-at", from, path) as Result<string>;
  }

  rename(path: string, newPath: string, from: number = this.root, to: number = from): Result<unknown> {
    return this.method("rename-at", from, path, this.descriptor(to), newPath);
  }

  link(
    path: string,
    newPath: string,
    follow: boolean = false,
    from: number = this.root,
    to: number = from,
  ): Result<unknown> {
    return this.method("link-at", from, { symlinkFollow: follow }, path, this.descriptor(to), newPath);
  }

  setTimesAt(
    path: string,
    atim: unknown,
    mtim: unknown,
    follow: boolean = true,
    from: number = this.root,
  ): Result<unknown> {
    return this.method("set-times-at", from, { symlinkFollow: follow }, path, atim, mtim);
  }

  /** Open a stream: `read-via-stream`, … */
  stream(name: string, file: number, ...args: readonly unknown[]): Result<number> {
    const result = this.method(name, file, ...args);
    if (result.tag === "err") return result;
    const type = name === "read-via-stream" ? "input-stream" : "output-stream";
    return { tag: "ok", val: this.component.own(this.#type<object>(type), result.val as object) };
  }

  #streamResult<T>(at: number, payload: number, load: (at: number) => T): Result<T> {
    const [tag] = this.component.bytes(at, 1);
    if (tag === 0) return { tag: "ok", val: load(at + payload) };
    if (this.component.bytes(at + payload, 1)[0] === 1) return { tag: "err", val: "closed" };
    const error = this.component.rep(this.component.u32(at + payload + 4), this.#type<object>("error"));
    return { tag: "err", val: this.component.value(TYPES, "filesystem-error-code", error) as string };
  }

  /** `blocking-read`. @returns `closed`, or the code of the error. */
  readStream(stream: number, length: bigint, name: string = "blocking-read"): Result<string> {
    const at = this.component.room(12);
    this.component.call(STREAMS, `[method]input-stream.${name}`, stream, length, at);
    return this.#streamResult(at, 4, (at) => this.component.text(at));
  }

  /** `blocking-skip`. */
  skip(stream: number, length: bigint): Result<bigint> {
    const at = this.component.room(16);
    this.component.call(STREAMS, "[method]input-stream.blocking-skip", stream, length, at);
    return this.#streamResult(at, 8, (at) => this.component.u64(at));
  }

  /** `blocking-write-and-flush`. */
  writeStream(stream: number, content: string): Result<undefined> {
    const at = this.component.room(12);
    const name = "[method]output-stream.blocking-write-and-flush";
    this.component.call(STREAMS, name, stream, ...this.component.put(content), at);
    return this.#streamResult(at, 4, () => undefined);
  }

  dropStream(stream: number, type: "input-stream" | "output-stream"): void {
    this.component.drop(stream, this.#type<object>(type));
  }

  drop(file: number): void {
    this.component.drop(file, this.#type("descriptor"));
  }
}
