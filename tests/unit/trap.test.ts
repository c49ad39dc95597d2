import { describe, expect, test } from "vitest";
import { TrapError } from "../../src/runtime/errors.ts";
import { asTrap, guestFrames } from "../../src/runtime/trap/trap.ts";
import { assemble } from "../tools/wat.ts";

describe("guestFrames", () => {
  test("reads the stacks of V8", () => {
    const stack = [
      "RuntimeError: unreachable",
      "    at inner (wasm://wasm/25cb021a:wasm-function[0]:0x29)",
      "    at main.outer (wasm://wasm/25cb021a:wasm-function[1]:0x2d)",
      "    at app.wasm.runtime.main (wasm://wasm/app.wasm-25cb021a:wasm-function[12]:0x1f3)",
      "    at os.(*File).Read (wasm://wasm/25cb021a:wasm-function[7]:0xabc)",
      "    at wasm://wasm/25cb021a:wasm-function[2]:0x32",
      "    at GuestInstance.call (file:///src/runtime/guest/guest.ts:97:40)",
      "    at async run (file:///src/runtime/run.ts:50:10)",
    ].join("\n");
    expect(guestFrames(stack)).toEqual([
      "inner (0x29)",
      "main.outer (0x2d)",
      "runtime.main (0x1f3)",
      "os.(*File).Read (0xabc)",
      "wasm-function[2] (0x32)",
    ]);
  });

  test("reads the stacks of JavaScriptCore", () => {
    const stack = [
      "<?>.wasm-function[main.inner]@[wasm code]",
      "app.wasm-function[runtime.main]@[wasm code]",
      "    at <?>.wasm-function[main.outer]@[wasm code]",
      "<?>.wasm-function[12]@[wasm code]",
      "@[wasm code]",
      "wasm-stub@[native code]",
      "call@/src/runtime/guest/guest.ts:97:40",
    ].join("\n");
    expect(guestFrames(stack)).toEqual([
      "main.inner",
      "runtime.main",
      "main.outer",
      "wasm-function[12]",
      "wasm-function[]",
    ]);
  });

  test("takes no time for the longest names", () => {
    const place = "(wasm://wasm/25cb021a:wasm-function[1]:0x2d)";
    const names = [
      " (wasm://".repeat(11_000),
      " (wasm://wasm-function[1]:0x1f".repeat(3300),
      ".wasm-function[".repeat(6600),
    ];
    const lines = names.flatMap((name) => [
      `    at ${name} ${place}`,
      `    at ${name} ${place} and more`,
      `<?>.wasm-function[${name}]@[wasm code]`,
      `<?>.wasm-function[${name}@[wasm code]`,
    ]);
    const started = performance.now();
    const frames = guestFrames([...lines, ...lines, ...lines, ...lines].join("\n"));
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(frames).toContain(`${names[0]} (0x2d)`);
    expect(frames).toContain(names[1]);
  });

  test("finds nothing where there is no guest", () => {
    expect(guestFrames(undefined)).toEqual([]);
    expect(guestFrames("")).toEqual([]);
    expect(guestFrames(new Error("no guest").stack)).toEqual([]);
  });
});

describe("asTrap", () => {
  const bytes = assemble(
    "traps.wat",
    `(module
      (func $main.inner (result i32) unreachable)
      (func $main.outer (export "fail") (result i32) (i32.add (call $main.inner) (i32.const 1)))
      (func $main.deep (export "recurse") (result i32) (i32.add (call $main.deep) (i32.const 1))))`,
  );
  const exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;

  function thrownBy(name: string): unknown {
    try {
      (exports[name] as () => void)();
    } catch (error) {
      return error;
    }
    throw new Error("It did not trap");
  }

  test("tells a trap of this runtime with the guest's frames", () => {
    const error = thrownBy("fail");
    const trap = asTrap(error) as TrapError;
    expect(trap).toBeInstanceOf(TrapError);
    expect(trap.message).toMatch(/^The guest trapped: .*unreachable/i);
    expect(trap.message).not.toMatch(/evaluating/);
    expect(trap.cause).toBe(error);
    expect(trap.guestStack.map((frame) => frame.replace(/ \(0x.*\)$/, ""))).toEqual(["main.inner", "main.outer"]);
  });

  test("tells a stack that is too deep", () => {
    const trap = asTrap(thrownBy("recurse")) as TrapError;
    expect(trap).toBeInstanceOf(TrapError);
    expect(trap.message).toBe("The guest trapped: its calls are nested too deep for the stack");
    expect(trap.guestStack[0]).toMatch(/^main\.deep/);
  });

  test("leaves the formatting of other stacks as it was", () => {
    const before = (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
    asTrap(thrownBy("fail"));
    expect((Error as { prepareStackTrace?: unknown }).prepareStackTrace).toBe(before);
  });

  test.each([new Error("mine"), new RangeError("too large"), new TypeError("wrong"), "text", undefined])(
    "passes on %s",
    (error) => {
      expect(asTrap(error)).toBe(error);
    },
  );
});
