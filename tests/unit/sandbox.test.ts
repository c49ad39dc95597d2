import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { Mount, MountedDirectory, nestMounts } from "../../src/core/fs/mounted_directory.ts";
import type { PlatformDirectory } from "../../src/contract/platform.ts";
import { PathWalk } from "../../src/core/fs/path_walk.ts";
import { memoryDirectory, type MemoryTree, symlink } from "../../src/platform/memory/mod.ts";
import { Errno } from "../../src/witx/errno.ts";

/** Directories that are open, and every name that was handed to one. */
const seen = { open: 0, names: [] as string[] };

/** A directory that counts those opened from it, and notes names. */
function watched(directory: PlatformDirectory): PlatformDirectory {
  return {
    ...directory,
    openDirectory(name) {
      seen.names.push(name);
      const opened = directory.openDirectory(name);
      if (typeof opened === "number") return opened;
      seen.open++;
      return watched(opened);
    },
    readlinkat(name) {
      seen.names.push(name);
      return directory.readlinkat(name);
    },
    close() {
      seen.open--;
      return directory.close();
    },
  };
}

function start(tree: MemoryTree, path = "/"): MountedDirectory {
  const mount = new Mount(path, watched(memoryDirectory(tree)));
  return MountedDirectory.rootOf(mount);
}

beforeEach(() => {
  seen.open = 0;
  seen.names = [];
});

describe("PathWalk", () => {
  test.each([
    ["a", "a", false],
    ["a/", "a", true],
    ["a///", "a", true],
    ["./a", "a", false],
    ["dir/x", "x", false],
    ["dir//x", "x", false],
    [".", "", true],
    ["./", "", true],
    ["dir/.", "", true],
    ["dir/..", "", true],
    ["dir/../", "", true],
    ["dir/sub/../x", "x", false],
    ["link/x", "x", false],
    ["...", "...", false],
    ["..a", "..a", false],
  ])("ends %s at %j", (path, name, needsDirectory) => {
    const walk = new PathWalk();
    expect(walk.start(start({ dir: { sub: {} }, link: symlink("dir/sub") }), path)).toBe(0);
    expect([walk.name, walk.needsDirectory]).toEqual([name, needsDirectory]);
    walk.end();
    expect(seen.open).toBe(0);
  });

  test("holds every directory on its way until it is left or the walk ends", () => {
    const walk = new PathWalk();
    const place = start({ a: { b: { c: {} } } });
    walk.start(place, "a/b/c/x");
    expect(seen.open).toBe(3);
    walk.end();
    expect(seen.open).toBe(0);
    walk.start(place, "a/b/../b/../../a/x");
    expect(seen.open).toBe(1);
    walk.end();
    expect(walk.start(place, "a/b/nope/x")).toBe(-Errno.NOENT);
    walk.end();
    expect(seen.open).toBe(0);
  });

  test("goes on through a link that its last name is", () => {
    const walk = new PathWalk();
    const place = start({ a: { one: symlink("../b/two") }, b: { two: symlink("three/"), three: {} } });
    expect(walk.start(place, "a/one")).toBe(0);
    expect(walk.followLink()).toBe(0);
    expect(walk.name).toBe("two");
    expect(walk.followLink()).toBe(0);
    expect([walk.name, walk.needsDirectory]).toEqual(["three", true]);
    expect(walk.followLink()).toBe(-Errno.INVAL);
    walk.end();
    expect(seen.open).toBe(0);
  });

  test("counts links in the middle and at the end together", () => {
    const place = start({ here: symlink("."), file: "" });
    const walk = new PathWalk();
    expect(walk.start(place, "here/".repeat(40) + "file")).toBe(0);
    walk.end();
    expect(walk.start(place, "here/".repeat(41) + "file")).toBe(-Errno.LOOP);
    walk.end();
    expect(walk.start(place, "here/".repeat(40) + "here")).toBe(0);
    expect(walk.followLink()).toBe(-Errno.LOOP);
    walk.end();
  });

  test("is NAMETOOLONG when links make the path too long", () => {
    const place = start({ long: symlink("x/".repeat(1000)), x: {} });
    const walk = new PathWalk();
    expect(walk.start(place, "long/" + "./".repeat(1900))).toBe(-Errno.NAMETOOLONG);
    walk.end();
    expect(seen.open).toBe(0);
  });

  test("stands in a mount where its last name is one", () => {
    const outer = new Mount("/", memoryDirectory({ data: { covered: "" } }));
    const inner = new Mount("/data", memoryDirectory({ own: "" }));
    nestMounts([outer, inner]);
    const walk = new PathWalk();
    expect(walk.start(MountedDirectory.rootOf(outer), "data")).toBe(0);
    expect([walk.name, walk.parent?.directory]).toEqual(["", inner.root]);
    walk.end();
  });

  test("hands on only single names, closes what it opened and never goes above its start", () => {
    const tree: MemoryTree = {
      a: { b: { c: {}, up: symlink("../.."), out: symlink("../../../a") } },
      link: symlink("a/b"),
      abs: symlink("/a/b"),
      dots: symlink("a/./b/../b//"),
      loop: symlink("loop"),
    };
    const part = fc.constantFrom("a", "b", "c", "up", "out", "link", "abs", "dots", "loop", "..", ".", "", "nope");
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 12, size: "max" }), fc.boolean(), (parts, atRoot) => {
        const place = start(tree, atRoot ? "/" : "/elsewhere");
        const walk = new PathWalk();
        let result = walk.start(place, parts.join("/"));
        for (let i = 0; result === 0 && walk.name !== "" && i < 50; i++) result = walk.followLink();
        walk.end();
        expect(seen.open).toBe(0);
        for (const name of seen.names.splice(0)) expect(name).toMatch(/^(?!\.\.?$)[^/\0]+$/);
        if (!atRoot && parts.includes("abs")) expect(result).toBeLessThan(0);
      }),
      { numRuns: 300 },
    );
  });
});
