/**
 * Generated paths over a tree of directories, files and symbolic links: each is resolved by a guest, by the host's
 * realpath, and by a few lines here that only tell which paths leave the mount on their way.
 */

import fs from "node:fs";
import { basename, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunOptions } from "wasirun";
import { Oflags, RIGHTS_ALL } from "../../src/witx/types.ts";
import { CREATE, GuestCalls } from "./guest_calls.ts";
import { PLATFORMS } from "./platforms.ts";
import { HOST_ONLY, type ScratchTree, scratchTree, SECRET, treeState } from "./scratch_tree.ts";

const PATHS = 1500;
const CHANGES = 1500;
const SEED = 20261121;

type Random = (below: number) => number;

/** Numbers that are the same in every run: an xorshift generator. */
function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const NAMES = [
  ...[
    "..",
    "..",
    "..",
    ".",
    "",
    "dir",
    "sub",
    "here",
    "file.txt",
    "inner.txt",
    "deep.txt",
    "inside",
    "again",
    "new",
    "a",
    "b",
  ],
  ...[
    "up",
    "out",
    "outfile",
    "sibling",
    "absolute",
    "slash",
    "proc",
    "chain1",
    "chain3",
    "up2",
    "up3",
    "dangling",
    "loop",
  ],
  ...["box", "boxes", "outside", "secret.txt", "there"],
];

/** Names of which many paths stay inside. */
const INSIDE_NAMES = ["dir", "dir/sub", "dir/sub/..", "here", ".", "", "file.txt", "inside"];

function randomPath(random: Random, most: number = 6): string {
  const names = random(2) === 0 ? NAMES : INSIDE_NAMES;
  const parts = Array.from({ length: 1 + random(most) }, () => names[random(names.length)]!);
  const path = parts.join("/") + (random(6) === 0 ? "/" : "");
  return path === "" ? "." : path;
}

/** True if a walk along `path` from the mount leaves it, be it to come back. */
function leavesMount(box: string, path: string): boolean {
  if (path.startsWith("/")) return true;
  const walked: string[] = [];
  let parts = path.split("/");
  for (let links = 0; parts.length > 0;) {
    const [name = "", ...rest] = parts;
    parts = rest;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (walked.pop() === undefined) return true;
      continue;
    }
    const at = join(box, ...walked, name);
    const stat = fs.lstatSync(at, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink() === true) {
      if (++links > 40) return false;
      const target = fs.readlinkSync(at);
      if (target.startsWith("/")) return true;
      parts = [...target.split("/"), ...parts];
    } else if (stat?.isDirectory() === true) walked.push(name);
    else return false; // It ends here: a file, or nothing.
  }
  return false;
}

/** Serial number of what the host finds there, following symbolic links; or the errno's name without its E. */
function resolvedByHost(box: string, path: string): bigint | string {
  try {
    const real = fs.realpathSync.native(`${box}/${path}`);
    const isInside = !relative(box, real).startsWith("..");
    const stat = fs.statSync(`${box}/${path}`, { bigint: true });
    return isInside ? stat.ino : "outside";
  } catch (error) {
    return ((error as NodeJS.ErrnoException).code ?? "").replace(/^E/, "");
  }
}

