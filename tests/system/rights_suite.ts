/**
 * Rights: those that descriptors have, and what is refused without them.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { Errno } from "../../src/witx/errno.ts";
import { Filetype, Oflags, Rights, RIGHTS_ALL } from "../../src/witx/types.ts";
import { Caller, failed, ROOT } from "./caller.ts";
import type { SuiteContext } from "./suite.ts";

/** Rights of a regular file, from typenames.witx. */
const OF_FILES = 0x8e001ff;
/** Rights of a directory. */
const OF_DIRECTORIES = 0xfbffe19 & ~0x400000 & ~0x80 & ~0x100;

function keepOnly(call: Caller, fd: number, base: number, inheriting: number): void {
  expect(call.system.fdFdstatSetRights(fd, BigInt(base), BigInt(inheriting))).toBe(Errno.SUCCESS);
}

export function rightsSuite(context: SuiteContext): void {
  describe("rights", () => {
    test("of a preopen are those that apply to a directory, and it hands on those of files too", () => {
      const { call } = context.make();
      expect(call.fdstat(ROOT)).toEqual({
        fsFiletype: Filetype.DIRECTORY,
        fsFlags: 0,
        fsRightsBase: OF_DIRECTORIES,
        fsRightsInheriting: OF_DIRECTORIES | OF_FILES,
      });
    });

    test("of a file are those asked for that apply to files", () => {
      const { call } = context.make();
      expect(call.fdstat(call.mustOpen("file", { oflags: Oflags.CREAT }))).toEqual({
        fsFiletype: Filetype.REGULAR_FILE,
        fsFlags: 0,
        fsRightsBase: OF_FILES,
        fsRightsInheriting: OF_DIRECTORIES | OF_FILES,
      });
      const fd = call.mustOpen("file", { rights: Rights.FD_READ, inheriting: 0 });
      expect(call.fdstat(fd)).toMatchObject({ fsRightsBase: Rights.FD_READ, fsRightsInheriting: 0 });
    });

    test("of standard streams let them be read or written, but not sought", () => {
      const { call } = context.make();
      const rest = Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_FILESTAT_GET | Rights.POLL_FD_READWRITE;
      expect(call.fdstat(0)).toMatchObject({ fsRightsBase: rest | Rights.FD_READ, fsRightsInheriting: 0 });
      expect(call.fdstat(1)).toMatchObject({ fsRightsBase: rest | Rights.FD_WRITE });
      expect(call.fdstat(2)).toMatchObject({ fsRightsBase: rest | Rights.FD_WRITE });
      expect(call.read(1, 1)).toEqual(failed("BADF"));
      expect(call.write(0, "x")).toEqual(failed("BADF"));
      expect(call.seek(0, 0n, 0)).toEqual(failed("SPIPE"));
      expect(call.pread(0, 0n, 1)).toEqual(failed("SPIPE"));
      expect(call.pwrite(1, 0n, "x")).toEqual(failed("SPIPE"));
    });

    test("are given up, and not taken back", () => {
      const { call, system } = context.make();
      call.put("file", "text");
      const fd = call.mustOpen("file");
      keepOnly(call, fd, Rights.FD_READ, 0);
      expect(call.fdstat(fd)).toMatchObject({ fsRightsBase: Rights.FD_READ, fsRightsInheriting: 0 });
      expect(system.fdFdstatSetRights(fd, BigInt(Rights.FD_READ | Rights.FD_WRITE), 0n)).toBe(Errno.NOTCAPABLE);
      expect(system.fdFdstatSetRights(fd, 0n, 1n)).toBe(Errno.NOTCAPABLE);
      expect(system.fdFdstatSetRights(fd, 1n << 40n, 0n)).toBe(Errno.NOTCAPABLE);
      expect(system.fdFdstatSetRights(fd, -1n, -1n)).toBe(Errno.NOTCAPABLE);
      expect(call.fdstat(fd)).toMatchObject({ fsRightsBase: Rights.FD_READ });
      keepOnly(call, fd, 0, 0);
      expect(call.read(fd, 1)).toEqual(failed("BADF"));
    });

    const fileCalls: readonly (readonly [string, (call: Caller, fd: number) => unknown, unknown])[] = [
      ["fd_advise", ({ system }, fd) => system.fdAdvise(fd, 0n, 0n, 0), Errno.NOTCAPABLE],
      ["fd_allocate", ({ system }, fd) => system.fdAllocate(fd, 0n, 1n), Errno.NOTCAPABLE],
      ["fd_datasync", ({ system }, fd) => system.fdDatasync(fd), Errno.NOTCAPABLE],
      ["fd_sync", ({ system }, fd) => system.fdSync(fd), Errno.NOTCAPABLE],
      ["fd_fdstat_set_flags", ({ system }, fd) => system.fdFdstatSetFlags(fd, 0), Errno.NOTCAPABLE],
      ["fd_filestat_get", (call, fd) => call.fdStat(fd), failed("NOTCAPABLE")],
      ["fd_filestat_set_size", (call, fd) => call.setSize(fd, 0n), "NOTCAPABLE"],
      ["fd_filestat_set_times", ({ system }, fd) => system.fdFilestatSetTimes(fd, 0n, 0n, 0), Errno.NOTCAPABLE],
      ["fd_read", (call, fd) => call.read(fd, 1), failed("BADF")],
      ["fd_write", (call, fd) => call.write(fd, "x"), failed("BADF")],
      ["fd_pread", (call, fd) => call.pread(fd, 0n, 1), failed("BADF")],
      ["fd_pwrite", (call, fd) => call.pwrite(fd, 0n, "x"), failed("BADF")],
      ["fd_seek", (call, fd) => call.seek(fd, 0n, 0), failed("NOTCAPABLE")],
      ["fd_tell", (call, fd) => call.tell(fd), failed("NOTCAPABLE")],
    ];

    test.each(fileCalls)("missing on a file: %s", (_, perform, expected) => {
      const { call } = context.make();
      call.put("file", "text");
      const fd = call.mustOpen("file", { rights: 0 });
      expect(perform(call, fd)).toEqual(expected);
      expect(call.get("file")).toBe("text");
    });

    const pathCalls: readonly (readonly [number, (call: Caller, fd: number) => unknown, unknown])[] = [
      [Rights.PATH_OPEN, (call, fd) => call.open("file", { fd }), failed("NOTCAPABLE")],
      [Rights.PATH_CREATE_FILE, (call, fd) => call.open("new", { fd, oflags: Oflags.CREAT }), failed("NOTCAPABLE")],
      [
        Rights.PATH_FILESTAT_SET_SIZE,
        (call, fd) => call.open("file", { fd, oflags: Oflags.TRUNC }),
        failed("NOTCAPABLE"),
      ],
      [Rights.PATH_CREATE_DIRECTORY, (call, fd) => call.mkdir("new", fd), "NOTCAPABLE"],
      [Rights.PATH_REMOVE_DIRECTORY, (call, fd) => call.rmdir("dir", fd), "NOTCAPABLE"],
      [Rights.PATH_UNLINK_FILE, (call, fd) => call.unlink("file", fd), "NOTCAPABLE"],
      [Rights.PATH_SYMLINK, (call, fd) => call.symlink("file", "new", fd), "NOTCAPABLE"],
      [Rights.PATH_READLINK, (call, fd) => call.readlink("link", { fd }), failed("NOTCAPABLE")],
      [Rights.PATH_LINK_SOURCE, (call, fd) => call.link("file", "new", { fd }), "NOTCAPABLE"],
      [Rights.PATH_LINK_TARGET, (call, fd) => call.link("file", "new", { newFd: fd }), "NOTCAPABLE"],
      [Rights.PATH_RENAME_SOURCE, (call, fd) => call.rename("file", "new", { fd }), "NOTCAPABLE"],
      [Rights.PATH_RENAME_TARGET, (call, fd) => call.rename("file", "new", { newFd: fd }), "NOTCAPABLE"],
      [Rights.PATH_FILESTAT_GET, (call, fd) => call.stat("file", { fd }), failed("NOTCAPABLE")],
      [Rights.PATH_FILESTAT_SET_TIMES, ({ system }, fd) => system.pathFilestatSetTimes(fd, 0, "file", 0n, 0n, 0), 76],
      [Rights.FD_READDIR, (call, fd) => call.readdirBytes(fd, 0n, 100), failed("NOTCAPABLE")],
      [Rights.FD_FILESTAT_GET, (call, fd) => call.fdStat(fd), failed("NOTCAPABLE")],
    ];

    test.each(pathCalls)("missing on a directory: %i", (right, perform, expected) => {
      const { call } = context.make();
      call.put("file", "text");
      call.mkdir("dir");
      call.symlink("file", "link");
      const fd = call.mustOpen(".", { oflags: Oflags.DIRECTORY, rights: 0 });
      keepOnly(call, fd, OF_DIRECTORIES & ~right, RIGHTS_ALL & (OF_DIRECTORIES | OF_FILES));
      expect(perform(call, fd)).toEqual(expected);
      expect(call.names()).toEqual(["dir", "file", "link"]);
      expect(call.get("file")).toBe("text");
    });

    test("are handed on only as far as the directory may", () => {
      const { call } = context.make();
      call.put("file", "text");
      call.mkdir("dir");
      const fd = call.mustOpen(".", { oflags: Oflags.DIRECTORY, rights: 0 });
      keepOnly(call, fd, OF_DIRECTORIES, Rights.FD_READ | Rights.PATH_OPEN);
      const file = call.mustOpen("file", { fd });
      expect(call.fdstat(file)).toMatchObject({ fsRightsBase: Rights.FD_READ });
      expect(call.read(file, 9)).toBe("text");
      expect(call.write(file, "x")).toEqual(failed("BADF"));
      const dir = call.mustOpen("dir", { fd, oflags: Oflags.DIRECTORY });
      expect(call.fdstat(dir)).toMatchObject({
        fsRightsBase: Rights.PATH_OPEN,
        fsRightsInheriting: Rights.FD_READ | Rights.PATH_OPEN,
      });
      expect(call.mkdir("new", dir)).toBe("NOTCAPABLE");
    });
  });

  describe("standard error", () => {
    test("never fails for want of a reader", () => {
      const { call, stderr } = context.make();
      expect(call.write(2, "a", "b")).toBe(2);
      expect(stderr.text()).toBe("ab");
    });
  });
}
