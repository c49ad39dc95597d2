/** The list that `sock_getaddrinfo` fills. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Refusal } from "../../src/runtime/options/options.ts";
import { List, storeInputs, storeList } from "./wasmedge_calls.ts";
import { At, SUCCESS, WasmEdgeGuest } from "./wasmedge_guest.ts";
import { le } from "./abi_guest.ts";

const { RESULT } = At;
const PASSIVE = 1;
const NUMERICHOST = 4;
const NUMERICSERV = 8;
const STREAM = 2;
const DGRAM = 1;

let at: WasmEdgeGuest;

beforeAll(async () => {
  at = await WasmEdgeGuest.start();
});
afterAll(() => at.close());
beforeEach(() => storeInputs(at));

/** What to ask for. */
interface Question {
  readonly node?: string;
  readonly service?: string;
  readonly flags?: number;
  readonly family?: number;
  readonly type?: number;
  readonly most?: number;
}

/** A result, as the list has it. */
interface Result {
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
  readonly port: number;
  readonly ip: readonly number[];
}

async function ask({ node = "", service = "", flags = 0, family = 0, type = 0, most = 4 }: Question): Promise<string> {
  at.put(List.NODE, node);
  at.put(List.SERVICE, service);
  at.put(List.HINTS, le([flags, 2], [family, 1], [type, 1], [0, 4]));
  const bytes = (text: string): number => new TextEncoder().encode(text).length;
  const args = [List.NODE, bytes(node), List.SERVICE, bytes(service), List.HINTS, List.HEAD, most, RESULT];
  return await at.call("sock_getaddrinfo/8", ...args);
}

/** The entries that were filled. */
function results(): Result[] {
  const { view, bytes } = at;
  return Array.from({ length: at.u32(RESULT) }, (_, i) => {
    const entry = List.ENTRIES + 200 * i;
    const family = view.getUint8(entry + 2);
    const data = entry + 70;
    expect([view.getUint16(entry, true), at.u32(entry + 8), view.getUint8(entry + 50)]).toEqual([0, 16, family]);
    return {
      family,
      type: view.getUint8(entry + 3),
      protocol: at.u32(entry + 4),
      port: view.getUint16(data, false),
      ip: [...bytes.subarray(data + 2, data + 2 + (family === 1 ? 4 : 16))],
    };
  });
}

async function answer(question: Question): Promise<Result[] | string> {
  const errno = await ask(question);
  return errno === SUCCESS ? results() : errno;
}

const V6_TWO = [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];

test("an entry is filled to the byte, and what it does not have to tell stays", async () => {
  const entry = List.ENTRIES;
  const expected = at.bytes.slice();
  expected.set(new TextEncoder().encode("one.test"), List.NODE);
  expected.set(new TextEncoder().encode("8080"), List.SERVICE);
  expected.set(le([0, 2], [1, 1], [STREAM, 1], [0, 4]), List.HINTS);
  expected.set(le([0, 2], [1, 1], [STREAM, 1], [1, 4], [16, 4]), entry);
  // The canonical name is none; where it would be stays the guest's.
  expected.set(le([0, 4]), entry + 20);
  expected.set([1], entry + 50);
  expected.set([0x1f, 0x90, 10, 0, 0, 1], entry + 70);
  expected.set(le([1, 4]), RESULT);
  expect(await ask({ node: "one.test", service: "8080", family: 1, type: STREAM })).toBe(SUCCESS);
  expect([...at.bytes]).toEqual([...expected]);
});

