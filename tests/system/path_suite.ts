/**
 * Paths: what a look-up answers, and that it never leaves its start.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { Filetype, Oflags } from "../../src/witx/types.ts";
import { failed, ROOT } from "./caller.ts";
import type { Subject, SuiteContext } from "./suite.ts";

/** `file`, `dir/`, and links to both and to nothing. */
function populate({ call }: Subject): void {
  call.put("file", "text");
  call.mkdir("dir");
  call.symlink("dir", "ldir");
  call.symlink("file", "lfile");
  call.symlink("nope", "dangling");
}

/** Every call with a path, with that path; none of them is expected to change anything. */
function errorsOf({ call, system }: Subject, path: string): Record<string, unknown> {
  return {
    open: call.open(path),
    create: call.open(path, { oflags: Oflags.CREAT }),
    stat: call.stat(path),
    lstat: call.stat(path, { follow: false }),
    mkdir: call.mkdir(path),
    rmdir: call.rmdir(path),
    unlink: call.unlink(path),
    symlink: call.symlink("x", path),
    readlink: call.readlink(path),
    linkFrom: call.link(path, "unused"),
    linkTo: call.link("file", path),
    renameFrom: call.rename(path, "unused"),
    renameTo: call.rename("file", path),
    utimes: system.path.filestatSetTimes(ROOT, 1, path, 0n, 0n, 0),
  };
}

function all(errno: string, number: number): Record<string, unknown> {
  const withResult = ["open", "create", "stat", "lstat", "readlink"];
  const others = ["mkdir", "rmdir", "unlink", "symlink", "linkFrom", "linkTo", "renameFrom", "renameTo"];
  return {
    ...Object.fromEntries(withResult.map((name) => [name, { errno }])),
    ...Object.fromEntries(others.map((name) => [name, errno])),
    utimes: number,
  };
}

