/** `wasi:io/poll` and the pollables of clocks. */

import { beforeEach, describe, expect, test } from "vitest";
import type { WaitMode } from "../../src/contract/waiter.ts";
import type { Platform } from "../../src/contract/platform.ts";
import { Interrupt } from "../../src/core/io/interrupt.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { memoryPlatform } from "../../src/platform/memory/platform.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { ScriptedSink, ScriptedSource } from "./scripted_ends.ts";
import { StreamGuest } from "./stream_guest.ts";

const CLOCK = "wasi:clocks/monotonic-clock@0.2";

const PLATFORMS: Readonly<Record<string, () => Platform>> = {
  memory: () => memoryPlatform({ clock: "real" }),
  posix,
  "the runtime's platform": () => detectPlatform()(),
};

const CASES = Object.entries(PLATFORMS).flatMap(([name, make]) =>
  (["block", "suspend"] satisfies WaitMode[]).map((mode) => ({ name, mode, make }))
);

describe.skipIf(process.platform === "win32").each(CASES)("poll on $name, mode $mode", ({ mode, make }) => {
  let guest: StreamGuest;

  beforeEach(() => {
    guest = new StreamGuest(make(), { mode });
  });

  const after = (ms: number): number => guest.call(CLOCK, "subscribe-duration", BigInt(Math.round(ms * 1e6))) as number;

  test("waits for the nearest deadline", async () => {
    const start = guest.call(CLOCK, "now") as bigint;
    const waited = guest.poll([after(60_000), after(10), after(50_000)]);
    // On a busy machine the deadline may have passed before the call.
    if (mode === "block") expect(waited).not.toBeInstanceOf(Promise);
    expect(await waited).toEqual([1]);
    expect((guest.call(CLOCK, "now") as bigint) - start).toBeGreaterThanOrEqual(10_000_000n);
  });

  test("answers for all that are ready, also twice for the same", async () => {
    const source = new ScriptedSource().push("x");
    const input = guest.subscribe("input", guest.input(source));
    const output = guest.subscribe("output", guest.output(new ScriptedSink()));
    const late = after(60_000);
    const past = guest.call(CLOCK, "subscribe-instant", 0n) as number;
    expect(await guest.poll([input, late, output, input, past])).toEqual([0, 2, 3, 4]);
  });

  test("blocks until a pollable is ready", async () => {
    expect(await guest.ready(after(60_000))).toBe(false);
    const soon = after(5);
    await guest.block(soon);
    expect(await guest.ready(soon)).toBe(true);
    expect(await guest.block(soon)).toBeUndefined();
    expect(await guest.ready(guest.call(CLOCK, "subscribe-instant", -1n) as number)).toBe(false);
    expect(await guest.ready(guest.call(CLOCK, "subscribe-duration", -1n) as number)).toBe(false);
  });

  test("traps for an empty list, for bad handles and for lists outside of memory", () => {
    expect(() => guest.poll([])).toThrow("empty poll list");
    expect(() => guest.poll([99])).toThrow("unknown handle index 99");
    expect(() => guest.poll([guest.input(new ScriptedSource())])).toThrow("wrong type");
    const call = (list: number, length: number, at: number): unknown =>
      guest.call("wasi:io/poll@0.2", "poll", list, length, at);
    expect(() => call(2, 1, 8)).toThrow("unaligned");
    expect(() => call(0, -1, 8)).toThrow("out of bounds");
    expect(() => call(0, 1, -8)).toThrow("out of bounds");
  });

  test("serves a list of a thousand", async () => {
    const list = Array.from({ length: 1000 }, () => guest.subscribe("input", guest.input(new ScriptedSource())));
    list[998] = after(1);
    expect(await guest.poll(list)).toEqual([998]);
  });

  test("ends when the guest does", async () => {
    const interrupt = new Interrupt();
    guest = new StreamGuest(make(), { mode, interrupt });
    const reason = new Error("aborted");
    if (mode === "block") {
      interrupt.raise(reason);
      expect(() => guest.poll([after(60_000)])).toThrow(reason);
      return;
    }
    const polling = guest.poll([after(60_000)]);
    interrupt.raise(reason);
    await expect(polling).rejects.toBe(reason);
  });
});

describe("a guest that only ever asks", () => {
  test("lets the event loop turn: ready", async () => {
    const guest = new StreamGuest(memoryPlatform({ clock: "real" }), { mode: "suspend" });
    const source = new ScriptedSource();
    const pollable = guest.subscribe("input", guest.input(source));
    setTimeout(() => source.push("x"), 1);
    while (!await guest.ready(pollable));
    expect(guest.ready(pollable)).toBe(true);
  });

  test("lets the event loop turn: poll with a deadline that is over", async () => {
    const guest = new StreamGuest(memoryPlatform({ clock: "real" }), { mode: "suspend" });
    const source = new ScriptedSource();
    const pollable = guest.subscribe("input", guest.input(source));
    setTimeout(() => source.push("x"), 1);
    for (;;) {
      const now = guest.call(CLOCK, "subscribe-duration", 0n) as number;
      if ((await guest.poll([pollable, now])).includes(0)) break;
    }
    expect(await guest.poll([pollable])).toEqual([0]);
  });

  test("lets the event loop turn: check-write", async () => {
    const guest = new StreamGuest(memoryPlatform({ clock: "real" }), { mode: "suspend" });
    const sink = new ScriptedSink(0);
    const self = guest.output(sink);
    guest.write("write", self, "x");
    setTimeout(() => sink.allow(1), 1);
    while (await guest.count("output-stream.check-write", self) === 0);
    expect(sink.text).toBe("x");
  });
});