describe("what is asked for", () => {
  const one = { family: 1, port: 0, ip: [10, 0, 0, 1] };
  const two4 = { family: 1, port: 0, ip: [10, 0, 0, 2] };
  const two6 = { family: 2, port: 0, ip: V6_TWO };
  const tcp = { type: STREAM, protocol: 1 };
  const udp = { type: DGRAM, protocol: 2 };

  test("is answered for both types, or for one", async () => {
    expect(await answer({ node: "one.test" })).toEqual([{ ...one, ...tcp }, { ...one, ...udp }]);
    expect(await answer({ node: "one.test", type: STREAM })).toEqual([{ ...one, ...tcp }]);
    expect(await answer({ node: "one.test", type: DGRAM })).toEqual([{ ...one, ...udp }]);
    expect(await answer({ node: "one.test", type: 3 })).toBe("INVAL");
  });

  test("is answered for both families, or for one", async () => {
    expect(await answer({ node: "two.test", type: STREAM })).toEqual([{ ...two4, ...tcp }, { ...two6, ...tcp }]);
    expect(await answer({ node: "two.test", type: STREAM, family: 1 })).toEqual([{ ...two4, ...tcp }]);
    expect(await answer({ node: "two.test", type: STREAM, family: 2 })).toEqual([{ ...two6, ...tcp }]);
    expect(await answer({ node: "one.test", family: 2 })).toBe("NOENT");
    expect(await answer({ node: "one.test", family: 3 })).toBe("AFNOSUPPORT");
  });

  test("may end with a NUL, as Rust's crate has it", async () => {
    expect(await answer({ node: "one.test\0", service: "80\0", type: STREAM })).toEqual([{ ...one, ...tcp, port: 80 }]);
    expect(await answer({ node: "one.test\0junk", type: STREAM })).toEqual([{ ...one, ...tcp }]);
  });

  test("may be an address, which asks nobody", async () => {
    expect(await answer({ node: "192.0.2.7", type: STREAM, flags: NUMERICHOST })).toEqual([
      { family: 1, port: 0, ip: [192, 0, 2, 7], ...tcp },
    ]);
    expect(await answer({ node: "fd00::2", type: STREAM })).toEqual([{ ...two6, ...tcp }]);
    expect(await answer({ node: "192.0.2.7", family: 2 })).toBe("NOENT");
    expect(await answer({ node: "one.test", flags: NUMERICHOST })).toBe("NOENT");
  });

  test("may be a service by its name, or a port", async () => {
    for (const [service, port] of [["http", 80], ["postgresql", 5432], ["0", 0], ["65535", 65535]] as const) {
      expect(await answer({ node: "one.test", service, type: STREAM })).toEqual([{ ...one, ...tcp, port }]);
    }
    for (const service of ["nonsense", "65536", "-1", "1e3", " 80"]) {
      expect(await answer({ node: "one.test", service }), service).toBe("INVAL");
    }
    expect(await answer({ node: "one.test", service: "http", flags: NUMERICSERV })).toBe("INVAL");
  });

  test("without a name is this machine, or all its addresses to listen at", async () => {
    expect(await answer({ service: "80", type: STREAM })).toEqual([
      { family: 1, port: 80, ip: [127, 0, 0, 1], ...tcp },
      { family: 2, port: 80, ip: [...new Array<number>(15).fill(0), 1], ...tcp },
    ]);
    expect(await answer({ service: "80", type: STREAM, flags: PASSIVE })).toEqual([
      { family: 1, port: 80, ip: [0, 0, 0, 0], ...tcp },
    ]);
    expect(await answer({ service: "80", type: STREAM, flags: PASSIVE, family: 2 })).toEqual([
      { family: 2, port: 80, ip: new Array<number>(16).fill(0), ...tcp },
    ]);
    expect(await answer({})).toBe("INVAL");
  });

  test("may have no answer", async () => {
    expect(await answer({ node: "missing.test" })).toBe("NOENT");
    expect(await answer({ node: "n".repeat(300) })).toBe("NOENT");
    at.put(List.NODE, [0xff]);
    expect(await at.call("sock_getaddrinfo/8", List.NODE, 1, List.SERVICE, 0, List.HINTS, List.HEAD, 4, RESULT)).toBe(
      "ILSEQ",
    );
  });
});

describe("the list", () => {
  test("gets as many as it may, and as many as it has entries", async () => {
    expect(await answer({ node: "two.test", most: 3 })).toHaveLength(3);
    expect(await answer({ node: "two.test", most: 4 })).toHaveLength(4);
    expect(await answer({ node: "two.test", most: -1 })).toHaveLength(4);
    storeList(at, { count: 2 });
    expect(await answer({ node: "two.test", most: 4 })).toHaveLength(2);
    expect(await answer({ node: "two.test", most: 0 })).toBe("INVAL");
    at.put(List.HEAD, le([0, 4]));
    expect(await ask({ node: "two.test" })).toBe(SUCCESS);
    expect(at.u32(RESULT)).toBe(0);
  });

  test("says 14 bytes for what has 26; other lengths are what they say", async () => {
    storeList(at, { said: 14 });
    expect(await answer({ node: "two.test", type: STREAM, family: 2 })).toHaveLength(1);
    storeList(at, { said: 18 });
    expect(await answer({ node: "two.test", type: STREAM, family: 2 })).toHaveLength(1);
    storeList(at, { said: 17 });
    expect(await answer({ node: "two.test", type: STREAM, family: 2 })).toBe("FAULT");
    storeList(at, { said: 6 });
    expect(await answer({ node: "two.test", type: STREAM, family: 1 })).toHaveLength(1);
    storeList(at, { said: 5 });
    expect(await answer({ node: "two.test", type: STREAM, family: 1 })).toBe("FAULT");
  });

  test("stays as it was when nothing is found", async () => {
    const before = at.bytes.slice(List.HEAD, List.HEAD + 2000);
    await ask({ node: "missing.test" });
    expect([...at.bytes.subarray(List.HEAD, List.HEAD + 2000)]).toEqual([...before]);
  });
});

test("names that the rules do not have are ACCES", async () => {
  const refusals: Refusal[] = [];
  const onRefused = (refusal: Refusal): void => void refusals.push(refusal);
  const guest = await WasmEdgeGuest.start({ net: { allow: ["one.test:80"], onRefused } });
  const other = at;
  at = guest;
  try {
    storeInputs(at);
    expect(await answer({ node: "one.test", type: STREAM })).toHaveLength(1);
    storeInputs(at);
    expect(await answer({ node: "two.test" })).toBe("ACCES");
    expect(refusals).toEqual([{ action: "lookup", target: "two.test", rule: "connect:two.test" }]);
  } finally {
    at = other;
    guest.close();
  }
});

test("without a network every name is ACCES, and an address is itself", async () => {
  const guest = await WasmEdgeGuest.start({ net: undefined });
  const other = at;
  at = guest;
  try {
    storeInputs(at);
    expect(await answer({ node: "localhost" })).toBe("ACCES");
    expect(await answer({ node: "192.0.2.7", type: STREAM })).toHaveLength(1);
  } finally {
    at = other;
    guest.close();
  }
});
