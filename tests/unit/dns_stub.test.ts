/** The name server within the host. */

import dnsPacket, { type OptAnswer, type RecordType } from "dns-packet";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import dgram from "node:dgram";
import dns from "node:dns/promises";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type { PlatformLookup, SocketAddress, Wakeable } from "../../src/contract/network.ts";
import { inetAddress } from "../../src/contract/address.ts";
import { DnsConnection } from "../../src/core/net/dns/connection.ts";
import { DnsStub } from "../../src/core/net/dns/stub.ts";
import { nameLookup } from "../../src/core/net/name_lookup.ts";
import { NetPolicy } from "../../src/core/net/policy/policy.ts";
import { HOSTS, NAME_SERVER, RESOLV_CONF, RESOLVER_FILES, SERVICES } from "../../src/core/net/dns/resolver_files.ts";
import { Errno } from "../../src/witx/errno.ts";
import type { Failure } from "../../src/contract/results.ts";

const A = 1;
const NS = 2;
const TXT = 16;
const AAAA = 28;
const ANY = 255;
const TYPES: Readonly<Record<number, RecordType>> = {
  [A]: "A",
  [NS]: "NS",
  12: "PTR",
  [TXT]: "TXT",
  [AAAA]: "AAAA",
  [ANY]: "ANY" as RecordType,
};
const RESPONSE = 0x8000;

/** What the host's resolver knows. */
const KNOWN: Readonly<Record<string, readonly string[] | Errno>> = {
  "two.test": ["192.0.2.1", "192.0.2.2", "2001:db8::1"],
  "four.test": ["192.0.2.4"],
  "mapped.test": ["::ffff:192.0.2.9"],
  "many.test": Array.from({ length: 300 }, (_, i) => `10.0.${i >> 8}.${i & 255}`),
  "later.test": Errno.AGAIN,
  "broken.test": Errno.IO,
  "refused.test": Errno.ACCES,
};

function known(name: string): Promise<readonly SocketAddress[] | Errno> {
  const found = KNOWN[name] ?? Errno.NOENT;
  return Promise.resolve(typeof found === "number" ? found : found.map((host) => inetAddress(host, 0)!));
}

function stub(policy: NetPolicy = NetPolicy.all()): DnsStub {
  return new DnsStub(policy, known);
}

interface QueryParts {
  readonly id?: number;
  readonly flags?: number;
  readonly type?: number;
  readonly class?: number;
  /** Advertised bytes: adds an OPT record. */
  readonly edns?: number;
  readonly version?: number;
}

function u16(value: number): number[] {
  return [value >> 8, value & 0xff];
}

/** A query that `dns-packet` encodes. */
function query(name: string, parts: QueryParts = {}): Uint8Array {
  const { id = 0x1234, flags = 0x0100, type = A, edns, version = 0 } = parts;
  const opt: OptAnswer[] = edns === undefined ? [] : [{
    type: "OPT",
    name: ".",
    udpPayloadSize: edns,
    extendedRcode: 0,
    ednsVersion: version,
    flags: 0,
    flag_do: false,
    options: [],
  }];
  const question = { name, type: typeName(type), class: parts.class === 3 ? "CH" : "IN" } as const;
  const message = dnsPacket.encode({ type: "query", id, flags, questions: [question], additionals: opt });
  // It has a default in place of 0.
  if (edns === 0) message.writeUInt16BE(0, message.length - 8);
  return new Uint8Array(message);
}

function typeName(type: number): RecordType {
  const name = TYPES[type];
  if (name === undefined) throw new Error(`the tests know no type ${type}`);
  return name;
}

interface Seen {
  readonly id: number;
  readonly code: number;
  readonly truncated: boolean;
  readonly flags: number;
  readonly question: string;
  readonly answers: string[];
  readonly edns: boolean;
}

