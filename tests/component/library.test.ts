/** Components that are libraries, by `instantiate`: exports, imports, resources, composition. */

import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { canSuspend } from "../../src/runtime/jspi.ts";
import {
  compileComponent,
  type CompiledComponent,
  ComponentError,
  type ComponentGuest,
  instantiate,
  TrapError,
} from "wasirun";
import { assembleComponent, witComponent } from "../tools/component_guests.ts";

interface Point {
  readonly x: number;
  readonly yAxis: number;
}

interface Counter extends Disposable {
  increment(by: number): number;
}

interface CounterClass {
  new (start: number): Counter;
  sum(a: Counter, b: Counter): number;
  merge(a: Counter, b: Counter): Counter;
}

interface Api {
  readonly Counter: CounterClass;
  add(a: number, b: number): number;
  greet(name: string): string;
  swap(p: Point): Point;
  area(shape: { readonly tag: string; readonly val?: unknown }): number;
  checkedDivide(a: number, b: number): number;
  nest(a: number | undefined): unknown;
  reverse(bytes: Uint8Array): Uint8Array;
  nextColor(color: string): string;
  invert(mode: Readonly<Record<string, boolean>>): Readonly<Record<string, boolean>>;
  wide(a: bigint, b: bigint): bigint;
  letter(c: string): string;
  total(...numbers: number[]): number;
  logTwice(text: string): void;
  ask(key: string): string;
  joinedSize(a: Uint8Array, b: Uint8Array): number;
  drops(): number;
  trap(): void;
}

interface Exports {
  readonly api: Api;
  readonly plain: (a: number) => number;
}

class Blob {
  static readonly dropped: number[] = [];
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  size(): number {
    return this.bytes.length;
  }
  static join(a: Blob, b: Blob): Blob {
    return new Blob(Uint8Array.of(...a.bytes, ...b.bytes));
  }
  [Symbol.dispose](): void {
    Blob.dropped.push(this.bytes.length);
  }
}

describe("a library", () => {
  let library: CompiledComponent;
  let guest: ComponentGuest<Exports>;
  const log: string[] = [];

  const host = {
    Blob,
    log: (text: string): void => void log.push(text),
    fetch: (key: string): string => {
      if (key === "missing") throw new ComponentError(7);
      return key.toUpperCase();
    },
  };

  async function instantiated(changes: object = {}): Promise<ComponentGuest<Exports>> {
    return guest = await instantiate<Exports>(library, { imports: { "test:library/host": { ...host, ...changes } } });
  }

  beforeAll(async () => {
    library = await compileComponent(await witComponent("library"));
  });

  afterEach(async () => {
    await guest.close();
    log.length = 0;
    Blob.dropped.length = 0;
  });

  test("exports functions for values of every kind", async () => {
    const { exports: { api, plain } } = await instantiated();
    expect(plain(41)).toBe(42);
    expect(api.add(2, 0xfffffffe)).toBe(0);
    expect(api.greet("Zoë 🎉")).toBe("hello, Zoë 🎉");
    expect(api.swap({ x: 1, yAxis: -2 })).toEqual({ x: -2, yAxis: 1 });
    expect(api.area({ tag: "circle", val: 2 })).toBe(12);
    expect(api.area({ tag: "square", val: { x: 3, yAxis: 4 } })).toBe(12);
    expect(api.area({ tag: "nothing" })).toBe(0);
    expect(api.nest(undefined)).toEqual({ tag: "some", val: undefined });
    expect(api.nest(0)).toEqual({ tag: "none" });
    expect(api.nest(5)).toEqual({ tag: "some", val: 5 });
    expect(api.reverse(Uint8Array.of(1, 2, 3))).toEqual(Uint8Array.of(3, 2, 1));
    expect(api.nextColor("blue")).toBe("red");
    expect(api.nextColor("red")).toBe("dark-green");
    expect(api.invert({ read: true })).toEqual({ read: false, writeAll: true, bothEnds: true });
    expect(api.wide(5n, -7n)).toBe(2n ** 64n - 2n);
    expect(api.letter("é")).toBe("ê");
    expect(api.total(1, -1, 2, -2, 3, -3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1000)).toBe(1010);
  });

  test("returns the value of a result, or throws its error", async () => {
    const { exports: { api } } = await instantiated();
    expect(api.checkedDivide(7, -2)).toBe(-3);
    expect(() => api.checkedDivide(1, 0)).toThrow(ComponentError);
    expect(() => api.checkedDivide(1, 0)).toThrow("divided by zero");
  });

  test("goes on after a call with wrong values", async () => {
    const { exports: { api } } = await instantiated();
    expect(() => api.add("two" as never, 2)).toThrow(/Cannot convert "two" to u32/);
    expect(() => api.nextColor("pink")).toThrow(/expected the label red, dark-green, blue/);
    expect(api.add(2, 2)).toBe(4);
  });

  test("calls functions of the host", async () => {
    const { exports: { api } } = await instantiated();
    api.logTwice("again");
    expect(log).toEqual(["again", "again"]);
    expect(api.ask("key")).toBe("KEY!");
    expect(api.ask("missing")).toBe("error 7");
  });

  test("uses resources of the host, and drops them", async () => {
    const { exports: { api } } = await instantiated();
    expect(api.joinedSize(Uint8Array.of(1, 2), Uint8Array.of(3))).toBe(3);
    expect(Blob.dropped).toEqual([2, 1, 3]);
  });

  test("has resources of its own", async () => {
    const { exports: { api } } = await instantiated();
    const a = new api.Counter(5);
    const b = new api.Counter(1);
    expect(a.increment(3)).toBe(8);
    expect(api.Counter.sum(a, a)).toBe(16);
    const merged = api.Counter.merge(a, b);
    expect(merged.increment(0)).toBe(9);
    expect(api.drops()).toBe(2);
    expect(() => a.increment(1)).toThrow(/it was given to a guest/);
    merged[Symbol.dispose]();
    expect(api.drops()).toBe(3);
    expect(() => merged.increment(1)).toThrow(/it was disposed of/);
  });

  test("is called by name, or by function, when its turn has come", async () => {
    const { exports: { api } } = await instantiated();
    expect(await guest.call(api.add, 1, 2)).toBe(3);
    expect(await guest.call("test:library/api#add", 1, 2)).toBe(3);
    expect(await guest.call("test:library/api@1.2.0#greet", "you")).toBe("hello, you");
    expect(await guest.call("plain", 1)).toBe(2);
    await expect(guest.call("nothing")).rejects.toThrow(
      'Cannot call "nothing": the component exports no such function',
    );
    await expect(guest.call(() => 1)).rejects.toThrow("a function of another guest");
  });

  test.skipIf(!canSuspend())("waits for promises of the host, one call at a time", async () => {
    const { exports: { api } } = await instantiated({
      fetch: async (key: string) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (key === "missing") throw new ComponentError(3);
        return key;
      },
    });
    const calls = [guest.call(api.ask, "a"), guest.call(api.ask, "missing"), guest.call(api.ask, "c")];
    expect(() => api.add(1, 2)).toThrow(/the guest runs another call/);
    expect(await Promise.all(calls)).toEqual(["a!", "error 3", "c!"]);
    expect(api.add(1, 2)).toBe(3);
  });

  test("ends with what a function of the host throws", async () => {
    const mistake = new RangeError("a mistake");
    const { exports: { api } } = await instantiated({
      log: () => {
        throw mistake;
      },
    });
    expect(() => api.logTwice("x")).toThrow(mistake);
    expect(() => api.add(1, 2)).toThrow(/Cannot call add: the guest has ended with an error/);
  });

  test("can't be entered by a function of the host that it calls", async () => {
    let inner: unknown;
    const { exports: { api } } = await instantiated({
      log: () => {
        try {
          guest.exports.api.add(1, 2);
        } catch (error) {
          inner ??= error;
        }
      },
    });
    api.logTwice("x");
    expect((inner as Error).message).toMatch(/a component can't be entered twice/);
    expect(api.add(1, 2)).toBe(3);
  });

  test("has ended after a trap, and after it was closed", async () => {
    const { exports: { api } } = await instantiated();
    expect(() => api.trap()).toThrow(TrapError);
    expect(() => api.add(1, 2)).toThrow("Cannot call add: the guest has trapped");
    const other = await instantiated();
    await other.close();
    expect(() => other.exports.api.add(1, 2)).toThrow("Cannot call add: the guest was closed");
  });

  test("says what is missing of its imports", async () => {
    await expect(instantiate(library)).rejects.toThrow(/imports the interface host of the package test:library/);
    await expect(instantiate(library, { imports: { "test:library/host": { Blob } } }))
      .rejects.toThrow('options.imports["test:library/host"] has no log');
  });
});

