/** The rules on the network. */

import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { Family, type SocketAddress } from "../../src/contract/network.ts";
import { inetAddress, ipText } from "../../src/contract/address.ts";
import { NetPolicy } from "../../src/core/net/policy/policy.ts";
import { canonicalName } from "../../src/core/net/policy/rules.ts";

/** `1.2.3.4:80`, `[::1]:80` or `unix:/path`. */
function at(text: string): SocketAddress {
  if (text.startsWith("unix:")) return { family: Family.UNIX, host: text.slice("unix:".length), port: 0 };
  const [, v6, v4, port] = /^(?:\[(.*)\]|([^:]*)):(\d+)$/.exec(text)!;
  return inetAddress(v6 ?? v4!, Number(port))!;
}

function hosts(...texts: string[]): SocketAddress[] {
  return texts.map((text) => inetAddress(text, 0)!);
}

/** Rules, where one may connect by them, and where not. */
const CONNECT: readonly (readonly [rules: string, allowed: string, refused: string])[] = [
  ["10.1.2.3:80", "10.1.2.3:80 [::ffff:10.1.2.3]:80", "10.1.2.3:81 10.1.2.4:80 [::a01:203]:80 [::10.1.2.3]:80"],
  ["10.1.2.3", "10.1.2.3:0 10.1.2.3:65535", "10.1.2.2:80"],
  ["10.1.2.3:8000-8002", "10.1.2.3:8000 10.1.2.3:8002", "10.1.2.3:7999 10.1.2.3:8003"],
  ["10.0.0.0/8", "10.0.0.0:1 10.255.255.255:1 [::ffff:a00:1]:1", "11.0.0.0:1 9.255.255.255:1"],
  ["10.0.0.0/9:443", "10.127.0.1:443", "10.128.0.1:443 10.127.0.1:80"],
  ["192.168.4.0/22", "192.168.7.255:1", "192.168.8.0:1 192.168.3.255:1"],
  ["0.0.0.0/0", "1.2.3.4:5 255.255.255.255:9 0.0.0.0:1", "[::1]:5 [2001:db8::1]:5 unix:/a"],
  ["[::]/0", "[2001:db8::1]:5 [::1]:5 [::]:5 [ff02::1]:5", "1.2.3.4:5 [::ffff:1.2.3.4]:5"],
  ["[fd00::]/8:80", "[fdff::1]:80", "[fe00::1]:80 [fd00::1]:81"],
  ["[2001:db8::]/33", "[2001:db8:7fff::1]:80", "[2001:db8:8000::1]:80"],
  ["[::ffff:10.0.0.0]/104", "10.1.1.1:1", "11.1.1.1:1 [::1]:1"],
  ["[::ffff:10.0.0.1]:9", "10.0.0.1:9", "10.0.0.2:9"],
  ["[2001:DB8:0:0:0:0:0:1]", "[2001:db8::1]:1", "[2001:db8::2]:1"],
  ["*", "1.2.3.4:5 [::1]:1 0.0.0.0:1 [ff02::1]:1 255.255.255.255:1", "unix:/a"],
  ["*:443", "1.2.3.4:443 [2001:db8::1]:443", "1.2.3.4:80"],
  ["connect:*:443", "1.2.3.4:443", "1.2.3.4:444"],
  ["listen:*", "", "1.2.3.4:443 127.0.0.1:1 unix:/a"],
  ["localhost:80", "127.0.0.1:80 127.9.9.9:80 [::1]:80 0.0.0.0:80 [::]:80", "127.0.0.1:81 [::2]:80 128.0.0.1:80"],
  ["app.localhost", "127.0.0.1:80", "1.1.1.1:80"],
  ["*.LOCALHOST.", "127.0.0.1:80", "1.1.1.1:80"],
  // What is sent to the unspecified address arrives at a loopback address.
  ["127.0.0.1", "0.0.0.0:80 [::ffff:0.0.0.0]:80", "[::]:80 127.0.0.2:80"],
  ["[::1]", "[::]:80", "0.0.0.0:80"],
  ["0.0.0.0:80", "0.0.0.0:80 127.0.0.1:80", "127.0.0.2:80 1.2.3.4:80"],
  ["[::]:80", "[::]:80 [::1]:80", "[2001:db8::1]:80 127.0.0.1:80"],
  ["10.0.0.0/8", "", "0.0.0.0:1 127.0.0.1:1 224.0.0.1:1 255.255.255.255:1"],
  ["224.0.0.0/4", "239.1.1.1:1", "223.255.255.255:1"],
  ["example.com *.example.com", "", "93.184.216.34:80 127.0.0.1:80"],
  [
    "unix:/run/a.sock",
    "unix:/run/a.sock unix:/run/x/../a.sock unix://run/./a.sock",
    "unix:/run/a.sockx unix:/run unix:a",
  ],
  ["unix:/run/*", "unix:/run/a unix:/run/b/c", "unix:/run unix:/runx unix:/run/../etc/a unix: unix:\0abc unix:run/a"],
  ["unix:/*", "unix:/a unix:/b/c", "unix:a unix:/ unix:\0/a 1.2.3.4:1"],
  ["listen:unix:/run/*", "", "unix:/run/a"],
  ["10.0.0.1:1 10.0.0.2:2", "10.0.0.1:1 10.0.0.2:2", "10.0.0.1:2 10.0.0.2:1"],
];

