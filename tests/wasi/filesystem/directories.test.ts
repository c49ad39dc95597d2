import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { posix } from "../../../src/platform/posix/mod.ts";
import { textOfBytes } from "../../../src/text/byte_text.ts";
import { Errno } from "../../../src/witx/errno.ts";
import { BACKENDS, code, DIRECTORY, FileGuest, type Files, made } from "./file_guest.ts";

describe.each(BACKENDS)("a directory on %s", (_name, make) => {
  let files: Files;
  let guest: FileGuest;
  beforeEach(() => {
    files = make();
    guest = new FileGuest(files.platform, { "/": { root: files.root } });
    for (const path of ["dir", "dir/sub", "dir/empty"]) made(guest.mkdir(path));
    guest.put("dir/file", "");
    guest.put("dir/\u00fcml\u00e4ut \u{1f600}", "");
    made(guest.symlink("nowhere", "dir/link"));
  });
  afterEach(() => files.remove());

  const LISTED = [
    "empty directory",
    "file regular-file",
    "link symbolic-link",
    "sub directory",
    "\u00fcml\u00e4ut \u{1f600} regular-file",
  ];

  test("lists names and types, without . and ..", () => {
    expect(guest.list(made(guest.open("dir")))).toEqual(LISTED);
    expect(guest.list(made(guest.open("dir/empty")))).toEqual([]);
    expect(guest.list(guest.root)).toEqual(["dir directory"]);
  });

  test("is listed by several streams, each of its own", () => {
    const directory = made(guest.open("dir", { open: DIRECTORY }));
    const streams = [made(guest.readDirectory(directory)), made(guest.readDirectory(directory))];
    const first = streams.map((stream) => made(guest.nextEntry(stream)));
    expect(first[0]).toEqual(first[1]);
    guest.dropEntries(streams[0]!);
    guest.drop(directory);
    let rest = 0;
    while (made(guest.nextEntry(streams[1]!)) !== undefined) rest++;
    expect(rest).toBe(LISTED.length - 1);
    for (let i = 0; i < 3; i++) expect(guest.nextEntry(streams[1]!)).toEqual({ tag: "ok", val: undefined });
    guest.dropEntries(streams[1]!);
  });

  test("is listed as it was", () => {
    const directory = made(guest.open("dir"));
    const stream = made(guest.readDirectory(directory));
    made(guest.unlink("dir/file"));
    guest.put("dir/new", "");
    let count = 0;
    while (made(guest.nextEntry(stream)) !== undefined) count++;
    expect(count).toBe(LISTED.length);
    expect(guest.list(directory)).toContain("new regular-file");
  });

  test("shows the mounts in it, in place of what they cover", () => {
    const other = make();
    const nested = new FileGuest(files.platform, {
      "/": { root: files.root },
      "/dir/file": { root: other.root },
      "/dir/mounted": { root: other.root },
      "/dir/sub/deeper": { root: other.root },
    });
    const listed = nested.list(made(nested.open("dir")));
    expect(listed).toContain("file directory");
    expect(listed).toContain("mounted directory");
    expect(nested.list(made(nested.open("dir/sub")))).toEqual(["deeper directory"]);
    expect(code(nested.rename("dir/mounted", "x"))).toBe("busy");
    expect(code(nested.rmdir("dir/sub"))).toBe("busy");
    nested.put("dir/mounted/inside", "x");
    expect(nested.text("inside", nested.preopens.get("/dir/file"))).toBe("x");
    expect(code(nested.rename("dir/mounted/inside", "dir/inside"))).toBe("cross-device");
    expect(code(nested.link("dir/mounted/inside", "dir/inside"))).toBe("cross-device");
    const [inner, outer] = ["/dir/mounted", "/dir/file"].map((path) => nested.preopens.get(path)!);
    expect(nested.method("is-same-object", inner!, nested.descriptor(outer!))).toBe(true);
    other.remove();
  });

  test("has an error for each name that is not UTF-8, and goes on behind it", () => {
    const name = textOfBytes(Uint8Array.of(0x62, 0xff));
    const root = files.path === undefined ? files.root : posix().openRoot(files.path);
    const result = root.mkdirat(name);
    if (result === -Errno.ILSEQ) return; // The file system takes no such names.
    expect(result).toBe(0);
    // Deno's own calls show such names with U+FFFD.
    const shown = files.platform.name === "deno" ? "b\ufffd directory" : "illegal-byte-sequence";
    expect(guest.list(guest.root)).toEqual([shown, "dir directory"].sort());
  });

  test("that is gone can't be changed", () => {
    const gone = made(guest.open("dir/empty"));
    made(guest.rmdir("dir/empty"));
    expect(code(guest.mkdir("x", gone))).toBe("no-entry");
    expect(code(guest.statAt("x", true, gone))).toBe("no-entry");
    expect(code(guest.open("..", {}, gone))).toBe("not-permitted");
  });

  test("with many entries is listed completely", () => {
    if (files.path !== undefined) mkdirSync(join(files.path, "many"));
    else made(guest.mkdir("many"));
    for (let i = 0; i < 300; i++) guest.put(`many/${i}`, "");
    expect(guest.list(made(guest.open("many"))).length).toBe(300);
  });
});
