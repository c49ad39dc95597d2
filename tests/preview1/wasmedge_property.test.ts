/**
 * Arbitrary arguments for every function of the extension, in both versions: nothing is thrown, and nothing is stored
 * where it may not be. fast-check prints the seed and the calls of a failure.
 */

import process from "node:process";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Waiter, WaitMode } from "../../src/contract/platform.ts";
import { memoryPlatform, virtualNetwork } from "../../src/platform/memory/mod.ts";
import type { GuestInstance } from "../../src/runtime/guest/instance.ts";
import { instantiateGuest } from "../../src/runtime/guest/instantiate_guest.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { differences, MEMORY_SIZE } from "./abi_guest.ts";
import { type ExtensionCall, extensionCalls, List, openSockets, type Sockets, storeInputs } from "./wasmedge_calls.ts";
import { At, EXTENSION, extensionModule, WasmEdgeGuest } from "./wasmedge_guest.ts";

/** Scenarios; `WASIRUN_PROPERTY_RUNS` asks for more. */
const RUNS = Number(process.env["WASIRUN_PROPERTY_RUNS"] ?? "150");
const ERRNOS: ReadonlySet<number> = new Set(Object.values(Errno));

/** Thrown instead of waiting. */
class WouldWait extends Error {}

const REFUSING_WAITER: Waiter = {
  wait() {
    throw new WouldWait("The guest would wait");
  },
};

/** One call of a function, by the name of its export; `turns` lets the network have its turn first. */
interface Call {
  readonly name: string;
  readonly args: readonly number[];
  readonly turns: boolean;
}

const places = [...Object.values(At), ...Object.values(List)];
const number = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 20 }), weight: 8 },
  { arbitrary: fc.constantFrom(...places), weight: 6 },
  { arbitrary: fc.constantFrom(80, 5001, 5002, 53, 8080, 65535, 65536), weight: 3 },
  { arbitrary: fc.integer({ min: 0, max: MEMORY_SIZE }), weight: 2 },
  { arbitrary: fc.integer({ min: MEMORY_SIZE - 130, max: MEMORY_SIZE + 2 }), weight: 2 },
  { arbitrary: fc.constantFrom(-1, -8, 0x7fffffff, -0x80000000), weight: 1 },
  { arbitrary: fc.integer(), weight: 1 },
);

const SOCKETS: Sockets = { listener: 4, client: 5, server: 6, fresh: 8, one: 9, two: 10 };
const VALID: Readonly<Record<string, ExtensionCall>> = extensionCalls(SOCKETS);

function validCall(name: string): ExtensionCall {
  return VALID[name.replace("_v2/", "/")]!;
}

/** Arguments that are arbitrary throughout, or valid but for some. */
function argumentsOf(name: string): fc.Arbitrary<readonly number[]> {
  const { args } = validCall(name);
  const descriptor = fc.oneof({ arbitrary: fc.integer({ min: 0, max: 12 }), weight: 9 }, {
    arbitrary: number,
    weight: 1,
  });
  const arbitrary = args.map((_, i) => i === 0 ? descriptor : number);
  const mostlyValid = arbitrary.map((value, i) =>
    fc.oneof({ arbitrary: fc.constant(args[i]!), weight: 4 }, { arbitrary: value, weight: 1 })
  );
  return fc.oneof(fc.tuple(...arbitrary), fc.tuple(...mostlyValid), fc.tuple(...mostlyValid));
}

const call: fc.Arbitrary<Call> = fc.constantFrom(...EXTENSION.keys()).chain((name) =>
  fc.record({ name: fc.constant(name), args: argumentsOf(name), turns: fc.boolean() })
);

const scenario = fc.record({
  calls: fc.array(call, { minLength: 1, maxLength: 30 }),
  memory: fc.array(fc.tuple(fc.constantFrom(...places), fc.uint8Array({ maxLength: 140 })), { maxLength: 4 }),
  record: fc.option(fc.tuple(number, number)),
  nonBlocking: fc.boolean(),
  traced: fc.boolean(),
});

