/**
 * The states of `tcp-socket`, and the errors that the WIT has for them.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { Family } from "../../src/contract/network.ts";
import type { FamilyValue } from "../../src/wasi/p2/sockets/address_values.ts";
import type { SocketBackend } from "../system/socket_systems.ts";
import { connectionOr, ipv4, ipv6, loopback, portOf, type SocketGuest, socketGuest } from "./socket_guest.ts";

/** How a socket gets into a state. */
const STATES: Readonly<Record<string, (guest: SocketGuest) => number | Promise<number>>> = {
  unbound: (guest) => guest.tcp(),
  "bind-in-progress": (guest) => {
    const socket = guest.tcp();
    expect(guest.startBind(socket, ipv4(0))).toBe("ok");
    return socket;
  },
  bound: async (guest) => {
    const socket = guest.tcp();
    expect(await guest.bind(socket, ipv4(0))).toBe("ok");
    return socket;
  },
  "listen-in-progress": async (guest) => {
    const socket = guest.tcp();
    expect(await guest.bind(socket, ipv4(0))).toBe("ok");
    expect(guest.startListen(socket)).toBe("ok");
    return socket;
  },
  listening: async (guest) => (await guest.listener()).socket,
  "connect-in-progress": async (guest) => {
    const socket = guest.tcp();
    expect(guest.startConnect(socket, (await guest.listener()).address)).toBe("ok");
    return socket;
  },
  connected: async (guest) => (await guest.pair()).client.socket,
  closed: async (guest) => {
    const gone = await guest.listener();
    guest.drop(gone.socket, "tcp-socket");
    const socket = guest.tcp();
    expect(await guest.connect(socket, gone.address)).toBe("connection-refused");
    return socket;
  },
};

type StateName = string;
type Expected = Readonly<Record<StateName, string>>;

/** A method that changes the state, by its name. */
type Method = (guest: SocketGuest, socket: number) => Promise<string> | string;

const METHODS: Readonly<Record<string, Method>> = {
  "start-bind": (guest, socket) => guest.startBind(socket, ipv4(0)),
  "finish-bind": (guest, socket) => guest.finishBind(socket),
  "start-listen": (guest, socket) => guest.startListen(socket),
  "finish-listen": (guest, socket) => guest.finishListen(socket),
  "finish-connect": async (guest, socket) => {
    const result = await guest.finishConnect(socket);
    return typeof result === "string" ? result : "ok";
  },
  accept: async (guest, socket) => {
    const result = await guest.accept(socket);
    return typeof result === "string" ? result : "ok";
  },
  shutdown: (guest, socket) => guest.shutdown(socket, "both"),
  "set-listen-backlog-size": (guest, socket) => guest.done("tcp-socket", socket, "set-listen-backlog-size", 5n),
  "local-address": (guest, socket) => reached(guest, socket, "local-address"),
  "remote-address": (guest, socket) => reached(guest, socket, "remote-address"),
};

function reached(guest: SocketGuest, socket: number, name: string): string {
  const result = guest.get<object>("tcp-socket", socket, name);
  return "error" in result ? result.error as string : "ok";
}

/** `ok|would-block`: either, as the system is quick or not. */
const SOON = "ok|would-block";

/** One operation at a time. */
const CONFLICTS: Expected = {
  "bind-in-progress": "concurrency-conflict",
  "listen-in-progress": "concurrency-conflict",
  "connect-in-progress": "concurrency-conflict",
};

/** What each method answers in each state; `*`: in all others. */
const EXPECTED: Readonly<Record<string, Expected>> = {
  "start-bind": { ...CONFLICTS, unbound: "ok", "*": "invalid-state" },
  "finish-bind": { "bind-in-progress": SOON, "*": "not-in-progress" },
  "start-listen": { ...CONFLICTS, bound: "ok", "*": "invalid-state" },
  "finish-listen": { "listen-in-progress": SOON, "*": "not-in-progress" },
  "finish-connect": { "connect-in-progress": SOON, "*": "not-in-progress" },
  accept: { listening: "would-block", "*": "invalid-state" },
  shutdown: { connected: "ok", "*": "invalid-state" },
  "set-listen-backlog-size": {
    "connect-in-progress": "invalid-state",
    connected: "invalid-state",
    closed: "invalid-state",
    "*": "ok",
  },
  "local-address": {
    unbound: "invalid-state",
    "bind-in-progress": "invalid-state",
    closed: "invalid-state",
    "connect-in-progress": "ok|invalid-state",
    "*": "ok",
  },
  "remote-address": { connected: "ok", "*": "invalid-state" },
};

