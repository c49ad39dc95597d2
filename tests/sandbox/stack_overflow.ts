/** Guests whose calls are cut short by the end of the stack leave everything as it was. */

import fs from "node:fs";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Platform, WaitMode } from "../../src/contract/platform.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { memoryPlatform } from "../../src/platform/memory/mod.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { canSuspend } from "../../src/runtime/jspi.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { Oflags, Rights, RIGHTS_ALL } from "../../src/witx/types.ts";
import { type ClosableSystem, makeSystem } from "../system/backends.ts";
import { type Argument, DATA, DeepGuest, type DeepResult } from "./deep_guest.ts";

/** Every depth is tried where so many lie between the guest's end and a call that succeeds; of more, so many. */
const ALL_DEPTHS = 400;
const SOME_DEPTHS = 4;

/** The last so many wide frames are replaced by narrow ones: more than a call takes, and what is kept for it. */
const WIDE_MARGIN = 40;

const PATH = DATA;
const OTHER_PATH = DATA + 256;
const RESULT = DATA + 512;
const IOVECS = DATA + 1024;
const BUFFER = DATA + 2048;
const SUBSCRIPTIONS = DATA + 8192;
const EVENTS = DATA + 9216;

const NO_DESCRIPTOR = 0xffffffff;
const ALL = BigInt(RIGHTS_ALL);
const runtimePlatform = (await detectPlatform())();

/** A guest, and what it finds in its directory. */
class Subject {
  readonly guest: DeepGuest;
  readonly #name: string;
  readonly #file: number;
  #turn = 0;

  constructor(system: ClosableSystem, name: string, mode: WaitMode) {
    this.guest = new DeepGuest(system, mode);
    this.#name = name;
    this.#file = this.open("own.txt", Oflags.CREAT);
    for (const directory of ["dir", "dir/sub"]) this.call("path_create_directory", 3, ...this.path(directory));
    this.write(this.open("dir/sub/file.txt", Oflags.CREAT), name);
    this.call("path_symlink", ...this.path("dir/sub", OTHER_PATH), 3, ...this.path("link"));
  }

  /** Descriptor of a file of its own. */
  get file(): number {
    return this.#file;
  }

  call(name: string, ...args: readonly Argument[]): number {
    return this.guest.call(name, ...args);
  }

  path(path: string, at: number = PATH): [number, number] {
    return this.guest.store(at, path);
  }

  tryOpen(path: string, oflags: number = 0): number {
    return this.call("path_open", ...openArguments(this, path, oflags));
  }

  open(path: string, oflags: number = 0): number {
    expect([path, errnoName(this.tryOpen(path, oflags))]).toEqual([path, "SUCCESS"]);
    return this.guest.view.getUint32(RESULT, true);
  }

  /** Store vectors over the buffer: of 100 bytes each, and the rest. */
  vectors(length: number): [at: number, count: number] {
    const { view } = this.guest;
    let count = 0;
    for (let at = 0; at < length; at += 100, count++) {
      view.setUint32(IOVECS + 8 * count, BUFFER + at, true);
      view.setUint32(IOVECS + 8 * count + 4, Math.min(100, length - at), true);
    }
    return [IOVECS, count];
  }

  write(fd: number, text: string): void {
    const [, length] = this.guest.store(BUFFER, text);
    expect(this.call("fd_pwrite", fd, ...this.vectors(length), 0n, RESULT)).toBe(Errno.SUCCESS);
  }

  read(fd: number, length: number): string {
    this.guest.bytes(BUFFER, length).fill(0);
    expect(this.call("fd_pread", fd, ...this.vectors(length), 0n, RESULT)).toBe(Errno.SUCCESS);
    return new TextDecoder().decode(this.guest.bytes(BUFFER, this.guest.view.getUint32(RESULT, true)));
  }

