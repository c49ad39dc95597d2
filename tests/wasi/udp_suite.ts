/**
 * UDP of wasi:sockets.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { ComponentTrap } from "../../src/component/link/trap.ts";
import { Family } from "../../src/contract/network.ts";
import type { FamilyValue, SocketAddressValue } from "../../src/wasi/p2/sockets/address_values.ts";
import type { SocketBackend } from "../system/socket_systems.ts";
import { type Datagram, ipv4, ipv6, loopback, portOf, type SocketGuest, socketGuest } from "./socket_guest.ts";

const KIND = "udp-socket";

/** A bound socket with its streams. */
interface Bound {
  readonly socket: number;
  readonly address: SocketAddressValue;
  readonly incoming: number;
  readonly outgoing: number;
}

async function bound(guest: SocketGuest, family: FamilyValue = "ipv4"): Promise<number> {
  const socket = guest.udp(family);
  expect(await guest.bind(socket, loopback(family, 0), KIND)).toBe("ok");
  return socket;
}

async function open(guest: SocketGuest, remote?: SocketAddressValue, family: FamilyValue = "ipv4"): Promise<Bound> {
  const socket = await bound(guest, family);
  const [incoming, outgoing] = streams(guest, socket, remote);
  return { socket, address: guest.localAddress(socket, KIND), incoming, outgoing };
}

function streams(guest: SocketGuest, socket: number, remote?: SocketAddressValue): readonly [number, number] {
  const made = guest.stream(socket, remote);
  if (typeof made === "string") throw new Error(made);
  return made;
}

function texts(datagrams: readonly Datagram[] | string): string[] | string {
  if (typeof datagrams === "string") return datagrams;
  return datagrams.map(({ data }) => new TextDecoder().decode(data));
}