/** The suite. */
export function tcpStateSuite(name: string, backend: SocketBackend): void {
  const families: FamilyValue[] = backend.inet.map((family) => family === Family.INET ? "ipv4" : "ipv6");

  describe(`${name}: states of a TCP socket`, () => {
    describe.each(Object.keys(STATES))("%s", (state) => {
      test.each(Object.keys(METHODS))("%s", async (method) => {
        const guest = await socketGuest(backend);
        const socket = await STATES[state]!(guest);
        const expected = EXPECTED[method]![state] ?? EXPECTED[method]!["*"]!;
        expect(expected.split("|")).toContain(await METHODS[method]!(guest, socket));
      });

      test("start-connect", async () => {
        const guest = await socketGuest(backend);
        const listener = await guest.listener();
        const socket = await STATES[state]!(guest);
        const expected: Expected = { ...CONFLICTS, unbound: "ok", bound: "ok" };
        expect(guest.startConnect(socket, listener.address)).toBe(expected[state] ?? "invalid-state");
      });

      test("is-listening, address-family and dropping it", async () => {
        const guest = await socketGuest(backend);
        const socket = await STATES[state]!(guest);
        expect(guest.value("tcp-socket", socket, "is-listening")).toBe(state === "listening");
        expect(guest.value("tcp-socket", socket, "address-family")).toBe("ipv4");
        guest.drop(socket, "tcp-socket");
      });

      test("its pollable becomes ready", async () => {
        const guest = await socketGuest(backend);
        const socket = await STATES[state]!(guest);
        if (state === "listening") {
          expect(await guest.isReady("tcp-socket", socket)).toBe(false);
          connectionOr(await guest.connect(guest.tcp(), guest.localAddress(socket)));
        }
        await guest.wait("tcp-socket", socket);
        expect(await guest.isReady("tcp-socket", socket)).toBe(true);
      });
    });

    test("one pollable follows a socket through its states", async () => {
      const guest = await socketGuest(backend);
      const socket = guest.tcp();
      const pollable = guest.subscribe("wasi:sockets/tcp@0.2", "tcp-socket", socket);
      expect(await guest.poll([pollable])).toEqual([0]);
      expect(guest.startBind(socket, ipv4(0))).toBe("ok");
      expect(await guest.poll([pollable])).toEqual([0]);
      expect(await guest.finishBind(socket)).toBe("ok");
      expect(guest.startListen(socket)).toBe("ok");
      expect(await guest.poll([pollable])).toEqual([0]);
      expect(await guest.finishListen(socket)).toBe("ok");
      const client = guest.tcp();
      expect(guest.startConnect(client, guest.localAddress(socket))).toBe("ok");
      expect(await guest.poll([pollable])).toEqual([0]);
      connectionOr(await guest.accept(socket));
      guest.drop(socket, "tcp-socket");
      expect(await guest.poll([pollable])).toEqual([0]);
    });

    test("a bind that failed can be made again", async () => {
      const guest = await socketGuest(backend);
      const { address } = await guest.listener();
      const socket = guest.tcp();
      expect(await guest.bind(socket, address)).toBe("address-in-use");
      expect(await guest.bind(socket, ipv4(0))).toBe("ok");
      expect(await guest.bind(socket, ipv4(0))).toBe("invalid-state");
    });

    test("an invalid address of a connect leaves the socket as it is", async () => {
      const guest = await socketGuest(backend);
      const { address } = await guest.listener();
      const socket = guest.tcp();
      expect(guest.startConnect(socket, ipv4(0))).toBe("invalid-argument");
      connectionOr(await guest.connect(socket, address));
    });

    test("a bound socket connects from its address", async () => {
      const guest = await socketGuest(backend);
      const listener = await guest.listener();
      const socket = guest.tcp();
      expect(await guest.bind(socket, ipv4(0))).toBe("ok");
      const local = guest.localAddress(socket);
      connectionOr(await guest.connect(socket, listener.address));
      const server = await guest.accepted(listener.socket);
      expect(guest.localAddress(socket)).toEqual(local);
      expect(guest.get("tcp-socket", server.socket, "remote-address")).toEqual(local);
      expect(guest.get("tcp-socket", socket, "remote-address")).toEqual(listener.address);
    });
  });

  describe(`${name}: addresses of TCP`, () => {
    test.each(
      [
        ["IPv4 for IPv6", "ipv6", ipv4(0)],
        ["a broadcast", "ipv4", ipv4(0, 255, 255, 255, 255)],
        ["a multicast address", "ipv4", ipv4(0, 224, 0, 0, 1)],
        ["IPv6 for IPv4", "ipv4", ipv6(0)],
        ["a mapped address", "ipv6", ipv6(0, [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1])],
        ["a multicast address of IPv6", "ipv6", ipv6(0, [0xff01, 0, 0, 0, 0, 0, 0, 1])],
        ["the unspecified mapped address", "ipv6", ipv6(0, [0, 0, 0, 0, 0, 0xffff, 0, 0])],
      ] as const,
    )("can't be bound to: %s", async (_what, family, address) => {
      if (!families.includes(family)) return;
      const guest = await socketGuest(backend);
      expect(await guest.bind(guest.tcp(family), address)).toBe("invalid-argument");
    });

    test.each(
      [
        ["IPv4 for IPv6", "ipv6", ipv4(1)],
        ["IPv6 for IPv4", "ipv4", ipv6(1)],
        ["the unspecified address", "ipv4", ipv4(1, 0, 0, 0, 0)],
        ["the unspecified address of IPv6", "ipv6", ipv6(1, [0, 0, 0, 0, 0, 0, 0, 0])],
        ["port 0", "ipv4", ipv4(0)],
        ["a broadcast", "ipv4", ipv4(1, 255, 255, 255, 255)],
        ["a multicast address", "ipv4", ipv4(1, 239, 255, 255, 255)],
        ["a multicast address of IPv6", "ipv6", ipv6(1, [0xff02, 0, 0, 0, 0, 0, 0, 1])],
        ["a mapped address", "ipv6", ipv6(1, [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1])],
        ["an IPv4-compatible address", "ipv6", ipv6(1, [0, 0, 0, 0, 0, 0, 0x7f00, 1])],
      ] as const,
    )("can't be connected to: %s", async (_what, family, address) => {
      if (!families.includes(family)) return;
      const guest = await socketGuest(backend);
      expect(guest.startConnect(guest.tcp(family), address)).toBe("invalid-argument");
    });

    test.each(families)("%s: a port is chosen, the unspecified address is bound to", async (family) => {
      const guest = await socketGuest(backend);
      const socket = guest.tcp(family);
      const any = family === "ipv4" ? ipv4(0, 0, 0, 0, 0) : ipv6(0, [0, 0, 0, 0, 0, 0, 0, 0]);
      expect(await guest.bind(socket, any)).toBe("ok");
      const bound = guest.localAddress(socket);
      expect(bound.val.address).toEqual(any.val.address);
      expect(portOf(bound)).toBeGreaterThan(0);
    });

    test("an address of another machine is not bindable", async () => {
      const guest = await socketGuest(backend);
      expect(await guest.bind(guest.tcp(), ipv4(0, 192, 0, 2, 1))).toBe("address-not-bindable");
    });

    test("the peer's address is known after both directions have ended", async () => {
      const guest = await socketGuest(backend);
      const { client, server } = await guest.pair();
      const [ofClient, ofServer] = [guest.localAddress(client.socket), guest.localAddress(server.socket)];
      expect(guest.get("tcp-socket", server.socket, "remote-address")).toEqual(ofClient);
      for (const { socket } of [client, server]) expect(guest.shutdown(socket, "send")).toBe("ok");
      for (const { input } of [client, server]) await guest.readAll(input);
      expect(guest.get("tcp-socket", client.socket, "remote-address")).toEqual(ofServer);
      expect(guest.get("tcp-socket", server.socket, "remote-address")).toEqual(ofClient);
    });

    test.each(families)("%s: both ends know both addresses", async (family) => {
      const guest = await socketGuest(backend);
      const { client, server } = await guest.pair(family);
      expect(guest.localAddress(server.socket)).toEqual(guest.get("tcp-socket", client.socket, "remote-address"));
      expect(guest.localAddress(client.socket)).toEqual(guest.get("tcp-socket", server.socket, "remote-address"));
      expect(guest.localAddress(server.socket)).toMatchObject(
        loopback(family, portOf(guest.localAddress(server.socket))),
      );
      expect(guest.value("tcp-socket", server.socket, "address-family")).toBe(family);
    });

    test.runIf(families.includes("ipv6"))("an IPv6 listener does not serve IPv4", async () => {
      const guest = await socketGuest(backend);
      const listener = guest.tcp("ipv6");
      expect(await guest.bind(listener, ipv6(0, [0, 0, 0, 0, 0, 0, 0, 0]))).toBe("ok");
      expect(await guest.listen(listener)).toBe("ok");
      const client = await guest.connect(guest.tcp(), ipv4(portOf(guest.localAddress(listener))));
      if (client === "connection-refused") return;
      const { input } = connectionOr(client);
      expect(await guest.accept(listener)).toBe("would-block");
      while (await guest.read(input, 1) === "would-block") await guest.accept(listener);
    });
  });
}
