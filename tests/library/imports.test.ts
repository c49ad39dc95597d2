import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type HostImports, instantiate, ModuleError, run, runSync } from "wasirun";
import { goGuest } from "../tools/guests.ts";
import { assemble } from "../tools/wat.ts";

function makeEnv(log: string[]) {
  return ({ memory }: { readonly memory: () => WebAssembly.Memory }): HostImports => ({
    env: {
      hostadd: (a: number, b: number): number => a + b,
      hostscale: (a: bigint, factor: number): number => Number(a) * factor,
      hostlog: (ptr: number, length: number): void => {
        log.push(new TextDecoder().decode(new Uint8Array(memory().buffer, ptr >>> 0, length)));
      },
      hostname: (ptr: number, size: number): number =>
        new TextEncoder().encodeInto("host ü", new Uint8Array(memory().buffer, ptr >>> 0, size)).written,
    },
  });
}

const OUTPUT = "sum: 42\nscaled: 5.49755813888e+11\nname: host ü\n";

/** Exits with what the host's `wait(20)` answers. */
const WAITER = assemble(
  "wait.wat",
  `(module (import "h" "wait" (func $wait (param i32) (result i32)))
     (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
     (memory (export "memory") 1)
     (func (export "twice") (param i32) (result i32) (call $wait (call $wait (local.get 0))))
     (func (export "_start") (call $exit (call $wait (i32.const 20)))))`,
);

