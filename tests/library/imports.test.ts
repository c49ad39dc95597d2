import { describe, expect, test } from "vitest";
import { type HostImports, ModuleError, run, runSync } from "wasirun";
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
    const module = assemble(
      "wait.wat",
      `(module (import "h" "wait" (func $wait (param i32) (result i32)))
         (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
         (memory (export "memory") 1) (func (export "_start") (call $exit (call $wait (i32.const 20)))))`,
    );
    const { Suspending } = WebAssembly as unknown as {
      Suspending: new (fn: (ms: number) => Promise<number>) => WebAssembly.ImportValue;
    };
    const wait = new Suspending((ms) => new Promise((resolve) => setTimeout(() => resolve(ms + 1), ms)));
    expect(await run(module, { imports: { h: { wait } } })).toEqual({ exitCode: 21 });
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
