/** How a guest ends, which it can't catch, and what it is refused after that. */

import { beforeAll, describe, expect, test } from "vitest";
import {
  type Guest,
  type HostImports,
  instantiate,
  run,
  type RunOptions,
  type RunResult,
  runSync,
  TrapError,
  WasiExit,
  WasiSignal,
} from "wasirun";
import type { Platform } from "../../src/contract/platform.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { memoryPlatform } from "../../src/platform/memory/mod.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { assemble } from "../tools/wat.ts";

const PLATFORMS: Readonly<Record<string, () => Promise<Platform> | Platform>> = {
  runtime: async () => (await detectPlatform())(),
  posix,
  memory: () => memoryPlatform(),
};

const WAYS: Readonly<Record<string, (module: Uint8Array<ArrayBuffer>, options: RunOptions) => Promise<RunResult>>> = {
  run,
  // deno-lint-ignore require-await
  runSync: async (module, options) => runSync(module, options),
};

const HANDLERS: Readonly<Record<string, (body: string) => string>> = {
  try_table: (body) => `(block $handler (try_table (catch_all $handler) ${body}))`,
  "legacy try": (body) => `(try (do ${body}) (catch_all))`,
};

const cases = Object.keys(PLATFORMS).flatMap((platform) =>
  Object.keys(WAYS).flatMap((way) => Object.keys(HANDLERS).map((handler) => [platform, way, handler] as const))
);

/** A command with the imports that are used here, and a buffer for what is read and written. */
function command(body: string, more = ""): Uint8Array<ArrayBuffer> {
  return assemble(
    "command.wat",
    `(module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (import "wasi_snapshot_preview1" "proc_raise" (func $raise (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
      (import "host" "f" (func $f))
      (import "host" "after" (func $after))
      (memory (export "memory") 1)
      (data (i32.const 0) "\\08\\00\\00\\00\\06\\00\\00\\00hello\\n")
      ;; a subscription: the monotonic clock, 20 ms from now
      (data (i32.const 116) "\\01\\00\\00\\00\\00\\00\\00\\00\\00\\2d\\31\\01")
      (func $sleep (drop (call $poll (i32.const 100) (i32.const 200) (i32.const 1) (i32.const 300))))
      (func $hello (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 400))))
      ${more}
      (func $start (export "_start") ${body}))`,
  );
}

/** Imports of {@linkcode command}: `f`, and a count of what runs after the guest's end. */
class Host {
  after = 0;
  readonly imports: HostImports;

  constructor(f: () => unknown = () => {}) {
    this.imports = { host: { f, after: () => void this.after++ } };
  }
}

function failing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

async function outcomeOf(result: Promise<unknown>): Promise<unknown> {
  return await result.catch((error: unknown) => error);
}