describe("ranges", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.uint8Array({ minLength: 4, maxLength: 4 }).map((v4) => Uint8Array.of(...new Array(10).fill(0), 255, 255, ...v4)),
  );

  test("hold the addresses that ipaddr.js finds in them", () => {
    const cases = fc.record({ range: bytes, bits: fc.nat({ max: 128 }), other: bytes, shared: fc.nat({ max: 128 }) });
    fc.assert(
      fc.property(cases, ({ range, bits, other, shared }) => {
        const size = range.length * 8;
        const network = masked(range, bits % (size + 1));
        // Most addresses are in no range of others, so that some begin as the range does.
        const address = other.length === range.length ? joined(range, other, shared % (size + 1)) : other;
        if (address.every((byte) => byte === 0) || network.every((byte) => byte === 0)) return;
        const text = range.length === 4 ? ipText(network) : `[${ipText(network)}]`;
        const policy = NetPolicy.parse([`${text}/${bits % (size + 1)}`]);
        const expected = contains(network, bits % (size + 1), address);
        expect(policy.mayConnect(inetAddress(ipText(address), 80)!), `${text} ${ipText(address)}`).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  function masked(all: Uint8Array, bits: number): Uint8Array {
    return all.map((byte, i) => byte & ~(0xff >> Math.min(8, Math.max(0, bits - 8 * i))));
  }

  function joined(head: Uint8Array, tail: Uint8Array, bits: number): Uint8Array {
    return head.map((byte, i) => {
      const mask = 0xff >> Math.min(8, Math.max(0, bits - 8 * i));
      return byte & ~mask | tail[i]! & mask;
    });
  }

  /** Mapped addresses are those of IPv4; so are ranges within them. */
  function contains(network: Uint8Array, bits: number, address: Uint8Array): boolean {
    const range = ipaddr.fromByteArray([...network]);
    const target = ipaddr.process(ipText(address));
    if (range instanceof ipaddr.IPv6 && range.isIPv4MappedAddress() && bits >= 96) {
      return target instanceof ipaddr.IPv4 && target.match(range.toIPv4Address(), bits - 96);
    }
    return target.kind() === range.kind() && target.match(range as ipaddr.IPv4 & ipaddr.IPv6, bits);
  }
});

describe("to connect", () => {
  test.each(CONNECT)("%s allows %s and refuses %s", (rules, allowed, refused) => {
    const policy = NetPolicy.parse(rules.split(" "));
    for (const text of allowed.split(" ").filter((text) => text !== "")) {
      expect([text, policy.mayConnect(at(text))]).toEqual([text, true]);
    }
    for (const text of refused.split(" ").filter((text) => text !== "")) {
      expect([text, policy.mayConnect(at(text))]).toEqual([text, false]);
    }
  });
});

const LISTEN: readonly (readonly [rules: string, allowed: string, refused: string])[] = [
  ["127.0.0.1:8080", "127.0.0.1:8080", "0.0.0.0:8080 [::]:8080 127.0.0.1:0 127.0.0.1:8081 [::1]:8080"],
  ["listen:127.0.0.1:8080", "127.0.0.1:8080 [::ffff:127.0.0.1]:8080", "127.0.0.2:8080"],
  ["connect:*", "", "127.0.0.1:8080 0.0.0.0:0"],
  ["*:8080", "0.0.0.0:8080 [::]:8080 127.0.0.1:8080 [2001:db8::1]:8080", "0.0.0.0:8081 0.0.0.0:0"],
  ["0.0.0.0:8080", "0.0.0.0:8080 [::]:8080 127.0.0.1:8080 10.1.2.3:8080", "0.0.0.0:8081"],
  ["[::]:8080", "0.0.0.0:8080 [::]:8080 127.0.0.1:8080", "[::]:8081"],
  ["connect:0.0.0.0:8080", "", "0.0.0.0:8080 127.0.0.1:8080"],
  ["0.0.0.0/0", "0.0.0.0:1 127.0.0.1:1", "[::]:1 [::1]:1"],
  ["[::]/0", "[::1]:1", "0.0.0.0:1 [::]:1 127.0.0.1:1"],
  ["[::]/0 0.0.0.0/0:80", "[::]:80 0.0.0.0:80", "[::]:81 0.0.0.0:81"],
  ["0.0.0.0/1 128.0.0.0/1", "127.0.0.1:1 200.0.0.1:1", "0.0.0.0:1"],
  ["localhost", "127.0.0.1:1 127.1.1.1:1 [::1]:1", "0.0.0.0:1 [::]:1"],
  ["127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:1"],
  ["listen:unix:/tmp/*", "unix:/tmp/s", "unix:/tmp unix:/s unix:"],
];

describe("to listen", () => {
  test.each(LISTEN)("%s allows %s and refuses %s", (rules, allowed, refused) => {
    const policy = NetPolicy.parse(rules.split(" "));
    for (const text of allowed.split(" ").filter((text) => text !== "")) {
      expect([text, policy.mayListen(at(text))]).toEqual([text, true]);
    }
    for (const text of refused.split(" ").filter((text) => text !== "")) {
      expect([text, policy.mayListen(at(text))]).toEqual([text, false]);
    }
  });
});

describe("all and none", () => {
  const everywhere = ["1.2.3.4:5", "[::1]:6", "0.0.0.0:0", "[::]:1", "unix:/a", "unix:"].map(at);

  test("all allows everything", () => {
    const policy = NetPolicy.all();
    for (const address of everywhere) {
      expect([policy.mayConnect(address), policy.mayListen(address)]).toEqual([true, true]);
    }
    expect(policy.mayLookUp("example.com")).toBe(true);
    expect(policy.isNone).toBe(false);
  });

  test("none, and no rules, refuse everything", () => {
    for (const policy of [NetPolicy.none(), NetPolicy.parse([])]) {
      for (const address of everywhere) {
        expect([policy.mayConnect(address), policy.mayListen(address)]).toEqual([false, false]);
        expect(policy.pending(address)).toEqual([]);
      }
      expect(policy.mayLookUp("example.com")).toBe(false);
      expect(policy.isNone).toBe(true);
    }
  });
});

describe("names", () => {
  test("allow what the resolver answered first, and nothing else", () => {
    const policy = NetPolicy.parse(["connect:Example.COM.:443"]);
    const [first, second] = [at("192.0.2.1:443"), at("192.0.2.2:443")];
    expect(policy.mayConnect(first)).toBe(false);
    expect(policy.pending(first)).toEqual(["example.com"]);
    expect(policy.learn("EXAMPLE.com", hosts("192.0.2.1"))).toEqual(hosts("192.0.2.1"));
    expect(policy.pending(first)).toEqual([]);
    expect([policy.mayConnect(first), policy.mayConnect(second)]).toEqual([true, false]);
    expect(policy.mayConnect(at("192.0.2.1:80"))).toBe(false);
    expect(policy.mayConnect(at("[::ffff:192.0.2.1]:443"))).toBe(true);
    expect(policy.mayListen(first)).toBe(false);
    // Rebinding: the name stands for another machine now.
    expect(policy.learn("example.com", hosts("192.0.2.2", "127.0.0.1"))).toEqual(hosts("192.0.2.1"));
    expect([policy.mayConnect(first), policy.mayConnect(second)]).toEqual([true, false]);
    expect(policy.mayConnect(at("127.0.0.1:443"))).toBe(false);
  });

  test("are kept for both families from the first lookup on", () => {
    const policy = NetPolicy.parse(["db.test"]);
    expect(["db.test", "DB.test.", "other.test", "192.0.2.1"].map((name) => policy.pins(name)))
      .toEqual([true, true, false, false]);
    policy.learn("db.test", hosts("192.0.2.1"));
    expect(policy.learn("db.test", hosts("2001:db8::1"))).toEqual(hosts("192.0.2.1"));
    expect(policy.learn("db.test", hosts("::ffff:127.0.0.1"))).toEqual(hosts("192.0.2.1"));
    for (const address of ["[2001:db8::1]:1", "[::ffff:127.0.0.1]:1", "127.0.0.1:1"]) {
      expect(policy.mayConnect(at(address)), address).toBe(false);
    }
    expect(policy.mayConnect(at("192.0.2.1:1"))).toBe(true);
  });

  test("with an IPv4-mapped address mean the IPv4 address", () => {
    const policy = NetPolicy.parse(["db.test"]);
    expect(policy.learn("db.test", hosts("::ffff:192.0.2.1", "2001:db8::1")))
      .toEqual(hosts("192.0.2.1", "2001:db8::1"));
    expect([at("192.0.2.1:1"), at("[::ffff:192.0.2.1]:1")].map((address) => policy.mayConnect(address)))
      .toEqual([true, true]);
  });

  test("of IPv4 are not those of IPv6 that contain one", () => {
    const policy = NetPolicy.parse(["192.0.2.1", "db.test"]);
    policy.learn("db.test", hosts("192.0.2.2"));
    for (const host of ["::192.0.2.1", "::192.0.2.2", "64:ff9b::192.0.2.1", "2002:c000:201::", "::ffff:0:192.0.2.1"]) {
      expect(policy.mayConnect(at(`[${host}]:1`)), host).toBe(false);
    }
  });

  test("that could not be looked up are pending still", () => {
    const policy = NetPolicy.parse(["a.test:1", "listen:b.test:1", "c.test:2", "*.d.test:1", "e.test:1"]);
    policy.learn("a.test", []);
    policy.learn("e.test", hosts("192.0.2.5"));
    expect(policy.pending(at("192.0.2.1:1"))).toEqual(["a.test"]);
    expect(policy.pending(at("192.0.2.1:1"), "listen")).toEqual(["a.test", "b.test"]);
    expect(policy.pending(at("192.0.2.1:3"))).toEqual([]);
    expect(policy.pending(at("unix:/a"))).toEqual([]);
  });

  test("beneath a name are learnt when the guest looks them up", () => {
    const policy = NetPolicy.parse(["*.example.com:80", "10.0.0.1"]);
    const names = ["www.example.com", "a.b.example.com", "example.com", "notexample.com", "example.com.evil.test"];
    expect(names.map((name) => policy.mayLookUp(name))).toEqual([true, true, false, false, false]);
    names.forEach((name, i) => policy.learn(name, hosts(`192.0.2.${i}`)));
    expect(names.map((_, i) => policy.mayConnect(at(`192.0.2.${i}:80`)))).toEqual([true, true, false, false, false]);
    expect(policy.mayConnect(at("192.0.2.0:81"))).toBe(false);
  });

  test("that two rules are about have the ports of both", () => {
    const policy = NetPolicy.parse(["a.example.com:1", "*.example.com:2", "connect:*.com:3"]);
    policy.learn("a.example.com", hosts("192.0.2.1"));
    expect([1, 2, 3, 4].map((port) => policy.mayConnect(at(`192.0.2.1:${port}`)))).toEqual([true, true, true, false]);
    expect([1, 2, 3, 4].map((port) => policy.mayListen(at(`192.0.2.1:${port}`)))).toEqual([true, true, false, false]);
  });

  test("with the unspecified address mean a loopback address", () => {
    const policy = NetPolicy.parse(["zero.test"]);
    policy.learn("zero.test", hosts("0.0.0.0"));
    expect([policy.mayConnect(at("127.0.0.1:1")), policy.mayConnect(at("0.0.0.0:1"))]).toEqual([true, true]);
    expect(policy.mayListen(at("0.0.0.0:1"))).toBe(false);
  });

  test("can be looked up if a rule is about them or about every host", () => {
    const allowed = (rules: string[], name: string): boolean => NetPolicy.parse(rules).mayLookUp(name);
    expect(allowed(["*"], "x.test")).toBe(true);
    expect(allowed(["*:443"], "x.test")).toBe(true);
    expect(allowed(["0.0.0.0/0"], "x.test")).toBe(true);
    expect(allowed(["listen:*"], "x.test")).toBe(false);
    expect(allowed(["0.0.0.0:80"], "x.test")).toBe(false);
    expect(allowed(["10.0.0.0/8", "unix:/*"], "x.test")).toBe(false);
    expect(allowed(["10.0.0.0/8"], "localhost")).toBe(true);
    expect(allowed(["10.0.0.0/8"], "LocalHost.")).toBe(true);
    expect(allowed([], "192.0.2.1")).toBe(true);
    expect(allowed([], "2001:db8::1")).toBe(true);
    // Resolvers take these for addresses.
    expect(allowed([], "0x7f.1")).toBe(false);
    expect(allowed(["x.test"], "X.TEST.")).toBe(true);
    expect(allowed(["x.test"], "y.x.test")).toBe(false);
  });

  test("of this machine are what they are, whatever a resolver says", () => {
    const policy = NetPolicy.parse(["localhost:1"]);
    expect(policy.learn("localhost", hosts("192.0.2.1"))).toEqual(hosts("127.0.0.1"));
    expect(policy.learn("x.localhost", hosts("192.0.2.1", "2001:db8::1"))).toEqual(hosts("127.0.0.1", "::1"));
    expect(policy.mayConnect(at("192.0.2.1:1"))).toBe(false);
  });

  test("beneath a name are forgotten when there are too many of them, those of rules are not", () => {
    const policy = NetPolicy.parse(["*.example.com", "db.test"]);
    policy.learn("db.test", hosts("192.0.2.1"));
    const count = 4096;
    for (let i = 0; i < count + 10; i++) policy.learn(`n${i}.example.com`, hosts(`10.0.${i >> 8}.${i & 255}`));
    expect(policy.mayConnect(at("192.0.2.1:1"))).toBe(true);
    expect(policy.mayConnect(at("10.0.0.0:1"))).toBe(false);
    expect(policy.mayConnect(at("10.0.0.10:1"))).toBe(false);
    expect(policy.mayConnect(at("10.0.0.11:1"))).toBe(true);
    expect(policy.mayConnect(at(`10.0.${(count + 9) >> 8}.${(count + 9) & 255}:1`))).toBe(true);
  });
});

describe("rules that can't be read", () => {
  test.each([
    ["", /write \[listen:\|connect:\]HOST/],
    ["connect:", /write \[listen:/],
    [":80", /write \[listen:/],
    ["::1", /stands in brackets; write \[::1\]$/],
    ["fd00::/8", /write \[fd00::\]\/8$/],
    ["::1:80", /brackets/],
    ["[127.0.0.1]:80", /no address/],
    ["[::1", /no address|write/],
    ["[::1]x:80", /no address/],
    ["[fe80::1%eth0]", /no address/],
    ["[::1]/129", /at most \/128/],
    ["10.0.0.0/33", /at most \/32/],
    ["10.0.0.1/8", /bits beyond its first 8; write the first address/],
    ["10.0.0.0/", /no address/],
    ["10.0.0.0/-1", /./],
    ["10.0.0.256", /no address/],
    ["10.0.1", /no address/],
    ["127.1:80", /no address/],
    ["0x7f000001", /neither name nor address/],
    ["host.0x1", /neither name nor address/],
    ["host:http", /"http" is no port; write a number from 0 to 65535/],
    ["host:", /"" is no port/],
    ["host:65536", /"65536" is no port/],
    ["host:90-80", /"90-80" is no port/],
    ["host:1-", /is no port/],
    ["host:80:81", /write \[listen:/],
    ["http://host", /it is no URL; write HOST:PORT alone/],
    ["tcp://host:80", /it is no URL/],
    ["host/path", /neither name nor address/],
    ["ho st", /neither name nor address/],
    ["-host", /neither name nor address/],
    ["a..b", /neither name nor address/],
    ["bücher.example", /begins with xn--/],
    ["*.*", /\* within/],
    ["a.*.b", /\* within/],
    ["www*.example.com", /\* within/],
    ["*.", /./],
    ["*.10.0.0.1", /./],
    ["listen:connect:host", /./],
    ["unix:", /absolute path in the guest; write unix:\/PATH/],
    ["unix:relative", /absolute path/],
    ["unix:/a\0b", /absolute path/],
    [`${"a".repeat(64)}.test`, /neither name nor address/],
  ])("%j", (rule, advice) => {
    expect(() => NetPolicy.parse(["1.2.3.4", rule])).toThrow(TypeError);
    expect(() => NetPolicy.parse([rule])).toThrow(`Cannot use the network rule "${rule}": `);
    expect(() => NetPolicy.parse([rule])).toThrow(advice);
  });
});

describe("what would allow it", () => {
  const policy = NetPolicy.none();

  test.each(
    [
      ["connect", "1.2.3.4:80", "connect:1.2.3.4:80"],
      ["connect", "[2001:db8::1]:80", "connect:[2001:db8::1]:80"],
      ["connect", "[::ffff:1.2.3.4]:80", "connect:1.2.3.4:80"],
      ["connect", "0.0.0.0:80", "connect:127.0.0.1:80"],
      ["connect", "[::]:80", "connect:[::1]:80"],
      ["listen", "0.0.0.0:80", "listen:0.0.0.0:80"],
      ["listen", "[::]:0", "listen:[::]:0"],
      ["listen", "127.0.0.1:80", "listen:127.0.0.1:80"],
      ["connect", "unix:/run/x/../a", "connect:unix:/run/a"],
      ["listen", "unix:/a", "listen:unix:/a"],
    ] as const,
  )("to %s at %s is %s", (action, text, rule) => {
    expect(policy.ruleFor(action, at(text))).toBe(rule);
    const allowing = NetPolicy.parse([rule]);
    expect(action === "listen" ? allowing.mayListen(at(text)) : allowing.mayConnect(at(text))).toBe(true);
  });

  test("to look up is the name", () => {
    expect(policy.ruleFor("lookup", "WWW.example.com.")).toBe("connect:www.example.com");
    expect(policy.ruleFor("lookup", "not a name")).toBe("*");
  });
});

const addresses = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  // Near to what has a meaning of its own.
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((v4) =>
    new Uint8Array([...new Array(10).fill(0), 255, 255, ...v4])
  ),
  fc.constantFrom("127.0.0.1", "0.0.0.0", "::", "::1").map((text) => bytesOf(text)),
);

function bytesOf(text: string): Uint8Array {
  return text.includes(":")
    ? new Uint8Array(16).fill(text === "::1" ? 1 : 0, 15)
    : Uint8Array.from(text.split("."), Number);
}

describe("properties", () => {
  test("what a refusal names allows just that, and the answer of before changes nothing", () => {
    fc.assert(fc.property(addresses, fc.integer({ min: 0, max: 65535 }), fc.boolean(), (bytes, port, listens) => {
      const address = inetAddress(ipText(bytes), port)!;
      const action = listens ? "listen" : "connect";
      const policy = NetPolicy.parse([NetPolicy.none().ruleFor(action, address)]);
      const may = (to: SocketAddress): boolean => listens ? policy.mayListen(to) : policy.mayConnect(to);
      const otherPort = { ...address, port: port ^ 1 };
      expect([may(address), may(otherPort), may({ ...address }), may(address)]).toEqual([true, false, true, true]);
      expect(listens ? policy.mayConnect(address) : policy.mayListen(address)).toBe(false);
    }));
  });

  test("a range covers an address if their first bits are the same", () => {
    fc.assert(fc.property(addresses, addresses, fc.nat(128), (range, bytes, wanted) => {
      const bits = Math.min(wanted, range.length * 8);
      const binary = (of: Uint8Array): string => Array.from(of, (byte) => byte.toString(2).padStart(8, "0")).join("");
      const first = binary(range).slice(0, bits).padEnd(range.length * 8, "0");
      const start = Uint8Array.from(first.match(/.{8}/g)!, (byte) => parseInt(byte, 2));
      const text = start.length === 4 ? `${ipText(start)}/${bits}` : `[${ipText(start)}]/${bits}`;
      const policy = NetPolicy.parse([text]);
      const plain = (of: Uint8Array): Uint8Array => {
        const v4 = of.length === 16 && binary(of).startsWith("0".repeat(80) + "1".repeat(16)) ? of.slice(12) : of;
        return v4.every((byte) => byte === 0) ? bytesOf(v4.length === 4 ? "127.0.0.1" : "::1") : v4;
      };
      const isMappedRange = start.length === 16 && bits >= 96 &&
        binary(start).startsWith("0".repeat(80) + "1".repeat(16));
      const compared = isMappedRange ? start.slice(12) : start;
      const length = isMappedRange ? bits - 96 : bits;
      // The one address that stands for another.
      const from = length === compared.length * 8 ? plain(compared) : compared;
      const target = plain(bytes);
      const expected = from.length === target.length &&
        binary(from).slice(0, length) === binary(target).slice(0, length);
      expect(policy.mayConnect(inetAddress(ipText(bytes), 1)!)).toBe(expected);
    }));
  });

  test("no text makes parsing fail in another way, and what is taken is taken again", () => {
    const pieces = fc.constantFrom(
      "*",
      ".",
      ":",
      "[",
      "]",
      "/",
      "-",
      "a",
      "9",
      "listen:",
      "unix:",
      "::",
      "10.0.0.0",
      "x.y",
    );
    fc.assert(fc.property(fc.oneof(fc.string(), fc.array(pieces).map((parts) => parts.join(""))), (rule) => {
      try {
        NetPolicy.parse([rule]);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        expect((error as Error).message).toContain(`"${rule}"`);
      }
    }));
  });

  test("a name has one form", () => {
    fc.assert(fc.property(fc.string(), (text) => {
      const name = canonicalName(text);
      if (name === undefined) return;
      expect(canonicalName(name)).toBe(name);
      expect(canonicalName(`${name.toUpperCase()}.`)).toBe(name);
      expect(name).toMatch(/^[a-z0-9_.-]+$/);
    }));
  });
});
