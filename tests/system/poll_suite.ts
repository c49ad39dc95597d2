/**
 * Waiting: clocks, descriptors, many of them, and sched_yield.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { eventRows, subscriptionRows } from "../../src/preview1/abi/layout.ts";
import type { Events } from "../../src/preview1/results.ts";
import type { System } from "../../src/preview1/system.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { Clockid, Eventtype, Fdflags, Oflags, Rights } from "../../src/witx/types.ts";
import { ROOT } from "./caller.ts";
import type { SuiteContext } from "./suite.ts";

/** A subscription as a test writes it. */
export type Subscription =
  | { readonly clock: number; readonly ns: number; readonly flags?: number }
  | { readonly read: number }
  | { readonly write: number }
  | { readonly type: number };

/** An event as a test reads it. */
export interface Event {
  readonly index: number;
  readonly error: string;
  readonly nbytes: number;
  readonly flags: number;
}

const ABSTIME = 1;

/** Call poll_oneoff with subscriptions as a test writes them. */
export function poll(system: System, subscriptions: readonly Subscription[]): Event[] | Promise<Event[]> {
  const rows = subscriptionRows(subscriptions.length);
  const events = eventRows(subscriptions.length);
  rows.count = subscriptions.length;
  subscriptions.forEach((subscription, i) => {
    if ("clock" in subscription) {
      rows.type[i] = Eventtype.CLOCK;
      rows.clockid[i] = subscription.clock;
      rows.timeout[i] = subscription.ns;
      rows.flags[i] = subscription.flags ?? 0;
    } else if ("type" in subscription) rows.type[i] = subscription.type;
    else {
      rows.type[i] = "read" in subscription ? Eventtype.FD_READ : Eventtype.FD_WRITE;
      rows.fd[i] = "read" in subscription ? subscription.read : subscription.write;
    }
  });
  const answer = system.poll.oneoff(rows, events);
  return typeof answer === "number" ? read(answer, events) : answer.then((errno) => read(errno, events));
}

function read(errno: Errno, events: Events): Event[] {
  expect(errnoName(errno)).toBe("SUCCESS");
  return Array.from({ length: events.count }, (_, row) => ({
    index: events.index[row]!,
    error: errnoName(events.error[row]!),
    nbytes: events.nbytes[row]!,
    flags: events.flags[row]!,
  }));
}

function done(index: number, nbytes = 0, flags = 0): Event {
  return { index, error: "SUCCESS", nbytes, flags };
}

/** What a NONBLOCK standard input answers; where a turn of the event loop is overdue it is to be asked again first. */
async function refusal(system: System): Promise<Errno> {
  let answer: Errno = Errno.SUCCESS;
  for (let tries = 0; answer === Errno.SUCCESS && tries < 100; tries++) {
    answer = await system.poll.waitFd(0, 1, "suspend");
  }
  return answer;
}

