/** Commands with the standard adapter of preview 1 run without it. */

import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  compileComponent,
  type ComponentExports,
  type ComponentGuest,
  instantiate,
  run,
  type RunOptions,
  type RunResult,
  runSync,
  TrapError,
  WasiExit,
} from "wasirun";
import { canSuspend } from "../../src/runtime/jspi.ts";
import { cComponent, goComponent, mixedComponent, reactorComponent, watComponent } from "../tools/component_guests.ts";
import { cGuest, goGuest } from "../tools/guests.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "wasirun-elision-")));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** The names of the calls that a run makes. */
async function callsOf(path: string, options: RunOptions = {}): Promise<string[]> {
  const calls: string[] = [];
  await run(path, { stdout: "null", ...options, trace: (line) => calls.push(line.replace(/\(.*/s, "")) });
  return calls;
}

/** The same command by `run`, and by `runSync`. */
async function bothWays(path: string, options: RunOptions): Promise<RunResult[]> {
  const sync = runSync(await compileComponent(path), { ...options, stdout: "text" });
  return [await run(path, { ...options, stdout: "text" }), sync];
}

describe("a command with the standard adapter", () => {
  test("exits with its own code: Go", async () => {
    const result = { exitCode: 3, stdout: "exiting\n" };
    expect(await bothWays(await goComponent("exit"), { args: ["3"] })).toEqual([result, result]);
  });

  test("calls preview 1, not the interfaces of the adapter", async () => {
    const calls = await callsOf(await goComponent("exit"), { args: ["3"] });
    expect(calls.at(-1)).toBe("proc_exit");
    expect(calls.filter((call) => call.includes(":"))).toEqual([]);
  });

  test("makes the calls that the module makes", async () => {
    const options = (): RunOptions => ({ args: ["/work"], preopens: { "/work": mkdtempSync(join(base, "d-")) } });
    expect(await callsOf(await cComponent("files"), options())).toEqual(
      await callsOf(await cGuest("files"), options()),
    );
  });

  test("reads its standard input", async () => {
    const text = "line\n".repeat(10_000);
    const result = { exitCode: 0, stdout: text };
    expect(await bothWays(await cComponent("cat"), { stdin: { text } })).toEqual([result, result]);
  });

  test("waits", async () => {
    // On a machine that is busy, timers expire together.
    const sorted = ({ exitCode, stdout }: { readonly exitCode: number; readonly stdout: string }): unknown[] => {
      return [exitCode, stdout.split("\n").sort()];
    };
    const result = await run(await goComponent("sleep"), { stdout: "text" });
    expect(sorted(result)).toEqual(sorted(await run(await goGuest("sleep"), { stdout: "text" })));
  });

  test("has the trap of the guest", async () => {
    await expect(run(await cComponent("trap"))).rejects.toThrow(/unreachable/i);
  });

  test.skipIf(!canSuspend())("is aborted by its signal", async () => {
    const reason = new Error("enough");
    const stdin = new ReadableStream<Uint8Array>();
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 30);
    await expect(run(await cComponent("cat"), { stdin, signal: controller.signal })).rejects.toBe(reason);
  });

  test("can be run again", async () => {
    const component = await compileComponent(await goComponent("exit"));
    for (const code of [1, 2, 3]) {
      expect(await run(component, { args: [String(code)], stdout: "null" })).toEqual({ exitCode: code });
    }
  });
});

describe("a command that calls functions of WIT too", () => {
  let mixed: string;
  beforeAll(async () => {
    mixed = await mixedComponent(await cGuest("mixed"));
  });

  test("waits by both", async () => {
    const result = { exitCode: 3, stdout: "random: 1\n2 arguments: 2 one\n" };
    expect(await bothWays(mixed, { args: ["one"] })).toEqual([result, result]);
  });

  test("collects garbage while the host allocates: Go", async () => {
    const [first, second] = await bothWays(await mixedComponent(await goGuest("mixed")), {});
    expect(first).toEqual({ exitCode: 3, stdout: expect.stringContaining("random: 1048576 4\n") });
    expect(second).toEqual(first);
  });

  test("has both in its trace", async () => {
    const calls = await callsOf(mixed, { args: ["one"] });
    expect(calls).toContain("poll_oneoff");
    expect(calls).toContain("wasi:io/poll#pollable.block");
  });
});

