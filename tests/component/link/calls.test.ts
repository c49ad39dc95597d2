import { describe, expect, test } from "vitest";
import { LIBC, linked } from "./linked.ts";

describe("exports called with values", () => {
  test("scalars, strings, records and lists", async () => {
    const guest = await linked(`(component ${LIBC}
      (core module $M
        (import "libc" "memory" (memory 1))
        (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
        (func (export "echo") (param i32 i32) (result i32)
          (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))
        (func (export "swap") (param i32 i64) (result i32)
          (i64.store (i32.const 32) (local.get 1)) (i32.store (i32.const 40) (local.get 0)) (i32.const 32)))
      (core instance $m (instantiate $M (with "libc" (instance $libc))))
      (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $m "add")))
      (func (export "echo") (param "text" string) (result string)
        (canon lift (core func $m "echo") (memory (core memory $memory)) (realloc (core func $realloc))))
      (func (export "swap") (param "a" u8) (param "b" u64) (result (tuple u64 u8))
        (canon lift (core func $m "swap") (memory (core memory $memory))))
      (func (export "bytes") (param "a" (list u16)) (result (list u16))
        (canon lift (core func $m "echo") (memory (core memory $memory)) (realloc (core func $realloc)))))`);
    expect(guest.call("add", 2 ** 32 - 1, 2)).toBe(1);
    expect(guest.call("echo", "grüße ☃")).toBe("grüße ☃");
    expect(guest.call("swap", 255, 2n ** 64n - 1n)).toEqual([2n ** 64n - 1n, 255]);
    expect(guest.call("bytes", [1, 65535])).toEqual(new Uint16Array([1, 65535]));
    expect(() => guest.call("add", 1)).toThrow("Expected 2 arguments, got 1");
    expect(() => guest.call("add", 1, "2")).toThrow('Cannot convert "2" to u32: expected a number');
    expect(guest.call("add", 1, 2)).toBe(3);
  });

  test("a value that throws while it is read does not end the guest", async () => {
    const guest = await linked(`(component ${LIBC}
      (core module $M (func (export "f") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
      (core instance $m (instantiate $M))
      (type $pair' (record (field "a" u32) (field "b" u32)))
      (export $pair "pair" (type $pair'))
      (func (export "f") (param "pair" $pair) (result u32) (canon lift (core func $m "f"))))`);
    const broken = {
      a: 1,
      get b(): number {
        throw new RangeError("broken");
      },
    };
    expect(() => guest.call("f", broken)).toThrow(new RangeError("broken"));
    await expect(guest.callSuspending("f", broken)).rejects.toThrow(new RangeError("broken"));
    expect(guest.call("f", { a: 1, b: 2 })).toBe(3);
  });

  test("parameters and results that do not fit into core values", async () => {
    const params = Array.from({ length: 17 }, (_, i) => `(param "p${i}" u32)`).join(" ");
    const guest = await linked(`(component ${LIBC}
      (core module $M
        (import "libc" "memory" (memory 1))
        (func (export "last") (param i32) (result i32) (i32.load offset=64 (local.get 0))))
      (core instance $m (instantiate $M (with "libc" (instance $libc))))
      (func (export "last") ${params} (result u32)
        (canon lift (core func $m "last") (memory (core memory $memory)) (realloc (core func $realloc)))))`);
    expect(guest.call("last", ...Array.from({ length: 17 }, (_, i) => i * 10))).toBe(160);
  });
});

describe("functions of the host", () => {
  const text = `(component ${LIBC}
    (import "my:host/greeter@0.2.3" (instance $host
      (export "greet" (func (param "name" string) (result (result string (error u8)))))
      (export "now" (func (result u64)))))
    (core func $greet (canon lower (func $host "greet") (memory (core memory $memory)) (realloc (core func $realloc))))
    (core func $now (canon lower (func $host "now")))
    (core module $M
      (import "libc" "memory" (memory 1))
      (import "host" "greet" (func $greet (param i32 i32 i32)))
      (import "host" "now" (func $now (result i64)))
      (func (export "run") (param i32 i32) (result i32)
        (call $greet (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16))
      (func (export "now") (result i64) (call $now)))
    (core instance $m (instantiate $M
      (with "libc" (instance $libc))
      (with "host" (instance (export "greet" (func $greet)) (export "now" (func $now))))))
    (func (export "run") (param "name" string) (result (result string (error u8)))
      (canon lift (core func $m "run") (memory (core memory $memory)) (realloc (core func $realloc))))
    (func (export "now") (result u64) (canon lift (core func $m "now"))))`;
  const greet = {
    type: "func(name: string) -> result<string, u8>",
    call: ([name]: readonly unknown[]) => name === "" ? { tag: "err", val: 7 } : { tag: "ok", val: `hello ${name}` },
  };
  const now = { type: "func() -> u64", lower: () => () => -1n };

  test("with values and by hand", async () => {
    const guest = await linked(text, { functions: { "my:host/greeter@0.2": { greet, now } } });
    expect(guest.call("run", "you")).toEqual({ tag: "ok", val: "hello you" });
    expect(guest.call("run", "")).toEqual({ tag: "err", val: 7 });
    expect(guest.call("now")).toBe(2n ** 64n - 1n);
  });

  test("what they throw ends the guest", async () => {
    const broken = {
      ...now,
      lower: () => () => {
        throw new RangeError("broken");
      },
    };
    const guest = await linked(text, { functions: { "my:host/greeter@0.2": { greet, now: broken } } });
    expect(() => guest.call("now")).toThrow(new RangeError("broken"));
    expect(() => guest.call("run", "you")).toThrow("cannot enter component instance");
  });

  test("an interface with nothing but values' types needs nobody who provides it", async () => {
    const types = (declarations: string): string =>
      `(component
        (import "my:host/types@1.0.0" (instance $types ${declarations}))
        (alias export $types "size" (type $size))
        (import "my:host/more" (instance (alias outer 1 $size (type $s)) (export "size" (type (eq $s)))))
        (core module $m (func (export "f") (param i32) (result i32) (local.get 0)))
        (core instance $i (instantiate $m))
        (func (export "f") (param "x" $size) (result $size) (canon lift (core func $i "f"))))`;
    const size = '(type $e (enum "small" "large")) (export "size" (type (eq $e)))';
    expect((await linked(types(size))).call("f", "large")).toBe("large");
    await expect(linked(types(`${size} (export "r" (type (sub resource)))`))).rejects.toThrow(
      "it imports the interface types of the package my:host, version 1.0.0, which this host does not provide",
    );
  });

  test("a missing interface, function or type is named", async () => {
    await expect(linked(text)).rejects.toThrow(
      "Cannot link the component: it imports the interface greeter of the package my:host, version 0.2.3, " +
        "which this host does not provide; pass it with the option imports",
    );
    await expect(linked(text, { functions: { "my:host/greeter@0.2": { greet } } })).rejects.toThrow(
      'it imports the function "now" of the interface greeter of the package my:host, version 0.2.3, which is not provided; ' +
        "its type is func() -> u64",
    );
    const other = { ...now, type: "func() -> u32" };
    await expect(linked(text, { functions: { "my:host/greeter@0.2": { greet, now: other } } })).rejects.toThrow(
      "with another type than is provided; imported: func() -> u64; provided: func() -> u32",
    );
  });
});
