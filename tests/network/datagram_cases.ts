/** Datagram sockets. */

import { expect } from "vitest";
import { Family, type SocketAddress, SocketOption, SocketType } from "../../src/contract/network.ts";
import { Errno } from "../../src/witx/errno.ts";
import type { DriverCases, DriverTest } from "./driver_suite.ts";
import { type DatagramEnd, pass } from "./waiting_ends.ts";

/** Two sockets, each with an address of its own. */
async function two(test: DriverTest): Promise<[DatagramEnd, DatagramEnd]> {
  const one = await test.ends.datagram(test.anywhere);
  const other = await test.ends.datagram(test.family === Family.UNIX ? test.path() : test.anywhere);
  return [one, other];
}

/** Cases of every family. */
export const DATAGRAM_CASES: DriverCases = {
  "are supported"({ driver, family }) {
    expect(driver.supports(family, SocketType.DGRAM)).toBe(0);
  },

  async "carry datagrams one by one, and tell who sent them"(test) {
    const [one, other] = await two(test);
    expect(one.send("hello", other.address)).toBe(5);
    expect(one.send("you", other.address)).toBe(3);
    await other.receiving(2);
    expect(other.texts).toEqual(["hello", "you"]);
    expect(other.datagrams[0]!.from).toEqual(one.address);
    other.send("echo", other.datagrams[0]!.from);
    await one.receiving(1);
    expect(one.datagrams[0]!.from).toEqual(other.address);
  },

  async "carry an empty datagram"(test) {
    const [one, other] = await two(test);
    expect(one.send("", other.address)).toBe(0);
    await other.receiving(1);
    expect(other.texts).toEqual([""]);
  },

  async "send to their peer once they are connected"(test) {
    const [one, other] = await two(test);
    one.handle.connect(other.address);
    expect(one.send("to my peer")).toBe(10);
    await other.receiving(1);
    expect(other.datagrams[0]!.from).toEqual(one.address);
    other.send("back", one.address);
    await one.receiving(1);
    expect(one.texts).toEqual(["back"]);
  },

  async "can be connected within the call that opens them"(test) {
    const other = await test.ends.datagram(test.anywhere);
    const local = test.family === Family.UNIX ? test.path() : test.anywhere;
    const one = test.ends.beginDatagram(local, new Map());
    one.handle.connect(other.address);
    await one.opening();
    expect(one.send("early")).toBe(5);
    await other.receiving(1);
    expect(other.texts).toEqual(["early"]);
  },

  async "can be connected to another peer, and to none"(test) {
    const [one, other] = await two(test);
    const third = await test.ends.datagram(test.family === Family.UNIX ? test.path() : test.anywhere);
    one.handle.connect(other.address);
    one.handle.connect(third.address);
    expect(one.send("to the third")).toBe(12);
    await third.receiving(1);
    one.handle.connect(undefined);
    expect(one.send("to nobody")).toBe(-Errno.DESTADDRREQ);
    expect(one.send("to the other", other.address)).toBe(12);
    await other.receiving(1);
    expect([other.texts, third.texts]).toEqual([["to the other"], ["to the third"]]);
  },

  async "need a peer"(test) {
    const [one] = await two(test);
    expect(one.send("to nobody")).toBe(-Errno.DESTADDRREQ);
  },

  async "can't be bound where another is"({ ends, anywhere }) {
    const one = await ends.datagram(anywhere);
    expect(await ends.datagramError(one.address)).toBe("ADDRINUSE");
  },

  async "can be bound again where one was"({ ends, anywhere, family, features }) {
    if (family === Family.UNIX && features.keepsPaths) return;
    const one = await ends.datagram(anywhere);
    const { address } = one;
    one.close();
    await pass(5);
    expect((await ends.datagram(address)).address).toEqual(address);
  },

  async "copy what they send"(test) {
    const [one, other] = await two(test);
    const memory = new TextEncoder().encode("..text..");
    for (let i = 0; i < 8; i++) {
      memory.set(new TextEncoder().encode(`t${String(i).padStart(3, "0")}`), 2);
      expect(one.handle.send(memory, 2, 4, other.address)).toBe(4);
    }
    await other.receiving(8);
    expect(other.texts).toEqual(Array.from({ length: 8 }, (_, i) => `t${String(i).padStart(3, "0")}`));
  },

  async "send what they have taken before they are closed"(test) {
    const [one, other] = await two(test);
    const texts = ["", "second", "third", "fourth"];
    for (const text of texts) expect(one.send(text, other.address)).toBe(text.length);
    one.close();
    await other.receiving(texts.length);
    expect(other.texts).toEqual(texts);
  },

  async "tell nothing after they were closed"(test) {
    const [one, other] = await two(test);
    const to = other.address;
    one.send("x", to);
    other.close();
    await pass();
    expect(other.datagrams.length).toBe(0);
    one.close();
    one.close();
  },
};

