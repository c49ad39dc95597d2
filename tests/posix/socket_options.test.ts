/** Options of sockets of the system. */

import type { WaitMode } from "../../src/contract/waiter.ts";
import { afterEach, describe, expect, test } from "vitest";
import { Family, LINGER_OFF, SocketOption, SocketType } from "../../src/contract/network.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { inetOfThisMachine } from "../system/socket_systems.ts";
import { connect, LOOPBACK, RawSockets } from "./raw_sockets.ts";

const { INET, INET6, UNIX } = Family;
const { STREAM, DGRAM } = SocketType;
const FAMILIES = [...inetOfThisMachine(), UNIX];

let sockets = new RawSockets();
afterEach(() => {
  sockets.close();
  sockets = new RawSockets();
});

/** Options that can be set, and values that are read back as they are. */
const SETTABLE: readonly (readonly [keyof typeof SocketOption, readonly number[]])[] = [
  ["REUSEADDR", [1, 0]],
  ["DONTROUTE", [1, 0]],
  ["BROADCAST", [1, 0]],
  ["SNDBUF", [20_000, 65_536]],
  ["RCVBUF", [20_000, 65_536]],
  ["KEEPALIVE", [1, 0]],
  ["OOBINLINE", [1, 0]],
  ["LINGER", [0, 5, LINGER_OFF]],
  ["RCVTIMEO", [1_500_000, 7e9, 0]],
  ["SNDTIMEO", [1_500_000, 7e9, 0]],
];
const OF_STREAMS: typeof SETTABLE = [
  ["NODELAY", [1, 0]],
  ["KEEPIDLE", [1, 75, 32_767]],
  ["KEEPINTVL", [1, 75, 32_767]],
  ["KEEPCNT", [1, 9, 127]],
];
const OF_IP: typeof SETTABLE = [["HOPS", [1, 64, 255]]];
const OF_DATAGRAMS: typeof SETTABLE = [["MULTICAST_HOPS", [0, 3, 255]], ["MULTICAST_LOOP", [0, 1]]];
const OF_IPV6: typeof SETTABLE = [["V6ONLY", [1, 0]]];

function optionsOf(family: Family, type: SocketType): typeof SETTABLE {
  return [
    ...SETTABLE,
    ...(family === UNIX ? [] : OF_IP),
    ...(family === UNIX || type === DGRAM ? [] : OF_STREAMS),
    ...(family === UNIX || type === STREAM ? [] : OF_DATAGRAMS),
    ...(family === INET6 ? OF_IPV6 : []),
  ];
}

const KINDS = FAMILIES.flatMap((family) => [STREAM, DGRAM].map((type) => ({ family, type })));

describe.each(KINDS)("a socket of family $family and type $type", ({ family, type }) => {
  test("has the options of its kind, as they were set", () => {
    const { socket } = sockets.open(family, type);
    for (const [name, values] of optionsOf(family, type)) {
      for (const value of values) {
        expect(errnoName(-socket.setOption(SocketOption[name], value) as Errno), `${name} = ${value}`).toBe("SUCCESS");
        expect(socket.getOption(SocketOption[name]), name).toBe(value);
      }
    }
  });

  test("has no others", () => {
    const { socket } = sockets.open(family, type);
    const own = new Set(optionsOf(family, type).map(([name]) => name));
    const read = new Set(["TYPE", "ERROR", "ACCEPTCONN", "RCVLOWAT"]);
    for (const name of Object.keys(SocketOption) as (keyof typeof SocketOption)[]) {
      if (own.has(name) || read.has(name)) continue;
      expect(socket.getOption(SocketOption[name]), name).toBe(-Errno.NOPROTOOPT);
      expect(socket.setOption(SocketOption[name], 1), name).toBe(-Errno.NOPROTOOPT);
    }
    for (const name of ["TYPE", "ERROR", "ACCEPTCONN"] as const) {
      expect(socket.setOption(SocketOption[name], 1), name).toBe(-Errno.NOPROTOOPT);
    }
    expect(socket.getOption(SocketOption.TYPE)).toBe(type);
    expect(socket.getOption(SocketOption.ERROR)).toBe(0);
    expect(socket.getOption(SocketOption.ACCEPTCONN)).toBe(0);
  });

  test("takes no value that can't be", () => {
    const { socket } = sockets.open(family, type);
    for (const value of [-1, 0.5, 2 ** 31, NaN]) {
      for (const option of [SocketOption.SNDBUF, SocketOption.KEEPALIVE, SocketOption.LINGER]) {
        expect(socket.setOption(option, value), `${option} = ${value}`).toBe(-Errno.INVAL);
      }
    }
    for (const option of [SocketOption.RCVTIMEO, SocketOption.SNDTIMEO]) {
      expect(socket.setOption(option, -1)).toBe(-Errno.INVAL);
      expect(socket.setOption(option, NaN)).toBe(-Errno.INVAL);
    }
    if (family !== UNIX) expect(socket.setOption(SocketOption.HOPS, 256)).toBe(-Errno.INVAL);
    if (family !== UNIX && type === STREAM) {
      for (const seconds of [0, 32_768]) {
        expect(socket.setOption(SocketOption.KEEPIDLE, seconds)).toBe(-Errno.INVAL);
        expect(socket.setOption(SocketOption.KEEPINTVL, seconds)).toBe(-Errno.INVAL);
      }
      for (const count of [0, 128]) expect(socket.setOption(SocketOption.KEEPCNT, count)).toBe(-Errno.INVAL);
    }
  });

  test("that is closed answers BADF", () => {
    const { socket } = sockets.open(family, type);
    socket.close();
    expect(socket.getOption(SocketOption.SNDBUF)).toBe(-Errno.BADF);
    expect(socket.setOption(SocketOption.SNDBUF, 20_000)).toBe(-Errno.BADF);
    expect(socket.peerAddress()).toBe(-Errno.BADF);
    expect(socket.close()).toBe(0);
  });
});

