/**
 * Mounts: read-only ones, several, and one inside another.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { Errno } from "../../src/witx/errno.ts";
import { Fdflags, Filetype, Fstflags, Oflags, Rights } from "../../src/witx/types.ts";
import { failed, ROOT } from "./caller.ts";
import type { Subject, SuiteContext } from "./suite.ts";

/** A system that has written into its root, and one over the same root that may not. */
function readOnly(context: SuiteContext): Subject {
  const root = context.backend().emptyRoot();
  const { call } = context.make({ mounts: { "/": { root } } });
  call.put("file", "text");
  call.mkdir("dir");
  call.put("dir/inner", "deep");
  call.symlink("file", "link");
  call.symlink("new", "dangling");
  return context.make({ mounts: { "/": { root, readOnly: true } } });
}

/** Descriptors of {@linkcode nested}. */
const OUTER = 3;
const INNER = 4;
const DEEP = 5;

/** `/` with `/data` and `/data/sub/deep` inside it; what is covered was there before. */
function nested(context: SuiteContext): Subject {
  const backend = context.backend();
  const roots = [backend.emptyRoot(), backend.emptyRoot(), backend.emptyRoot()] as const;
  const { call } = context.make({
    mounts: { "/": { root: roots[0] }, "/x": { root: roots[1] }, "/y": { root: roots[2] } },
  });
  call.mkdir("data", OUTER);
  call.put("data/covered", "covered", OUTER);
  call.put("file", "outer", OUTER);
  call.mkdir("sub", INNER);
  call.put("file", "inner", INNER);
  call.put("file", "deep", DEEP);
  return context.make({
    mounts: { "/": { root: roots[0] }, "/data": { root: roots[1] }, "/data/sub/deep": { root: roots[2] } },
  });
}

