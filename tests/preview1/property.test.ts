/**
 * Arbitrary arguments for every import: nothing is thrown, nothing hangs, and nothing is stored where it may not be.
 * fast-check prints the seed and the calls of a failure.
 */

import process from "node:process";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SOCKET_IMPORTS } from "../../src/preview1/abi/sockets.ts";
import type { Platform, PlatformDirectory, Waiter } from "../../src/contract/platform.ts";
import { newOpenRequest } from "../../src/core/fs/open.ts";
import { WasiExit, WasiSignal } from "../../src/core/guest/exit.ts";
import { memoryPlatform } from "../../src/platform/memory/mod.ts";
import { GuestEnvironment } from "../../src/runtime/environment/environment.ts";
import { GuestInstance } from "../../src/runtime/guest/instance.ts";
import { Errno } from "../../src/witx/errno.ts";
import { SIGNATURES } from "../../src/witx/signatures.ts";
import { type Backend, runtimeBackend } from "../system/backends.ts";
import { type Argument, compiledProxy, differences, MEMORY_SIZE } from "./abi_guest.ts";
import { Place, storeInputs, VALID_CALLS } from "./arguments.ts";

/** Scenarios for each test; `WASIRUN_PROPERTY_RUNS` asks for more. */
const RUNS = Number(process.env["WASIRUN_PROPERTY_RUNS"] ?? "250");
const ERRNOS: ReadonlySet<number> = new Set(Object.values(Errno));
const PATHS = [
  "file",
  "dir",
  "dir/inner",
  "link",
  ".",
  "..",
  "new",
  "dir/..",
  "loop",
  "/",
  "file/",
  "a\0",
  "dir/../new",
];
const PATHS_AT = 16384;
const PATH_SPACING = 32;

/** One call of an import. */
interface Call {
  readonly name: string;
  readonly args: readonly Argument[];
}

/** Thrown instead of waiting. */
class WouldWait extends Error {}

const REFUSING_WAITER: Waiter = {
  wait() {
    throw new WouldWait("The guest would wait");
  },
};

const number = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 9 }), weight: 6 },
  { arbitrary: fc.integer({ min: 0, max: 64 }), weight: 2 },
  { arbitrary: fc.integer({ min: 0, max: MEMORY_SIZE }), weight: 3 },
  { arbitrary: fc.integer({ min: 0, max: PATHS.length - 1 }).map((i) => PATHS_AT + i * PATH_SPACING), weight: 4 },
  { arbitrary: fc.constantFrom(1024, 1040, 1056, 1088, 2048, 4096, 4160), weight: 4 },
  { arbitrary: fc.integer({ min: MEMORY_SIZE - 70, max: MEMORY_SIZE + 2 }), weight: 2 },
  { arbitrary: fc.constantFrom(-1, -8, 0x7fffffff, -0x80000000, 0xffff, 0x10000), weight: 1 },
  { arbitrary: fc.integer(), weight: 1 },
);

const wide = fc.oneof(
  { arbitrary: fc.bigInt({ min: 0n, max: 100n }), weight: 4 },
  {
    arbitrary: fc.constantFrom(-1n, 0x3fffffffn, 2n ** 53n, 2n ** 53n - 1n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n)),
    weight: 2,
  },
  { arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), weight: 1 },
  { arbitrary: fc.bigInt({ min: 0n, max: 2n ** 32n }), weight: 1 },
);

/** Descriptors: what is open at the start, and around it. */
const fd = fc.oneof({ arbitrary: fc.integer({ min: 0, max: 7 }), weight: 12 }, { arbitrary: number, weight: 1 });

/** Numbers that are worth trying for a parameter, by its witx name. */
function parameter(name: string, type: "i32" | "i64"): fc.Arbitrary<Argument> {
  if (type === "i64") return wide;
  return name === "fd" || name === "to" || name.endsWith("_fd") ? fd : number;
}

/** Arguments that are arbitrary throughout, or valid but for some. */
function argumentsOf(name: string): fc.Arbitrary<readonly Argument[]> {
  const valid = VALID_CALLS[name]!.args;
  const arbitrary = SIGNATURES[name]!.params.map(({ name, core }) => parameter(name, core));
  const mostlyValid = arbitrary.map((value, i) =>
    fc.oneof({ arbitrary: fc.constant(valid[i]!), weight: 3 }, { arbitrary: value, weight: 1 })
  );
  return fc.oneof(fc.tuple(...arbitrary), fc.tuple(...mostlyValid), fc.tuple(...mostlyValid));
}

const ENDING = ["proc_exit", "proc_raise"];
const call: fc.Arbitrary<Call> = fc.constantFrom(...Object.keys(SIGNATURES)).chain((name) =>
  argumentsOf(name).map((args) => ({ name, args }))
);

const scenario = fc.record({
  calls: fc.array(call, { minLength: 1, maxLength: 40 }),
  memory: fc.array(fc.tuple(fc.integer({ min: 0, max: MEMORY_SIZE - 64 }), fc.uint8Array({ maxLength: 64 })), {
    maxLength: 8,
  }),
  vectors: fc.array(fc.tuple(number, number), { maxLength: 4 }),
});

/** What happens to one guest. */
interface Scenario {
  /** In order. */
  readonly calls: readonly Call[];
  /** What is stored in memory before, by addresses. */
  readonly memory: readonly (readonly [number, Uint8Array])[];
  /** Pointers and lengths that `Place.VECTORS` begins with. */
  readonly vectors: readonly (readonly [number, number])[];
}

