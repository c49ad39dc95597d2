import { describe, expect, test } from "vitest";
import { Deadline } from "../../../src/core/io/deadline.ts";
import { Interrupt } from "../../../src/core/io/interrupt.ts";
import { GuestWaiter } from "../../../src/core/io/wait.ts";
import { Interest } from "../../../src/contract/pollable.ts";
import type { HostFunction } from "../../../src/component/link/function.ts";
import type { StackSwitching } from "../../../src/component/link/store.ts";
import { memoryPlatform } from "../../../src/platform/memory/mod.ts";
import { canSuspend, promising, suspending } from "../../../src/runtime/jspi.ts";
import { linked } from "./linked.ts";

const platform = memoryPlatform({ clock: "real" });
const stacks: StackSwitching = { promising, suspending };

/** `sleep`: answers its argument once as many milliseconds have passed, after as many attempts as that takes. */
function sleeping(): { readonly sleep: HostFunction; readonly log: string[] } {
  const log: string[] = [];
  let deadline: Deadline | undefined;
  const sleep: HostFunction = {
    type: "func(ms: u32) -> u32",
    attempt: (cx) => (ms: number) => {
      cx.enter();
      const now = platform.clock.monotonic();
      deadline ??= new Deadline(platform.clock, now + ms * 1e6);
      if (deadline.readiness() === 0) {
        log.push("wait");
        return cx.waitFor([deadline], [Interest.READ], Infinity);
      }
      deadline = undefined;
      log.push("done");
      cx.result = ms;
      return 0;
    },
  };
  return { sleep, log };
}

const TEXT = `(component
  (import "host" (instance $host (export "sleep" (func (param "ms" u32) (result u32)))))
  (core func $sleep (canon lower (func $host "sleep")))
  (core module $M (import "" "sleep" (func $sleep (param i32) (result i32)))
    (func (export "run") (param i32) (result i32)
      (i32.add (call $sleep (local.get 0)) (call $sleep (i32.const 1)))))
  (core instance $m (instantiate $M (with "" (instance (export "sleep" (func $sleep))))))
  (func (export "run") (param "ms" u32) (result u32) (canon lift (core func $m "run"))))`;

/** The same through a second component. */
const NESTED = `(component
  (import "host" (instance $host (export "sleep" (func (param "ms" u32) (result u32)))))
  (component $Inner
    (import "sleep" (func $f (param "ms" u32) (result u32)))
    (core func $sleep (canon lower (func $f)))
    (core module $M (import "" "sleep" (func $sleep (param i32) (result i32)))
      (func (export "run") (param i32) (result i32) (call $sleep (local.get 0))))
    (core instance $m (instantiate $M (with "" (instance (export "sleep" (func $sleep))))))
    (func (export "run") (param "ms" u32) (result u32) (canon lift (core func $m "run"))))
  (instance $one (instantiate $Inner (with "sleep" (func $host "sleep"))))
  (instance $two (instantiate $Inner (with "sleep" (func $one "run"))))
  (func (export "run") (alias export $two "run")))`;

/** Sleeps in its start function. */
const STARTING = `(component
  (import "host" (instance $host (export "sleep" (func (param "ms" u32) (result u32)))))
  (core func $sleep (canon lower (func $host "sleep")))
  (core module $M (import "" "sleep" (func $sleep (param i32) (result i32)))
    (func $start (drop (call $sleep (i32.const 2)))) (start $start))
  (core instance (instantiate $M (with "" (instance (export "sleep" (func $sleep)))))))`;

describe("imports that wait", () => {
  test("block the thread of a guest that can't be suspended", async () => {
    const { sleep, log } = sleeping();
    const waiter = new GuestWaiter(platform, "block");
    const guest = await linked(TEXT, { waiter, functions: { host: { sleep } } });
    expect(guest.call("run", 3)).toBe(4);
    expect(await guest.callSuspending("run", 3)).toBe(4);
    expect(log.filter((each) => each === "done")).toHaveLength(4);
  });

  test.runIf(canSuspend())("suspend a guest that was called by callSuspending", async () => {
    const { sleep, log } = sleeping();
    const waiter = new GuestWaiter(platform, "suspend");
    const guest = await linked(TEXT, { waiter, stacks, functions: { host: { sleep } } });
    let turns = 0;
    const interval = setInterval(() => turns++, 1);
    expect(await guest.callSuspending("run", 20)).toBe(21);
    clearInterval(interval);
    expect(turns).toBeGreaterThan(0);
    expect(log).toContain("wait");
  });

  test.runIf(canSuspend())("suspend it through other components", async () => {
    const { sleep } = sleeping();
    const waiter = new GuestWaiter(platform, "suspend");
    const guest = await linked(NESTED, { waiter, stacks, functions: { host: { sleep } } });
    let turns = 0;
    const interval = setInterval(() => turns++, 1);
    expect(await guest.callSuspending("run", 20)).toBe(20);
    clearInterval(interval);
    expect(turns).toBeGreaterThan(0);
    expect(guest.call("run", 2)).toBe(2);
  });

  test.runIf(canSuspend())(
    "block where the stack can't be suspended: calls that return at once, start functions",
    async () => {
      const { sleep, log } = sleeping();
      const waiter = new GuestWaiter(platform, "suspend");
      const guest = await linked(TEXT, { waiter, stacks, functions: { host: { sleep } } });
      expect(guest.call("run", 3)).toBe(4);
      await linked(STARTING, { waiter, stacks, functions: { host: { sleep } } });
      expect(log.filter((each) => each === "done")).toHaveLength(3);
    },
  );

  test.runIf(canSuspend())("refuse to block for what needs the event loop", async () => {
    const never = { readiness: () => 0, subscribe: () => () => {}, needsEventLoop: true };
    const sleep: HostFunction = {
      type: "func(ms: u32) -> u32",
      attempt: (cx) => () => cx.waitFor([never], [Interest.READ], Infinity),
    };
    const waiter = new GuestWaiter(platform, "suspend");
    const guest = await linked(TEXT, { waiter, stacks, functions: { host: { sleep } } });
    expect(() => guest.call("run", 3)).toThrow("cannot block: the call has to wait for the event loop");
  });

  test.runIf(canSuspend())("a wait that is interrupted ends the guest with the reason", async () => {
    const { sleep } = sleeping();
    const interrupt = new Interrupt();
    const waiter = new GuestWaiter(platform, "suspend", interrupt);
    const guest = await linked(TEXT, { waiter, stacks, functions: { host: { sleep } } });
    const call = guest.callSuspending("run", 60_000);
    const reason = new Error("enough");
    interrupt.raise(reason);
    await expect(call).rejects.toBe(reason);
    expect(guest.store.outcome.reason).toBe(reason);
  });

  test.runIf(canSuspend())("an instance that is suspended can't be entered, and goes on afterwards", async () => {
    const { sleep } = sleeping();
    const waiter = new GuestWaiter(platform, "suspend");
    const guest = await linked(TEXT, { waiter, stacks, functions: { host: { sleep } } });
    const call = guest.callSuspending("run", 10);
    expect(() => guest.call("run", 1)).toThrow("cannot enter component instance");
    expect(await call).toBe(11);
  });
});
