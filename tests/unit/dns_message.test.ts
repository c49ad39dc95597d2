/** Messages of DNS, compared with those of `dns-packet`. */

import dnsPacket, { type OptAnswer, type RecordType } from "dns-packet";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { ipText } from "../../src/contract/address.ts";
import { decodeQuery, encodeAnswer, type Query } from "../../src/core/net/dns/message.ts";

const TYPES = [["A", 1], ["NS", 2], ["CNAME", 5], ["MX", 15], ["TXT", 16], ["AAAA", 28], ["SRV", 33], [
  "ANY",
  255,
]] as const;

const label = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/);
const question = fc.record({
  name: fc.array(label, { minLength: 1, maxLength: 8 }).map((labels) => labels.join(".")),
  type: fc.constantFrom(...TYPES),
});
const u16 = fc.nat({ max: 0xffff });
const queries = fc.record({
  id: u16,
  recursionDesired: fc.boolean(),
  question,
  udpBytes: fc.option(fc.integer({ min: 1, max: 0xffff }), { nil: undefined }),
  version: fc.nat({ max: 255 }),
});

type QueryParts = typeof queries extends fc.Arbitrary<infer T> ? T : never;

function encode({ id, recursionDesired, question, udpBytes, version }: QueryParts): Uint8Array {
  const opt: OptAnswer[] = udpBytes === undefined ? [] : [{
    type: "OPT",
    name: ".",
    udpPayloadSize: udpBytes,
    extendedRcode: 0,
    ednsVersion: version,
    flags: 0,
    flag_do: false,
    options: [],
  }];
  return new Uint8Array(dnsPacket.encode({
    type: "query",
    id,
    flags: recursionDesired ? dnsPacket.RECURSION_DESIRED : 0,
    questions: [{ name: question.name, type: question.type[0] as RecordType, class: "IN" }],
    additionals: opt,
  }));
}

test("queries are read as they were encoded", () => {
  fc.assert(fc.property(queries, (parts) => {
    const { id, recursionDesired, question, udpBytes, version } = parts;
    expect(decodeQuery(encode(parts))).toMatchObject({
      id,
      flags: recursionDesired ? 0x100 : 0,
      question: { name: question.name, type: question.type[1], class: 1 },
      edns: udpBytes === undefined ? undefined : { udpBytes, version },
    });
  }));
});

test("answers are decoded as they were written", () => {
  const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
  const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 });
  const answers = fc.record({
    code: fc.constantFrom(0, 1, 2, 3, 4, 5),
    addresses: fc.array(fc.oneof(v4, v6), { maxLength: 60 }),
    ttl: fc.nat({ max: 0x7fff_ffff }),
  });
  fc.assert(fc.property(queries, answers, fc.constantFrom(512, 1232, 0xffff), (parts, answer, maxBytes) => {
    const query = decodeQuery(encode(parts)) as Query;
    const message = encodeAnswer(query, answer as Parameters<typeof encodeAnswer>[1], maxBytes);
    expect(message.length).toBeLessThanOrEqual(maxBytes);
    const packet = dnsPacket.decode(Buffer.from(message));
    expect([dnsPacket.decode.bytes, packet.type, packet.id]).toEqual([message.length, "response", parts.id]);
    expect(packet.questions).toEqual([{ name: parts.question.name, type: parts.question.type[0], class: "IN" }]);
    const flags = packet.flags ?? 0;
    const written = packet.answers ?? [];
    const isTruncated = written.length < answer.addresses.length;
    expect([flags & 0xf, (flags & dnsPacket.TRUNCATED_RESPONSE) !== 0]).toEqual([answer.code, isTruncated]);
    expect((flags & dnsPacket.RECURSION_DESIRED) !== 0).toBe(parts.recursionDesired);
    const expected = answer.addresses.slice(0, written.length).map((
      bytes,
    ) => [bytes.length === 4 ? "A" : "AAAA", answer.ttl, ipText(bytes)]);
    const decoded = written.map((record) => {
      if (record.type !== "A" && record.type !== "AAAA") throw new Error(record.type);
      expect(record.name).toBe(parts.question.name);
      // Its text of IPv6 addresses is not of RFC 5952 in every case.
      return [
        record.type,
        record.ttl,
        record.type === "A" ? record.data : new URL(`http://[${record.data}]/`).hostname.slice(1, -1),
      ];
    });
    const canonical = expected.map((
      [type, ttl, text],
    ) => [type, ttl, type === "A" ? text : new URL(`http://[${text}]/`).hostname.slice(1, -1)]);
    expect(decoded).toEqual(canonical);
    expect(packet.additionals?.length).toBe(parts.udpBytes === undefined ? 0 : 1);
    // One record more would not have found room.
    const next = answer.addresses[written.length];
    if (next !== undefined) expect(message.length + 12 + next.length).toBeGreaterThan(maxBytes);
  }));
});
