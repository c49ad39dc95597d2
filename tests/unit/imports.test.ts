import { describe, expect, test } from "vitest";
import { signatureOf } from "../../src/runtime/imports.ts";
import { assemble } from "../tools/wat.ts";

const bytes = assemble(
  "imports.wat",
  `(module
    (type (func (param f32)))
    (import "a" "table" (table 1 2 funcref))
    (import "a" "memory" (memory 1 1000))
    (import "a" "global" (global (mut i64)))
    (import "a" "f" (func (param i32 i64 f32 f64) (result i32)))
    (import "b" "f" (func))
    (import "a" "g" (func (param f32)))
    (import "a" "multi" (func (result i32 i64)))
    (import "\\c3\\a4" "\\e6\\97\\a5\\e6\\9c\\ac" (func (param externref) (result funcref)))
    (func (export "run")))`,
);

describe("signatureOf", () => {
  test.each([
    ["a", "f", "function (i32, i64, f32, f64) -> i32"],
    ["b", "f", "function () -> ()"],
    ["a", "g", "function (f32) -> ()"],
    ["a", "multi", "function () -> i32, i64"],
    ["ä", "日本", "function (externref) -> funcref"],
  ])("reads the type of %s %s", (module, name, expected) => {
    expect(signatureOf(bytes, module, name)).toBe(expected);
  });

  test("tells nothing of what is no function, or not there", () => {
    for (const name of ["table", "memory", "global", "nope", "run"]) {
      expect(signatureOf(bytes, "a", name)).toBeUndefined();
    }
    expect(signatureOf(bytes, "nope", "f")).toBeUndefined();
    expect(signatureOf(undefined, "a", "f")).toBeUndefined();
    expect(signatureOf(assemble("empty.wat", "(module)"), "a", "f")).toBeUndefined();
  });

  test("ends on every binary that is cut or has a byte changed", () => {
    for (let length = 0; length <= bytes.length; length++) {
      signatureOf(bytes.slice(0, length), "ä", "日本");
    }
    for (let i = 8; i < bytes.length; i++) {
      const changed = bytes.slice();
      changed[i] = 0xff;
      const type = signatureOf(changed, "a", "f");
      expect(type === undefined || type.startsWith("function")).toBe(true);
    }
  });
});