describe.each(cases)(
  "on the platform %s, by %s, with a handler of %s, a guest does not catch",
  (name, way, handler) => {
    const caught = HANDLERS[handler]!;
    const start = WAYS[way]!;
    let platform: Platform;

    beforeAll(async () => {
      platform = await PLATFORMS[name]!();
    });

    test("its exit, in a loop neither", async () => {
      const host = new Host();
      const exit = caught("(call $exit (i32.const 7))");
      const module = command(`${caught(`${exit} (call $after)`)} (loop $again ${exit} (call $after) (br $again))`);
      expect(await start(module, { imports: host.imports, platform })).toEqual({ exitCode: 7 });
      expect(host.after).toBe(0);
    });

    test("its signal", async () => {
      const host = new Host();
      const module = command(`${caught("(drop (call $raise (i32.const 6)))")} (call $after)`);
      expect(await start(module, { imports: host.imports, platform })).toEqual({ exitCode: 134, signal: 6 });
      expect(host.after).toBe(0);
    });

    test.each([["an error", new RangeError("of the host")], ["text", "thrown"], ["nothing", undefined]])(
      "what a function of the caller throws: %s",
      async (_, thrown) => {
        const host = new Host(failing(thrown));
        const module = command(`${caught("(call $f)")} (call $after)`);
        await expect(start(module, { imports: host.imports, platform })).rejects.toBe(thrown);
        expect(host.after).toBe(0);
      },
    );

    test("but for an exception of WebAssembly, which is its own business", async () => {
      const { Tag, Exception } = WebAssembly as unknown as {
        Tag: new (type: object) => object;
        Exception: new (tag: object, values: readonly unknown[]) => unknown;
      };
      const host = new Host(failing(new Exception(new Tag({ parameters: [] }), [])));
      const module = command(`${caught("(call $f)")} (call $after) (call $exit (i32.const 5))`);
      expect(await start(module, { imports: host.imports, platform })).toEqual({ exitCode: 5 });
      expect(host.after).toBe(1);
    });

    if (way !== "run") return;

    test("the rejection of an async function of the caller", async () => {
      const problem = new Error("of the host");
      const host = new Host(async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        throw problem;
      });
      const module = command(`${caught("(call $f)")} (call $after)`);
      await expect(start(module, { imports: host.imports, platform })).rejects.toBe(problem);
      expect(host.after).toBe(0);
    });

    test.each(["(call $sleep)", "(drop (call $yield))"])("an abort, where it loops over %s", async (call) => {
      const host = new Host();
      const module = command(`(loop $again ${caught(call)} (br $again))`);
      const reason = new Error("enough");
      const controller = new AbortController();
      setTimeout(() => controller.abort(reason), 30);
      await expect(start(module, { imports: host.imports, platform, signal: controller.signal })).rejects.toBe(reason);
    });
  },
);

describe("a start section", () => {
  const START = "(start $first)";

  test.each(Object.keys(WAYS))("exits, by %s", async (way) => {
    const module = command("(call $after)", `(func $first (call $exit (i32.const 7))) ${START}`);
    const host = new Host();
    expect(await WAYS[way]!(module, { imports: host.imports })).toEqual({ exitCode: 7 });
    expect(host.after).toBe(0);
  });

  test.each(Object.keys(WAYS))("prints and waits, before _start, by %s", async (way) => {
    const module = command("(call $hello)", `(func $first (call $hello) (call $sleep) (call $after)) ${START}`);
    const host = new Host();
    expect(await WAYS[way]!(module, { imports: host.imports, stdout: "text" })).toEqual({
      exitCode: 0,
      stdout: "hello\nhello\n",
    });
    expect(host.after).toBe(1);
  });

  test("works in a reactor, and is not among its exports, whatever they are called", async () => {
    const reactor = assemble(
      "reactor.wat",
      `(module (memory (export "memory") 1) (global $n (export "wasirun:start") (mut i32) (i32.const 1))
        (func $first (global.set $n (i32.mul (i32.const 3) (global.get $n))))
        (func (export "_initialize") (global.set $n (i32.add (i32.const 4) (global.get $n))))
        (func (export "n") (result i32) (global.get $n)) (start $first))`,
    );
    const guest = await instantiate(reactor);
    expect(await guest.call("n")).toBe(7);
    expect(Object.keys(guest.exports).sort()).toEqual(["_initialize", "memory", "n", "wasirun:start"]);
    await guest.close();
  });

  test("of a compiled module exits, but has no memory yet and can't wait", async () => {
    const { imports } = new Host();
    const compile = (first: string): WebAssembly.Module =>
      new WebAssembly.Module(command("", `(func $first ${first}) ${START}`));
    const exiting = compile("(call $exit (i32.const 7))");
    expect(await run(exiting, { imports })).toEqual({ exitCode: 7 });
    expect(runSync(exiting, { imports })).toEqual({ exitCode: 7 });
    const yielding = compile("(drop (call $yield)) (call $exit (i32.const 7))");
    expect(runSync(yielding, { imports })).toEqual({ exitCode: 7 });
    await expect(run(yielding, { imports })).rejects.toThrow(
      /^Cannot run the module: its start section calls an import that may wait.* pass the bytes/,
    );
    await expect(run(compile("(call $hello)"), { imports })).rejects.toThrow(
      /^Cannot run the module: its start section calls an import that needs its memory.* pass the bytes/,
    );
    const caught = compile(`${HANDLERS["legacy try"]!("(call $hello)")} (call $exit (i32.const 3))`);
    expect(() => runSync(caught, { imports })).toThrow(/needs its memory/);
  });
});