/** Cases of UDP. */
export const INET_DATAGRAM_CASES: DriverCases = {
  async "know their address"({ ends, anywhere }) {
    const one = await ends.datagram(anywhere);
    expect(one.address).toEqual({ ...anywhere, port: one.address.port });
    expect(one.address.port).toBeGreaterThan(0);
  },

  async "take no datagram that is too long, and the longest that is not"(test) {
    const [one, other] = await two(test);
    const most = test.family === Family.INET ? 65507 : 65527;
    const bytes = new Uint8Array(most + 1).fill(7);
    expect(one.handle.send(bytes, 0, most + 1, other.address)).toBe(-Errno.MSGSIZE);
    // Less than the loopback's largest packet: what it would have to cut, some kernels drop.
    expect(one.handle.send(bytes, 0, 60_000, other.address)).toBe(60_000);
    await other.receiving(1);
    expect(other.datagrams[0]!.bytes.length).toBe(60_000);
    expect(other.datagrams[0]!.bytes.every((byte) => byte === 7)).toBe(true);
  },

  async "receive from nobody but their peer"(test) {
    const [one, other] = await two(test);
    const third = await test.ends.datagram(test.anywhere);
    one.handle.connect(other.address);
    third.send("intruder", one.address);
    await pass();
    other.send("peer", one.address);
    await one.until(() => one.texts.includes("peer"), "the peer's datagram");
    if (test.driver.hasHostPaths) expect(one.texts).toEqual(["peer"]);
  },

  async "learn that nobody listens at their peer"({ ends, anywhere, features }) {
    if (!features.tellsRefusedDatagrams) return;
    const gone = await ends.datagram(anywhere);
    const { address } = gone;
    gone.close();
    await pass(5);
    const one = await ends.datagram(anywhere);
    one.handle.connect(address);
    expect(one.send("anybody?")).toBe(8);
    await one.until(() => one.refusals.length > 0, "a refusal");
    expect(one.refusals[0]).toBe(Errno.CONNREFUSED);
    await pass();
    one.handle.connect(undefined);
    const other = await ends.datagram(anywhere);
    expect(one.send("it goes on", other.address)).toBe(10);
    await other.receiving(1);
  },

  async "refuse a port that is none"({ ends, anywhere }) {
    const one = await ends.datagram(anywhere);
    const nowhere: SocketAddress = { ...anywhere, port: 0 };
    one.handle.connect(nowhere);
    const sent = one.send("x");
    if (sent >= 0) await one.until(() => one.refusals.length > 0, "a refusal");
    const other = await ends.datagram(anywhere);
    one.handle.connect(other.address);
    expect(one.send("it goes on")).toBe(10);
    await other.receiving(1);
  },

  async "have no room for a flood, and then have it again"(test) {
    const [one, other] = await two(test);
    const bytes = new Uint8Array(30_000);
    let sent = 0;
    let result = bytes.length;
    while (sent < 10_000 && result === bytes.length) {
      result = one.handle.send(bytes, 0, bytes.length, other.address);
      if (result > 0) sent++;
    }
    // A driver that hands each to the system within the call never has too many.
    if (sent === 10_000) return;
    expect(result).toBe(-Errno.AGAIN);
    await one.until(() => one.writables > 0, "room");
    expect(one.send("x", other.address)).toBe(1);
  },

  async "share a port with REUSEADDR"({ ends, driver, anywhere }) {
    if (!driver.options(SocketType.DGRAM).has(SocketOption.REUSEADDR)) return;
    const options = new Map<SocketOption, number>([[SocketOption.REUSEADDR, 1]]);
    const one = await ends.datagram(anywhere, options);
    const other = await ends.datagram(one.address, options);
    expect(other.address).toEqual(one.address);
  },

  async "can't be bound to an address of another host"({ ends, family, features }) {
    if (features.foreignHost === undefined || family !== Family.INET) return;
    expect(await ends.datagramError({ family, host: features.foreignHost, port: 0 })).toBe("ADDRNOTAVAIL");
  },

  async "take options, before and after they are open"({ ends, anywhere, family, features }) {
    if (!features.hasDatagramOptions) return;
    const values = new Map<SocketOption, number>([[SocketOption.BROADCAST, 1], [SocketOption.SNDBUF, 65536]]);
    const { handle } = await ends.datagram(anywhere, values);
    expect(handle.getOption!(SocketOption.SNDBUF)).toBeGreaterThanOrEqual(65536);
    const lacksHops = family === Family.INET6 && features.lacksIpv6Hops === true;
    for (const option of [SocketOption.HOPS, SocketOption.MULTICAST_HOPS]) {
      const [valid, invalid] = lacksHops ? [-Errno.NOPROTOOPT, -Errno.NOPROTOOPT] : [0, -Errno.INVAL];
      expect([option, handle.setOption(option, 7)]).toEqual([option, valid]);
      expect([option, handle.setOption(option, 256)]).toEqual([option, invalid]);
    }
    for (const option of [SocketOption.BROADCAST, SocketOption.MULTICAST_LOOP]) {
      expect([option, handle.setOption(option, 0)]).toEqual([option, 0]);
      expect([option, handle.setOption(option, 1)]).toEqual([option, 0]);
    }
    expect(handle.setOption(SocketOption.NODELAY, 1)).toBe(-Errno.NOPROTOOPT);
  },

  async "may send to everybody only with BROADCAST"({ ends, family, features }) {
    if (!features.hasDatagramOptions || family !== Family.INET) return;
    const one = await ends.datagram({ family, host: "0.0.0.0", port: 0 });
    const sent = one.send("x", { family, host: "127.255.255.255", port: 9 });
    if (sent >= 0) await one.until(() => one.refusals.length > 0, "a refusal");
    expect(sent >= 0 ? one.refusals[0] : -sent).toBe(Errno.ACCES);
    expect(one.handle.setOption(SocketOption.BROADCAST, 1)).toBe(0);
    const before = one.refusals.length;
    expect(one.send("x", { family, host: "127.255.255.255", port: 9 })).toBe(1);
    await pass();
    expect(one.refusals.slice(before)).not.toContain(Errno.ACCES);
  },
};

