/** The resource `fields` of wasi:http. */

import { describe, expect, test } from "vitest";
import { Fields } from "../../src/wasi/p2/http/fields.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function made(...entries: readonly (readonly [string, string])[]): Fields {
  const fields = Fields.fromList(entries.map(([name, value]) => [name, bytes(value)]));
  if (typeof fields === "string") throw new Error(fields);
  return fields;
}

describe("fields", () => {
  test("compare names without case, keep theirs, and stay in order", () => {
    const fields = made(["X-A", "1"], ["x-b", "2"], ["x-a", "3"]);
    expect(fields.texts()).toEqual([["X-A", "1"], ["x-b", "2"], ["x-a", "3"]]);
    expect(fields.get("X-a").map((value) => String.fromCharCode(...value))).toEqual(["1", "3"]);
    expect([fields.has("X-B"), fields.has("x-c"), fields.get("no name")]).toEqual([true, false, []]);
    expect(fields.set("X-a", [bytes("4"), bytes("5")])).toBeUndefined();
    expect(fields.texts()).toEqual([["X-a", "4"], ["X-a", "5"], ["x-b", "2"]]);
    expect(fields.delete("X-A")).toBeUndefined();
    expect(fields.delete("x-none")).toBeUndefined();
    expect(fields.texts()).toEqual([["x-b", "2"]]);
  });

  test("refuse what is no name or value, and names of the connection", () => {
    const fields = made();
    for (const name of ["", "a b", "a:b", "ä", "a\n"]) expect(fields.append(name, bytes("1"))).toBe("invalid-syntax");
    for (const value of ["a\nb", "a\rb", "a\0b", "\x7f"]) {
      expect(fields.set("x", [bytes(value)])).toBe("invalid-syntax");
    }
    for (const name of ["Host", "connection", "Transfer-Encoding", "TE", "upgrade", "keep-alive", "Proxy-Connection"]) {
      expect(fields.append(name, bytes("1"))).toBe("forbidden");
      expect(fields.delete(name)).toBe("forbidden");
    }
    expect(Fields.fromList([["host", bytes("a")]])).toBe("forbidden");
    expect(fields.append("x", Uint8Array.of(9, 0x80, 0xff))).toBeUndefined();
    expect(fields.texts()).toEqual([["x", "\t\x80\xff"]]);
  });

  test("are immutable once they belong to a message; a copy is not", () => {
    const fields = made(["x", "1"]).freeze();
    expect([fields.append("y", bytes("2")), fields.set("x", []), fields.delete("x")]).toEqual(
      Array(3).fill("immutable"),
    );
    const copy = fields.clone();
    expect(copy.append("y", bytes("2"))).toBeUndefined();
    expect([fields.texts(), copy.texts()]).toEqual([[["x", "1"]], [["x", "1"], ["y", "2"]]]);
  });

  test("that were received have no names of the connection, so that a guest may pass them on", () => {
    const fields = Fields.received([["Host", "a"], ["X-A", "\xe4"], ["connection", "x"], ["bad name", "1"]]);
    expect(fields.texts()).toEqual([["X-A", "\xe4"]]);
    expect(fields.append("x", bytes("1"))).toBe("immutable");
  });

  test("have a limit, and do not share the bytes of a guest", () => {
    const fields = made();
    const value = bytes("1");
    fields.append("x", value);
    value[0] = 0;
    expect(fields.texts()).toEqual([["x", "1"]]);
    expect(() => fields.append("large", new Uint8Array(200_000).fill(0x61))).toThrow("fields exceed 131072 bytes");
  });
});
