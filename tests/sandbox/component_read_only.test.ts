/** Read-only preopens of components: every change is refused, and nothing is changed. */

import fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunOptions } from "wasirun";
import { posix } from "../../src/platform/posix/mod.ts";
import { canSuspend } from "../../src/runtime/jspi.ts";
import { Oflags, RIGHTS_ALL } from "../../src/witx/types.ts";
import { ComponentCalls } from "./component_calls.ts";
import { CREATE } from "./guest_calls.ts";
import { type ScratchTree, scratchTree, treeState } from "./scratch_tree.ts";

const WAYS = [
  ["the runtime's own calls", {}, canSuspend() ? "suspend" : "block"],
  ["the system's calls, whose waits block", { platform: posix() }, "block"],
] as const;

describe.each(WAYS)("a component by %s", (_name, options, mode) => {
  let tree: ScratchTree;
  let before: string[];
  let guest: ComponentCalls;

  async function start(preopens: NonNullable<RunOptions["preopens"]>): Promise<void> {
    guest = await ComponentCalls.start(preopens, options, mode);
  }

  beforeEach(() => {
    tree = scratchTree();
    before = treeState(tree.box);
  });

  afterEach(async () => {
    await guest.close();
    const after = treeState(tree.box);
    tree.remove();
    expect(after).toEqual(before);
  });

  /** All changes that can be made from a directory, of which `name` is a file in it and `folder` a directory. */
  async function changes(at: number, name: string, folder: string): Promise<Record<string, string>> {
    const writable = { fd: at, rights: RIGHTS_ALL };
    const errnos: Record<string, string> = {
      "open for writing": (await guest.open(name, writable)).errno,
      "create": (await guest.open("new.txt", { ...CREATE, fd: at })).errno,
      "create, to read": (await guest.open("new.txt", { fd: at, oflags: Oflags.CREAT })).errno,
      "create exclusively": (await guest.open("new.txt", { ...writable, oflags: Oflags.CREAT | Oflags.EXCL })).errno,
      "truncate": (await guest.open(name, { fd: at, oflags: Oflags.TRUNC })).errno,
      "mkdir": await guest.mkdir("new", at),
      "rmdir": await guest.rmdir(folder, at),
      "unlink": await guest.unlink(name, at),
      "symlink": await guest.symlink(name, "new", at),
      "link": await guest.link(name, "new", at),
      "rename": await guest.rename(name, "new", at),
      "rename of a directory": await guest.rename(folder, "new", at),
      "times": await guest.setTimes(name, true, at),
      "times of a directory": await guest.setTimes(folder, false, at),
      "times of the open directory": await guest.fsetTimes(at),
    };
    const file = await guest.mustOpen(name, { fd: at });
    errnos["times of an open file"] = await guest.fsetTimes(file);
    errnos["size"] = await guest.setSize(file, 0);
    errnos["write"] = await guest.pwrite(file, "x");
    return errnos;
  }

  function allAre(errnos: Record<string, string>, errno: string): void {
    const others = Object.entries(errnos).filter(([, each]) => each !== errno);
    expect(others).toEqual([]);
  }

  test("can read what it may not change", async () => {
    await start({ "/box": { source: tree.box, readOnly: true } });
    expect((await guest.readFile("dir/inner.txt")).value).toBe("inner");
    expect((await guest.readFile("inside", { follow: true })).value).toBe("inner");
    expect((await guest.names(await guest.mustOpen("dir/sub"))).value).toEqual(["deep.txt", "up3"]);
  });

  test("is permitted no change in a read-only preopen, nor in directories that it opened there", async () => {
    await start({ "/box": { source: tree.box, readOnly: true } });
    allAre(await changes(3, "file.txt", "dir"), "PERM");
    for (const way of ["dir", "here/dir", "here/here/dir/sub/.."]) {
      const directory = await guest.mustOpen(way, { follow: true, oflags: Oflags.DIRECTORY });
      allAre(await changes(directory, "inner.txt", "sub"), "PERM");
    }
  });

  test("is permitted no move or link between a read-only preopen and a writable one of the same folder", async () => {
    await start({ "/box": { source: tree.box, readOnly: true }, "/same": tree.box });
    const there = await guest.mustOpen("dir", { fd: 4 });
    for (const [from, to] of [[3, 4], [4, 3], [3, there], [there, 3]] as const) {
      expect(await guest.rename(from === there ? "inner.txt" : "file.txt", "stolen", from, to)).toBe("PERM");
      expect(await guest.link(from === there ? "inner.txt" : "file.txt", "stolen", from, to)).toBe("PERM");
    }
  });

  test("changes nothing by any way into a read-only mount in a writable one", async () => {
    const work = join(tree.root, "work");
    fs.mkdirSync(work);
    fs.symlinkSync("ro", join(work, "link"));
    await start({ "/": work, "/ro": { source: tree.box, readOnly: true } });
    expect((await guest.readFile("link/file.txt")).value).toBe("file");
    for (const way of ["ro", "./ro", "ro/dir/..", "link", "ro/here"]) {
      const errnos = {
        open: (await guest.open(`${way}/file.txt`, { rights: RIGHTS_ALL })).errno,
        create: (await guest.open(`${way}/new.txt`, CREATE)).errno,
        mkdir: await guest.mkdir(`${way}/new`),
        unlink: await guest.unlink(`${way}/file.txt`),
        times: await guest.setTimes(`${way}/file.txt`, false),
        "rename out": await guest.rename(`${way}/file.txt`, "stolen"),
        "link out": await guest.link(`${way}/file.txt`, "stolen"),
      };
      allAre(errnos, "ROFS");
    }
    const opened = await guest.mustOpen("ro/dir", { oflags: Oflags.DIRECTORY });
    allAre(await changes(opened, "inner.txt", "sub"), "PERM");
    expect(await guest.rename("ro", "gone")).toBe("BUSY");
    expect(fs.readdirSync(work).sort()).toEqual(["link"]);
  });
});
