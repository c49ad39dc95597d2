/**
 * A path is walked in one call where the system has openat2(2), and component by component where it has not: over trees
 * of directories, files and symbolic links both must find the same. fast-check prints the seed and the tree of a failure.
 */

import fs from "node:fs";
import { join } from "node:path";
import process from "node:process";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { PlatformDirectory } from "../../src/contract/platform.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { Errno } from "../../src/witx/errno.ts";
import { Oflags } from "../../src/witx/types.ts";
import { hostWithoutOpenat2, openOn, posixHost } from "../races/posix_host.ts";
import { makeSystem } from "../system/backends.ts";
import { Caller, ROOT } from "../system/caller.ts";
import { hasProc } from "./descriptor_files.ts";
import { temporaryDirectory } from "./temporary.ts";

/** Trees to try; `WASIRUN_PROPERTY_RUNS` asks for more. */
const TREES = Number(process.env["WASIRUN_PROPERTY_RUNS"] ?? "150");
const PATHS_PER_TREE = 25;

const withOpenat2 = posixHost();
const withoutOpenat2 = hostWithoutOpenat2();
const parent = temporaryDirectory(fs.existsSync("/dev/shm") ? "/dev/shm" : undefined);

/** Makes a guest that sees a folder at a path. */
function guestOf(root: PlatformDirectory, mountPath: string): { call: Caller; end(): void } {
  const platform = posix();
  const backend = { name: "posix", platform, emptyRoot: () => root, dispose: () => Promise.resolve() };
  const { system } = makeSystem(backend, { mounts: { [mountPath]: { root } } });
  return { call: new Caller(system), end: () => system.close() };
}

/** In every tree, so that links and paths lead to something. */
const SKELETON = ["a/b/c", "a/c", "b/a", "c"];

const name = fc.constantFrom("a", "b", "c", "l", "m");
const step = fc.oneof({ arbitrary: name, weight: 10 }, { arbitrary: fc.constant(".."), weight: 2 }, {
  arbitrary: fc.constantFrom(".", ""),
  weight: 1,
});

function joined(steps: fc.Arbitrary<string[]>): fc.Arbitrary<string> {
  return fc.tuple(steps, fc.constantFrom("", "", "", "/", "/.")).map(([parts, end]) => {
    const path = parts.join("/").replace(/^\/+/, "") + end;
    return path.startsWith("/") || path === "" ? "." : path;
  });
}

const path = joined(fc.array(step, { minLength: 1, maxLength: 6, size: "max" }));
const relativeTarget = joined(fc.array(step, { minLength: 1, maxLength: 4, size: "max" }));
const target = fc.oneof(
  { arbitrary: relativeTarget, weight: 8 },
  { arbitrary: relativeTarget.map((path) => `/${path}`), weight: 1 },
  { arbitrary: relativeTarget.map((path) => `../outside/${path}`), weight: 1 },
);
const place = fc.array(name, { minLength: 1, maxLength: 3, size: "max" });
const entry = fc.record({
  place,
  kind: fc.constantFrom("directory", "directory", "file", "link", "link", "link"),
  target,
});
const tree = fc.array(entry, { minLength: 8, maxLength: 30, size: "max" });
const trees = fc.tuple(tree, fc.array(path, { minLength: PATHS_PER_TREE, maxLength: PATHS_PER_TREE }));

interface Entry {
  readonly place: readonly string[];
  readonly kind: string;
  readonly target: string;
}

/** Make what can be made: a name that is taken, or whose directory is none, is left out. */
function build(folder: string, entries: readonly Entry[]): void {
  for (const path of SKELETON) fs.mkdirSync(join(folder, path), { recursive: true });
  for (const { place, kind, target } of entries) {
    const path = join(folder, ...place);
    const parents = place.slice(0, -1).map((_, i) => join(folder, ...place.slice(0, i + 1)));
    if (!parents.every(isOrBecomesDirectory) || fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    if (kind === "directory") fs.mkdirSync(path);
    else if (kind === "file") fs.writeFileSync(path, "content");
    else fs.symlinkSync(target, path);
  }
}

function isOrBecomesDirectory(path: string): boolean {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) fs.mkdirSync(path);
  return stat === undefined || stat.isDirectory();
}

