import { describe, expect, test } from "vitest";
import { makePrintable, printable, printableLines } from "../../src/text/printable.ts";
import { ModuleError, TrapError } from "../../src/runtime/errors.ts";
import { quoted } from "../../src/preview1/trace/string_text.ts";

describe("printable", () => {
  test("leaves what is only text as it is", () => {
    for (const text of ["", "plain", "/etc/passwd", "日本 ä 🦊 \\ \" '", "a".repeat(4096)]) {
      expect(printable(text)).toBe(text);
    }
  });

  test("escapes all controls, marks of direction, separators and halves of pairs", () => {
    const codes = [
      ...Array.from({ length: 0x20 }, (_, code) => code),
      ...Array.from({ length: 0x21 }, (_, i) => 0x7f + i),
      ...[0xad, 0x61c, 0x180e, 0x200b, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069],
      ...[0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfeff, 0xfff9, 0xe0001],
    ];
    for (const code of codes) {
      const char = String.fromCodePoint(code);
      for (const text of [printable(`a${char}b`), quoted(`a${char}b`)]) {
        expect(text, code.toString(16)).toMatch(/^"?a\\(?:[nrtbf]|u[0-9a-f]{4})+(?:\\u[0-9a-f]{4})?b"?$/);
      }
    }
    expect(printable("\u001b[2J\r\n\t\u{e0001}")).toBe("\\u001b[2J\\r\\n\\t\\udb40\\udc01");
    expect(printable("caf\udce9 \ud83d")).toBe("caf\\xe9 \\ud83d");
  });

  test("cuts what is very long", () => {
    expect(printable("a".repeat(5000))).toBe(`${"a".repeat(4096)}...`);
  });

  test("keeps lines and tabs where they are wanted", () => {
    expect(printableLines("one\n\ttwo\r\u001b[31m\n")).toBe("one\n\ttwo\\r\\u001b[31m\n");
  });
});

describe("errors that quote a module", () => {
  test("are printable, and so are the errors that they come from", () => {
    const cause = new Error("import \u001b]0;title\u0007");
    const error = new ModuleError("Cannot run \u001b[2Jx", { cause });
    expect(error.message).toBe("Cannot run \\u001b[2Jx");
    for (const text of [String(error.stack), cause.message, String(cause.stack)]) {
      expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
    }
    const trap = new TrapError("The guest trapped: \u001b", ["f\u001b[31m\n", "g"], cause);
    expect({ message: trap.message, guestStack: trap.guestStack })
      .toEqual({ message: "The guest trapped: \\u001b", guestStack: ["f\\u001b[31m\\n", "g"] });
  });

  test("what can't be changed stays", () => {
    const frozen = Object.freeze(new Error("\u001b"));
    expect(() => makePrintable(frozen)).not.toThrow();
    expect(() => makePrintable("\u001b")).not.toThrow();
  });
});