/** The suite. */
export function udpSuite(name: string, backend: SocketBackend): void {
  const families: FamilyValue[] = backend.inet.map((family) => family === Family.INET ? "ipv4" : "ipv6");

  describe(`${name}: states of a UDP socket`, () => {
    test("unbound", async () => {
      const guest = await socketGuest(backend);
      const socket = guest.udp();
      expect(await guest.finishBind(socket, KIND)).toBe("not-in-progress");
      expect(guest.stream(socket)).toBe("invalid-state");
      expect(guest.stream(socket, ipv4(1))).toBe("invalid-state");
      expect(guest.get(KIND, socket, "local-address")).toEqual({ error: "invalid-state" });
      expect(guest.get(KIND, socket, "remote-address")).toEqual({ error: "invalid-state" });
      expect(await guest.isReady(KIND, socket)).toBe(true);
      guest.drop(socket, KIND);
    });

    test("bind-in-progress", async () => {
      const guest = await socketGuest(backend);
      const socket = guest.udp();
      expect(guest.startBind(socket, ipv4(0), KIND)).toBe("ok");
      expect(guest.startBind(socket, ipv4(0), KIND)).toBe("concurrency-conflict");
      expect(guest.stream(socket)).toBe("invalid-state");
      expect(guest.get(KIND, socket, "local-address")).toEqual({ error: "invalid-state" });
      await guest.wait(KIND, socket);
      expect(await guest.finishBind(socket, KIND)).toBe("ok");
    });

    test.each(families)("%s: bound, then with a peer, then without", async (family) => {
      const guest = await socketGuest(backend);
      const peer = await open(guest, undefined, family);
      const socket = await bound(guest, family);
      expect(guest.startBind(socket, loopback(family, 0), KIND)).toBe("invalid-state");
      expect(await guest.finishBind(socket, KIND)).toBe("not-in-progress");
      expect(portOf(guest.localAddress(socket, KIND))).toBeGreaterThan(0);
      expect(guest.value(KIND, socket, "address-family")).toBe(family);
      streams(guest, socket);
      expect(guest.get(KIND, socket, "remote-address")).toEqual({ error: "invalid-state" });
      streams(guest, socket, peer.address);
      expect(guest.get(KIND, socket, "remote-address")).toEqual(peer.address);
      streams(guest, socket);
      expect(guest.get(KIND, socket, "remote-address")).toEqual({ error: "invalid-state" });
    });

    test("an address in use", async () => {
      const guest = await socketGuest(backend);
      const { address } = await open(guest);
      const socket = guest.udp();
      expect(await guest.bind(socket, address, KIND)).toBe("address-in-use");
      expect(await guest.bind(socket, ipv4(0), KIND)).toBe("ok");
    });

    test("an address of another machine", async () => {
      const guest = await socketGuest(backend);
      expect(await guest.bind(guest.udp(), ipv4(0, 192, 0, 2, 1), KIND)).toBe("address-not-bindable");
    });

    test.runIf(families.includes("ipv6"))("the wrong family and mapped addresses", async () => {
      const guest = await socketGuest(backend);
      const mapped = ipv6(1, [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1]);
      expect(guest.startBind(guest.udp("ipv4"), ipv6(0), KIND)).toBe("invalid-argument");
      expect(guest.startBind(guest.udp("ipv6"), ipv4(0), KIND)).toBe("invalid-argument");
      expect(guest.startBind(guest.udp("ipv6"), mapped, KIND)).toBe("invalid-argument");
      const socket = await bound(guest, "ipv6");
      expect(guest.stream(socket, mapped)).toBe("invalid-argument");
      expect(guest.stream(socket, ipv4(1))).toBe("invalid-argument");
      expect(guest.stream(socket, ipv6(1, [0, 0, 0, 0, 0, 0, 0, 0]))).toBe("invalid-argument");
    });

    test("a peer without address or port", async () => {
      const guest = await socketGuest(backend);
      const socket = await bound(guest);
      expect(guest.stream(socket, ipv4(0))).toBe("invalid-argument");
      expect(guest.stream(socket, ipv4(1, 0, 0, 0, 0))).toBe("invalid-argument");
    });

    test.each(
      [
        ["unicast-hop-limit", 0, 32],
        ["receive-buffer-size", 0n, 131_072n],
        ["send-buffer-size", 0n, 131_072n],
      ] as const,
    )("%s", async (option, zero, value) => {
      const guest = await socketGuest(backend);
      const socket = await bound(guest);
      expect(guest.done(KIND, socket, `set-${option}`, zero)).toBe("invalid-argument");
      const set = guest.done(KIND, socket, `set-${option}`, value);
      expect(["ok", "not-supported"]).toContain(set);
      if (backend.hasLingerTime || backend.isVirtual) {
        expect([set, guest.get(KIND, socket, option)]).toEqual(["ok", value]);
      }
      expect(Number(guest.get(KIND, socket, option))).toBeGreaterThan(0);
    });
  });

  describe(`${name}: datagrams`, () => {
    test.each(families)("%s: with and without a peer", async (family) => {
      const guest = await socketGuest(backend);
      const server = await open(guest, undefined, family);
      const client = await open(guest, server.address, family);
      expect(await guest.sent(client.outgoing, ["one"])).toBe(1);
      const [first] = await guest.received(server.incoming);
      expect(texts([first!])).toEqual(["one"]);
      expect(first!.from).toEqual(client.address);
      expect(await guest.sent(server.outgoing, ["two", first!.from])).toBe(1);
      const [second] = await guest.received(client.incoming);
      expect([texts([second!]), second!.from]).toEqual([["two"], server.address]);
    });

    test("many at once, empty ones, and no more than asked for", async () => {
      const guest = await socketGuest(backend);
      const server = await open(guest);
      const client = await open(guest, server.address);
      expect(await guest.receive(server.incoming)).toEqual([]);
      expect(await guest.receive(server.incoming, 0)).toEqual([]);
      expect(await guest.isReady("incoming-datagram-stream", server.incoming)).toBe(false);
      expect(await guest.sent(client.outgoing, ["a"], [""], ["ccc"], ["d"], ["e"])).toBe(5);
      const received: string[] = [];
      while (received.length < 5) {
        await guest.wait("incoming-datagram-stream", server.incoming);
        const some = texts(await guest.receive(server.incoming, 2));
        expect(some.length).toBeLessThanOrEqual(2);
        received.push(...some as string[]);
      }
      expect(received).toEqual(["a", "", "ccc", "d", "e"]);
      expect(await guest.receive(server.incoming, 2n ** 64n - 1n)).toEqual([]);
    });

    test("the largest and one that is too large", async () => {
      const guest = await socketGuest(backend);
      const server = await open(guest);
      const client = await open(guest, server.address);
      const large = new Uint8Array(9000).map((_, i) => i & 0xff);
      expect(await guest.sent(client.outgoing, [large])).toBe(1);
      expect((await guest.received(server.incoming))[0]!.data).toEqual(large);
      expect(await guest.sent(client.outgoing, [new Uint8Array(65_600)])).toBe("datagram-too-large");
      expect(await guest.sent(client.outgoing, ["ok"])).toBe(1);
    });

    test("those before a failure are counted", async () => {
      const guest = await socketGuest(backend);
      const server = await open(guest);
      const client = await open(guest, server.address);
      expect(await guest.sent(client.outgoing, ["ok"], [new Uint8Array(65_600)], ["not sent"])).toBe(1);
      expect(texts(await guest.received(server.incoming))).toEqual(["ok"]);
    });

    test("a peer filters what comes, also what came before", async () => {
      const guest = await socketGuest(backend);
      const server = await open(guest);
      const friend = await open(guest);
      const stranger = await open(guest);
      expect(await guest.sent(stranger.outgoing, ["before", server.address])).toBe(1);
      await guest.wait("incoming-datagram-stream", server.incoming);
      const [incoming] = streams(guest, server.socket, friend.address);
      expect(await guest.sent(stranger.outgoing, ["after", server.address])).toBe(1);
      expect(await guest.sent(friend.outgoing, ["friend", server.address])).toBe(1);
      expect(texts(await guest.received(incoming))).toEqual(["friend"]);
      expect(texts(await guest.receive(incoming))).toEqual([]);
    });

    test("to a peer: its address or none", async () => {
      const guest = await socketGuest(backend);
      const server = await open(guest);
      const other = await open(guest);
      const client = await open(guest, server.address);
      expect(await guest.sent(client.outgoing, ["named", server.address])).toBe(1);
      expect(await guest.sent(client.outgoing, ["other", other.address])).toBe("invalid-argument");
      expect(texts(await guest.received(server.incoming))).toEqual(["named"]);
    });

    test("without a peer: an address that can be sent to", async () => {
      const guest = await socketGuest(backend);
      const { outgoing } = await open(guest);
      expect(await guest.sent(outgoing, ["to nobody"])).toBe("invalid-argument");
      expect(await guest.sent(outgoing, ["port 0", ipv4(0)])).toBe("invalid-argument");
      expect(await guest.sent(outgoing, ["anywhere", ipv4(1, 0, 0, 0, 0)])).toBe("invalid-argument");
      expect(await guest.sent(outgoing, ["IPv6", ipv6(1)])).toBe("invalid-argument");
    });

    test("the streams of an earlier call no longer work", async () => {
      const guest = await socketGuest(backend);
      const server = await open(guest);
      const client = await open(guest);
      const [incoming, outgoing] = streams(guest, client.socket, server.address);
      expect(await guest.receive(client.incoming)).toBe("invalid-state");
      expect(await guest.checkSend(client.outgoing)).toBe("invalid-state");
      expect(await guest.isReady("incoming-datagram-stream", client.incoming)).toBe(true);
      expect(await guest.sent(outgoing, ["still"])).toBe(1);
      const [datagram] = await guest.received(server.incoming);
      expect(await guest.sent(server.outgoing, ["there", datagram!.from])).toBe(1);
      expect(texts(await guest.received(incoming))).toEqual(["there"]);
    });

    test("permits: none without check-send, none above it, each for one call", async () => {
      const guest = await socketGuest(backend);
      const { outgoing, address } = await open(guest);
      expect(() => guest.send(outgoing, ["early", address])).toThrow(ComponentTrap);
      expect(guest.send(outgoing)).toBe(0);
      await guest.wait("outgoing-datagram-stream", outgoing);
      const permit = await guest.checkSend(outgoing) as number;
      expect(permit).toBeGreaterThan(0);
      const one = ["one", address] as const;
      expect(() => guest.send(outgoing, ...Array<typeof one>(permit + 1).fill(one))).toThrow(ComponentTrap);
      expect(guest.send(outgoing, one)).toBe(1);
      expect(() => guest.send(outgoing, one)).toThrow(ComponentTrap);
    });

    test.runIf(backend.tellsRefusedDatagrams && !backend.isVirtual)("a refusal is reported once", async () => {
      const guest = await socketGuest(backend);
      const gone = await open(guest);
      const client = await open(guest, gone.address);
      for (const stream of ["incoming-datagram-stream", "outgoing-datagram-stream"] as const) {
        guest.drop(stream === "incoming-datagram-stream" ? gone.incoming : gone.outgoing, stream);
      }
      guest.drop(gone.socket, KIND);
      // The system needs a moment to close it.
      for (let i = 0; i < 100; i++) {
        const sent = await guest.sent(client.outgoing, ["hello?"]);
        const received = await guest.receive(client.incoming);
        if (sent === "connection-refused" || received === "connection-refused") return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error("no refusal was reported");
    });

    test("socket, streams and pollables are dropped in any order", async () => {
      const guest = await socketGuest(backend);
      const parts = ["udp-socket", "incoming-datagram-stream", "outgoing-datagram-stream"] as const;
      for (const order of permutations(parts)) {
        const { socket, incoming, outgoing, address } = await open(guest);
        const handles = {
          "udp-socket": socket,
          "incoming-datagram-stream": incoming,
          "outgoing-datagram-stream": outgoing,
        };
        const pollables = parts.map((part) => guest.subscribe("wasi:sockets/udp@0.2", part, handles[part]));
        for (const part of order) guest.drop(handles[part], part);
        expect(await guest.poll(pollables)).toEqual([0, 1, 2]);
        for (const pollable of pollables) guest.drop(pollable, "pollable");
        expect(await becomesFree(guest, address)).toBe(true);
      }
    });

    test("streams work without their socket", async () => {
      const guest = await socketGuest(backend);
      const server = await open(guest);
      const client = await open(guest, server.address);
      guest.drop(server.socket, KIND);
      guest.drop(client.socket, KIND);
      expect(await guest.sent(client.outgoing, ["alone"])).toBe(1);
      expect(texts(await guest.received(server.incoming))).toEqual(["alone"]);
    });
  });
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) => permutations(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]));
}

/** Not every runtime closes a socket before the next turn of the event loop. */
async function becomesFree(guest: SocketGuest, address: SocketAddressValue): Promise<boolean> {
  for (let i = 0; i < 50; i++) {
    const socket = guest.udp();
    const result = await guest.bind(socket, address, KIND);
    guest.drop(socket, KIND);
    if (result === "ok") return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}