/** Read an answer by `dns-packet`. */
function read(message: Uint8Array | undefined): Seen {
  if (message === undefined) throw new Error("there was no answer");
  const packet = dnsPacket.decode(Buffer.from(message));
  expect([packet.type, dnsPacket.decode.bytes]).toEqual(["response", message.length]);
  const flags = packet.flags ?? 0;
  const question = packet.questions?.[0]?.name ?? "";
  const answers = (packet.answers ?? []).map((answer) => {
    if (answer.type !== "A" && answer.type !== "AAAA") throw new Error(`there is an answer of type ${answer.type}`);
    expect([answer.name, answer.class, answer.ttl! <= 60]).toEqual([question, "IN", true]);
    return answer.data;
  });
  const [opt, ...more] = (packet.additionals ?? []) as OptAnswer[];
  expect([packet.authorities, more]).toEqual([[], []]);
  if (opt !== undefined) expect([opt.type, opt.name, opt.udpPayloadSize >= 512]).toEqual(["OPT", ".", true]);
  return {
    id: packet.id ?? 0,
    code: (opt?.extendedRcode ?? 0) << 4 | flags & 0xf,
    truncated: (flags & dnsPacket.TRUNCATED_RESPONSE) !== 0,
    flags: RESPONSE | flags & ~0x20f,
    question: question === "." ? "" : question,
    answers,
    edns: opt !== undefined,
  };
}

async function ask(name: string, parts?: QueryParts, policy?: NetPolicy): Promise<Seen> {
  return read(await stub(policy).answer(query(name, parts)));
}

const V6 = "2001:db8::1";

describe("answers", () => {
  test.each([
    ["two.test", A, 0, ["192.0.2.1", "192.0.2.2"]],
    ["two.test", AAAA, 0, [V6]],
    ["two.test", ANY, 0, ["192.0.2.1", "192.0.2.2", V6]],
    ["two.test", TXT, 0, []],
    ["four.test", AAAA, 0, []],
    ["mapped.test", A, 0, ["192.0.2.9"]],
    ["mapped.test", AAAA, 0, []],
    ["localhost", A, 0, ["127.0.0.1"]],
    ["app.localhost", AAAA, 0, ["::1"]],
    ["none.test", A, 3, []],
    ["none.test", AAAA, 3, []],
    ["none.test", TXT, 4, []],
    ["later.test", A, 2, []],
    ["broken.test", A, 2, []],
    ["refused.test", A, 5, []],
    ["", NS, 4, []],
    ["1.2.0.192.in-addr.arpa", 12, 4, []],
    ["192.0.2.1", A, 3, []],
    ["sp ace.test", A, 3, []],
    ["back\\slash.test", A, 3, []],
  ])("%s, type %i: code %i, %j", async (name, type, code, answers) => {
    const { id, flags, edns, question, ...rest } = await ask(name, { type });
    expect(rest).toEqual({ code, truncated: false, answers });
    // It is an answer, recursion is to be had, and was desired.
    expect({ id, flags, edns, question }).toEqual({ id: 0x1234, flags: 0x8180, edns: false, question: name });
  });

  test("repeat the question as it came, in its case", async () => {
    const seen = await ask("Two.TEST", { id: 0xffff, flags: 0x0010 });
    expect(seen).toMatchObject({ id: 0xffff, flags: 0x8090, question: "Two.TEST", code: 0 });
    expect(seen.answers).toHaveLength(2);
  });

  test("of a class that is not the internet's, or of another operation, are NOTIMP", async () => {
    expect((await ask("two.test", { class: 3 })).code).toBe(4);
    expect(read(await stub().answer(query("two.test", { flags: 0x2800 }))).code).toBe(4);
  });

  test("of a lookup that throws are SERVFAIL", async () => {
    const failing = new DnsStub(NetPolicy.all(), () => Promise.reject(new Error("oops")));
    expect(read(await failing.answer(query("two.test"))).code).toBe(2);
  });
});

