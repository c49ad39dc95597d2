/**
 * What every import has in common, whether it is made from its signature or written by hand: it finds memory where it is
 * now, ignores bits that its types don't have, and does nothing once the guest has ended.
 */

import { afterEach, describe, expect, test } from "vitest";
import { MemoryInput, memoryPlatform } from "../../src/platform/memory/mod.ts";
import { GuestMemory } from "../../src/preview1/abi/memory.ts";
import { preview1, unstable } from "../../src/preview1/abi/preview1.ts";
import type { System } from "../../src/preview1/system.ts";
import { instantiateGuest } from "../../src/runtime/guest/instantiate_guest.ts";
import { type ExportFunction, promising } from "../../src/runtime/jspi.ts";
import { errnoName } from "../../src/witx/errno.ts";
import { isPointer, type Parameter, type Signature } from "../../src/witx/signature.ts";
import { SIGNATURES } from "../../src/witx/signatures.ts";
import { type AbiGuest, type Argument, compiledProxy, MEMORY_SIZE } from "./abi_guest.ts";
import { Place, storeInputs, VALID_CALLS } from "./arguments.ts";
import { validGuest } from "./valid_guest.ts";
import { extensionCalls, openSockets, storeInputs as storeExtensionInputs } from "./wasmedge_calls.ts";
import { At, EXTENSION, WasmEdgeGuest } from "./wasmedge_guest.ts";

const closed: { close(): void }[] = [];

afterEach(() => {
  for (const made of closed.splice(0)) made.close();
});

interface Exporting {
  readonly instance: { readonly exports: WebAssembly.Exports };
}

function memoryOf({ instance }: Exporting): WebAssembly.Memory {
  return instance.exports["memory"] as WebAssembly.Memory;
}

/** What is in the first page of memory, wherever that is by now. */
function firstPage(at: Exporting): Uint8Array {
  return new Uint8Array(memoryOf(at).buffer, 0, MEMORY_SIZE).slice();
}

const RETURNING = Object.entries(VALID_CALLS).filter(([name]) => name !== "proc_exit");

/** Make a call. @returns Its errno, and what is in memory then. */
function outcomeOf(at: AbiGuest, name: string, args: readonly Argument[]): unknown {
  closed.push(at);
  const errno = errnoName(at.call(name, ...args));
  // Each file system in memory is another device.
  if (name.includes("filestat_get")) new DataView(memoryOf(at).buffer).setBigUint64(Place.RESULT, 0n);
  return [errno, firstPage(at)];
}

describe("memory that has grown before the call", () => {
  test.each(RETURNING)("is where %s looks and stores", (name, { args }) => {
    const grown = validGuest(name);
    memoryOf(grown).grow(1);
    expect(outcomeOf(grown, name, args)).toEqual(outcomeOf(validGuest(name), name, args));
  });

  test.each([...EXTENSION.keys()])("is where %s looks and stores", async (as) => {
    const outcomes: unknown[] = [];
    for (const grows of [false, true]) {
      const at = await WasmEdgeGuest.start();
      closed.push(at);
      const { args } = extensionCalls(await openSockets(at))[as.replace("_v2/", "/")]!;
      storeExtensionInputs(at);
      if (grows) memoryOf(at).grow(1);
      outcomes.push([await at.call(as, ...args), firstPage(at)]);
    }
    expect(outcomes[0]).toEqual(["SUCCESS", expect.anything()]);
    // The ports that the system chose may differ: all else does not.
    if (!as.includes("addr")) expect(outcomes[1]).toEqual(outcomes[0]);
    else expect(outcomes[1]).toEqual(["SUCCESS", expect.anything()]);
  });
});

