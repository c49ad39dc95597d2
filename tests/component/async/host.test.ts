import { describe, expect, test } from "vitest";
import { Interest } from "../../../src/contract/pollable.ts";
import { Deadline } from "../../../src/core/io/deadline.ts";
import { GuestWaiter } from "../../../src/core/io/wait.ts";
import type { HostFunction } from "../../../src/component/link/function.ts";
import { memoryPlatform } from "../../../src/platform/memory/mod.ts";
import { canSuspend, promising, suspending } from "../../../src/runtime/jspi.ts";
import { type Linked, linked } from "../link/linked.ts";

const platform = memoryPlatform({ clock: "real" });

/** Lowers `f` with and without the option `async`; exports functions that call it. */
function calling(type: string, result: string, code: string): string {
  return `(component
    (type $R (record (field "a" u8) (field "b" (option f32)) (field "c" s16) (field "d" u64)))
    (import "host" (instance $host
      (alias outer 1 $R (type $R')) (export "r" (type $R (eq $R')))
      (export "f" (func async ${type}))))
    (core module $Memory (memory (export "mem") 1))
    (core instance $memory (instantiate $Memory))
    (alias core export $memory "mem" (core memory $mem))
    (core func $f (canon lower (func $host "f") async (memory $mem)))
    (core func $sync (canon lower (func $host "f") (memory $mem)))
    (core func $set.new (canon waitable-set.new))
    (core func $join (canon waitable.join))
    (core func $wait (canon waitable-set.wait (memory $mem)))
    (core func $cancel (canon subtask.cancel))
    (core func $drop (canon subtask.drop))
    ${code}
    (func (export "run") async (result ${result}) (canon lift (core func $m "run"))))`;
}

const SLEEP = calling(
  '(param "ms" u32) (result u32)',
  "u32",
  `(core module $M (import "m" "mem" (memory 1))
    (import "" "f" (func $f (param i32 i32) (result i32)))
    (import "" "sync" (func $sync (param i32) (result i32)))
    (import "" "set.new" (func $set.new (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "wait" (func $wait (param i32 i32) (result i32)))
    (import "" "cancel" (func $cancel (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func $start (param $ms i32) (param $to i32) (param $set i32) (local $sub i32)
      (local.set $sub (i32.shr_u (call $f (local.get $ms) (local.get $to)) (i32.const 4)))
      (call $join (local.get $sub) (local.get $set)))
    (func (export "run") (result i32) (local $set i32) (local $sub i32) (local $sum i32)
      (local.set $set (call $set.new))
      (call $start (i32.const 20) (i32.const 16) (local.get $set))
      (call $start (i32.const 5) (i32.const 20) (local.get $set))
      (local.set $sub (i32.shr_u (call $f (i32.const 60000) (i32.const 24)) (i32.const 4)))
      (local.set $sum (call $sync (i32.const 1)))
      (drop (call $wait (local.get $set) (i32.const 0)))
      (drop (call $wait (local.get $set) (i32.const 0)))
      (if (i32.ne (call $cancel (local.get $sub)) (i32.const 4)) (then unreachable))
      (call $drop (local.get $sub))
      (i32.add (local.get $sum) (i32.add (i32.load (i32.const 16)) (i32.load (i32.const 20))))))
  (core instance $m (instantiate $M (with "m" (instance $memory)) (with "" (instance
    (export "f" (func $f)) (export "sync" (func $sync)) (export "set.new" (func $set.new))
    (export "join" (func $join)) (export "wait" (func $wait)) (export "cancel" (func $cancel))
    (export "drop" (func $drop))))))`,
);

/** Attempts that wait for a deadline. */
const attempted: HostFunction = {
  type: "async func(ms: u32) -> u32",
  attempt: (cx) => {
    let deadline: Deadline | undefined;
    return (ms: number) => {
      deadline ??= new Deadline(platform.clock, platform.clock.monotonic() + ms * 1e6);
      if (deadline.readiness() === 0) return cx.waitFor([deadline], [Interest.READ], Infinity);
      cx.result = ms;
      return 0;
    };
  },
};

/** Promises. */
const promised: HostFunction = {
  type: "async func(ms: u32) -> u32",
  call: ([ms]) => new Promise((resolve) => setTimeout(() => resolve(ms), ms as number).unref?.()),
};

function sleeping(f: HostFunction, mode: "block" | "suspend"): Promise<Linked> {
  return linked(SLEEP, {
    functions: { host: { f } },
    waiter: new GuestWaiter(platform, mode),
    ...(mode === "suspend" ? { stacks: { promising, suspending } } : {}),
  });
}

describe("functions of the host with asynchronous types", () => {
  test("many wait at a time, and the thread is blocked", async () => {
    const guest = await sleeping(attempted, "block");
    expect(guest.call("run")).toBe(26);
  });

  test.runIf(canSuspend())("many wait at a time while the event loop runs", async () => {
    for (const f of [attempted, promised]) {
      const guest = await sleeping(f, "suspend");
      expect(await guest.callSuspending("run")).toBe(26);
    }
  });

  test.runIf(canSuspend())("a promise that rejects ends the guest", async () => {
    const error = new Error("of the host");
    const guest = await sleeping({ ...promised, call: () => Promise.reject(error) }, "suspend");
    await expect(guest.callSuspending("run")).rejects.toBe(error);
  });

  test("a promise can't be waited for by blocking the thread", async () => {
    const guest = await sleeping(promised, "block");
    expect(() => guest.call("run")).toThrow("cannot block: the call has to wait for the event loop");
  });

  test("hand-lowered functions get parameters that async lowering passes in memory", async () => {
    const got: unknown[] = [];
    const f: HostFunction = {
      type: "async func(r: record{a: u8, b: option<f32>, c: s16, d: u64}) -> f64",
      lower: () => (...args: readonly unknown[]) => {
        got.push(...args);
        return 1.5;
      },
    };
    const text = calling(
      '(param "r" $R) (result f64)',
      "f64",
      `(core module $M (import "m" "mem" (memory 1))
        (import "" "f" (func $f (param i32 i32) (result i32)))
        (func (export "run") (result f64)
          (i32.store8 (i32.const 64) (i32.const 200))
          (i32.store8 (i32.const 68) (i32.const 1))
          (f32.store (i32.const 72) (f32.const 2.5))
          (i32.store16 (i32.const 76) (i32.const -2))
          (i64.store (i32.const 80) (i64.const 9))
          (if (i32.ne (call $f (i32.const 64) (i32.const 16)) (i32.const 2)) (then unreachable))
          (f64.load (i32.const 16))))
      (core instance $m (instantiate $M (with "m" (instance $memory)) (with "" (instance (export "f" (func $f))))))`,
    );
    const guest = await linked(text, { functions: { host: { f } } });
    expect(guest.call("run")).toBe(1.5);
    expect(got).toEqual([200, 1, 2.5, -2, 9n]);
  });
});
