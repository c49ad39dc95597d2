/** A guest in C calls wasi:io, cli, clocks and random, on every platform. `wasmtime run` prints the same. */

import { describe, expect, test } from "vitest";
import type { Platform } from "../../src/contract/platform.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { memoryPlatform } from "../../src/platform/memory/platform.ts";
import { MemoryInput, MemoryOutput } from "../../src/platform/memory/stdio.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { witComponent } from "../tools/component_guests.ts";
import { fakeGuest } from "./fake_context.ts";
import { runLinked } from "./linked_guest.ts";

const OUTPUT = `blocking-read: "hello"
read of nothing: ""
blocking-skip: 1
blocking-read of much: "world"
ready at the end: yes
blocking-read at the end: closed
read at the end: closed
skip at the end: closed
blocking-skip at the end: closed
splice at the end: closed
ready: yes
blocking-read of another handle: closed
permit: yes
written
write: ok
flush: ok
blocking-flush: ok
through another handle
write of nothing: ok
\0\0\0zeroes: ok
1 2 are ready
ready far away: no
waited: yes
1 of 1
terminal: no
0 variables
100 random bytes
seed: yes
wall clock: yes
`;

const PLATFORMS: Readonly<Record<string, () => Platform>> = {
  memory: () => memoryPlatform({ clock: "real", random: "crypto" }),
  posix,
  "the runtime's platform": () => detectPlatform()(),
};

const CASES = Object.entries(PLATFORMS).flatMap(([name, make]) =>
  (["block", "suspend"] as const).map((mode) => ({ name, mode, make }))
);

describe.skipIf(process.platform === "win32").each(CASES)("a guest on $name, mode $mode", ({ mode, make }) => {
  test("gets the answers that wasmtime gives", async () => {
    const stdin = new MemoryInput();
    const stdout = new MemoryOutput();
    stdin.push("hello world");
    stdin.end();
    const guest = fakeGuest(make(), { mode, stdio: { stdin, stdout } });
    expect(await runLinked(await witComponent("streams"), guest)).toEqual({ tag: "ok", val: undefined });
    expect(stdout.text()).toBe(OUTPUT);
  });

  test.each([
    ["1", "Buffer too large for blocking-write-and-flush (expected at most 4096)"],
    ["2", "Buffer too large for blocking-write-zeroes-and-flush (expected at most 4096)"],
    ["3", "empty poll list"],
    ["4", "unknown handle index 2"],
    ["5", "handle index 1 used with the wrong type"],
    ["6", "out of bounds"],
    ["7", "out of bounds"],
  ])("traps for mistake %s: %s", async (mistake, message) => {
    const guest = fakeGuest(make(), { mode, args: ["streams", mistake], stdio: { stdout: new MemoryOutput() } });
    await expect(runLinked(await witComponent("streams"), guest)).rejects.toThrow(message);
  });
});
