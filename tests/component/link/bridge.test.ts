import { describe, expect, test } from "vitest";
import { LIBC, linked } from "./linked.ts";

/** Composes a callee and a caller: the export `f` of the one is the import `f` of the other. */
function composed(type: string, callee: string, caller: string): string {
  return `(component
    (component $Callee ${LIBC} ${callee})
    (component $Caller (import "f" (func $f ${type})) ${LIBC} ${caller})
    (instance $callee (instantiate $Callee))
    (instance $caller (instantiate $Caller (with "f" (func $callee "f"))))
    (func (export "run") (alias export $caller "run")))`;
}

const OPTIONS = `(memory (core memory $memory)) (realloc (core func $realloc))`;

/** A component that exports `f` with a core function of the same name. */
function exporting(type: string, code: string): string {
  return `
    (core module $M (import "libc" "memory" (memory 1)) ${code})
    (core instance $m (instantiate $M (with "libc" (instance $libc))))
    (func (export "f") ${type} (canon lift (core func $m "f") ${OPTIONS}))`;
}

/** A component that passes its export `run` on to `f`. */
function passing(type: string, core: string, code: string): string {
  return `
    (core func $lowered (canon lower (func $f) ${OPTIONS}))
    (core module $M (import "libc" "memory" (memory 1)) (import "callee" "f" (func $f ${core})) ${code})
    (core instance $m (instantiate $M
      (with "libc" (instance $libc)) (with "callee" (instance (export "f" (func $lowered))))))
    (func (export "run") ${type} (canon lift (core func $m "run") ${OPTIONS}))`;
}

describe("calls from component to component", () => {
  test("scalars pass as they are", async () => {
    const type = `(param "a" u32) (param "b" f64) (result s64)`;
    const core = `(param i32 f64) (result i64)`;
    const guest = await linked(composed(
      type,
      exporting(
        type,
        `(func (export "f") ${core} (i64.add (i64.extend_i32_u (local.get 0)) (i64.trunc_f64_s (local.get 1))))`,
      ),
      passing(type, core, `(func (export "run") ${core} (call $f (local.get 0) (local.get 1)))`),
    ));
    expect(guest.call("run", 4294967295, -1.5)).toBe(4294967294n);
  });

  test("narrow scalars are reduced, characters are checked", async () => {
    const type = `(param "a" u8) (param "b" char) (result u32)`;
    const core = `(param i32 i32) (result i32)`;
    const text = composed(
      type,
      exporting(type, `(func (export "f") ${core} (i32.add (local.get 0) (local.get 1)))`),
      passing(
        `(param "a" u32) (param "b" u32) (result u32)`,
        core,
        `(func (export "run") ${core} (call $f (local.get 0) (local.get 1)))`,
      ),
    );
    const guest = await linked(text);
    expect(guest.call("run", 0x1ff, 0x41)).toBe(255 + 0x41);
    expect(() => guest.call("run", 0, 0xd800)).toThrow("invalid `char` bit pattern");
    expect(() => guest.call("run", 0, 0x41)).toThrow("cannot enter component instance");
  });

  test.each(["utf8", "utf16", "latin1+utf16"])("strings, to one with %s", async (encoding) => {
    const type = `(param "text" string) (result string)`;
    const echo = `(func (export "f") (param i32 i32) (result i32)
      (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1)) (i32.const 8))`;
    const callee = exporting(type, echo).replace(OPTIONS, `string-encoding=${encoding} ${OPTIONS}`);
    const caller = passing(
      type,
      "(param i32 i32 i32)",
      `(func (export "run") (param i32 i32) (result i32)
        (call $f (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16))`,
    );
    const guest = await linked(composed(type, callee, caller));
    for (const text of ["", "a", "grüße", "☃ and 🦀", "x".repeat(5000)]) expect(guest.call("run", text)).toBe(text);
  });

  test("lists of numbers and results", async () => {
    const type = `(param "bytes" (list u8)) (result (result (list u8) (error u8)))`;
    const callee = exporting(
      type,
      `(func (export "f") (param i32 i32) (result i32)
      (i32.store8 (i32.const 8) (i32.eqz (local.get 1)))
      (if (i32.eqz (local.get 1)) (then (i32.store8 (i32.const 12) (i32.const 9))) (else
        (i32.store (i32.const 12) (local.get 0)) (i32.store (i32.const 16) (local.get 1))))
      (i32.const 8))`,
    );
    const caller = passing(
      type,
      "(param i32 i32 i32)",
      `(func (export "run") (param i32 i32) (result i32)
        (call $f (local.get 0) (local.get 1) (i32.const 32)) (i32.const 32))`,
    );
    const guest = await linked(composed(type, callee, caller));
    expect(guest.call("run", [1, 2, 3])).toEqual({ tag: "ok", val: new Uint8Array([1, 2, 3]) });
    expect(guest.call("run", new Uint8Array())).toEqual({ tag: "err", val: 9 });
  });

  test("an exception of the callee is a trap, which the caller can't catch", async () => {
    const guest = await linked(composed(
      "",
      exporting("", `(tag $t) (func (export "f") (throw $t))`),
      passing("", "", `(func (export "run") (try_table (catch_all 0) (call $f)))`),
    ));
    expect(() => guest.call("run")).toThrow("uncaught exception of a component that was called by another");
    expect(() => guest.call("run")).toThrow("cannot enter component instance");
  });

  test("a component may call back into the one that contains it, but not into itself", async () => {
    const guest = await linked(`(component
      (core module $M (func (export "seven") (result i32) (i32.const 7)))
      (core instance $m (instantiate $M))
      (func $seven (result u32) (canon lift (core func $m "seven")))
      (component $Inner
        (import "f" (func $f (result u32)))
        (core func $lowered (canon lower (func $f)))
        (core module $N (import "" "f" (func $f (result i32))) (func (export "run") (result i32) (call $f)))
        (core instance $n (instantiate $N (with "" (instance (export "f" (func $lowered))))))
        (func (export "run") (result u32) (canon lift (core func $n "run"))))
      (instance $inner (instantiate $Inner (with "f" (func $seven))))
      (func (export "run") (alias export $inner "run")))`);
    expect(guest.call("run")).toBe(7);
    expect(guest.call("run")).toBe(7);
  });
});
