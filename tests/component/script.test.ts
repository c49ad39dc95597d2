/** Scripts of the component model's tests are read as they are written. */

import { expect, test } from "vitest";
import { readScript } from "../component_model/script.ts";

test("a script becomes a list of commands", () => {
  const commands = readScript(`
    ;; a comment (; with brackets
    (component definition $C (; nested (; comment ;) ;) (import "a" (func)))
    (component instance $i $C)
    (component binary "\\00asm" "\\u{e9}\\n")
    (assert_return (invoke $i "f" (u32.const 0x10) (list.const (str.const "a"))) (option.none))
    (assert_trap (invoke "g" (record.const (field "r" list.const (u8.const 1)))) "unreachable")
    (assert_malformed (component quote "(import)") "unexpected")
    (assert_trap (component (export "f")) "trap")
  `);
  const text = (value: string) => ({ kind: "string", text: value });
  const number = (type: string, value: string) => ({ kind: "number", type, text: value });
  expect(commands).toEqual([
    {
      kind: "component",
      name: "$C",
      isDefinition: true,
      source: { kind: "text", text: '(component $C (; nested (; comment ;) ;) (import "a" (func)))' },
      line: 3,
    },
    { kind: "instance", name: "$i", component: "$C", line: 4 },
    {
      kind: "component",
      name: undefined,
      isDefinition: false,
      source: { kind: "binary", base64: Buffer.from("\0asm\u00e9\n").toString("base64") },
      line: 5,
    },
    {
      kind: "assert_return",
      invocation: {
        instance: "$i",
        export: "f",
        args: [number("u32", "0x10"), { kind: "list", items: [text("a")] }],
      },
      results: [{ kind: "option", name: "none", value: undefined }],
      line: 6,
    },
    {
      kind: "assert_trap",
      invocation: {
        instance: undefined,
        export: "g",
        args: [{
          kind: "record",
          fields: [{ name: "r", value: { kind: "list", items: [number("u8", "1")] } }],
        }],
      },
      message: "unreachable",
      line: 7,
    },
    {
      kind: "assert_malformed",
      source: { kind: "text", text: "(component (import))" },
      message: "unexpected",
      line: 8,
    },
    {
      kind: "assert_instantiation_trap",
      source: { kind: "text", text: '(component (export "f"))' },
      message: "trap",
      line: 9,
    },
  ]);
});

test("a text that is not well-formed is refused, with its line", () => {
  expect(() => readScript("(component\n(a)")).toThrow("Line 2: no closing parenthesis");
  expect(() => readScript(")")).toThrow("Line 1: an unexpected )");
  expect(() => readScript("(; a")).toThrow("Line 1: a comment without end");
  expect(() => readScript("(frobnicate)")).toThrow('unknown command "frobnicate"');
});
