/**
 * The same calls over memory, the runtime's files and the system's calls have the same answers. fast-check prints the seed
 * and the calls of a failure.
 */

import process from "node:process";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  BACKENDS,
  FileGuest,
  type Files,
  made,
  MUTATE,
  READ,
  type Result,
  RW,
  type Stat,
  WRITE,
} from "./file_guest.ts";

/** Sequences to try; `WASIRUN_PROPERTY_RUNS` asks for more. */
const RUNS = Number(process.env["WASIRUN_PROPERTY_RUNS"] ?? "150");

/** Descriptors that may be open beside the preopen. */
const MAX_OPEN = 3;

/** A guest with what it has opened: numbers are positions, 0 the preopen. */
class Session {
  readonly guest: FileGuest;
  readonly #open: number[];

  constructor(files: Files) {
    this.guest = new FileGuest(files.platform, { "/": { root: files.root } });
    this.#open = [this.guest.root];
  }

  at(position: number): number {
    return this.#open[position % this.#open.length]!;
  }

  add(result: Result<number>): unknown {
    if (result.tag === "err") return result.val;
    this.#open.push(result.val);
    if (this.#open.length > MAX_OPEN + 1) this.guest.drop(this.#open.splice(1, 1)[0]!);
    return [this.guest.type(result.val), this.guest.flags(result.val)];
  }
}

interface NamedStep {
  readonly step: (session: Session) => unknown;
  toString(): string;
}

function named<Args extends readonly unknown[]>(
  name: string,
  args: { [Index in keyof Args]: fc.Arbitrary<Args[Index]> },
  perform: (session: Session, ...args: Args) => unknown,
): fc.Arbitrary<NamedStep> {
  return (fc.tuple(...args) as unknown as fc.Arbitrary<Args>).map((values) => ({
    step: (session) => perform(session, ...values),
    toString: () => `${name}(${values.map((value) => fc.stringify(value)).join(", ")})`,
  }));
}

const component = fc.constantFrom("a", "b", "c");
const path = fc.oneof(
  { arbitrary: component, weight: 12 },
  { arbitrary: fc.tuple(component, component).map((parts) => parts.join("/")), weight: 8 },
  { arbitrary: component.map((name) => `${name}/`), weight: 1 },
  { arbitrary: fc.tuple(component, component).map(([one, two]) => `${one}/../${two}`), weight: 1 },
  { arbitrary: component.map((name) => `${name}/..`), weight: 1 },
  { arbitrary: component.map((name) => `${name}/.`), weight: 1 },
  { arbitrary: fc.constantFrom(".", "..", "", "/", "/a", "../a", "a//b", "./a", "a\0"), weight: 1 },
);
const target = fc.oneof(path, fc.constantFrom("../a", "../../a", "b/c", "nowhere"));
const position = fc.oneof({ arbitrary: fc.constant(0), weight: 2 }, { arbitrary: fc.nat(MAX_OPEN), weight: 1 });
const text = fc.constantFrom("", "x", "hello", "0123456789", "y".repeat(300));
const offset = fc.oneof(
  { arbitrary: fc.bigInt({ min: 0n, max: 20n }), weight: 6 },
  { arbitrary: fc.constantFrom(100n, 70_000n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n), weight: 1 },
);
const length = fc.oneof(fc.bigInt({ min: 0n, max: 16n }), fc.constantFrom(257n, 4096n, 2n ** 64n - 1n));
const access = fc.constantFrom(0, READ, WRITE, RW, RW, READ | MUTATE, MUTATE);
const openFlags = fc.oneof(
  { arbitrary: fc.constantFrom(0, 1, 1, 1, 2, 5, 8, 9), weight: 4 },
  { arbitrary: fc.integer({ min: 0, max: 15 }), weight: 1 },
);
const time = fc.constantFrom<unknown>(
  { tag: "no-change" },
  { tag: "timestamp", val: { seconds: 1_000_000_000n, nanoseconds: 5_000_000 } },
  { tag: "timestamp", val: { seconds: 1n, nanoseconds: 1_250_000_000 } },
  { tag: "timestamp", val: { seconds: 2n ** 63n, nanoseconds: 0 } },
);
const follow = fc.boolean();

/** Attributes that do not depend on the backend. */
function attributes(result: Result<Stat>): unknown {
  if (result.tag === "err") return result.val;
  const { type, size, linkCount } = result.val;
  return type === "directory" ? type : [type, String(size), String(linkCount)];
}

const STEPS: fc.Arbitrary<NamedStep> = fc.oneof(
  {
    arbitrary: named("open-at", [position, path, openFlags, access, follow], (s, at, path, open, flags, follow) => {
      return s.add(s.guest.open(path, { open, flags, follow }, s.at(at)));
    }),
    weight: 6,
  },
  {
    arbitrary: named("write", [position, text, offset], (s, at, text, offset) => s.guest.write(s.at(at), text, offset)),
    weight: 4,
  },
  {
    arbitrary: named(
      "read",
      [position, length, offset],
      (s, at, length, offset) => s.guest.read(s.at(at), length, offset),
    ),
    weight: 4,
  },
  named("append-via-stream", [position, text], (s, at, text) => {
    const stream = s.guest.stream("append-via-stream", s.at(at));
    if (stream.tag === "err") return stream.val;
    const result = s.guest.writeStream(stream.val, text);
    s.guest.dropStream(stream.val, "output-stream");
    return result;
  }),
  named("read-via-stream", [position, offset, length], (s, at, offset, length) => {
    const stream = s.guest.stream("read-via-stream", s.at(at), offset);
    if (stream.tag === "err") return stream.val;
    const results = [s.guest.readStream(stream.val, BigInt.asIntN(64, length)), s.guest.skip(stream.val, 3n)];
    s.guest.dropStream(stream.val, "input-stream");
    return results;
  }),
  named("set-size", [position, offset], (s, at, size) => s.guest.method("set-size", s.at(at), size)),
  named("set-times", [position, time, time], (s, at, atim, mtim) => s.guest.method("set-times", s.at(at), atim, mtim)),
  named(
    "advise",
    [position, offset, offset],
    (s, at, from, length) => s.guest.method("advise", s.at(at), from, length, "normal"),
  ),
  named("sync", [position], (s, at) => s.guest.method("sync", s.at(at))),
  named("stat", [position], (s, at) => attributes(s.guest.stat(s.at(at)))),
  named(
    "stat-at",
    [position, path, follow],
    (s, at, path, follow) => attributes(s.guest.statAt(path, follow, s.at(at))),
  ),
  named("set-times-at", [position, path, time, time, follow], (s, at, path, atim, mtim, follow) => {
    return s.guest.setTimesAt(path, atim, mtim, follow, s.at(at));
  }),
  {
    arbitrary: named("create-directory-at", [position, path], (s, at, path) => s.guest.mkdir(path, s.at(at))),
    weight: 3,
  },
  named("remove-directory-at", [position, path], (s, at, path) => s.guest.rmdir(path, s.at(at))),
  named("unlink-file-at", [position, path], (s, at, path) => s.guest.unlink(path, s.at(at))),
  {
    arbitrary: named(
      "symlink-at",
      [position, target, path],
      (s, at, target, path) => s.guest.symlink(target, path, s.at(at)),
    ),
    weight: 2,
  },
  named("readlink-at", [position, path], (s, at, path) => s.guest.readlink(path, s.at(at))),
  {
    arbitrary: named("rename-at", [position, path, position, path], (s, at, path, to, newPath) => {
      return s.guest.rename(path, newPath, s.at(at), s.at(to));
    }),
    weight: 2,
  },
  named("link-at", [position, path, position, path, follow], (s, at, path, to, newPath, follow) => {
    return s.guest.link(path, newPath, follow, s.at(at), s.at(to));
  }),
  named("read-directory", [position], (s, at) => {
    const entries = s.guest.readDirectory(s.at(at));
    if (entries.tag === "err") return entries.val;
    s.guest.dropEntries(entries.val);
    return s.guest.list(s.at(at));
  }),
  named("is-same-object", [position, position], (s, at, other) => {
    const isSame = s.guest.method("is-same-object", s.at(at), s.guest.descriptor(s.at(other)));
    expect(made(s.guest.hash(s.at(at))) === made(s.guest.hash(s.at(other)))).toBe(isSame);
    return isSame;
  }),
);

/** Everything beneath a directory. */
function tree(guest: FileGuest, directory: number = guest.root, prefix: string = ""): string[] {
  return guest.list(directory).flatMap((line) => {
    const [name = "", type] = line.split(" ");
    const found = `${prefix}${line} ${JSON.stringify(attributes(guest.statAt(name, false, directory)))}`;
    if (type === "symbolic-link") return [`${found} ${JSON.stringify(guest.readlink(name, directory))}`];
    if (type === "regular-file") return [`${found} ${guest.text(name, directory)}`];
    const inner = made(guest.open(name, {}, directory));
    const inside = tree(guest, inner, `${prefix}${name}/`);
    guest.drop(inner);
    return [found, ...inside];
  });
}

test("sequences of calls have the same answers everywhere", () => {
  fc.assert(
    fc.property(fc.array(STEPS, { minLength: 1, maxLength: 25 }), (steps) => {
      const files = BACKENDS.map(([, make]) => make());
      try {
        const sessions = files.map((each) => new Session(each));
        for (const step of steps) {
          const answers = sessions.map((session) => step.step(session));
          for (const answer of answers) expect([step.toString(), answer]).toEqual([step.toString(), answers[2]]);
        }
        const trees = sessions.map((session) => tree(session.guest));
        for (const each of trees) expect(each).toEqual(trees[2]);
      } finally {
        for (const each of files) each.remove();
      }
    }),
    { numRuns: RUNS },
  );
});
