import fc from "fast-check";
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { goFunctions } from "../../src/runtime/go/functions.ts";
import { MAX_STEPS, withSleepingSignals } from "../../src/runtime/go/signals.ts";
import { StepBudget } from "../../src/runtime/module/step_budget.ts";
import { type Section, sectionsOf, WasmReader } from "../../src/runtime/module/wasm_reader.ts";
import { type NetOptions, run } from "wasirun";
import { goGuest } from "../tools/guests.ts";
import { assemble } from "../tools/wat.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const CUSTOM = 0;
const IMPORTS = 2;
const CODE = 10;

/** Number of the first function in a return address, whose lower 16 bits are a block. */
const WAIT_ADDRESS = 0x1000_0002;

/** A call as Go's compiler writes it. */
function callText(callee: string, address = WAIT_ADDRESS, size = 8): string {
  return `(block
    local.get 1 i32.const ${size} i32.sub local.tee 1 global.set 0
    local.get 1 i64.const ${address} i64.store
    i32.const 0 call $${callee}
    global.get 0 local.set 1 br_if 0)`;
}

/** A function that notes its number and the first two values on the stack, behind the return address. */
function noteText(name: string, number: number): string {
  return `(func $${name} (param i32) (result i32)
    (i32.store (i32.const 0) (i32.const ${number}))
    (i64.store (i32.const 8) (i64.load offset=8 (global.get 0)))
    (i64.store (i32.const 16) (i64.load offset=16 (global.get 0)))
    (i32.const 1))`;
}

interface Parts {
  /** In the body of the function that waits. */
  readonly calls?: string;
  readonly imports?: string;
  /** Names of the functions. */
  readonly names?: readonly string[];
  readonly more?: string;
}

const NAMES = ["runtime.mcall", "runtime.Gosched", "time.Sleep", "runtime.chanrecv1"];

/** What a Go module has of all this, in small. Its function `wait` waits. */
function waitingModule({ calls = callText("runtime.mcall"), imports = "", names = NAMES, more = "" }: Parts): Bytes {
  return assemble(
    "waiting.wat",
    `(module
      (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
      ${imports}
      (memory (export "memory") 1)
      (global (mut i32) (i32.const 1024))
      (func $runtime.notetsleepg (export "wait") (param i32) (result i32) (local i32)
        global.get 0 local.set 1 ${calls} i32.const 1)
      (func $os_signal.signal_recv)
      ${names.map((name, i) => noteText(name, i)).join("\n")}
      ${more})`,
  );
}

/** What the function that waits calls, and with which arguments, if it gets as far. */
function called(bytes: Bytes): unknown {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    wasi_snapshot_preview1: { sched_yield: () => 0 },
  });
  const memory = new DataView((exports["memory"] as WebAssembly.Memory).buffer);
  for (let at = 1000; at < 1100; at++) memory.setUint8(at, 0xff);
  (exports["wait"] as (block: number) => number)(0);
  return [NAMES[memory.getUint32(0, true)], memory.getBigInt64(8, true), memory.getBigInt64(16, true)];
}

describe("the call that yields becomes one that sleeps", () => {
  const slept = ["time.Sleep", 100_000_000n, -1n];

  test.each(["runtime.mcall", "runtime.Gosched"])("in the place of %s", (callee) => {
    const bytes = waitingModule({ calls: callText(callee) });
    expect(called(bytes)).toEqual([callee, -1n, -1n]);
    expect(called(withSleepingSignals(bytes))).toEqual(slept);
  });

  test("without time.Sleep, it receives from no channel", () => {
    const bytes = waitingModule({ names: ["runtime.mcall", "runtime.Gosched", "other", "runtime.chanrecv1"] });
    expect(called(withSleepingSignals(bytes))).toEqual(["runtime.chanrecv1", 0n, 0n]);
  });

  test("whatever lengths the numbers have that tell sizes", () => {
    for (const count of [0, 20, 40, 60, 80, 100, 16_100, 16_320]) {
      for (let nops = count; nops < count + 20; nops++) {
        const calls = callText("runtime.mcall") + " nop".repeat(nops);
        expect(called(withSleepingSignals(waitingModule({ calls })))).toEqual(slept);
      }
    }
  });
});

