import type { WaitMode } from "../../src/contract/waiter.ts";
import { describe, expect, it } from "vitest";
import { ManualClock, MemoryInput, memoryPlatform } from "../../src/platform/memory/mod.ts";
import { Interest, type Pollable, type Waiter } from "../../src/contract/platform.ts";
import { Clockid } from "../../src/witx/types.ts";

function realtime(clock: ManualClock): bigint {
  const words = new Uint32Array(2);
  clock.realtime(words);
  return (BigInt(words[1]!) << 32n) | BigInt(words[0]!);
}

function waiterOf(clock: ManualClock, mode: WaitMode): Waiter {
  return memoryPlatform({ clock }).waiter!(mode);
}

/** Something that is never ready and tells nothing. */
function silent(needsEventLoop: boolean): Pollable & { asked: number } {
  return {
    asked: 0,
    needsEventLoop,
    readiness() {
      this.asked++;
      return 0;
    },
    subscribe: () => undefined,
  };
}

const READ = [Interest.READ];

describe("a manual clock", () => {
  it("stands still", () => {
    const clock = new ManualClock({ realtimeNs: 5n, monotonicNs: 7 });
    for (let i = 0; i < 3; i++) expect([realtime(clock), clock.monotonic()]).toEqual([5n, 7]);
  });

  it("goes on by what it is told, across the words of the time of day", () => {
    const clock = new ManualClock({ realtimeNs: 2n ** 33n - 1n, monotonicNs: 0 });
    clock.advance(1);
    expect(realtime(clock)).toBe(2n ** 33n);
    clock.advance(10 * 2 ** 32);
    expect(realtime(clock)).toBe(2n ** 33n + 10n * 2n ** 32n);
    expect(clock.monotonic()).toBe(1 + 10 * 2 ** 32);
  });

  it("starts after 0, which Go takes for a broken clock", () => {
    expect(new ManualClock().monotonic()).toBeGreaterThan(0);
  });

  it("ticks with each reading if it is told so", () => {
    const clock = new ManualClock({ monotonicNs: 0, realtimeNs: 0n, tickNs: 10 });
    expect([clock.monotonic(), realtime(clock), clock.monotonic()]).toEqual([0, 10n, 20]);
    expect(clock.resolution()).toBe(10);
  });

  it("wakes nobody whose request another one takes back", () => {
    const clock = new ManualClock({ autoAdvance: false });
    const deadline = clock.deadlineAfter(10);
    let late = 0;
    clock.sleep(deadline, () => cancel());
    const cancel = clock.sleep(deadline, () => late++);
    clock.advance(10);
    expect(late).toBe(0);
  });

  it.each([-1, 0.5, NaN, Infinity, 2 ** 53])("refuses to go on by %d ns", (ns) => {
    const clock = new ManualClock({ monotonicNs: 3 });
    expect(() => clock.advance(ns)).toThrow(RangeError);
    expect(clock.monotonic()).toBe(3);
  });

  it("refuses to pass 2^53 ns, and to start at what is no time", () => {
    expect(() => new ManualClock({ monotonicNs: 10 }).advance(2 ** 53 - 5)).toThrow(RangeError);
    expect(() => new ManualClock({ monotonicNs: -1 })).toThrow(RangeError);
    expect(() => new ManualClock({ realtimeNs: -1n })).toThrow(RangeError);
    expect(() => new ManualClock({ realtimeNs: 2n ** 64n })).toThrow(RangeError);
    expect(() => new ManualClock({ tickNs: 0.1 })).toThrow(RangeError);
  });
});

describe("waiting by a manual clock, blocking", () => {
  it("goes to the deadline at once", () => {
    const clock = new ManualClock({ monotonicNs: 1 });
    const waiter = waiterOf(clock, "block");
    expect(waiter.wait([], [], 3600e9)).toBeUndefined();
    expect(clock.monotonic()).toBe(3600e9 + 1);
    waiter.wait([], [], 0.25);
    expect(clock.monotonic()).toBe(3600e9 + 2);
  });

  it("ends at once when something is ready", () => {
    const clock = new ManualClock({ monotonicNs: 1 });
    const input = new MemoryInput();
    input.push("x");
    waiterOf(clock, "block").wait([input], READ, 1e9);
    expect(clock.monotonic()).toBe(1);
  });

  it("goes to the deadline when nothing is ready", () => {
    const clock = new ManualClock({ monotonicNs: 1 });
    waiterOf(clock, "block").wait([new MemoryInput()], READ, 1e9);
    expect(clock.monotonic()).toBe(1e9 + 1);
  });

  it("throws where nothing can wake it", () => {
    const waiter = waiterOf(new ManualClock(), "block");
    expect(() => waiter.wait([], [], Infinity)).toThrow(/^Deadlock: .* no deadline/);
    expect(() => waiter.wait([new MemoryInput()], READ, Infinity)).toThrow(/^Deadlock: /);
    expect(() => waiter.wait([], [], 2 ** 60)).toThrow(/^Deadlock: .* no deadline that its clock can reach/);
    const still = waiterOf(new ManualClock({ autoAdvance: false }), "block");
    expect(() => still.wait([], [], 1)).toThrow(/^Deadlock: .* only when advance\(\) is called/);
  });

  it("returns without a deadlock when it was not to wait at all", () => {
    const clock = new ManualClock({ autoAdvance: false, monotonicNs: 1 });
    waiterOf(clock, "block").wait([new MemoryInput()], READ, 0);
    expect(clock.monotonic()).toBe(1);
  });

  it("lets be tried again what changes without the event loop", () => {
    const clock = new ManualClock({ monotonicNs: 1 });
    waiterOf(clock, "block").wait([silent(false)], READ, Infinity);
    expect(clock.monotonic()).toBe(1);
    expect(() => waiterOf(clock, "block").wait([silent(true)], READ, Infinity)).toThrow(/^Deadlock: /);
  });
});