describe("composition", () => {
  test("another guest's exports are imports", async () => {
    const providerText = `(component
      (core module $m
        (memory (export "memory") 1)
        (global $at (mut i32) (i32.const 1024))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32)
          (global.get $at) (global.set $at (i32.add (global.get $at) (local.get 3))))
        (func (export "length") (param i32 i32) (result i32) (local.get 1)))
      (core instance $i (instantiate $m))
      (func $length (param "text" string) (result u32)
        (canon lift (core func $i "length") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
      (instance $text (export "length" (func $length)))
      (export "test:text/text@1.0.0" (instance $text)))`;
    const userText = `(component
      (import "test:text/text@1.0.0" (instance $text (export "length" (func (param "text" string) (result u32)))))
      (core module $memory (memory (export "memory") 1) (data (i32.const 8) "composed"))
      (core instance $memory (instantiate $memory))
      (core func $length (canon lower (func $text "length") (memory (core memory $memory "memory"))))
      (core module $m
        (import "text" "length" (func $length (param i32 i32) (result i32)))
        (func (export "measure") (result i32) (call $length (i32.const 8) (i32.const 8))))
      (core instance $i (instantiate $m (with "text" (instance (export "length" (func $length))))))
      (func (export "measure") (result u32) (canon lift (core func $i "measure"))))`;
    const provider = await instantiate<Record<string, object>>(await assembleComponent(providerText));
    const { "test:text/text": text } = provider.exports;
    const user = await instantiate<{ measure(): number }>(await assembleComponent(userText), {
      imports: { "test:text/text": text! },
    });
    expect(user.exports.measure()).toBe(8);
    expect(await user.call(user.exports.measure)).toBe(8);
    await provider.close();
    expect(() => user.exports.measure()).toThrow(/the guest was closed/);
    await user.close();
  });

  test("of an interface with other types is refused", async () => {
    const provider = await instantiate<Record<string, object>>(
      await assembleComponent(`(component
      (core module $m (func (export "f") (result i32) i32.const 1))
      (core instance $i (instantiate $m))
      (func $f (result u32) (canon lift (core func $i "f")))
      (instance $x (export "f" (func $f)))
      (export "a:b/c" (instance $x)))`),
    );
    const user = `(component (import "a:b/c" (instance (export "f" (func (result u64))))))`;
    await expect(instantiate(await assembleComponent(user), { imports: { "a:b/c": provider.exports["a:b/c"]! } }))
      .rejects.toThrow(/imported: func\(\) -> u64; provided: func\(\) -> u32/);
    await provider.close();
  });
});