describe("a component that is instantiated", () => {
  test("calls preview 1 as well: a command", async () => {
    const calls: string[] = [];
    const guest = await instantiate<{ run: { run(): void } }>(await cComponent("cat"), {
      stdin: { text: "text" },
      stdout: "text",
      trace: (line) => calls.push(line.replace(/\(.*/s, "")),
    });
    guest.exports.run.run();
    expect(guest.output().stdout).toBe("text");
    expect(calls).toContain("fd_write");
    expect(calls.filter((call) => call.includes(":"))).toEqual([]);
    await guest.close();
  });

  interface Reactor extends ComponentExports {
    add(a: number, b: number): number;
    counted(): number;
    pause(milliseconds: number): bigint;
    throw(): void;
    exit(code: number): void;
  }
  const open = async (options: RunOptions = {}): Promise<ComponentGuest<Reactor>> => {
    return await instantiate<Reactor>(await reactorComponent(await goGuest("reactor")), options);
  };

  test("calls preview 1 as well: a reactor", async () => {
    const calls: string[] = [];
    const guest = await open({ trace: (line) => calls.push(line.replace(/\(.*/s, "")) });
    const { exports } = guest;
    expect([exports.add(2, 3), exports.counted(), await guest.call(exports.counted)]).toEqual([5, 101, 102]);
    expect(calls).toContain("clock_time_get");
    expect(calls.filter((call) => call.includes(":"))).toEqual([]);
    await guest.close();
  });

  test("waits, called either way", async () => {
    const guest = await open();
    const { exports } = guest;
    expect(Number(exports.pause(5))).toBeGreaterThanOrEqual(5);
    const pauses = await Promise.all([guest.call(exports.pause, 5), guest.call(exports.pause, 6)]);
    expect(pauses.map((ms) => ms >= 5)).toEqual([true, true]);
    await guest.close();
  });

  test("exits with its own code, and traps", async () => {
    const guest = await open();
    await expect(guest.call(guest.exports.exit, 7)).rejects.toEqual(new WasiExit(7));
    const other = await open({ stderr: "text" });
    expect(() => other.exports.throw()).toThrow(TrapError);
    expect(other.output().stderr).toContain("thrown by an export");
    await Promise.all([guest.close(), other.close()]);
  });

  test.runIf(canSuspend())(
    "ends with what to do when a call that returns at once waits for the event loop",
    async () => {
      const guest = await instantiate<{ run: { run(): void } }>(await cComponent("cat"), {
        stdin: new ReadableStream<Uint8Array>(),
        stdout: "null",
      });
      expect(() => guest.exports.run.run()).toThrow("call the export with call()");
      await guest.close();
    },
  );
});

describe("an adapter is not replaced", () => {
  test("where the caller provides an interface that it uses", async () => {
    const imports = { "wasi:cli/environment": { getArguments: () => ["exit", "5"], getEnvironment: () => [] } };
    const path = await goComponent("exit");
    const calls = await callsOf(path, { imports });
    expect(calls).toContain("wasi:cli/environment#get-arguments");
    expect(calls).not.toContain("proc_exit");
    expect(await run(path, { imports, stdout: "text" })).toEqual({ exitCode: 1, stdout: "exiting\n" });
  });

  test("but where the caller provides what it does not use", async () => {
    const imports = { "wasi:clocks/timezone": { display: () => ({}), utcOffset: () => 0 } };
    expect(await run(await goComponent("exit"), { args: ["3"], imports, stdout: "null" })).toEqual({ exitCode: 3 });
  });

  test("where it has another shape", async () => {
    const bytes = readFileSync(await cComponent("cat"));
    const renamed = new Uint8Array(bytes);
    const at = bytes.indexOf("wit-component:adapter:");
    renamed[at] = "x".charCodeAt(0);
    const lines: string[] = [];
    await run(renamed, { stdin: { text: "text" }, stdout: "null", trace: (line) => lines.push(line) });
    expect(lines.join("\n")).toContain("wasi:io/streams#");
  });

  test("where more than preview 1 is imported from it", async () => {
    const result = { exitCode: 0, stdout: "0 0\n" };
    expect(await bothWays(await cComponent("badfd"), {})).toEqual([result, result]);
  });

  test("where there is none", async () => {
    expect(await run(await watComponent("exit"))).toEqual({ exitCode: 42 });
  });
});
