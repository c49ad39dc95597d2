/**
 * The same calls over memory and over the runtime's own files have the same answers. fast-check prints the seed and the
 * calls of a failure.
 */

import process from "node:process";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { Filetype, Rights } from "../../src/witx/types.ts";
import { type Backend, makeSystem, memoryBackend, runtimeBackend } from "./backends.ts";
import { Caller, ROOT } from "./caller.ts";

/** Sequences to try; `WASIRUN_PROPERTY_RUNS` asks for more. */
const RUNS = Number(process.env["WASIRUN_PROPERTY_RUNS"] ?? "400");

/** One call, by name, with arguments that fast-check can shrink and print. */
type Step = (call: Caller) => unknown;

interface NamedStep {
  readonly step: Step;
  toString(): string;
}

function named<Args extends readonly unknown[]>(
  name: string,
  args: { [Index in keyof Args]: fc.Arbitrary<Args[Index]> },
  perform: (call: Caller, ...args: Args) => unknown,
): fc.Arbitrary<NamedStep> {
  return (fc.tuple(...args) as unknown as fc.Arbitrary<Args>).map((values) => ({
    step: (call) => perform(call, ...values),
    toString: () =>
      `${name}(${values.map((value) => typeof value === "bigint" ? `${value}n` : JSON.stringify(value)).join(", ")})`,
  }));
}

const component = fc.constantFrom("a", "b", "c");
const path = fc.oneof(
  { arbitrary: component, weight: 12 },
  { arbitrary: fc.tuple(component, component).map((parts) => parts.join("/")), weight: 8 },
  { arbitrary: fc.tuple(component, component, component).map((parts) => parts.join("/")), weight: 2 },
  { arbitrary: component.map((name) => `${name}/`), weight: 1 },
  { arbitrary: fc.tuple(component, component).map(([one, two]) => `${one}/../${two}`), weight: 1 },
  { arbitrary: component.map((name) => `${name}/..`), weight: 1 },
  { arbitrary: component.map((name) => `${name}/.`), weight: 1 },
  { arbitrary: fc.constantFrom(".", "..", "", "/", "/a", "../a", "a//b", "./a"), weight: 1 },
);
const target = fc.oneof(path, fc.constantFrom("../a", "../../a", "b/c", "nowhere"));
/** What was opened, most likely, and what was not. */
const fd = fc.oneof({ arbitrary: fc.integer({ min: 4, max: 6 }), weight: 6 }, {
  arbitrary: fc.integer({ min: 7, max: 10 }),
  weight: 1,
});
const directoryFd = fc.oneof({ arbitrary: fc.constant(ROOT), weight: 8 }, { arbitrary: fd, weight: 1 });
const text = fc.constantFrom("", "x", "hello", "0123456789");
const offset = fc.oneof(fc.bigInt({ min: 0n, max: 20n }), fc.constantFrom(-1n, -5n, 100n, 70_000n));
const length = fc.integer({ min: 0, max: 16 });
const oflags = fc.oneof(
  { arbitrary: fc.constantFrom(0, 1, 1, 1, 2, 5, 8, 9), weight: 4 },
  { arbitrary: fc.integer({ min: 0, max: 15 }), weight: 1 },
);
const rights = fc.constantFrom(
  Rights.FD_READ | Rights.FD_SEEK | Rights.FD_FILESTAT_SET_SIZE | Rights.FD_FILESTAT_GET,
  0x3fffffff,
);

/** Attributes that do not depend on the backend. */
function attributes(stat: unknown): unknown {
  if (stat === null || typeof stat !== "object" || !("filetype" in stat)) return stat;
  const { filetype, size, nlink } = stat as { filetype: number; size: bigint; nlink: bigint };
  return filetype === Filetype.DIRECTORY ? { filetype } : { filetype, size, nlink };
}

/** Names and types of a listing, sorted; or the error. */
function listing(call: Caller, at: number): unknown {
  const bytes = call.readdirBytes(at, 0n, 0);
  if (!(bytes instanceof Uint8Array)) return bytes;
  return call.list(at).map(({ name, filetype }) => `${name} ${filetype}`).sort();
}

/** All names below a directory with what they are. */
function tree(call: Caller, at: string): string[] {
  const found: string[] = [];
  for (const name of call.names(at)) {
    const inner = at === "." ? name : `${at}/${name}`;
    const stat = call.stat(inner, { follow: false }) as { filetype: number };
    if (stat.filetype === Filetype.DIRECTORY) found.push(`${inner}/`, ...tree(call, inner));
    else if (stat.filetype === Filetype.SYMBOLIC_LINK) {
      found.push(`${inner} -> ${JSON.stringify(call.readlink(inner))}`);
    } else found.push(`${inner}: ${JSON.stringify(call.get(inner))} ${JSON.stringify(attributes(stat), replacer)}`);
  }
  return found;
}