describe("an exception that the guest does not catch", () => {
  const TAG = '(tag $tag (export "oops") (param i32)) (func $throw (throw $tag (i32.const 3)))';
  const MESSAGE = /^The guest trapped: uncaught WebAssembly exception with the tag "oops"/;

  test.each(Object.keys(WAYS))("is a trap, by %s", async (way) => {
    const { imports } = new Host();
    for (
      const module of [
        command("(call $throw)", TAG),
        command("", `${TAG} (func $first (call $throw)) (start $first)`),
      ]
    ) {
      const trap = await outcomeOf(WAYS[way]!(module, { imports })) as TrapError;
      expect(trap).toBeInstanceOf(TrapError);
      expect(trap.message).toMatch(MESSAGE);
    }
  });

  test("is a trap in a reactor and its _initialize", async () => {
    const reactor = (initialize: string): Uint8Array<ArrayBuffer> =>
      assemble(
        "reactor.wat",
        `(module (memory (export "memory") 1) ${TAG} (func (export "_initialize") ${initialize})
          (func (export "fail") (call $throw)))`,
      );
    const guest = await instantiate(reactor(""));
    await expect(guest.call("fail")).rejects.toThrow(MESSAGE);
    await expect(guest.call("fail")).rejects.toThrow(/^Cannot call "fail": the guest has trapped$/);
    const other = await instantiate(reactor(""));
    expect(other.exports["fail"]).toThrow(TrapError);
    await expect(instantiate(reactor("(call $throw)"))).rejects.toThrow(TrapError);
    await Promise.all([guest.close(), other.close()]);
  });

  test("is a trap if JavaScript made it, and if it is any value of JavaScript", async () => {
    const { JSTag } = WebAssembly as unknown as { JSTag: WebAssembly.ImportValue };
    const module = assemble(
      "js.wat",
      `(module (import "host" "tag" (tag $js (param externref))) (import "host" "value" (func $value (result externref)))
        (memory (export "memory") 1) (func (export "_start") (throw $js (call $value))))`,
    );
    const imports = { host: { tag: JSTag, value: () => "a value" } };
    for (const way of Object.values(WAYS)) {
      const trap = await outcomeOf(way(module, { imports })) as TrapError;
      expect(trap).toBeInstanceOf(TrapError);
      expect(trap.message).toMatch(/^The guest trapped: uncaught JavaScript exception/);
      expect(trap.cause).toBe("a value");
    }
  });
});

const REACTOR = assemble(
  "reactor.wat",
  `(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "proc_raise" (func $raise (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $stat (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "host" "f" (func $f (param i32) (result i32)))
    (memory (export "memory") 1)
    (table (export "table") 4 funcref)
    (elem (i32.const 0) $closes $stats $randoms $callF)
    (data (i32.const 116) "\\01")
    (func $closes (drop (call $close (i32.const 9))))
    (func $stats (drop (call $stat (i32.const 1) (i32.const 0))))
    (func $randoms (drop (call $random (i32.const 0) (i32.const 1))))
    (func $callF (drop (call $f (i32.const 1))))
    (func (export "_initialize"))
    (func (export "exit") (param i32) (call $exit (local.get 0)))
    (func (export "raise") (drop (call $raise (i32.const 15))))
    (func (export "trap") unreachable)
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "callF") (param i32) (result i32) (call $f (local.get 0)))
    (func (export "sleep") (param $ms i32) (result i32)
      (i64.store (i32.const 124) (i64.mul (i64.extend_i32_u (local.get $ms)) (i64.const 1000000)))
      (drop (call $poll (i32.const 100) (i32.const 200) (i32.const 1) (i32.const 300)))
      (local.get $ms)))`,
);

