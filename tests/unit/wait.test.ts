/** The waits of a guest: deadlines, lists of pollables, the interrupt, retries and fairness. */

import { describe, expect, test } from "vitest";
import type { Pollable } from "../../src/contract/pollable.ts";
import type { WaitMode } from "../../src/contract/waiter.ts";
import { Deadline } from "../../src/core/io/deadline.ts";
import { Interrupt } from "../../src/core/io/interrupt.ts";
import { PollList, type ReadyIndices } from "../../src/core/io/poll_list.ts";
import { GuestWaiter } from "../../src/core/io/wait.ts";
import { memoryPlatform } from "../../src/platform/memory/mod.ts";
import { Errno } from "../../src/witx/errno.ts";

const MODES: readonly WaitMode[] = ["block", "suspend"];
const MS = 1e6;
const platform = memoryPlatform({ clock: "real" });

/** A pollable that becomes ready after it was asked a number of times, or is switched by hand. */
class Switch implements Pollable {
  readonly needsEventLoop: boolean;
  readonly #wakers: Set<() => void> = new Set();
  #left: number;

  constructor(left: number = Infinity, needsEventLoop: boolean = false) {
    this.#left = left;
    this.needsEventLoop = needsEventLoop;
  }

  set(): void {
    this.#left = 0;
    for (const wake of [...this.#wakers]) wake();
  }

  readiness(interest: number): number {
    return --this.#left < 0 ? interest : 0;
  }

  subscribe(_interest: number, wake: () => void): (() => void) | undefined {
    if (this.#left !== Infinity) return undefined;
    this.#wakers.add(wake);
    return () => void this.#wakers.delete(wake);
  }
}

function listOf(mode: WaitMode, interrupt?: Interrupt): (pollables: readonly Pollable[]) => Promise<number[]> {
  const list = new PollList(new GuestWaiter(platform, mode, interrupt));
  return async (pollables) => {
    const ready: ReadyIndices = { count: 0, indices: new Uint32Array(8) };
    expect(await list.poll({ pollables, interests: pollables.map(() => 1) }, ready)).toBe(Errno.SUCCESS);
    return [...ready.indices.subarray(0, ready.count)];
  };
}

function inMs(ms: number): Deadline {
  return new Deadline(platform.clock, platform.clock.monotonic() + ms * MS);
}

describe("Deadline", () => {
  test("is ready once its time has come, and sends no notices", () => {
    expect(inMs(0).readiness()).toBe(1);
    expect(inMs(1000).readiness()).toBe(0);
    expect(inMs(1000).subscribe()).toBeUndefined();
  });
});

describe.each(MODES)("PollList (%s)", (mode) => {
  test("finds all that are ready at once", async () => {
    const poll = listOf(mode);
    expect(await poll([new Switch(0), new Switch(), inMs(0), new Switch(0)])).toEqual([0, 2, 3]);
  });

  test("waits for the first deadline", async () => {
    const poll = listOf(mode);
    const startMs = performance.now();
    expect(await poll([inMs(60_000), new Switch(Infinity), inMs(20)])).toEqual([2]);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(19);
  });

  test("waits for a pollable, with a deadline or without", async () => {
    const poll = listOf(mode);
    expect(await poll([inMs(60_000), new Switch(3)])).toEqual([1]);
    expect(await poll([new Switch(3)])).toEqual([0]);
  });

  test("can be used again after it has waited", async () => {
    const poll = listOf(mode);
    for (let i = 0; i < 20; i++) expect(await poll([new Switch(), inMs(0.2)])).toEqual([1]);
  });
});

describe("PollList", () => {
  test("serves a second poll while the first one waits", async () => {
    const poll = listOf("suspend");
    const [one, two] = [new Switch(), new Switch()];
    const first = poll([one]);
    const second = poll([inMs(0), two]);
    expect(await second).toEqual([0]);
    const third = poll([two]);
    two.set();
    expect(await third).toEqual([0]);
    one.set();
    expect(await first).toEqual([0]);
  });

  test("lets the event loop run before it answers with nothing but a deadline", async () => {
    const poll = listOf("suspend");
    const pollable = new Switch(Infinity, true);
    setTimeout(() => pollable.set(), 0);
    let found: number[] = [];
    for (let i = 0; i < 1000 && !found.includes(1); i++) found = await poll([inMs(0), pollable]);
    expect(found).toContain(1);
  });
});

describe("Interrupt", () => {
  const reason = new Error("over");

  test("ends a wait that is suspended, and all later ones", async () => {
    const interrupt = new Interrupt();
    const poll = listOf("suspend", interrupt);
    const waiting = poll([new Switch()]);
    interrupt.raise(reason);
    interrupt.raise(new Error("too late"));
    await expect(waiting).rejects.toBe(reason);
    await expect(poll([new Switch()])).rejects.toBe(reason);
    const waiter = new GuestWaiter(platform, "suspend", interrupt);
    await expect(waiter.waitForOne(new Switch(), 1)).rejects.toBe(reason);
    await expect(waiter.retry(new Switch(), 1, Infinity, () => Errno.AGAIN)).rejects.toBe(reason);
  });

  test("ends a wait that blocks, once it was raised", () => {
    const interrupt = new Interrupt();
    interrupt.raise(reason);
    const waiter = new GuestWaiter(platform, "block", interrupt);
    expect(() => waiter.wait([new Switch()], [1], Infinity)).toThrow(reason);
    expect(() => new PollList(waiter).poll({ pollables: [inMs(100)], interests: [1] }, ready())).toThrow(reason);
  });

  test("wakes who subscribes too late, and again if a waker throws", () => {
    const interrupt = new Interrupt();
    let woken = 0;
    interrupt.subscribe(1, () => {
      if (++woken === 1) throw reason;
    });
    interrupt.subscribe(1, () => void woken++)();
    expect(() => interrupt.raise(reason)).toThrow(reason);
    interrupt.raise(reason);
    expect(woken).toBe(2);
    interrupt.subscribe(1, () => void woken++);
    expect(woken).toBe(3);
    expect(interrupt.readiness()).toBe(1);
  });
});

function ready(): ReadyIndices {
  return { count: 0, indices: new Uint32Array(8) };
}

describe.each(MODES)("GuestWaiter (%s)", (mode) => {
  test("retries until the answer is another one", async () => {
    let attempts = 0;
    const attempt = (): Errno => ++attempts < 3 ? Errno.AGAIN : Errno.PIPE;
    const waiter = new GuestWaiter(platform, mode);
    expect(await waiter.retry(new Switch(0), 1, Infinity, attempt)).toBe(Errno.PIPE);
    expect(attempts).toBe(3);
  });

  test("retries until the timeout expires", async () => {
    const waiter = new GuestWaiter(platform, mode);
    const startMs = performance.now();
    expect(await waiter.retry(new Switch(), 1, 20 * MS, () => Errno.AGAIN)).toBe(Errno.AGAIN);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(19);
  });

  test("can be told to block", () => {
    const waiter = new GuestWaiter(platform, mode);
    expect(waiter.wait([], [], MS, "block")).toBeUndefined();
    expect(waiter.retry(new Switch(), 1, MS, () => Errno.AGAIN, "block")).toBe(Errno.AGAIN);
  });
});

describe("GuestWaiter", () => {
  test("yields for empty answers only where the guest is suspended", async () => {
    const blocking = new GuestWaiter(platform, "block");
    for (let i = 0; i < 100; i++) expect(blocking.foundNothing()).toBe(Errno.AGAIN);
    const suspended = new GuestWaiter(platform, "suspend");
    const answers = Array.from({ length: 100 }, () => suspended.foundNothing());
    expect(answers.some((answer) => typeof answer !== "number")).toBe(true);
    const errnos = await Promise.all(answers);
    expect(errnos).toContain(Errno.SUCCESS);
    expect(errnos.every((errno) => errno === Errno.SUCCESS || errno === Errno.AGAIN)).toBe(true);
  });
});
