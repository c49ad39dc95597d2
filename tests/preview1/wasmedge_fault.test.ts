/** Pointers of the extension's functions that lead out of memory: FAULT, nothing is stored, and nothing is done. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differences, le, MEMORY_SIZE } from "./abi_guest.ts";
import { extensionCalls, List, openSockets, type Pointer, type Sockets, storeInputs } from "./wasmedge_calls.ts";
import { At, EXTENSION, lastOf, SUCCESS, WasmEdgeGuest } from "./wasmedge_guest.ts";
import { readableBytesOf } from "../../src/preview1/descriptor.ts";

const NAMES = Object.keys(extensionCalls({ listener: 0, client: 0, server: 0, fresh: 0, one: 0, two: 0 }));
const OUTSIDE = [MEMORY_SIZE, 0x7fffffff, -0x80000000, -1];

/** What sockets hold, for comparison. */
function state({ instance: { system } }: WasmEdgeGuest): unknown {
  return Array.from({ length: 20 }, (_, fd) => {
    const object = system.table.get(fd)?.object;
    const local = { address: undefined };
    system.sock.getLocalAddr(fd, local);
    return [object?.filetype, object === undefined ? 0 : readableBytesOf(object), local.address];
  });
}

/** Make a call that is to answer FAULT and to do nothing. */
async function expectFault(at: WasmEdgeGuest, name: string, args: readonly number[], what: string): Promise<void> {
  const [bytes, before] = [at.bytes.slice(), state(at)];
  expect(await at.call(name, ...args), what).toBe("FAULT");
  expect(differences(at.bytes, bytes), what).toEqual([]);
  expect(state(at), what).toEqual(before);
}

test("the table has every function in every version, with its number of arguments", () => {
  const plain = [...EXTENSION].filter(([, { name }]) => !name.endsWith("_v2"));
  expect([...NAMES].sort()).toEqual(plain.map(([as]) => as).sort());
  const calls = extensionCalls({ listener: 0, client: 0, server: 0, fresh: 0, one: 0, two: 0 });
  for (const [as, { params }] of plain) expect(calls[as]!.args.length, as).toBe(params.length);
});

describe.each(NAMES)("%s", (name) => {
  let at: WasmEdgeGuest;
  let sockets: Sockets;

  beforeAll(async () => {
    at = await WasmEdgeGuest.start();
    sockets = await openSockets(at);
    storeInputs(at);
  });
  afterAll(() => at.close());

  const withArgument = (args: readonly number[], { at: index }: Pointer, value: number): number[] =>
    args.map((arg, i) => i === index ? value | 0 : arg);

  test("with a pointer outside of memory is FAULT", async () => {
    const { args, pointers } = extensionCalls(sockets)[name]!;
    for (const pointer of pointers) {
      for (const ptr of [...OUTSIDE, lastOf(pointer.size) + 1, -pointer.size]) {
        await expectFault(at, name, withArgument(args, pointer, ptr), `argument ${pointer.at}: ${ptr}`);
      }
    }
  });

  test("with a record that leads out of memory is FAULT", async () => {
    const { args, pointers } = extensionCalls(sockets)[name]!;
    for (const pointer of pointers.filter(({ isRecord }) => isRecord === true)) {
      for (
        const [start, length] of [[lastOf(3), 4], [0xffffffff, 1], [0, MEMORY_SIZE + 1], [8, -1], [-1, -1]] as const
      ) {
        const ptr = at.put(20_000, le([start, 4], [length, 4]));
        await expectFault(at, name, withArgument(args, pointer, ptr), `record ${start} ${length}`);
      }
    }
  });

  test("goes on as if nothing had been, with the last bytes of memory", async () => {
    const { args, pointers } = extensionCalls(sockets)[name]!;
    const last = pointers.at(-1);
    if (last === undefined) return expect(await at.call(name, ...args)).toBe(SUCCESS);
    // What is read moves with its pointer.
    const target = lastOf(last.size);
    at.bytes.copyWithin(target, args[last.at]!, args[last.at]! + last.size);
    expect(await at.call(name, ...withArgument(args, last, target))).toBe(SUCCESS);
  });
});

describe("sock_getaddrinfo", () => {
  const args = [List.NODE, 8, List.SERVICE, 2, List.HINTS, List.HEAD, 4, At.RESULT];
  let at: WasmEdgeGuest;

  beforeAll(async () => {
    at = await WasmEdgeGuest.start();
  });
  afterAll(() => at.close());

  test("stores nothing if some part of its list lies outside, the last one as well", async () => {
    const entry = List.ENTRIES;
    const second = entry + 200;
    for (
      const [ptr, value] of [
        ...[lastOf(27), MEMORY_SIZE, -1].flatMap((out) => [[List.HEAD, out], [entry + 24, out]] as const),
        ...[0, lastOf(11), -1].flatMap((out) => [[entry + 12, out], [second + 12, out]] as const),
        ...[lastOf(25), -1].flatMap((out) => [[entry + 58, out], [second + 58, out]] as const),
        ...[0, 5, -1, MEMORY_SIZE].flatMap((out) => [[entry + 54, out], [second + 54, out]] as const),
      ]
    ) {
      storeInputs(at);
      at.put(ptr, le([value, 4]));
      await expectFault(at, "sock_getaddrinfo/8", args, `${value} at ${ptr}`);
    }
  });

  test("does not go round for ever in a list without an end", async () => {
    storeInputs(at);
    at.put(List.NODE, "two.test");
    at.put(List.ENTRIES + 24, le([List.ENTRIES, 4]));
    expect(await at.call("sock_getaddrinfo/8", ...args.with(6, -1))).toBe(SUCCESS);
    expect(at.u32(At.RESULT)).toBe(4);
  });
});