describe("the policy", () => {
  test("decides what may be looked up, and is told of the addresses", async () => {
    const asked: string[] = [];
    const refused: string[] = [];
    const policy = NetPolicy.parse(["two.test:80"]);
    const dnsStub = new DnsStub(policy, (name) => {
      asked.push(name);
      return known(name);
    }, (name) => refused.push(name));
    const target = inetAddress("192.0.2.2", 80)!;
    expect(policy.mayConnect(target)).toBe(false);
    expect(read(await dnsStub.answer(query("four.test"))).code).toBe(5);
    expect(read(await dnsStub.answer(query("TWO.test"))).answers).toHaveLength(2);
    expect(read(await dnsStub.answer(query("localhost"))).answers).toEqual(["127.0.0.1"]);
    expect(policy.mayConnect(target)).toBe(true);
    expect({ asked, refused }).toEqual({ asked: ["two.test"], refused: ["four.test"] });
  });

  test("has a name keep its addresses", async () => {
    const policy = NetPolicy.parse(["two.test"]);
    policy.learn("two.test", [inetAddress("192.0.2.77", 0)!]);
    expect((await ask("two.test", {}, policy)).answers).toEqual(["192.0.2.77"]);
    // The first lookup answered none of IPv6, so there are none.
    expect(await ask("two.test", { type: AAAA }, policy)).toMatchObject({ code: 0, answers: [] });
  });
});

describe("the size of an answer", () => {
  test("is 512 bytes by UDP, or what EDNS says, up to 4096", async () => {
    const sizes = [undefined, 0, 100, 1232, 4000, 65535];
    const seen = [];
    for (const edns of sizes) {
      const message = (await stub().answer(query("many.test", edns === undefined ? {} : { edns })))!;
      const { truncated, answers, code } = read(message);
      expect([truncated, code]).toEqual([true, 0]);
      seen.push([message.length <= Math.min(4096, Math.max(512, edns ?? 0)), answers.length]);
    }
    const rooms = [512, 512 - 11, 512 - 11, 1232 - 11, 4000 - 11, 4096 - 11];
    expect(seen).toEqual(rooms.map((room) => [true, Math.floor((room - 12 - 15) / 16)]));
    expect(await ask("two.test", { edns: 1232 })).toMatchObject({ truncated: false, edns: true, code: 0 });
  });

  test("has no such limit in a stream", async () => {
    const framed = (await stub().answerFramed(query("many.test")))!;
    expect(framed[0]! << 8 | framed[1]!).toBe(framed.length - 2);
    const { truncated, answers } = read(framed.subarray(2));
    expect([truncated, answers.length, answers[299]]).toEqual([false, 300, "10.0.1.43"]);
  });

  test("has a version: there is only 0", async () => {
    expect(await ask("two.test", { edns: 1232, version: 1 })).toMatchObject({ code: 16, edns: true, answers: [] });
  });
});

