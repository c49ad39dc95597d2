import { describe, expect, test } from "vitest";
import { linked } from "./linked.ts";

/** A component that lifts `f` with the option `async` and this core code, whose results go to `task.return`. */
function lifting(code: string, type: string = "(result u32)", core: string = "(param i32)"): string {
  return `(component
    (core func $return (canon task.return ${type}))
    (core func $get (canon context.get i32 0))
    (core func $set (canon context.set i32 0))
    (core func $new (canon waitable-set.new))
    (core module $M
      (import "" "return" (func $return ${core}))
      (import "" "get" (func $get (result i32)))
      (import "" "set" (func $set (param i32)))
      (import "" "new" (func $new (result i32)))
      ${code})
    (core instance $m (instantiate $M (with "" (instance
      (export "return" (func $return)) (export "get" (func $get)) (export "set" (func $set))
      (export "new" (func $new))))))
    (func (export "f") async (result u32)
      (canon lift (core func $m "f") async (callback (core func $m "callback")))))`;
}

const CALLBACK = `(func (export "callback") (param i32 i32 i32) (result i32)`;

describe("functions lifted with the option async", () => {
  test("return by task.return, before or after they have yielded", async () => {
    const early = await linked(lifting(`
      (func (export "f") (result i32) (call $return (i32.const 7)) (i32.const 0))
      ${CALLBACK} unreachable)`));
    expect(early.call("f")).toBe(7);
    expect(early.call("f")).toBe(7);
    const late = await linked(lifting(`
      (func (export "f") (result i32) (call $set (i32.const 3)) (i32.const 1))
      ${CALLBACK}
        (call $set (i32.sub (call $get) (i32.const 1)))
        (if (call $get) (then (return (i32.const 1))))
        (call $return (i32.const 9)) (i32.const 0))`));
    expect(late.call("f")).toBe(9);
    expect(await late.callSuspending("f")).toBe(9);
  });

  test.each([
    ["no task.return", `(i32.const 0)`, "async-lifted export did not call `task.return`"],
    [
      "two",
      `(call $return (i32.const 1)) (call $return (i32.const 1)) (i32.const 0)`,
      "`task.return` or `task.cancel` called more than once for current task",
    ],
    [
      "a wait that can't end",
      `(i32.or (i32.const 2) (i32.shl (call $new) (i32.const 4)))`,
      "deadlock detected: event loop cannot make further progress",
    ],
    ["an unknown code", `(i32.const 3)`, "unsupported callback code: 3"],
  ])("%s traps", async (_, code, message) => {
    const guest = await linked(lifting(`(func (export "f") (result i32) ${code}) ${CALLBACK} (i32.const 0))`));
    expect(() => guest.call("f")).toThrow(message);
    expect(() => guest.call("f")).toThrow("cannot enter component instance");
  });

  test("task.return with another type traps", async () => {
    const code =
      `(func (export "f") (result i32) (call $return (i64.const 1)) (i32.const 0)) ${CALLBACK} (i32.const 0))`;
    const guest = await linked(lifting(code, "(result u64)", "(param i64)"));
    expect(() => guest.call("f")).toThrow("invalid `task.return` signature and/or options for current task");
  });
});

describe("functions lowered with the option async", () => {
  test("of the host: the result is in memory, the state is RETURNED", async () => {
    const add = {
      type: "func(a: u32, b: u32) -> u32",
      call: ([a, b]: readonly unknown[]) => (a as number) + (b as number),
    };
    const guest = await linked(
      `(component
      (import "host" (instance $host (export "add" (func (param "a" u32) (param "b" u32) (result u32)))))
      (core module $Libc (memory (export "memory") 1))
      (core instance $libc (instantiate $Libc))
      (core func $add (canon lower (func $host "add") async (memory (core memory $libc "memory"))))
      (core module $M
        (import "libc" "memory" (memory 1))
        (import "host" "add" (func $add (param i32 i32 i32) (result i32)))
        (func (export "run") (result i32)
          (i32.add
            (i32.mul (i32.const 1000) (call $add (i32.const 3) (i32.const 4) (i32.const 16)))
            (i32.load (i32.const 16)))))
      (core instance $m (instantiate $M
        (with "libc" (instance $libc)) (with "host" (instance (export "add" (func $add))))))
      (func (export "run") (result u32) (canon lift (core func $m "run"))))`,
      { functions: { host: { add } } },
    );
    expect(guest.call("run")).toBe(2007);
  });
});
