import { describe, expect, test } from "vitest";
import type { Pollable } from "../../src/contract/platform.ts";
import { genericWaiter } from "../../src/core/io/waiter.ts";

const blocking = genericWaiter("block");
const suspending = genericWaiter("suspend");

/** Something to wait for that is made ready by hand. */
class Switch implements Pollable {
  readonly needsEventLoop = true;
  readonly #tells: boolean;
  readonly wakers: Set<() => void> = new Set();
  ready = 0;
  asked = 0;

  /** @param tells False to answer `subscribe` with undefined. */
  constructor(tells: boolean) {
    this.#tells = tells;
  }

  set(ready: number): void {
    this.ready = ready;
    for (const wake of [...this.wakers]) wake();
  }

  readiness(interest: number): number {
    this.asked++;
    return this.ready & interest;
  }

  subscribe(_interest: number, wake: () => void): (() => void) | undefined {
    if (!this.#tells) return undefined;
    this.wakers.add(wake);
    return () => void this.wakers.delete(wake);
  }
}

/** Far from the time of a wait that is to end before it, however busy the machine is. */
const FAR_MS = 30_000;

async function elapsedMs(action: () => void | Promise<void>): Promise<number> {
  const before = performance.now();
  await action();
  return performance.now() - before;
}

describe("the waiter that suspends", () => {
  test("waits for a time, and answers at once for none", async () => {
    expect(await elapsedMs(() => suspending.wait([], [], 20e6))).toBeGreaterThanOrEqual(19);
    expect(await elapsedMs(() => suspending.wait([], [], 0))).toBeLessThan(FAR_MS);
    expect(await elapsedMs(() => suspending.wait([], [], -5))).toBeLessThan(FAR_MS);
  });

  test("lets the event loop turn, even for no time", async () => {
    let turned = false;
    setTimeout(() => turned = true, 0);
    for (let i = 0; i < 10_000 && !turned; i++) await suspending.wait([], [], 0);
    expect(turned).toBe(true);
  });

  test("is woken, and takes all its requests back", async () => {
    const switches = [new Switch(true), new Switch(true)];
    const waiting = suspending.wait(switches, [1, 2], Infinity);
    expect(switches.map(({ wakers }) => wakers.size)).toEqual([1, 1]);
    switches[1]!.set(2);
    await waiting;
    expect(switches.map(({ wakers }) => wakers.size)).toEqual([0, 0]);
  });

  test("takes all its requests back when the time is over", async () => {
    const one = new Switch(true);
    await suspending.wait([one], [1], 1e6);
    expect(one.wakers.size).toBe(0);
  });

  test("is woken by one who wakes while it is asked to", async () => {
    const eager: Pollable = {
      needsEventLoop: false,
      readiness: () => 1,
      subscribe(_interest, wake) {
        wake();
        return () => {};
      },
    };
    const other = new Switch(true);
    await suspending.wait([other, eager, new Switch(true)], [1, 1, 1], Infinity);
    expect(other.wakers.size).toBe(0);
  });

  test("tries again with what tells nothing, in growing intervals", async () => {
    const silent = new Switch(false);
    const waiting = suspending.wait([silent], [1], Infinity);
    setTimeout(() => silent.set(1), 60);
    const took = await elapsedMs(() => waiting);
    expect(silent.asked).toBeGreaterThan(3);
    expect(silent.asked).toBeLessThan(60 + took);
    expect(await elapsedMs(() => suspending.wait([new Switch(false)], [1], 15e6))).toBeGreaterThanOrEqual(14);
  });

  test("takes waits that are longer than a timer can be", async () => {
    const one = new Switch(true);
    let over = false;
    const waiting = Promise.resolve(suspending.wait([one], [1], 1e18)).then(() => over = true);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(over).toBe(false);
    one.set(1);
    await waiting;
  });
});

describe("the waiter that blocks", () => {
  test("waits for a time", async () => {
    expect(await elapsedMs(() => blocking.wait([], [], 20e6))).toBeGreaterThanOrEqual(19);
    expect(await elapsedMs(() => blocking.wait([new Switch(true)], [1], 20e6))).toBeGreaterThanOrEqual(19);
    expect(await elapsedMs(() => blocking.wait([new Switch(true)], [1], 0))).toBeLessThan(FAR_MS);
  });

  test("ends as soon as something is ready", async () => {
    const ready = new Switch(true);
    ready.set(2);
    expect(await elapsedMs(() => blocking.wait([new Switch(true), ready], [1, 2], 60e9))).toBeLessThan(FAR_MS);
    let asked = 0;
    const later: Pollable = {
      needsEventLoop: false,
      readiness: () => ++asked > 5 ? 1 : 0,
      subscribe: () => undefined,
    };
    expect(await elapsedMs(() => blocking.wait([later], [1], 60e9))).toBeLessThan(FAR_MS);
    expect(asked).toBe(6);
  });
});
