/**
 * The network of wasi:sockets: its policy, and lookups of names.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import type { SocketBackend } from "../system/socket_systems.ts";
import { ipv4, portOf, socketGuest } from "./socket_guest.ts";

const KIND = "udp-socket";

/** The suite. */
export function networkSuite(name: string, backend: SocketBackend): void {
  describe(`${name}: a guest without a network`, () => {
    test("has no sockets and no lookups, and the host hears of it", async () => {
      const guest = await socketGuest(backend, { net: undefined });
      expect(guest.tcpOrError("ipv4")).toBe("access-denied");
      expect(guest.udpOrError("ipv6")).toBe("access-denied");
      expect(guest.resolve("localhost")).toBe("access-denied");
      expect(guest.refusals).toEqual([
        { action: "connect", target: "*", rule: "*" },
        { action: "connect", target: "*", rule: "*" },
        { action: "lookup", target: "localhost", rule: "*" },
      ]);
    });
  });

  describe(`${name}: the policy`, () => {
    test("refuses a bind, a connect and a datagram, and says so", async () => {
      const guest = await socketGuest(backend, { net: { allow: ["192.0.2.7:80"] } });
      const tcp = guest.tcp();
      expect(guest.startBind(tcp, ipv4(0))).toBe("access-denied");
      expect(guest.startConnect(tcp, ipv4(81))).toBe("access-denied");
      const udp = guest.udp();
      expect(guest.startBind(udp, ipv4(53), KIND)).toBe("access-denied");
      expect(await guest.bind(udp, ipv4(0, 0, 0, 0, 0), KIND)).toBe("ok");
      expect(guest.stream(udp, ipv4(82))).toBe("access-denied");
      const [, outgoing] = guest.stream(udp) as readonly [number, number];
      expect(await guest.sent(outgoing, ["no", ipv4(83)])).toBe("access-denied");
      expect(guest.refusals.map(({ action, target }) => `${action} ${target}`)).toEqual([
        "listen 127.0.0.1:0",
        "connect 127.0.0.1:81",
        "listen 127.0.0.1:53",
        "connect 127.0.0.1:82",
        "connect 127.0.0.1:83",
      ]);
    });

    test("a refused connect leaves the socket as it is", async () => {
      const server = await socketGuest(backend);
      const { socket, address } = await server.listener();
      const guest = await socketGuest(backend, { net: { allow: [`127.0.0.1:${portOf(address)}`] } });
      const client = guest.tcp();
      expect(guest.startConnect(client, ipv4(1))).toBe("access-denied");
      const connected = guest.connect(client, address);
      await server.accepted(socket);
      expect(typeof await connected).toBe("object");
    });

    test("a name in a rule is looked up before a connect to an address is refused", async () => {
      const guest = await socketGuest(backend, { net: { allow: ["localhost:1", "nobody.invalid"] } });
      const socket = guest.tcp();
      // In progress: the lookup of nobody.invalid. A thread that blocks has the answer at once.
      const result = await guest.connect(socket, ipv4(1, 192, 0, 2, 1));
      expect(result).toBe("access-denied");
      expect(guest.refusals.map(({ action, target }) => `${action} ${target}`)).toEqual(["connect 192.0.2.1:1"]);
    });

    test("datagrams wait for the names of rules, too", async () => {
      const guest = await socketGuest(backend, { net: { allow: ["nobody.invalid"] } });
      const udp = guest.udp();
      expect(await guest.bind(udp, ipv4(0, 0, 0, 0, 0), KIND)).toBe("ok");
      const [, outgoing] = guest.stream(udp) as readonly [number, number];
      expect(await guest.sent(outgoing, ["no", ipv4(1, 192, 0, 2, 1)])).toBe("access-denied");
      const peer = guest.stream(udp, ipv4(1, 192, 0, 2, 1));
      if (typeof peer === "string") expect(peer).toBe("access-denied");
      else expect(await guest.sent(peer[1], ["no"])).toBe("access-denied");
    });
  });

  describe(`${name}: lookups`, () => {
    test("of localhost", async () => {
      const guest = await socketGuest(backend);
      const found = await guest.resolved("localhost");
      expect(found).toContainEqual({ tag: "ipv4", val: [127, 0, 0, 1] });
    });

    test.each(
      [
        ["127.0.0.1", { tag: "ipv4", val: [127, 0, 0, 1] }],
        ["192.0.2.1", { tag: "ipv4", val: [192, 0, 2, 1] }],
        ["::1", { tag: "ipv6", val: [0, 0, 0, 0, 0, 0, 0, 1] }],
        ["[::1]", { tag: "ipv6", val: [0, 0, 0, 0, 0, 0, 0, 1] }],
        ["2001:DB8::0:1", { tag: "ipv6", val: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1] }],
        ["::ffff:192.0.2.1", { tag: "ipv4", val: [192, 0, 2, 1] }],
      ] as const,
    )("of an address: %s", async (address, value) => {
      const guest = await socketGuest(backend);
      expect(await guest.resolved(address)).toEqual([value]);
    });

    test.each([
      "",
      " ",
      "a b",
      "-a",
      "a..b",
      "127.0.0.256",
      "127.1",
      "1",
      "[127.0.0.1]",
      "[localhost]",
      "[::1",
      "[[::1]]",
      "[::1%1]",
      "::1%1",
      "::1::",
      "example.com:80",
      "http://example.com",
      "example.com/",
      "a@b",
      "x\0y",
      "bücher/",
      "bücher:80",
      "bü cher",
      "a".repeat(64),
      `${"a.".repeat(130)}a`,
    ])("of what is no name: %j", async (text) => {
      const guest = await socketGuest(backend);
      expect(guest.resolve(text)).toBe("invalid-argument");
    });

    test("of nobody", async () => {
      const guest = await socketGuest(backend);
      expect(await guest.resolved("nobody.invalid")).toMatch(/^(name-unresolvable|temporary-resolver-failure)$/);
    });

    test.runIf(backend.isVirtual)("of names with several addresses, in order", async () => {
      const guest = await socketGuest(backend);
      expect(await guest.resolved("two.test")).toEqual([
        { tag: "ipv4", val: [10, 0, 0, 2] },
        { tag: "ipv6", val: [0xfd00, 0, 0, 0, 0, 0, 0, 2] },
      ]);
      expect(await guest.resolved("TWO.test.")).toHaveLength(2);
    });

    test("that the policy refuses", async () => {
      const guest = await socketGuest(backend, { net: { allow: ["192.0.2.1:80"] } });
      expect(guest.resolve("example.com")).toBe("access-denied");
      expect(guest.refusals.map(({ action, target }) => `${action} ${target}`)).toEqual(["lookup example.com"]);
      expect(await guest.resolved("192.0.2.9")).toEqual([{ tag: "ipv4", val: [192, 0, 2, 9] }]);
    });

    test("that are dropped before they are over", async () => {
      const guest = await socketGuest(backend);
      const stream = guest.resolve("nobody.invalid") as number;
      const pollable = guest.subscribe("wasi:sockets/ip-name-lookup@0.2", "resolve-address-stream", stream);
      guest.drop(stream, "resolve-address-stream");
      expect(await guest.poll([pollable])).toEqual([0]);
    });
  });
}