/** Cases of IPv6 and IPv4 together. */
export const IPV6_DATAGRAM_CASES: DriverCases = {
  async "exchange datagrams with IPv4 at the wildcard"({ ends }) {
    const wildcard = await ends.datagram({ family: Family.INET6, host: "::", port: 0 });
    const v4 = await ends.datagram({ family: Family.INET, host: "127.0.0.1", port: 0 });
    v4.send("from IPv4", { family: Family.INET, host: "127.0.0.1", port: wildcard.address.port });
    await wildcard.receiving(1);
    const mapped: SocketAddress = { family: Family.INET6, host: "::ffff:127.0.0.1", port: v4.address.port };
    expect(wildcard.datagrams[0]!.from).toEqual(mapped);
    wildcard.send("back", mapped);
    await v4.receiving(1);
    expect(v4.texts).toEqual(["back"]);
  },

  async "take none of IPv4 where V6ONLY is set"({ ends, driver }) {
    if (!driver.options(SocketType.DGRAM).has(SocketOption.V6ONLY)) return;
    const options = new Map<SocketOption, number>([[SocketOption.V6ONLY, 1]]);
    const v6 = await ends.datagram({ family: Family.INET6, host: "::", port: 0 }, options);
    const v4 = await ends.datagram({ family: Family.INET, host: "127.0.0.1", port: 0 });
    v4.send("from IPv4", { family: Family.INET, host: "127.0.0.1", port: v6.address.port });
    const other = await ends.datagram({ family: Family.INET6, host: "::1", port: 0 });
    await pass();
    other.send("from IPv6", { family: Family.INET6, host: "::1", port: v6.address.port });
    await v6.receiving(1);
    expect(v6.texts).toEqual(["from IPv6"]);
  },
};

const UNNAMED: SocketAddress = { family: Family.UNIX, host: "", port: 0 };

/** Cases of unix sockets. */
export const UNIX_DATAGRAM_CASES: DriverCases = {
  async "may have no name"({ ends, anywhere }) {
    const named = await ends.datagram(anywhere);
    const unnamed = await ends.datagram(UNNAMED);
    expect(unnamed.address).toEqual(UNNAMED);
    unnamed.send("x", named.address);
    await named.receiving(1);
    expect(named.datagrams[0]!.from).toEqual(UNNAMED);
  },

  async "find no path that is not there, or where nobody listens"(test) {
    const one = await test.ends.datagram(UNNAMED);
    expect([-Errno.NOENT, -Errno.CONNREFUSED]).toContain(one.send("x", test.path()));
    const gone = await test.ends.datagram(test.anywhere);
    gone.close();
    expect([-Errno.NOENT, -Errno.CONNREFUSED]).toContain(one.send("x", test.anywhere));
    one.handle.connect(test.path());
    await one.until(() => one.refusals.length > 0, "a refusal");
    expect([Errno.NOENT, Errno.CONNREFUSED]).toContain(one.refusals[0]);
  },

  async "have room again once the receiver took some"({ ends, anywhere }) {
    const receiver = await ends.datagram(anywhere);
    const sender = await ends.datagram(UNNAMED);
    receiver.handle.pause();
    let sent = 0;
    while (sent < 100_000 && sender.send("x", receiver.address) > 0) sent++;
    expect(sent).toBeLessThan(100_000);
    expect(sender.send("x", receiver.address)).toBe(-Errno.AGAIN);
    receiver.handle.resume();
    await receiver.receiving(sent);
    await sender.until(() => sender.writables > 0, "room");
    expect(sender.send("x", receiver.address)).toBe(1);
    await receiver.receiving(sent + 1);
    expect(receiver.datagrams.length).toBe(sent + 1);
  },
};