describe("queries that are none", () => {
  const good = query("two.test", { edns: 1232 });
  const changed = (change: (bytes: Uint8Array) => void): Uint8Array => {
    const bytes = good.slice();
    change(bytes);
    return bytes;
  };
  const set = (at: number, value: number): Uint8Array => changed((bytes) => bytes[at] = value);

  test.each([
    ["nothing", new Uint8Array(0)],
    ["less than a header", good.subarray(0, 11)],
    ["an answer", set(2, 0x80)],
  ])("%s is not answered", async (_, bytes) => {
    expect(await stub().answer(bytes)).toBeUndefined();
    expect(await stub().answerFramed(bytes)).toBeUndefined();
  });

  test.each([
    ["no question", set(5, 0)],
    ["two questions", set(5, 2)],
    ["a header alone", good.subarray(0, 12)],
    ["a name that ends too soon", good.subarray(0, 15)],
    ["a name without an end", good.subarray(0, 21)],
    ["no class", good.subarray(0, 24)],
    ["a name that points to itself", changed((bytes) => bytes.set([0xc0, 12], 12))],
    ["a name that points to the header", changed((bytes) => bytes.set([0xc0, 0], 12))],
    ["a label of a kind that there is not", set(12, 0x40)],
    ["a record that is not there", set(11, 2)],
    ["65535 records that are not there", changed((bytes) => bytes.fill(0xff, 6, 12))],
    ["bytes behind the last record", Uint8Array.from([...good, 0])],
    ["a record that ends too soon", good.subarray(0, good.length - 1)],
    ["data that end too soon", changed((bytes) => bytes[bytes.length - 1] = 1)],
    ["two OPT records", changedCount(Uint8Array.from([...good, ...good.subarray(26)]), 2)],
    ["an OPT record among the answers", changed((bytes) => bytes.set([0, 1, 0, 0, 0, 0], 6))],
    ["an OPT record with a name", named(good)],
    ["a name of more than 255 bytes", query(Array.from({ length: 5 }, () => "a".repeat(60)).join("."))],
  ])("%s is malformed", async (_, bytes) => {
    expect(read(await stub().answer(bytes))).toMatchObject({ id: 0x1234, code: 1, answers: [], question: "" });
  });

  function changedCount(bytes: Uint8Array, additional: number): Uint8Array {
    bytes[11] = additional;
    return bytes;
  }

  function named(bytes: Uint8Array): Uint8Array {
    return Uint8Array.from([...bytes.subarray(0, 26), 1, 97, ...bytes.subarray(26)]);
  }

  test("records of other kinds are passed over, with names that point anywhere", async () => {
    const pointing = [0xc0, 0xff, ...u16(TXT), ...u16(1), 0, 0, 0, 0, ...u16(2), 1, 97];
    const bytes = Uint8Array.from([...good.subarray(0, 26), ...pointing, ...good.subarray(26)]);
    expect(read(await stub().answer(changedCount(bytes, 2)))).toMatchObject({ code: 0, edns: true });
  });

  test("arbitrary bytes are answered with a message that can be read, or not at all", async () => {
    const server = stub();
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.tuple(fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 6 }), fc.nat(good.length)).map(
        ([changes, length]) =>
          changed((bytes) => changes.forEach(([at, value]) => bytes[at % bytes.length] = value)).slice(0, length),
      ),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (bytes) => {
        const before = bytes.slice();
        const answer = await server.answer(bytes);
        expect(bytes).toEqual(before);
        if (answer === undefined) {
          expect(bytes.length < 12 || bytes[2]! >= 0x80).toBe(true);
          return;
        }
        expect(read(answer).id).toBe(bytes[0]! << 8 | bytes[1]!);
        expect(answer.length).toBeLessThanOrEqual(4096);
      }),
      { numRuns: 2000 },
    );
  });

  test("any host name is found again in its answer", async () => {
    const label = fc.stringMatching(/^[a-z0-9_]([a-z0-9_-]{0,20}[a-z0-9_])?$/);
    await fc.assert(fc.asyncProperty(fc.array(label, { minLength: 1, maxLength: 8 }), async (labels) => {
      const name = `${labels.join(".")}.x`;
      const echo = new DnsStub(NetPolicy.all(), (asked) => {
        expect(asked).toBe(name);
        return Promise.resolve([inetAddress("192.0.2.5", 0)!]);
      });
      expect(read(await echo.answer(query(name)))).toMatchObject({ question: name, answers: ["192.0.2.5"] });
    }));
  });
});