export function pollSuite(context: SuiteContext): void {
  const nowNs = (): number => context.backend().platform.clock.monotonic();

  describe.each(["block", "suspend"] as const)("poll (%s)", (mode) => {
    const make = (options = {}) => context.make({ mode, ...options });

    test("of nothing is INVAL", async () => {
      const { system } = make();
      expect(await system.poll.oneoff(subscriptionRows(1), eventRows(1))).toBe(Errno.INVAL);
    });

    test("waits for a clock, and no less", async () => {
      const { system } = make();
      for (const ns of [0, 1, 1_000_000, 20_000_000]) {
        const before = nowNs();
        expect(await poll(system, [{ clock: Clockid.MONOTONIC, ns }])).toEqual([done(0)]);
        expect(nowNs() - before, `${ns} ns`).toBeGreaterThanOrEqual(ns);
      }
    });

    test("waits for the first of many clocks", async () => {
      const { system } = make();
      const before = nowNs();
      const clocks = [60e9, 5e6, 3600e9].map((ns) => ({ clock: Clockid.MONOTONIC, ns }));
      expect(await poll(system, clocks)).toEqual([done(1)]);
      expect(nowNs() - before).toBeLessThan(30e9);
      expect(await poll(system, [{ clock: Clockid.REALTIME, ns: 0 }, clocks[0]!, { clock: Clockid.MONOTONIC, ns: 0 }]))
        .toEqual([done(0), done(2)]);
    });

    test("waits for a moment of either clock", async () => {
      const { system } = make();
      const words = new Uint32Array(2);
      system.clock.timeGet(Clockid.REALTIME, words);
      const realtime = words[1]! * 2 ** 32 + words[0]!;
      const start = nowNs();
      const moments = [
        { clock: Clockid.MONOTONIC, ns: start + 60e9, flags: ABSTIME },
        { clock: Clockid.MONOTONIC, ns: start + 5e6, flags: ABSTIME },
      ];
      expect(await poll(system, moments)).toEqual([done(1)]);
      expect(nowNs() - start).toBeGreaterThanOrEqual(5e6);
      expect(await poll(system, [{ clock: Clockid.REALTIME, ns: realtime + 8e6, flags: ABSTIME }])).toEqual([done(0)]);
      expect(await poll(system, [{ clock: Clockid.REALTIME, ns: 5, flags: ABSTIME }])).toEqual([done(0)]);
      expect(await poll(system, [{ clock: Clockid.MONOTONIC, ns: 0, flags: ABSTIME }])).toEqual([done(0)]);
    });

    test("answers INVAL for clocks that can't be waited for, and for unknown flags and types", async () => {
      const { system } = make();
      const clocks = [2, 3, 4, 0xffffffff].map((clock) => ({ clock, ns: 0 }));
      const flags = [2, 3, 0xffff].map((flag) => ({ clock: 1, ns: 0, flags: flag }));
      const types = [3, 4, 255].map((type) => ({ type }));
      const events = await poll(system, [...clocks, ...flags, ...types]);
      expect(events.map(({ index }) => index).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      for (const { error, index } of events) expect(error, String(index)).toBe("INVAL");
    });

    test("answers for each descriptor on its own", async () => {
      const { system, call } = make();
      call.put("file", "12345");
      const file = call.mustOpen("file");
      call.read(file, 2);
      const reader = call.mustOpen("file", { rights: Rights.FD_READ });
      const blind = call.mustOpen("file");
      expect(system.fd.fdstatSetRights(blind, BigInt(Rights.FD_READ), 0n)).toBe(Errno.SUCCESS);
      const events = await poll(system, [
        { read: file },
        { write: file },
        { read: 99 },
        { write: 0xffffffff },
        { write: 1 },
        { read: 1 },
        { write: 0 },
        { read: blind },
        { write: reader },
        { read: ROOT },
        { write: ROOT },
        { read: 0 },
        { clock: 1, ns: 3600e9 },
      ]);
      const byIndex = new Map(events.map((event) => [event.index, event]));
      expect(byIndex.get(0)).toEqual(done(0, 3));
      expect(byIndex.get(1)).toEqual(done(1));
      expect(byIndex.get(2)).toMatchObject({ error: "BADF" });
      expect(byIndex.get(3)).toMatchObject({ error: "BADF" });
      expect(byIndex.get(4)).toEqual(done(4));
      for (const index of [5, 6, 9, 10]) expect(byIndex.get(index), String(index)).toMatchObject({ error: "BADF" });
      expect(byIndex.get(7)).toMatchObject({ error: "NOTCAPABLE" });
      expect(byIndex.get(8)).toEqual(done(8));
      expect([...byIndex.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    test("answers for directories without waiting", async () => {
      const { system, call } = make();
      call.mkdir("dir");
      const fd = call.mustOpen("dir", { oflags: Oflags.DIRECTORY, rights: 0 });
      const events = await poll(system, [{ read: fd }, { write: ROOT }]);
      expect(events.map(({ index }) => index)).toEqual([0, 1]);
    });

    test("tells how much of standard input there is, and that it ended", async () => {
      const { system, stdin, call } = make();
      stdin.push("hello");
      expect(await poll(system, [{ read: 0 }, { clock: 1, ns: 3600e9 }])).toEqual([done(0, 5)]);
      stdin.end();
      expect(call.read(0, 9)).toBe("hello");
      expect(await poll(system, [{ read: 0 }])).toEqual([done(0, 0, 1)]);
      expect(call.read(0, 9)).toBe("");
    });

    test("takes a thousand subscriptions", async () => {
      const { system } = make();
      const many = Array.from({ length: 1000 }, (_, i) => i === 777 ? { write: 1 } : { clock: 1, ns: 3600e9 + i });
      expect(await poll(system, many)).toEqual([done(777)]);
    });

    test("takes 65,534 subscriptions, and answers all that are due", async () => {
      const { system } = make();
      const many = Array.from({ length: 65534 }, (_, i) => i % 2 === 0 ? { write: 1 } : { clock: 1, ns: 0 });
      const events = await poll(system, many);
      expect(events).toHaveLength(65534);
      expect(new Set(events.map(({ index }) => index)).size).toBe(65534);
    });
  });

  describe("waits that suspend", () => {
    test("end early when data comes in", async () => {
      const { system, stdin } = context.make({ mode: "suspend" });
      const waiting = poll(system, [{ clock: 1, ns: 60e9 }, { read: 0 }]);
      setTimeout(() => stdin.push("x"), 5);
      // A clock that stands still goes on at once, with nobody else to run.
      if (context.backend().name === "memory") expect((await waiting)[0]!.index).toBeLessThan(2);
      else expect(await waiting).toEqual([done(1, 1)]);
    });

    test("end when data comes in, without a clock", async () => {
      const { system, stdin } = context.make({ mode: "suspend" });
      const waiting = poll(system, [{ read: 0 }]);
      let over = false;
      void Promise.resolve(waiting).then(() => over = true);
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(over).toBe(false);
      stdin.push("abc");
      expect(await waiting).toEqual([done(0, 3)]);
    });

    test("see what came in amid a poll that does not wait", async () => {
      const { system, stdin } = context.make({ mode: "suspend" });
      let seen: Event[] = [];
      setTimeout(() => stdin.push("x"), 0);
      for (let i = 0; i < 1000 && !seen.some(({ index }) => index === 1); i++) {
        seen = await poll(system, [{ clock: 1, ns: 0 }, { read: 0 }]);
      }
      expect(seen.map(({ index }) => index)).toContain(1);
    });

    test("of several guests go on side by side", async () => {
      const [one, two] = [context.make({ mode: "suspend" }), context.make({ mode: "suspend" })];
      const waits = [poll(one.system, [{ read: 0 }]), poll(two.system, [{ read: 0 }])];
      two.stdin.push("22");
      expect(await waits[1]).toEqual([done(0, 2)]);
      one.stdin.push("1");
      expect(await waits[0]).toEqual([done(0, 1)]);
    });

    test("for a blocking descriptor end with SUCCESS, for a non-blocking one are refused", async () => {
      const { system, stdin, call } = context.make({ mode: "suspend" });
      expect(call.read(0, 1)).toEqual({ errno: "AGAIN" });
      const waiting = system.poll.waitFd(0, 1, "suspend");
      expect(typeof waiting).toBe("object");
      stdin.push("x");
      expect(await waiting).toBe(Errno.SUCCESS);
      expect(system.poll.waitFd(0, 1, "block"), "blocks, so that it answers no promise").toBe(Errno.SUCCESS);
      expect(call.read(0, 1)).toBe("x");
      expect(system.fd.fdstatSetFlags(0, Fdflags.NONBLOCK)).toBe(Errno.SUCCESS);
      expect(await refusal(system)).toBe(Errno.AGAIN);
      const other = context.make({ mode: "suspend", nonBlockingStdio: true });
      expect(other.call.fdstat(0)).toMatchObject({ fsFlags: Fdflags.NONBLOCK });
      expect(await refusal(other.system)).toBe(Errno.AGAIN);
    });
  });

  describe("sched_yield", () => {
    test("lets the event loop turn once a guest does nothing else", async () => {
      const { system } = context.make({ mode: "suspend" });
      let turned = false;
      setTimeout(() => turned = true, 0);
      for (let i = 0; i < 1_000_000 && !turned; i++) await system.sched.yield();
      expect(turned).toBe(true);
    });

    test("parks a guest that spins, for about 1 ms of each 256 calls", () => {
      const { system } = context.make();
      const before = nowNs();
      for (let i = 0; i < 2560; i++) expect(system.sched.yield()).toBe(Errno.SUCCESS);
      expect(nowNs() - before).toBeGreaterThanOrEqual(8e6);
    });
  });
}
