/**
 * A guest that works in a tree of files while another process swaps them with symbolic links to the outside.
 *
 * @module
 */

import { System } from "../../src/preview1/system.ts";
import { Mount } from "../../src/core/fs/mounted_directory.ts";
import type { Platform, PlatformDirectory } from "../../src/contract/platform.ts";
import { GuestWaiter } from "../../src/core/io/wait.ts";
import { MemoryInput, MemoryOutput } from "../../src/platform/memory/mod.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { Fstflags, Oflags } from "../../src/witx/types.ts";
import { Caller, ROOT } from "../system/caller.ts";
import { DIRECTORIES, HOST_ONLY, LEAVES, NAMES, RaceTree, SECRET, SECRET_TARGET, SWAPS } from "./race_tree.ts";
import { startSwapper } from "./swapper.ts";

/** How long and how often. */
export interface RaceOptions {
  /** Calls of the guest at most. */
  readonly attempts: number;
  /** Seconds at most. */
  readonly seconds: number;
  /** Of the random numbers. */
  readonly seed: number;
  /** True to end with the first access outside. */
  readonly untilFound: boolean;
}

/** What became of it. */
export interface RaceResult {
  /** Calls that the guest made. */
  readonly attempts: number;
  /** How often a call ended with each errno. */
  readonly errnos: ReadonlyMap<string, number>;
  /** Calls that found another thing at a name than the call before found there: what a swap looks like. */
  readonly swapsSeen: number;
  /** What was read, changed or found outside. */
  readonly outside: readonly string[];
  /** What swapped: `C` or `JavaScript`. */
  readonly swapper: string;
  /** How long it took. */
  readonly seconds: number;
}

const READ_RIGHTS = 0x1fffffff & ~0x40;
const HELD = 4;
const CHECK_EVERY = 500;
const MAX_REPORTED = 10;

/**
 * Let a guest and another process race.
 *
 * @param platform Of the guest.
 * @param openRoot Opens the mount.
 * @param options How long and how often.
 */
export async function race(
  platform: Platform,
  openRoot: (path: string) => PlatformDirectory,
  options: RaceOptions,
): Promise<RaceResult> {
  const tree = new RaceTree();
  const swapper = await startSwapper(tree.inside, SWAPS);
  const startMs = performance.now();
  try {
    const racer = new Racer(tree, platform, openRoot(tree.inside), options.seed);
    try {
      racer.run(options, startMs + options.seconds * 1000);
    } finally {
      racer.close();
    }
    await swapper.stop();
    racer.look();
    const { attempts, errnos, swapsSeen, outside } = racer;
    const seconds = (performance.now() - startMs) / 1000;
    return { attempts, errnos, swapsSeen, outside, swapper: swapper.language, seconds };
  } finally {
    await swapper.stop();
    tree.remove();
  }
}

class Racer {
  attempts = 0;
  swapsSeen = 0;
  readonly errnos: Map<string, number> = new Map();
  readonly outside: string[] = [];
  readonly #tree: RaceTree;
  readonly #system: System;
  readonly #call: Caller;
  readonly #last: Map<string, bigint | string> = new Map();
  /** Descriptors of directories, the mount's first. */
  readonly #held: number[] = [ROOT];
  #state: number;

