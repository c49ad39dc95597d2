/** Patches Go's wait for signals (RATIONALE "Why is a Go module patched before it runs with a network?"). */

import { goFunctions } from "./functions.ts";
import { StepBudget } from "../module/step_budget.ts";
import { type Section, sectionsOf, WasmReader } from "../module/wasm_reader.ts";

/** Linked into programs that use `os/signal`. */
const RECEIVER = "os/signal.signal_recv";

/** Its wait function, which calls Gosched in a loop until it is woken. CPU profiles use it too. */
const WAIT = "runtime.notetsleepg";

/** What it calls to let others run. The compiler inlines Gosched, which is `mcall(gosched_m)`, unless optimisation is off. */
const YIELDS = ["runtime.mcall", "runtime.Gosched"];

/** A function to call instead, with its arguments of 64 bits. */
interface Sleep {
  readonly name: string;
  readonly args: readonly number[];
}

/** The first that is linked in is called. */
const SLEEPS: readonly Sleep[] = [
  { name: "time.Sleep", args: [100_000_000] },
  // A receive from a nil channel, which never ends: nothing sends signals here, and what takes profiles has time.Sleep.
  { name: "runtime.chanrecv1", args: [0, 0] },
];

const NAMES = [RECEIVER, WAIT, ...YIELDS, ...SLEEPS.map(({ name }) => name)];

/**
 * Limit on functions, names, segments and so on that are examined. The largest Go programs have about 100,000 of each.
 */
export const MAX_STEPS = 4_000_000;

/** Limit on the size of the wait function, which has a few hundred bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Patches a Go module to sleep where it waits for signals.
 *
 * @param bytes Any module; not modified.
 * @param budget Bounds the time; a module that exceeds it is not patched.
 * @returns The module to compile: `bytes` itself if there is no such wait, or it differs from what Go's compiler emits.
 */
export function withSleepingSignals(
  bytes: Uint8Array<ArrayBuffer>,
  budget: StepBudget = new StepBudget(MAX_STEPS),
): Uint8Array<ArrayBuffer> {
  try {
    return edited(bytes, sleepingSignals(bytes, budget));
  } catch {
    // The engine reports invalid modules.
    return bytes;
  }
}

/** A replacement of bytes. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly by: readonly number[];
}

function sleepingSignals(bytes: Uint8Array, budget: StepBudget): Edit[] {
  const sections = sectionsOf(bytes);
  const [imports, types, code] = [2, 3, 10].map((id) => sections.find((section) => section.id === id));
  if (imports === undefined || types === undefined || code === undefined) return [];
  const importCount = countImports(new WasmReader(bytes, imports.start, imports.end), budget);
  if (importCount === undefined) return [];

  const functions = goFunctions(bytes, sections, importCount, NAMES, budget);
  const wait = functions.get(WAIT);
  const sleep = SLEEPS.find(({ name }) => functions.has(name));
  if (!functions.has(RECEIVER) || wait === undefined || sleep === undefined) return [];
  const body = bodyOf(bytes, code, wait, budget);
  if (body.end - body.start > MAX_BODY_BYTES) return [];
  const yields = YIELDS.map((name) => functions.get(name));
  const [call, another] = callsIn(bytes, body, wait).filter(({ callee }) => yields.includes(callee - importCount));
  if (call === undefined || another !== undefined) return [];

  const callee = (functions.get(sleep.name) ?? 0) + importCount;
  const typesReader = new WasmReader(bytes, types.start, types.end);
  if (!haveSameType(typesReader, callee - importCount, call.callee - importCount, budget)) return [];
  return resized(code, body, [
    { from: call.start, to: call.start, by: sleep.args.flatMap(storeArgument) },
    { from: call.calleeStart, to: call.calleeEnd, by: leb128(callee) },
  ]);
}

/** How many functions are imported; undefined if sched_yield is not among them, or not only functions are. */
function countImports(reader: WasmReader, budget: StepBudget): number | undefined {
  let yields = false;
  const count = reader.u32();
  budget.spend(count);
  for (let left = count; left > 0; left--) {
    reader.oneOf([]);
    yields = reader.oneOf(["sched_yield"]) !== undefined || yields;
    if (reader.byte() !== 0) return undefined;
    reader.u32();
  }
  return yields ? count : undefined;
}

/** The body of a function. */
interface Body {
  /** Offset of its size. */
  readonly sizeAt: number;
  readonly start: number;
  readonly end: number;
}

