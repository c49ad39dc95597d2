/** Timestamps: set by hand, and by what is done to a file. */

import { expect } from "vitest";
import type { Filestat } from "../../src/witx/types.ts";
import type { PlatformDirectory } from "../../src/core/platform.ts";
import {
  type Cases,
  CREATE,
  flags,
  makeDirectory,
  ok,
  open,
  passTime,
  type PlatformUnderTest,
  put,
  statAt,
  statOf,
  writeText,
} from "./under_test.ts";

const ATIM = 1_000_000_000_123_456_789n;
const MTIM = 1_200_000_000_987_654_321n;

function expectTime(actual: bigint, expected: bigint, { features }: PlatformUnderTest): void {
  if (features.nanosecondTimes) expect(actual).toBe(expected);
  else expect(Math.abs(Number(actual - expected))).toBeLessThanOrEqual(1000);
}

/** What has changed between two looks at a file. */
function changes(before: Filestat, after: Filestat): string[] {
  return (["mtim", "ctim"] as const).filter((time) => after[time] !== before[time]);
}

/** Runs `action` and tells which times of the directory `d` changed. */
async function changesOfDirectory(
  test: PlatformUnderTest,
  action: (directory: PlatformDirectory) => void,
): Promise<string[]> {
  const directory = makeDirectory(test.root, "d");
  writeText(directory, "file", "");
  ok(directory.mkdirat("below"));
  await passTime(test);
  const before = statOf(directory);
  action(directory);
  const after = statOf(directory);
  ok(directory.close());
  return changes(before, after);
}