describe("a module is left as it is", () => {
  test.each<[string, Bytes]>([
    ["with two calls", waitingModule({ calls: callText("runtime.mcall") + callText("runtime.Gosched") })],
    ["with a call of anything else", waitingModule({ calls: callText("runtime.chanrecv1") })],
    ["with the return address of another function", waitingModule({ calls: callText("runtime.mcall", 0x1001_0002) })],
    ["with another frame", waitingModule({ calls: callText("runtime.mcall", WAIT_ADDRESS, 16) })],
    ["with an import that is no function", waitingModule({ imports: '(import "env" "table" (table 1 funcref))' })],
    ["without what could be called", waitingModule({ names: ["runtime.mcall", "runtime.Gosched"] })],
    [
      "with something else of that name",
      waitingModule({
        names: ["runtime.mcall", "runtime.Gosched", "other", "runtime.chanrecv1"],
        more: "(func $time.Sleep (param i64))",
      }),
    ],
    ["without names and data", withoutNames(waitingModule({}))],
    ["without anything", assemble("empty.wat", "(module)")],
    ["without a byte", new Uint8Array()],
  ])("%s", (_, bytes) => {
    expect(withSleepingSignals(bytes)).toBe(bytes);
  });

  test.each(["sched_yield", "os_signal.signal_recv", "runtime.notetsleepg"])("without %s", (name) => {
    const bytes = waitingModule({});
    const at = Buffer.from(bytes.buffer).indexOf(name);
    expect(at).toBeGreaterThan(0);
    bytes[at] = 0x53;
    expect(withSleepingSignals(bytes)).toBe(bytes);
  });

  test("if it is cut", () => {
    const bytes = waitingModule({});
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.slice(0, length);
      expect(withSleepingSignals(cut)).toBe(cut);
    }
  });

  test("if it is no module", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (content) => {
      const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...content);
      expect(withSleepingSignals(bytes)).toBe(bytes);
    }));
  });

  test("or else it is as valid as before, with any bytes changed", () => {
    const original = waitingModule({});
    const change = fc.tuple(fc.nat(original.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = original.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        const result = withSleepingSignals(bytes);
        if (WebAssembly.validate(bytes)) expect(WebAssembly.validate(result)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

/** A number of any size. */
function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value;; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push(rest % 128 + 128);
  }
}

type Part = readonly number[] | Uint8Array;

function joined(...parts: readonly Part[]): Bytes {
  return new Uint8Array(Buffer.concat(parts.map((part) => Uint8Array.from(part))));
}

function section(id: number, ...content: readonly Part[]): Bytes {
  const bytes = joined(...content);
  return joined([id], leb(bytes.length), bytes);
}

function filled(count: number, ...item: readonly number[]): Bytes {
  const bytes = new Uint8Array(count * item.length);
  for (let i = 0; i < count; i++) bytes.set(item, i * item.length);
  return bytes;
}

function words(...values: readonly number[]): Bytes {
  return new Uint8Array(new BigUint64Array(values.map(BigInt)).buffer);
}

/** The import that makes a module worth a look, behind others. */
const SCHED_YIELD = joined([1, 0x61, 11], Buffer.from("sched_yield"), [0, 0]);

/** A module with sections for types, imports, functions and code that are read first. */
function crafted(parts: { imports?: Bytes; code?: Bytes; more?: readonly Bytes[] } = {}): Bytes {
  return joined(
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, [0]),
    section(IMPORTS, parts.imports ?? joined([1], SCHED_YIELD)),
    section(3, [0]),
    section(CODE, parts.code ?? [0]),
    ...(parts.more ?? []),
  );
}

function nameSection(...names: readonly Part[]): Bytes {
  return section(CUSTOM, [4], Buffer.from("name"), [1], [0], ...names);
}

/** The table for stack traces in a segment of its own. */
function tableSection(table: Bytes): Bytes {
  return section(11, [1, 0, 0x41, 0, 0x0b], leb(table.length), table);
}

const HEADER = [0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8];
const MANY = 6_000_000;

/** Names of the functions that are looked for, with their numbers. */
function wantedNames(number: number): Part[] {
  const names = ["os_signal.signal_recv", "runtime.notetsleepg", "runtime.mcall", "time.Sleep"];
  return names.flatMap((name) => [leb(number), [name.length], Buffer.from(name)]);
}

const CRAFTED: Readonly<Record<string, () => Bytes>> = {
  "sections": () => joined([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], filled(MANY, 0, 1, 0)),
  "imports": () => crafted({ imports: joined(leb(MANY + 1), filled(MANY, 0, 0, 0, 0), SCHED_YIELD) }),
  "names": () => crafted({ more: [nameSection(leb(MANY), filled(MANY, 0, 0))] }),
  "segments": () => crafted({ more: [section(11, leb(MANY), filled(MANY, 0, 0x41, 0, 0x0b, 0))] }),
  "segments of a table": () => {
    const first = joined([0, 0x41, 0, 0x0b, 8], HEADER);
    return crafted({ more: [section(11, leb(MANY + 1), first, filled(MANY, 0, 0x41, 8, 0x0b, 0))] });
  },
  "names in the table that are empty": () => {
    const header = joined(HEADER, words(0, 0, 0, 72, 72 + MANY, 0, 0, 72));
    return crafted({ more: [tableSection(joined(header, new Uint8Array(MANY + 16)))] });
  },
  "functions in the table": () => {
    const table = joined(HEADER, words(MANY, 0, 0, 72, 73, 0, 0, 80), new Uint8Array(8 * MANY + 100));
    return crafted({ more: [tableSection(table)] });
  },
  "functions in front of the one that waits": () =>
    crafted({
      code: joined(leb(MANY), filled(MANY, 0)),
      more: [nameSection(leb(4), ...wantedNames(MANY - 1))],
    }),
  "bytes in the function that waits": () => {
    const call = [0x20, 1, 0x41, 8, 0x6b, 0x22, 1, 0x24, 0, 0x20, 1, 0x42, 0x80, 0x80, 0x80, 0x80, 1];
    const body = filled(500_000, ...call, 0x37, 3, 0, 0x41, 0, 0x10, 0, 0x23, 0, 0x21, 1, 0x0d);
    return crafted({
      code: joined([1], leb(body.length), body),
      more: [nameSection(leb(4), ...wantedNames(1))],
    });
  },
};

describe("a module is left as it is, after a bounded number of steps and without a list of them,", () => {
  test.each(Object.entries(CRAFTED))("that has millions of %s", (_name, make) => {
    const bytes = make();
    const budget = new StepBudget(MAX_STEPS);
    expect(withSleepingSignals(bytes, budget) === bytes).toBe(true);
    expect(budget.spent).toBeLessThanOrEqual(MAX_STEPS);
  });

  test("that has few of each, if no more steps are left", () => {
    const bytes = waitingModule({});
    const budget = new StepBudget(MAX_STEPS);
    expect(withSleepingSignals(bytes, budget) === bytes).toBe(false);
    for (let steps = 0; steps < budget.spent; steps++) {
      expect(withSleepingSignals(bytes, new StepBudget(steps)) === bytes).toBe(true);
    }
    expect(withSleepingSignals(bytes, new StepBudget(budget.spent)) === bytes).toBe(false);
  });

  test("whose sections are more than 10,000", () => {
    const most = joined([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], filled(10_000, 0, 1, 0));
    expect(sectionsOf(most)).toHaveLength(10_000);
    expect(() => sectionsOf(joined(most, [0, 1, 0]))).toThrow(RangeError);
  });
});

describe("the option patchGoSignals", () => {
  async function traceOf(net: NetOptions): Promise<string[]> {
    const lines: string[] = [];
    const module = waitingModule({ more: '(func (export "_start"))' });
    await run(module, { net, trace: (line) => lines.push(line) });
    return lines;
  }

  test("is on, and the trace tells of a change", async () => {
    const line = "patched the module: its wait for signals sleeps (net.patchGoSignals)";
    expect(await traceOf({ allow: true })).toEqual([line]);
    expect(await traceOf({ allow: true, patchGoSignals: true })).toEqual([line]);
  });

  test("turns it off", async () => {
    expect(await traceOf({ allow: true, patchGoSignals: false })).toEqual([]);
    expect(await traceOf({})).toEqual([]);
  });
});

describe("Go's compiler and linker", () => {
  let server: Bytes;
  let echo: Bytes;
  let other: Bytes;

  beforeAll(async () => {
    const read = async (name: string): Promise<Bytes> => new Uint8Array(await readFile(await goGuest(name)));
    [server, echo, other] = [await read("signalserver"), await read("signalecho"), await read("listenfds")];
  });

  test("write what is changed, in one function", () => {
    for (const [bytes, callee] of [[server, "time.Sleep"], [echo, "runtime.chanrecv1"]] as const) {
      const result = withSleepingSignals(bytes);
      expect(WebAssembly.validate(result)).toBe(true);
      const [before, after] = [bodies(bytes), bodies(result)];
      const changed = before.flatMap((body, i) => Buffer.compare(body, after[i]!) === 0 ? [] : [i]);
      const functions = functionsOf(bytes, ["runtime.notetsleepg", callee]);
      expect(changed).toEqual([functions.get("runtime.notetsleepg")]);
      expect(after.length).toBe(before.length);
      expect(calleesOf(after[changed[0]!]!)).toContain(functions.get(callee)! + importCount(bytes));
      expect(withoutCode(result)).toEqual(withoutCode(bytes));
    }
  });

  test("write the same without names (-s)", () => {
    for (const bytes of [server, echo]) {
      const stripped = withoutNames(bytes);
      const result = withSleepingSignals(stripped);
      expect(Buffer.compare(result, stripped)).not.toBe(0);
      expect(Buffer.compare(result, withoutNames(withSleepingSignals(bytes)))).toBe(0);
    }
  });

  test("write a table in which functions are found as by their names", () => {
    const names = [
      "os/signal.signal_recv",
      "runtime.notetsleepg",
      "runtime.mcall",
      "time.Sleep",
      "main.main",
      "nothing",
    ];
    expect([...functionsOf(withoutNames(server), names)].sort()).toEqual([...functionsOf(server, names)].sort());
  });

  test("write nothing to change where no signal is asked for", () => {
    expect(withSleepingSignals(other) === other).toBe(true);
    const stripped = withoutNames(other);
    expect(withSleepingSignals(stripped) === stripped).toBe(true);
  });

  test("write a table that may be broken", () => {
    const stripped = withoutNames(echo);
    const table = Buffer.from(stripped.buffer).indexOf(Uint8Array.of(0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8));
    expect(table).toBeGreaterThan(0);
    const at = fc.oneof(fc.integer({ min: -20, max: 100 }), fc.integer({ min: 100, max: 500_000 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(at, fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = stripped.slice();
        for (const [offset, byte] of changes) bytes[table + offset] = byte;
        const result = withSleepingSignals(bytes);
        if (result !== bytes && WebAssembly.validate(bytes)) expect(WebAssembly.validate(result)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

function sectionOf(bytes: Bytes, id: number): Section {
  return sectionsOf(bytes).find((section) => section.id === id)!;
}

function importCount(bytes: Bytes): number {
  const { start, end } = sectionOf(bytes, IMPORTS);
  return new WasmReader(bytes, start, end).u32();
}

function functionsOf(bytes: Bytes, names: readonly string[]): Map<string, number> {
  return goFunctions(bytes, sectionsOf(bytes), importCount(bytes), names, new StepBudget(MAX_STEPS));
}

function bodies(bytes: Bytes): Uint8Array[] {
  const { start, end } = sectionOf(bytes, CODE);
  const reader = new WasmReader(bytes, start, end);
  return Array.from({ length: reader.u32() }, () => reader.vector());
}

/** What is called with `i32.const 0`, `call`. */
function calleesOf(body: Uint8Array): number[] {
  const callees: number[] = [];
  for (let at = 0; at + 3 < body.length; at++) {
    if (body[at] === 0x41 && body[at + 1] === 0 && body[at + 2] === 0x10) {
      callees.push(new WasmReader(body, at + 3).u32());
    }
  }
  return callees;
}

/** The module without a section: its id, its size and its content. */
function without(bytes: Bytes, unwanted: (section: Section) => boolean): Bytes {
  const kept = sectionsOf(bytes).filter((section) => !unwanted(section));
  return new Uint8Array(
    Buffer.concat([bytes.subarray(0, 8), ...kept.map(({ sizeAt, end }) => bytes.subarray(sizeAt - 1, end))]),
  );
}

function withoutNames(bytes: Bytes): Bytes {
  return without(bytes, ({ id, start }) => id === CUSTOM && new WasmReader(bytes, start).oneOf(["name"]) !== undefined);
}

function withoutCode(bytes: Bytes): Bytes {
  return without(bytes, ({ id }) => id === CODE);
}