describe("imports of the caller", () => {
  test("read and write the guest's memory", async () => {
    const log: string[] = [];
    const { stdout } = await run(await goGuest("wasmimport"), { imports: makeEnv(log), stdout: "text" });
    expect(stdout).toBe(OUTPUT);
    expect(log).toEqual(["grüße aus dem Gast"]);
    expect(runSync(await goGuest("wasmimport"), { imports: makeEnv(log), stdout: "text" }).stdout).toBe(OUTPUT);
  });

  test("that are missing are named", async () => {
    const error = await run(await goGuest("wasmimport"), { imports: { env: { hostadd: () => 0 } } })
      .catch((error: unknown) => error) as Error;
    expect(error).toBeInstanceOf(ModuleError);
    expect(error.message).toMatch(/"env" "host(log|name|scale)", a function \(.*\) -> /);
  });

  test("of a wrong kind are a ModuleError", async () => {
    const imports = { env: { hostadd: 5, hostlog: 5, hostname: 5, hostscale: 5 } } as unknown as HostImports;
    await expect(run(await goGuest("wasmimport"), { imports })).rejects.toThrow(ModuleError);
  });

  test("that throw end the guest with what they threw", async () => {
    class Problem extends Error {}
    const module = assemble(
      "call.wat",
      '(module (import "h" "f" (func $f)) (memory (export "memory") 1) (func (export "_start") (call $f)))',
    );
    const problem = new Problem("of the host");
    const imports = {
      h: {
        f: () => {
          throw problem;
        },
      },
    };
    await expect(run(module, { imports })).rejects.toBe(problem);
    expect(() => runSync(module, { imports })).toThrow(problem);
    await expect(run(module, {
      imports: () => {
        throw problem;
      },
    })).rejects.toBe(problem);
  });

  test("may answer promises where they are suspending", async () => {
    const { Suspending } = WebAssembly as unknown as {
      Suspending: new (fn: (ms: number) => Promise<number>) => WebAssembly.ImportValue;
    };
    const wait = new Suspending((ms) => new Promise((resolve) => setTimeout(() => resolve(ms + 1), ms)));
    expect(await run(WAITER, { imports: { h: { wait } } })).toEqual({ exitCode: 21 });
  });

  test("that are async suspend the guest", async () => {
    const log: number[] = [];
    const imports = {
      h: {
        wait: async (ms: number): Promise<number> => {
          await sleep(ms);
          log.push(ms);
          return ms + 1;
        },
      },
    };
    expect(await run(WAITER, { imports })).toEqual({ exitCode: 21 });
    expect(await run(WAITER, { imports: { h: { wait: imports.h.wait.bind(null) } } })).toEqual({ exitCode: 21 });
    const guest = await instantiate(WAITER, { imports: () => imports });
    expect(await guest.call("twice", 5)).toBe(7);
    await guest.close();
    expect(log).toEqual([20, 20, 5, 6]);
  });

  test("that are async reject with what they reject with", async () => {
    const problem = new Error("of the host");
    await expect(run(WAITER, { imports: { h: { wait: async () => await Promise.reject(problem) } } })).rejects.toBe(
      problem,
    );
  });

  test("that are async, or suspending, are refused where the guest can't be suspended", () => {
    const refused =
      /Cannot use the host function h\.wait, which is (async|a WebAssembly\.Suspending): the guest can't be/;
    expect(() => runSync(WAITER, { imports: { h: { wait: async () => await Promise.resolve(1) } } })).toThrow(refused);
    const { Suspending } = WebAssembly as unknown as { Suspending: new (fn: () => number) => WebAssembly.ImportValue };
    const wait = new Suspending(() => 1);
    expect(() => runSync(WAITER, { imports: { h: { wait } } })).toThrow(refused);
    expect(() => runSync(WAITER, { imports: { h: { wait } } })).toThrow(TypeError);
  });

  test("that return a promise all the same end the guest, which would read it as 0", async () => {
    for (const source of [WAITER, new WebAssembly.Module(WAITER)]) {
      for (
        const make of [() => Promise.resolve(5), () => Promise.reject(new Error("unseen")), () => ({ then: () => {} })]
      ) {
        const imports = { h: { wait: make } };
        const message = "Cannot use the promise that the host function h.wait returned: return a value, or declare";
        await expect(run(source, { imports })).rejects.toThrow(message);
        expect(() => runSync(source, { imports })).toThrow(message);
        expect(() => runSync(source, { imports })).toThrow(TypeError);
      }
    }
  });

  test("of any number of parameters are passed all of them, and answer what they return", async () => {
    for (let count = 0; count < 9; count++) {
      const params = "i64 ".repeat(count);
      const values = Array.from({ length: count }, (_, i) => BigInt(i + 1));
      const module = assemble(
        "params.wat",
        `(module (import "h" "f" (func $f (param ${params}) (result i32)))
           (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
           (memory (export "memory") 1)
           (func (export "_start") (call $exit (call $f ${values.map((value) => `(i64.const ${value})`).join(" ")}))))`,
      );
      for (const source of [module, new WebAssembly.Module(module)]) {
        const given: unknown[] = [];
        const f = (...args: bigint[]): number => given.push(...args);
        expect(await run(source, { imports: { h: { f } } })).toEqual({ exitCode: count });
        expect(given).toEqual(values);
      }
    }
  });

  test("may hand a promise to a guest that takes references, or be functions of another instance", async () => {
    const module = assemble(
      "reference.wat",
      `(module (import "h" "make" (func $make (result externref))) (import "h" "take" (func $take (param externref)))
         (memory (export "memory") 1) (func (export "_start") (call $take (call $make))))`,
    );
    const promise = Promise.resolve(1);
    const taken: unknown[] = [];
    await run(module, {
      imports: { h: { make: () => promise as unknown as number, take: (value: unknown) => void taken.push(value) } },
    });
    expect(taken).toEqual([promise]);

    const other = new WebAssembly.Instance(
      new WebAssembly.Module(
        assemble("other.wat", '(module (func (export "f") (param i32) (result i32) (i32.const 33)))'),
      ),
    );
    const wait = other.exports["f"] as () => number;
    expect(await run(WAITER, { imports: { h: { wait } } })).toEqual({ exitCode: 33 });
  });

  test("go before those of WASI, and leave the others to it", async () => {
    const module = assemble(
      "own.wat",
      `(module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
         (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
         (memory (export "memory") 1) (func (export "_start") (call $exit (call $yield))))`,
    );
    const imports = { wasi_snapshot_preview1: { sched_yield: () => 33 } };
    expect(await run(module, { imports })).toEqual({ exitCode: 33 });
    expect(await run(module)).toEqual({ exitCode: 0 });
  });

  test("the memory can't be reached before there is one", async () => {
    const module = assemble("empty.wat", '(module (memory (export "memory") 1) (func (export "_start")))');
    const imports = ({ memory }: { readonly memory: () => WebAssembly.Memory }): HostImports => {
      memory();
      return {};
    };
    await expect(run(module, { imports })).rejects.toThrow(TypeError);
  });

  test("names of Object.prototype are provided by nobody", async () => {
    const names = [["wasi_snapshot_preview1", "toString"], ["constructor", "keys"], ["__proto__", "toString"], [
      "toString",
      "call",
    ]];
    for (const [from, name] of names) {
      const module = assemble(
        "proto.wat",
        `(module (import "${from}" "${name}" (func)) (memory (export "memory") 1) (func (export "_start")))`,
      );
      for (const options of [{}, { imports: {} }, { imports: { [from!]: {} } }]) {
        const error = await run(module, options).catch((error: unknown) => error) as Error;
        expect(error).toBeInstanceOf(ModuleError);
        expect(error.message).toContain(`nobody provides its import "${from}" "${name}"`);
      }
    }
  });

  test("of any name are provided where the caller names them", async () => {
    let calls = 0;
    const module = assemble(
      "proto.wat",
      `(module (import "__proto__" "constructor" (func $f)) (memory (export "memory") 1) (func (export "_start") (call $f)))`,
    );
    const imports = JSON.parse('{ "__proto__": { "constructor": 0 } }') as Record<string, Record<string, () => void>>;
    Object.getOwnPropertyDescriptor(imports, "__proto__")!.value.constructor = () => void calls++;
    await run(module, { imports });
    expect(calls).toBe(1);
  });
});