describe("memory that has grown while the call waits", () => {
  async function waitingGuest(): Promise<Exporting & { readonly stdin: MemoryInput }> {
    const stdin = new MemoryInput();
    const loading = {
      compiled: compiledProxy("wasi_snapshot_preview1"),
      label: "proxy",
      basename: "app",
      bytes: undefined,
    };
    const instance = await instantiateGuest(loading, { stdin: "inherit" }, memoryPlatform({ stdin }), "suspend");
    closed.push(instance);
    storeInputs(new Uint8Array(memoryOf({ instance }).buffer));
    return { instance, stdin };
  }

  async function call(at: Exporting, name: string, ...args: readonly Argument[]): Promise<string> {
    return errnoName(await promising(at.instance.exports[name] as ExportFunction)(...args) as number);
  }

  test("is where fd_read stores", async () => {
    const at = await waitingGuest();
    const answer = call(at, "fd_read", 0, Place.VECTORS, 2, Place.RESULT);
    memoryOf(at).grow(1);
    at.stdin.push("abc");
    expect(await answer).toBe("SUCCESS");
    const bytes = firstPage(at);
    expect([bytes[Place.RESULT], bytes[Place.BUFFER]]).toEqual([3, 97]);
  });

  test("is where poll_oneoff stores", async () => {
    const at = await waitingGuest();
    new DataView(memoryOf(at).buffer).setUint8(Place.SUBSCRIPTION + 8, 1);
    const answer = call(at, "poll_oneoff", Place.SUBSCRIPTION, Place.BUFFER, 1, Place.RESULT);
    memoryOf(at).grow(1);
    at.stdin.push("abc");
    expect(await answer).toBe("SUCCESS");
    const bytes = firstPage(at);
    expect([bytes[Place.RESULT], bytes[Place.BUFFER + 10]]).toEqual([1, 1]);
  });

  test.each(["sock_accept/2", "sock_recv/6", "sock_recv_from/8"])("is where %s stores", async (as) => {
    const at = await WasmEdgeGuest.start();
    closed.push(at);
    const listener = await at.listen(80);
    const client = await at.open();
    const fd = as === "sock_recv/6"
      ? (await at.pair(81)).client
      : as === "sock_accept/2"
      ? listener
      : await at.datagrams(82);
    const args = {
      "sock_accept/2": [fd, At.RESULT],
      "sock_recv/6": [fd, at.vectors([At.DATA, 4]), 1, 0, At.RESULT, At.OTHER],
      "sock_recv_from/8": [fd, at.vectors([At.DATA, 4]), 1, at.record([], 128), 0, 500, At.RESULT, At.OTHER],
    }[as]!;
    const sender = await at.datagrams(83);
    const answer = at.call(as, ...args);
    memoryOf(at).grow(1);
    const bytes = new Uint8Array(memoryOf(at).buffer);
    const view = new DataView(memoryOf(at).buffer);
    bytes.set([127, 0, 0, 1], 60_000);
    bytes.set([97, 98], 60_010);
    for (const [ptr, word] of [[60_020, 60_000], [60_024, 4], [60_030, 60_010], [60_034, 2]] as const) {
      view.setUint32(ptr, word, true);
    }
    if (as === "sock_accept/2") await at.must("sock_connect/3", client, 60_020, 80);
    else if (as === "sock_recv/6") await at.must("sock_send/5", fd + 1, 60_030, 1, 0, 60_040);
    else await at.must("sock_send_to/7", sender, 60_030, 1, 60_020, 82, 0, 60_040);
    expect(await answer).toBe("SUCCESS");
    if (as === "sock_accept/2") expect(view.getUint32(At.RESULT, true)).toBeLessThan(20);
    else expect([view.getUint32(At.RESULT, true), bytes[At.DATA]]).toEqual([2, 97]);
  });
});

describe("bits that a type does not have", () => {
  const narrow = RETURNING.flatMap(([name, { args }]) =>
    SIGNATURES[name]!.params.flatMap(({ bits }, at) => bits < 32 ? [[name, at, bits, args] as const] : [])
  );

  test.each(narrow)("are ignored: %s, argument %i", (name, at, bits, args) => {
    const wide = args.map((arg, i) => i === at ? Number(arg) | 0x7fff_ffff << bits : arg);
    expect(outcomeOf(validGuest(name), name, wide)).toEqual(outcomeOf(validGuest(name), name, args));
  });
});

describe("once the guest has ended", () => {
  test.each([["preview1", preview1], ["unstable", unstable]])("no import of %s asks the system", (_name, make) => {
    const asked: string[] = [];
    const system = new Proxy({}, {
      get: (_target, part) => {
        asked.push(String(part));
        return {};
      },
    }) as System;
    const memory = new GuestMemory();
    memory.attach(new WebAssembly.Memory({ initial: 1 }));
    memory.outcome.end(new Error("over"));
    for (const [name, fn] of Object.entries(make(system, memory))) {
      const { params } = SIGNATURES[name] ?? EXTENSION.get(
        [...EXTENSION.keys()].find((as) => as.startsWith(`${name}/`))!,
      ) ??
        { params: [] };
      const args = params.map(({ core }) => core === "i64" ? 0n : 0);
      expect(() => (fn as (...args: readonly Argument[]) => unknown)(...args), name).toThrow(WebAssembly.RuntimeError);
    }
    expect(asked).toEqual([]);
  });
});

describe("signatures", () => {
  const TYPES = new Set(Object.values(SIGNATURES).flatMap(({ params }) => params.map(({ type }) => type)));

  test("have pointers where a call has something stored or read", () => {
    const pointers = ({ params }: Signature): number[] =>
      params.flatMap((param: Parameter, at) => isPointer(param) ? [at] : []);
    for (const [name, { pointers: known }] of Object.entries(VALID_CALLS)) {
      expect(pointers(SIGNATURES[name]!), name).toEqual(known.map(({ at }) => at).sort((a, b) => a - b));
    }
    expect(TYPES.size).toBeGreaterThan(20);
  });
});
