/** `input-stream` of `wasi:io/streams`. */

import { beforeEach, describe, expect, test } from "vitest";
import { memoryPlatform } from "../../src/platform/memory/platform.ts";
import { Errno } from "../../src/witx/errno.ts";
import { ScriptedSource } from "./scripted_ends.ts";
import { StreamGuest } from "./stream_guest.ts";

const READ = "wasi:io/streams@0.2";

describe.each(["block", "suspend"] as const)("an input stream, mode %s", (mode) => {
  let guest: StreamGuest;
  let source: ScriptedSource;
  let self: number;

  beforeEach(() => {
    guest = new StreamGuest(memoryPlatform({ clock: "real" }), { mode });
    source = new ScriptedSource();
    self = guest.input(source);
  });

  test("reads what is there, at most what is asked for", async () => {
    source.push("hello world");
    expect(await guest.read("read", self, 5)).toBe("hello");
    expect(await guest.read("read", self, 2n ** 63n)).toBe(" world");
    expect(await guest.read("read", self, 0)).toBe("");
    expect(await guest.read("read", self, 9)).toBe("");
  });

  test("allocates exactly what it returns, and at most 64 KiB", async () => {
    source.push(new Uint8Array(70_000).fill(97));
    guest.allocated.clear();
    expect(await guest.read("read", self, 2n ** 64n - 1n)).toHaveLength(65_536);
    expect(await guest.read("read", self, 65_536)).toHaveLength(70_000 - 65_536);
    expect([...guest.allocated.values()]).toEqual([65_536, 70_000 - 65_536]);
  });

  test("reads in place what is known to be there", async () => {
    const content = new TextEncoder().encode("in place ".repeat(1000));
    let at = 0;
    const inPlace: boolean[] = [];
    const file = guest.input({
      origin: "filesystem",
      pollable: undefined,
      readableBytes: () => content.length - at,
      read(memory, start, length) {
        inPlace.push(memory.buffer === guest.memory.buffer);
        const piece = content.subarray(at, at + length);
        memory.set(piece, start);
        at += piece.length;
        return piece.length;
      },
    });
    guest.allocated.clear();
    expect(await guest.read("read", file, 5000)).toBe("in place ".repeat(1000).slice(0, 5000));
    expect(await guest.read("blocking-read", file, 5000)).toBe("in place ".repeat(1000).slice(5000));
    expect(await guest.read("read", file, 5000)).toBe("closed");
    expect([...guest.allocated.values()]).toEqual([5000, 4000]);
    expect(inPlace).toEqual([true, false, false]);
    expect(await guest.ready(guest.subscribe("input", file))).toBe(true);
  });

  test("is closed at the end, and stays closed", async () => {
    source.push("x").end();
    expect(await guest.read("read", self, 10)).toBe("x");
    for (const name of ["read", "blocking-read"]) expect(await guest.read(name, self, 10)).toBe("closed");
    for (const name of ["skip", "blocking-skip"]) {
      expect(await guest.count(`input-stream.${name}`, self, 1n)).toBe("closed");
    }
    expect(await guest.read("read", self, 0)).toBe("closed");
  });

  test("reports a failure once, and is closed then", async () => {
    source.end(-Errno.CONNRESET);
    const pollable = guest.subscribe("input", self);
    expect(await guest.read("read", self, 10)).toBe("failed with CONNRESET");
    expect(await guest.read("read", self, 10)).toBe("closed");
    source.pollable.isReady = false;
    expect(await guest.ready(pollable)).toBe(true);
    expect(await guest.poll([pollable])).toEqual([0]);
  });

  test("skips", async () => {
    source.push("0123456789");
    expect(await guest.count("input-stream.skip", self, 3n)).toBe(3);
    expect(await guest.read("read", self, 1)).toBe("3");
    expect(await guest.count("input-stream.blocking-skip", self, -1n)).toBe(6);
    expect(await guest.count("input-stream.skip", self, 1n)).toBe(0);
    const passing = guest.input({ origin: "filesystem", pollable: undefined, read: () => 0, skip: (count) => count });
    expect(await guest.count("input-stream.skip", passing, 2n ** 40n)).toBe(2 ** 40);
  });

  test("closes its source once, and traps afterwards", () => {
    guest.dropStream("input", self);
    expect(source.closes).toBe(1);
    expect(() => guest.read("read", self, 1)).toThrow("unknown handle index");
  });

  test("keeps a pollable of a dropped stream from waiting", async () => {
    const pollable = guest.subscribe("input", self);
    expect(await guest.ready(pollable)).toBe(false);
    guest.dropStream("input", self);
    expect(await guest.ready(pollable)).toBe(true);
    expect(await guest.block(pollable)).toBeUndefined();
  });

  test("subscribes to nothing before a wait", () => {
    guest.subscribe("input", self);
    expect(source.pollable.subscribed).toBe(0);
  });

  test("traps for handles of another type and for bad pointers", () => {
    const pollable = guest.subscribe("input", self);
    expect(() => guest.read("read", pollable, 1)).toThrow("used with the wrong type");
    const read = (at: number): unknown => guest.call(READ, "[method]input-stream.read", self, 1n, at);
    expect(() => read(2)).toThrow("unaligned");
    expect(() => read(65_536 - 8)).toThrow("out of bounds");
    expect(() => read(-4)).toThrow("out of bounds");
  });
});

describe("a blocking read", () => {
  test("waits for bytes where the guest is suspended", async () => {
    const guest = new StreamGuest(memoryPlatform({ clock: "real" }), { mode: "suspend" });
    const source = new ScriptedSource();
    const self = guest.input(source);
    const reading = guest.read("blocking-read", self, 10);
    expect(reading).toBeInstanceOf(Promise);
    expect(source.pollable.subscribed).toBe(1);
    source.push("late");
    expect(await reading).toBe("late");
    const empty = guest.read("blocking-read", self, 0);
    expect(empty).toBeInstanceOf(Promise);
    source.push("x");
    expect(await empty).toBe("");
    expect(source.pollable.subscribed).toBe(0);
    const skipping = guest.count("input-stream.blocking-skip", self, 2n);
    expect(await skipping).toBe(1);
  });

  test("lets the event loop turn when the guest only ever asks", async () => {
    const guest = new StreamGuest(memoryPlatform({ clock: "real" }), { mode: "suspend" });
    const source = new ScriptedSource();
    const self = guest.input(source);
    setTimeout(() => source.push("x"), 1);
    const pollable = guest.subscribe("input", self);
    for (;;) {
      if (await guest.read("read", self, 1) === "x") break;
      await guest.ready(pollable);
    }
    expect(await guest.read("read", self, 1)).toBe("");
  });
});
