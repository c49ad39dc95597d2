/** Files and directories as only the system's own calls have them. */

import fs from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { Advice, Fdflags, Filetype, Fstflags, Rights } from "../../src/witx/types.ts";
import { Errno } from "../../src/witx/errno.ts";
import { failed, ROOT } from "../system/caller.ts";
import { command } from "../tools/command.ts";
import { hasProc, openFlagsOf } from "./descriptor_files.ts";
import { posixSystem } from "./posix_system.ts";
import { temporaryDirectory } from "./temporary.ts";

const isLinux = process.platform === "linux";

/** Times of access and modification in ns, by stat(1): not every runtime tells them to the ns. */
async function timesOf(path: string): Promise<[bigint, bigint]> {
  const [atim, mtim] = (await command("stat", ["-c", "%.9X %.9Y", path])).trim().split(" ");
  return [BigInt(atim!.replace(".", "")), BigInt(mtim!.replace(".", ""))];
}

describe.skipIf(!isLinux)("times", () => {
  const ATIM = 1_234_567_890_123_456_789n;
  const MTIM = 987_654_321_987_654_321n;
  const BOTH = Fstflags.ATIM | Fstflags.MTIM;

  test("are set to the ns, by path and by descriptor", async () => {
    const { call, system, folder } = posixSystem();
    call.put("file", "x");
    call.mkdir("dir");
    for (const name of ["file", "dir"]) {
      expect(system.path.filestatSetTimes(ROOT, 0, name, ATIM, MTIM, BOTH)).toBe(Errno.SUCCESS);
      expect(await timesOf(join(folder, name))).toEqual([ATIM, MTIM]);
      const fd = call.mustOpen(name, name === "dir" ? { oflags: 2, rights: Rights.FD_FILESTAT_SET_TIMES } : {});
      expect(system.fd.filestatSetTimes(fd, MTIM + 1n, ATIM + 2n, BOTH)).toBe(Errno.SUCCESS);
      expect(await timesOf(join(folder, name))).toEqual([MTIM + 1n, ATIM + 2n]);
      expect(call.stat(name)).toMatchObject({ atim: MTIM + 1n, mtim: ATIM + 2n });
    }
    system.close();
  });

  test("are left alone where they are not asked for", async () => {
    const { call, system, folder } = posixSystem();
    call.put("file", "x");
    system.path.filestatSetTimes(ROOT, 0, "file", ATIM, MTIM, BOTH);
    expect(system.path.filestatSetTimes(ROOT, 0, "file", 5n, 7n, Fstflags.MTIM)).toBe(Errno.SUCCESS);
    expect(await timesOf(join(folder, "file"))).toEqual([ATIM, 7n]);
    expect(system.path.filestatSetTimes(ROOT, 0, "file", 5n, 7n, Fstflags.ATIM)).toBe(Errno.SUCCESS);
    expect((await timesOf(join(folder, "file")))[1]).toBe(7n);
    system.close();
  });

  test("of a symbolic link are its own", async () => {
    const { call, system, folder } = posixSystem();
    call.put("file", "x");
    const before = await timesOf(join(folder, "file"));
    call.symlink("file", "link");
    expect(system.path.filestatSetTimes(ROOT, 0, "link", ATIM, MTIM, BOTH)).toBe(Errno.SUCCESS);
    expect((await timesOf(join(folder, "link")))[1]).toBe(MTIM);
    expect(await timesOf(join(folder, "file"))).toEqual(before);
    system.close();
  });
});

