/** A guest whose calls nest so deep that a function of the host finds no room on the stack. */

import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { instantiate, run, type RunOptions, runSync, TrapError } from "wasirun";
import { posix } from "../../src/platform/posix/mod.ts";
import { assemble } from "../tools/wat.ts";

const MESSAGE = "The guest trapped: its calls are nested too deep for the stack";

/** Sizes of the frame that the recursion begins in: the stack ends in another part of the host each time. */
const FRAMES = [0, 1, 3, 7];

/**
 * The part of the stack without calls of the host: those that find room take most of the time, and show nothing. On
 * JavaScriptCore the depth depends on when its compilers are done.
 */
const WITHOUT_CALLS = process.versions["bun"] === undefined ? 0.9 : 0;

/**
 * A command that goes deeper without end, below handlers that would catch what the host throws. From the depth `from` on
 * it calls a function of the host in each of its frames.
 */
function descending(call: string, frame: number, from: number): Uint8Array<ArrayBuffer> {
  const values = Array.from({ length: frame }, (_, i) => `(i64.const ${i})`).join(" ");
  const params = "(param i64)".repeat(frame);
  return assemble(
    "descending.wat",
    `(module
      (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_filestat_get" (func $stat (param i32 i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_readdir" (func $list (param i32 i32 i32 i64 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
      (import "host" "begin" (func $begin))
      (memory (export "memory") 1)
      (data (i32.const 0) "folder/../folder/./link/file")
      (global $reached (export "reached") (mut i32) (i32.const 0))
      (func $deeper (param $depth i32) (result i32)
        (global.set $reached (local.get $depth))
        (if (i32.eq (local.get $depth) (i32.const ${from})) (then (call $begin)))
        (if (i32.ge_u (local.get $depth) (i32.const ${from})) (then (try (do ${call}) (catch_all))))
        (i32.add (call $deeper (i32.add (local.get $depth) (i32.const 1))) (local.get $depth)))
      (func $first ${params} (drop (try (result i32) (do (call $deeper (i32.const 0))) (catch_all (i32.const 0)))))
      (func (export "_start") (call $first ${values})))`,
  );
}

const CALLS = {
  path_open: `(drop (call $open (i32.const 3) (i32.const 1) (i32.const 0) (i32.const 28) (i32.const 0) (i64.const 2)
    (i64.const 0) (i32.const 0) (i32.const 100))) (drop (call $close (i32.load (i32.const 100))))`,
  path_filestat_get: `(drop (call $stat (i32.const 3) (i32.const 1) (i32.const 0) (i32.const 28) (i32.const 104)))`,
  fd_readdir: `(drop (call $list (i32.const 3) (i32.const 1024) (i32.const 512) (i64.const 0) (i32.const 100)))`,
  clock_time_get: `(drop (call $time (i32.const 1) (i64.const 0) (i32.const 104)))`,
};

/** How deep the command comes that never calls the host. */
function depthOf(call: string, frame: number): number {
  const stub = (): number => 0;
  const names = ["path_open", "path_filestat_get", "fd_readdir", "fd_close", "clock_time_get"];
  const imports = Object.fromEntries(names.map((name) => [name, stub]));
  const module = new WebAssembly.Module(descending(call, frame, -1));
  const { exports } = new WebAssembly.Instance(module, {
    "wasi_snapshot_preview1": imports,
    host: { begin: stub },
  });
  expect(exports["_start"]).toThrow();
  return (exports["reached"] as WebAssembly.Global).value as number;
}

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-deep-"));
  fs.mkdirSync(join(folder, "folder"));
  fs.symlinkSync(".", join(folder, "folder", "link"));
  fs.writeFileSync(join(folder, "folder", "file"), "");
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

const PLATFORMS = { runtime: {}, posix: { platform: posix() } };

describe.each(Object.entries(PLATFORMS))("on the platform %s, a host function that finds no room", (_, platform) => {
  test.each(Object.entries(CALLS))("in %s traps, as the guest itself would", async (_, call) => {
    let begun = 0;
    const imports = { host: { begin: () => void begun++ } };
    const options: RunOptions = { ...platform, preopens: { "/": folder }, imports };
    for (const frame of FRAMES) {
      const module = descending(call, frame, Math.floor(depthOf(call, frame) * WITHOUT_CALLS));
      let sync: unknown;
      try {
        sync = runSync(module, options);
      } catch (error) {
        sync = error;
      }
      for (const trap of [sync, await run(module, options).catch((error: unknown) => error)] as TrapError[]) {
        expect(trap.message, `frame ${frame}`).toBe(MESSAGE);
        expect(trap).toBeInstanceOf(TrapError);
      }
    }
    expect(begun).toBe(2 * FRAMES.length);
  });

  test("ends the guest: it is called no more", async () => {
    const module = assemble(
      "reactor.wat",
      `(module
        (import "wasi_snapshot_preview1" "path_filestat_get" (func $stat (param i32 i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1) (table (export "table") 1 funcref) (elem (i32.const 0) $once)
        (data (i32.const 0) "folder/file")
        (func (export "_initialize"))
        (func $once (export "once") (result i32)
          (call $stat (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 11) (i32.const 64)))
        (func $deep (export "deep") (result i32) (i32.add (call $once) (call $deep))))`,
    );
    const guest = await instantiate(module, { ...platform, preopens: { "/": folder } });
    expect(await guest.call("once")).toBe(0);
    expect(guest.exports["deep"]).toThrow(MESSAGE);
    await expect(guest.call("once")).rejects.toThrow(/^Cannot call "once": the guest has trapped$/);
    expect((guest.exports["table"] as WebAssembly.Table).get(0)).toThrow(WebAssembly.RuntimeError);
    await guest.close();
  });
});
