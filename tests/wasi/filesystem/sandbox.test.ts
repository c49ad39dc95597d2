import fs from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { detectPlatform } from "../../../src/platform/detect.ts";
import { posix } from "../../../src/platform/posix/mod.ts";
import { hostWithoutOpenat2, openOn } from "../../races/posix_host.ts";
import { HOST_ONLY, type ScratchTree, scratchTree, SECRET } from "../../sandbox/scratch_tree.ts";
import { code, CREATE, DIRECTORY, EXCLUSIVE, FileGuest, made, type Result, RW, TRUNCATE } from "./file_guest.ts";

const runtime = (await detectPlatform())();
const withoutOpenat2 = hostWithoutOpenat2();
const PLATFORMS = [
  ["the runtime's platform", runtime],
  ["the posix platform", posix()],
  ["the posix platform without openat2", { ...posix(), openRoot: (path: string) => openOn(withoutOpenat2, path) }],
] as const;

const NOW = { tag: "now" };

describe.each(PLATFORMS)("components on %s", (_name, platform) => {
  let tree: ScratchTree;
  let before: string[];
  let guest: FileGuest;
  beforeEach(() => {
    tree = scratchTree();
    before = tree.outsideState();
    guest = new FileGuest(platform, { "/box": { root: platform.openRoot(tree.box) } });
  });
  afterEach(() => {
    const after = tree.outsideState();
    tree.remove();
    expect(after).toEqual(before);
  });

  /** Everything that takes a path, with one that leads outside. */
  function attempts(path: string, from: number): Record<string, Result<unknown>> {
    return {
      open: guest.open(path, {}, from),
      "open not following": guest.open(path, { follow: false }, from),
      "open directory": guest.open(path, { open: DIRECTORY }, from),
      create: guest.open(path, { flags: RW, open: CREATE }, from),
      "create exclusively": guest.open(path, { flags: RW, open: CREATE | EXCLUSIVE }, from),
      truncate: guest.open(path, { flags: RW, open: TRUNCATE }, from),
      stat: guest.statAt(path, true, from),
      lstat: guest.statAt(path, false, from),
      hash: guest.hashAt(path, true, from),
      readlink: guest.readlink(path, from),
      times: guest.setTimesAt(path, NOW, NOW, true, from),
      ltimes: guest.setTimesAt(path, NOW, NOW, false, from),
      mkdir: guest.mkdir(path, from),
      rmdir: guest.rmdir(path, from),
      unlink: guest.unlink(path, from),
      symlink: guest.symlink("file.txt", path, from),
      "rename from": guest.rename(path, "stolen", from, guest.root),
      "rename to": guest.rename("file.txt", path, guest.root, from),
      "link from": guest.link(path, "stolen", false, from, guest.root),
      "link to": guest.link("file.txt", path, false, guest.root, from),
    };
  }

  function expectRefused(path: string, from: number = guest.root): void {
    const allowed = Object.entries(attempts(path, from)).filter(([, result]) => code(result) !== "not-permitted");
    expect({ path, allowed }).toEqual({ path, allowed: [] });
  }

  test.each([
    "..",
    "../",
    "../outside/secret.txt",
    ".//..//outside//secret.txt",
    "dir/../../outside/secret.txt",
    "dir/sub/../../../outside/secret.txt",
    "../box/file.txt",
    "here/here/../outside/../../outside/secret.txt",
    "/etc/passwd",
    "/",
    "//etc/passwd",
    "/box/file.txt",
    "out/secret.txt",
    "up/outside/secret.txt",
    "absolute/secret.txt",
    "slash/etc/passwd",
    "chain1/secret.txt",
    "dir/up2/secret.txt",
    "dir/sub/up3/outside/secret.txt",
    "proc/etc/passwd",
    "cwd/x",
  ])("nothing reaches %s", (path) => expectRefused(path));

  test.each(["outfile", "absolutefile", "there", "dangling", "out", "up", "slash", "chain1"])(
    "the link %s is not followed outside",
    (path) => {
      const followed = {
        open: guest.open(path),
        create: guest.open(path, { flags: RW, open: CREATE }),
        truncate: guest.open(path, { flags: RW, open: TRUNCATE }),
        directory: guest.open(path, { open: DIRECTORY }),
        stat: guest.statAt(path),
        hash: guest.hashAt(path),
        times: guest.setTimesAt(path, NOW, NOW),
      };
      const allowed = Object.entries(followed).filter(([, result]) => code(result) !== "not-permitted");
      expect(allowed).toEqual([]);
    },
  );

  test("an absolute target of a link is not told, but from the root of the guest's file system", () => {
    for (const link of ["absolute", "absolutefile", "slash", "proc"]) {
      expect([link, code(guest.readlink(link))]).toEqual([link, "not-permitted"]);
    }
    expect(guest.readlink("outfile")).toEqual({ tag: "ok", val: "../outside/secret.txt" });
    const rooted = new FileGuest(platform, { "/": { root: platform.openRoot(tree.box) } });
    expect(rooted.readlink("slash")).toEqual({ tag: "ok", val: "/" });
    fs.symlinkSync("/file.txt", join(tree.box, "dir", "rooted"));
    expect(rooted.readlink("dir/rooted")).toEqual({ tag: "ok", val: "/file.txt" });
    const dir = made(rooted.open("dir", { open: DIRECTORY }));
    expect(code(rooted.readlink("rooted", dir))).toBe("not-permitted");
  });

  test("a directory is left neither by .. nor by links, wherever it has moved", () => {
    const sub = made(guest.open("dir/sub", { open: DIRECTORY }));
    for (const path of ["..", "../inner.txt", "up3", "../sub/deep.txt"]) {
      expect([path, code(guest.open(path, {}, sub))]).toEqual([path, "not-permitted"]);
    }
    made(guest.rename("dir/sub", "moved"));
    for (const path of ["..", "../file.txt"]) expectRefused(path, sub);
    expect(guest.text("deep.txt", sub)).toBe("deep");
    fs.renameSync(join(tree.box, "moved"), join(tree.root, "taken"));
    for (const path of ["..", `../${HOST_ONLY}`, "../outside/secret.txt"]) expectRefused(path, sub);
    expect(guest.text("deep.txt", sub)).toBe("deep");
    fs.renameSync(join(tree.root, "taken"), join(tree.box, "dir", "sub"));
  });

  test("links of the guest lead nowhere outside", () => {
    expect(["/", "/etc/passwd", tree.outside].map((target) => code(guest.symlink(target, "made"))))
      .toEqual(["not-permitted", "not-permitted", "not-permitted"]);
    made(guest.symlink("../outside", "mine"));
    expectRefused("mine/secret.txt");
    made(guest.symlink("dir/..", "round"));
    expectRefused("round/../outside/secret.txt");
    expect(guest.text("round/file.txt")).toBe("file");
  });

  test("nothing that can be read has the secret in it", () => {
    const seen: string[] = [];
    const walk = (directory: number): void => {
      for (const line of guest.list(directory)) {
        const name = line.slice(0, line.lastIndexOf(" "));
        seen.push(name);
        const opened = guest.open(name, {}, directory);
        if (opened.tag === "err") continue;
        if (guest.type(opened.val) === "directory") {
          if (line.endsWith(" directory")) walk(opened.val);
        } else {
          expect(made(guest.read(opened.val, 4096n))[0]).not.toContain(SECRET);
        }
      }
    };
    walk(guest.root);
    expect(seen).toContain("deep.txt");
    expect(seen).not.toContain(HOST_ONLY);
  });

  test("a link that takes a directory's place is not followed", () => {
    const stale = made(guest.open("dir", { open: DIRECTORY }));
    fs.renameSync(join(tree.box, "dir"), join(tree.box, "kept"));
    fs.symlinkSync(tree.outside, join(tree.box, "dir"));
    expectRefused("dir/secret.txt");
    expect(guest.text("inner.txt", stale)).toBe("inner");
    expect(code(guest.open("secret.txt", {}, stale))).toBe("no-entry");
  });
});