describe("room for a file", () => {
  test("is really taken", () => {
    const { call, system, folder } = posixSystem();
    const length = 1 << 20;
    const fd = call.mustOpen("file", { oflags: 1 });
    expect(system.fd.allocate(fd, 0n, BigInt(length))).toBe(Errno.SUCCESS);
    const { size, blocks } = fs.statSync(join(folder, "file"));
    expect(size).toBe(length);
    expect(blocks * 512).toBeGreaterThanOrEqual(length);
    system.close();
  });

  test("is taken behind 2^32 without what lies before it", () => {
    const { call, system, folder } = posixSystem();
    const fd = call.mustOpen("file", { oflags: 1 });
    expect(system.fd.allocate(fd, 2n ** 33n, 65536n)).toBe(Errno.SUCCESS);
    const { size, blocks } = fs.statSync(join(folder, "file"));
    expect(size).toBe(2 ** 33 + 65536);
    expect(blocks * 512).toBeGreaterThanOrEqual(65536);
    expect(blocks * 512).toBeLessThan(1 << 20);
    system.close();
  });

  test("is not taken where the file is open for reading only, or is none", () => {
    const { call, system } = posixSystem();
    call.put("file", "x");
    const reading = call.mustOpen("file", { rights: Rights.FD_READ | Rights.FD_ALLOCATE });
    expect(system.fd.allocate(reading, 0n, 10n)).not.toBe(Errno.SUCCESS);
    const fd = call.mustOpen("file");
    expect(system.fd.allocate(fd, 0n, 0n)).toBe(Errno.INVAL);
    system.close();
  });

  test("can be told how it will be used, also beyond 2^32", () => {
    const { call, system } = posixSystem();
    const fd = call.mustOpen("file", { oflags: 1 });
    for (const advice of Object.values(Advice)) {
      expect(system.fd.advise(fd, 0n, 0n, advice), String(advice)).toBe(Errno.SUCCESS);
      expect(system.fd.advise(fd, 2n ** 40n, 2n ** 33n, advice), String(advice)).toBe(Errno.SUCCESS);
    }
    system.close();
  });
});

describe.skipIf(!isLinux || !hasProc)("flags of opening", () => {
  const O_APPEND = 0o2000;
  const O_NONBLOCK = 0o4000;
  const O_DSYNC = 0o10000;
  const O_SYNC = 0o4010000;
  const O_CLOEXEC = 0o2000000;

  test.each([
    ["DSYNC", Fdflags.DSYNC, O_SYNC, O_DSYNC],
    ["SYNC", Fdflags.SYNC, O_SYNC, O_SYNC],
    ["RSYNC", Fdflags.RSYNC, O_SYNC, O_SYNC],
    ["none of them", 0, O_SYNC, 0],
    ["APPEND", Fdflags.APPEND, O_APPEND, O_APPEND],
  ])("%s reaches the system", (_name, fdflags, mask, expected) => {
    const { call, system, folder } = posixSystem();
    call.mustOpen("file", { oflags: 1, fdflags });
    expect(openFlagsOf(join(folder, "file")) & mask).toBe(expected);
    system.close();
  });

  test("no descriptor is inherited by other programs", () => {
    const { call, system, folder } = posixSystem();
    call.put("file", "x");
    call.mkdir("dir");
    call.mustOpen("file");
    call.mustOpen("dir", { oflags: 2, rights: Rights.FD_READDIR });
    for (const path of ["file", "dir", "."]) {
      expect(openFlagsOf(join(folder, path)) & O_CLOEXEC, path).toBe(O_CLOEXEC);
    }
    expect(openFlagsOf(join(folder, "file")) & O_NONBLOCK).toBe(O_NONBLOCK);
    system.close();
  });

  test("files are synced, whole or their data", () => {
    const { call, system } = posixSystem();
    const fd = call.mustOpen("file", { oflags: 1 });
    call.write(fd, "x");
    expect(system.fd.sync(fd)).toBe(Errno.SUCCESS);
    expect(system.fd.datasync(fd)).toBe(Errno.SUCCESS);
    expect(system.fd.sync(ROOT)).toBe(Errno.SUCCESS);
    expect(system.fd.datasync(ROOT)).toBe(Errno.SUCCESS);
    system.close();
  });
});