describe("a connection that was accepted", () => {
  test("has the options of its listener", () => {
    const listener = sockets.listener();
    const { socket } = listener;
    const options = [["RCVTIMEO", 5e9], ["SNDTIMEO", 6e9], ["KEEPALIVE", 1], ["LINGER", 3], ["NODELAY", 1]] as const;
    for (const [name, value] of options) socket.setOption(SocketOption[name], value);
    expect(socket.getOption(SocketOption.ACCEPTCONN)).toBe(1);
    const [, server] = sockets.pair(listener);
    for (const [name, value] of options) expect(server.getOption(SocketOption[name]), name).toBe(value);
    expect(server.getOption(SocketOption.ACCEPTCONN)).toBe(0);
  });
});

describe("LINGER with seconds", () => {
  /** Close a connection whose peer reads nothing of what it was sent. @returns How long that took (ms). */
  function closeFull(mode: WaitMode): number {
    const own = new RawSockets(mode);
    const [client] = own.pair(own.listener());
    client.setOption(SocketOption.LINGER, 3);
    const iovs = {
      bytes: new Uint8Array(2 ** 20),
      starts: Uint32Array.of(0),
      lengths: Uint32Array.of(2 ** 20),
      count: 1,
    };
    while (client.send(iovs, undefined) > 0);
    const begun = performance.now();
    client.close();
    const ms = performance.now() - begun;
    own.close();
    return ms;
  }

  test("holds up the close of a thread that may block, and of no other", () => {
    expect(closeFull("suspend")).toBeLessThan(2000);
    expect(closeFull("block")).toBeGreaterThan(2800);
  });
});

test("RCVLOWAT is how much is worth to be told", () => {
  const [client, server] = sockets.pair(sockets.listener());
  expect(server.setOption(SocketOption.RCVLOWAT, 10)).toBe(0);
  expect(server.getOption(SocketOption.RCVLOWAT)).toBe(10);
  const iovs = { bytes: new Uint8Array(5), starts: Uint32Array.of(0), lengths: Uint32Array.of(5), count: 1 };
  client.send(iovs, undefined);
  sockets.set.refresh();
  expect(server.readiness(1)).toBe(0);
  client.send(iovs, undefined);
  sockets.set.refresh();
  expect(server.readiness(1)).toBe(1);
});

test("ERROR is taken by who asks for it", () => {
  const gone = sockets.open(INET, DGRAM).socket;
  gone.bind(LOOPBACK);
  const client = sockets.open(INET, DGRAM).socket;
  connect(client, gone.localAddress());
  gone.close();
  const iovs = { bytes: new Uint8Array(5), starts: Uint32Array.of(0), lengths: Uint32Array.of(5), count: 1 };
  expect(client.send(iovs, undefined)).toBe(5);
  sockets.set.refresh();
  expect(client.readiness(1)).toBe(1);
  expect(client.getOption(SocketOption.ERROR)).toBe(Errno.CONNREFUSED);
  expect(client.getOption(SocketOption.ERROR)).toBe(0);
  expect(client.readiness(1)).toBe(0);
});