describe("waiting by a manual clock, suspended", () => {
  it("goes to the deadline after a turn of the event loop", async () => {
    const clock = new ManualClock({ monotonicNs: 1 });
    const waiter = waiterOf(clock, "suspend");
    const waited = waiter.wait([], [], 3600e9);
    await Promise.resolve();
    expect(clock.monotonic()).toBe(1);
    await waited;
    expect(clock.monotonic()).toBe(3600e9 + 1);
  });

  it("wakes those who sleep in the order of their deadlines", async () => {
    const clock = new ManualClock({ monotonicNs: 0 });
    const waiter = waiterOf(clock, "suspend");
    const woken: [string, number][] = [];
    async function sleep(name: string, ...naps: number[]): Promise<void> {
      for (const ns of naps) {
        await waiter.wait([], [], ns);
        woken.push([name, clock.monotonic()]);
      }
    }
    await Promise.all([sleep("a", 30, 30), sleep("b", 10, 10, 25), sleep("c", 100)]);
    expect(woken).toEqual([["b", 10], ["b", 20], ["a", 30], ["b", 45], ["a", 60], ["c", 100]]);
  });

  it("does not overtake one who has something else to do for a turn", async () => {
    const clock = new ManualClock({ monotonicNs: 0 });
    const waiter = waiterOf(clock, "suspend");
    const woken: [string, number][] = [];
    async function busy(): Promise<void> {
      for (let i = 0; i < 5; i++) {
        await waiter.wait([], [], 10);
        woken.push(["busy", clock.monotonic()]);
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
    async function idle(): Promise<void> {
      await waiter.wait([], [], 1000);
      woken.push(["idle", clock.monotonic()]);
    }
    await Promise.all([busy(), idle()]);
    expect(woken).toEqual([...[10, 20, 30, 40, 50].map((ns) => ["busy", ns]), ["idle", 1000]]);
  });

  it("is woken by what it waits for, and the clock stays", async () => {
    const clock = new ManualClock({ monotonicNs: 1, autoAdvance: false });
    const input = new MemoryInput();
    const waited = waiterOf(clock, "suspend").wait([input], READ, 1e9);
    setTimeout(() => input.push("x"), 1);
    await waited;
    expect([clock.monotonic(), input.readiness(Interest.READ)]).toEqual([1, Interest.READ]);
  });

  it("waits for ever for what comes in the end", async () => {
    const input = new MemoryInput();
    const waited = waiterOf(new ManualClock(), "suspend").wait([input], READ, Infinity);
    setTimeout(() => input.end(), 5);
    await waited;
    expect(input.readiness(Interest.READ)).not.toBe(0);
  });

  it("takes back its requests", async () => {
    const clock = new ManualClock({ autoAdvance: false });
    const held = new Set<() => void>();
    const pollable: Pollable = {
      needsEventLoop: true,
      readiness: () => 0,
      subscribe(_interest, wake) {
        held.add(wake);
        return () => void held.delete(wake);
      },
    };
    const waited = waiterOf(clock, "suspend").wait([pollable], READ, 10);
    expect(held.size).toBe(1);
    clock.advance(10);
    await waited;
    expect(held.size).toBe(0);
  });

  it("ends at once when something was ready before", async () => {
    const clock = new ManualClock({ monotonicNs: 1 });
    const input = new MemoryInput();
    input.push("x");
    await waiterOf(clock, "suspend").wait([input], READ, Infinity);
    await waiterOf(clock, "suspend").wait([new MemoryInput(), input], [1, 1], 1e9);
    expect(clock.monotonic()).toBe(1);
  });

  it("takes back all requests when one wakes at once", async () => {
    let subscribed = 0;
    const counting: Pollable = {
      needsEventLoop: true,
      readiness: () => 0,
      subscribe() {
        subscribed++;
        return () => void subscribed--;
      },
    };
    const hasty: Pollable = {
      ...counting,
      subscribe(_interest, wake) {
        wake();
        return () => {};
      },
    };
    await waiterOf(new ManualClock(), "suspend").wait([counting, hasty, counting], [1, 2, 1], Infinity);
    expect(subscribed).toBe(0);
  });

  it("tries again after a while what tells nothing", async () => {
    await waiterOf(new ManualClock(), "suspend").wait([silent(true)], READ, Infinity);
  });

  it("lets the event loop turn for a wait of no time", async () => {
    const clock = new ManualClock({ monotonicNs: 1 });
    let turned = false;
    const channel = new MessageChannel();
    const message = new Promise<void>((resolve) => channel.port1.onmessage = () => resolve());
    setTimeout(() => turned = true, 0);
    channel.port2.postMessage(0);
    await message;
    while (!turned) await waiterOf(clock, "suspend").wait([], [], 0);
    channel.port1.close();
    expect(clock.monotonic()).toBe(1);
  });

  it("ends only by advance where the clock does not go on by itself", async () => {
    const clock = new ManualClock({ autoAdvance: false, monotonicNs: 0 });
    let over = false;
    const waited = Promise.resolve(waiterOf(clock, "suspend").wait([], [], 100)).then(() => over = true);
    clock.advance(99);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(over).toBe(false);
    clock.advance(1);
    await waited;
  });
});

describe("the real clock of the platform in memory", () => {
  it("leaves waiting to the core", () => {
    expect("waiter" in memoryPlatform({ clock: "real" })).toBe(false);
  });

  it("tells the steps of its clocks", () => {
    const { clock } = memoryPlatform({ clock: "real" });
    expect([clock.resolution(Clockid.REALTIME), clock.resolution(Clockid.MONOTONIC)]).toEqual([1_000_000, 1000]);
  });
});