function bodyOf(bytes: Uint8Array, code: Section, index: number, budget: StepBudget): Body {
  const reader = new WasmReader(bytes, code.start, code.end);
  reader.u32();
  budget.spend(index);
  for (let left = index;; left--) {
    const sizeAt = reader.at;
    const size = reader.u32();
    const start = reader.at;
    reader.skip(size);
    if (left === 0) return { sizeAt, start, end: reader.at };
  }
}

/** A call of a Go function. */
interface Call {
  /** Offset of its first instruction. Go's stack pointer, in local 1, is at the arguments there. */
  readonly start: number;
  readonly callee: number;
  readonly calleeStart: number;
  readonly calleeEnd: number;
}

/** SP -= 8, then the first instructions that store the return address: `local.get 1`, `i64.const`. */
const CALL = [0x20, 1, 0x41, 8, 0x6b, 0x22, 1, 0x24, 0, 0x20, 1, 0x42];
/** `i64.store`, `i32.const 0` for the callee to begin at its first block, `call`. */
const STORE_AND_CALL = [0x37, 3, 0, 0x41, 0, 0x10];
/** SP is loaded anew, and `br_if` leaves the function if the goroutine is to be switched. */
const AFTER_CALL = [0x23, 0, 0x21, 1, 0x0d];

/** A return address is the number of a function, from here on, and a block in it. */
const FIRST_FUNCTION = 0x1000;
const BLOCKS = 0x10000;

function callsIn(bytes: Uint8Array, body: Body, index: number): Call[] {
  const calls: Call[] = [];
  for (let start = body.start; start < body.end; start++) {
    if (!isAt(bytes, start, CALL)) continue;
    const reader = new WasmReader(bytes, start + CALL.length, body.end);
    const returnAddress = reader.signed();
    if (Math.floor(returnAddress / BLOCKS) !== index + FIRST_FUNCTION || !isAt(bytes, reader.at, STORE_AND_CALL)) {
      continue;
    }
    reader.skip(STORE_AND_CALL.length);
    const calleeStart = reader.at;
    const callee = reader.u32();
    if (isAt(bytes, reader.at, AFTER_CALL)) calls.push({ start, callee, calleeStart, calleeEnd: reader.at });
  }
  return calls;
}

function isAt(bytes: Uint8Array, at: number, expected: readonly number[]): boolean {
  return expected.every((byte, i) => bytes[at + i] === byte);
}

function haveSameType(reader: WasmReader, one: number, other: number, budget: StepBudget): boolean {
  const found: number[] = [];
  const count = reader.u32();
  budget.spend(count);
  for (let i = 0; i < count; i++) {
    const type = reader.u32();
    if (i === one || i === other) found.push(type);
  }
  return one === other ? found.length === 1 : found.length === 2 && found[0] === found[1];
}

/** `local.get 1`, `i64.const`, `i64.store`: arguments are on Go's stack, one behind the other. */
function storeArgument(value: number, i: number): number[] {
  return [0x20, 1, 0x42, ...leb128(value), 0x37, 3, ...leb128(8 * i)];
}

/** A number of up to 31 bits so that it is the same signed and unsigned. */
function leb128(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value;; rest >>>= 7) {
    if (rest < 0x40) return [...bytes, rest];
    bytes.push(rest & 0x7f | 0x80);
  }
}

/** The edits of a body and those of the sizes in front of it. */
function resized(code: Section, body: Body, edits: readonly Edit[]): Edit[] {
  const size: Edit = { from: body.sizeAt, to: body.start, by: leb128(body.end - body.start + growthOf(edits)) };
  const inSection = [size, ...edits];
  const sectionSize = leb128(code.end - code.start + growthOf(inSection));
  return [{ from: code.sizeAt, to: code.start, by: sectionSize }, ...inSection];
}

function growthOf(edits: readonly Edit[]): number {
  return edits.reduce((growth, { from, to, by }) => growth + by.length - (to - from), 0);
}

function edited(bytes: Uint8Array<ArrayBuffer>, edits: readonly Edit[]): Uint8Array<ArrayBuffer> {
  if (edits.length === 0) return bytes;
  const result = new Uint8Array(bytes.length + growthOf(edits));
  let [copied, at] = [0, 0];
  for (const { from, to, by } of edits) {
    result.set(bytes.subarray(copied, from), at);
    at += from - copied;
    result.set(by, at);
    at += by.length;
    copied = to;
  }
  result.set(bytes.subarray(copied), at);
  return result;
}