function start(f: (value: number) => unknown = (value) => value, options: RunOptions = {}): Promise<Guest> {
  return instantiate(REACTOR, { imports: { host: { f: f as WebAssembly.ImportValue & typeof f } }, ...options });
}

function thrownBy(fn: unknown): unknown {
  try {
    return (fn as () => unknown)();
  } catch (error) {
    return error;
  }
}

describe("a guest that has ended", () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const ENDS: Readonly<Record<string, readonly [end: (guest: Guest) => Promise<unknown>, message: RegExp]>> = {
    "by an exit": [(guest) => guest.call("exit", 7), /^Cannot call "add": the guest has exited with code 7$/],
    "by a signal": [(guest) => guest.call("raise"), /^Cannot call "add": the guest was ended by signal 15$/],
    "by a trap": [(guest) => guest.call("trap"), /^Cannot call "add": the guest has trapped$/],
    "by a trap of an export": [
      (guest) => Promise.resolve(thrownBy(guest.exports["trap"])),
      /^Cannot call "add": the guest has trapped$/,
    ],
    "by its owner": [(guest) => guest.close(), /^Cannot call "add": the guest was closed$/],
    "by an abort": [
      (guest) => {
        controller.abort(reason);
        return guest.call("sleep", 1);
      },
      /^Cannot call "add": the guest has ended with an error, which is the cause$/,
    ],
    "by a function of the caller": [
      (guest) => guest.call("callF", -1),
      /^Cannot call "add": the guest has ended with an error, which is the cause$/,
    ],
  };

  test.each(Object.entries(ENDS))("%s is called no more, and calls nothing any more", async (name, [end, message]) => {
    let calls = 0;
    const guest = await start((value) => {
      calls++;
      if (value < 0) throw reason;
      return value;
    }, name === "by an abort" ? { signal: controller.signal } : {});
    expect(await guest.call("add", 1, 2)).toBe(3);
    await outcomeOf(end(guest));
    calls = 0;
    await expect(guest.call("add", 1, 2)).rejects.toThrow(message);
    expect(() => (guest.exports["add"] as (a: number, b: number) => number)(1, 2)).toThrow(message);
    const table = guest.exports["table"] as WebAssembly.Table;
    for (let i = 0; i < table.length; i++) expect(table.get(i), `function ${i}`).toThrow(WebAssembly.RuntimeError);
    expect(calls).toBe(0);
    await guest.close();
  });

  test("rejects the call in which it ends with its end, and those that wait for their turn", async () => {
    const guest = await start();
    const calls = [guest.call("sleep", 5), guest.call("exit", 3), guest.call("add", 1, 2), guest.call("add", 3, 4)];
    const [slept, exited, ...refused] = await Promise.allSettled(calls);
    expect(slept).toMatchObject({ value: 5 });
    expect(exited).toMatchObject({ reason: new WasiExit(3) });
    for (const { reason } of refused as PromiseRejectedResult[]) {
      expect(reason.message).toBe('Cannot call "add": the guest has exited with code 3');
      expect(reason.cause).toBeInstanceOf(WasiExit);
    }
    await guest.close();
  });

  test.each(["runtime", "posix"])("ends what it waits for when it is closed, on the platform %s", async (name) => {
    const guest = await start(undefined, { platform: await PLATFORMS[name]!() });
    const calls = [guest.call("sleep", 60_000), guest.call("add", 1, 2)];
    await new Promise((resolve) => setTimeout(resolve, 10));
    await guest.close();
    const [slept, refused] = await Promise.all(calls.map(outcomeOf)) as Error[];
    expect(slept!.message).toBe("The guest was closed");
    expect(refused!.message).toBe('Cannot call "add": the guest was closed');
  });

  test("ends a function of the caller that it waits for", async () => {
    const guest = await start(async () => await new Promise(() => {}));
    const call = outcomeOf(guest.call("callF", 1));
    await new Promise((resolve) => setTimeout(resolve, 10));
    await guest.close();
    expect(await call).toMatchObject({ message: "The guest was closed" });
  });

  test("lives on after arguments of a wrong type", async () => {
    const guest = await start();
    await expect(guest.call("add", 1n, 2n)).rejects.toThrow(TypeError);
    await expect(guest.call("missing")).rejects.toThrow(TypeError);
    expect(await guest.call("add", 1, 2)).toBe(3);
    await guest.close();
  });

  test("ends when a function of the caller answers what the guest can't take", async () => {
    const reactor = assemble(
      "wrong.wat",
      `(module (import "host" "f" (func $f (result i64))) (memory (export "memory") 1)
        (func (export "_initialize")) (func (export "callF") (drop (call $f))))`,
    );
    const guest = await instantiate(reactor, { imports: { host: { f: () => undefined } } });
    await expect(guest.call("callF")).rejects.toThrow(TypeError);
    await expect(guest.call("callF")).rejects.toThrow(/^Cannot call "callF": the guest has ended with an error/);
    await guest.close();
  });

  test("is disposed of", async () => {
    const guest = await start();
    await guest[Symbol.asyncDispose]();
    await expect(guest.call("add", 1, 2)).rejects.toThrow(/was closed/);
  });
});

