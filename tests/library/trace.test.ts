/** The option `trace`. */

import { expect, test } from "vitest";
import { instantiate, run, runSync } from "wasirun";
import { assemble } from "../tools/wat.ts";

/** Waits for input, then exits with 4. */
const READER = assemble(
  "reader.wat",
  `(module
     (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
     (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
     (memory (export "memory") 1) (data (i32.const 0) "\\40\\00\\00\\00\\10\\00\\00\\00")
     (func (export "_start")
       (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 32)))
       (call $exit (i32.const 4))))`,
);

const REACTOR = assemble(
  "reactor.wat",
  `(module
     (import "wasi_unstable" "fd_close" (func $close (param i32) (result i32)))
     (memory (export "memory") 1)
     (func (export "_initialize"))
     (func (export "close") (param i32) (result i32) (call $close (local.get 0))))`,
);

test("run tells of each call", async () => {
  const lines: string[] = [];
  expect(await run(READER, { stdin: { text: "abc" }, trace: (line) => lines.push(line) })).toEqual({ exitCode: 4 });
  expect(lines).toEqual(["fd_read(0, 16 bytes) => 3", "proc_exit(4)"]);
});

test("instantiate tells of those of each export", async () => {
  const lines: string[] = [];
  const guest = await instantiate(REACTOR, { trace: (line) => lines.push(line) });
  expect(await guest.call("close", 1)).toBe(0);
  expect(await guest.call("close", 1)).toBe(8);
  await guest.close();
  expect(lines).toEqual(["fd_close(1) => SUCCESS", "fd_close(1) => BADF"]);
});

test("a call in which the guest was ended has no answer", async () => {
  const lines: string[] = [];
  const controller = new AbortController();
  const whenRead = (): void => void setTimeout(() => controller.abort(new Error("enough")), 5);
  const stdin = new ReadableStream<Uint8Array>({ pull: whenRead }, { highWaterMark: 0 });
  const running = run(READER, { stdin, signal: controller.signal, trace: (line) => lines.push(line) });
  await expect(running).rejects.toThrow("enough");
  expect(lines).toEqual(["fd_read(0, 16 bytes)"]);
});

test("what the caller throws ends the guest", async () => {
  const trace = (): void => {
    throw new RangeError("the disk is full");
  };
  await expect(run(READER, { trace })).rejects.toThrow("the disk is full");
});

test("runSync refuses it", () => {
  expect(() => runSync(READER, { trace: () => {} })).toThrow(
    new TypeError("Cannot trace the guest: runSync can't wait until the tracer is loaded; use run"),
  );
});
