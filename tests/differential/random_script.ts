/**
 * Random scripts of file operations for the guest `script`: each command is a list of fields.
 *
 * @module
 */

/** A command: the slot for a handle that it makes, a name, and arguments; `$N` is the handle in slot N. */
export type Command = readonly (string | number)[];

const SLOTS = 6;
const NAMES: readonly string[] = ["a", "b", "c", "d"];
const ODD_PARTS: readonly string[] = [".", "..", "", "no"];
const CONTENTS: readonly string[] = ["", "x", "some text", "y".repeat(70)];
const CREATE = 1;
const TRUNCATE = 8;
const WRITE = 2;
/** read, write, mutate-directory, and pairs of them. Write alone is not there: see the table of cases. */
const RIGHTS: readonly number[] = [1, 1, 3, 3, 32, 33, 35, 35, 35, 0];
/** create, directory, exclusive, truncate, and pairs of them. */
const OPENING: readonly number[] = [0, 0, 0, 1, 1, 1, 2, 2, 5, 8, 9, 3, 10, 15];
const MAX_OFFSET = 100;

/** Numbers that a seed determines. */
class Random {
  #state: number;

  /** @param seed Any integer. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0, and below `end`. */
  below(end: number): number {
    this.#state = this.#state + 0x6d2b79f5 >>> 0;
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return Math.floor(((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32 * end);
  }

  /** One of these. */
  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** A script of that many commands. */
export function randomScript(seed: number, length: number): Command[] {
  const random = new Random(seed);
  return Array.from({ length }, () => command(random));
}

function path(random: Random): string {
  const parts = Array.from({ length: 1 + random.below(3) }, () => random.of(random.below(8) === 0 ? ODD_PARTS : NAMES));
  return (random.below(40) === 0 ? "/" : "") + parts.join("/") + (random.below(10) === 0 ? "/" : "");
}

/** Mostly the preopen, which is in slot 0. */
function directory(random: Random): string {
  return `$${random.below(3) > 0 ? 0 : random.below(SLOTS)}`;
}

/** In wasmtime, create and truncate imply write, which they do not here: they come with it only. */
function opened(random: Random): readonly (string | number)[] {
  const opening = random.of(OPENING);
  const isChange = (opening & (CREATE | TRUNCATE)) > 0;
  const rights = random.of(RIGHTS) | (isChange ? WRITE : 0);
  return [directory(random), random.below(2), path(random), opening, rights];
}

/** What follows the slot, by name of the command. */
const ARGUMENTS: Readonly<Record<string, (random: Random) => readonly (string | number)[]>> = {
  "open-at": (random) => opened(random),
  "write": (random) => [file(random), random.of(CONTENTS), random.below(MAX_OFFSET)],
  "read": (random) => [file(random), random.below(MAX_OFFSET), random.below(MAX_OFFSET)],
  "stat": (random) => [file(random)],
  "stat-at": (random) => [directory(random), random.below(2), path(random)],
  "set-size": (random) => [file(random), random.below(MAX_OFFSET)],
  "sync": (random) => [file(random)],
  "sync-data": (random) => [file(random)],
  "get-flags": (random) => [file(random)],
  "get-type": (random) => [file(random)],
  "is-same-object": (random) => [file(random), file(random)],
  "advise": (random) => [file(random), 0, random.below(MAX_OFFSET), random.below(6)],
  "set-times": (random) => [file(random), random.below(2), 0, 0, 2, random.below(MAX_OFFSET), random.below(MAX_OFFSET)],
  "set-times-at": (
    random,
  ) => [directory(random), random.below(2), path(random), 0, 0, 0, 2, random.below(MAX_OFFSET), 7],
  "create-directory-at": (random) => [directory(random), path(random)],
  "remove-directory-at": (random) => [directory(random), path(random).replace(/\/+$/, "")],
  "unlink-file-at": (random) => [directory(random), path(random)],
  "symlink-at": (random) => [directory(random), path(random), path(random)],
  "readlink-at": (random) => [directory(random), path(random)],
  "rename-at": (random) => [directory(random), path(random), directory(random), path(random)],
  "link-at": (
    random,
  ) => [directory(random), random.below(8) === 0 ? 1 : 0, path(random), directory(random), path(random)],
  "list": (random) => [directory(random)],
  "read-via-stream": (random) => [file(random), random.below(MAX_OFFSET)],
  "write-via-stream": (random) => [file(random), random.below(MAX_OFFSET)],
  "append-via-stream": (random) => [file(random)],
  "stream-read": (random) => [stream(random), random.below(MAX_OFFSET)],
  "stream-write": (random) => [stream(random), random.of(CONTENTS)],
  "drop": () => [],
};

/** Commands that are needed more often than the others. */
const FREQUENT: readonly string[] = [
  "open-at",
  "open-at",
  "open-at",
  "create-directory-at",
  "create-directory-at",
  "symlink-at",
  "rename-at",
  "link-at",
  "stat-at",
  "list",
  "write",
];
const COMMANDS: readonly string[] = [...Object.keys(ARGUMENTS), ...FREQUENT];

function file(random: Random): string {
  return `$${random.below(SLOTS)}`;
}

/** Streams are apart: a slot of another kind would be a handle of the wrong type, which is a trap. */
function stream(random: Random): string {
  return `$${STREAM_SLOT + random.below(2)}`;
}

/** The first of two slots for input streams; two for output streams follow. */
const STREAM_SLOT = 20;
const OUTPUT_SLOT = STREAM_SLOT + 2;

function slotOf(name: string, random: Random): number {
  if (name === "read-via-stream") return STREAM_SLOT + random.below(2);
  if (name.endsWith("-via-stream")) return OUTPUT_SLOT + random.below(2);
  // Slot 0 stays the preopen.
  return 1 + random.below(SLOTS - 1);
}

function command(random: Random): Command {
  const name = random.of(COMMANDS);
  const args = ARGUMENTS[name]!(random);
  if (name === "stream-write") return [0, name, `$${OUTPUT_SLOT + random.below(2)}`, ...args.slice(1)];
  return [slotOf(name, random), name, ...args];
}
