/** Exports and imports by the conventions of JavaScript, over functions that stand for those of a component. */

import { describe, expect, test } from "vitest";
import { Bindings } from "../../src/component/js/bindings.ts";
import type { Callee, Caller, ExportedInterface, ExportedItems } from "../../src/component/js/callee.ts";
import { ComponentError } from "../../src/component/js/errors.ts";
import { functionsByName, jsExports } from "../../src/component/js/exports.ts";
import type { Handle } from "../../src/component/js/handle.ts";
import { JsImports } from "../../src/component/js/imports.ts";
import { parseFunctionName, pascalCase, shortName, withoutVersion } from "../../src/component/js/names.ts";
import { ResourceType } from "../../src/component/link/resource_type.ts";
import type { FunctionType } from "../../src/component/types/function_type.ts";
import {
  borrowType,
  listType,
  optionType,
  ownType,
  recordType,
  resultType,
  tupleType,
} from "../../src/component/types/make.ts";
import { PRIMITIVES } from "../../src/component/types/primitive.ts";
import type { ValueType } from "../../src/component/types/value_type.ts";

const { u32, string } = PRIMITIVES;
const OWNER = {};

function func(params: readonly ValueType[], result?: ValueType): FunctionType {
  return { kind: "func", isAsync: false, params: params.map((type, i) => ({ name: `p${i}`, type })), result };
}

function callee(type: FunctionType, call: (...args: unknown[]) => unknown): Callee {
  return {
    type,
    mayWait: false,
    call: (args) => call(...args),
    callSuspending: async (args) => await Promise.resolve(call(...args)),
  };
}

class DirectCaller implements Caller {
  readonly destroyed: unknown[] = [];
  callSync(target: Callee, args: readonly unknown[]): unknown {
    return target.call(args);
  }
  async call(target: Callee, args: readonly unknown[]): Promise<unknown> {
    return await target.callSuspending(args);
  }
  destroy(handle: Handle): void {
    this.destroyed.push(handle.rep);
  }
}

interface Made {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly caller: DirectCaller;
  readonly bindings: Bindings;
  readonly items: ExportedItems;
}

function made(functions: Record<string, Callee>, resources: Record<string, ResourceType> = {}): Made {
  const api: ExportedInterface = {
    functions: new Map(Object.entries(functions)),
    resources: new Map(Object.entries(resources)),
  };
  const items: ExportedItems = {
    functions: new Map(),
    resources: new Map(),
    interfaces: new Map([["a:b/the-api@1.2.3", api]]),
  };
  const caller = new DirectCaller();
  const bindings = new Bindings(caller);
  return { exports: jsExports(items, bindings), caller, bindings, items };
}

/** A resource whose representation counts up. */
function counters(): Made & {
  readonly Counter: new (start: number) => Disposable & Record<string, (...args: unknown[]) => unknown>;
} {
  const type = new ResourceType("counter", undefined, OWNER);
  const values = new Map<unknown, number>();
  let last = 0;
  const add = (value: number): number => {
    values.set(++last, value);
    return last;
  };
  const all = made({
    "[constructor]counter": callee(func([u32], ownType(type)), (start) => add(start as number)),
    "[method]counter.value": callee(func([borrowType(type)], u32), (rep) => values.get(rep)),
    "[static]counter.merge": callee(
      func([ownType(type), ownType(type)], ownType(type)),
      (a, b) => add(values.get(a)! + values.get(b)!),
    ),
    "all": callee(func([listType(borrowType(type))], tupleType([u32, optionType(ownType(type))])), (reps) => {
      const list = reps as number[];
      return [list.length, list.length === 0 ? undefined : add(7)];
    }),
  }, { counter: type });
  return { ...all, Counter: (all.exports["theApi"] as Record<string, unknown>)["Counter"] as never };
}

describe("names", () => {
  test("of functions are taken apart", () => {
    expect(parseFunctionName("get-url")).toEqual({ kind: "function", name: "get-url" });
    expect(parseFunctionName("[constructor]blob")).toEqual({ kind: "constructor", resource: "blob" });
    expect(parseFunctionName("[method]my-blob.get-size")).toEqual({
      kind: "method",
      resource: "my-blob",
      name: "get-size",
    });
    expect(parseFunctionName("[static]blob.join")).toEqual({ kind: "static", resource: "blob", name: "join" });
  });

  test("of interfaces and classes", () => {
    expect(pascalCase("tcp-create-socket")).toBe("TcpCreateSocket");
    expect(withoutVersion("wasi:io/streams@0.2.12")).toBe("wasi:io/streams");
    expect(shortName("wasi:clocks/monotonic-clock@0.2.12")).toBe("monotonicClock");
  });
});

