/** Open directories of the runtime's platform that another process moves, or whose rename is cut short. */

import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { emptyFilestat } from "../../src/witx/types.ts";
import type { PlatformDirectory } from "../../src/contract/platform.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { FdDirectory } from "../../src/platform/shared/fs/fd_directory.ts";
import { treeState } from "../sandbox/scratch_tree.ts";
import { openByPath } from "./by_path.ts";
import { CREATE, flags, made, namesIn, ok, readText } from "./under_test.ts";

const platform = (await detectPlatform())();
const isLinux = process.platform === "linux";
const SECRET = "secret of the host";

let base = "";
let outside = "";

beforeEach(() => {
  base = fs.realpathSync(fs.mkdtempSync(join(os.tmpdir(), "wasirun-moved-")));
  outside = join(base, "outside");
  fs.mkdirSync(join(base, "box", "d", "sub"), { recursive: true });
  fs.writeFileSync(join(base, "box", "d", "file"), "inside");
  fs.writeFileSync(join(base, "box", "d", "sub", "file"), "inside");
  fs.mkdirSync(join(outside, "sub", "empty"), { recursive: true });
  for (const folder of [outside, join(outside, "sub")]) {
    fs.writeFileSync(join(folder, "file"), SECRET);
    fs.writeFileSync(join(folder, "secret"), SECRET);
    fs.symlinkSync("target of the host", join(folder, "link"));
  }
});

afterEach(() => fs.rmSync(base, { recursive: true, force: true }));

/** What another process does: the directory goes elsewhere, and a link takes its place. */
function swap(): void {
  fs.renameSync(join(base, "box", "d"), join(base, "box", "moved"));
  fs.symlinkSync(outside, join(base, "box", "d"));
}

function nameOf(result: unknown): string {
  return typeof result === "number" ? errnoName(Math.abs(result) as Errno) : typeof result;
}

/** Every call that a directory has, each with a name that is outside, and with one that is inside as well. */
function callsOf(directory: PlatformDirectory, root: PlatformDirectory): Record<string, () => unknown> {
  const stat = emptyFilestat();
  return {
    openDirectory: () => directory.openDirectory("empty"),
    openFile: () => directory.openFile("secret", flags()),
    createFile: () => directory.openFile("new", CREATE),
    truncateFile: () => directory.openFile("secret", flags({ write: true, truncate: true })),
    appendFile: () => directory.openFile("secret", flags({ write: true, append: true })),
    fstatat: () => directory.fstatat("secret", stat),
    utimensat: () => directory.utimensat("secret", 1n, 1n),
    futimens: () => directory.futimens(1n, 1n),
    readlinkat: () => directory.readlinkat("link"),
    mkdirat: () => directory.mkdirat("made"),
    symlinkat: () => directory.symlinkat("target", "made link"),
    linkFrom: () => directory.linkat("secret", root, "linked"),
    linkInto: () => root.linkat("there", directory, "linked"),
    renameFrom: () => directory.renameat("secret", root, "stolen"),
    renameInto: () => root.renameat("there", directory, "brought"),
    unlinkat: () => directory.unlinkat("link"),
    rmdirat: () => directory.rmdirat("empty"),
    fsync: () => directory.fsync(),
  };
}

const OPENINGS: readonly (readonly [name: string, openRoot: (path: string) => PlatformDirectory])[] = [
  ["held by descriptors", (path) => platform.openRoot(path)],
  ["known by their paths", openByPath],
];

test.skipIf(!isLinux)("descriptors hold the directories of the runtime's platform on Linux", () => {
  const root = platform.openRoot(base);
  expect(root).toBeInstanceOf(FdDirectory);
  const directory = made(root.openDirectory("box"));
  expect(directory).toBeInstanceOf(FdDirectory);
  ok(directory.close());
  ok(root.close());
});