export function pathSuite(context: SuiteContext): void {
  describe("paths", () => {
    test.each([
      ["above the start", ["..", "../x", "dir/../..", "dir/../../dir", "./..", "../file", "..//file"]],
      ["absolute", ["/", "/file", "//file", "/../file"]],
    ])("%s are PERM", (_, paths) => {
      const subject = context.make();
      populate(subject);
      for (const path of paths) expect(errorsOf(subject, path), path).toEqual(all("PERM", 63));
      expect(subject.call.names()).toEqual(["dangling", "dir", "file", "ldir", "lfile"]);
    });

    test("with a NUL are INVAL", () => {
      const subject = context.make();
      populate(subject);
      for (const path of ["\0", "file\0", "dir\0/x", "file\0.txt"]) {
        expect(errorsOf(subject, path), JSON.stringify(path)).toEqual(all("INVAL", 28));
      }
      expect(subject.call.symlink("a\0b", "link")).toBe("INVAL");
    });

    test("that are empty are NOENT", () => {
      const subject = context.make();
      populate(subject);
      expect(errorsOf(subject, "")).toEqual(all("NOENT", 44));
      expect(subject.call.symlink("", "link")).toBe("NOENT");
    });

    test("above 4,096 bytes are NAMETOOLONG", () => {
      const subject = context.make();
      populate(subject);
      const path = "./".repeat(2046);
      expect(subject.call.stat(path + "file")).toMatchObject({ size: 4n });
      expect(subject.call.stat(path + "./file")).toMatchObject({ errno: "NAMETOOLONG" });
      expect(errorsOf(subject, "x/".repeat(2049))).toEqual(all("NAMETOOLONG", 37));
    });

    test("with a component above 255 bytes are NAMETOOLONG", () => {
      const subject = context.make();
      populate(subject);
      const { call } = subject;
      call.put("n".repeat(255), "ok");
      expect(call.get("n".repeat(255))).toBe("ok");
      expect(call.unlink("n".repeat(255))).toBe("SUCCESS");
      for (const path of ["n".repeat(256), "ü".repeat(128), `${"n".repeat(256)}/x`, `dir/${"n".repeat(256)}`]) {
        expect(call.open(path, { oflags: Oflags.CREAT }), path).toEqual(failed("NAMETOOLONG"));
        expect(call.stat(path), path).toEqual(failed("NAMETOOLONG"));
      }
    });

    test("go through `.`, `..` and superfluous slashes", () => {
      const subject = context.make();
      populate(subject);
      const { call } = subject;
      call.put("dir/inner", "deep");
      for (
        const path of [
          "dir/inner",
          "./dir/./inner",
          "dir//inner",
          "dir/../dir/inner",
          "ldir/inner",
          "ldir/../dir/inner",
        ]
      ) {
        expect(call.get(path), path).toBe("deep");
      }
    });

    test("are NOTDIR through a file, NOENT through nothing", () => {
      const subject = context.make();
      populate(subject);
      const { call } = subject;
      for (const path of ["file/x", "lfile/x", "file/..", "file/."]) {
        expect(call.stat(path), path).toEqual(failed("NOTDIR"));
      }
      for (const path of ["nope/x", "dangling/x", "nope/..", "dir/nope/x"]) {
        expect(call.stat(path), path).toEqual(failed("NOENT"));
      }
    });

    test("may be of any letters", () => {
      const { call } = context.make();
      for (const name of ["…", "日本", "a\nb", "-rf", " ", "a\\b", "con", "🦊", "\u{7f}"]) {
        call.put(name, name);
        expect(call.get(name), name).toBe(name);
      }
      expect(call.names()).toHaveLength(9);
    });
  });

  describe("symbolic links", () => {
    test("that lead to themselves are LOOP", () => {
      const { call } = context.make();
      call.symlink("loop", "loop");
      call.symlink("b", "a");
      call.symlink("a", "b");
      for (const path of ["loop", "loop/", "loop/x", "a", "a/x"]) {
        expect(call.stat(path), path).toEqual(failed("LOOP"));
        expect(call.open(path), path).toEqual(failed("LOOP"));
      }
      expect(call.stat("loop", { follow: false })).toMatchObject({ filetype: Filetype.SYMBOLIC_LINK, size: 4n });
    });

    test("are followed 40 times, and no more", () => {
      const { call } = context.make();
      call.put("l0", "end");
      for (let i = 1; i <= 41; i++) call.symlink(`l${i - 1}`, `l${i}`);
      expect(call.get("l40")).toBe("end");
      expect(call.get("l41")).toEqual(failed("LOOP"));
    });

    test("lead no further than `..` does", () => {
      const { call } = context.make();
      call.mkdir("dir");
      call.put("file", "text");
      call.symlink("../file", "dir/up");
      call.symlink("../../file", "dir/out");
      call.symlink("..", "parent");
      expect(call.get("dir/up")).toBe("text");
      expect(call.get("dir/out")).toEqual(failed("PERM"));
      expect(call.get("parent/file")).toEqual(failed("PERM"));
      const fd = call.mustOpen("dir", { oflags: Oflags.DIRECTORY, rights: 0x2000 });
      expect(call.open("up", { fd })).toEqual(failed("PERM"));
    });

    test("can't be made with an absolute target", () => {
      expect(context.make().call.symlink("/etc/passwd", "link")).toBe("PERM");
    });

    test("with an absolute target start at the root that the walk began at", () => {
      const root = context.backend().emptyRoot();
      expect(root.symlinkat("/dir/file", "absolute")).toBe(0);
      expect(root.symlinkat("/", "root")).toBe(0);
      expect(root.symlinkat("/../dir/file", "above")).toBe(0);
      const { call } = context.make({ mounts: { "/": { root } } });
      call.mkdir("dir");
      call.put("dir/file", "text");
      expect(call.get("absolute")).toBe("text");
      expect(call.get("root/dir/file")).toBe("text");
      expect(call.get("root/absolute")).toBe("text");
      expect(call.get("above")).toEqual(failed("PERM"));
      call.symlink("../absolute", "dir/up");
      expect(call.get("dir/up")).toBe("text");
      const fd = call.mustOpen("dir", { oflags: Oflags.DIRECTORY, rights: 0x2000 });
      expect(call.open("up", { fd })).toEqual(failed("PERM"));
    });

    test("with an absolute target are PERM in any other mount", () => {
      const root = context.backend().emptyRoot();
      expect(root.symlinkat("/data/file", "absolute")).toBe(0);
      const { call } = context.make({ mounts: { "/data": { root } } });
      call.put("file", "text");
      expect(call.get("absolute")).toEqual(failed("PERM"));
      expect(call.stat("absolute", { follow: false })).toMatchObject({ filetype: Filetype.SYMBOLIC_LINK });
    });

    test("at the end are followed only with SYMLINK_FOLLOW, or a slash behind", () => {
      const subject = context.make();
      populate(subject);
      const { call } = subject;
      expect(call.open("lfile", { follow: false })).toEqual(failed("LOOP"));
      expect(call.open("lfile")).toBeGreaterThan(ROOT);
      expect(call.stat("ldir", { follow: false })).toMatchObject({ filetype: Filetype.SYMBOLIC_LINK });
      expect(call.stat("ldir/", { follow: false })).toMatchObject({ filetype: Filetype.DIRECTORY });
      expect(call.stat("ldir")).toMatchObject({ filetype: Filetype.DIRECTORY });
      expect(call.stat("dangling")).toEqual(failed("NOENT"));
    });

    test("to nothing are made real by opening them to create", () => {
      const subject = context.make();
      populate(subject);
      const { call } = subject;
      expect(call.open("dangling", { oflags: Oflags.CREAT | Oflags.EXCL })).toEqual(failed("EXIST"));
      call.put("dangling", "made");
      expect(call.get("nope")).toBe("made");
    });

    test("are read cut to the buffer", () => {
      const { call } = context.make();
      call.symlink("some/where", "link");
      expect(call.readlink("link")).toBe("some/where");
      expect(call.readlink("link", { length: 4 })).toBe("some");
      expect(call.readlink("link", { length: 0 })).toBe("");
      call.put("file", "");
      expect(call.readlink("file")).toEqual(failed("INVAL"));
      expect(call.readlink(".")).toEqual(failed("INVAL"));
      expect(call.readlink("nope")).toEqual(failed("NOENT"));
    });

    test("lead no one out through a directory that was opened before", () => {
      const { call } = context.make();
      call.mkdir("a");
      call.mkdir("a/b");
      call.put("secret", "no");
      const fd = call.mustOpen("a/b", { oflags: Oflags.DIRECTORY, rights: 0x2000 });
      expect(call.rename("a/b", "b")).toBe("SUCCESS");
      expect(call.open("../secret", { fd })).toEqual(failed("PERM"));
      expect(call.open("..", { fd })).toEqual(failed("PERM"));
    });
  });

  describe("slashes and dots at the end", () => {
    const linux: readonly (readonly [string, (subject: Subject) => unknown, unknown])[] = [
      ["symlink to dir/", ({ call }) => call.symlink("x", "dir/"), "EXIST"],
      ["symlink to file/", ({ call }) => call.symlink("x", "file/"), "EXIST"],
      ["symlink to new/", ({ call }) => call.symlink("x", "new/"), "NOENT"],
      ["symlink to dangling/", ({ call }) => call.symlink("x", "dangling/"), "EXIST"],
      ["link from file/", ({ call }) => call.link("file/", "new"), "NOTDIR"],
      ["link from lfile/", ({ call }) => call.link("lfile/", "new"), "NOTDIR"],
      ["link from dir", ({ call }) => call.link("dir", "new"), "PERM"],
      ["link from dir/.", ({ call }) => call.link("dir/.", "new"), "PERM"],
      ["link to new/", ({ call }) => call.link("file", "new/"), "NOENT"],
      ["link to dir/", ({ call }) => call.link("file", "dir/"), "EXIST"],
      ["link to file/", ({ call }) => call.link("file", "file/"), "EXIST"],
      ["link from nothing to file", ({ call }) => call.link("nope", "file"), "NOENT"],
      ["readlink of ldir/", ({ call }) => call.readlink("ldir/"), failed("INVAL")],
      ["readlink of lfile/", ({ call }) => call.readlink("lfile/"), failed("NOTDIR")],
      ["readlink of dangling/", ({ call }) => call.readlink("dangling/"), failed("NOENT")],
      ["readlink of file/", ({ call }) => call.readlink("file/"), failed("NOTDIR")],
      ["open of nope as directory", ({ call }) => call.open("nope", { oflags: Oflags.DIRECTORY }), failed("NOENT")],
      ["open of file as directory", ({ call }) => call.open("file", { oflags: Oflags.DIRECTORY }), failed("NOTDIR")],
      ["open of nope/", ({ call }) => call.open("nope/"), failed("NOENT")],
      ["open of file/", ({ call }) => call.open("file/"), failed("NOTDIR")],
      ["open of lfile/", ({ call }) => call.open("lfile/"), failed("NOTDIR")],
      ["open of file/ to read", ({ call }) => call.open("file/", { rights: 2 }), failed("NOTDIR")],
      ["open of dir to write", ({ call }) => call.open("dir"), failed("ISDIR")],
      ["open of dir/ to write", ({ call }) => call.open("dir/"), failed("ISDIR")],
      ["open of ldir/ to write", ({ call }) => call.open("ldir/"), failed("ISDIR")],
      ["creation of nope/", ({ call }) => call.open("nope/", { oflags: Oflags.CREAT }), failed("ISDIR")],
      ["creation of file/", ({ call }) => call.open("file/", { oflags: Oflags.CREAT }), failed("ISDIR")],
      ["creation of dir", ({ call }) => call.open("dir", { oflags: Oflags.CREAT, rights: 2 }), failed("ISDIR")],
      ["creation of dir/.", ({ call }) => call.open("dir/.", { oflags: Oflags.CREAT | Oflags.EXCL }), failed("EXIST")],
      ["creation of dir/..", ({ call }) => call.open("dir/..", { oflags: Oflags.CREAT }), failed("ISDIR")],
      ["new creation of dir", ({ call }) => call.open("dir", { oflags: Oflags.CREAT | Oflags.EXCL }), failed("EXIST")],
      ["mkdir of file/", ({ call }) => call.mkdir("file/"), "EXIST"],
      ["mkdir of dangling/", ({ call }) => call.mkdir("dangling/"), "EXIST"],
      ["mkdir of dir/.", ({ call }) => call.mkdir("dir/."), "EXIST"],
      ["mkdir of new/", ({ call }) => call.mkdir("new/"), "SUCCESS"],
      ["rmdir of file/", ({ call }) => call.rmdir("file/"), "NOTDIR"],
      ["rmdir of ldir", ({ call }) => call.rmdir("ldir"), "NOTDIR"],
      ["rmdir of ldir/", ({ call }) => call.rmdir("ldir/"), "NOTDIR"],
      ["rmdir of dir/.", ({ call }) => call.rmdir("dir/."), "INVAL"],
      ["rmdir of dir/", ({ call }) => call.rmdir("dir/"), "SUCCESS"],
      ["unlink of file/", ({ call }) => call.unlink("file/"), "NOTDIR"],
      ["unlink of dir", ({ call }) => call.unlink("dir"), "ISDIR"],
      ["unlink of dir/", ({ call }) => call.unlink("dir/"), "ISDIR"],
      ["unlink of ldir/", ({ call }) => call.unlink("ldir/"), "NOTDIR"],
      ["unlink of dangling/", ({ call }) => call.unlink("dangling/"), "NOTDIR"],
      ["unlink of nope/", ({ call }) => call.unlink("nope/"), "NOENT"],
      ["unlink of dir/.", ({ call }) => call.unlink("dir/."), "ISDIR"],
      ["rename of file/", ({ call }) => call.rename("file/", "new"), "NOTDIR"],
      ["rename of file to new/", ({ call }) => call.rename("file", "new/"), "NOTDIR"],
      ["rename of file to dir/", ({ call }) => call.rename("file", "dir/"), "NOTDIR"],
      ["rename of file to dir", ({ call }) => call.rename("file", "dir"), "ISDIR"],
      ["rename of file to file/", ({ call }) => call.rename("file", "file/"), "NOTDIR"],
      ["rename of dir to file", ({ call }) => call.rename("dir", "file"), "NOTDIR"],
      ["rename of dir to ldir", ({ call }) => call.rename("dir", "ldir"), "NOTDIR"],
      ["rename of dir to ldir/", ({ call }) => call.rename("dir", "ldir/"), "NOTDIR"],
      ["rename of dir to dangling/", ({ call }) => call.rename("dir", "dangling/"), "NOTDIR"],
      ["rename of ldir/", ({ call }) => call.rename("ldir/", "new"), "NOTDIR"],
      ["rename of dir below itself", ({ call }) => call.rename("dir", "dir/sub"), "INVAL"],
      ["rename of .", ({ call }) => call.rename(".", "new"), "BUSY"],
      ["rename to .", ({ call }) => call.rename("dir", "."), "BUSY"],
      ["rename of dir/..", ({ call }) => call.rename("dir/..", "new"), "BUSY"],
      ["rename of dir/ to new/", ({ call }) => call.rename("dir/", "new/"), "SUCCESS"],
      ["stat of file/", ({ call }) => call.stat("file/"), failed("NOTDIR")],
      ["stat of lfile/", ({ call }) => call.stat("lfile/"), failed("NOTDIR")],
    ];

    test.each(linux)("%s is as on Linux", (_, perform, expected) => {
      const subject = context.make();
      populate(subject);
      expect(perform(subject)).toEqual(expected);
    });
  });

  describe("names that are not UTF-8", () => {
    const NAME = "caf\udce9 \udcff";

    test("are names like others, or ILSEQ where the host has no such names", () => {
      const { call } = context.make();
      const takesBytes = context.backend().emptyRoot().takesBytes === true;
      call.put("file", "content");
      call.mkdir("dir");
      if (!takesBytes) {
        for (const path of [NAME, `dir/${NAME}`, `${NAME}/file`, `./${NAME}`, `${NAME}/`]) {
          expect(call.open(path, { oflags: Oflags.CREAT }), path).toEqual(failed("ILSEQ"));
          expect(call.stat(path), path).toEqual(failed("ILSEQ"));
          expect(call.mkdir(path), path).toBe("ILSEQ");
          expect(call.rmdir(path), path).toBe("ILSEQ");
          expect(call.unlink(path), path).toBe("ILSEQ");
          expect(call.symlink("target", path), path).toBe("ILSEQ");
          expect(call.readlink(path), path).toEqual(failed("ILSEQ"));
          expect(call.rename("file", path), path).toBe("ILSEQ");
          expect(call.rename(path, "file"), path).toBe("ILSEQ");
          expect(call.link("file", path), path).toBe("ILSEQ");
        }
        expect(call.symlink(NAME, "link")).toBe("ILSEQ");
        expect(call.names()).toEqual(["dir", "file"]);
        expect(call.names("dir")).toEqual([]);
        return;
      }
      expect(call.mkdir(NAME)).toBe("SUCCESS");
      expect(call.mkdir(NAME)).toBe("EXIST");
      call.put(`${NAME}/${NAME}`, "text");
      expect(call.get(`dir/../${NAME}/${NAME}`)).toBe("text");
      expect(call.stat(`${NAME}/${NAME}`)).toMatchObject({ size: 4n });
      expect(call.rename(`${NAME}/${NAME}`, `dir/${NAME}`)).toBe("SUCCESS");
      expect(call.symlink(`dir/${NAME}`, `${NAME}2`)).toBe("SUCCESS");
      expect(call.get(`${NAME}2`)).toBe("text");
      expect(call.link(`dir/${NAME}`, `${NAME}3`)).toBe("SUCCESS");
      expect(call.get(`${NAME}3`)).toBe("text");
      expect(call.unlink(`${NAME}3`)).toBe("SUCCESS");
      expect(call.rmdir(NAME)).toBe("SUCCESS");
      // U+FFFD, which decoders put in the place of such bytes, is a name of its own.
      expect(call.stat("caf\ufffd \ufffd2")).toEqual(failed("NOENT"));
    });

    test("have as many bytes as they have", () => {
      const { call } = context.make();
      if (context.backend().emptyRoot().takesBytes !== true) return;
      expect(call.mkdir("\udcff".repeat(255))).toBe("SUCCESS");
      expect(call.mkdir("\udcff".repeat(256))).toBe("NAMETOOLONG");
      expect(call.names()).toHaveLength(1);
    });
  });
}
