/**
 * A mount in which directories and files change places with symbolic links to the outside, and the outside.
 *
 * @module
 */

import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import type { Swap } from "./swapper.ts";

/** Content of every file outside. */
export const SECRET = "secret of the host";

/** Target of the symbolic links outside. */
export const SECRET_TARGET = "target of the host";

/** Name of a file that is in each directory outside, and that no guest makes. */
export const HOST_ONLY = "host-only.txt";

/** Names that are in each directory inside and outside, or that guests make there. */
export const NAMES: readonly string[] = ["file.txt", "secret.txt", "link", "empty", "new0", "new1"];

/**
 * What changes, from the mount on. `two` moves up two levels while a guest may be in it, so that who takes `..` from
 * where it is comes out.
 */
export const SWAPS: readonly Swap[] = [
  ["exchange", "dir", "away"],
  ["exchange", "hall/room", "hall/away"],
  ["move", "nest/one/two", "two"],
  ["replace", "leaf", "../outside/secret.txt"],
  ["replace", "hall/leaf", "../../outside/new"],
];

/** Directories that a guest looks for, most of them somewhere else or outside by the time it finds them. */
export const DIRECTORIES: readonly string[] = [
  "dir",
  "dir/sub",
  "hall/room",
  "hall/room/sub",
  "hall/../dir",
  "hall/room/../../dir/sub",
  "hall/room/../room",
  "nest/one/two",
  "nest/one/two/../../outside",
  "nest/one/two/../../outside/sub",
];

/** Names that are symbolic links to the outside now, files then. */
export const LEAVES: readonly string[] = ["leaf", "hall/leaf", "hall/../leaf", "nest/../hall/leaf"];

/** What the host tells of a file. */
interface Entry {
  readonly path: string;
  readonly ino: bigint;
  readonly state: string;
}

/** A mount and the outside. */
export class RaceTree {
  /** The folder that both are in. */
  readonly root: string;
  /** The mount. */
  readonly inside: string;
  /** What no guest may reach. */
  readonly outside: string;
  /** Serial numbers of all that is outside. */
  readonly inos: ReadonlySet<bigint>;
  readonly #before: readonly Entry[];

  constructor() {
    this.root = fs.realpathSync(fs.mkdtempSync(join(os.tmpdir(), "wasirun-race-")));
    this.inside = join(this.root, "inside");
    this.outside = join(this.root, "outside");
    this.#makeInside();
    for (const folder of ["", "sub"]) {
      fill(join(this.outside, folder), ["file.txt", "secret.txt", HOST_ONLY], SECRET, SECRET_TARGET);
    }
    this.#before = entries(this.outside);
    this.inos = new Set(this.#before.map(({ ino }) => ino));
  }

  #makeInside(): void {
    const folders = [
      "dir",
      "dir/sub",
      "hall/room",
      "hall/room/sub",
      "nest/one/two",
      "nest/outside",
      "nest/outside/sub",
    ];
    for (const folder of folders) fill(join(this.inside, folder), ["file.txt", "secret.txt"], "inside", "file.txt");
    fs.symlinkSync("../outside", join(this.inside, "away"));
    fs.symlinkSync(this.outside, join(this.inside, "hall", "away"));
  }

  /** What changed outside, or was read there, since the tree was made. */
  changes(): string[] {
    const now = entries(this.outside);
    const names = new Set([...this.#before, ...now].map(({ path }) => path));
    return [...names].filter((path) => stateOf(this.#before, path) !== stateOf(now, path));
  }

  /** Remove it. */
  remove(): void {
    fs.rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

function fill(folder: string, names: readonly string[], content: string, target: string): void {
  fs.mkdirSync(join(folder, "empty"), { recursive: true });
  fs.symlinkSync(target, join(folder, "link"));
  for (const name of names) {
    const path = join(folder, name);
    fs.writeFileSync(path, content);
    // A time of access that is older than that of change is set anew by who reads, also with the option `relatime`.
    fs.utimesSync(path, new Date(0), new Date());
  }
}

function entries(folder: string): Entry[] {
  return [entry(folder), ...beneath(folder)];
}

function beneath(folder: string): Entry[] {
  return fs.readdirSync(folder).sort().flatMap((name) => {
    const path = join(folder, name);
    return fs.lstatSync(path).isDirectory() ? [entry(path), ...beneath(path)] : [entry(path)];
  });
}

function entry(path: string): Entry {
  const stat = fs.lstatSync(path, { bigint: true });
  const { ino, mode, nlink, size, mtimeNs, ctimeNs } = stat;
  const read = stat.isFile() ? stat.atimeNs : "";
  const target = stat.isSymbolicLink() ? fs.readlinkSync(path) : "";
  return { path, ino, state: [ino, mode, nlink, size, mtimeNs, ctimeNs, read, target].join(" ") };
}

function stateOf(all: readonly Entry[], path: string): string | undefined {
  return all.find((entry) => entry.path === path)?.state;
}