describe("a directory", () => {
  test("tells serial numbers and link counts as they are", () => {
    const { call, system, folder } = posixSystem();
    call.put("file", "x");
    call.mkdir("dir");
    call.mkdir("dir/inner");
    call.symlink("file", "link");
    call.link("file", "dir/other");
    for (const name of ["file", "dir", "dir/inner", "link", "dir/other"]) {
      const { ino, nlink, dev } = fs.lstatSync(join(folder, name), { bigint: true });
      expect(call.stat(name, { follow: false }), name).toMatchObject({ ino, nlink, dev });
    }
    const { ino } = fs.statSync(folder, { bigint: true });
    expect(call.fdStat(ROOT)).toMatchObject({ ino });
    system.close();
  });

  test("of 10,000 entries is listed whole, with serial numbers, whatever the size of the buffer", () => {
    // In memory, where ten thousand files are made in no time.
    const { call, system, folder } = posixSystem(
      temporaryDirectory(fs.existsSync("/dev/shm") ? "/dev/shm" : undefined),
    );
    const count = 10_000;
    for (let i = 0; i < count; i++) fs.closeSync(fs.openSync(join(folder, `file-${i}`), "w"));
    const fd = call.mustOpen(".", { oflags: 2, rights: Rights.FD_READDIR });
    for (const length of [512, 65536]) {
      const entries = call.list(fd, length).filter(({ name }) => name !== "." && name !== "..");
      expect(new Set(entries.map(({ name }) => name)).size).toBe(count);
      expect(new Set(entries.map(({ ino }) => ino)).size).toBe(count);
      expect(entries.every(({ filetype }) => filetype === Filetype.REGULAR_FILE)).toBe(true);
      for (const { name, ino } of entries.filter((_, i) => i % 997 === 0)) {
        expect(ino, name).toBe(fs.statSync(join(folder, name), { bigint: true }).ino);
      }
    }
    system.close();
  });

  test("is listed anew from cookie 0, with what was made meanwhile", () => {
    const { call, system } = posixSystem();
    call.put("one", "");
    const fd = call.mustOpen(".", { oflags: 2, rights: Rights.FD_READDIR });
    const names = (): string[] => call.list(fd).map(({ name }) => name).sort();
    expect(names()).toEqual([".", "..", "one"]);
    call.put("two", "");
    call.unlink("one");
    expect(names()).toEqual([".", "..", "two"]);
    system.close();
  });

  test("takes names of 255 bytes and no longer ones, in every call", () => {
    const { call, system, folder } = posixSystem();
    for (const name of ["n".repeat(255), "日".repeat(85), "ä".repeat(127) + "x"]) {
      call.put(name, "content");
      expect(call.get(name)).toBe("content");
      expect(call.names()).toEqual([name]);
      expect(fs.readdirSync(folder)).toEqual([name]);
      expect(call.rename(name, `${name.slice(0, -1)}y`)).toBe("SUCCESS");
      expect(call.unlink(`${name.slice(0, -1)}y`)).toBe("SUCCESS");
    }
    call.put("file", "x");
    for (const name of ["n".repeat(256), "日".repeat(86), "ä".repeat(128)]) {
      expect(call.open(name, { oflags: 1 })).toEqual(failed("NAMETOOLONG"));
      expect(call.stat(name)).toEqual(failed("NAMETOOLONG"));
      expect(call.mkdir(name)).toBe("NAMETOOLONG");
      expect(call.symlink("file", name)).toBe("NAMETOOLONG");
      expect(call.rename("file", name)).toBe("NAMETOOLONG");
      expect(call.link("file", name)).toBe("NAMETOOLONG");
      expect(call.unlink(name)).toBe("NAMETOOLONG");
      expect(call.rmdir(name)).toBe("NAMETOOLONG");
      expect(call.readlink(name)).toEqual(failed("NAMETOOLONG"));
      expect(call.stat(`${name}/x`)).toEqual(failed("NAMETOOLONG"));
    }
    system.close();
  });

  test("takes symbolic links of 4,095 bytes and no longer ones", () => {
    const { call, system } = posixSystem();
    const target = "日/".repeat(1023) + "abc";
    expect(call.symlink(target, "link")).toBe("SUCCESS");
    expect(call.readlink("link")).toBe(target);
    expect(call.symlink(`${target}d`, "other")).toBe("NAMETOOLONG");
    system.close();
  });

  test("200 levels deep is found, and 200 times .. leads back", () => {
    const { call, system, folder } = posixSystem();
    const path = Array.from({ length: 200 }, (_, i) => `d${i}`).join("/");
    fs.mkdirSync(join(folder, path), { recursive: true });
    call.put(`${path}/file`, "deep");
    expect(call.get(`${path}/file`)).toBe("deep");
    expect(call.get(`${path}/${"../".repeat(200)}${path}/file`)).toBe("deep");
    expect(call.stat(`${path}/${"../".repeat(201)}x`)).toEqual(failed("PERM"));
    system.close();
  });
});