describe("calls of one guest", () => {
  test("wait for their turn, in the order in which they were made", async () => {
    const guest = await start();
    const order: unknown[] = [];
    const startMs = performance.now();
    await Promise.all([60, 10, 30].map((ms) => guest.call("sleep", ms).then((slept) => order.push(slept))));
    expect(order).toEqual([60, 10, 30]);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(99);
    await guest.close();
  });

  test("by its exports are refused while another one waits", async () => {
    const guest = await start();
    const slept = guest.call("sleep", 20);
    const add = guest.exports["add"] as (a: number, b: number) => number;
    expect(() => add(1, 2)).toThrow(/^Cannot call "add" now: the guest waits in another call; use call\(\)/);
    expect(await slept).toBe(20);
    expect(add(1, 2)).toBe(3);
    await guest.close();
  });

  test("by its exports can't wait", async () => {
    const guest = await start();
    expect(() => (guest.exports["sleep"] as (ms: number) => number)(1)).toThrow(
      /^Cannot wait in a function of exports: call it with call\(\)/,
    );
    await guest.close();
  });

  test("are nested in one that waits for a function of the caller", async () => {
    const guest: Guest = await start(async (value) => {
      if (value === 0) return 100;
      await new Promise((resolve) => setTimeout(resolve, 1));
      const [inner, slept] = await Promise.all([guest.call("callF", value - 1), guest.call("sleep", 5)]);
      return Number(inner) + Number(slept) + (guest.exports["add"] as (a: number, b: number) => number)(value, 0);
    });
    expect(await guest.call("callF", 3)).toBe(100 + 3 * 5 + 3 + 2 + 1);
    await guest.close();
  });

  test("are nested in one that is in a function of the caller", async () => {
    const guest: Guest = await start((value) => (guest.exports["add"] as (a: number, b: number) => number)(value, 1));
    expect(await guest.call("callF", 3)).toBe(4);
    await guest.close();
  });

  test("hold up the outer one for as long as they take, awaited or not", async () => {
    const order: string[] = [];
    const guest: Guest = await start(async () => {
      void guest.call("sleep", 30).then(() => order.push("inner"));
      return await Promise.resolve(1);
    });
    await guest.call("callF", 1).then(() => order.push("outer"));
    expect(order).toEqual(["inner", "outer"]);
    await guest.close();
  });

  test("that a function can't wait for end the guest", async () => {
    const guest: Guest = await start((value) => {
      void guest.call("sleep", 30).catch(() => {});
      return value;
    });
    await expect(guest.call("callF", 1)).rejects.toThrow(/^Cannot go on with the guest: a host function called it/);
    await guest.close();
  });

  test("that end the guest end the outer ones with it", async () => {
    for (const [name, end] of [["exit", new WasiExit(0)], ["raise", new WasiSignal(15)]] as const) {
      const guest: Guest = await start((value) => {
        thrownBy(guest.exports[name]);
        return value;
      });
      expect(await outcomeOf(guest.call("callF", 1))).toEqual(end);
      await guest.close();
    }
  });
});
