/** A folder of the host with a mount in it, and beside the mount what no guest may reach. */

import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";

/** Content of everything outside: it may never be seen by a guest. */
export const SECRET = "secret of the host";

/** Name of a file that is in each folder outside and that no guest makes. */
export const HOST_ONLY = "host-only.txt";

/** A folder for one test. */
export interface ScratchTree {
  /** The folder. */
  readonly root: string;
  /** The mount: what a guest may use. */
  readonly box: string;
  /** Beside the mount: what it may not. */
  readonly outside: string;
  /** Everything outside the mount, with contents, times and link counts, to be compared. */
  outsideState(): string[];
  /** Remove it. */
  remove(): void;
}

/**
 * Make one:
 *
 *     root/box/file.txt, dir/inner.txt, dir/sub/deep.txt, and symbolic links that lead outside, made by the host
 *     root/boxes/secret.txt          its name begins like the mount's
 *     root/outside/secret.txt, dir/secret.txt
 */
export function scratchTree(): ScratchTree {
  const root = fs.realpathSync(fs.mkdtempSync(join(os.tmpdir(), "wasirun-sandbox-")));
  const box = join(root, "box");
  const outside = join(root, "outside");
  for (const folder of [join(box, "dir", "sub"), join(outside, "dir"), join(root, "boxes")]) {
    fs.mkdirSync(folder, { recursive: true });
  }
  for (const folder of [outside, join(outside, "dir"), join(root, "boxes")]) {
    for (const name of ["secret.txt", HOST_ONLY]) fs.writeFileSync(join(folder, name), SECRET);
  }
  fs.writeFileSync(join(root, HOST_ONLY), SECRET);
  fs.writeFileSync(join(box, "file.txt"), "file");
  fs.writeFileSync(join(box, "dir", "inner.txt"), "inner");
  fs.writeFileSync(join(box, "dir", "sub", "deep.txt"), "deep");
  for (const [path, target] of Object.entries(hostLinks(outside))) fs.symlinkSync(target, join(box, path));
  return {
    root,
    box,
    outside,
    outsideState: () => treeState(root).filter((line) => !/^box[ /]/.test(line)),
    remove: () => fs.rmSync(root, { recursive: true, force: true }),
  };
}

/** Symbolic links that lead out of the mount, by their path in it. */
export function hostLinks(outside: string): Record<string, string> {
  return {
    "up": "..",
    "out": "../outside",
    "outfile": "../outside/secret.txt",
    "sibling": "../boxes",
    "absolute": outside,
    "absolutefile": join(outside, "secret.txt"),
    "slash": "/",
    "proc": "/proc/self/root",
    "cwd": "/proc/self/cwd",
    "dangling": "../outside/new.txt",
    "chain1": "chain2",
    "chain2": "dir/chain3",
    "dir/chain3": "../out",
    "dir/up2": "../../outside",
    "dir/sub/up3": "../../..",
    "there": "dir/../../outside/secret.txt",
    "again": "../box/file.txt",
    "here": ".",
    "inside": "dir/inner.txt",
    "loop": "loop",
    "loop1": "loop2/x",
    "loop2": "loop1",
  };
}

/** Each file beneath a folder as a line that tells all that a guest could change. Symbolic links are not followed. */
export function treeState(folder: string, prefix: string = ""): string[] {
  return fs.readdirSync(folder).sort().flatMap((name) => {
    const path = join(folder, name);
    const stat = fs.lstatSync(path, { bigint: true });
    const content = stat.isFile() ? fs.readFileSync(path, "utf8") : stat.isSymbolicLink() ? fs.readlinkSync(path) : "";
    const line = `${prefix}${name} ${stat.mode} ${stat.nlink} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${content}`;
    return stat.isDirectory() ? [line, ...treeState(path, `${prefix}${name}/`)] : [line];
  });
}