export function mountSuite(context: SuiteContext): void {
  describe("read-only mounts", () => {
    test("are read", () => {
      const { call } = readOnly(context);
      expect(call.get("file")).toBe("text");
      expect(call.get("link")).toBe("text");
      expect(call.readlink("link")).toBe("file");
      expect(call.names()).toEqual(["dangling", "dir", "file", "link"]);
      expect(call.stat("dir/inner")).toMatchObject({ size: 4n });
      const fd = call.mustOpen("file", { oflags: Oflags.CREAT, rights: Rights.FD_READ });
      expect(call.read(fd, 9)).toBe("text");
    });

    test("are ROFS for every change", () => {
      const { call, system } = readOnly(context);
      const times = Fstflags.ATIM | Fstflags.MTIM;
      expect({
        write: call.open("file"),
        truncate: call.open("file", { rights: Rights.FD_READ, oflags: Oflags.TRUNC }),
        throughLink: call.open("link"),
        append: call.open("file", { fdflags: Fdflags.APPEND, rights: Rights.FD_WRITE }),
        create: call.open("new", { oflags: Oflags.CREAT }),
        createToRead: call.open("new", { oflags: Oflags.CREAT, rights: Rights.FD_READ }),
        createThroughLink: call.open("dangling", { oflags: Oflags.CREAT }),
        createNew: call.open("new", { oflags: Oflags.CREAT | Oflags.EXCL }),
      }).toEqual({
        write: failed("ROFS"),
        truncate: failed("ROFS"),
        throughLink: failed("ROFS"),
        append: failed("ROFS"),
        create: failed("ROFS"),
        createToRead: failed("ROFS"),
        createThroughLink: failed("ROFS"),
        createNew: failed("ROFS"),
      });
      expect({
        mkdir: call.mkdir("new"),
        rmdir: call.rmdir("dir"),
        unlink: call.unlink("file"),
        unlinkDeep: call.unlink("dir/inner"),
        symlink: call.symlink("file", "new"),
        link: call.link("file", "new"),
        rename: call.rename("file", "new"),
      }).toEqual({
        mkdir: "ROFS",
        rmdir: "ROFS",
        unlink: "ROFS",
        unlinkDeep: "ROFS",
        symlink: "ROFS",
        link: "ROFS",
        rename: "ROFS",
      });
      expect(system.path.filestatSetTimes(ROOT, 0, "file", 0n, 0n, times)).toBe(Errno.ROFS);
      expect(system.path.filestatSetTimes(ROOT, 1, "link", 0n, 0n, times)).toBe(Errno.ROFS);
      expect(system.fd.filestatSetTimes(ROOT, 0n, 0n, times)).toBe(Errno.ROFS);
      expect(call.names()).toEqual(["dangling", "dir", "file", "link"]);
      expect(call.get("file")).toBe("text");
    });

    test("are not changed through descriptors that were opened to read", () => {
      const { call, system } = readOnly(context);
      const before = call.stat("file");
      const rights = Rights.FD_READ | Rights.FD_SEEK | Rights.FD_ALLOCATE | Rights.FD_FILESTAT_SET_SIZE |
        Rights.FD_FILESTAT_SET_TIMES | Rights.FD_FILESTAT_GET | Rights.FD_FDSTAT_SET_FLAGS;
      const fd = call.mustOpen("file", { rights });
      expect(system.fd.filestatSetTimes(fd, 0n, 1n, Fstflags.MTIM)).toBe(Errno.ROFS);
      expect(system.fd.filestatSetTimes(fd, 0n, 1n, Fstflags.ATIM_NOW | Fstflags.MTIM_NOW)).toBe(Errno.ROFS);
      expect(call.setSize(fd, 0n)).toBe("ROFS");
      expect(system.fd.allocate(fd, 0n, 100n)).toBe(Errno.ROFS);
      expect(call.write(fd, "x")).toEqual(failed("BADF"));
      expect(system.fd.fdstatSetFlags(fd, Fdflags.APPEND)).toBe(Errno.SUCCESS);
      expect(call.write(fd, "x")).toEqual(failed("BADF"));
      expect(call.stat("file")).toEqual(before);
      const dir = call.mustOpen("dir", { oflags: Oflags.DIRECTORY, rights: 0 });
      expect(system.fd.filestatSetTimes(dir, 0n, 1n, Fstflags.MTIM)).toBe(Errno.ROFS);
      expect(call.mkdir("new", dir)).toBe("ROFS");
      expect(call.open("inner", { fd: dir })).toEqual(failed("ROFS"));
    });

    test("answer what is there before what may not be", () => {
      const { call } = readOnly(context);
      expect(call.open("file", { oflags: Oflags.CREAT | Oflags.EXCL })).toEqual(failed("EXIST"));
      expect(call.open("dir")).toEqual(failed("ISDIR"));
      expect(call.open("nope")).toEqual(failed("NOENT"));
      expect(call.open("link", { follow: false })).toEqual(failed("LOOP"));
      expect(call.open("file/x", { oflags: Oflags.CREAT })).toEqual(failed("NOTDIR"));
    });
  });

  describe("several mounts", () => {
    test("are XDEV to each other", () => {
      const { call } = nested(context);
      expect(call.rename("file", "file", { newFd: INNER })).toBe("XDEV");
      expect(call.link("file", "new", { newFd: INNER })).toBe("XDEV");
      expect(call.rename("file", "data/new")).toBe("XDEV");
      expect(call.link("data/file", "new")).toBe("XDEV");
      expect(call.get("file")).toBe("outer");
      expect(call.get("data/file")).toBe("inner");
    });

    test("are XDEV to each other over the same directory", () => {
      const root = context.backend().emptyRoot();
      const { call } = context.make({ mounts: { "/a": { root }, "/b": { root } } });
      call.put("file", "text", 3);
      expect(call.link("file", "new", { fd: 4, newFd: 3 })).toBe("XDEV");
      expect(call.rename("file", "new", { fd: 4, newFd: 3 })).toBe("XDEV");
      expect(call.names(".", 3)).toEqual(["file"]);
    });

    test("of which one is read-only are ROFS to each other, in both directions", () => {
      const root = context.backend().emptyRoot();
      const { call } = context.make({ mounts: { "/a": { root }, "/b": { root, readOnly: true } } });
      call.put("file", "text", 3);
      expect(call.get("file", 4)).toBe("text");
      expect(call.link("file", "new", { fd: 4, newFd: 3 })).toBe("ROFS");
      expect(call.rename("file", "new", { fd: 3, newFd: 4 })).toBe("ROFS");
      expect(call.rename("file", "new", { fd: 4, newFd: 3 })).toBe("ROFS");
      expect(call.link("file", "new", { fd: 3, newFd: 4 })).toBe("ROFS");
      expect(call.names(".", 3)).toEqual(["file"]);
    });

    test("are preopens in order, with the names that they were given", () => {
      const { system } = nested(context);
      const names = [OUTER, INNER, DEEP].map((fd) => {
        const prestat = { tag: 0, name: new Uint8Array() };
        expect(system.fd.prestatGet(fd, prestat)).toBe(Errno.SUCCESS);
        return new TextDecoder().decode(prestat.name);
      });
      expect(names).toEqual(["/", "/data", "/data/sub/deep"]);
    });
  });

  describe("a mount inside another", () => {
    test("is come into by a path", () => {
      const { call } = nested(context);
      expect(call.get("data/file")).toBe("inner");
      expect(call.get("data/covered")).toEqual(failed("NOENT"));
      expect(call.get("data/sub/deep/file")).toBe("deep");
      expect(call.get("sub/deep/file", INNER)).toBe("deep");
      expect(call.get("./data/../data//sub/./deep/file")).toBe("deep");
      expect(call.stat("data")).toEqual(call.fdStat(INNER));
      call.put("data/new", "made");
      expect(call.get("new", INNER)).toBe("made");
    });

    test("is left by `..` to where it lies", () => {
      const { call } = nested(context);
      expect(call.get("data/../file")).toBe("outer");
      expect(call.get("data/sub/deep/../../file")).toBe("inner");
      expect(call.get("data/sub/deep/../../../file")).toBe("outer");
      expect(call.get("data/../../file")).toEqual(failed("PERM"));
      expect(call.get("../file", INNER)).toEqual(failed("PERM"));
      expect(call.get("sub/deep/../../../file", INNER)).toEqual(failed("PERM"));
    });

    test("is come into through links", () => {
      const { call } = nested(context);
      call.symlink("data", "link");
      call.symlink("../file", "data/up");
      call.symlink("sub/deep/file", "data/down");
      expect(call.get("link/file")).toBe("inner");
      expect(call.get("link/sub/deep/file")).toBe("deep");
      expect(call.get("data/up")).toBe("outer");
      expect(call.get("data/down")).toBe("deep");
      expect(call.get("up", INNER)).toEqual(failed("PERM"));
    });

    test("is opened as a directory, which goes on into others", () => {
      const { call } = nested(context);
      const fd = call.mustOpen("data", { oflags: Oflags.DIRECTORY, rights: 0 });
      expect(call.get("sub/deep/file", fd)).toBe("deep");
      expect(call.get("../file", fd)).toEqual(failed("PERM"));
      const sub = call.mustOpen("sub", { fd, oflags: Oflags.DIRECTORY, rights: 0 });
      expect(call.get("deep/file", sub)).toBe("deep");
      expect(call.open("data")).toEqual(failed("ISDIR"));
      expect(call.open("data", { oflags: Oflags.CREAT | Oflags.EXCL })).toEqual(failed("EXIST"));
    });

    test("shows in listings", () => {
      const { call } = nested(context);
      expect(call.names()).toEqual(["data", "file"]);
      expect(call.names("data")).toEqual(["file", "sub"]);
      expect(call.names("data/sub")).toEqual(["deep"]);
      expect(call.names("sub", INNER)).toEqual(["deep"]);
      const data = call.list(OUTER).find(({ name }) => name === "data")!;
      expect(data.filetype).toBe(Filetype.DIRECTORY);
      expect(data.ino).toBe((call.fdStat(INNER) as { ino: bigint }).ino);
    });

    test("is BUSY, as are the directories above it", () => {
      const { call } = nested(context);
      expect({
        rmdir: call.rmdir("data"),
        rmdirDeep: call.rmdir("data/sub/deep"),
        rmdirAbove: call.rmdir("data/sub"),
        unlink: call.unlink("data"),
        rename: call.rename("data", "elsewhere"),
        renameDeep: call.rename("data/sub/deep", "data/elsewhere"),
        renameAbove: call.rename("data/sub", "data/elsewhere"),
        renameAboveInner: call.rename("sub", "elsewhere", { fd: INNER, newFd: INNER }),
      }).toEqual({
        rmdir: "BUSY",
        rmdirDeep: "BUSY",
        rmdirAbove: "BUSY",
        unlink: "BUSY",
        rename: "BUSY",
        renameDeep: "BUSY",
        renameAbove: "BUSY",
        renameAboveInner: "BUSY",
      });
      call.mkdir("dir");
      call.mkdir("data/dir");
      expect(call.rename("dir", "data")).toBe("BUSY");
      expect(call.rename("data/dir", "data/sub")).toBe("BUSY");
      expect(call.get("data/sub/deep/file")).toBe("deep");
    });

    test("is there already: it can't be made", () => {
      const { call } = nested(context);
      expect(call.mkdir("data")).toBe("EXIST");
      expect(call.mkdir("data/sub/deep")).toBe("EXIST");
      expect(call.symlink("x", "data")).toBe("EXIST");
      expect(call.link("file", "data")).toBe("EXIST");
    });

    test("may be read-only in one that is not, and the other way round", () => {
      const backend = context.backend();
      const [outer, inner] = [backend.emptyRoot(), backend.emptyRoot()];
      const one = context.make({ mounts: { "/": { root: outer }, "/ro": { root: inner, readOnly: true } } }).call;
      expect(one.mkdir("ro/new")).toBe("ROFS");
      expect(one.mkdir("new")).toBe("SUCCESS");
      const other = context.make({ mounts: { "/": { root: outer, readOnly: true }, "/rw": { root: inner } } });
      expect(other.call.mkdir("rw/new")).toBe("SUCCESS");
      expect(other.call.mkdir("more")).toBe("ROFS");
      expect(other.call.rename("new", "rw/x")).toBe("ROFS");
    });

    test("that can be changed is changed through a link in one that can't", () => {
      const backend = context.backend();
      const [outer, inner] = [backend.emptyRoot(), backend.emptyRoot()];
      expect(outer.symlinkat("rw/file", "link")).toBe(0);
      const mounts = { "/": { root: outer, readOnly: true }, "/rw": { root: inner } };
      const { call, system } = context.make({ mounts });
      call.put("link", "text");
      expect(call.get("rw/file")).toBe("text");
      expect(system.path.filestatSetTimes(ROOT, 1, "link", 0n, 5_000_000_000n, Fstflags.MTIM)).toBe(Errno.SUCCESS);
      expect(call.stat("rw/file")).toMatchObject({ mtim: 5_000_000_000n });
      expect(system.path.filestatSetTimes(ROOT, 0, "link", 0n, 5_000_000_000n, Fstflags.MTIM)).toBe(Errno.ROFS);
    });
  });
}
