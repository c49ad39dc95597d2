/** What tests of escapes do with a guest, whichever ABI it has. */

import fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunOptions } from "wasirun";
import { Oflags, RIGHTS_ALL } from "../../src/witx/types.ts";
import { command } from "../tools/command.ts";
import { CREATE } from "./guest_calls.ts";
import type { Answer, SandboxGuest } from "./sandbox_guest.ts";
import { hostLinks, type ScratchTree, scratchTree, SECRET } from "./scratch_tree.ts";

/** Starts a guest that has only these directories. */
export type StartGuest = (preopens: NonNullable<RunOptions["preopens"]>) => Promise<SandboxGuest>;

/**
 * A guest leaves its mounts by no path, link or directory.
 *
 * @param name What runs the guest.
 * @param start Starts one.
 */
export function describeEscapes(name: string, start: StartGuest): void {
  describe(name, () => testEscapes(start));
}

function testEscapes(start: StartGuest): void {
  let tree: ScratchTree;
  let before: string[];
  let guest: SandboxGuest;

  beforeEach(async () => {
    tree = scratchTree();
    before = tree.outsideState();
    guest = await start({ "/box": tree.box });
  });

  afterEach(async () => {
    await guest.close();
    const after = tree.outsideState();
    tree.remove();
    expect(after).toEqual(before);
  });

  /** Try everything that takes a path on one that leads outside; each must be refused with one of these errnos. */
  async function expectRefused(path: string, errnos: readonly string[] = ["PERM"], fd = 3): Promise<void> {
    const writable = { fd, rights: RIGHTS_ALL };
    const attempts: Record<string, string> = {
      "open": (await guest.open(path, { fd })).errno,
      "open following": (await guest.open(path, { fd, follow: true })).errno,
      "open directory": (await guest.open(path, { fd, follow: true, oflags: Oflags.DIRECTORY })).errno,
      "create": (await guest.open(path, { ...writable, follow: true, oflags: Oflags.CREAT })).errno,
      "create exclusively": (await guest.open(path, { ...writable, oflags: Oflags.CREAT | Oflags.EXCL })).errno,
      "truncate": (await guest.open(path, { ...writable, follow: true, oflags: Oflags.TRUNC })).errno,
      "stat": (await guest.stat(path, false, fd)).errno,
      "stat following": (await guest.stat(path, true, fd)).errno,
      "readlink": (await guest.readlink(path, fd)).errno,
      "set times": await guest.setTimes(path, false, fd),
      "set times following": await guest.setTimes(path, true, fd),
      "mkdir": await guest.mkdir(path, fd),
      "rmdir": await guest.rmdir(path, fd),
      "unlink": await guest.unlink(path, fd),
      "symlink": await guest.symlink("file.txt", path, fd),
      "rename from": await guest.rename(path, "stolen", fd, 3),
      "rename to": await guest.rename("file.txt", path, 3, fd),
      "link from": await guest.link(path, "stolen", fd, 3),
      "link to": await guest.link("file.txt", path, 3, fd),
    };
    const allowed = Object.entries(attempts).filter(([, errno]) => !errnos.includes(errno));
    expect({ path, allowed }).toEqual({ path, allowed: [] });
    expect(fs.existsSync(join(tree.box, "stolen"))).toBe(false);
  }

  function hasNoSecret({ value }: Answer<string>): boolean {
    return value === undefined || !value.includes(SECRET);
  }

  describe("the paths of a guest", () => {
    test("lead nowhere outside by ..", async () => {
      const spellings = [
        "../outside/secret.txt",
        "./../outside/secret.txt",
        ".//..//outside//secret.txt",
        "dir/../../outside/secret.txt",
        "dir/sub/../../../outside/secret.txt",
        "dir/./.././../outside/secret.txt",
        "dir/../dir/../../boxes/secret.txt",
        "../boxes/secret.txt",
        "../box/file.txt",
        "../box/../outside/new.txt",
        "../../../../../../../../../../etc/passwd",
        "here/here/../outside/../../outside/secret.txt",
        "../new",
      ];
      for (const path of spellings) await expectRefused(path);
      for (const path of ["..", "../", "../.", "dir/../..", "here/.."]) await expectRefused(path);
    });

    test("do not come in again from outside, even where the way back is the mount's own name", async () => {
      expect((await guest.readFile("../box/file.txt", { follow: true })).errno).toBe("PERM");
      expect((await guest.readFile("again", { follow: true })).errno).toBe("PERM");
    });

    test("are never absolute", async () => {
      const outside = [
        join(tree.outside, "secret.txt"),
        "/etc/passwd",
        "//etc/passwd",
        "/",
        "/box/file.txt",
        "/proc/self/environ",
      ];
      for (const path of outside) await expectRefused(path);
    });

    test("lead nowhere outside through a symbolic link that the host made, in the middle", async () => {
      const ways = [
        "up/outside",
        "out",
        "sibling",
        "absolute",
        "slash/etc",
        "proc/etc",
        "chain1",
        "chain2",
        "dir/chain3",
        "dir/up2",
      ];
      for (const way of ways) await expectRefused(`${way}/secret.txt`);
      for (const way of ["dir/sub/up3/outside", "here/out", "here/here/up/outside", "up/box/up/outside"]) {
        await expectRefused(`${way}/secret.txt`);
        await expectRefused(`${way}/new.txt`);
      }
    });

    test("lead nowhere outside through a symbolic link at the end", async () => {
      for (const link of Object.keys(hostLinks(tree.outside)).filter((name) => !/here|inside|loop/.test(name))) {
        expect((await guest.open(link, { follow: true })).errno, link).toBe("PERM");
        expect((await guest.open(link)).errno, link).toBe("LOOP");
        expect((await guest.open(link, { oflags: Oflags.DIRECTORY })).errno, link).toBe("LOOP");
        expect((await guest.stat(link, true)).errno, link).toBe("PERM");
        expect((await guest.stat(link, false)).value?.filetype, link).toBe(7);
        expect((await guest.open(link, { ...CREATE, follow: true })).errno, link).toBe("PERM");
        expect((await guest.open(link, CREATE)).errno, link).toBe("LOOP");
        expect((await guest.open(link, { follow: true, oflags: Oflags.TRUNC, rights: RIGHTS_ALL })).errno, link).toBe(
          "PERM",
        );
        expect((await guest.open(link, { oflags: Oflags.TRUNC, rights: RIGHTS_ALL })).errno, link).toBe("LOOP");
        expect(await guest.setTimes(link, true), link).toBe("PERM");
        expect(await guest.mkdir(link), link).toBe("EXIST");
      }
    });

    test("lead nowhere outside by a slash behind a symbolic link", async () => {
      for (const link of ["up", "out", "absolute", "slash", "proc", "cwd", "chain1", "dir/up2"]) {
        for (const path of [`${link}/`, `${link}//`, `${link}/.`, `${link}/./`]) {
          expect((await guest.open(path)).errno, path).toBe("PERM");
          expect((await guest.open(path, { follow: true })).errno, path).toBe("PERM");
          expect((await guest.stat(path, false)).errno, path).toBe("PERM");
          expect(await guest.setTimes(path, false), path).toBe("PERM");
          expect(await guest.rmdir(path), path).not.toBe("SUCCESS");
          expect(await guest.unlink(path), path).not.toBe("SUCCESS");
          expect(await guest.mkdir(path), path).not.toBe("SUCCESS");
          expect(await guest.symlink("x", path), path).not.toBe("SUCCESS");
          expect(await guest.rename(path, "moved"), path).not.toBe("SUCCESS");
          expect(await guest.link(path, "linked"), path).not.toBe("SUCCESS");
        }
      }
    });

    test("may use symbolic links that stay inside", async () => {
      expect((await guest.readFile("inside", { follow: true })).value).toBe("inner");
      expect((await guest.readFile("here/dir/../here/file.txt")).value).toBe("file");
      expect((await guest.readFile("dir/sub/../inner.txt")).value).toBe("inner");
    });

    test("end in LOOP where symbolic links go in a circle", async () => {
      for (const path of ["loop", "loop/x", "loop1", "loop2", "loop2/y", "here/loop"]) {
        expect((await guest.open(path, { follow: true })).errno, path).toBe("LOOP");
        expect((await guest.stat(path, true)).errno, path).toBe("LOOP");
      }
    });

    test("that fail on their way do not go on with the name of the call before", async () => {
      expect((await guest.readFile("inside", { follow: true })).value).toBe("inner");
      expect((await guest.open("loop/x", { follow: true })).errno).toBe("LOOP");
      expect((await guest.stat("outfile", false)).errno).toBe("SUCCESS");
      expect((await guest.open("loop/secret.txt", { follow: true })).errno).toBe("LOOP");
    });

    test("with a NUL byte are refused", async () => {
      for (
        const path of ["file.txt\0", "\0", "../outside/secret.txt\0.png", "dir\0/inner.txt", "file.txt\0/../../outside"]
      ) {
        await expectRefused(path, ["INVAL"]);
      }
      expect(await guest.symlink("file.txt\0", "nul")).toBe("INVAL");
    });

    test("may be 4,096 bytes long and no longer, and lead nowhere else by being long", async () => {
      const dots = "./".repeat(2039);
      expect((await guest.readFile(`${dots}file.txt`)).value).toBe("file");
      expect((await guest.readFile(`${dots}../outside/secret.txt`)).errno).toMatch(/^(PERM|NAMETOOLONG)$/);
      await expectRefused("./".repeat(2030) + "../outside/secret.txt");
      await expectRefused("./".repeat(2048) + "x", ["NAMETOOLONG"]);
      await expectRefused("n".repeat(4097), ["NAMETOOLONG"]);
      await expectRefused("n".repeat(256) + "/../../outside/secret.txt", ["NAMETOOLONG"]);
      await expectRefused("ä".repeat(200), ["NAMETOOLONG"]);
    });

    test("find no /proc and no /dev", async () => {
      for (
        const path of [
          "proc/self/environ",
          "proc/1/environ",
          "slash/proc/self/mem",
          "cwd/package.json",
          "slash/dev/null",
        ]
      ) {
        await expectRefused(path);
      }
      for (const path of ["/proc/self/fd/0", "/proc/self/root/etc/passwd", "/dev/stdin", "/dev/fd/1"]) {
        await expectRefused(path);
      }
      for (const path of ["dev/null", "dev/stdin"]) expect((await guest.open(path)).errno).toBe("NOENT");
    });
  });

  describe("an open directory", () => {
    test("is a wall for .., although the mount goes on above it", async () => {
      const sub = await guest.mustOpen("dir/sub");
      await expectRefused("../inner.txt", ["PERM"], sub);
      await expectRefused("../../file.txt", ["PERM"], sub);
      await expectRefused("../../../outside/secret.txt", ["PERM"], sub);
      await expectRefused("up3/outside/secret.txt", ["PERM"], sub);
      expect((await guest.readFile("deep.txt", { fd: sub })).value).toBe("deep");
    });

    test("that was opened through a symbolic link is a wall as well", async () => {
      const here = await guest.mustOpen("here", { follow: true });
      await expectRefused("../outside/secret.txt", ["PERM"], here);
      await expectRefused("out/secret.txt", ["PERM"], here);
    });

    test("that is renamed while it is open leads nowhere outside", async () => {
      const sub = await guest.mustOpen("dir/sub");
      expect(await guest.rename("dir/sub", "moved")).toBe("SUCCESS");
      await expectRefused("../outside/secret.txt", ["PERM"], sub);
      expect((await guest.readFile("deep.txt", { fd: sub })).value).toBe("deep");
      expect(await guest.symlink("../../outside", "dir/sub")).toBe("SUCCESS");
      expect((await guest.readFile("secret.txt", { fd: sub })).errno).toBe("NOENT");
      expect((await guest.names(sub)).value).toEqual(["deep.txt", "up3"]);
    });

    test("beneath a renamed one leads nowhere outside", async () => {
      const sub = await guest.mustOpen("dir/sub");
      expect(await guest.rename("dir", "moved")).toBe("SUCCESS");
      expect(await guest.mkdir("dir")).toBe("SUCCESS");
      expect(await guest.symlink("../../outside", "dir/sub")).toBe("SUCCESS");
      expect((await guest.readFile("secret.txt", { fd: sub })).errno).toBe("NOENT");
      expect((await guest.readFile("deep.txt", { fd: sub })).value).toBe("deep");
    });

    test("that was removed and replaced by a link to the outside is empty", async () => {
      expect(await guest.mkdir("gone")).toBe("SUCCESS");
      const gone = await guest.mustOpen("gone");
      expect(await guest.rmdir("gone")).toBe("SUCCESS");
      expect(await guest.symlink("../outside", "gone")).toBe("SUCCESS");
      await expectRefused("secret.txt", ["NOENT"], gone);
      await expectRefused("new.txt", ["NOENT"], gone);
      expect((await guest.names(gone)).value ?? []).toEqual([]);
      fs.mkdirSync(join(tree.box, "gone2"));
      expect(await guest.identity(gone)).not.toBe(await guest.identity(await guest.mustOpen("gone2")));
    });

    test("that was replaced by renaming another over it leads nowhere outside", async () => {
      expect(await guest.mkdir("a")).toBe("SUCCESS");
      expect(await guest.mkdir("b")).toBe("SUCCESS");
      const b = await guest.mustOpen("b");
      expect(await guest.rename("a", "b")).toBe("SUCCESS");
      expect(await guest.rename("b", "c")).toBe("SUCCESS");
      expect(await guest.symlink("../outside", "b")).toBe("SUCCESS");
      await expectRefused("secret.txt", ["NOENT"], b);
    });
  });

  describe("a directory that is mounted twice", () => {
    test("cannot be renamed through one mount and replaced, to lead the other outside", async () => {
      await guest.close();
      guest = await start({ "/box": tree.box, "/inner": join(tree.box, "dir") });
      expect(await guest.rename("dir", "moved")).toBe("SUCCESS");
      expect(await guest.symlink("../outside", "dir")).toBe("SUCCESS");
      expect((await guest.readFile("secret.txt", { fd: 4 })).errno).toBe("NOENT");
      expect((await guest.stat("secret.txt", false, 4)).errno).toBe("NOENT");
      expect((await guest.open("new.txt", { ...CREATE, fd: 4 })).errno).toBe("SUCCESS");
      expect(fs.existsSync(join(tree.box, "moved", "new.txt"))).toBe(true);
    });

    test("does not lead outside by directories that are open through the other mount", async () => {
      await guest.close();
      guest = await start({ "/box": tree.box, "/same": tree.box });
      const sub = await guest.mustOpen("dir/sub", { fd: 4 });
      expect(await guest.rename("dir/sub", "moved")).toBe("SUCCESS");
      expect(await guest.symlink("../../outside", "dir/sub")).toBe("SUCCESS");
      expect((await guest.readFile("secret.txt", { fd: sub })).errno).toBe("NOENT");
      expect((await guest.readFile("deep.txt", { fd: sub })).value).toBe("deep");
    });

    test("does not lead outside by what another guest of this process does", async () => {
      const other = await start({ "/box": tree.box });
      const sub = await guest.mustOpen("dir/sub");
      expect(await other.rename("dir/sub", "moved")).toBe("SUCCESS");
      expect(await other.symlink("../../outside", "dir/sub")).toBe("SUCCESS");
      expect((await guest.readFile("secret.txt", { fd: sub })).errno).toBe("NOENT");
      await other.close();
    });

    test("that is removed through one mount and replaced does not lead the other outside", async () => {
      await guest.close();
      fs.mkdirSync(join(tree.box, "empty"));
      guest = await start({ "/box": tree.box, "/inner": join(tree.box, "empty") });
      expect(await guest.rmdir("empty")).toBe("SUCCESS");
      expect(await guest.symlink("../outside", "empty")).toBe("SUCCESS");
      expect((await guest.readFile("secret.txt", { fd: 4 })).errno).toBe("NOENT");
      expect((await guest.open("new.txt", { ...CREATE, fd: 4 })).errno).toBe("NOENT");
    });
  });

  describe("symbolic links that a guest makes", () => {
    test("have no absolute target", async () => {
      expect(await guest.symlink("/etc/passwd", "mine")).toBe("PERM");
      expect(await guest.symlink(tree.outside, "mine")).toBe("PERM");
      expect(fs.existsSync(join(tree.box, "mine"))).toBe(false);
    });

    test("may name the outside, but do not lead there", async () => {
      expect(await guest.symlink("../outside", "mine")).toBe("SUCCESS");
      expect(await guest.symlink("mine/dir", "mine2")).toBe("SUCCESS");
      expect(await guest.symlink("../../outside/secret.txt", "dir/mine3")).toBe("SUCCESS");
      await expectRefused("mine/secret.txt");
      await expectRefused("mine2/secret.txt");
      expect((await guest.open("dir/mine3", { follow: true })).errno).toBe("PERM");
      expect((await guest.open("dir/mine3")).errno).toBe("LOOP");
    });

    test("do not lead outside after they were moved to where they would", async () => {
      expect(await guest.symlink("../outside/secret.txt", "dir/mine")).toBe("SUCCESS");
      expect((await guest.stat("dir/mine", true)).errno).toBe("NOENT");
      expect(await guest.rename("dir/mine", "mine")).toBe("SUCCESS");
      expect((await guest.open("mine", { follow: true })).errno).toBe("PERM");
    });

    test("in chains of 40 are followed, in longer ones not", async () => {
      await guest.symlink("file.txt", "l0");
      for (let i = 1; i <= 40; i++) await guest.symlink(`l${i - 1}`, `l${i}`);
      expect((await guest.readFile("l39", { follow: true })).value).toBe("file");
      expect((await guest.open("l40", { follow: true })).errno).toBe("LOOP");
    });

    test("with long targets do not multiply without bound", async () => {
      const target = "here/".repeat(700) + "file.txt";
      expect(await guest.symlink(target, "long")).toBe("SUCCESS");
      expect((await guest.open("long", { follow: true })).errno).toMatch(/^(LOOP|NAMETOOLONG)$/);
    });

    test("at a mount of / start at the mount for absolute targets, not at the host's root", async () => {
      await guest.close();
      guest = await start({ "/": tree.box });
      expect((await guest.readFile("absolutefile", { follow: true })).errno).toBe("NOENT");
      expect((await guest.open("slash/file.txt")).errno).toBe("SUCCESS");
      expect((await guest.open("slash/etc/passwd")).errno).toBe("NOENT");
      // Its target begins with its own name.
      expect((await guest.open("proc/file.txt")).errno).toBe("LOOP");
      expect((await guest.open("slash/../file.txt")).errno).toBe("PERM");
      const dir = await guest.mustOpen("dir");
      fs.symlinkSync("/file.txt", join(tree.box, "dir", "rooted"));
      expect((await guest.open("rooted", { fd: dir, follow: true })).errno).toBe("PERM");
      expect((await guest.readFile("dir/rooted", { follow: true })).value).toBe("file");
    });
  });

  describe("hard links", () => {
    test("are not made of what is outside", async () => {
      for (
        const path of [
          "../outside/secret.txt",
          join(tree.outside, "secret.txt"),
          "out/secret.txt",
          "absolute/secret.txt",
        ]
      ) {
        expect(await guest.link(path, "linked")).toBe("PERM");
        expect(await guest.link("file.txt", path.replace("secret", "new"))).toBe("PERM");
      }
      expect(fs.statSync(join(tree.outside, "secret.txt")).nlink).toBe(1);
    });

    test("of a symbolic link are not links of its target", async () => {
      for (const link of ["outfile", "absolutefile", "there"]) {
        await guest.link(link, `${link}.linked`);
        expect(hasNoSecret(await guest.readFile(`${link}.linked`, { follow: true })), link).toBe(true);
        expect(hasNoSecret(await guest.readFile(`${link}.linked`)), link).toBe(true);
      }
      expect(fs.statSync(join(tree.outside, "secret.txt")).nlink).toBe(1);
    });

    test("that follow are refused", async () => {
      expect(await guest.link("outfile", "linked", 3, 3, true)).toBe("INVAL");
      expect(await guest.link("inside", "linked", 3, 3, true)).toBe("INVAL");
    });
  });

  describe("attributes of an open file", () => {
    test("are its own, whatever its path leads to by now", async () => {
      await command("mkfifo", [join(tree.box, "fifo")]);
      for (const name of ["file.txt", "fifo"]) {
        const fd = await guest.mustOpen(name);
        const identity = await guest.identity(fd);
        expect(await guest.unlink(name)).toBe("SUCCESS");
        expect(await guest.symlink("../outside/secret.txt", name)).toBe("SUCCESS");
        expect(await guest.identity(fd), name).toBe(identity);
      }
    });

    test("and its content are changed there, and not where its path leads by now", async () => {
      const fd = await guest.mustOpen("file.txt", { rights: RIGHTS_ALL });
      expect(await guest.unlink("file.txt")).toBe("SUCCESS");
      expect(await guest.symlink("../outside/secret.txt", "file.txt")).toBe("SUCCESS");
      expect(await guest.pwrite(fd, "overwritten")).toBe("SUCCESS");
      expect(await guest.setSize(fd, 1)).toBe("SUCCESS");
      expect(await guest.fsetTimes(fd)).toBe("SUCCESS");
      expect((await guest.fstat(fd)).value?.size).toBe(1n);
    });
  });
}