export const TIME_CASES: Cases = {
  "are of the time of day when a file is made": ({ root, platform }) => {
    const words = new Uint32Array(2);
    platform.clock.realtime(words);
    const now = Number((BigInt(words[1]!) << 32n) | BigInt(words[0]!));
    writeText(root, "a", "");
    const { atim, mtim, ctim } = statAt(root, "a");
    for (const time of [atim, mtim, ctim]) expect(Math.abs(Number(time) - now)).toBeLessThan(10e9);
  },

  "can be set on an open file": (test) => {
    const file = open(test.root, "a", CREATE);
    ok(file.futimens(ATIM, MTIM));
    const { atim, mtim } = statOf(file);
    expectTime(atim, ATIM, test);
    expectTime(mtim, MTIM, test);
    ok(file.close());
  },

  "can be set on an open directory": (test) => {
    const directory = makeDirectory(test.root, "d");
    ok(directory.futimens(ATIM, MTIM));
    const { atim, mtim } = statAt(test.root, "d");
    expectTime(atim, ATIM, test);
    expectTime(mtim, MTIM, test);
    ok(directory.close());
  },

  "can be set by name, on files, directories and symbolic links themselves": (test) => {
    const { root } = test;
    writeText(root, "file", "");
    ok(root.mkdirat("directory"));
    ok(root.symlinkat("file", "link"));
    for (const name of ["directory", "link"]) {
      ok(root.utimensat(name, ATIM, MTIM));
      expectTime(statAt(root, name).atim, ATIM, test);
      expectTime(statAt(root, name).mtim, MTIM, test);
    }
    expect(statAt(root, "file").mtim).toBeGreaterThan(MTIM + 1000n);
    ok(root.utimensat("file", ATIM, MTIM));
    expectTime(statAt(root, "file").mtim, MTIM, test);
  },

  "can be set one by one": (test) => {
    const { root } = test;
    const file = open(root, "a", CREATE);
    ok(file.futimens(ATIM, MTIM));
    ok(file.futimens(0n, undefined));
    expectTime(statOf(file).atim, 0n, test);
    expectTime(statOf(file).mtim, MTIM, test);
    ok(root.utimensat("a", undefined, ATIM));
    expectTime(statOf(file).atim, 0n, test);
    expectTime(statOf(file).mtim, ATIM, test);
    ok(file.futimens(undefined, undefined));
    expectTime(statOf(file).mtim, ATIM, test);
    ok(file.close());
  },

  "setting them changes ctim": async (test) => {
    writeText(test.root, "a", "");
    const before = statAt(test.root, "a");
    await passTime(test);
    ok(test.root.utimensat("a", ATIM, MTIM));
    expect(statAt(test.root, "a").ctim).toBeGreaterThan(before.ctim);
  },

  "writing changes mtim and ctim, and no other time": async (test) => {
    const file = open(test.root, "a", CREATE);
    ok(file.futimens(ATIM, MTIM));
    const before = statOf(file);
    await passTime(test);
    put(file, "x");
    const after = statOf(file);
    expect(changes(before, after)).toEqual(["mtim", "ctim"]);
    expect(after.mtim).toBe(after.ctim);
    expectTime(after.atim, ATIM, test);
    ok(file.close());
  },

  "writing nothing and reading change neither mtim nor ctim": async (test) => {
    const file = open(test.root, "a", CREATE);
    put(file, "x");
    const before = statOf(file);
    await passTime(test);
    ok(file.pwrite(new Uint8Array(1), 0, 0, 0));
    ok(file.pread(new Uint8Array(1), 0, 1, 0));
    expect(changes(before, statOf(file))).toEqual([]);
    ok(file.close());
  },

  "ftruncate changes mtim and ctim": async (test) => {
    const file = open(test.root, "a", CREATE);
    const before = statOf(file);
    await passTime(test);
    ok(file.ftruncate(10));
    expect(changes(before, statOf(file))).toEqual(["mtim", "ctim"]);
    ok(file.close());
  },

  "truncating by opening changes mtim and ctim": async (test) => {
    writeText(test.root, "a", "hello");
    const before = statAt(test.root, "a");
    await passTime(test);
    ok(open(test.root, "a", flags({ write: true, truncate: true })).close());
    expect(changes(before, statAt(test.root, "a"))).toEqual(["mtim", "ctim"]);
  },

  "a new name, and one less, change the ctim of the file alone": async (test) => {
    const { root } = test;
    writeText(root, "a", "");
    for (const action of [() => root.linkat("a", root, "b"), () => root.unlinkat("b")]) {
      const before = statAt(root, "a");
      await passTime(test);
      ok(action());
      expect(changes(before, statAt(root, "a"))).toEqual(["ctim"]);
    }
  },

  "making a file changes mtim and ctim of its directory": async (test) => {
    const changed = await changesOfDirectory(test, (directory) => ok(open(directory, "new", CREATE).close()));
    expect(changed).toEqual(["mtim", "ctim"]);
  },

  "making a directory changes mtim and ctim of the one above": async (test) => {
    expect(await changesOfDirectory(test, (directory) => ok(directory.mkdirat("new")))).toEqual(["mtim", "ctim"]);
  },

  "making a symbolic link changes mtim and ctim of its directory": async (test) => {
    const changed = await changesOfDirectory(test, (directory) => ok(directory.symlinkat("target", "new")));
    expect(changed).toEqual(["mtim", "ctim"]);
  },

  "removing a file changes mtim and ctim of its directory": async (test) => {
    expect(await changesOfDirectory(test, (directory) => ok(directory.unlinkat("file")))).toEqual(["mtim", "ctim"]);
  },

  "removing a directory changes mtim and ctim of the one above": async (test) => {
    expect(await changesOfDirectory(test, (directory) => ok(directory.rmdirat("below")))).toEqual(["mtim", "ctim"]);
  },

  "renaming a file changes mtim and ctim of its directory": async (test) => {
    const changed = await changesOfDirectory(test, (directory) => ok(directory.renameat("file", directory, "new")));
    expect(changed).toEqual(["mtim", "ctim"]);
  },

  "writing to a file leaves its directory alone": async (test) => {
    const changed = await changesOfDirectory(test, (directory) => {
      const file = open(directory, "file", CREATE);
      put(file, "x");
      ok(file.close());
    });
    expect(changed).toEqual([]);
  },
};