describe("a stream", () => {
  function framed(...messages: Uint8Array[]): Uint8Array {
    return Uint8Array.from(messages.flatMap((message) => [...u16(message.length), ...message]));
  }

  function connect(server: DnsStub, answered: (framed: Uint8Array) => void): DnsConnection {
    return new DnsConnection(server, { answered, writable() {} });
  }

  test("is answered in order, however its bytes come", async () => {
    const bytes = framed(query("two.test", { id: 1 }), query("none.test", { id: 2 }), query("localhost", { id: 3 }));
    await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 })), async (sizes) => {
      const seen: Seen[] = [];
      const connection = connect(stub(), (answer) => seen.push(read(answer.subarray(2))));
      let at = 0;
      for (const wanted of sizes) {
        const size = Math.min(wanted, bytes.length - at);
        expect(connection.receive(bytes, at, size)).toBe(size);
        at += size;
      }
      connection.receive(bytes, at, bytes.length - at);
      await connection.drained();
      expect(seen.map(({ id, code }) => [id, code])).toEqual([[1, 0], [2, 3], [3, 0]]);
    }));
  });

  test("keeps the order when a later lookup is done sooner", async () => {
    const done: (() => void)[] = [];
    const slow = new DnsStub(
      NetPolicy.all(),
      (name) => new Promise((resolve) => done.push(() => resolve(known(name)))),
    );
    const seen: number[] = [];
    const connection = connect(slow, (answer) => seen.push(read(answer.subarray(2)).id));
    const bytes = framed(query("two.test", { id: 1 }), query("four.test", { id: 2 }));
    connection.receive(bytes, 0, bytes.length);
    await Promise.resolve();
    done[1]!();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen).toEqual([]);
    done[0]!();
    await connection.drained();
    expect(seen).toEqual([1, 2]);
  });

  test("ends at a message that is too short", () => {
    expect(connect(stub(), () => {}).receive(Uint8Array.of(0, 11), 0, 2)).toBe(-Errno.CONNRESET);
  });

  test("takes no more messages than may wait, until one of them is answered", async () => {
    const done: (() => void)[] = [];
    const slow = new DnsStub(
      NetPolicy.all(),
      (name) => new Promise((resolve) => done.push(() => resolve(known(name)))),
    );
    let answers = 0;
    let writable = 0;
    const connection = new DnsConnection(slow, { answered: () => answers++, writable: () => writable++ });
    const one = framed(query("two.test"));
    const all = framed(...Array.from({ length: 100 }, () => query("two.test")));
    expect(connection.receive(all, 0, all.length)).toBe(16 * one.length);
    expect(connection.receive(all, 0, all.length)).toBe(0);
    expect([done.length, answers, writable]).toEqual([16, 0, 0]);
    done[0]!();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([answers, writable]).toEqual([1, 1]);
    expect(connection.receive(all, 0, all.length)).toBe(one.length);
  });

  test("takes nothing while it is paused, not even the rest of one piece", () => {
    let answers = 0;
    let writable = 0;
    const server = new DnsStub(NetPolicy.all(), () => [inetAddress("192.0.2.5", 0)!]);
    const connection: DnsConnection = new DnsConnection(server, {
      answered: () => {
        if (++answers === 3) connection.pause();
      },
      writable: () => writable++,
    });
    const one = framed(query("two.test"));
    const all = framed(...Array.from({ length: 100 }, () => query("two.test")));
    expect(connection.receive(all, 0, all.length)).toBe(3 * one.length);
    expect(connection.receive(all, 0, 1)).toBe(0);
    connection.resume();
    expect([answers, writable]).toEqual([3, 1]);
    expect(connection.receive(all, 0, all.length)).toBe(all.length);
    expect(answers).toBe(103);
  });

  test("takes long messages byte by byte without copying all of them each time", () => {
    const server = stub();
    let answers = 0;
    const connection = connect(server, () => answers++);
    const long = new Uint8Array(2 + 0xffff).fill(0xff);
    long.set(framed(Uint8Array.of(0, 1, 0, 0, 0, 9)));
    long[0] = 0xff;
    long[1] = 0xff;
    for (let i = 0; i < long.length; i++) expect(connection.receive(long, i, 1)).toBe(1);
    expect(answers).toBe(1);
  });
});

