/**
 * A guest that works in a tree of files while another process swaps them with symbolic links to the outside.
 *
 * @module
 */

import { Oflags } from "../../src/witx/types.ts";
import type { RaceGuest, RaceOpen, RacePlace, StartRaceGuest } from "./race_guest.ts";
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

const HELD = 4;
const CHECK_EVERY = 500;
const MAX_REPORTED = 10;

/**
 * Let a guest and another process race.
 *
 * @param start Starts the guest.
 * @param options How long and how often.
 */
export async function race(start: StartRaceGuest, options: RaceOptions): Promise<RaceResult> {
  const tree = new RaceTree();
  const guest = await start(tree);
  const swapper = await startSwapper(tree.inside, SWAPS);
  const startMs = performance.now();
  try {
    const racer = new Racer(tree, guest, options.seed);
    racer.run(options, startMs + options.seconds * 1000);
    await guest.end();
    await swapper.stop();
    racer.look();
    const { attempts, errnos, swapsSeen, outside } = racer;
    const seconds = (performance.now() - startMs) / 1000;
    return { attempts, errnos, swapsSeen, outside, swapper: swapper.language, seconds };
  } finally {
    await swapper.stop();
    await guest.end();
    tree.remove();
  }
}

class Racer {
  attempts = 0;
  swapsSeen = 0;
  readonly errnos: Map<string, number> = new Map();
  readonly outside: string[] = [];
  readonly #tree: RaceTree;
  readonly #last: Map<string, string> = new Map();
  /** Descriptors of directories, the mount's first. */
  readonly #held: number[];
  #state: number;
  /** The guest. */
  readonly call: RaceGuest;

  constructor(tree: RaceTree, guest: RaceGuest, seed: number) {
    this.#tree = tree;
    this.call = guest;
    this.#held = [guest.root];
    this.#state = seed | 1;
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
  place(): RacePlace {
    const fd = this.pick(this.#held);
    if (fd === this.call.root) return { fd, path: this.path() };
    const name = this.pick(NAMES);
    return { fd, path: this.pick([name, `sub/${name}`, `../${name}`, `link/../${name}`]) };
  }

  /** Keep a directory open, or let go of one. */
  hold(fd: number): void {
    if (this.#held.length <= HELD) this.#held.push(fd);
    else this.call.close(this.#held.splice(1 + this.random(HELD), 1, fd)[0]!);
  }

  /** Something was found at a path. */
  found(path: string, identity: string): void {
    const last = this.#last.get(path);
    if (last !== undefined && last !== identity) this.swapsSeen++;
    this.#last.set(path, identity);
  }

  /** An open file or directory must not be one of those outside. */
  opened(what: string, path: string, fd: number): void {
    const identity = this.call.identity(fd);
    this.found(path, identity);
    if (this.call.isOutside(identity)) this.report(`${what} ${path} opened what is outside`);
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

const READS: Pick<RaceOpen, "oflags" | "writes"> = { oflags: 0, writes: false };

function openFile(racer: Racer, what: string, how: Pick<RaceOpen, "oflags" | "writes">): string {
  const { call } = racer;
  const { fd, path } = racer.place();
  const opened = call.open(path, { ...how, fd, follow: racer.random(2) === 0 });
  if (typeof opened !== "number") return missed(racer, path, opened.errno);
  racer.opened(what, path, opened);
  const text = call.read(opened);
  if (typeof text === "string" && text.includes(SECRET)) racer.report(`${what} ${path} read a secret`);
  if ((how.oflags & Oflags.CREAT) !== 0) call.write(opened, "guest");
  return call.close(opened);
}

function missed(racer: Racer, path: string, errno: string): string {
  racer.found(path, errno);
  return errno;
}

function openDirectory(racer: Racer): string {
  const { call } = racer;
  const { fd, path } = racer.random(2) === 0 ? { fd: call.root, path: racer.pick(DIRECTORIES) } : racer.place();
  const opened = call.open(path, { fd, oflags: Oflags.DIRECTORY, writes: false, follow: racer.random(2) === 0 });
  if (typeof opened !== "number") return missed(racer, path, opened.errno);
  racer.opened("directory", path, opened);
  const listed = call.list(opened);
  if (listed.some(({ name, identity }) => name === HOST_ONLY || (identity !== undefined && call.isOutside(identity)))) {
    racer.report(`directory ${path} listed the outside`);
  }
  racer.hold(opened);
  return "SUCCESS";
}

function stat(racer: Racer): string {
  const place = racer.place();
  const identity = racer.call.identityAt(place, racer.random(2) === 0);
  if (typeof identity !== "string") return missed(racer, place.path, identity.errno);
  racer.found(place.path, identity);
  if (racer.call.isOutside(identity)) racer.report(`stat ${place.path} found what is outside`);
  return "SUCCESS";
}

function readlink(racer: Racer): string {
  const place = racer.place();
  const target = racer.call.readlink(place);
  if (typeof target !== "string") return target.errno;
  if (target === SECRET_TARGET) racer.report(`readlink ${place.path} read what is outside`);
  return "SUCCESS";
}

const CREATES: Pick<RaceOpen, "oflags" | "writes"> = { oflags: Oflags.CREAT, writes: true };

const OPERATIONS: readonly Operation[] = [
  (racer) => openFile(racer, "read", READS),
  (racer) => openFile(racer, "read", READS),
  (racer) => openFile(racer, "create", CREATES),
  (racer) => openFile(racer, "create", CREATES),
  (racer) => openFile(racer, "create exclusively", { oflags: Oflags.CREAT | Oflags.EXCL, writes: true }),
  (racer) => openFile(racer, "truncate", { oflags: Oflags.TRUNC, writes: true }),
  openDirectory,
  openDirectory,
  stat,
  stat,
  readlink,
  (racer) => racer.call.setTimes(racer.place(), racer.random(2) === 0),
  (racer) => racer.call.rename(racer.place(), racer.place()),
  (racer) => racer.call.link(racer.place(), racer.place()),
  (racer) => racer.call.mkdir(racer.place()),
  (racer) => racer.call.rmdir(racer.place()),
  (racer) => racer.call.unlink(racer.place()),
  (racer) => racer.call.symlink(racer.pick(["file.txt", "../file.txt", "sub"]), racer.place()),
];
