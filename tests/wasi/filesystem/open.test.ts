import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Descriptor } from "../../../src/wasi/p2/filesystem/descriptor.ts";
import { openAt } from "../../../src/wasi/p2/filesystem/descriptor_paths.ts";
import { Errno } from "../../../src/witx/errno.ts";
import {
  BACKENDS,
  code,
  CREATE,
  DIRECTORY,
  EXCLUSIVE,
  FileGuest,
  type Files,
  made,
  MUTATE,
  READ,
  RW,
  TRUNCATE,
  WRITE,
} from "./file_guest.ts";

/** What `open-at` answers for a path when links are followed, and when they are not; wasmtime 49 answers the same. */
const PATHS: readonly (readonly [path: string, followed: string, notFollowed?: string])[] = [
  ["", "no-entry"],
  ["/", "not-permitted"],
  ["/f", "not-permitted"],
  ["f/", "not-directory"],
  ["f/.", "not-directory"],
  ["sub/", "ok"],
  ["sub/..", "ok"],
  ["..", "not-permitted"],
  [".", "ok"],
  ["sub/../..", "not-permitted"],
  ["a\0b", "invalid"],
  ["nope", "no-entry"],
  ["nope/x", "no-entry"],
  ["f/x", "not-directory"],
  ["out", "not-permitted", "loop"],
  ["loop", "loop"],
  ["dangling", "no-entry", "loop"],
  ["link", "ok", "loop"],
  ["links", "ok", "loop"],
  ["links/deep", "ok"],
  ["x".repeat(256), "name-too-long"],
  ["x/".repeat(3000), "name-too-long"],
  ["sub/deep", "ok"],
];

/** What `open-at` answers for open flags, for each kind of path; the same in wasmtime 49. */
const OPEN_FLAGS: readonly (readonly [flags: number, codes: Readonly<Record<string, string>>])[] = [
  [CREATE, { f: "ok", sub: "is-directory", dangling: "ok", link: "ok", new: "ok", "new/": "is-directory" }],
  [CREATE | EXCLUSIVE, { f: "exist", sub: "exist", dangling: "exist", link: "exist", new: "ok" }],
  [EXCLUSIVE, { f: "ok", sub: "ok", dangling: "no-entry", link: "ok", new: "no-entry", "new/": "no-entry" }],
  [DIRECTORY, { f: "not-directory", sub: "ok", dangling: "no-entry", link: "not-directory", new: "no-entry" }],
  [TRUNCATE, { f: "ok", sub: "is-directory", dangling: "no-entry", link: "ok", new: "no-entry", "new/": "no-entry" }],
  [DIRECTORY | CREATE, { f: "invalid", sub: "invalid", new: "invalid" }],
  [DIRECTORY | EXCLUSIVE, { f: "invalid", sub: "invalid", new: "invalid" }],
  [DIRECTORY | TRUNCATE, { f: "invalid", sub: "invalid", new: "invalid" }],
];

