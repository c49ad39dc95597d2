/** What a race asks of a guest, whichever ABI it has; and a module, which calls a system. */

import type { Platform, PlatformDirectory } from "../../src/contract/platform.ts";
import { Mount } from "../../src/core/fs/mounted_directory.ts";
import { GuestWaiter } from "../../src/core/io/wait.ts";
import { MemoryInput, MemoryOutput } from "../../src/platform/memory/mod.ts";
import { System } from "../../src/preview1/system.ts";
import { type Errno, errnoName } from "../../src/witx/errno.ts";
import { Fstflags } from "../../src/witx/types.ts";
import { Caller, ROOT } from "../system/caller.ts";
import type { RaceTree } from "./race_tree.ts";

/** What a call answers that has a result: it, or the error. */
export type RaceResultOf<T> = T | { readonly errno: string };

/** How a path is opened. */
export interface RaceOpen {
  readonly fd: number;
  /** `Oflags`. */
  readonly oflags: number;
  readonly follow: boolean;
  /** True to write, too. */
  readonly writes: boolean;
}

/** A path and the directory in which it starts. */
export interface RacePlace {
  readonly fd: number;
  readonly path: string;
}

/** A guest in a mount that is being swapped. Errors are names; `SUCCESS` is none. */
export interface RaceGuest {
  /** Descriptor of the mount. */
  readonly root: number;
  open(path: string, how: RaceOpen): RaceResultOf<number>;
  close(fd: number): string;
  /** What tells an open file or directory from all others. */
  identity(fd: number): string;
  identityAt(place: RacePlace, follow: boolean): RaceResultOf<string>;
  /** True if that is something outside the mount. */
  isOutside(identity: string): boolean;
  read(fd: number): RaceResultOf<string>;
  write(fd: number, text: string): void;
  /** Names in a directory, and what is there if the guest learns that. */
  list(fd: number): readonly { readonly name: string; readonly identity?: string }[];
  readlink(place: RacePlace): RaceResultOf<string>;
  setTimes(place: RacePlace, follow: boolean): string;
  rename(from: RacePlace, to: RacePlace): string;
  link(from: RacePlace, to: RacePlace): string;
  mkdir(place: RacePlace): string;
  rmdir(place: RacePlace): string;
  unlink(place: RacePlace): string;
  symlink(target: string, place: RacePlace): string;
  /** End it. */
  end(): Promise<void>;
}

/** Starts a guest whose mount is the inside of a tree. */
export type StartRaceGuest = (tree: RaceTree) => RaceGuest | Promise<RaceGuest>;

/** Files that a guest of a race may have open. */
export const RACE_OPEN_FILES = 32;

const READ_RIGHTS = 0x1fffffff & ~0x40;
const ALL_RIGHTS = 0x1fffffff;
const READ_LENGTH = 64;

/**
 * A module.
 *
 * @param platform Of the guest.
 * @param openRoot Opens the mount.
 */
export function moduleOn(platform: Platform, openRoot: (path: string) => PlatformDirectory): StartRaceGuest {
  return (tree) => new ModuleRaceGuest(tree, platform, openRoot(tree.inside));
}

class ModuleRaceGuest implements RaceGuest {
  readonly root: number = ROOT;
  readonly #tree: RaceTree;
  readonly #system: System;
  readonly #call: Caller;

  constructor(tree: RaceTree, platform: Platform, root: PlatformDirectory) {
    this.#tree = tree;
    this.#system = new System({
      platform,
      waiter: new GuestWaiter(platform, "block"),
      args: [],
      environ: [],
      mounts: [new Mount("/race", root)],
      stdio: { stdin: new MemoryInput(), stdout: new MemoryOutput(), stderr: new MemoryOutput() },
      nonBlockingStdio: false,
      maxOpenFiles: RACE_OPEN_FILES,
    });
    this.#call = new Caller(this.#system);
  }

  open(path: string, { fd, oflags, follow, writes }: RaceOpen): RaceResultOf<number> {
    return this.#call.open(path, { fd, oflags, rights: writes ? ALL_RIGHTS : READ_RIGHTS, follow });
  }

  close(fd: number): string {
    return this.#call.close(fd);
  }

  identity(fd: number): string {
    const stat = this.#call.fdStat(fd);
    if ("errno" in stat) throw new Error(`Cannot tell what was opened: ${stat.errno}`);
    return String(stat.ino);
  }

  identityAt({ fd, path }: RacePlace, follow: boolean): RaceResultOf<string> {
    const stat = this.#call.stat(path, { fd, follow });
    return "errno" in stat ? stat : String(stat.ino);
  }

  isOutside(identity: string): boolean {
    return this.#tree.inos.has(BigInt(identity));
  }

  read(fd: number): RaceResultOf<string> {
    return this.#call.read(fd, READ_LENGTH);
  }

  write(fd: number, text: string): void {
    this.#call.write(fd, text);
  }

  list(fd: number): readonly { readonly name: string; readonly identity: string }[] {
    return this.#call.list(fd).map(({ name, ino }) => ({ name, identity: String(ino) }));
  }

  readlink({ fd, path }: RacePlace): RaceResultOf<string> {
    return this.#call.readlink(path, { fd });
  }

  setTimes({ fd, path }: RacePlace, follow: boolean): string {
    const flags = Fstflags.ATIM | Fstflags.MTIM;
    return errnoName(this.#system.path.filestatSetTimes(fd, Number(follow), path, 1n, 1n, flags) as Errno);
  }

  rename(from: RacePlace, to: RacePlace): string {
    return this.#call.rename(from.path, to.path, { fd: from.fd, newFd: to.fd });
  }

  link(from: RacePlace, to: RacePlace): string {
    return this.#call.link(from.path, to.path, { fd: from.fd, newFd: to.fd });
  }

  mkdir({ fd, path }: RacePlace): string {
    return this.#call.mkdir(path, fd);
  }

  rmdir({ fd, path }: RacePlace): string {
    return this.#call.rmdir(path, fd);
  }

  unlink({ fd, path }: RacePlace): string {
    return this.#call.unlink(path, fd);
  }

  symlink(target: string, { fd, path }: RacePlace): string {
    return this.#call.symlink(target, path, fd);
  }

  end(): Promise<void> {
    this.#system.close();
    return Promise.resolve();
  }
}
