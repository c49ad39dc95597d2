/** Timestamps: set by hand, and by what is done to a file. */

import { expect } from "vitest";
import type { Filestat } from "../../src/witx/types.ts";
import type { PlatformDirectory } from "../../src/contract/platform.ts";
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
const BOTH = ["mtim", "ctim"];

function expectTime(actual: bigint, expected: bigint, { features }: PlatformUnderTest): void {
  const off = actual < expected ? expected - actual : actual - expected;
  expect(off).toBeLessThan(BigInt(features.setTimesStepNs));
}

/** Checks which times are others in `after` than in `before`. */
function expectChanges(before: Filestat, after: Filestat, expected: readonly string[], test: PlatformUnderTest): void {
  const looked = (["mtim", "ctim"] as const).filter((time) => time === "mtim" || test.features.preciseCtim);
  expect(looked.filter((time) => after[time] !== before[time])).toEqual(
    looked.filter((time) => expected.includes(time)),
  );
}

/** Runs `action` and checks which times of its directory are others then. */
async function expectDirectoryChanges(
  test: PlatformUnderTest,
  expected: readonly string[],
  action: (directory: PlatformDirectory) => void,
): Promise<void> {
  const directory = makeDirectory(test.root, "d");
  writeText(directory, "file", "");
  ok(directory.mkdirat("below"));
  await passTime(test);
  const before = statOf(directory);
  action(directory);
  expectChanges(before, statOf(directory), expected, test);
  ok(directory.close());
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
    expectChanges(before, statAt(test.root, "a"), BOTH, test);
  },

  "writing changes mtim and ctim, and no other time": async (test) => {
    const file = open(test.root, "a", CREATE);
    ok(file.futimens(ATIM, MTIM));
    const before = statOf(file);
    await passTime(test);
    put(file, "x");
    const after = statOf(file);
    expectChanges(before, after, BOTH, test);
    expect(test.features.preciseCtim ? after.ctim : after.mtim).toBe(after.mtim);
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
    expectChanges(before, statOf(file), [], test);
    ok(file.close());
  },

  "ftruncate changes mtim and ctim": async (test) => {
    const file = open(test.root, "a", CREATE);
    const before = statOf(file);
    await passTime(test);
    ok(file.ftruncate(10));
    expectChanges(before, statOf(file), BOTH, test);
    ok(file.close());
  },

  "truncating by opening changes mtim and ctim": async (test) => {
    writeText(test.root, "a", "hello");
    const before = statAt(test.root, "a");
    await passTime(test);
    ok(open(test.root, "a", flags({ write: true, truncate: true })).close());
    expectChanges(before, statAt(test.root, "a"), BOTH, test);
  },

  "a new name, and one less, change the ctim of the file alone": async (test) => {
    const { root } = test;
    writeText(root, "a", "");
    for (const action of [() => root.linkat("a", root, "b"), () => root.unlinkat("b")]) {
      const before = statAt(root, "a");
      await passTime(test);
      ok(action());
      expectChanges(before, statAt(root, "a"), ["ctim"], test);
    }
  },

  "a file's own rename changes its ctim alone": async (test) => {
    writeText(test.root, "a", "");
    const before = statAt(test.root, "a");
    await passTime(test);
    ok(test.root.renameat("a", test.root, "b"));
    expectChanges(before, statAt(test.root, "b"), ["ctim"], test);
  },

  "setting none of them changes nothing": async (test) => {
    const file = open(test.root, "a", CREATE);
    const before = statOf(file);
    await passTime(test);
    ok(file.futimens(undefined, undefined));
    ok(test.root.utimensat("a", undefined, undefined));
    expect(statOf(file)).toEqual(before);
    ok(file.close());
  },

  "making a file changes mtim and ctim of its directory": async (test) => {
    await expectDirectoryChanges(test, BOTH, (directory) => ok(open(directory, "new", CREATE).close()));
  },

  "making a directory changes mtim and ctim of the one above": async (test) => {
    await expectDirectoryChanges(test, BOTH, (directory) => ok(directory.mkdirat("new")));
  },

  "making a symbolic link changes mtim and ctim of its directory": async (test) => {
    await expectDirectoryChanges(test, BOTH, (directory) => ok(directory.symlinkat("target", "new")));
  },

  "removing a file changes mtim and ctim of its directory": async (test) => {
    await expectDirectoryChanges(test, BOTH, (directory) => ok(directory.unlinkat("file")));
  },

  "removing a directory changes mtim and ctim of the one above": async (test) => {
    await expectDirectoryChanges(test, BOTH, (directory) => ok(directory.rmdirat("below")));
  },

  "renaming a file changes mtim and ctim of its directory": async (test) => {
    await expectDirectoryChanges(test, BOTH, (directory) => ok(directory.renameat("file", directory, "new")));
  },

  "writing to a file leaves its directory alone": async (test) => {
    await expectDirectoryChanges(test, [], (directory) => {
      const file = open(directory, "file", CREATE);
      put(file, "x");
      ok(file.close());
    });
  },
};
