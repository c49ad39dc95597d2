/** What components are decoded to, and what is said of those that can't be. */

import { describe, expect, test } from "vitest";
import { componentNames } from "../../../src/component/binary/component_names.ts";
import { decodeComponent } from "../../../src/component/binary/decode.ts";
import { InvalidComponentError } from "../../../src/component/binary/invalid_component.ts";
import { binaryKind } from "../../../src/component/binary/preamble.ts";
import { validateComponent } from "../../../src/component/validate/validate.ts";
import { assembleComponent } from "../../tools/component_guests.ts";
import { binary, leb, name } from "../../tools/binary.ts";

const HEADER = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];

function component(
  ...sections: readonly (readonly [id: number, content: readonly number[]])[]
): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...HEADER, ...sections.flatMap(([id, content]) => [id, ...leb(content.length), ...content])]);
}

function refusal(bytes: Uint8Array<ArrayBuffer>): InvalidComponentError {
  try {
    validateComponent(decodeComponent(bytes));
  } catch (error) {
    if (error instanceof InvalidComponentError) return error;
    throw error;
  }
  throw new Error("The component is valid");
}

test("definitions keep their order and their offsets", async () => {
  const { definitions } = decodeComponent(
    await assembleComponent(`(component
      (type (func (param "a" u8) (result string)))
      (import "f" (func (type 0)))
      (core module)
      (core instance (instantiate 0))
      (export "g" (func 0)))`),
  );
  expect(definitions.map(({ kind }) => kind)).toEqual([
    "type",
    "import",
    "core-module",
    "core-instantiate",
    "export",
  ]);
  expect(definitions[0]).toEqual({
    kind: "type",
    offset: 11,
    type: { kind: "func", isAsync: false, params: [{ name: "a", type: "u8" }], result: "string" },
  });
  const offsets = definitions.map(({ offset }) => offset);
  expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
});

test("offsets inside nested components are those of the whole binary", () => {
  const inner = component([7, [1, 0x70, 5]]);
  const error = refusal(component([4, [...inner]]));
  expect(error.offset).toBe(10 + 8 + 3);
  expect(error.message).toBe("Invalid component: type index 5 is out of range: there are none yet (at offset 0x15)");
});

test("names of definitions are read, and what is wrong with them is left out", () => {
  const names = (...bytes: readonly number[]): readonly [number, readonly number[]] => [
    0,
    [...name("component-name"), ...bytes],
  ];
  const read = componentNames(decodeComponent(component(
    names(0, 5, ...name("main")),
    names(1, 12, 0, 0x11, 1, 2, ...name("adapter"), 0xff),
    names(9, 0, 1, 8, 0, 0x11, 1, 0, ...name("main!").slice(0, 4)),
  )));
  expect(read.component).toBe("main");
  expect(read.definitions.get("core module")).toEqual(new Map([[2, "adapter"]]));
});

describe("a binary", () => {
  test("is told apart by its layer", () => {
    expect(binaryKind(component())).toBe("component");
    expect(binaryKind(binary([]))).toBe("core module");
    expect(binaryKind(component().slice(0, 7))).toBeUndefined();
    expect(binaryKind(new TextEncoder().encode("(component)"))).toBeUndefined();
  });

  test("that is something else is refused with what it is", () => {
    expect(refusal(binary([])).message).toContain("it is a core module, not a component");
    expect(refusal(new TextEncoder().encode("(component)")).message).toContain("does not begin with \\0asm");
    const old = component();
    old[4] = 0x0a;
    expect(refusal(old).message).toContain("format is 10, and 13 is supported; build it with newer tools");
  });
});

test.each([
  ["a start function", component([9, [0, 0, 0]])],
  ["value definitions", component([12, [0]])],
  ["values as imports or exports", component([10, [1, 0, ...name("a"), 2, 1, 0x7d]])],
])("%s: not supported, and not released", (feature, bytes) => {
  expect(refusal(bytes).message).toContain(`it uses ${feature}, which the component model has not released`);
});

test.each([
  ['(type (record (field "a" 0)))', "type index 0 is out of range"],
  ['(import "f" (func)) (alias export 0 "x" (func))', "instance index 0 is out of range: there are none yet"],
  ['(type (flags "a" "A"))', 'flag name "A" is used twice'],
  ['(import "a" (func)) (import "A" (func))', 'import name "A" conflicts with a previous name'],
  ['(import "i" (instance)) (alias export 0 "x" (func))', 'instance 0 has no export "x"'],
  [
    '(component (import "f" (func (param "x" u8)))) (import "g" (func)) (instance (instantiate 0 (with "f" (func 0))))',
    "has type func(), and what is needed is func(x: u8)",
  ],
  [
    '(component (import "f" (func))) (instance (instantiate 0))',
    'component 0 imports "f" (func), which is not an argument',
  ],
  [
    '(core module (import "a" "b" (func))) (core instance (instantiate 0))',
    'core module 0 imports from "a", which is not an argument',
  ],
])("%s: %s", async (fields, problem) => {
  expect(refusal(await assembleComponent(`(component ${fields})`)).message).toContain(problem);
});

test("messages have no control characters, whatever names a binary has", () => {
  const { message } = refusal(component([10, [1, 0, 2, 0x1b, 0x5b, 1, 0]], [7, [1, 0x40, 0, 1, 0]]));
  expect(message).not.toContain("\u001b");
});