  constructor(tree: RaceTree, platform: Platform, root: PlatformDirectory, seed: number) {
    this.#tree = tree;
    this.#state = seed | 1;
    this.#system = new System({
      platform,
      waiter: new GuestWaiter(platform, "block"),
      args: [],
      environ: [],
      mounts: [new Mount("/race", root)],
      stdio: { stdin: new MemoryInput(), stdout: new MemoryOutput(), stderr: new MemoryOutput() },
      nonBlockingStdio: false,
      maxOpenFiles: 32,
    });
    this.#call = new Caller(this.#system);
  }

  run({ attempts, untilFound }: RaceOptions, endMs: number): void {
    while (this.attempts < attempts) {
      const operation = OPERATIONS[this.random(OPERATIONS.length)]!;
      const errno = operation(this);
      this.errnos.set(errno, (this.errnos.get(errno) ?? 0) + 1);
      if (++this.attempts % CHECK_EVERY === 0) {
        this.look();
        if (performance.now() > endMs) return;
      }
      if (untilFound && this.outside.length > 0) return;
    }
  }

  close(): void {
    this.#system.close();
  }

  get call(): Caller {
    return this.#call;
  }

  /** A number below another, by an xorshift generator. */
  random(below: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % below;
  }

  pick<T>(all: readonly T[]): T {
    return all[this.random(all.length)]!;
  }

  /** A path in something that is being swapped. */
  path(): string {
    return this.random(5) === 0 ? this.pick(LEAVES) : `${this.pick(DIRECTORIES)}/${this.pick(NAMES)}`;
  }

  /** A descriptor, and a path from there. */
  place(): { fd: number; path: string } {
    const fd = this.pick(this.#held);
    if (fd === ROOT) return { fd, path: this.path() };
    const name = this.pick(NAMES);
    return { fd, path: this.pick([name, `sub/${name}`, `../${name}`, `link/../${name}`]) };
  }

  /** Keep a directory open, or let go of one. */
  hold(fd: number): void {
    if (this.#held.length <= HELD) this.#held.push(fd);
    else this.#call.close(this.#held.splice(1 + this.random(HELD), 1, fd)[0]!);
  }

  /** Something was found at a path. */
  found(path: string, ino: bigint | string): void {
    const last = this.#last.get(path);
    if (last !== undefined && last !== ino) this.swapsSeen++;
    this.#last.set(path, ino);
  }

  /** An open file or directory must not be one of those outside. */
  opened(what: string, path: string, fd: number): void {
    const stat = this.#call.fdStat(fd);
    if ("errno" in stat) throw new Error(`Cannot tell what was opened at ${path}: ${stat.errno}`);
    this.found(path, stat.ino);
    if (this.#tree.inos.has(stat.ino)) this.report(`${what} ${path} opened what is outside`);
  }

  isOutside(ino: bigint): boolean {
    return this.#tree.inos.has(ino);
  }

  report(what: string): void {
    if (this.outside.length < MAX_REPORTED) this.outside.push(what);
  }

  /** Nothing outside may have changed. */
  look(): void {
    for (const change of this.#tree.changes()) this.report(`${change} was changed or read`);
  }
}

type Operation = (racer: Racer) => string;

function openFile(racer: Racer, what: string, oflags: number, rights: number): string {
  const { call } = racer;
  const { fd, path } = racer.place();
  const opened = call.open(path, { fd, oflags, rights, follow: racer.random(2) === 0 });
  if (typeof opened !== "number") return missed(racer, path, opened.errno);
  racer.opened(what, path, opened);
  const text = call.read(opened, 64);
  if (typeof text === "string" && text.includes(SECRET)) racer.report(`${what} ${path} read a secret`);
  if ((oflags & Oflags.CREAT) !== 0) call.write(opened, "guest");
  return call.close(opened);
}

function missed(racer: Racer, path: string, errno: string): string {
  racer.found(path, errno);
  return errno;
}

function openDirectory(racer: Racer): string {
  const { call } = racer;
  const { fd, path } = racer.random(2) === 0 ? { fd: ROOT, path: racer.pick(DIRECTORIES) } : racer.place();
  const opened = call.open(path, { fd, oflags: Oflags.DIRECTORY, rights: READ_RIGHTS, follow: racer.random(2) === 0 });
  if (typeof opened !== "number") return missed(racer, path, opened.errno);
  racer.opened("directory", path, opened);
  const listed = call.list(opened);
  if (listed.some(({ name, ino }) => name === HOST_ONLY || racer.isOutside(ino))) {
    racer.report(`directory ${path} listed the outside`);
  }
  racer.hold(opened);
  return "SUCCESS";
}

function stat(racer: Racer): string {
  const { fd, path } = racer.place();
  const result = racer.call.stat(path, { fd, follow: racer.random(2) === 0 });
  if ("errno" in result) return missed(racer, path, result.errno);
  racer.found(path, result.ino);
  if (racer.isOutside(result.ino)) racer.report(`stat ${path} found what is outside`);
  return "SUCCESS";
}

function readlink(racer: Racer): string {
  const { fd, path } = racer.place();
  const target = racer.call.readlink(path, { fd });
  if (typeof target !== "string") return target.errno;
  if (target === SECRET_TARGET) racer.report(`readlink ${path} read what is outside`);
  return "SUCCESS";
}

function setTimes(racer: Racer): string {
  const { fd, path } = racer.place();
  const flags = Fstflags.ATIM | Fstflags.MTIM;
  return errnoName(racer.call.system.path.filestatSetTimes(fd, racer.random(2), path, 1n, 1n, flags) as Errno);
}

function changeTwo(racer: Racer, change: "rename" | "link"): string {
  const from = racer.place();
  const to = racer.place();
  return racer.call[change](from.path, to.path, { fd: from.fd, newFd: to.fd });
}

const OPERATIONS: readonly Operation[] = [
  (racer) => openFile(racer, "read", 0, READ_RIGHTS),
  (racer) => openFile(racer, "read", 0, READ_RIGHTS),
  (racer) => openFile(racer, "create", Oflags.CREAT, 0x1fffffff),
  (racer) => openFile(racer, "create", Oflags.CREAT, 0x1fffffff),
  (racer) => openFile(racer, "create exclusively", Oflags.CREAT | Oflags.EXCL, 0x1fffffff),
  (racer) => openFile(racer, "truncate", Oflags.TRUNC, 0x1fffffff),
  openDirectory,
  openDirectory,
  stat,
  stat,
  readlink,
  setTimes,
  (racer) => changeTwo(racer, "rename"),
  (racer) => changeTwo(racer, "link"),
  (racer) => at(racer, (call, path, fd) => call.mkdir(path, fd)),
  (racer) => at(racer, (call, path, fd) => call.rmdir(path, fd)),
  (racer) => at(racer, (call, path, fd) => call.unlink(path, fd)),
  (racer) => at(racer, (call, path, fd) => call.symlink(racer.pick(["file.txt", "../file.txt", "sub"]), path, fd)),
];

function at(racer: Racer, change: (call: Caller, path: string, fd: number) => string): string {
  const { fd, path } = racer.place();
  return change(racer.call, path, fd);
}
