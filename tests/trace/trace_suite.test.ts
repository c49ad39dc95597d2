/** A guest that is traced is answered as one that is not. */

import { describe, expect, test } from "vitest";
import { SOCKET_IMPORTS } from "../../src/preview1/abi/sockets.ts";
import { trace } from "../../src/preview1/trace/trace.ts";
import { memoryPlatform } from "../../src/platform/memory/mod.ts";
import { GuestEnvironment } from "../../src/runtime/environment/environment.ts";
import { GuestInstance, type Tracer } from "../../src/runtime/guest/instance.ts";
import { type Argument, compiledProxy, differences } from "../preview1/abi_guest.ts";
import { FILE, Place, storeInputs, VALID_CALLS } from "../preview1/arguments.ts";

/** A name, what was passed, and what was answered. */
const LINE = /^[a-z_]+\(\P{Cc}*\)(?: => \P{Cc}+)?$/u;
const MAX_LENGTH = 2000;

const lines: string[] = [];

/** Numbers that take the place of each argument in turn. */
const NUMBERS: readonly number[] = [0, 1, 3, FILE, 99, -1, 0x10002, 65530, Place.BUFFER];

function start(module: string, isTraced: boolean): GuestInstance {
  const loaded = { module: compiledProxy(module), label: "proxy", basename: "app", bytes: undefined };
  const options = {
    argv0: "app",
    env: { A: "1" },
    stdin: { text: "some input" },
    stdout: "null",
    stderr: "null",
    preopens: { "/": "." },
  } as const;
  const platform = memoryPlatform({ files: { file: "text" } });
  const tracer: Tracer = (system, memory) => trace(system, memory, (line) => lines.push(line));
  const guest = new GuestInstance(loaded, new GuestEnvironment(options, platform, "block"), {
    sockets: SOCKET_IMPORTS,
    ...(isTraced ? { tracer } : {}),
  });
  guest.instantiateSync();
  storeInputs(bytesOf(guest));
  guest.calls.callSync("path_open", [3, 1, Place.PATH, 4, 0, -1n, -1n, 0, Place.RESULT]);
  return guest;
}

function bytesOf({ exports }: GuestInstance): Uint8Array {
  return new Uint8Array((exports["memory"] as WebAssembly.Memory).buffer);
}

function* callsOf(args: readonly Argument[]): Generator<readonly Argument[]> {
  yield args;
  for (const [at, arg] of args.entries()) {
    for (const number of NUMBERS) yield args.with(at, typeof arg === "bigint" ? BigInt(number) : number);
  }
}

describe.each(["wasi_snapshot_preview1", "wasi_unstable"])("%s", (module) => {
  const names = Object.entries(VALID_CALLS).filter(([name]) => !name.startsWith("proc_"));

  test.each(names)("%s answers and stores the same, and each call is a line", (name, { args }) => {
    const [plain, traced] = [start(module, false), start(module, true)];
    for (const values of callsOf(args)) {
      const before = lines.length;
      const answers = [plain, traced].map((guest) => guest.calls.callSync(name, values));
      expect(answers[1], `${name}(${values.join()})`).toBe(answers[0]);
      expect(lines.length).toBe(before + 1);
      // Each file system in memory is another device.
      if (name.includes("filestat_get")) [plain, traced].forEach((guest) => bytesOf(guest)[Number(values.at(-1))] = 0);
      expect(differences(bytesOf(traced), bytesOf(plain))).toEqual([]);
    }
    plain.close();
    traced.close();
  });
});

describe("the lines of all these calls", () => {
  test("are well formed", () => {
    const odd = lines.filter((line) =>
      !LINE.test(line) || line.length > MAX_LENGTH || /undefined|NaN|object/.test(line)
    );
    expect(odd).toEqual([]);
    expect(lines.length).toBeGreaterThan(2000);
  });
});
