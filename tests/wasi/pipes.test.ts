/** Streams over pipes of the system: waits, a slow reader, a reader that goes away. */

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { OpenFlags, Platform, PlatformStream } from "../../src/contract/platform.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { StreamGuest } from "./stream_guest.ts";

const NO_FLAGS: OpenFlags = {
  read: false,
  write: false,
  append: false,
  create: false,
  exclusive: false,
  truncate: false,
  syncData: false,
  syncAll: false,
};

const PLATFORMS: Readonly<Record<string, () => Platform>> = {
  posix,
  "the runtime's platform": () => detectPlatform()(),
};

const CASES = Object.entries(PLATFORMS).flatMap(([name, make]) =>
  (["block", "suspend"] as const).map((mode) => ({ name, mode, make }))
);

/** More than a pipe and the queue before it hold. */
const MUCH = 400_000;

describe.skipIf(process.platform === "win32").each(CASES)("pipes on $name, mode $mode", ({ mode, make }) => {
  let folder: string;
  let platform: Platform;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wasirun-pipes-"));
    execFileSync("mkfifo", [join(folder, "fifo")]);
    platform = make();
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const fifo = (flags: Partial<OpenFlags>): PlatformStream => {
    const opened = platform.openRoot(folder).openFile("fifo", { ...NO_FLAGS, ...flags });
    if (typeof opened === "number" || opened.kind !== "stream") throw new Error(`cannot open the pipe: ${opened}`);
    return opened;
  };
  const shell = (script: string): Promise<unknown> =>
    once(spawn("sh", ["-c", script], { cwd: folder, stdio: "ignore" }), "exit");

  test("a blocking read waits for bytes, and for the end", async () => {
    // A pipe that nobody has opened for writing is at its end.
    const held = fifo({ read: true, write: true });
    const stdin = fifo({ read: true });
    const guest = new StreamGuest(platform, { mode, stdio: { stdin } });
    const exit = shell("exec > fifo; : > started; sleep 0.1; printf one; sleep 0.05; printf two; sleep 0.05");
    while (!existsSync(join(folder, "started"))) await new Promise((resolve) => setTimeout(resolve, 1));
    held.close();
    const self = guest.call("wasi:cli/stdin@0.2", "get-stdin") as number;
    await guest.block(guest.subscribe("input", self));
    let text = "";
    for (;;) {
      const read = await guest.read("blocking-read", self, 1000);
      if (read === "closed") break;
      expect(read).not.toBe("");
      text += read;
    }
    expect(text).toBe("onetwo");
    await exit;
    stdin.close();
  });

  test("no byte is lost before a slow reader", async () => {
    const reader = shell("exec < fifo; sleep 0.05; head -c 1000 > out; sleep 0.05; cat >> out");
    // Opened for reading too: opening waits for nobody.
    const stdout = fifo({ read: true, write: true });
    const guest = new StreamGuest(platform, { mode, stdio: { stdout } });
    const self = guest.call("wasi:cli/stdout@0.2", "get-stdout") as number;
    const pollable = guest.subscribe("output", self);
    const bytes = Uint8Array.from({ length: MUCH }, (_, i) => i % 251);
    for (let done = 0; done < MUCH;) {
      await guest.block(pollable);
      const permit = await guest.count("output-stream.check-write", self) as number;
      expect(permit).toBeGreaterThan(0);
      const piece = bytes.subarray(done, done + permit);
      expect(await guest.write("write", self, piece)).toBe("ok");
      done += piece.length;
    }
    await guest.interfaces.flushed();
    stdout.close();
    await reader;
    expect(Buffer.compare(readFileSync(join(folder, "out")), bytes)).toBe(0);
  });

  test("the stream is closed when the reader is gone", async () => {
    let broken = 0;
    const reader = shell("exec < fifo; head -c 1 > out");
    const held = fifo({ read: true, write: true });
    const stdout = fifo({ write: true });
    const guest = new StreamGuest(platform, { mode, stdio: { stdout }, brokenPipe: () => void broken++ });
    const self = guest.call("wasi:cli/stdout@0.2", "get-stdout") as number;
    expect(await guest.write("blocking-write-and-flush", self, "x")).toBe("ok");
    await reader;
    held.close();
    let result = "ok";
    while (result === "ok") result = await guest.write("blocking-write-and-flush", self, "x");
    expect(result).toBe("closed");
    expect(await guest.count("output-stream.check-write", self)).toBe("closed");
    expect(broken).toBe(1);
    stdout.close();
  });
});
