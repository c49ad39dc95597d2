/** How much fits into a stream, and what a flush waits for, on every platform. */

import { closeSync, constants, mkdtempSync, openSync, readSync, realpathSync, rmSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PlatformStream } from "../../src/contract/platform.ts";
import { Interest } from "../../src/contract/pollable.ts";
import { MemoryInput, MemoryOutput } from "../../src/platform/memory/mod.ts";
import { CapturedStream } from "../../src/runtime/stdio/captured_stream.ts";
import { bytesStream, nullStream } from "../../src/runtime/stdio/fixed_streams.ts";
import { ReadableSource } from "../../src/runtime/stdio/readable_source.ts";
import { WritableSink } from "../../src/runtime/stdio/writable_sink.ts";
import { Errno } from "../../src/witx/errno.ts";
import { command } from "../tools/command.ts";
import { BOTH_PLATFORMS } from "./both_platforms.ts";
import { fails, flags, made, ok } from "./under_test.ts";

const CHUNK = new Uint8Array(1 << 17);
let folder = "";

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(os.tmpdir(), "wasirun-permits-")));
  await command("mkfifo", [join(folder, "fifo")]);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Write as much as fits, each time as much as the stream says. @returns Bytes. */
function fill(stream: PlatformStream): number {
  for (let total = 0; total < 1 << 24;) {
    const permit = stream.writableBytes();
    if (permit === 0) return total;
    const written = stream.write(CHUNK, 0, permit);
    if (written === -Errno.AGAIN) return total;
    expect(written).toBeGreaterThan(0);
    expect(permit).toBeLessThanOrEqual(CHUNK.length);
    total += written;
  }
  throw new Error("The pipe never fills");
}

/** True if a pipe says that it is full once a write has failed: some forget it after a millisecond. */
function isFull(stream: PlatformStream): boolean {
  for (let tries = 0; tries < 1000; tries++) {
    fails(stream.write(CHUNK, 0, 4096), Errno.AGAIN);
    if (stream.writableBytes() === 0 && stream.readiness(Interest.WRITE) === 0) return true;
  }
  return false;
}

describe.skipIf(process.platform === "win32").each(BOTH_PLATFORMS)("a pipe: %s", (_name, platform) => {
  test("takes what it says, until it is full; and again once it was read", () => {
    const root = platform().openRoot(folder);
    const reader = openSync(join(folder, "fifo"), constants.O_RDONLY | constants.O_NONBLOCK);
    const fifo = made(root.openFile("fifo", flags({ write: true }))) as PlatformStream;
    try {
      const total = fill(fifo);
      expect(total).toBeGreaterThan(0);
      expect(isFull(fifo)).toBe(true);
      expect(fifo.flush()).toBe(0);
      for (let left = total; left > 0;) left -= readSync(reader, new Uint8Array(left), 0, left, null);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      const permit = fifo.writableBytes();
      expect(permit).toBeGreaterThan(0);
      expect(fifo.write(CHUNK, 0, permit)).toBe(permit);
    } finally {
      closeSync(reader);
      ok(fifo.close());
      ok(root.close());
    }
  });

  test("standard output has room, and holds nothing back", () => {
    for (const mode of ["block", "suspend"] as const) {
      const { stdout } = platform().stdio(mode);
      expect(stdout.writableBytes()).toBeGreaterThan(0);
      expect(stdout.flush()).toBe(0);
    }
  });
});

test("streams in memory take much at once; inputs take nothing", () => {
  for (const stream of [new MemoryOutput(), new CapturedStream("stdout", 1 << 20), nullStream()]) {
    const permit = stream.writableBytes();
    expect(permit).toBeGreaterThanOrEqual(4096);
    expect(stream.write(CHUNK, 0, permit)).toBe(permit);
    expect(stream.flush()).toBe(0);
  }
  for (const stream of [new MemoryInput(), bytesStream(CHUNK), new ReadableSource(new ReadableStream(), false)]) {
    fails(stream.writableBytes(), Errno.BADF);
    expect(stream.flush()).toBe(0);
  }
});

describe("a web stream", () => {
  test("is flushed once it has taken everything", async () => {
    const takes: (() => void)[] = [];
    const write = (): Promise<void> => new Promise((resolve) => void takes.push(resolve));
    const sink = new WritableSink(new WritableStream({ write }), false);
    const room = sink.writableBytes();
    expect(sink.write(CHUNK, 0, 100)).toBe(100);
    expect(sink.writableBytes()).toBe(room - 100);
    expect(sink.flush()).toBe(-Errno.INPROGRESS);
    expect([sink.writableBytes(), sink.readiness(Interest.WRITE)]).toEqual([0, 0]);
    fails(sink.write(CHUNK, 0, 1), Errno.AGAIN);
    const woken = new Promise<void>((resolve) => void sink.subscribe(Interest.WRITE, resolve));
    while (takes.length === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    takes[0]!();
    await woken;
    expect([sink.flush(), sink.writableBytes(), sink.readiness(Interest.WRITE)]).toEqual([0, room, Interest.WRITE]);
  });

  test("says that writing fails once it has failed", async () => {
    const sink = new WritableSink(new WritableStream({ write: () => Promise.reject(new Error("gone")) }), false);
    sink.write(CHUNK, 0, 1);
    while (sink.writableBytes() >= 0) await new Promise((resolve) => setTimeout(resolve, 0));
    fails(sink.writableBytes(), Errno.PIPE);
    fails(sink.flush(), Errno.PIPE);
  });
});
