/**
 * Open files: reading, writing, offsets, sizes, times and descriptor numbers.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { Errno } from "../../src/witx/errno.ts";
import { Fdflags, Filetype, Fstflags, Oflags, Rights, Whence } from "../../src/witx/types.ts";
import { failed, ROOT } from "./caller.ts";
import type { SuiteContext } from "./suite.ts";

const CREATE = Oflags.CREAT;
const FAR = 2n ** 60n;

export function fileSuite(context: SuiteContext): void {
  describe("files", () => {
    test("are read and written at the descriptor's offset, piece by piece", () => {
      const { call } = context.make();
      const fd = call.mustOpen("file", { oflags: CREATE });
      expect(call.write(fd, "ab", "", "cde")).toBe(5);
      expect(call.tell(fd)).toBe(5);
      expect(call.read(fd, 4)).toBe("");
      expect(call.seek(fd, 1n, Whence.SET)).toBe(1);
      expect(call.read(fd, 1, 0, 2, 9)).toBe("bcde");
      expect(call.read(fd)).toBe("");
      expect(call.write(fd)).toBe(0);
    });

    test("are read and written elsewhere without moving the offset", () => {
      const { call } = context.make();
      const fd = call.mustOpen("file", { oflags: CREATE });
      expect(call.pwrite(fd, 3n, "de", "f")).toBe(3);
      expect(call.tell(fd)).toBe(0);
      expect(call.pread(fd, 1n, 4)).toBe("\0\0de");
      expect(call.pread(fd, 6n, 4)).toBe("");
      expect(call.pread(fd, 100n, 4)).toBe("");
      expect(call.tell(fd)).toBe(0);
      expect(call.fdStat(fd)).toMatchObject({ size: 6n, filetype: Filetype.REGULAR_FILE, nlink: 1n });
    });

    test("answer offsets that no file has", () => {
      const { call } = context.make();
      const fd = call.mustOpen("file", { oflags: CREATE });
      for (const offset of [-1n, -(2n ** 63n)]) {
        expect(call.pread(fd, offset, 4)).toEqual(failed("INVAL"));
        expect(call.pwrite(fd, offset, "x")).toEqual(failed("INVAL"));
        expect(call.setSize(fd, offset)).toBe("INVAL");
        expect(call.seek(fd, offset, Whence.SET)).toEqual(failed("INVAL"));
        expect(call.seek(fd, offset, Whence.CUR)).toEqual(failed("INVAL"));
        expect(call.seek(fd, offset, Whence.END)).toEqual(failed("INVAL"));
      }
      for (const offset of [2n ** 53n, FAR, 2n ** 63n - 1n]) {
        expect(call.pread(fd, offset, 4), `pread at ${offset}`).toBe("");
        expect(call.pwrite(fd, offset, "x"), `pwrite at ${offset}`).toEqual(failed("FBIG"));
        expect(call.setSize(fd, offset), `size ${offset}`).toBe("FBIG");
        expect(call.seek(fd, offset, Whence.SET), `seek to ${offset}`).toEqual(failed("OVERFLOW"));
      }
      for (const offset of [2n ** 50n, 2n ** 53n - 10n]) {
        expect(call.pread(fd, offset, 4, 4), `pread at ${offset}`).toBe("");
        expect(call.pwrite(fd, offset, "xy", "z"), `pwrite at ${offset}`).toEqual(failed("FBIG"));
        expect(call.pwrite(fd, offset, "z"), `pwrite at ${offset}`).toEqual(failed("FBIG"));
      }
      expect(call.seek(fd, 0n, 3)).toEqual(failed("INVAL"));
      expect(call.seek(fd, 0n, 255)).toEqual(failed("INVAL"));
      expect(call.tell(fd)).toBe(0);
      expect(call.fdStat(fd)).toMatchObject({ size: 0n });
    });

    test("may be sought past their end, and grow only when written there", () => {
      const { call } = context.make();
      const fd = call.mustOpen("file", { oflags: CREATE });
      call.write(fd, "abc");
      expect(call.seek(fd, 2n, Whence.END)).toBe(5);
      expect(call.read(fd, 1)).toBe("");
      expect(call.fdStat(fd)).toMatchObject({ size: 3n });
      expect(call.write(fd, "")).toBe(0);
      expect(call.fdStat(fd)).toMatchObject({ size: 3n });
      expect(call.write(fd, "f")).toBe(1);
      expect(call.pread(fd, 0n, 9)).toBe("abc\0\0f");
      expect(call.seek(fd, -4n, Whence.CUR)).toBe(2);
      expect(call.seek(fd, -7n, Whence.END)).toEqual(failed("INVAL"));
    });

    test("are cut and extended with zeros", () => {
      const { call } = context.make();
      const fd = call.mustOpen("file", { oflags: CREATE });
      call.write(fd, "abcdef");
      expect(call.setSize(fd, 2n)).toBe("SUCCESS");
      expect(call.setSize(fd, 4n)).toBe("SUCCESS");
      expect(call.pread(fd, 0n, 9)).toBe("ab\0\0");
      expect(call.tell(fd)).toBe(6);
      expect(call.setSize(fd, 0n)).toBe("SUCCESS");
      expect(call.fdStat(fd)).toMatchObject({ size: 0n });
    });

    test("have room made for them", () => {
      const { call, system } = context.make();
      const fd = call.mustOpen("file", { oflags: CREATE });
      call.write(fd, "ab");
      expect(system.fd.allocate(fd, 0n, 1n)).toBe(Errno.SUCCESS);
      expect(call.fdStat(fd)).toMatchObject({ size: 2n });
      expect(system.fd.allocate(fd, 1n, 4n)).toBe(Errno.SUCCESS);
      expect(call.pread(fd, 0n, 9)).toBe("ab\0\0\0");
      expect(system.fd.allocate(fd, 0n, 0n)).toBe(Errno.INVAL);
      expect(system.fd.allocate(fd, -1n, 1n)).toBe(Errno.INVAL);
      expect(system.fd.allocate(fd, 0n, -1n)).toBe(Errno.INVAL);
      expect(system.fd.allocate(fd, FAR, FAR)).toBe(Errno.FBIG);
      const reader = call.mustOpen("file", { rights: Rights.FD_READ | Rights.FD_ALLOCATE });
      expect(system.fd.allocate(reader, 0n, 1n)).toBe(Errno.BADF);
      expect(system.fd.allocate(reader, 0n, 100n)).toBe(Errno.BADF);
    });

    test("that were opened to read can't be written or cut, and the other way round", () => {
      const { call } = context.make();
      call.put("file", "text");
      const seekable = Rights.FD_SEEK | Rights.FD_FILESTAT_SET_SIZE;
      const reader = call.mustOpen("file", { rights: Rights.FD_READ | seekable });
      const writer = call.mustOpen("file", { rights: Rights.FD_WRITE | seekable });
      expect(call.write(reader, "x")).toEqual(failed("BADF"));
      expect(call.pwrite(reader, 0n, "x")).toEqual(failed("BADF"));
      expect(call.setSize(reader, 1n)).toBe("INVAL");
      expect(call.read(writer, 1)).toEqual(failed("BADF"));
      expect(call.pread(writer, 0n, 1)).toEqual(failed("BADF"));
      expect(call.write(writer, "T")).toBe(1);
      expect(call.read(reader, 9)).toBe("Text");
    });

    test("are created, emptied, or refused because they are there", () => {
      const { call } = context.make();
      expect(call.open("file")).toEqual(failed("NOENT"));
      call.put("file", "text");
      expect(call.open("file", { oflags: CREATE | Oflags.EXCL })).toEqual(failed("EXIST"));
      call.close(call.mustOpen("file", { oflags: CREATE }));
      expect(call.get("file")).toBe("text");
      call.close(call.mustOpen("file", { oflags: Oflags.TRUNC }));
      expect(call.get("file")).toBe("");
      expect(call.open("file", { oflags: 16 })).toEqual(failed("INVAL"));
      expect(call.open("file", { fdflags: 32 })).toEqual(failed("INVAL"));
      expect(call.open("new", { oflags: CREATE | Oflags.DIRECTORY })).toEqual(failed("INVAL"));
    });

    test("work on after their name is gone", () => {
      const { call } = context.make();
      const fd = call.mustOpen("file", { oflags: CREATE });
      call.write(fd, "kept");
      expect(call.unlink("file")).toBe("SUCCESS");
      expect(call.stat("file")).toEqual(failed("NOENT"));
      expect(call.fdStat(fd)).toMatchObject({ nlink: 0n, size: 4n });
      expect(call.pread(fd, 0n, 9)).toBe("kept");
      expect(call.write(fd, "!")).toBe(1);
      expect(call.close(fd)).toBe("SUCCESS");
    });

    test("have as many links as names", () => {
      const { call } = context.make();
      call.put("a", "text");
      expect(call.link("a", "b")).toBe("SUCCESS");
      expect(call.stat("b")).toMatchObject({ nlink: 2n });
      expect(call.link("a", "b")).toBe("EXIST");
      expect(call.link("a", "c", { flags: 1 })).toBe("INVAL");
      call.put("b", "other");
      expect(call.get("a")).toBe("other");
      expect(call.rename("a", "b")).toBe("SUCCESS");
      expect(call.names()).toEqual(["a", "b"]);
      call.unlink("a");
      expect(call.stat("b")).toMatchObject({ nlink: 1n });
    });

    test("get the times that are set", () => {
      const { call, system } = context.make();
      call.put("file", "text");
      const both = Fstflags.ATIM | Fstflags.MTIM;
      const [atim, mtim] = [1_000_000_000_000_000_000n, 1_234_567_890_000_000_000n];
      expect(system.path.filestatSetTimes(ROOT, 1, "file", atim, mtim, both)).toBe(Errno.SUCCESS);
      expect(call.stat("file")).toMatchObject({ atim, mtim });
      const fd = call.mustOpen("file");
      expect(system.fd.filestatSetTimes(fd, 0n, mtim + 10n ** 9n, Fstflags.MTIM)).toBe(Errno.SUCCESS);
      expect(call.fdStat(fd)).toMatchObject({ atim, mtim: mtim + 10n ** 9n });
      expect(system.fd.filestatSetTimes(fd, 0n, 0n, 0)).toBe(Errno.SUCCESS);
      expect(call.fdStat(fd)).toMatchObject({ atim, mtim: mtim + 10n ** 9n });
      expect(system.fd.filestatSetTimes(fd, 0n, 0n, Fstflags.ATIM_NOW)).toBe(Errno.SUCCESS);
      expect((call.fdStat(fd) as { atim: bigint }).atim).toBeGreaterThan(atim);
      for (const flags of [Fstflags.ATIM | Fstflags.ATIM_NOW, Fstflags.MTIM | Fstflags.MTIM_NOW, 16]) {
        expect(system.fd.filestatSetTimes(fd, 0n, 0n, flags)).toBe(Errno.INVAL);
        expect(system.path.filestatSetTimes(ROOT, 0, "file", 0n, 0n, flags)).toBe(Errno.INVAL);
      }
    });

    test("keep times apart from those of links to them", () => {
      const { call, system } = context.make();
      call.put("file", "text");
      call.symlink("file", "link");
      const mtim = 1_000_000_000_000_000_000n;
      expect(system.path.filestatSetTimes(ROOT, 0, "link", 0n, mtim, Fstflags.MTIM)).toBe(Errno.SUCCESS);
      expect(call.stat("link", { follow: false })).toMatchObject({ mtim });
      expect((call.stat("link") as { mtim: bigint }).mtim).not.toBe(mtim);
      expect(system.path.filestatSetTimes(ROOT, 1, "link", 0n, mtim, Fstflags.MTIM)).toBe(Errno.SUCCESS);
      expect(call.stat("file")).toMatchObject({ mtim });
    });

    test("are advised on and synchronised", () => {
      const { call, system } = context.make();
      const fd = call.mustOpen("file", { oflags: CREATE });
      for (let advice = 0; advice <= 5; advice++) expect(system.fd.advise(fd, 0n, 10n, advice)).toBe(Errno.SUCCESS);
      expect(system.fd.advise(fd, 0n, 10n, 6)).toBe(Errno.INVAL);
      expect(system.fd.advise(fd, -1n, 10n, 0)).toBe(Errno.INVAL);
      expect(system.fd.advise(fd, 0n, -1n, 0)).toBe(Errno.INVAL);
      expect(system.fd.sync(fd)).toBe(Errno.SUCCESS);
      expect(system.fd.datasync(fd)).toBe(Errno.SUCCESS);
    });

    test("can be opened with SYNC flags, which can't be changed afterwards", () => {
      const { call, system } = context.make();
      for (const flag of [Fdflags.DSYNC, Fdflags.RSYNC, Fdflags.SYNC]) {
        const fd = call.mustOpen("file", { oflags: CREATE, fdflags: flag });
        expect(call.write(fd, "x")).toBe(1);
        expect(call.fdstat(fd)).toMatchObject({ fsFlags: flag });
        expect(system.fd.fdstatSetFlags(fd, flag)).toBe(Errno.SUCCESS);
        expect(system.fd.fdstatSetFlags(fd, 0)).toBe(Errno.NOTSUP);
      }
      expect(call.get("file")).toBe("x");
    });
  });

  describe("append mode", () => {
    test("puts every write at the end", () => {
      const { call } = context.make();
      call.put("file", "ab");
      const one = call.mustOpen("file", { fdflags: Fdflags.APPEND });
      const two = call.mustOpen("file", { fdflags: Fdflags.APPEND });
      expect(call.write(one, "c")).toBe(1);
      expect(call.write(two, "d", "e")).toBe(2);
      expect(call.write(one, "f")).toBe(1);
      expect(call.tell(one)).toBe(6);
      expect(call.pread(one, 0n, 9)).toBe("abcdef");
      expect(call.seek(one, 0n, Whence.SET)).toBe(0);
      expect(call.read(one, 2)).toBe("ab");
      expect(call.write(one, "g")).toBe(1);
      expect(call.get("file")).toBe("abcdefg");
    });

    test("is turned on and off", () => {
      const { call, system } = context.make();
      const fd = call.mustOpen("file", { oflags: CREATE });
      call.write(fd, "abcd");
      call.seek(fd, 0n, Whence.SET);
      expect(system.fd.fdstatSetFlags(fd, Fdflags.APPEND)).toBe(Errno.SUCCESS);
      expect(call.fdstat(fd)).toMatchObject({ fsFlags: Fdflags.APPEND });
      expect(call.write(fd, "e")).toBe(1);
      expect(system.fd.fdstatSetFlags(fd, 0)).toBe(Errno.SUCCESS);
      call.seek(fd, 0n, Whence.SET);
      expect(call.write(fd, "A")).toBe(1);
      expect(call.tell(fd)).toBe(1);
      expect(call.pread(fd, 0n, 9)).toBe("Abcde");
    });

    test("puts positioned writes at the end too, as Linux does, however it was turned on", () => {
      const { call, system } = context.make();
      call.put("file", "abcd");
      const early = call.mustOpen("file", { fdflags: Fdflags.APPEND });
      const late = call.mustOpen("file");
      expect(system.fd.fdstatSetFlags(late, Fdflags.APPEND)).toBe(Errno.SUCCESS);
      expect(call.pwrite(early, 1n, "e")).toBe(1);
      expect(call.pwrite(late, 100n, "f", "g")).toBe(2);
      expect([call.tell(early), call.tell(late)]).toEqual([0, 0]);
      expect(call.get("file")).toBe("abcdefg");
    });

    test("that was there from the start is turned off and on again", () => {
      const { call, system } = context.make();
      const fd = call.mustOpen("file", { oflags: CREATE, fdflags: Fdflags.APPEND | Fdflags.NONBLOCK });
      call.write(fd, "abcd");
      expect(system.fd.fdstatSetFlags(fd, Fdflags.NONBLOCK)).toBe(Errno.SUCCESS);
      expect(call.pwrite(fd, 1n, "B")).toBe(1);
      call.seek(fd, 0n, Whence.SET);
      expect(call.write(fd, "A")).toBe(1);
      expect(system.fd.fdstatSetFlags(fd, Fdflags.APPEND)).toBe(Errno.SUCCESS);
      expect(call.write(fd, "e")).toBe(1);
      expect(call.pread(fd, 0n, 9)).toBe("ABcde");
      expect(system.fd.fdstatSetFlags(fd, 32)).toBe(Errno.INVAL);
    });
  });

  describe("descriptor numbers", () => {
    test("are the lowest that is free", () => {
      const { call } = context.make();
      const open = (): number => call.mustOpen("file", { oflags: CREATE });
      const fds = [open(), open(), open()];
      expect(fds).toEqual([4, 5, 6]);
      call.close(5);
      call.close(4);
      expect([open(), open(), open()]).toEqual([4, 5, 7]);
      expect(call.close(99)).toBe("BADF");
      expect(call.close(0xffffffff)).toBe("BADF");
      expect(call.close(7)).toBe("SUCCESS");
      expect(call.close(7)).toBe("BADF");
    });

    test("that stand for nothing are BADF in every call", () => {
      const { call, system } = context.make();
      for (const fd of [4, 1000, 0x7fffffff, 0x80000000, 0xffffffff]) {
        expect(system.fd.advise(fd, 0n, 0n, 0)).toBe(Errno.BADF);
        expect(system.fd.allocate(fd, 0n, 1n)).toBe(Errno.BADF);
        expect(system.fd.datasync(fd)).toBe(Errno.BADF);
        expect(system.fd.sync(fd)).toBe(Errno.BADF);
        expect(call.fdstat(fd)).toEqual(failed("BADF"));
        expect(system.fd.fdstatSetFlags(fd, 0)).toBe(Errno.BADF);
        expect(system.fd.fdstatSetRights(fd, 0n, 0n)).toBe(Errno.BADF);
        expect(call.fdStat(fd)).toEqual(failed("BADF"));
        expect(call.setSize(fd, 0n)).toBe("BADF");
        expect(system.fd.filestatSetTimes(fd, 0n, 0n, 0)).toBe(Errno.BADF);
        expect(call.pread(fd, 0n, 1)).toEqual(failed("BADF"));
        expect(call.pwrite(fd, 0n, "x")).toEqual(failed("BADF"));
        expect(call.read(fd, 1)).toEqual(failed("BADF"));
        expect(call.write(fd, "x")).toEqual(failed("BADF"));
        expect(call.readdirBytes(fd, 0n, 10)).toEqual(failed("BADF"));
        expect(call.seek(fd, 0n, 0)).toEqual(failed("BADF"));
        expect(call.tell(fd)).toEqual(failed("BADF"));
        expect(system.fd.prestatGet(fd, { tag: 0, name: new Uint8Array() })).toBe(Errno.BADF);
        expect(system.fd.renumber(fd, ROOT)).toBe(Errno.BADF);
        expect(system.fd.renumber(ROOT, fd)).toBe(Errno.BADF);
        expect(call.open("x", { fd })).toEqual(failed("BADF"));
        expect(call.mkdir("x", fd)).toBe("BADF");
        expect(call.rename("x", "y", { newFd: fd })).toBe("BADF");
        expect(call.link("x", "y", { newFd: fd })).toBe("BADF");
        expect(system.sock.accept(fd, 0, { value: 0 })).toBe(Errno.BADF);
        expect(system.sock.shutdown(fd, 1)).toBe(Errno.BADF);
      }
      expect(system.sock.accept(ROOT, 0, { value: 0 })).toBe(Errno.NOTSOCK);
      expect(system.sock.shutdown(ROOT, 1)).toBe(Errno.NOTSOCK);
    });

    test("are given to others: the one is closed, the other has its number", () => {
      const { call, system } = context.make();
      call.put("a", "from a");
      call.put("b", "from b");
      const [a, b] = [call.mustOpen("a"), call.mustOpen("b")];
      call.read(a, 5);
      expect(system.fd.renumber(a, b)).toBe(Errno.SUCCESS);
      expect(call.read(b, 9)).toBe("a");
      expect(call.read(a, 9)).toEqual(failed("BADF"));
      expect(call.mustOpen("b")).toBe(a);
    });

    test("that are renumbered to themselves change nothing (CVE-2025-53901)", () => {
      const { call, system } = context.make({ maxOpenFiles: 6 });
      call.put("a", "text");
      const a = call.mustOpen("a");
      for (let i = 0; i < 10; i++) expect(system.fd.renumber(a, a)).toBe(Errno.SUCCESS);
      expect(call.read(a, 9)).toBe("text");
      expect(system.fd.renumber(9, 9)).toBe(Errno.BADF);
      expect(system.fd.renumber(a, 9)).toBe(Errno.BADF);
      expect(system.fd.renumber(9, a)).toBe(Errno.BADF);
      expect(call.tell(a)).toBe(4);
      expect(call.mustOpen("a")).toBe(5);
      expect(call.open("a")).toEqual(failed("MFILE"));
      expect(system.fd.renumber(5, a)).toBe(Errno.SUCCESS);
      expect(call.mustOpen("a")).toBe(5);
    });

    test("may be those of preopens and standard streams", () => {
      const { call, system, stdout } = context.make();
      call.put("file", "text");
      expect(system.fd.renumber(1, ROOT)).toBe(Errno.SUCCESS);
      expect(call.write(ROOT, "moved")).toBe(5);
      expect(stdout.text()).toBe("moved");
      expect(call.open("file")).toEqual(failed("NOTDIR"));
      expect(system.fd.prestatGet(ROOT, { tag: 0, name: new Uint8Array() })).toBe(Errno.BADF);
      expect(call.write(1, "x")).toEqual(failed("BADF"));
    });

    test("that were closed leave no preopen behind", () => {
      const { call, system } = context.make();
      const prestat = { tag: 0, name: new Uint8Array() };
      expect(system.fd.prestatGet(ROOT, prestat)).toBe(Errno.SUCCESS);
      expect(prestat.name).toEqual(new TextEncoder().encode("/"));
      expect(system.fd.prestatGet(0, prestat)).toBe(Errno.BADF);
      expect(call.close(ROOT)).toBe("SUCCESS");
      expect(system.fd.prestatGet(ROOT, prestat)).toBe(Errno.BADF);
    });

    test("are MFILE when there are no more, and nothing is made", () => {
      const { call } = context.make({ maxOpenFiles: 5 });
      const fd = call.mustOpen("a", { oflags: CREATE });
      expect(call.open("b", { oflags: CREATE })).toEqual(failed("MFILE"));
      expect(call.open(".", { oflags: Oflags.DIRECTORY, rights: 0 })).toEqual(failed("MFILE"));
      call.close(fd);
      expect(call.names()).toEqual(["a"]);
      expect(() => context.make({ maxOpenFiles: 3 })).toThrow(/maxOpenFiles is too small/);
    });
  });
}