describe("exports", () => {
  test("an interface is found by its name, without its version, and by the last part", () => {
    const { exports } = made({ "add-all": callee(func([u32, u32], u32), (a, b) => (a as number) + (b as number)) });
    for (const name of ["a:b/the-api@1.2.3", "a:b/the-api", "theApi"]) {
      expect((exports[name] as Record<string, (...args: unknown[]) => unknown>)["addAll"]!(1, 2)).toBe(3);
    }
    expect(Object.keys(exports)).toEqual(["a:b/the-api@1.2.3"]);
  });

  test("two interfaces with the same last part have no short name", () => {
    const api: ExportedInterface = { functions: new Map(), resources: new Map() };
    const interfaces = new Map([["a:b/api@1.0.0", api], ["c:d/api@1.0.0", api]]);
    const exports = jsExports(
      { functions: new Map(), resources: new Map(), interfaces },
      new Bindings(new DirectCaller()),
    );
    expect(exports["api"]).toBeUndefined();
    expect(exports["c:d/api"]).toBeDefined();
  });

  test("a result is returned or thrown", () => {
    const type = func([u32], resultType(string, recordType([{ name: "the-code", type: u32 }])));
    const { exports } = made({
      "try": callee(type, (n) => n === 0 ? { tag: "ok", val: "fine" } : { tag: "err", val: { theCode: n } }),
    });
    const api = exports["theApi"] as Record<string, (n: number) => unknown>;
    expect(api["try"]!(0)).toBe("fine");
    try {
      api["try"]!(5);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ComponentError);
      expect((error as ComponentError).payload).toEqual({ theCode: 5 });
      expect((error as ComponentError).message).toContain('{"theCode":5}');
    }
  });

  test("call finds functions and methods", async () => {
    const { exports, bindings, items } = made({ "twice": callee(func([u32], u32), (a) => (a as number) * 2) });
    const api = exports["theApi"] as Record<string, (...args: unknown[]) => unknown>;
    expect(await bindings.call(api["twice"]!, [4])).toBe(8);
    expect(bindings.call(() => 1, [])).toBeUndefined();
    const byName = functionsByName(items, exports);
    expect([...byName.keys()]).toEqual(["a:b/the-api@1.2.3#twice", "a:b/the-api#twice"]);
    expect(byName.get("a:b/the-api#twice")).toBe(api["twice"]);
  });
});

describe("resources of a guest", () => {
  test("are objects of classes", () => {
    const { Counter } = counters();
    expect(Counter.name).toBe("Counter");
    expect(new Counter(5)["value"]!()).toBe(5);
  });

  test("are disposed of once", () => {
    const { Counter, caller } = counters();
    const counter = new Counter(5);
    counter[Symbol.dispose]();
    counter[Symbol.dispose]();
    expect(caller.destroyed).toEqual([1]);
    expect(() => counter["value"]!()).toThrow("Cannot use the resource counter: it was disposed of");
  });

  test("given away can't be used any more", () => {
    const { Counter, caller } = counters();
    const merge =
      (Counter as unknown as Record<string, (...args: unknown[]) => Record<string, () => unknown>>)["merge"]!;
    const [a, b] = [new Counter(1), new Counter(2)];
    expect(merge(a, b)["value"]!()).toBe(3);
    expect(() => a["value"]!()).toThrow("it was given to a guest");
    a[Symbol.dispose]();
    expect(caller.destroyed).toEqual([]);
  });

  test("stay with the caller if another argument is wrong", () => {
    const { Counter } = counters();
    const merge = (Counter as unknown as Record<string, (...args: unknown[]) => unknown>)["merge"]!;
    const counter = new Counter(1);
    expect(() => merge(counter, {})).toThrow("Cannot pass a value as the resource counter: it is no resource");
    expect(() => merge(counter, counter)).toThrow("it was given to a guest");
    expect(counter["value"]!()).toBe(1);
  });

  test("inside of other values", () => {
    const { Counter, exports } = counters();
    const all = (exports["theApi"] as Record<string, (list: unknown[]) => [number, object | undefined]>)["all"]!;
    expect(all([])).toEqual([0, undefined]);
    const [count, seven] = all([new Counter(1), new Counter(2)]);
    expect(count).toBe(2);
    expect(seven).toBeInstanceOf(Counter);
  });

  test("without a constructor can't be made", () => {
    const type = new ResourceType("token", undefined, OWNER);
    const { exports } = made({}, { token: type });
    const { Token } = exports["theApi"] as { Token: new () => unknown };
    expect(() => new Token()).toThrow("Cannot construct Token: the resource has no constructor");
  });
});

