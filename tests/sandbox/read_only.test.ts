import fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunOptions } from "wasirun";
import { Fdflags, Oflags, Rights, RIGHTS_ALL } from "../../src/witx/types.ts";
import { CREATE, GuestCalls } from "./guest_calls.ts";
import { PLATFORMS } from "./platforms.ts";
import { type ScratchTree, scratchTree, treeState } from "./scratch_tree.ts";

const FILES = ["file.txt", "dir/inner.txt", "inside", "here/file.txt"];
const DIRECTORIES = ["dir", "dir/sub", ".", "here"];
/** What ends with no change because it is not allowed, or because there is nothing to be changed. */
const REFUSALS = [
  "ROFS",
  "BADF",
  "NOTCAPABLE",
  "INVAL",
  "ISDIR",
  "EXIST",
  "LOOP",
  "NOTDIR",
  "BUSY",
  "XDEV",
  "PERM",
  "NOENT",
];

describe.each(PLATFORMS)("by %s", (_name, options) => {
  let tree: ScratchTree;
  let before: string[];
  let guest: GuestCalls;

  function start(preopens: NonNullable<RunOptions["preopens"]>): Promise<GuestCalls> {
    return GuestCalls.start(preopens, options);
  }

  beforeEach(async () => {
    tree = scratchTree();
    before = treeState(tree.box);
    guest = await start({ "/box": { source: tree.box, readOnly: true } });
  });

  afterEach(async () => {
    await guest.close();
    const after = treeState(tree.box);
    tree.remove();
    expect(after).toEqual(before);
  });

  async function writableOpens(path: string, fd = 3): Promise<string[]> {
    const errnos: string[] = [];
    for (const oflags of [0, Oflags.CREAT, Oflags.TRUNC, Oflags.CREAT | Oflags.TRUNC, Oflags.CREAT | Oflags.EXCL]) {
      for (const follow of [false, true]) {
        for (const fdflags of [0, Fdflags.APPEND]) {
          errnos.push((await guest.open(path, { fd, follow, oflags, fdflags, rights: RIGHTS_ALL })).errno);
        }
      }
    }
    return errnos;
  }

  describe("in a read-only mount", () => {
    test("files can be read and listed", async () => {
      expect((await guest.readFile("file.txt")).value).toBe("file");
      expect((await guest.readFile("inside", { follow: true })).value).toBe("inner");
      expect((await guest.names(await guest.mustOpen("dir/sub"))).value).toEqual(["deep.txt", "up3"]);
      expect((await guest.stat("dir/inner.txt", false)).value?.size).toBe(5n);
      expect((await guest.open("file.txt", { oflags: Oflags.CREAT })).errno).toBe("SUCCESS");
    });

    test("nothing is opened for writing, created or cut", async () => {
      for (const path of [...FILES, "new.txt", "dir/new.txt", "here/new.txt"]) {
        for (const errno of await writableOpens(path)) expect(REFUSALS, path).toContain(errno);
      }
      expect((await guest.open("file.txt", { rights: RIGHTS_ALL })).errno).toBe("ROFS");
      expect((await guest.open("file.txt", { oflags: Oflags.TRUNC })).errno).toBe("ROFS");
      expect((await guest.open("new.txt", CREATE)).errno).toBe("ROFS");
      expect((await guest.open("new.txt", { oflags: Oflags.CREAT })).errno).toBe("ROFS");
      expect((await guest.open("new.txt", { oflags: Oflags.CREAT | Oflags.EXCL })).errno).toBe("ROFS");
    });

    test("names are not made, removed or moved", async () => {
      expect(await guest.mkdir("new")).toBe("ROFS");
      expect(await guest.symlink("file.txt", "new")).toBe("ROFS");
      expect(await guest.link("file.txt", "new")).toBe("ROFS");
      expect(await guest.rename("file.txt", "new")).toBe("ROFS");
      expect(await guest.rename("dir", "new")).toBe("ROFS");
      expect(await guest.unlink("file.txt")).toBe("ROFS");
      expect(await guest.unlink("inside")).toBe("ROFS");
      expect(await guest.rmdir("dir/sub")).toBe("ROFS");
      for (const path of ["here/new", "dir/../new", "dir/sub/new", "new/"]) {
        expect(REFUSALS, path).toContain(await guest.mkdir(path));
        expect(REFUSALS, path).toContain(await guest.symlink("file.txt", path));
        expect(REFUSALS, path).toContain(await guest.rename("file.txt", path));
      }
    });

    test("times are not set by path", async () => {
      for (const path of [...FILES, ...DIRECTORIES]) {
        for (const follow of [false, true]) expect(await guest.setTimes(path, follow), path).toBe("ROFS");
      }
    });

    test("a descriptor that was opened for reading changes nothing", async () => {
      for (const path of ["file.txt", "dir/inner.txt"]) {
        const fd = await guest.mustOpen(path);
        expect(await guest.write(fd, "x"), "fd_write").toBe("BADF");
        expect(await guest.pwrite(fd, "x"), "fd_pwrite").toBe("BADF");
        expect(await guest.setSize(fd, 0), "fd_filestat_set_size").toBe("ROFS");
        expect(await guest.setSize(fd, 100), "fd_filestat_set_size").toBe("ROFS");
        expect(await guest.allocate(fd, 100), "fd_allocate").toBe("ROFS");
        expect(await guest.fsetTimes(fd), "fd_filestat_set_times").toBe("ROFS");
        await guest.setFlags(fd, Fdflags.APPEND);
        await guest.setRights(fd, RIGHTS_ALL);
        expect(await guest.write(fd, "x"), "fd_write in append mode").toBe("BADF");
        await guest.closeFd(fd);
      }
    });

    test("a directory's times are not set by its descriptor", async () => {
      for (const path of DIRECTORIES) {
        const fd = await guest.mustOpen(path, { follow: true, oflags: Oflags.DIRECTORY });
        expect(await guest.fsetTimes(fd), path).toBe("ROFS");
      }
      expect(await guest.fsetTimes(3)).toBe("ROFS");
    });

    test("a directory that was opened in it is as read-only", async () => {
      for (const path of ["dir", "here"]) {
        const fd = await guest.mustOpen(path, { follow: true, oflags: Oflags.DIRECTORY });
        expect((await guest.open("new.txt", { ...CREATE, fd })).errno).toBe("ROFS");
        expect(await guest.mkdir("new", fd)).toBe("ROFS");
        expect(await guest.symlink("x", "new", fd)).toBe("ROFS");
        expect(await guest.setTimes(".", false, fd)).toBe("ROFS");
        expect(await guest.rename("dir", "new", 3, fd)).toBe("ROFS");
        expect(await guest.link("file.txt", "new", 3, fd)).toBe("ROFS");
      }
    });

    test("a descriptor can be renumbered over others without gaining a right", async () => {
      const fd = await guest.mustOpen("file.txt");
      const other = await guest.mustOpen("dir/inner.txt");
      expect(await guest.raw("fd_renumber", fd, other)).toBe("SUCCESS");
      expect(await guest.write(other, "x")).toBe("BADF");
    });
  });

  describe("a read-only mount in a writable one", () => {
    beforeEach(async () => {
      await guest.close();
      fs.mkdirSync(join(tree.root, "work"));
      fs.symlinkSync("ro", join(tree.root, "work", "link"));
      guest = await start({
        "/": join(tree.root, "work"),
        "/ro": { source: tree.box, readOnly: true },
      });
    });

    test("is read-only by every way into it", async () => {
      expect((await guest.readFile("ro/file.txt")).value).toBe("file");
      expect((await guest.readFile("link/file.txt")).value).toBe("file");
      for (const way of ["ro", "./ro", "ro/dir/..", "link", "ro/here"]) {
        expect((await guest.open(`${way}/file.txt`, { rights: RIGHTS_ALL })).errno, way).toBe("ROFS");
        expect((await guest.open(`${way}/new.txt`, CREATE)).errno, way).toBe("ROFS");
        expect(await guest.mkdir(`${way}/new`), way).toBe("ROFS");
        expect(await guest.unlink(`${way}/file.txt`), way).toBe("ROFS");
        expect(await guest.setTimes(`${way}/file.txt`, false), way).toBe("ROFS");
      }
      expect(await guest.symlink("ro/file.txt", "mine")).toBe("SUCCESS");
      expect((await guest.open("mine", { follow: true, rights: RIGHTS_ALL })).errno).toBe("ROFS");
      expect((await guest.open("mine", { follow: true, oflags: Oflags.TRUNC })).errno).toBe("ROFS");
    });

    test("is neither moved nor removed, and nothing is moved or linked over its border", async () => {
      expect(await guest.rename("ro", "gone")).toBe("BUSY");
      expect(["BUSY", "ROFS"]).toContain(await guest.rmdir("ro"));
      expect(["BUSY", "ISDIR", "ROFS"]).toContain(await guest.unlink("ro"));
      expect(await guest.rename("ro/file.txt", "stolen")).toBe("ROFS");
      expect(await guest.link("ro/file.txt", "stolen")).toBe("ROFS");
      expect((await guest.open("mine", CREATE)).errno).toBe("SUCCESS");
      expect(await guest.rename("mine", "ro/mine")).toBe("ROFS");
      expect(await guest.link("mine", "ro/mine")).toBe("ROFS");
      expect(fs.existsSync(join(tree.root, "work", "stolen"))).toBe(false);
    });

    test("does not lose its rights to what hides beneath it", async () => {
      const rights = RIGHTS_ALL & ~Rights.FD_WRITE;
      const fd = await guest.mustOpen("ro", { oflags: Oflags.DIRECTORY, rights });
      expect((await guest.open("file.txt", { fd, rights: RIGHTS_ALL })).errno).toBe("ROFS");
      expect((await guest.open("../link", { fd })).errno).toBe("PERM");
    });
  });
});
