import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OpenFile } from "../../src/core/fs/file.ts";
import { Listings } from "../../src/core/fs/listings.ts";
import { Mount, MountedDirectory, nestMounts } from "../../src/core/fs/mounted_directory.ts";
import { OpenDirectory } from "../../src/core/fs/directory.ts";
import type { PlatformDirectory } from "../../src/contract/platform.ts";
import { Errno } from "../../src/witx/errno.ts";
import { Filetype } from "../../src/witx/types.ts";
import { memoryDirectory } from "../../src/platform/memory/mod.ts";
import { flags, made, open, readText, writeText } from "../platform/under_test.ts";
import { BACKENDS, type Files } from "../wasi/filesystem/file_guest.ts";

const encoder = new TextEncoder();

describe.each(BACKENDS)("a file of %s", (_name, make) => {
  let files: Files;
  beforeEach(() => {
    files = make();
    writeText(files.root, "f", "0123");
  });
  afterEach(() => files.remove());

  function opened(append: boolean): OpenFile {
    const file = open(files.root, "f", flags({ write: true, append }));
    return new OpenFile(file, { readOnly: false, writable: true, append });
  }

  function write(file: OpenFile, text: string, offset: number): void {
    expect(file.pwrite(encoder.encode(text), 0, text.length, offset)).toBe(text.length);
  }

  function append(file: OpenFile, text: string): void {
    expect(file.append(encoder.encode(text), 0, text.length)).toBe(text.length);
  }

  test("takes writes at its end between others, though it is not in append mode", () => {
    const file = opened(false);
    append(file, "ab");
    write(file, "X", 0);
    append(file, "cd");
    append(file, "ef");
    const iovs = { bytes: encoder.encode("YZ"), starts: Uint32Array.of(0, 1), lengths: Uint32Array.of(1, 1), count: 2 };
    expect(file.writeAt(iovs, 1)).toBe(2);
    append(file, "g");
    expect(file.write({ ...iovs, count: 1 })).toBe(1);
    file.close();
    expect(readText(files.root, "f")).toBe("YYZ3abcdefg");
  });

  test("in append mode takes all writes at its end", () => {
    const file = opened(true);
    write(file, "X", 0);
    append(file, "ab");
    write(file, "Y", 1);
    file.close();
    expect(readText(files.root, "f")).toBe("0123XabY");
  });

  test("reads one buffer at an offset", () => {
    const file = opened(false);
    const bytes = new Uint8Array(8);
    expect(file.pread(bytes, 2, 3, 1)).toBe(3);
    expect([...bytes]).toEqual([0, 0, ...encoder.encode("123"), 0, 0, 0]);
    expect(file.pread(bytes, 0, 8, 4)).toBe(0);
    file.close();
  });
});

/** A directory in which some calls are others. */
function altered(directory: PlatformDirectory, changes: Partial<PlatformDirectory>): PlatformDirectory {
  return new Proxy(directory, {
    get: (target, key) => {
      const value: unknown = Reflect.get(Object.hasOwn(changes, key) ? changes : target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

describe("the entries of a directory", () => {
  const tree = memoryDirectory({ dir: { sub: {}, a: "", b: "" } });

  function names(mounts: readonly Mount[], path?: string): string[] {
    const [root] = mounts;
    const top = MountedDirectory.rootOf(root!);
    const directory = path === undefined
      ? top
      : new MountedDirectory(made(root!.root.openDirectory(path)), root!, path);
    const entries = made(new OpenDirectory(directory).entries());
    const found: string[] = [];
    for (let entry = entries.next(); entry !== undefined; entry = entries.next()) {
      if (typeof entry === "number") throw new Error(`failed with ${entry}`);
      found.push(`${entry.name} ${entry.filetype}`);
    }
    expect(entries.next()).toBeUndefined();
    entries.close();
    entries.close();
    return found.sort();
  }

  test("are the same whether the listing is held or not, without . and ..", () => {
    const expected = [`a ${Filetype.REGULAR_FILE}`, `b ${Filetype.REGULAR_FILE}`, `sub ${Filetype.DIRECTORY}`];
    for (const room of [1000, 0]) {
      const listings = new Listings(room);
      expect(names([new Mount("/", tree, { listings })], "dir")).toEqual(expected);
      expect(names([new Mount("/", tree, { listings })], "dir")).toEqual(expected);
      expect(listings.size).toBe(room === 0 ? 5 : 0);
    }
  });

  test("include mounts", () => {
    const mounts = ["/", "/dir", "/other"].map((path) => new Mount(path, tree));
    nestMounts(mounts);
    expect(names(mounts)).toEqual([`dir ${Filetype.DIRECTORY}`, `other ${Filetype.DIRECTORY}`]);
  });

  test("have a type even if the listing has none", () => {
    const root = altered(tree, { readdir: () => [{ name: "dir", filetype: Filetype.UNKNOWN, ino: 0n }] });
    expect(names([new Mount("/", root)])).toEqual([`dir ${Filetype.DIRECTORY}`]);
  });

  test("are those of the time when they were asked for", () => {
    const root = memoryDirectory({ a: "" });
    const directory = new OpenDirectory(MountedDirectory.rootOf(new Mount("/", root)));
    const entries = made(directory.entries());
    root.writeFile("b", "");
    directory.close();
    expect(entries.next()).toMatchObject({ name: "a" });
    expect(entries.next()).toBeUndefined();
    entries.close();
  });

  test("of a directory that can't be listed are a failure", () => {
    const root = altered(tree, { readdir: () => -Errno.ACCES });
    expect(new OpenDirectory(MountedDirectory.rootOf(new Mount("/", root))).entries()).toBe(-Errno.ACCES);
  });
});
