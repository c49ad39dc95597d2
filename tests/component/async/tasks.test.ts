import { describe, expect, test } from "vitest";
import { canSuspend, promising, suspending } from "../../../src/runtime/jspi.ts";
import type { LinkedOptions } from "../link/linked.ts";
import { linked } from "../link/linked.ts";

/** A component with a memory whose core module imports these built-ins. */
interface Part {
  readonly imports?: string;
  /** Canonical definitions of core functions. */
  readonly canons: Readonly<Record<string, string>>;
  /** Types of the core functions, by the same names. */
  readonly types: Readonly<Record<string, string>>;
  readonly code: string;
  readonly exports: string;
}

function component(name: string, { imports = "", canons, types, code, exports }: Part): string {
  const definitions = Object.entries(canons).map(([each, canon]) => `(core func $${each} ${canon})`).join("\n");
  const coreImports = Object.entries(types).map(([each, type]) => `(import "" "${each}" (func $${each} ${type}))`);
  const given = Object.keys(types).map((each) => `(export "${each}" (func $${each}))`).join(" ");
  return `(component ${name} ${imports}
    (core module $Memory (memory (export "mem") 1))
    (core instance $memory (instantiate $Memory))
    (alias core export $memory "mem" (core memory $mem))
    ${definitions}
    (core module $M (import "mem" "mem" (memory 1)) ${coreImports.join("\n")} ${code})
    (core instance $m (instantiate $M (with "mem" (instance $memory)) (with "" (instance ${given}))))
    ${exports})`;
}

const SETS = {
  canons: {
    "set.new": "(canon waitable-set.new)",
    join: "(canon waitable.join)",
    wait: "(canon waitable-set.wait (memory $mem))",
    drop: "(canon subtask.drop)",
  },
  types: {
    "set.new": "(result i32)",
    join: "(param i32 i32)",
    wait: "(param i32 i32) (result i32)",
    drop: "(param i32)",
  },
};

const RETURN = {
  canons: { return: "(canon task.return (result u32))", yield: "(canon thread.yield)" },
  types: { return: "(param i32)", yield: "(result i32)" },
};

/** Exports a callback-lifted function `f` that yields three times, and a counter of its calls. */
const CALLEE = component("$Callee", {
  canons: { ...RETURN.canons, get: "(canon context.get i32 0)", set: "(canon context.set i32 0)" },
  types: { ...RETURN.types, get: "(result i32)", set: "(param i32)" },
  code: `
    (func (export "f") (param i32) (result i32) (call $set (i32.add (local.get 0) (i32.const 3))) (i32.const 1))
    (func (export "callback") (param i32 i32 i32) (result i32)
      (call $set (i32.sub (call $get) (i32.const 1)))
      (if (i32.and (call $get) (i32.const 3)) (then (return (i32.const 1))))
      (call $return (call $get)) (i32.const 0))`,
  exports: `(func (export "f") async (param "a" u32) (result u32)
    (canon lift (core func $m "f") async (callback (core func $m "callback"))))`,
});

/** Calls `f` twice at a time, waits for both on its stack, and answers the sum. */
const CALLER = component("$Caller", {
  imports: `(import "f" (func $f async (param "a" u32) (result u32)))`,
  canons: { ...SETS.canons, f: "(canon lower (func $f) async (memory $mem))" },
  types: { ...SETS.types, f: "(param i32 i32) (result i32)" },
  code: `
    (func $await (param $set i32)
      (if (i32.ne (call $wait (local.get $set) (i32.const 0)) (i32.const 1)) (then unreachable))
      (if (i32.ne (i32.load (i32.const 4)) (i32.const 2)) (then unreachable))
      (call $drop (i32.load (i32.const 0))))
    (func (export "run") (result i32) (local $set i32) (local $one i32) (local $two i32)
      (local.set $set (call $set.new))
      (local.set $one (call $f (i32.const 100) (i32.const 16)))
      (local.set $two (call $f (i32.const 200) (i32.const 20)))
      (if (i32.ne (i32.and (local.get $one) (i32.const 15)) (i32.const 1)) (then unreachable))
      (call $join (i32.shr_u (local.get $one) (i32.const 4)) (local.get $set))
      (call $join (i32.shr_u (local.get $two) (i32.const 4)) (local.get $set))
      (call $await (local.get $set)) (call $await (local.get $set))
      (i32.add (i32.load (i32.const 16)) (i32.load (i32.const 20))))`,
  exports: `(func (export "run") async (result u32) (canon lift (core func $m "run")))`,
});

const BOTH = `(component ${CALLEE} ${CALLER}
  (instance $callee (instantiate $Callee))
  (instance $caller (instantiate $Caller (with "f" (func $callee "f"))))
  (func (export "run") (alias export $caller "run"))
  (func (export "f") (alias export $callee "f")))`;

const stacks: LinkedOptions = { stacks: { promising, suspending } };

describe("calls with the option async", () => {
  test("go on while the caller waits for both, on top of its stack", async () => {
    const guest = await linked(BOTH);
    expect(guest.call("run")).toBe(300);
    expect(guest.call("run")).toBe(300);
  });

  test.runIf(canSuspend())("and while its stack is suspended", async () => {
    const guest = await linked(BOTH, stacks);
    expect(await guest.callSuspending("run")).toBe(300);
    expect(guest.call("run")).toBe(300);
  });

  test.runIf(canSuspend())("several calls of the host run at a time, and each gets its own result", async () => {
    const guest = await linked(BOTH, stacks);
    const results = [4, 8, 12].map((each) => guest.callSuspending("f", each));
    expect(await Promise.all(results)).toEqual([4, 8, 12]);
  });

  test("a call whose values are not of their types leaves the instance as it was", async () => {
    const guest = await linked(BOTH);
    expect(() => guest.call("f", "a")).toThrow(TypeError);
    expect(guest.call("f", 4)).toBe(4);
  });
});