/** Where a call may store, as `[start, end)`. */
function writable({ name, args }: Call, bytes: Uint8Array): [number, number][] {
  const ranges: [number, number][] = [];
  const unsigned = (at: number): number => Number(args[at]) >>> 0;
  for (const { at, size, isInput } of VALID_CALLS[name]!.pointers) {
    if (isInput === true) continue;
    const length = typeof size === "number" ? size : unsigned(size.at) * size.each;
    ranges.push([unsigned(at), unsigned(at) + length]);
  }
  if (name === "fd_read" || name === "fd_pread" || name === "sock_recv") {
    const view = new DataView(bytes.buffer);
    const end = Math.min(unsigned(1) + 8 * unsigned(2), bytes.length - 7);
    for (let ptr = unsigned(1); ptr < end; ptr += 8) {
      const start = view.getUint32(ptr, true);
      ranges.push([start, start + view.getUint32(ptr + 4, true)]);
    }
  }
  return ranges;
}

/** Make a call and check what can be said of any. @returns False once the guest has ended. */
function checkCall({ calls }: GuestInstance, bytes: Uint8Array, made: Call): boolean {
  const before = bytes.slice();
  const ranges = writable(made, bytes);
  let errno: number;
  try {
    errno = calls.callSync(made.name, made.args) as number;
  } catch (error) {
    const isEnding = ENDING.includes(made.name) && (error instanceof WasiExit || error instanceof WasiSignal);
    if (!isEnding && !(error instanceof WouldWait)) throw error;
    expect(differences(bytes, before), "memory after a call that threw").toEqual([]);
    return false;
  }
  expect(ERRNOS.has(errno), `${errno} is an errno`).toBe(true);
  // The errno of errors that no table of the host has.
  expect(errno).not.toBe(Errno.IO);
  // After an error nothing may have been stored at all.
  if (errno === Errno.SUCCESS) {
    for (const [start, end] of ranges) before.set(bytes.subarray(start, end), Math.min(start, MEMORY_SIZE));
  }
  expect(differences(bytes, before), `memory after ${made.name} answered ${errno}`).toEqual([]);
  return true;
}

/** Run all calls of a scenario, on a guest of its own. */
function checkScenario(
  platform: Platform,
  root: PlatformDirectory,
  module: string,
  run: Scenario,
): void {
  const loaded = { module: compiledProxy(module), label: "proxy", basename: "app", bytes: undefined };
  const environment = new GuestEnvironment(
    {
      argv0: "app",
      env: { A: "1" },
      stdin: { text: "some input" },
      stdout: "null",
      stderr: "null",
      maxOpenFiles: 12,
      preopens: { "/": { source: root } },
    },
    { ...platform, waiter: () => REFUSING_WAITER },
    "block",
  );
  const guest = new GuestInstance(loaded, environment, { sockets: SOCKET_IMPORTS });
  guest.instantiateSync();
  try {
    const bytes = new Uint8Array((guest.exports["memory"] as WebAssembly.Memory).buffer);
    PATHS.forEach((path, i) => bytes.set(new TextEncoder().encode(path), PATHS_AT + i * PATH_SPACING));
    openSome(guest.exports);
    for (const [at, content] of run.memory) bytes.set(content, at);
    storeInputs(bytes);
    const view = new DataView(bytes.buffer);
    run.vectors.flat().forEach((word, i) => view.setInt32(Place.VECTORS + 4 * i, word, true));
    for (const made of run.calls) {
      if (!checkCall(guest, bytes, made)) break;
    }
  } finally {
    guest.close();
  }
}

/** Open descriptors 4 (a file), 5 (the same, to append) and 6 (a directory). */
function openSome(exports: WebAssembly.Exports): void {
  const open = exports["path_open"] as (...args: readonly Argument[]) => number;
  const results = [
    open(3, 1, PATHS_AT, 4, 0, -1n, -1n, 0, 4096),
    open(3, 1, PATHS_AT, 4, 0, -1n, -1n, 1, 4096),
    open(3, 1, PATHS_AT + PATH_SPACING, 3, 2, 0n, -1n, 0, 4096),
  ];
  if (results.some((errno) => errno !== 0)) throw new Error(`Cannot open what scenarios start with: ${results}`);
}

/** What guests find in their root. */
function populate(root: PlatformDirectory): void {
  const file = root.openFile("file", { ...newOpenRequest(), write: true, create: true, exclusive: true });
  if (typeof file === "number") throw new Error(`Cannot make a file: ${file}`);
  file.close();
  for (const result of [root.mkdirat("dir"), root.symlinkat("file", "link"), root.symlinkat("loop", "loop")]) {
    if (result < 0) throw new Error(`Cannot make the tree: ${result}`);
  }
}

describe.each(["wasi_snapshot_preview1", "wasi_unstable"])("%s", (module) => {
  test("answers arbitrary calls over memory", () => {
    fc.assert(
      fc.property(scenario, (run) => {
        const platform = memoryPlatform({ maxBytes: 2 ** 20, maxNames: 50 });
        populate(platform.root);
        checkScenario(platform, platform.root, module, run);
      }),
      { numRuns: RUNS },
    );
  });

  describe("over the runtime's own files", () => {
    let backend: Backend | undefined;

    beforeAll(async () => {
      backend = await runtimeBackend();
    });
    afterAll(async () => {
      await backend?.dispose();
    });

    test("answers arbitrary calls, and knows every error of the host", () => {
      fc.assert(
        fc.property(scenario, (run) => {
          const root = backend!.emptyRoot();
          populate(root);
          checkScenario(backend!.platform, root, module, run);
        }),
        { numRuns: RUNS },
      );
    });
  });
});
