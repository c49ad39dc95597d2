/**
 * Rights: those that descriptors have, and what is refused without them.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { Errno } from "../../src/witx/errno.ts";
import { Fdflags, Filetype, Oflags, Rights, RIGHTS_ALL } from "../../src/witx/types.ts";
import { Caller, failed, ROOT } from "./caller.ts";
import { recorded } from "./recorded.ts";
import type { SuiteContext } from "./suite.ts";

/** Rights of a regular file, from typenames.witx. */
const OF_FILES = 0x8e001ff;
/** Rights of a directory. */
const OF_DIRECTORIES = 0xfbffe19 & ~0x400000 & ~0x80 & ~0x100;

function keepOnly(call: Caller, fd: number, base: number, inheriting: number): void {
  expect(call.system.fd.fdstatSetRights(fd, BigInt(base), BigInt(inheriting))).toBe(Errno.SUCCESS);
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

    test("to read and write a file are those asked for; all others that apply are handed on", () => {
      const { call } = context.make();
      expect(call.fdstat(call.mustOpen("file", { oflags: Oflags.CREAT }))).toEqual({
        fsFiletype: Filetype.REGULAR_FILE,
        fsFlags: 0,
        fsRightsBase: OF_FILES,
        fsRightsInheriting: OF_DIRECTORIES | OF_FILES,
      });
      const rest = OF_FILES & ~Rights.FD_READ & ~Rights.FD_WRITE;
      for (const asked of [Rights.FD_READ, Rights.FD_WRITE, Rights.FD_READ | Rights.FD_WRITE]) {
        const fd = call.mustOpen("file", { rights: asked, inheriting: 0 });
        const handedOn = { fsRightsBase: rest | asked, fsRightsInheriting: OF_DIRECTORIES | OF_FILES };
        expect(call.fdstat(fd)).toMatchObject(handedOn);
      }
    });

    test("of a file that is opened for neither let it be read", () => {
      const { call } = context.make();
      call.put("file", "text");
      for (const rights of [0, Rights.FD_SEEK | Rights.FD_FILESTAT_GET]) {
        const fd = call.mustOpen("file", { rights, inheriting: 0 });
        expect(call.fdstat(fd)).toMatchObject({ fsRightsBase: OF_FILES & ~Rights.FD_WRITE });
        expect(call.read(fd, 9)).toBe("text");
        expect(call.write(fd, "x")).toEqual(failed("BADF"));
      }
      const cut = call.mustOpen("file", { rights: 0, oflags: Oflags.TRUNC });
      expect(call.write(cut, "x")).toEqual(failed("BADF"));
      expect(call.read(cut, 9)).toBe("");
    });

    test("of a directory are all that its parent hands on, whatever is asked for", () => {
      const { call } = context.make();
      for (const oflags of [0, Oflags.DIRECTORY]) {
        const fd = call.mustOpen(".", { oflags, rights: 0, inheriting: 0 });
        expect(call.fdstat(fd)).toEqual(call.fdstat(ROOT));
      }
    });

    test("that a directory was not asked for let a program work through it", () => {
      const { call, system } = context.make();
      const fd = call.mustOpen(".", { rights: 0, inheriting: 0 });
      const access = Rights.FD_READ | Rights.FD_WRITE;
      const file = call.mustOpen("file", { fd, oflags: Oflags.CREAT, rights: access, inheriting: 0 });
      expect(call.write(file, "text")).toBe(4);
      expect(call.tell(file)).toBe(4);
      expect(call.seek(file, 0n, 0)).toBe(0);
      expect(call.read(file, 9)).toBe("text");
      expect(call.pwrite(file, 4n, "!")).toBe(1);
      expect(call.pread(file, 1n, 9)).toBe("ext!");
      expect(call.fdStat(file)).toMatchObject({ size: 5n });
      expect(system.fd.fdstatSetFlags(file, Fdflags.APPEND)).toBe(Errno.SUCCESS);
      expect(system.fd.allocate(file, 0n, 8n)).toBe(Errno.SUCCESS);
      expect(call.setSize(file, 4n)).toBe("SUCCESS");
      expect(system.fd.advise(file, 0n, 0n, 0)).toBe(Errno.SUCCESS);
      expect(system.fd.sync(file)).toBe(Errno.SUCCESS);
      expect(system.fd.filestatSetTimes(file, 0n, 0n, 0)).toBe(Errno.SUCCESS);
      expect(call.mkdir("dir", fd)).toBe("SUCCESS");
      const inner = call.mustOpen("dir", { fd, rights: 0, inheriting: 0 });
      expect(call.rename("file", "moved", { fd, newFd: inner })).toBe("SUCCESS");
      expect(call.link("moved", "linked", { fd: inner, newFd: inner })).toBe("SUCCESS");
      expect(call.symlink("moved", "link", inner)).toBe("SUCCESS");
      expect(call.names("dir")).toEqual(["link", "linked", "moved"]);
      expect(call.get("moved", inner)).toBe("text");
    });

    test("to write are needed to cut a file, and to make room in it", () => {
      const { call, system } = context.make();
      call.put("file", "text");
      const fd = call.mustOpen("file", { rights: Rights.FD_READ });
      expect(call.setSize(fd, 0n)).toBe("INVAL");
      expect(call.setSize(fd, 9n)).toBe("INVAL");
      expect(system.fd.allocate(fd, 0n, 9n)).toBe(Errno.BADF);
      expect(call.get("file")).toBe("text");
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
      expect(system.fd.fdstatSetRights(fd, BigInt(Rights.FD_READ | Rights.FD_WRITE), 0n)).toBe(Errno.NOTCAPABLE);
      expect(system.fd.fdstatSetRights(fd, 0n, 1n)).toBe(Errno.NOTCAPABLE);
      expect(system.fd.fdstatSetRights(fd, 1n << 40n, 0n)).toBe(Errno.NOTCAPABLE);
      expect(system.fd.fdstatSetRights(fd, -1n, -1n)).toBe(Errno.NOTCAPABLE);
      expect(call.fdstat(fd)).toMatchObject({ fsRightsBase: Rights.FD_READ });
      keepOnly(call, fd, 0, 0);
      expect(call.read(fd, 1)).toEqual(failed("BADF"));
    });

    const fileCalls: readonly (readonly [string, (call: Caller, fd: number) => unknown, unknown])[] = [
      ["fd_advise", ({ system }, fd) => system.fd.advise(fd, 0n, 0n, 0), Errno.NOTCAPABLE],
      ["fd_allocate", ({ system }, fd) => system.fd.allocate(fd, 0n, 1n), Errno.NOTCAPABLE],
      ["fd_datasync", ({ system }, fd) => system.fd.datasync(fd), Errno.NOTCAPABLE],
      ["fd_sync", ({ system }, fd) => system.fd.sync(fd), Errno.NOTCAPABLE],
      ["fd_fdstat_set_flags", ({ system }, fd) => system.fd.fdstatSetFlags(fd, 0), Errno.NOTCAPABLE],
      ["fd_filestat_get", (call, fd) => call.fdStat(fd), failed("NOTCAPABLE")],
      ["fd_filestat_set_size", (call, fd) => call.setSize(fd, 0n), "NOTCAPABLE"],
      ["fd_filestat_set_times", ({ system }, fd) => system.fd.filestatSetTimes(fd, 0n, 0n, 0), Errno.NOTCAPABLE],
      ["fd_read", (call, fd) => call.read(fd, 1), failed("BADF")],
      ["fd_write", (call, fd) => call.write(fd, "x"), failed("BADF")],
      ["fd_pread", (call, fd) => call.pread(fd, 0n, 1), failed("BADF")],
      ["fd_pwrite", (call, fd) => call.pwrite(fd, 0n, "x"), failed("BADF")],
      ["fd_seek", (call, fd) => call.seek(fd, 0n, 0), failed("NOTCAPABLE")],
      ["fd_tell", (call, fd) => call.tell(fd), failed("NOTCAPABLE")],
    ];

    test.each(fileCalls)("given up on a file: %s", (_, perform, expected) => {
      const { call } = context.make();
      call.put("file", "text");
      const fd = call.mustOpen("file");
      keepOnly(call, fd, 0, 0);
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
      [Rights.PATH_FILESTAT_SET_TIMES, ({ system }, fd) => system.path.filestatSetTimes(fd, 0, "file", 0n, 0n, 0), 76],
      [Rights.FD_READDIR, (call, fd) => call.readdirBytes(fd, 0n, 100), failed("NOTCAPABLE")],
      [Rights.FD_FILESTAT_GET, (call, fd) => call.fdStat(fd), failed("NOTCAPABLE")],
    ];

    test.each(pathCalls)("given up on a directory: %i", (right, perform, expected) => {
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
      const file = call.mustOpen("file", { fd, rights: Rights.FD_READ | Rights.FD_SEEK });
      expect(call.fdstat(file)).toMatchObject({ fsRightsBase: Rights.FD_READ });
      expect(call.read(file, 9)).toBe("text");
      expect(call.write(file, "x")).toEqual(failed("BADF"));
      expect(call.pread(file, 0n, 9)).toEqual(failed("NOTCAPABLE"));
      const dir = call.mustOpen("dir", { fd, oflags: Oflags.DIRECTORY, rights: Rights.FD_READ });
      expect(call.fdstat(dir)).toMatchObject({
        fsRightsBase: Rights.PATH_OPEN,
        fsRightsInheriting: Rights.FD_READ | Rights.PATH_OPEN,
      });
      expect(call.mkdir("new", dir)).toBe("NOTCAPABLE");
    });

    test("to read and write that the directory does not hand on can't be had, and nothing is made or cut", () => {
      const { call } = context.make();
      call.put("file", "text");
      call.mkdir("dir");
      const fd = call.mustOpen(".", { oflags: Oflags.DIRECTORY, rights: 0 });
      const all = OF_DIRECTORIES | OF_FILES;
      keepOnly(call, fd, OF_DIRECTORIES, all & ~Rights.FD_WRITE);
      for (const rights of [Rights.FD_WRITE, RIGHTS_ALL]) {
        for (const oflags of [0, Oflags.CREAT, Oflags.TRUNC]) {
          for (const path of ["file", "new"]) {
            expect(call.open(path, { fd, rights, oflags }), `${path} ${oflags}`).toEqual(failed("NOTCAPABLE"));
          }
        }
      }
      expect(call.get("file", fd)).toBe("text");
      keepOnly(call, fd, OF_DIRECTORIES, all & ~Rights.FD_WRITE & ~Rights.FD_READ);
      for (const oflags of [0, Oflags.CREAT, Oflags.TRUNC]) {
        expect(call.open("file", { fd, rights: Rights.FD_READ, oflags })).toEqual(failed("NOTCAPABLE"));
      }
      expect(call.open("new", { fd, rights: Rights.FD_READ, oflags: Oflags.CREAT })).toEqual(failed("NOTCAPABLE"));
      const blind = call.mustOpen("file", { fd, rights: 0 });
      expect(call.read(blind, 9)).toEqual(failed("BADF"));
      expect(call.fdStat(blind)).toMatchObject({ size: 4n });
      expect(call.mustOpen("dir", { fd, rights: Rights.FD_READ })).toBeGreaterThan(ROOT);
      expect(call.names()).toEqual(["dir", "file"]);
      expect(call.get("file")).toBe("text");
    });

    const descriptorCalls: readonly (readonly [string, (call: Caller, fd: number) => unknown])[] = [
      ...fileCalls.map(([name, perform]) => [name, perform] as const),
      ["fd_readdir", (call, fd) => call.readdirBytes(fd, 0n, 100)],
    ];

    test.each(descriptorCalls)("given up: %s does nothing at all", (name, perform) => {
      const calls: string[] = [];
      const { call } = context.make({
        mounts: { "/": { root: recorded(context.backend().emptyRoot(), calls) } },
        stdio: (stdio) => ({
          stdin: recorded(stdio.stdin, calls),
          stdout: recorded(stdio.stdout, calls),
          stderr: recorded(stdio.stderr, calls),
        }),
      });
      call.put("file", "text");
      const opened = [call.mustOpen("file"), call.mustOpen(".", { rights: 0 }), ROOT, 0, 1, 2];
      for (const fd of opened) keepOnly(call, fd, 0, 0);
      calls.length = 0;
      for (const fd of opened) expect([Errno.SUCCESS, "SUCCESS"], `${name} of ${fd}`).not.toContain(perform(call, fd));
      expect(calls).toEqual([]);
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