/** Where a call may store when it succeeds, as `[start, end)`. */
function writable({ name, args }: Call, bytes: Uint8Array): [number, number][] {
  if (name.startsWith("sock_getaddrinfo")) return [[0, MEMORY_SIZE]];
  const view = new DataView(bytes.buffer);
  const ranges: [number, number][] = [];
  for (const { at, size, isRecord } of validCall(name).pointers) {
    const ptr = args[at]! >>> 0;
    if (isRecord !== true) {
      ranges.push([ptr, ptr + Math.max(size, 16)]);
      continue;
    }
    const count = at === 1 && !name.includes("addr") ? Math.min(args[2]! >>> 0, 1024) : 1;
    for (let i = 0; i < count && ptr + 8 * i + 8 <= MEMORY_SIZE; i++) {
      const start = view.getUint32(ptr + 8 * i, true);
      ranges.push([start, start + view.getUint32(ptr + 8 * i + 4, true)]);
    }
  }
  // The length of an option, where it is a pointer.
  if (name.startsWith("sock_getsockopt")) ranges.push([args[4]! >>> 0, (args[4]! >>> 0) + 4]);
  return ranges;
}

/** Make a call and check what can be said of any. @returns False once it would wait, which ends the guest. */
async function checkCall(instance: GuestInstance, bytes: Uint8Array, made: Call): Promise<boolean> {
  if (made.turns) await new Promise((resolve) => setTimeout(resolve, 0));
  const before = bytes.slice();
  const ranges = writable(made, bytes);
  let errno: number;
  try {
    errno = await instance.calls.call(made.name, made.args) as number;
  } catch (error) {
    if (!(error instanceof WouldWait)) throw error;
    expect(differences(bytes, before), "memory after a call that would wait").toEqual([]);
    return false;
  }
  expect(ERRNOS.has(errno), `${errno} is an errno`).toBe(true);
  // Of a datagram whose sender found no room the bytes are stored all the same.
  const isLost = made.name.startsWith("sock_recv_from") && errno === Errno.INVAL;
  if (errno === Errno.SUCCESS || isLost) {
    for (const [start, end] of ranges) before.set(bytes.subarray(start, end), Math.min(start, MEMORY_SIZE));
  }
  expect(differences(bytes, before), `memory after ${made.name} answered ${errnoName(errno)}`).toEqual([]);
  return true;
}

/** Whatever memory holds, a trace shows each call in one line. */
function checkLine(line: string): void {
  expect(line).toMatch(/^[a-z_]+\(\P{Cc}*\)(?: => \P{Cc}+)?$/u);
}

/** What is received is stored over the record that says where the sender's address goes. */
const RECEIVED_OVER_ITS_ADDRESS = {
  calls: [{ name: "sock_recv_from/8", args: [10, 2000, 1, 2000, 0, 300, 100, 200], turns: false }],
  memory: [],
  record: [2000, 3] as [number, number],
  nonBlocking: false,
  traced: true,
};

test("no arguments make a function of the extension throw, or store where it may not", async () => {
  // Where sockets are opened they may wait; then nothing may.
  const opened = await WasmEdgeGuest.start();
  expect(await openSockets(opened)).toEqual(SOCKETS);
  opened.close();
  const loading = { compiled: extensionModule(), label: "extension", basename: "extension.wasm", bytes: undefined };
  await fc.assert(
    fc.asyncProperty(scenario, async (run) => {
      let refuses = false;
      const platform = memoryPlatform();
      const waiter = (mode: WaitMode): Waiter => {
        const patient = platform.waiter!(mode);
        return {
          wait: (...args) => refuses ? REFUSING_WAITER.wait(...args) : patient.wait(...args),
        };
      };
      const { network } = virtualNetwork({ hosts: { "one.test": "10.0.0.1" } });
      const net = { allow: ["127.0.0.1", "[::1]", "0.0.0.0/0:8080", "one.test:80", "unix:/"], network };
      const traced = run.traced ? { trace: checkLine } : {};
      const at = WasmEdgeGuest.over(
        await instantiateGuest(loading, { net, ...traced }, { ...platform, waiter }, "suspend"),
      );
      try {
        await openSockets(at);
        storeInputs(at);
        refuses = true;
        for (const [ptr, bytes] of run.memory) at.put(ptr, bytes);
        if (run.record !== null) run.record.forEach((word, i) => at.view.setInt32(At.RECORD + 4 * i, word, true));
        if (run.nonBlocking) {
          for (const fd of Object.values(SOCKETS)) await at.must("fd_fdstat_set_flags", fd, 4);
        }
        for (const made of run.calls) {
          if (!await checkCall(at.instance, at.bytes, made)) break;
        }
      } finally {
        at.close();
      }
    }),
    { numRuns: RUNS, examples: [[RECEIVED_OVER_ITS_ADDRESS]] },
  );
});
