/** Go's wait for signals, which would keep a guest from its network (see RATIONALE.md). */

import { goFunctions } from "./go_functions.ts";
import { type Section, sectionsOf, WasmReader } from "./wasm_reader.ts";

/** Waits for signals, and for the end of a CPU profile: it calls Gosched until it finds that it was woken. */
const WAIT = "runtime.notetsleepg";

/** What it calls to let others run: the compiler puts `mcall(gosched_m)` in the place of Gosched unless told not to. */
const YIELDS = ["runtime.mcall", "runtime.Gosched"];

/** What it calls instead: the first of these that is linked in. The arguments are 64-bit numbers. */
const SLEEPS: readonly Sleep[] = [
  { name: "time.Sleep", args: [10_000_000] },
  // Receives from a nil channel, so never goes on. Nobody sends a guest signals; a profile is taken with time.Sleep.
  { name: "runtime.chanrecv1", args: [0, 0] },
];

interface Sleep {
  readonly name: string;
  readonly args: readonly number[];
}

/**
 * Make a Go guest sleep while it waits for signals: what it calls `runtime.Gosched` for in a loop, it calls
 * `time.Sleep` for.
 *
 * @param bytes Any module. It is left as it is.
 * @returns The changed module, or `bytes` itself if there is nothing to change, or anything is not as Go writes it.
 */
export function withSleepingSignals(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  try {
    const edits = sleepingSignals(bytes);
    return edits === undefined ? bytes : edited(bytes, edits);
  } catch {
    // Whatever is wrong with the module, the engine says it better.
    return bytes;
  }
}

/** Bytes to put in the place of others. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly by: readonly number[];
}

function sleepingSignals(bytes: Uint8Array): Edit[] | undefined {
  const sections = sectionsOf(bytes);
  const section = (id: number): Section | undefined => sections.find((section) => section.id === id);
  const [imports, functions, code] = [section(2), section(3), section(10)];
  if (imports === undefined || functions === undefined || code === undefined) return undefined;
  const importCount = yieldingImports(new WasmReader(bytes, imports.start, imports.end));
  if (importCount === undefined) return undefined;

  const named = goFunctions(bytes, sections, importCount, [WAIT, ...YIELDS, ...SLEEPS.map(({ name }) => name)]);
  const wait = named.get(WAIT);
  const sleep = SLEEPS.find(({ name }) => named.has(name));
  if (wait === undefined || sleep === undefined) return undefined;
  const body = bodyOf(bytes, code, wait);
  const yields = YIELDS.map((name) => named.get(name));
  const calls = callsIn(bytes, body, wait).filter(({ callee }) => yields.includes(callee - importCount));
  const call = calls[0];
  if (call === undefined || calls.length > 1) return undefined;

  const sleeper = named.get(sleep.name) as number;
  const types = typesOf(new WasmReader(bytes, functions.start, functions.end));
  if (types[sleeper] === undefined || types[sleeper] !== types[call.callee - importCount]) return undefined;
  return resized(code, body, [
    { from: call.start, to: call.start, by: sleep.args.flatMap(storeArgument) },
    { from: call.calleeAt, to: call.calleeEnd, by: signedLeb(sleeper + importCount) },
  ]);
}

/** The number of imports of a module that imports sched_yield and, as Go does, nothing but functions. */
function yieldingImports(reader: WasmReader): number | undefined {
  let yields = false;
  const count = reader.u32();
  for (let left = count; left > 0; left--) {
    reader.vector();
    yields ||= isText(reader.vector(), "sched_yield");
    if (reader.byte() !== 0) return undefined;
    reader.u32();
  }
  return yields ? count : undefined;
}
