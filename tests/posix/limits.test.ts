/** What a guest is told where the system has no more of something, or does not permit it. */

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { posix } from "../../src/platform/posix/mod.ts";
import { failed } from "../system/caller.ts";
import { inProcess } from "./in_process.ts";
import { posixSystem } from "./posix_system.ts";
import { temporaryDirectory } from "./temporary.ts";

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

describe("a limit", () => {
  test("of open descriptors is MFILE, and over as soon as one is closed", async () => {
    const answer = await inProcess("descriptors", [temporaryDirectory()], { ulimit: "-n 120" });
    expect(answer).toEqual({
      isMany: true,
      last: failed("MFILE"),
      full: {
        open: failed("MFILE"),
        openDeep: failed("MFILE"),
        openDirectory: failed("MFILE"),
        create: failed("MFILE"),
        deepStat: failed("MFILE"),
        mkdir: "SUCCESS",
        stat: "object",
        unlinkDeep: "MFILE",
      },
      oneFree: { stat: "object", open: "number" },
      content: "content",
      free: { deepStat: false, new: failed("NOENT") },
    });
  });

  test("of the size of files is FBIG, and does not end the process", async () => {
    // In blocks of 512 bytes; far above what runtimes write into files of their own.
    const blocks = 2 ** 18;
    const answer = await inProcess("fileSize", [temporaryDirectory(), String(blocks * 512)], {
      ulimit: `-f ${blocks}`,
    });
    expect(answer).toEqual({
      across: 3,
      atLimit: failed("FBIG"),
      pieces: failed("FBIG"),
      append: failed("FBIG"),
      setSize: "FBIG",
      setSizeToLimit: "SUCCESS",
      allocate: "FBIG",
      below: 3,
      read: "ghi",
    });
  });
});

describe("permissions", () => {
  test("to search and to list a directory are told apart", async () => {
    const folder = temporaryDirectory();
    fs.mkdirSync(join(folder, "search", "sub"), { recursive: true });
    for (const name of ["list", "nothing"]) fs.mkdirSync(join(folder, name));
    for (const name of ["search/file", "search/sub/file", "list/file", "nothing/file", "unreadable", "unwritable"]) {
      fs.writeFileSync(join(folder, name), name);
    }
    const modes = { search: 0o311, list: 0o644, nothing: 0, unreadable: 0o200, unwritable: 0o444 };
    const cache = temporaryDirectory();
    for (const path of [folder, cache]) fs.chmodSync(path, 0o777);
    if (isRoot) execFileSync("chown", ["-R", String(NOBODY), folder]);
    for (const [name, mode] of Object.entries(modes)) fs.chmodSync(join(folder, name), mode);
    try {
      const answer = await inProcess("permissions", [folder], isRoot ? { user: NOBODY, cache } : {});
      expect(answer).toEqual({
        user: isRoot ? NOBODY : process.getuid?.(),
        list: failed("ACCES"),
        file: "search/file",
        fileFromThere: "search/file",
        deepFile: "search/sub/file",
        stat: false,
        attributes: false,
        setTimes: "SUCCESS",
        setTimesByPath: "SUCCESS",
        sync: "SUCCESS",
        create: expect.any(Number),
        listOnly: ["file"],
        listOnlyFile: failed("ACCES"),
        nothing: failed("ACCES"),
        unreadable: failed("ACCES"),
        unwritable: failed("ACCES"),
      });
    } finally {
      for (const name of Object.keys(modes)) fs.chmodSync(join(folder, name), 0o777);
    }
  });
});

/** A mount of its own, or undefined where this user may make none. */
function mountSmall(): { folder: string; unmount(): void } | undefined {
  const folder = temporaryDirectory();
  const small = join(folder, "small");
  fs.mkdirSync(small);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k,nr_inodes=10", "none", small], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  return { folder, unmount: () => void execFileSync("umount", [small]) };
}

describe("a file system", () => {
  test("that is full is NOSPC, and another one XDEV", async ({ skip }) => {
    const mounted = mountSmall();
    if (mounted === undefined) return skip("mounting takes root");
    try {
      expect(await inProcess("full", [mounted.folder])).toEqual({
        short: true,
        write: failed("NOSPC"),
        pieces: failed("NOSPC"),
        allocate: "NOSPC",
        rename: "XDEV",
        renameBack: "XDEV",
        link: "XDEV",
        inodes: "NOSPC",
        ino: true,
      });
    } finally {
      mounted.unmount();
    }
  });

  test.skipIf(!fs.existsSync("/dev/full"))("that is always full is NOSPC", () => {
    const { call, system } = posixSystem("/dev");
    const fd = call.mustOpen("full");
    expect(call.write(fd, "x")).toEqual(failed("NOSPC"));
    expect(call.write(fd, "x", "y")).toEqual(failed("NOSPC"));
    expect(call.read(fd, 3)).toBe("\0\0\0");
    system.close();
  });
});

describe("a path of the host", () => {
  test("with a NUL is refused, and not cut there", () => {
    const folder = temporaryDirectory();
    expect(() => posix().openRoot(`${folder}\0x`)).toThrow("NUL");
    expect(() => posix().readFile(`${folder}\0x`)).toThrow("NUL");
  });
});
