import { isIP } from "node:net";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { Family } from "../../src/contract/network.ts";
import {
  addressOf,
  addressText,
  inetAddress,
  ipText,
  isMapped,
  isSameAddress,
  parseIp,
  unmapped,
  unspecifiedAddress,
} from "../../src/contract/address.ts";

/** Bytes of the groups of an IPv6 address. */
function v6Bytes(...groups: readonly number[]): Uint8Array {
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

describe("IP addresses as text, as RFC 5952 writes them", () => {
  test.each([
    [[0, 0, 0, 0, 0, 0, 0, 0], "::"],
    [[0, 0, 0, 0, 0, 0, 0, 1], "::1"],
    [[1, 0, 0, 0, 0, 0, 0, 0], "1::"],
    [[0x2001, 0xdb8, 0, 0, 0, 0, 2, 1], "2001:db8::2:1"],
    [[0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], "2001:db8:0:1:1:1:1:1"],
    [[0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], "2001:db8::1:0:0:1"],
    [[0x2001, 0, 0, 1, 0, 0, 0, 1], "2001:0:0:1::1"],
    [[0x2001, 0xdb8, 0xaaaa, 0xbbbb, 0xcccc, 0xdddd, 0xeeee, 1], "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"],
    [[0, 0, 1, 0, 0, 0, 0, 0], "0:0:1::"],
    [[0xfe80, 0, 0, 0, 0x204, 0x61ff, 0xfe9d, 0xf156], "fe80::204:61ff:fe9d:f156"],
    [[0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201], "::ffff:192.0.2.1"],
    [[0, 0, 0, 0, 0, 0, 0xc000, 0x0201], "::c000:201"],
    [[0x64, 0xff9b, 0, 0, 0, 0, 0xc000, 0x0201], "64:ff9b::c000:201"],
  ])("%j is %s", (groups, text) => {
    expect(ipText(v6Bytes(...groups))).toBe(text);
    expect([...parseIp(text)!]).toEqual([...v6Bytes(...groups)]);
  });

  test.each([
    ["2001:0db8:0000:0000:0000:0000:0002:0001", "2001:db8::2:1"],
    ["2001:DB8::A", "2001:db8::a"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["::ffff:c000:201", "::ffff:192.0.2.1"],
    ["0:0:0:0:0:FFFF:192.0.2.1", "::ffff:192.0.2.1"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["fe80::1%eth0", "fe80::1"],
    ["127.0.0.1", "127.0.0.1"],
    ["255.255.255.255", "255.255.255.255"],
  ])("%s is read as %s", (spelling, text) => {
    expect(ipText(parseIp(spelling)!)).toBe(text);
  });

  test.each([
    ...[
      "",
      "1",
      "1.2.3",
      "1.2.3.4.5",
      "256.0.0.1",
      "1.2.3.-4",
      "1.2.3.4 ",
      " 1.2.3.4",
      "1.2.3.0x4",
      "1..2.3",
      "a.b.c.d",
    ],
    ...["010.0.0.1", "1.2.3.04", "00.0.0.0"],
    ...[":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", ":1", "1:", "1:2:3:4:5:6:7:8::"],
    ...[
      "1:2:3:4::5:6:7:8",
      "::1.2.3",
      "::1.2.3.4.5",
      "1.2.3.4::",
      "::1.2.3.4:5",
      "::256.1.1.1",
      "[::1]",
      "::1/64",
      "-::1",
    ],
    ...["::01.2.3.4", "1:2:3:4:5:6:7:1.2.3.4"],
  ])("%j is none", (text) => {
    expect(parseIp(text)).toBeUndefined();
    expect(inetAddress(text, 1)).toBeUndefined();
  });
});

const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
/** Bytes of IPv6 addresses, with more zeros than chance has, and with mapped ones. */
const v6 = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  fc.array(fc.oneof(fc.constant(0), fc.constantFrom(1, 0xffff, 0xdb8), fc.nat({ max: 0xffff })), {
    minLength: 8,
    maxLength: 8,
  }).map((groups) => v6Bytes(...groups)),
  v4.map((bytes) => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...bytes)),
);
const ip = fc.oneof(v4, v6);

/** Another spelling of the same address: digits, zeros and the shortened part are chosen by `choices`. */
function respelled(bytes: Uint8Array, [upper, padded, dotted, from, to]: readonly number[]): string {
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[i]! << 8 | bytes[i + 1]!).toString(16));
  const zeros = groups.map((group) => group === "0");
  const written = groups.map((group) => padded! % 2 === 1 ? group.padStart(1 + padded! % 4, "0") : group);
  const tail = dotted! % 2 === 1 ? [bytes.subarray(12).join(".")] : written.slice(6);
  const [first, last] = [from! % 6, to! % 6];
  const canShorten = first <= last && zeros.slice(first, last + 1).every(Boolean);
  const text = canShorten
    ? `${written.slice(0, first).join(":")}::${[...written.slice(last + 1, 6), ...tail].join(":")}`
    : [...written.slice(0, 6), ...tail].join(":");
  return upper! % 2 === 1 ? text.toUpperCase() : text;
}