describe.each(PLATFORMS)("by %s", (_name, options) => {
  let tree: ScratchTree;
  let before: string[];
  let guest: GuestCalls;

  function start(preopens: NonNullable<RunOptions["preopens"]>): Promise<GuestCalls> {
    return GuestCalls.start(preopens, options);
  }

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

  test(
    `${PATHS} generated paths lead a guest to what the host finds there, or are refused where they leave the mount`,
    async () => {
      const random = seeded(SEED);
      const seen = { inside: 0, refused: 0, failed: 0 };
      for (let i = 0; i < PATHS; i++) {
        const path = randomPath(random);
        const { errno, value } = await guest.stat(path, true);
        const found = resolvedByHost(tree.box, path);
        if (leavesMount(tree.box, path)) {
          expect({ path, errno }).toEqual({ path, errno: "PERM" });
          seen.refused++;
        } else if (typeof found === "bigint") {
          expect({ path, found: value?.ino ?? errno }).toEqual({ path, found });
          seen.inside++;
        } else {
          expect({ path, errno }).toEqual({ path, errno: found });
          seen.failed++;
        }
        for (const follow of [false, true]) {
          const content = await guest.readFile(path, { follow });
          expect({ path, hasSecret: content.value?.includes(SECRET) ?? false }).toEqual({ path, hasSecret: false });
        }
        const link = await guest.stat(path, false);
        if (link.value !== undefined) {
          const name = path.replace(/\/+$/, "");
          const own = /(^|\/)\.{0,2}$/.test(path) ? found : fs.lstatSync(`${tree.box}/${name}`, { bigint: true }).ino;
          const expected = name === path ? own : found;
          expect({ path, ino: link.value.ino }).toEqual({ path, ino: expected });
        }
      }
      // The paths are worth something only if they are of all three kinds.
      expect(Math.min(seen.inside, seen.refused, seen.failed)).toBeGreaterThan(100);
    },
    60_000,
  );

  test(`${CHANGES} generated changes of a guest change nothing outside`, async () => {
    const random = seeded(SEED + 1);
    const targets = [
      "..",
      "../outside",
      "../../outside",
      "dir",
      ".",
      "../boxes/secret.txt",
      "a/../../outside",
      "new",
      "up/outside",
    ];
    const directories: number[] = [3];
    const done = new Map<string, number>();
    const changes: Record<string, (path: string, other: string, fd: number) => Promise<string>> = {
      mkdir: (path, _other, fd) => guest.mkdir(path, fd),
      rmdir: (path, _other, fd) => guest.rmdir(path, fd),
      unlink: (path, _other, fd) => guest.unlink(path, fd),
      rename: (path, other, fd) => guest.rename(path, other, fd, directories[random(directories.length)]!),
      link: (path, other, fd) => guest.link(path, other, fd, directories[random(directories.length)]!),
      symlink: (path, _other, fd) => guest.symlink(targets[random(targets.length)]!, path, fd),
      times: (path, _other, fd) => guest.setTimes(path, random(2) === 0, fd),
      create: async (path, _other, fd) => {
        const { errno, value } = await guest.open(path, { ...CREATE, fd, follow: random(2) === 0 });
        if (value === undefined) return errno;
        await guest.write(value, "written by the guest");
        return await guest.closeFd(value);
      },
      truncate: async (path, _other, fd) => {
        const { errno, value } = await guest.open(path, { fd, follow: true, oflags: Oflags.TRUNC, rights: RIGHTS_ALL });
        return value === undefined ? errno : await guest.closeFd(value);
      },
      hold: async (path, _other, fd) => {
        const { errno, value } = await guest.open(path, { fd, follow: true, oflags: Oflags.DIRECTORY });
        if (value !== undefined) directories.push(value);
        if (directories.length > 20) await guest.closeFd(directories.splice(1, 1)[0]!);
        return errno;
      },
      read: async (path, _other, fd) => {
        const { errno, value } = await guest.readFile(path, { fd, follow: true });
        expect({ path, hasSecret: value?.includes(SECRET) ?? false }).toEqual({ path, hasSecret: false });
        return errno;
      },
      list: async (_path, _other, fd) => {
        const { errno, value } = await guest.names(fd);
        expect(value ?? []).not.toContain(HOST_ONLY);
        return errno;
      },
    };
    const kinds = Object.keys(changes);
    const outside = tree.outsideState();
    for (let i = 0; i < CHANGES; i++) {
      const kind = kinds[random(kinds.length)]!;
      const fd = directories[random(directories.length)]!;
      const [path, other] = [randomPath(random, 2), randomPath(random, 3)];
      const errno = await changes[kind]!(path, other, fd);
      if (errno === "SUCCESS") done.set(kind, (done.get(kind) ?? 0) + 1);
      if (i % 100 === 99) expect(tree.outsideState()).toEqual(outside);
    }
    expect(treeState(tree.box).filter((line) => line.includes(SECRET))).toEqual([]);
    for (const kind of kinds) expect([kind, done.get(kind) ?? 0]).not.toEqual([kind, 0]);
    expect(basename(tree.box)).toBe("box");
  }, 60_000);
});