/** A task that waits on its stack, which its caller cancels. */
const CANCELLED = `(component
  ${
  component("$Callee", {
    canons: { cancel: "(canon task.cancel)", yield: "(canon thread.yield)", "set.new": SETS.canons["set.new"] },
    types: { cancel: "", yield: "(result i32)", "set.new": "(result i32)" },
    code: `
      (func (export "f") (result i32) (i32.or (i32.const 2) (i32.shl (call $set.new) (i32.const 4))))
      (func (export "callback") (param i32 i32 i32) (result i32)
        (if (i32.ne (local.get 0) (i32.const 6)) (then unreachable))
        (call $cancel) (i32.const 0))`,
    exports: `(func (export "f") async (result u32)
      (canon lift (core func $m "f") async (callback (core func $m "callback"))))`,
  })
}
  ${
  component("$Caller", {
    imports: `(import "f" (func $f async (result u32)))`,
    canons: {
      f: "(canon lower (func $f) async (memory $mem))",
      cancel: "(canon subtask.cancel)",
      drop: "(canon subtask.drop)",
    },
    types: { f: "(param i32) (result i32)", cancel: "(param i32) (result i32)", drop: "(param i32)" },
    code: `(func (export "run") (result i32) (local $f i32) (local $state i32)
      (local.set $f (i32.shr_u (call $f (i32.const 16)) (i32.const 4)))
      (local.set $state (call $cancel (local.get $f)))
      (call $drop (local.get $f))
      (local.get $state))`,
    exports: `(func (export "run") async (result u32) (canon lift (core func $m "run")))`,
  })
}
  (instance $callee (instantiate $Callee))
  (instance $caller (instantiate $Caller (with "f" (func $callee "f"))))
  (func (export "run") (alias export $caller "run")))`;

describe("cancellation", () => {
  test("is delivered at once to a task with a callback", async () => {
    const guest = await linked(CANCELLED);
    expect(guest.call("run")).toBe(4);
  });

  test.runIf(canSuspend())("also from a stack that can be suspended", async () => {
    const guest = await linked(CANCELLED, stacks);
    expect(await guest.callSuspending("run")).toBe(4);
  });
});

/** Sends bytes from one component to another by a stream, more than the reader takes at a time. */
const STREAM = `(component
  ${
  component("$Writer", {
    canons: {
      ...SETS.canons,
      return: "(canon task.return (result $ST))",
      new: "(canon stream.new $ST)",
      write: "(canon stream.write $ST (memory $mem))",
      close: "(canon stream.drop-writable $ST)",
    },
    imports: "(type $ST (stream u8))",
    types: {
      return: "(param i32)",
      new: "(result i64)",
      write: "(param i32 i32 i32) (result i32)",
      close: "(param i32)",
    },
    code: `(func (export "open") (local $ends i64) (local $end i32) (local $left i32) (local $at i32)
      (local.set $ends (call $new))
      (call $return (i32.wrap_i64 (local.get $ends)))
      (local.set $end (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (memory.fill (i32.const 0) (i32.const 7) (i32.const 1000))
      (loop
        (local.set $at (i32.add (local.get $at)
          (i32.shr_u (call $write (local.get $end) (local.get $at) (i32.sub (i32.const 1000) (local.get $at)))
            (i32.const 4))))
        (br_if 0 (i32.lt_u (local.get $at) (i32.const 1000))))
      (call $close (local.get $end)))`,
    exports: `(func (export "open") async (result $ST) (canon lift (core func $m "open") async))`,
  })
}
  ${
  component("$Reader", {
    imports: `(type $ST (stream u8)) (import "open" (func $open async (result $ST)))`,
    canons: {
      open: "(canon lower (func $open))",
      read: "(canon stream.read $ST (memory $mem))",
      close: "(canon stream.drop-readable $ST)",
    },
    types: { open: "(result i32)", read: "(param i32 i32 i32) (result i32)", close: "(param i32)" },
    code: `(func (export "run") (result i32) (local $end i32) (local $got i32) (local $sum i32)
      (local.set $end (call $open))
      (block (loop
        (local.set $got (call $read (local.get $end) (i32.const 0) (i32.const 300)))
        (local.set $sum (i32.add (local.get $sum) (i32.shr_u (local.get $got) (i32.const 4))))
        (br_if 1 (i32.and (local.get $got) (i32.const 15)))
        (if (i32.ne (i32.load8_u (i32.const 99)) (i32.const 7)) (then unreachable))
        (br 0)))
      (call $close (local.get $end))
      (local.get $sum))`,
    exports: `(func (export "run") async (result u32) (canon lift (core func $m "run")))`,
  })
}
  (instance $writer (instantiate $Writer))
  (instance $reader (instantiate $Reader (with "open" (func $writer "open"))))
  (func (export "run") (alias export $reader "run")))`;

describe("streams", () => {
  test.runIf(canSuspend())("pass bytes between stacks that are suspended", async () => {
    const guest = await linked(STREAM, stacks);
    expect(await guest.callSuspending("run")).toBe(1000);
    expect(await guest.callSuspending("run")).toBe(1000);
  });

  test("what needs two stacks is a deadlock where none can be suspended", async () => {
    const guest = await linked(STREAM);
    expect(() => guest.call("run")).toThrow("deadlock detected");
  });
});