describe("any address", () => {
  test("is the same after it was written and read", () => {
    fc.assert(fc.property(ip, (bytes) => {
      const text = ipText(bytes);
      expect([...parseIp(text)!]).toEqual([...bytes]);
      expect(isIP(text)).toBe(bytes.length === 4 ? 4 : 6);
      expect(inetAddress(text, 7)).toEqual(addressOf(bytes, 7));
    }));
  });

  test("is read in whatever way it is spelled", () => {
    fc.assert(fc.property(v6, fc.array(fc.nat({ max: 11 }), { minLength: 5, maxLength: 5 }), (bytes, choices) => {
      const text = respelled(bytes, choices);
      expect(isIP(text), text).toBe(6);
      expect([...parseIp(text)!], text).toEqual([...bytes]);
    }));
  });

  test("is written in lower case, without needless zeros, and no shorter group stands for two", () => {
    fc.assert(fc.property(v6, (bytes) => {
      const text = ipText(bytes);
      expect(text).toBe(text.toLowerCase());
      if (isMapped(bytes)) return;
      expect(text).not.toMatch(/(^|:)0[0-9a-f]/);
      // The WHATWG URL parser writes the same form.
      expect(`[${text}]`).toBe(new URL(`http://[${text}]/`).hostname);
    }));
  });

  test("is what the runtime takes for one, and nothing else is", () => {
    const part = fc.constantFrom(
      "0",
      "1",
      "255",
      "256",
      "00",
      "1a",
      "ffff",
      "10000",
      ".",
      ":",
      "::",
      "g",
      "",
      " ",
      "-1",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 16 }), (parts) => {
        const text = parts.join("");
        expect(parseIp(text) !== undefined, text).toBe(isIP(text) !== 0);
      }),
      { numRuns: 3000 },
    );
  });

  test("is read and written as ipaddr.js does", () => {
    fc.assert(fc.property(ip, (bytes) => {
      const other = ipaddr.fromByteArray([...bytes]);
      for (const text of [other.toString(), other.toNormalizedString()]) {
        expect([...parseIp(text)!], text).toEqual([...bytes]);
      }
      expect(ipaddr.parse(ipText(bytes)).toByteArray()).toEqual([...bytes]);
      if (!(other instanceof ipaddr.IPv6)) {
        expect(ipText(bytes)).toBe(other.toString());
      } else if (other.isIPv4MappedAddress()) {
        expect([isMapped(bytes), [...unmapped(bytes)]]).toEqual([true, other.toIPv4Address().toByteArray()]);
      } else {
        expect([isMapped(bytes), ipText(bytes)]).toEqual([false, other.toRFC5952String()]);
      }
    }));
  });

  test("never makes the parser throw", () => {
    fc.assert(fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
      const bytes = parseIp(text);
      expect([undefined, 4, 16]).toContain(bytes?.length);
    }));
  });
});

describe("addresses of sockets", () => {
  test("know an IPv4-mapped IPv6 address", () => {
    const mapped = parseIp("::ffff:10.1.2.3")!;
    expect(isMapped(mapped)).toBe(true);
    expect([...unmapped(mapped)]).toEqual([10, 1, 2, 3]);
    for (const other of ["::10.1.2.3", "::fffe:10.1.2.3", "1::ffff:10.1.2.3", "10.1.2.3"]) {
      const bytes = parseIp(other)!;
      expect(isMapped(bytes), other).toBe(false);
      expect(unmapped(bytes)).toBe(bytes);
    }
  });

  test("are written for messages", () => {
    expect(addressText({ family: Family.INET, host: "127.0.0.1", port: 80 })).toBe("127.0.0.1:80");
    expect(addressText({ family: Family.INET6, host: "::1", port: 80 })).toBe("[::1]:80");
    expect(addressText({ family: Family.UNIX, host: "/a b", port: 0 })).toBe("unix:/a b");
  });

  test("keep a zone that is a number", () => {
    const local = inetAddress("fe80::1%2", 80)!;
    expect(local).toEqual({ family: Family.INET6, host: "fe80::1", port: 80, scopeId: 2 });
    expect(addressText(local)).toBe("[fe80::1%2]:80");
    expect(isSameAddress(local, { ...local, scopeId: 3 })).toBe(false);
    expect(isSameAddress(local, { ...local, flowInfo: 3 })).toBe(true);
    expect(inetAddress("fe80::1%0", 80)).toEqual(inetAddress("fe80::1", 80));
    expect(inetAddress("fe80::1%eth0", 80)).toEqual(inetAddress("fe80::1", 80));
    expect(inetAddress("fe80::1%4294967296", 80)).toBeUndefined();
  });

  test("are the same if all three parts are", () => {
    const address = { family: Family.INET, host: "127.0.0.1", port: 80 };
    expect(isSameAddress(address, { ...address })).toBe(true);
    expect(isSameAddress(address, { ...address, port: 81 })).toBe(false);
    expect(isSameAddress(address, { ...address, host: "127.0.0.2" })).toBe(false);
    expect(isSameAddress(address, { ...address, family: Family.UNIX })).toBe(false);
  });

  test("of what is not bound are open", () => {
    expect(unspecifiedAddress(Family.INET)).toEqual({ family: Family.INET, host: "0.0.0.0", port: 0 });
    expect(unspecifiedAddress(Family.INET6)).toEqual({ family: Family.INET6, host: "::", port: 0 });
    expect(unspecifiedAddress(Family.UNIX)).toEqual({ family: Family.UNIX, host: "", port: 0 });
  });
});