test("lookups that go on are limited in number", async () => {
  const hanging = new DnsStub(NetPolicy.all(), () => new Promise(() => {}));
  for (let i = 0; i < 256; i++) void hanging.answer(query(`n${i}.test`));
  expect(read(await hanging.answer(query("one-more.test"))).code).toBe(2);
  expect(read(await hanging.answer(query("localhost"))).code).toBe(0);
});

describe("a client that others wrote", () => {
  test("finds addresses, and what is not there", async () => {
    const server = stub(NetPolicy.parse(["*.test"]));
    const socket = dgram.createSocket("udp4");
    socket.on("message", (message, from) => {
      void Promise.resolve(server.answer(message)).then((answer) => {
        if (answer !== undefined) socket.send(answer, from.port, from.address);
      });
    });
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    try {
      const resolver = new dns.Resolver({ timeout: 2000, tries: 2 });
      resolver.setServers([`127.0.0.1:${(socket.address() as AddressInfo).port}`]);
      expect((await resolver.resolve4("two.test")).sort()).toEqual(["192.0.2.1", "192.0.2.2"]);
      expect(await resolver.resolve6("two.test")).toEqual(["2001:db8::1"]);
      await expect(resolver.resolve4("none.test")).rejects.toMatchObject({ code: "ENOTFOUND" });
      // Deno and Bun tell no difference.
      await expect(resolver.resolve6("four.test")).rejects.toMatchObject({
        code: expect.stringMatching(/^E(?:NODATA|NOTFOUND)$/),
      });
      await expect(resolver.resolve4("outside.example")).rejects.toThrow();
    } finally {
      socket.close();
    }
  });
});

describe("lookups as promises", () => {
  class Lookup implements PlatformLookup {
    readonly needsEventLoop = true;
    over = false;
    readonly #answer: readonly SocketAddress[] | Failure;
    constructor(answer: readonly SocketAddress[] | Failure) {
      this.#answer = answer;
    }
    result(): readonly SocketAddress[] | Failure {
      return this.over ? this.#answer : -Errno.AGAIN;
    }
    cancel(): void {}
    readiness(): number {
      return this.over ? 1 : 0;
    }
    readableBytes(): number {
      return 0;
    }
    subscribe(): undefined {}
  }

  test("are shared while they go on, and told when they are over", async () => {
    const begun: { name: string; lookup: Lookup; wake: Wakeable }[] = [];
    const look = nameLookup({
      lookup(name, family, wake) {
        expect(family).toBe(0);
        const lookup = new Lookup(name === "later.test" ? -Errno.AGAIN : [inetAddress("192.0.2.1", 0)!]);
        begun.push({ name, lookup, wake });
        return lookup;
      },
    });
    const [first, same, later] = [look("a.test"), look("a.test"), look("later.test")];
    expect(begun.map(({ name }) => name)).toEqual(["a.test", "later.test"]);
    for (const { lookup, wake } of begun) {
      wake.notify();
      lookup.over = true;
      wake.notify();
    }
    expect(await first).toEqual([inetAddress("192.0.2.1", 0)]);
    expect(await same).toBe(await first);
    // Over, and to be tried again later: not the AGAIN of a lookup that goes on.
    expect(await later).toBe(Errno.AGAIN);
    void look("a.test");
    expect(begun).toHaveLength(3);
  });
});

test("the files of a resolver name the server, this machine and some services", () => {
  expect(RESOLV_CONF).toMatch(new RegExp(`^nameserver ${NAME_SERVER.host}$`, "m"));
  expect(HOSTS).toMatch(/^127\.0\.0\.1 localhost$/m);
  expect(HOSTS).toMatch(/^::1 localhost/m);
  for (const line of SERVICES.trimEnd().split("\n")) expect(line).toMatch(/^[a-z0-9-]+ \d+\/(?:tcp|udp)$/);
  expect(SERVICES).toMatch(/^https 443\/tcp$/m);
  expect([...RESOLVER_FILES.keys()]).toEqual(["/etc/resolv.conf", "/etc/hosts", "/etc/services"]);
});