describe.each(OPENINGS)("directories that are %s", (_name, openRoot) => {
  test.each([["itself", ["d"]], ["the one above it", ["d", "sub"]]])(
    "do nothing outside when another process moves %s and puts a link in its place",
    (_which, path) => {
      const root = openRoot(join(base, "box"));
      let directory = root;
      for (const name of path) directory = made(directory.openDirectory(name));
      fs.writeFileSync(join(base, "box", "there"), "");
      swap();
      const before = treeState(outside);
      const results = Object.entries(callsOf(directory, root)).map(([name, call]) => `${name}: ${nameOf(call())}`);
      expect(results.filter((result) => result.endsWith(": object") && !/create/.test(result))).toEqual([]);
      expect(results).toContain("openFile: NOENT");
      expect(treeState(outside)).toEqual(before);
      const listed = directory.readdir();
      if (typeof listed !== "number") expect(listed.map(({ name }) => name)).not.toContain("secret");
      const socket = directory.socketPath!("secret");
      if (typeof socket === "string") expect(fs.existsSync(socket)).toBe(false);
    },
  );

  test("work on when another process moves them, or say that they are not there", () => {
    const root = openRoot(join(base, "box"));
    const directory = made(root.openDirectory("d"));
    const inner = made(directory.openDirectory("sub"));
    swap();
    if (directory instanceof FdDirectory) {
      expect(readText(directory, "file")).toBe("inside");
      expect(readText(inner, "file")).toBe("inside");
      expect(namesIn(directory)).toEqual(["file", "sub"]);
    } else {
      for (const each of [directory, inner]) {
        expect(each.openFile("file", flags())).toBe(-Errno.NOENT);
        expect(each.fstat(emptyFilestat())).toBe(-Errno.NOENT);
        expect(each.readdir()).toBe(-Errno.NOENT);
      }
    }
  });

  test("keep their places when the stack ends at any point of a rename", () => {
    const path = join(base, "box");
    const root = openRoot(path);
    const directory = made(root.openDirectory("d"));
    const inner = made(directory.openDirectory("sub"));
    let cut = 0;
    let renamed = 0;
    // Bun goes on after 4 frames, Node after 430, Deno after 580.
    for (let above = 0; above < 700; above++) {
      let result: number | undefined;
      nearTheEnd(above, () => result = root.renameat("d", root, "moved"));
      if (result !== 0) cut++;
      if (!fs.existsSync(join(path, "moved"))) continue;
      renamed++;
      fs.symlinkSync(outside, join(path, "d"));
      for (const each of [directory, inner]) {
        expect(typeof each.openFile("secret", flags()), `${above} frames above the end`).toBe("number");
        expect(each.fstatat("secret", emptyFilestat()), `${above} frames above the end`).toBeLessThan(0);
      }
      fs.unlinkSync(join(path, "d"));
      ok(root.renameat("moved", root, "d"));
    }
    expect(cut).toBeGreaterThan(0);
    expect(renamed).toBeGreaterThan(0);
  });

  test("that are closed stay so when their descriptors are used again", () => {
    const root = openRoot(join(base, "box"));
    const directory = made(root.openDirectory("d"));
    if (!(directory instanceof FdDirectory)) return;
    const path = directory.socketPath("file");
    ok(directory.close());
    const reopened = fs.openSync(outside, "r");
    try {
      for (const [name, call] of Object.entries(callsOf(directory, root))) {
        if (name === "linkInto" || name === "renameInto") continue;
        expect(nameOf(call()), `${name} of ${String(path)}`).toBe("BADF");
      }
      expect(directory.close()).toBe(-Errno.BADF);
    } finally {
      fs.closeSync(reopened);
    }
  });
});

/** Come to the end of the stack, go back so many frames of a small function, and call. */
function nearTheEnd(above: number, call: () => void): void {
  let left = above;
  const dive = (): void => {
    try {
      dive();
    } catch (error) {
      if (left-- === 0) call();
      else throw error;
    }
  };
  try {
    dive();
  } catch {
    // The stack ended in the call.
  }
}
