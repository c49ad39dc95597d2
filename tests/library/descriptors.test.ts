import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { instantiate, run, runSync } from "wasirun";
import { proxyModule } from "../tools/proxy.ts";
import { assemble } from "../tools/wat.ts";

const RUNS = 200;

/** Opens the first name that its directory has ("a"), keeps it and the directory open, and ends. */
const OPENER = assemble(
  "opener.wat",
  `(module
     (import "wasi_snapshot_preview1" "path_open"
       (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
     (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
     (memory (export "memory") 1)
     (data (i32.const 0) "a.")
     (func (export "_start")
       (drop (call $open (i32.const 3) (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 0)
         (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 8)))
       (call $exit (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0)
         (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 8)))))`,
);

/** Descriptors of this process that lead into a folder; those that a runtime opens for itself come and go. */
function openWithin(folder: string): number {
  let count = 0;
  for (const fd of fs.readdirSync("/proc/self/fd")) {
    try {
      if (fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)) count++;
    } catch {
      // The one that listed this directory is closed again.
    }
  }
  return count;
}

function failingImports(): never {
  throw new Error("no imports");
}

test.skipIf(!fs.existsSync("/proc/self/fd"))(
  `all descriptors are closed after ${RUNS} runs, however they end`,
  async () => {
    const folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-open-"));
    fs.writeFileSync(join(folder, "a"), "a");
    const module = await WebAssembly.compile(OPENER);
    const options = { preopens: { "/": folder, "/b": folder } };
    try {
      const runAll = async (): Promise<void> => {
        expect(await run(module, options)).toEqual({ exitCode: 0 });
        expect(runSync(module, options)).toEqual({ exitCode: 0 });
        await expect(run(module, { preopens: { ...options.preopens, "/c": "/there/is/none" } })).rejects.toThrow();
        await expect(run(module, { ...options, imports: failingImports })).rejects.toThrow("no imports");
        await expect(run(module, { ...options, env: { "A=": "1" } })).rejects.toThrow(TypeError);
        await expect(run(module, { ...options, args: ["\0"] })).rejects.toThrow(TypeError);
      };
      for (let i = 0; i < RUNS; i++) await runAll();
      expect(openWithin(folder)).toBe(0);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  },
);

test.skipIf(!fs.existsSync("/proc/self/fd"))("a reactor keeps its files open until it is closed", async () => {
  const folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-open-"));
  fs.writeFileSync(join(folder, "a"), "a");
  try {
    const guest = await instantiate(proxyModule(), { preopens: { "/": folder } });
    new Uint8Array(guest.memory.buffer)[0] = 0x61;
    // The directory itself may be held by a descriptor.
    const held = openWithin(folder);
    for (let i = 0; i < 20; i++) expect(await guest.call("path_open", 3, 0, 0, 1, 0, 2n, 0n, 0, 8)).toBe(0);
    expect(openWithin(folder) - held).toBe(20);
    await guest.close();
    expect(openWithin(folder)).toBe(0);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});