/** What is found at a path, by calls that follow a link there, and calls that do not. */
function found(call: Caller, path: string): Record<string, unknown> {
  const answers: Record<string, unknown> = { readlink: call.readlink(path) };
  for (const follow of [true, false]) {
    const stat = call.stat(path, { follow });
    answers[`stat ${follow}`] = "errno" in stat ? stat.errno : stat.ino;
    for (const oflags of [0, Oflags.DIRECTORY]) {
      const fd = call.open(path, { follow, oflags, rights: 0x1fffffff & ~0x40 });
      answers[`open ${follow} ${oflags}`] = typeof fd === "number" ? inoOf(call, fd) : fd.errno;
    }
  }
  return answers;
}

function inoOf(call: Caller, fd: number): bigint | string {
  const stat = call.fdStat(fd);
  call.close(fd);
  return "errno" in stat ? stat.errno : stat.ino;
}

describe("a walk in one call and one by components", () => {
  const seen = { found: 0, missed: 0 };
  let made = 0;

  afterAll(() => fs.rmSync(parent, { recursive: true, force: true }));

  test(`find the same in ${TREES} trees of links`, () => {
    fc.assert(
      fc.property(trees, fc.constantFrom("/", "/box"), ([entries, paths], mountPath) => {
        const base = join(parent, String(made++));
        const folder = join(base, "inside");
        build(folder, entries);
        build(join(base, "outside"), entries);
        const [one, other] = [withOpenat2, withoutOpenat2].map((host) => guestOf(openOn(host, folder), mountPath));
        try {
          for (const path of paths) {
            const answers = found(one!.call, path);
            expect(answers, path).toEqual(found(other!.call, path));
            seen[typeof answers["stat true"] === "bigint" ? "found" : "missed"]++;
          }
        } finally {
          one!.end();
          other!.end();
          fs.rmSync(base, { recursive: true });
        }
      }),
      { numRuns: TREES },
    );
    // The paths are worth something only if many lead to something.
    expect(Math.min(seen.found, seen.missed)).toBeGreaterThan(TREES);
  });

  test.skipIf(!hasProc)("do not go through the magic links of /proc", () => {
    const paths = ["root", "cwd", "exe", "fd/0", "task/../root", "task/../cwd", "fd/../root", "./cwd", "ns/mnt"];
    const tails = ["", "/", "/etc/passwd", "/package.json", "/..", "/../..", "/bin"];
    const folder = fs.realpathSync("/proc/self");
    const leading = fs.readdirSync(folder).filter((name) => name === "root" || name === "cwd");
    expect(leading).toHaveLength(2);
    const guests = [withOpenat2, withoutOpenat2].map((host) => guestOf(openOn(host, folder), "/box"));
    for (const path of paths.flatMap((path) => tails.map((tail) => path + tail))) {
      const [one, other] = guests.map(({ call }) => {
        const stat = call.stat(path);
        const file = call.open(path, { rights: 2 });
        return [stat, file].map((answer) => typeof answer === "object" && "errno" in answer ? answer.errno : "SUCCESS");
      });
      expect(one, path).toEqual(other);
      expect(one, path).not.toContain("SUCCESS");
    }
    for (const { call, end } of guests) {
      expect("errno" in call.stat("status")).toBe(false);
      expect("errno" in call.stat("task/../status")).toBe(false);
      end();
    }
  });

  test("agree that a path of the guest leads nowhere above where it starts", () => {
    const base = join(parent, "walls");
    fs.mkdirSync(join(base, "inside", "a", "b"), { recursive: true });
    fs.symlinkSync("../..", join(base, "inside", "a", "b", "up"));
    fs.symlinkSync("../../..", join(base, "inside", "a", "b", "out"));
    for (const host of [withOpenat2, withoutOpenat2]) {
      const { call, end } = guestOf(openOn(host, join(base, "inside")), "/box");
      const b = call.mustOpen("a/b", { oflags: Oflags.DIRECTORY, rights: 0x1fffffbf });
      const inside = fs.statSync(join(base, "inside"), { bigint: true }).ino;
      expect(call.stat("a/b/up/.")).toMatchObject({ ino: inside });
      expect(call.stat("a/b/up/a/b/up")).toMatchObject({ ino: inside });
      for (const [fd, path] of [[ROOT, "a/b/out/inside/a"], [b, "up/a"], [b, "../b/up"], [b, "up/a/b/up/a"]] as const) {
        expect(call.stat(path, { fd }), path).toEqual({ errno: "PERM" });
        expect(call.system.path.createDirectory(fd, `${path}/new`), path).toBe(Errno.PERM);
      }
      end();
    }
  });
});