  /** Subscriptions to a clock and to the file. */
  subscriptions(): Argument[] {
    this.guest.bytes(SUBSCRIPTIONS, 96).fill(0);
    this.guest.view.setUint32(SUBSCRIPTIONS + 16, 1, true);
    this.guest.view.setUint8(SUBSCRIPTIONS + 48 + 8, 1);
    this.guest.view.setUint32(SUBSCRIPTIONS + 48 + 16, this.#file, true);
    return [SUBSCRIPTIONS, EVENTS, 2, RESULT];
  }

  /** Whatever happened to another guest, this one finds all as it should be. */
  check(isSuspended: boolean): void {
    const text = `${this.#name} ${this.#turn++} ${"x".repeat(this.#turn % 2 === 0 ? 10 : 300)}`;
    this.write(this.#file, text);
    expect(this.read(this.#file, text.length)).toBe(text);
    expect(this.call("path_filestat_get", 3, 1, ...this.path("link/file.txt"), RESULT)).toBe(Errno.SUCCESS);
    expect(errnoName(this.tryOpen("../secret.txt"))).toBe("PERM");
    expect(errnoName(this.tryOpen("dir/../../secret.txt"))).toBe("PERM");
    const file = this.open("link/file.txt");
    expect(this.read(file, this.#name.length)).toBe(this.#name);
    expect(this.call("fd_close", file)).toBe(Errno.SUCCESS);
    expect(this.call("fd_readdir", 3, BUFFER, 1000, 0n, RESULT)).toBe(Errno.SUCCESS);
    const listed = new TextDecoder().decode(this.guest.bytes(BUFFER, this.guest.view.getUint32(RESULT, true)));
    expect(listed).toContain("own.txt");
    if (isSuspended) return;
    expect(this.call("poll_oneoff", ...this.subscriptions())).toBe(Errno.SUCCESS);
    expect(this.guest.view.getUint32(RESULT, true)).toBe(2);
  }
}

function openArguments(subject: Subject, path: string, oflags: number): Argument[] {
  const rights = (oflags & Oflags.DIRECTORY) === 0 ? ALL : ALL & ~BigInt(Rights.FD_WRITE);
  return [3, 1, ...subject.path(path), oflags, rights, ALL, 0, RESULT];
}

/** A call: its arguments, made anew for each attempt, and what undoes it. */
interface DeepCall {
  readonly args: (subject: Subject) => Argument[];
  readonly undo?: (subject: Subject, args: readonly Argument[]) => void;
}

const NAMED = (path: string): DeepCall => ({ args: (subject) => [3, ...subject.path(path)] });

function opening(path: string, oflags: number): DeepCall {
  return {
    args: (subject) => openArguments(subject, path, oflags),
    undo: (subject) => void subject.call("fd_close", subject.guest.view.getUint32(RESULT, true)),
  };
}

function transfer(length: number, isAtOffset: boolean): DeepCall {
  return {
    args: (subject) => [subject.file, ...subject.vectors(length), ...(isAtOffset ? [0n] : []), RESULT],
    undo: (subject) => void subject.call("fd_seek", subject.file, 0n, 0, RESULT),
  };
}

const CALLS: Readonly<Record<string, DeepCall>> = {
  "args_get": { args: () => [BUFFER, BUFFER + 64] },
  "args_sizes_get": { args: () => [BUFFER, BUFFER + 64] },
  "environ_get": { args: () => [BUFFER, BUFFER + 64] },
  "environ_sizes_get": { args: () => [BUFFER, BUFFER + 64] },
  "clock_res_get": { args: () => [0, RESULT] },
  "clock_time_get": { args: () => [0, 0n, RESULT] },
  "fd_advise": { args: ({ file }) => [file, 0n, 1n, 0] },
  "fd_allocate": { args: ({ file }) => [file, 0n, 1n] },
  "fd_close": { args: (subject) => [subject.open("dir/sub/file.txt")] },
  "fd_close of a directory": { args: (subject) => [subject.open("dir/sub", Oflags.DIRECTORY)] },
  "fd_datasync": { args: ({ file }) => [file] },
  "fd_fdstat_get": { args: ({ file }) => [file, RESULT] },
  "fd_fdstat_set_flags": {
    args: ({ file }) => [file, 1],
    undo: (subject) => void subject.call("fd_fdstat_set_flags", subject.file, 0),
  },
  "fd_fdstat_set_rights": { args: ({ file }) => [file, ALL, ALL] },
  "fd_filestat_get": { args: ({ file }) => [file, RESULT] },
  "fd_filestat_set_size": { args: ({ file }) => [file, 7n] },
  "fd_filestat_set_times": { args: ({ file }) => [file, 1n, 1n, 5] },
  "fd_pread": transfer(100, true),
  "fd_pread of many pieces": transfer(1000, true),
  "fd_prestat_get": { args: () => [3, RESULT] },
  "fd_prestat_dir_name": { args: () => [3, BUFFER, 1] },
  "fd_pwrite": transfer(100, true),
  "fd_pwrite of many pieces": transfer(1000, true),
  "fd_read": transfer(100, false),
  "fd_read of many pieces": transfer(1000, false),
  "fd_readdir": { args: () => [3, BUFFER, 1000, 0n, RESULT] },
  "fd_renumber": {
    args: (subject) => [subject.open("dir/sub/file.txt"), subject.open("dir/sub", Oflags.DIRECTORY)],
    undo: (subject, args) => void args.map((fd) => subject.call("fd_close", fd)),
  },
  "fd_seek": { args: ({ file }) => [file, 0n, 0, RESULT] },
  "fd_sync": { args: ({ file }) => [file] },
  "fd_tell": { args: ({ file }) => [file, RESULT] },
  "fd_write": transfer(100, false),
  "fd_write of many pieces": transfer(1000, false),
  "path_create_directory": {
    ...NAMED("dir/sub/new"),
    undo: (subject) => void subject.call("path_remove_directory", 3, ...subject.path("dir/sub/new")),
  },
  "path_filestat_get": { args: (subject) => [3, 1, ...subject.path("link/file.txt"), RESULT] },
  "path_filestat_set_times": { args: (subject) => [3, 1, ...subject.path("link/file.txt"), 1n, 1n, 5] },
  "path_link": {
    args: (subject) => [3, 0, ...subject.path("dir/sub/file.txt"), 3, ...subject.path("dir/linked", OTHER_PATH)],
    undo: (subject) => void subject.call("path_unlink_file", 3, ...subject.path("dir/linked")),
  },
  "path_open": opening("dir/sub/file.txt", 0),
  "path_open by a link": opening("link/file.txt", 0),
  "path_open of a directory": opening("dir/sub", Oflags.DIRECTORY),
  "path_open of what leads outside": opening("dir/sub/../../../secret.txt", 0),
  "path_open of a new file": {
    args: opening("dir/new.txt", Oflags.CREAT).args,
    undo(subject, args) {
      opening("", 0).undo!(subject, args);
      subject.call("path_unlink_file", 3, ...subject.path("dir/new.txt"));
    },
  },
  "path_readlink": { args: (subject) => [3, ...subject.path("link"), BUFFER, 100, RESULT] },
  "path_remove_directory": {
    args(subject) {
      const args = [3, ...subject.path("dir/gone")];
      subject.call("path_create_directory", ...args);
      return args;
    },
  },
  "path_rename": {
    args: (subject) => [3, ...subject.path("dir/sub/file.txt"), 3, ...subject.path("dir/moved.txt", OTHER_PATH)],
    undo: (subject) =>
      void subject.call(
        "path_rename",
        3,
        ...subject.path("dir/moved.txt"),
        3,
        ...subject.path("dir/sub/file.txt", OTHER_PATH),
      ),
  },
  "path_symlink": {
    args: (subject) => [...subject.path("dir", OTHER_PATH), 3, ...subject.path("dir/other")],
    undo: (subject) => void subject.call("path_unlink_file", 3, ...subject.path("dir/other")),
  },
  "path_unlink_file": {
    args(subject) {
      subject.call("fd_close", subject.open("dir/gone.txt", Oflags.CREAT));
      return [3, ...subject.path("dir/gone.txt")];
    },
  },
  "poll_oneoff": { args: (subject) => subject.subscriptions() },
  "sched_yield": { args: () => [] },
  "random_get": { args: () => [BUFFER, 300] },
};

/** Those that may suspend. */
const WAITING = ["poll_oneoff", "sched_yield", "fd_read", "fd_write"];

interface Place {
  readonly platform: Platform;
  readonly roots: readonly [string, string];
  dispose(): void;
}

function onDisk(platform: Platform): Place {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "wasirun-deep-")));
  fs.writeFileSync(join(base, "secret.txt"), "secret");
  for (const name of ["one", "two"]) fs.mkdirSync(join(base, name));
  return {
    platform,
    roots: [join(base, "one"), join(base, "two")],
    dispose: () => rmSync(base, { recursive: true, force: true }),
  };
}

function inMemory(): Place {
  const platform = memoryPlatform();
  for (const name of ["one", "two"]) platform.root.mkdirat(name);
  return { platform, roots: ["one", "two"], dispose() {} };
}

/**
 * The first depth at which something holds, which then holds of all that are deeper; looked for where it was found the
 * last time, first.
 */
class Boundary {
  #last = 0;

  async find(holds: (depth: number) => Promise<boolean>): Promise<number> {
    let low = Math.max(0, this.#last - NEARBY);
    let high = this.#last + NEARBY;
    if (low > 0 && await holds(low)) [low, high] = [0, low];
    else if (!await holds(high)) [low, high] = [high, MAX_DEPTH];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (await holds(middle)) high = middle;
      else low = middle + 1;
    }
    return this.#last = low;
  }
}

const NEARBY = 16;
const MAX_DEPTH = 1 << 15;
const boundaries = { levels: new Boundary(), first: new Boundary(), last: new Boundary() };

/**
 * Where calls are cut short: so many wide frames down, from the first depth on at which the call does not succeed, up to
 * the one at which the guest does not come to it.
 */
async function windowOf(
  attempt: (levels: number, depth: number) => Promise<DeepResult>,
): Promise<[levels: number, first: number, last: number]> {
  for (let tries = 0;; tries++) {
    const deepest = await boundaries.levels.find(async (levels) => await attempt(levels, 0) === "not begun");
    const levels = Math.max(0, deepest - WIDE_MARGIN);
    const first = await boundaries.first.find(async (depth) => typeof await attempt(levels, depth) !== "number");
    const last = await boundaries.last.find(async (depth) => await attempt(levels, depth) === "not begun");
    // Code that was compiled better in the meantime has other frames.
    if (first > 0 && last < MAX_DEPTH) return [levels, first, last];
    expect(tries).toBeLessThan(10);
  }
}

/** What answers the calls. */
type PlatformName = "the runtime's own calls" | "the system's calls" | "memory";

/** By name: each has a test file of its own, because one for all of them would take longer than any other file. */
const PLATFORMS: Readonly<Record<PlatformName, () => Place>> = {
  "the runtime's own calls": () => onDisk(runtimePlatform),
  "the system's calls": () => onDisk(posix()),
  "memory": inMemory,
};

/**
 * Cuts every call short at the end of the stack, on one platform.
 *
 * @param name Name of the platform.
 */
export function describeStackOverflow(name: PlatformName): void {
  describe(`a call that the end of the stack cuts short, by ${name}`, () => testCalls(PLATFORMS[name]));
}

function testCalls(makePlace: () => Place): void {
  let place: Place;
  let victim: Subject;
  let deep: Subject;
  let systems: ClosableSystem[];

  function start(root: string, name: string, mode: WaitMode): Subject {
    const { platform } = place;
    const backend = { name, platform, emptyRoot: () => platform.openRoot(root), dispose: () => Promise.resolve() };
    const { system } = makeSystem(backend, { mode, maxOpenFiles: 100_000 });
    systems.push(system);
    return new Subject(system, name, mode);
  }

  beforeEach(() => {
    place = makePlace();
    systems = [];
  });

  afterEach(() => {
    for (const system of systems) system.close();
    place.dispose();
  });

  async function attempt(name: string, call: DeepCall, levels: number, depth: number): Promise<DeepResult> {
    const args = call.args(deep);
    deep.guest.view.setUint32(RESULT, NO_DESCRIPTOR, true);
    const result = await deep.guest.callDeep(name.split(" ")[0]!, args, levels, depth);
    call.undo?.(deep, args);
    return result;
  }

  async function cutEverywhere(name: string, isSuspended: boolean): Promise<void> {
    const call = CALLS[name]!;
    // Code that is compiled better later has other frames.
    for (let i = 0; i < 5; i++) await attempt(name, call, 10, 100);
    const [levels, first, last] = await windowOf(
      async (levels, depth) => await attempt(name, call, levels, depth),
    );
    const step = last - first < ALL_DEPTHS ? 1 : Math.ceil((last - first) / SOME_DEPTHS);
    for (let depth = Math.max(0, first - 4); depth < last + 4; depth += step) {
      await attempt(name, call, levels, depth);
      victim.check(isSuspended);
      deep.check(isSuspended);
    }
  }

  test.each(Object.keys(CALLS))("leaves all guests as they were: %s", async (name) => {
    [deep, victim] = [start(place.roots[0], "one", "block"), start(place.roots[1], "two", "block")];
    await cutEverywhere(name, false);
  });

  test.skipIf(!canSuspend()).each(WAITING)("leaves all guests as they were, suspended: %s", async (name) => {
    [deep, victim] = [start(place.roots[0], "one", "suspend"), start(place.roots[1], "two", "suspend")];
    await cutEverywhere(name, true);
  });
}
