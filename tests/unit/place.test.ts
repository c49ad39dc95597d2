import { describe, expect, test } from "vitest";
import { Mount, MountedDirectory, nestMounts } from "../../src/core/fs/mounted_directory.ts";
import type { PlatformDirectory } from "../../src/contract/platform.ts";
import { memoryDirectory } from "../../src/platform/memory/mod.ts";

function mounts(...paths: readonly string[]): Mount[] {
  const made = paths.map((path) => new Mount(path, memoryDirectory()));
  nestMounts(made);
  return made;
}

/** Paths of the mounts that each has beneath it. */
function nesting(made: readonly Mount[]): Record<string, Record<string, string>> {
  return Object.fromEntries(made.map(({ path, nested }) => [
    path,
    Object.fromEntries([...nested].map(([from, mount]) => [from, mount.path])),
  ]));
}

describe("nestMounts", () => {
  test("puts each mount beneath the nearest one above it", () => {
    expect(nesting(mounts("/a/b/c", "/", "/a", "/data"))).toEqual({
      "/": { a: "/a", data: "/data" },
      "/a": { "b/c": "/a/b/c" },
      "/a/b/c": {},
      "/data": {},
    });
  });

  test("takes no path for one beneath another that only begins like it", () => {
    expect(nesting(mounts("/data", "/database", "/data/x"))).toEqual({
      "/data": { x: "/data/x" },
      "/database": {},
      "/data/x": {},
    });
  });

  test("leaves mounts alone that have none above them", () => {
    expect(nesting(mounts("/a/b", "/c"))).toEqual({ "/a/b": {}, "/c": {} });
  });
});

describe("MountedDirectory", () => {
  test("knows which names are mounts, and which have one beneath them", () => {
    const [root, data] = mounts("/", "/data", "/var/lib/app");
    const top = MountedDirectory.rootOf(root!);
    expect(top.mountAt("data")).toBe(data);
    expect(top.mountAt("var")).toBeUndefined();
    expect(["data", "var", "dat", "data2", "other"].map((name) => top.isPinned(name))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    const lib = new MountedDirectory(root!.root, root!, "var/lib");
    expect(lib.mountAt("app")?.path).toBe("/var/lib/app");
    expect(lib.isPinned("ap")).toBe(false);
    expect(lib.childPath("x")).toBe("var/lib/x");
  });

  test("closes its directory with the last reference, and the root of a mount never", () => {
    const [mount] = mounts("/");
    let closed = 0;
    const directory = { close: () => -(++closed) } as unknown as PlatformDirectory;
    const place = new MountedDirectory(directory, mount!, "");
    place.retain().retain();
    expect([place.release(), place.release(), closed]).toEqual([0, 0, 0]);
    expect(place.release()).toBe(-1);
    expect(closed).toBe(1);
    expect(MountedDirectory.rootOf(mount!).release()).toBe(0);
    expect(closed).toBe(1);
  });
});