function replacer(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

function name(errno: Errno): string {
  return errnoName(errno);
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: named(
      "create",
      [component, fc.constantFrom(0, 0, 1)],
      (call, at, fdflags) => call.open(at, { oflags: 1, fdflags }),
    ),
  },
  {
    weight: 8,
    arbitrary: named(
      "open",
      [path, directoryFd, fc.boolean(), oflags, rights, fc.constantFrom(0, 0, 1)],
      (call, at, from, follow, flags, wanted, fdflags) =>
        call.open(at, { fd: from, follow, oflags: flags, rights: wanted, fdflags }),
    ),
  },
  { weight: 2, arbitrary: named("close", [fd], (call, at) => call.close(at)) },
  { weight: 4, arbitrary: named("write", [fd, text, text], (call, at, one, two) => call.write(at, one, two)) },
  { weight: 3, arbitrary: named("pwrite", [fd, offset, text], (call, at, to, one) => call.pwrite(at, to, one)) },
  { weight: 4, arbitrary: named("read", [fd, length, length], (call, at, one, two) => call.read(at, one, two)) },
  { weight: 2, arbitrary: named("pread", [fd, offset, length], (call, at, from, one) => call.pread(at, from, one)) },
  {
    weight: 3,
    arbitrary: named(
      "seek",
      [fd, offset, fc.integer({ min: 0, max: 3 })],
      (call, at, to, whence) => call.seek(at, to, whence),
    ),
  },
  { weight: 1, arbitrary: named("tell", [fd], (call, at) => call.tell(at)) },
  { weight: 2, arbitrary: named("setSize", [fd, offset], (call, at, size) => call.setSize(at, size)) },
  {
    weight: 1,
    arbitrary: named(
      "allocate",
      [fd, offset, offset],
      (call, at, from, size) => name(call.system.fd.allocate(at, from, size)),
    ),
  },
  { weight: 1, arbitrary: named("startAppending", [fd], (call, at) => name(call.system.fd.fdstatSetFlags(at, 1))) },
  { weight: 2, arbitrary: named("fdStat", [fd], (call, at) => attributes(call.fdStat(at))) },
  { weight: 1, arbitrary: named("renumber", [fd, fd], (call, from, to) => name(call.system.fd.renumber(from, to))) },
  { weight: 1, arbitrary: named("sync", [fd], (call, at) => name(call.system.fd.sync(at))) },
  { weight: 10, arbitrary: named("mkdir", [path, directoryFd], (call, at, from) => call.mkdir(at, from)) },
  { weight: 3, arbitrary: named("rmdir", [path, directoryFd], (call, at, from) => call.rmdir(at, from)) },
  { weight: 3, arbitrary: named("unlink", [path, directoryFd], (call, at, from) => call.unlink(at, from)) },
  {
    weight: 4,
    arbitrary: named("symlink", [target, path, directoryFd], (call, to, at, from) => call.symlink(to, at, from)),
  },
  {
    weight: 1,
    arbitrary: named(
      "readlink",
      [path, directoryFd, length],
      (call, at, from, size) => call.readlink(at, { fd: from, length: size }),
    ),
  },
  {
    weight: 3,
    arbitrary: named(
      "link",
      [path, path, directoryFd, directoryFd],
      (call, at, to, from, newFd) => call.link(at, to, { fd: from, newFd }),
    ),
  },
  {
    weight: 5,
    arbitrary: named(
      "rename",
      [path, path, directoryFd, directoryFd],
      (call, at, to, from, newFd) => call.rename(at, to, { fd: from, newFd }),
    ),
  },
  {
    weight: 3,
    arbitrary: named(
      "stat",
      [path, directoryFd, fc.boolean()],
      (call, at, from, follow) => attributes(call.stat(at, { fd: from, follow })),
    ),
  },
  { weight: 2, arbitrary: named("list", [directoryFd], (call, at) => listing(call, at)) },
);

const steps = fc.array(step, { minLength: 1, maxLength: 100, size: "max" });

let memory: Backend;
let runtime: Backend;

beforeAll(async () => {
  memory = memoryBackend();
  runtime = await runtimeBackend();
});
afterAll(async () => {
  await runtime.dispose();
});

test("sequences of calls have the same answers over memory and over the runtime's own files", () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const [one, two] = [makeSystem(memory, { maxOpenFiles: 10 }), makeSystem(runtime, { maxOpenFiles: 10 })];
      try {
        const [inMemory, inFiles] = [new Caller(one.system), new Caller(two.system)];
        for (const [i, made] of sequence.entries()) {
          const expected = made.step(inFiles);
          expect(made.step(inMemory), `step ${i}, ${made}`).toEqual(expected);
        }
        if (inFiles.close(ROOT) === "SUCCESS") expect(inMemory.close(ROOT)).toBe("SUCCESS");
      } finally {
        one.system.close();
        two.system.close();
      }
    }),
    { numRuns: RUNS },
  );
});

test("sequences of calls leave the same tree behind", () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const [one, two] = [makeSystem(memory, { maxOpenFiles: 200 }), makeSystem(runtime, { maxOpenFiles: 200 })];
      try {
        const trees = [one, two].map(({ system }) => {
          const call = new Caller(system);
          for (const made of sequence) made.step(call);
          return tree(call, ".");
        });
        expect(trees[0]).toEqual(trees[1]);
      } finally {
        one.system.close();
        two.system.close();
      }
    }),
    { numRuns: Math.ceil(RUNS / 3) },
  );
});
