/**
 * Directories: making, removing and renaming them, and listing what is in them.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { Listings } from "../../src/core/fs/listings.ts";
import { Errno } from "../../src/witx/errno.ts";
import { Filetype, Oflags, Rights } from "../../src/witx/types.ts";
import { Caller, type Dirent, failed, parseDirents, ROOT } from "./caller.ts";
import type { SuiteContext } from "./suite.ts";

const LIST = { oflags: Oflags.DIRECTORY, rights: Rights.FD_READDIR };

/** Make files `f000`, `f001`, … */
function fill(call: Caller, count: number): string[] {
  const names = Array.from({ length: count }, (_, i) => `f${String(i).padStart(3, "0")}`);
  for (const name of names) call.put(name, "");
  return names;
}

export function directorySuite(context: SuiteContext): void {
  describe("directories", () => {
    test("are made and removed", () => {
      const { call } = context.make();
      expect(call.mkdir("dir")).toBe("SUCCESS");
      expect(call.mkdir("dir")).toBe("EXIST");
      expect(call.stat("dir")).toMatchObject({ filetype: Filetype.DIRECTORY });
      expect(call.mkdir("dir/sub")).toBe("SUCCESS");
      expect(call.rmdir("dir")).toBe("NOTEMPTY");
      expect(call.rmdir("dir/sub")).toBe("SUCCESS");
      expect(call.rmdir("dir")).toBe("SUCCESS");
      expect(call.rmdir("dir")).toBe("NOENT");
      call.put("file", "");
      expect(call.rmdir("file")).toBe("NOTDIR");
      expect(call.mkdir("nope/sub")).toBe("NOENT");
      expect(call.mkdir("file/sub")).toBe("NOTDIR");
    });

    test("are renamed, with all that is in them", () => {
      const { call } = context.make();
      call.mkdir("a");
      call.put("a/file", "text");
      call.mkdir("empty");
      call.mkdir("full");
      call.put("full/x", "");
      expect(call.rename("a", "full")).toBe("NOTEMPTY");
      expect(call.rename("a", "empty")).toBe("SUCCESS");
      expect(call.get("empty/file")).toBe("text");
      expect(call.rename("empty", "empty")).toBe("SUCCESS");
      expect(call.rename("full/x", "full")).toBe("NOTEMPTY");
      expect(call.names()).toEqual(["empty", "full"]);
    });

    test("that are open go on where they were renamed to", () => {
      const { call } = context.make();
      call.mkdir("a");
      call.mkdir("a/b");
      const a = call.mustOpen("a", { ...LIST, rights: Rights.FD_READDIR | Rights.PATH_OPEN });
      const b = call.mustOpen("a/b", LIST);
      expect(call.rename("a", "c")).toBe("SUCCESS");
      call.put("new", "in a", a);
      call.put("new", "in b", b);
      expect(call.get("c/new")).toBe("in a");
      expect(call.get("c/b/new")).toBe("in b");
      expect(call.list(b).map(({ name }) => name)).toEqual([".", "..", "new"]);
    });

    test("that are open and removed have nothing in them, and take nothing in", () => {
      const { call } = context.make();
      call.mkdir("dir");
      const fd = call.mustOpen("dir", LIST);
      expect(call.rmdir("dir")).toBe("SUCCESS");
      expect(call.open("x", { fd, oflags: Oflags.CREAT })).toEqual(failed("NOENT"));
      expect(call.mkdir("x", fd)).toBe("NOENT");
      expect(call.symlink("target", "x", fd)).toBe("NOENT");
      expect(call.stat("x", { fd })).toEqual(failed("NOENT"));
      expect(call.fdStat(fd)).toMatchObject({ filetype: Filetype.DIRECTORY, nlink: 0n });
      expect(call.stat(".", { fd })).toMatchObject({ filetype: Filetype.DIRECTORY, nlink: 0n });
      const again = call.mustOpen(".", { ...LIST, fd });
      expect(call.fdStat(again)).toEqual(call.fdStat(fd));
      expect(call.list(fd).map(({ name }) => name)).toEqual([".", ".."]);
      expect(call.close(again)).toBe("SUCCESS");
      call.mkdir("dir");
      call.put("dir/other", "");
      expect(call.stat("other", { fd })).toEqual(failed("NOENT"));
      expect(call.close(fd)).toBe("SUCCESS");
    });

    test("are no files", () => {
      const { call, system } = context.make();
      call.mkdir("dir");
      const fd = call.mustOpen("dir", LIST);
      expect(call.read(fd, 1)).toEqual(failed("ISDIR"));
      expect(call.write(fd, "x")).toEqual(failed("BADF"));
      expect(call.pread(fd, 0n, 1)).toEqual(failed("ISDIR"));
      expect(call.pwrite(fd, 0n, "x")).toEqual(failed("BADF"));
      expect(call.seek(fd, 0n, 0)).toEqual(failed("ISDIR"));
      expect(call.tell(fd)).toEqual(failed("ISDIR"));
      expect(call.setSize(fd, 0n)).toBe("ISDIR");
      expect(system.fd.allocate(fd, 0n, 1n)).toBe(Errno.BADF);
      expect(system.fd.advise(fd, 0n, 0n, 0)).toBe(Errno.BADF);
      expect(system.fd.sync(fd)).toBe(Errno.SUCCESS);
      expect(system.fd.datasync(fd)).toBe(Errno.SUCCESS);
      call.put("file", "");
      const file = call.mustOpen("file");
      expect(call.readdirBytes(file, 0n, 100)).toEqual(failed("NOTDIR"));
      expect(call.stat("x", { fd: file })).toEqual(failed("NOTDIR"));
      expect(call.stat("x", { fd: 0 })).toEqual(failed("NOTDIR"));
    });
  });

  describe("listings", () => {
    test("have `.` and `..` first, then every name with its type and serial number", () => {
      const { call } = context.make();
      call.mkdir("dir");
      call.put("dir/file", "");
      call.mkdir("dir/sub");
      call.symlink("file", "dir/link");
      const entries = call.list(call.mustOpen("dir", LIST));
      expect(entries.slice(0, 2).map(({ name, filetype }) => [name, filetype])).toEqual([[".", 3], ["..", 3]]);
      const types = Object.fromEntries(entries.map(({ name, filetype }) => [name, filetype]));
      expect(types).toEqual({
        ".": Filetype.DIRECTORY,
        "..": Filetype.DIRECTORY,
        file: Filetype.REGULAR_FILE,
        sub: Filetype.DIRECTORY,
        link: Filetype.SYMBOLIC_LINK,
      });
      for (const { name, ino } of entries.slice(2)) {
        expect(ino, name).toBe((call.stat(`dir/${name}`, { follow: false }) as { ino: bigint }).ino);
      }
      expect(entries[0]!.ino).toBe((call.stat("dir") as { ino: bigint }).ino);
      expect(entries[1]!.ino).toBe((call.stat(".") as { ino: bigint }).ino);
    });

    test("of a preopen have the directory itself as `..`", () => {
      const { call } = context.make();
      const [self, parent] = call.list(ROOT);
      expect(parent!.ino).toBe(self!.ino);
    });

    test.each([24, 25, 26, 27, 30, 49, 60, 100, 1000])("are the same through buffers of %i bytes", (length) => {
      const { call } = context.make();
      const names = fill(call, 20);
      call.mkdir("ü".repeat(30));
      const whole = call.list(ROOT, 65536);
      expect(whole.map(({ name }) => name).sort()).toEqual([".", "..", ...names, "ü".repeat(30)].sort());
      if (length >= 24 + 60) expect(call.list(ROOT, length)).toEqual(whole);
      else {
        let cookie = 0n;
        for (const entry of whole) {
          const bytes = call.readdirBytes(ROOT, cookie, length) as Uint8Array;
          const all = call.readdirBytes(ROOT, cookie, 4096) as Uint8Array;
          expect(bytes, "a truncated record is the start of the whole one").toEqual(all.subarray(0, length));
          cookie = entry.next;
        }
        expect(call.readdirBytes(ROOT, cookie, length)).toHaveLength(0);
      }
    });

    test("fill the buffer to its last byte while there is more", () => {
      const { call } = context.make();
      fill(call, 3);
      const whole = call.readdirBytes(ROOT, 0n, 4096) as Uint8Array;
      expect(whole).toHaveLength(3 * 28 + 25 + 26);
      for (let length = 0; length <= whole.length; length++) {
        expect(call.readdirBytes(ROOT, 0n, length)).toEqual(whole.subarray(0, length));
      }
      expect(call.readdirBytes(ROOT, 0n, whole.length + 1)).toHaveLength(whole.length);
    });

    test("stay as they are while names come and go, and are taken anew at cookie 0", () => {
      const { call } = context.make();
      const names = fill(call, 30);
      const fd = call.mustOpen(".", LIST);
      const seen: string[] = [];
      let cookie = 0n;
      for (let i = 0;; i++) {
        const entries = parseDirents(call.readdirBytes(fd, cookie, 90) as Uint8Array);
        if (entries.length === 0) break;
        seen.push(...entries.map(({ name }) => name));
        cookie = entries.at(-1)!.next;
        if (i < names.length) call.unlink(names[i]!);
        call.put(`new${i}`, "");
      }
      expect(seen.slice(2).sort()).toEqual(names);
      const anew = call.list(fd).map(({ name }) => name);
      expect(anew.some((name) => name.startsWith("new"))).toBe(true);
      expect(anew).not.toContain(names[0]);
    });

    test("may be left off and taken up at any cookie", () => {
      const { call } = context.make();
      fill(call, 10);
      const whole = call.list(ROOT);
      for (const at of [7, 2, 9, 0, 11]) {
        const rest = parseDirents(call.readdirBytes(ROOT, whole[at]!.next, 4096) as Uint8Array);
        expect(rest).toEqual(whole.slice(at + 1));
      }
    });

    test("end at cookies that were never given", () => {
      const { call } = context.make();
      fill(call, 3);
      for (const cookie of [6n, 1000n, 2n ** 40n, 2n ** 63n - 1n]) {
        expect(call.readdirBytes(ROOT, cookie, 100), String(cookie)).toHaveLength(0);
      }
      for (const cookie of [-1n, -(2n ** 63n)]) expect(call.readdirBytes(ROOT, cookie, 100)).toEqual(failed("INVAL"));
    });

    test("of two descriptors do not disturb each other", () => {
      const { call } = context.make();
      fill(call, 5);
      const [one, two] = [call.mustOpen(".", LIST), call.mustOpen(".", LIST)];
      const first = parseDirents(call.readdirBytes(one, 0n, 90) as Uint8Array);
      call.put("later", "");
      expect(call.list(two).map(({ name }) => name)).toContain("later");
      const rest = parseDirents(call.readdirBytes(one, first.at(-1)!.next, 4096) as Uint8Array);
      expect([...first, ...rest].map(({ name }) => name)).not.toContain("later");
    });
  });

  describe("listings that find no room in memory", () => {
    /** A system whose descriptors hold no listing of their own; at most one is kept for all of them. */
    function makeSmall(): Caller {
      return context.make({ listings: new Listings(0), maxOpenFiles: 2000 }).call;
    }

    /** Read on from a cookie, as a libc does, and leave off a record that is cut. */
    function some(call: Caller, fd: number, cookie: bigint, length: number): Dirent[] {
      return parseDirents(call.readdirBytes(fd, cookie, length) as Uint8Array);
    }

    test("have `.` and `..` first, then every name once, through any buffer", () => {
      const call = makeSmall();
      const names = fill(call, 200);
      call.mkdir("ü".repeat(30));
      for (const length of [100, 1000, 65536]) {
        const entries = call.list(ROOT, length);
        expect(entries.slice(0, 2).map(({ name }) => name)).toEqual([".", ".."]);
        expect(entries.slice(2).map(({ name }) => name).sort()).toEqual([...names, "ü".repeat(30)].sort());
      }
    });

    test("go on at any cookie", () => {
      const call = makeSmall();
      fill(call, 20);
      const whole = call.list(ROOT);
      for (const at of [7, 2, 9, 0, 1, 20, 21]) {
        expect(some(call, ROOT, whole[at]!.next, 4096)).toEqual(whole.slice(at + 1));
      }
    });

    test("answer every name once that stays, though others are removed and made and the listing is taken again", () => {
      const call = makeSmall();
      call.mkdir("other");
      call.put("other/file", "");
      call.mkdir("dir");
      const names = Array.from({ length: 300 }, (_, i) => `dir/name ${i}`);
      for (const name of names) call.put(name, "");
      const [fd, other] = [call.mustOpen("dir", LIST), call.mustOpen("other", LIST)];
      const seen: string[] = [];
      let cookie = 0n;
      for (;;) {
        const entries = some(call, fd, cookie, 200);
        if (entries.length === 0) break;
        cookie = entries.at(-1)!.next;
        for (const { name } of entries) {
          seen.push(name);
          // As rm -r does, but for some.
          if (!name.startsWith(".") && !name.startsWith("new") && !name.endsWith("7")) call.unlink(`dir/${name}`);
        }
        if (seen.length < 100) call.put(`dir/new ${seen.length}`, "");
        // Takes the one place that there is.
        some(call, other, 0n, 200);
      }
      const old = seen.filter((name) => name.startsWith("name")).map((name) => `dir/${name}`);
      expect(old.sort()).toEqual(names.sort());
      expect(call.names("dir").filter((name) => name.startsWith("name"))).toHaveLength(30);
    });

    test("show what was made before cookie 0 was read", () => {
      const call = makeSmall();
      fill(call, 3);
      const [one, two] = [call.mustOpen(".", LIST), call.mustOpen(".", LIST)];
      const first = some(call, one, 0n, 60);
      call.put("later", "");
      expect(call.list(two).map(({ name }) => name)).toContain("later");
      expect(some(call, one, first.at(-1)!.next, 4096).map(({ name }) => name)).toContain("f000");
    });

    test("take no more memory for a thousand descriptors than for a few", () => {
      const listings = new Listings(2500);
      const { call } = context.make({ listings, maxOpenFiles: 2000 });
      const names = fill(call, 1000);
      const fds = Array.from({ length: 1000 }, () => call.mustOpen(".", LIST));
      const cookies = fds.map((fd) => some(call, fd, 0n, 2000).at(-1)!.next);
      // Two are held, and one is shared by all the others.
      expect(listings.size).toBe(3 * 1002);
      const rest = [0, 1, 2, 500, 999].map((at) => some(call, fds[at]!, cookies[at]!, 65536).map(({ name }) => name));
      for (const [i, at] of [0, 1, 2, 500, 999].entries()) {
        const begun = some(call, fds[at]!, 0n, 2000).map(({ name }) => name);
        expect([...begun, ...rest[i]!].sort(), String(at)).toEqual([".", "..", ...names].sort());
      }
      for (const fd of fds) call.close(fd);
      expect(listings.size).toBe(1002);
      // There is room again, so that a listing is in the host's order.
      expect(some(call, ROOT, 0n, 4096).map(({ next }) => Number(next)).slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
    });
  });
}
