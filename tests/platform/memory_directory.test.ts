import { describe, expect, it } from "vitest";
import { MemoryDirectory, memoryDirectory, type MemoryTree, symlink } from "../../src/platform/memory/mod.ts";
import { Filetype } from "../../src/witx/types.ts";

/** What `call` throws. */
function thrownBy(call: () => unknown): Error & { code?: unknown } {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("The call threw no error");
}

const TREE: MemoryTree = {
  "a.txt": "häuser",
  "b.bin": new Uint8Array([0, 255, 10]),
  d: { "c.txt": "deep", e: { "f.txt": "deeper", top: symlink("/a.txt") }, empty: {} },
  link: symlink("d/c.txt"),
  way: symlink("d"),
  round: symlink("round"),
  dangling: symlink("nowhere"),
  absolute: symlink("/d/e/f.txt"),
};

describe("memoryDirectory", () => {
  it("makes what the object says", () => {
    const root = memoryDirectory(TREE);
    expect(root).toBeInstanceOf(MemoryDirectory);
    expect(root.readText("a.txt")).toBe("häuser");
    expect(root.readFile("b.bin")).toEqual(new Uint8Array([0, 255, 10]));
    expect(root.readText("d/e/f.txt")).toBe("deeper");
    expect(root.entries("d/empty")).toEqual([]);
    expect(root.readlinkat("link")).toBe("d/c.txt");
  });

  it("makes an empty one of nothing", () => {
    expect(memoryDirectory().entries()).toEqual([]);
  });

  it("lists entries in the order in which they were made, with type and serial number", () => {
    const entries = memoryDirectory(TREE).entries("/d/");
    expect(entries.map(({ name, filetype }) => [name, filetype])).toEqual([
      ["c.txt", Filetype.REGULAR_FILE],
      ["e", Filetype.DIRECTORY],
      ["empty", Filetype.DIRECTORY],
    ]);
    expect(new Set(entries.map(({ ino }) => ino)).size).toBe(3);
  });

  it("shares no bytes with the object, nor with what it gives back", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const root = memoryDirectory({ a: bytes });
    bytes[0] = 9;
    root.readFile("a")[1] = 9;
    expect([...root.readFile("a")]).toEqual([1, 2, 3]);
  });

  it("keeps a byte order mark", () => {
    expect(memoryDirectory({ a: "\ufeffx" }).readText("a")).toBe("\ufeffx");
  });

  it.each(["", ".", "..", "a/b", "/", "a\0b"])("refuses the name %j", (name) => {
    const error = thrownBy(() => memoryDirectory({ d: { [name]: "x" } }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(`Cannot make "d/${name}" in memory`);
  });

  it.each([[1], [null], [undefined], [[]], [new ArrayBuffer(1)], [new Date()], [() => {}]])(
    "refuses the content %o",
    (value) => {
      const tree = { a: value } as unknown as MemoryTree;
      expect(thrownBy(() => memoryDirectory(tree)).message).toBe(
        'Cannot make "a" in memory: it is neither a text, bytes, an object nor a symlink',
      );
    },
  );

  it("refuses names that are too long, and links to nothing", () => {
    expect(thrownBy(() => memoryDirectory({ ["x".repeat(256)]: "" })).code).toBe("ENAMETOOLONG");
    expect(thrownBy(() => memoryDirectory({ a: symlink("") })).code).toBe("ENOENT");
  });

  it("refuses trees that are larger than its limits", () => {
    expect(thrownBy(() => memoryDirectory({ a: "123" }, { maxBytes: 2 })).code).toBe("ENOSPC");
    expect(thrownBy(() => memoryDirectory({ a: {}, b: {} }, { maxNames: 1 })).code).toBe("ENOSPC");
  });
});

describe("a MemoryDirectory, for the host program", () => {
  it("follows symbolic links, and paths with dots and slashes", () => {
    const root = memoryDirectory(TREE);
    for (const path of ["link", "way/c.txt", "/d/c.txt", "./d//c.txt", "d/e/../c.txt", "../../d/c.txt"]) {
      expect(root.readText(path)).toBe("deep");
    }
    expect(root.readText("absolute")).toBe("deeper");
    expect(root.readText("d/e/top")).toBe("häuser");
    expect(root.entries("way").length).toBe(3);
  });

  it("writes files, and makes the directories that they lie in", () => {
    const root = memoryDirectory(TREE);
    root.writeFile("new/and/deep.txt", "text");
    root.writeFile("b.bin", new Uint8Array([1]));
    root.writeFile("link", "through the link");
    expect(root.readText("new/and/deep.txt")).toBe("text");
    expect([...root.readFile("b.bin")]).toEqual([1]);
    expect(root.readText("d/c.txt")).toBe("through the link");
    expect(root.readlinkat("link")).toBe("d/c.txt");
  });

  it("makes directories of a path with dots as a shell would", () => {
    const root = memoryDirectory();
    root.writeFile("new/../a.txt", "x");
    expect(root.entries().map(({ name }) => name)).toEqual(["new", "a.txt"]);
    expect(root.entries("new")).toEqual([]);
  });

  it("opens directories below it, which end `..` and absolute links", () => {
    const below = memoryDirectory(TREE).directoryAt("d");
    expect(below.readText("e/f.txt")).toBe("deeper");
    expect(below.readText("../../c.txt")).toBe("deep");
    expect(memoryDirectory({ d: { f: "inner", l: symlink("/f") }, f: "outer" }).directoryAt("d").readText("l")).toBe(
      "inner",
    );
  });

  it.each<[string, (root: MemoryDirectory) => unknown, string, string]>([
    [
      "reading what is not there",
      (root) => root.readFile("d/none"),
      "ENOENT",
      'Cannot read "d/none": there is no such',
    ],
    ["reading a directory", (root) => root.readText("d"), "EISDIR", 'Cannot read "d": it is a directory'],
    [
      "reading below a file",
      (root) => root.readText("a.txt/x"),
      "ENOTDIR",
      'Cannot read "a.txt/x": a part of it is no',
    ],
    ["reading a file with a slash", (root) => root.readText("a.txt/"), "ENOTDIR", 'Cannot read "a.txt/": a part of'],
    ["reading in a circle", (root) => root.readText("round"), "ELOOP", 'Cannot read "round": too many symbolic links'],
    ["reading a NUL", (root) => root.readText("a\0"), "EINVAL", 'Cannot read "a\0": it has a NUL in it'],
    ["writing a directory", (root) => root.writeFile("d", ""), "EISDIR", 'Cannot write "d": it is a directory'],
    ["writing with a slash", (root) => root.writeFile("x/", ""), "EISDIR", 'Cannot write "x/": it is a directory'],
    ["writing dots", (root) => root.writeFile("x/..", ""), "EISDIR", 'Cannot write "x/..": it is a directory'],
    ["writing below a file", (root) => root.writeFile("a.txt/x", ""), "ENOTDIR", 'Cannot write "a.txt/x": a part of'],
    [
      "writing over a dangling link",
      (root) => root.writeFile("dangling", ""),
      "EEXIST",
      'Cannot write "dangling": the',
    ],
    ["listing a file", (root) => root.entries("a.txt"), "ENOTDIR", 'Cannot open "a.txt": a part of it is not a dir'],
    ["opening what is not there", (root) => root.directoryAt("none"), "ENOENT", 'Cannot open "none": there is no such'],
  ])("throws when %s", (_, call, code, message) => {
    const root = memoryDirectory(TREE);
    const error = thrownBy(() => call(root));
    expect(error.code).toBe(code);
    expect(error.message.startsWith(message)).toBe(true);
    expect(root.entries().length).toBe(8);
  });

  it("throws when a file is larger than the limit", () => {
    const root = memoryDirectory({}, { maxBytes: 3 });
    const error = thrownBy(() => root.writeFile("a", "1234"));
    expect([error.code, error.message]).toEqual([
      "ENOSPC",
      'Cannot write "a": the limit of the file system is reached',
    ]);
  });
});