describe.each(BACKENDS)("open-at on %s", (_name, make) => {
  let files: Files;
  let guest: FileGuest;
  beforeEach(() => {
    files = make();
    guest = new FileGuest(files.platform, { "/data": { root: files.root } });
    guest.put("f", "hello");
    for (const path of ["sub", "sub/deep"]) made(guest.mkdir(path));
    for (const [path, target] of [["link", "f"], ["links", "sub"], ["loop", "loop"], ["out", "../.."]]) {
      made(guest.symlink(target!, path!));
    }
    made(guest.symlink("nope", "dangling"));
  });
  afterEach(() => files.remove());

  test.each(PATHS.map((each) => [each[0], each] as const))("of %j answers its code", (_title, each) => {
    const [path, followed, notFollowed = followed] = each;
    expect(code(guest.open(path))).toBe(followed);
    expect(code(guest.open(path, { follow: false }))).toBe(notFollowed);
  });

  test.each(OPEN_FLAGS)("with open flags %i", (open, codes) => {
    for (const [path, expected] of Object.entries(codes)) {
      const result = guest.open(path, { open });
      expect([path, code(result)]).toEqual([path, expected]);
      if (path === "new" && result.tag === "ok") guest.unlink(path);
      if (path === "dangling" && result.tag === "ok") guest.unlink("nope");
    }
  });

  test("gives the access that was requested, and reading without any", () => {
    const flags = (path: string, requested: number): number | string => {
      const result = guest.open(path, { flags: requested });
      return result.tag === "ok" ? guest.flags(result.val) : result.val;
    };
    expect([0, READ, WRITE, RW, MUTATE, RW | 4, RW | 8, WRITE | 16].map((each) => flags("f", each)))
      .toEqual([READ, READ, WRITE, RW, READ, RW | 4, RW | 8, WRITE | 16]);
    expect([0, READ, WRITE, RW, MUTATE, READ | MUTATE].map((each) => flags("sub", each)))
      .toEqual([READ, READ, "is-directory", "is-directory", READ | MUTATE, READ | MUTATE]);
    expect(guest.flags(guest.root)).toBe(READ | MUTATE);
  });

  test("does not let a file that was opened to be read be written, even if that created or emptied it", () => {
    for (const [path, open] of [["f", 0], ["f", TRUNCATE], ["made", CREATE]] as const) {
      const file = made(guest.open(path, { open }));
      expect(code(guest.write(file, "x"))).toBe("bad-descriptor");
      expect(code(guest.method("set-size", file, 1n))).toBe("invalid");
      expect(code(guest.stream("write-via-stream", file, 0n))).toBe("bad-descriptor");
      expect(code(guest.stream("append-via-stream", file))).toBe("bad-descriptor");
      expect(guest.read(file, 9n).tag).toBe("ok");
    }
    expect(guest.text("f")).toBe("");
  });

  test("does not let a file that was opened to be written be read", () => {
    const file = made(guest.open("f", { flags: WRITE }));
    for (const offset of [0n, 100n, 2n ** 53n, 2n ** 63n]) {
      expect(code(guest.read(file, 0n, offset))).toBe("bad-descriptor");
    }
    expect(code(guest.read(file, 5000n))).toBe("bad-descriptor");
    expect(code(guest.stream("read-via-stream", file, 0n))).toBe("bad-descriptor");
    expect(code(guest.write(file, "x"))).toBe("ok");
  });

  test("tells the type", () => {
    expect(guest.type(made(guest.open("f")))).toBe("regular-file");
    expect(guest.type(made(guest.open("links")))).toBe("directory");
    expect(guest.type(guest.root)).toBe("directory");
  });

  test("starts in any directory, and only in one", () => {
    const sub = made(guest.open("sub", { open: DIRECTORY }));
    expect(code(guest.open("deep", {}, sub))).toBe("ok");
    expect(code(guest.open("../f", {}, sub))).toBe("not-permitted");
    expect(code(guest.open("x", {}, made(guest.open("f"))))).toBe("not-directory");
  });

  test("a directory that was opened without mutate-directory accepts changes, as in wasmtime", () => {
    const sub = made(guest.open("sub", { open: DIRECTORY }));
    expect(guest.flags(sub)).toBe(READ);
    expect(code(guest.mkdir("made", sub))).toBe("ok");
    expect(code(guest.open("made/file", { flags: RW, open: CREATE }, sub))).toBe("ok");
    expect(code(guest.unlink("made/file", sub))).toBe("ok");
    expect(code(guest.rmdir("made", sub))).toBe("ok");
  });

  test("opens no more than the guest may have open, and as many again once they are dropped", () => {
    const few = new FileGuest(files.platform, { "/": { root: files.root } }, { maxOpenFiles: 3 });
    const opened = [made(few.open("f")), made(few.open("f"))];
    expect(code(few.open("f"))).toBe("insufficient-memory");
    expect(code(few.readDirectory(few.root))).toBe("insufficient-memory");
    few.drop(opened[0]!);
    const stream = made(few.stream("read-via-stream", opened[1]!, 0n));
    few.drop(opened[1]!);
    opened[0] = made(few.open("f"));
    expect(code(few.open("f"))).toBe("insufficient-memory");
    few.dropStream(stream, "input-stream");
    expect(code(few.open("f"))).toBe("ok");
  });

  test("counts what is open, which no handle need refer to", () => {
    const few = new FileGuest(files.platform, { "/": { root: files.root } }, { maxOpenFiles: 2 });
    const open = (): Descriptor | number => {
      return openAt(few.descriptor(few.root), "f", { pathFlags: 0, openFlags: 0, flags: READ });
    };
    for (let i = 0; i < 5; i++) {
      expect(openAt(few.descriptor(few.root), "x", { pathFlags: 0, openFlags: 0, flags: 0 })).toBe(-Errno.NOENT);
    }
    const first = open() as Descriptor;
    open();
    expect(open()).toBe(-Errno.MFILE);
    first.retain().close();
    expect(open()).toBe(-Errno.MFILE);
    first.close();
    expect(open()).toBeInstanceOf(Descriptor);
  });
});