describe("imports", () => {
  const bindings = (): Bindings => new Bindings(new DirectCaller());

  test("are found by name, without version, and with a compatible version", () => {
    const found = (key: string, name: string): boolean => {
      return new JsImports({ [key]: {} }, bindings()).interface(name) !== undefined;
    };
    expect(found("a:b/c@1.2.0", "a:b/c@1.2.0")).toBe(true);
    expect(found("a:b/c", "a:b/c@1.2.0")).toBe(true);
    expect(found("a:b/c@1.9.0", "a:b/c@1.2.0")).toBe(true);
    expect(found("a:b/c@0.2.1", "a:b/c@0.2.12")).toBe(true);
    expect(found("a:b/c@2.0.0", "a:b/c@1.2.0")).toBe(false);
    expect(found("a:b/c@0.3.0", "a:b/c@0.2.0")).toBe(false);
  });

  test("that are undefined are missing", () => {
    const imports = new JsImports({ "a:b/c": undefined, "a:b/c@1.2.0": undefined }, bindings());
    expect(imports.interface("a:b/c@1.2.0")).toBeUndefined();
    expect(imports.interface("a:b/c@1.3.0")).toBeUndefined();
  });

  test("return or throw the payload of an error", () => {
    const imports = new JsImports({
      "a:b/c": {
        getIt: (n: number) => {
          // deno-lint-ignore no-throw-literal
          if (n === 1) throw "no-entry";
          if (n === 2) throw new ComponentError("busy");
          if (n === 3) throw new RangeError("a mistake");
          return n;
        },
      },
    }, bindings());
    const get = imports.interface("a:b/c")!.function("get-it", func([u32], resultType(u32, string)));
    expect(get([0])).toEqual({ tag: "ok", val: 0 });
    expect(get([1])).toEqual({ tag: "err", val: "no-entry" });
    expect(get([2])).toEqual({ tag: "err", val: "busy" });
    expect(() => get([3])).toThrow(RangeError);
  });

  test("may answer promises", async () => {
    const option = { "a:b/c": { get: async (n: number) => await Promise.resolve(n + 1) } };
    const get = new JsImports(option, bindings()).interface("a:b/c")!.function("get", func([u32], u32));
    expect(await get([1])).toBe(2);
  });

  test("have classes for resources", () => {
    const log: string[] = [];
    class Blob {
      readonly size: number;
      constructor(size: number) {
        this.size = size;
      }
      getSize(): number {
        return this.size;
      }
      static join(a: Blob, b: Blob): Blob {
        return new Blob(a.size + b.size);
      }
      [Symbol.dispose](): void {
        log.push(`dispose ${this.size}`);
      }
    }
    const blobs = new JsImports({ "a:b/c": { Blob } }, bindings()).interface("a:b/c")!;
    const type = blobs.resource("blob");
    expect(blobs.resource("blob")).toBe(type);
    const blob = blobs.function("[constructor]blob", func([u32], ownType(type)))([3]);
    expect(blob).toBeInstanceOf(Blob);
    expect(blobs.function("[method]blob.get-size", func([borrowType(type)], u32))([blob])).toBe(3);
    const joined = blobs.function("[static]blob.join", func([borrowType(type), borrowType(type)], ownType(type)));
    expect((joined([blob, blob]) as Blob).size).toBe(6);
    type.destroy(blob);
    expect(log).toEqual(["dispose 3"]);
  });

  test("that are missing are named", () => {
    const imports = new JsImports({ "a:b/c": {} }, bindings());
    const get = (): unknown => imports.interface("a:b/c")!.function("get-it", func([]));
    expect(get).toThrow('options.imports["a:b/c"] has no getIt, which the component imports');
    expect(() => imports.interface("a:b/c")!.resource("my-blob")).toThrow("has no MyBlob");
    expect(() => new JsImports({ "a:b/c": 1 }, bindings()).interface("a:b/c")).toThrow("pass an object of functions");
  });

  test("lend resources of the guest for the duration of a call", () => {
    const type = new ResourceType("counter", undefined, OWNER);
    const own = bindings();
    let kept: { [Symbol.dispose](): void } | undefined;
    const imports = new JsImports({ "a:b/c": { see: (counter: typeof kept) => void (kept = counter) } }, own);
    imports.interface("a:b/c")!.function("see", func([borrowType(type)]))([9]);
    expect(() => own.classes.unwrap(type, kept).check()).toThrow("lent for the duration of a call, which is over");
  });
});
