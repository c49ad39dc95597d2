import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import {
  Family,
  type Received,
  ReceiveFlags,
  Shutdown,
  type SocketAddress,
  SocketOption,
  SocketType,
} from "../../src/contract/network.ts";
import { Interest, Readiness } from "../../src/contract/pollable.ts";
import { DatagramSocket } from "../../src/core/net/events/datagram_socket.ts";
import { GuestWakeSource } from "../../src/core/net/events/wake_source.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { counting, loopback, outcome, pieces, type ScriptedDatagrams, ScriptedDriver } from "./scripted_driver.ts";
import { errnoFromResult } from "../../src/contract/results.ts";

const { READ, WRITE } = Interest;
const BOTH = READ | WRITE;
const ANYWHERE = { family: Family.INET, host: "0.0.0.0", port: 0 };
const PEER = loopback(53);

let driver: ScriptedDriver;
let wakes: number;
let wake: GuestWakeSource;

beforeEach(() => {
  driver = new ScriptedDriver();
  wake = new GuestWakeSource();
  wakes = 0;
  wake.subscribe(() => void wakes++);
});

function datagrams(family: Family = Family.INET): DatagramSocket {
  return new DatagramSocket(driver, family, wake);
}

/** A socket with its handle. */
interface Bound {
  readonly socket: DatagramSocket;
  readonly handle: ScriptedDatagrams;
}

function bound(): Bound {
  const socket = datagrams();
  expect(outcome(socket.bind(loopback(9000)))).toBe("INPROGRESS");
  const handle = driver.datagrams.at(-1)!;
  handle.events.opened();
  expect(outcome(socket.finish())).toBe(0);
  return { socket, handle };
}

function connected(): Bound {
  const made = bound();
  expect(outcome(made.socket.connect(PEER))).toBe(0);
  return made;
}

/** What a receive answers: the bytes and what came with them, or the errno. */
function receive(socket: DatagramSocket, room: number, peek = false): unknown {
  const out: Received = { truncated: true, from: loopback(1) };
  const iovs = pieces(room);
  const result = socket.receive(iovs, peek ? ReceiveFlags.PEEK : 0, out);
  if (result >= 0) return { bytes: [...iovs.bytes.subarray(0, result)], ...out };
  expect(out).toEqual({ truncated: false, from: undefined });
  return errnoName(-result);
}

function send(socket: DatagramSocket, length: number, to?: SocketAddress): number | string {
  return outcome(socket.send(pieces(counting(0, length)), to));
}

const STATES = {
  unbound: () => datagrams(),
  opening() {
    const socket = datagrams();
    socket.bind(loopback(9000));
    return socket;
  },
  failed() {
    const socket = STATES.opening();
    driver.datagrams[0]!.events.failed(Errno.ADDRINUSE);
    return socket;
  },
  bound: () => bound().socket,
  connected: () => connected().socket,
} as const;
type StateName = keyof typeof STATES;

const CALLS: Readonly<Record<string, (socket: DatagramSocket) => unknown>> = {
  bind: (socket) => outcome(socket.bind(loopback(9001))),
  "bind, another family": (socket) => outcome(socket.bind({ family: Family.UNIX, host: "/a", port: 0 })),
  listen: (socket) => outcome(socket.listen()),
  accept: (socket) => errnoName(errnoFromResult(socket.accept())),
  connect: (socket) => outcome(socket.connect(loopback(54))),
  "connect, another family": (socket) => outcome(socket.connect({ family: Family.INET6, host: "::1", port: 1 })),
  finish: (socket) => outcome(socket.finish()),
  receive: (socket) => receive(socket, 9),
  send: (socket) => send(socket, 3),
  "send, to an address": (socket) => send(socket, 3, loopback(99)),
  "send, to another family": (socket) => send(socket, 3, { family: Family.INET6, host: "::1", port: 1 }),
  shutdown: (socket) => outcome(socket.shutdown(Shutdown.WR)),
  peerAddress(socket) {
    const address = socket.peerAddress();
    return typeof address === "number" ? errnoName(errnoFromResult(address)) : address;
  },
  localAddress: (socket) => socket.localAddress(),
  ready: (socket) => socket.readiness(BOTH),
  ERROR: (socket) => errnoName(socket.getOption(SocketOption.ERROR)),
  close: (socket) => outcome(socket.close()),
};

const ALWAYS = {
  ...{ "bind, another family": "AFNOSUPPORT", "connect, another family": "AFNOSUPPORT", listen: "NOTSUP" },
  ...{ accept: "NOTSUP", close: 0, "send, to another family": "AFNOSUPPORT" },
};

const ANSWERS: Readonly<Record<StateName, Readonly<Record<string, unknown>>>> = {
  unbound: {
    ...{ bind: "INPROGRESS", connect: "INPROGRESS", finish: 0, receive: "AGAIN", send: "DESTADDRREQ" },
    ...{ "send, to an address": "AGAIN", shutdown: "NOTCONN", peerAddress: "NOTCONN", localAddress: ANYWHERE },
    ...{ ready: WRITE, ERROR: "SUCCESS" },
  },
  opening: {
    ...{ bind: "INVAL", connect: "INPROGRESS", finish: "INPROGRESS", receive: "AGAIN", send: "DESTADDRREQ" },
    ...{ "send, to an address": "AGAIN", shutdown: "NOTCONN", peerAddress: "NOTCONN", localAddress: ANYWHERE },
    ...{ ready: 0, ERROR: "SUCCESS" },
  },
  failed: {
    ...{ bind: "INPROGRESS", connect: "INPROGRESS", finish: "ADDRINUSE", receive: "ADDRINUSE", send: "ADDRINUSE" },
    ...{ "send, to an address": "ADDRINUSE", shutdown: "NOTCONN", peerAddress: "NOTCONN", localAddress: ANYWHERE },
    ...{ ready: BOTH, ERROR: "ADDRINUSE", "send, to another family": "ADDRINUSE" },
  },
  bound: {
    ...{ bind: "INVAL", connect: 0, finish: 0, receive: "AGAIN", send: "DESTADDRREQ", "send, to an address": 3 },
    ...{ shutdown: "NOTCONN", peerAddress: "NOTCONN", localAddress: loopback(9000), ready: WRITE, ERROR: "SUCCESS" },
  },
  connected: {
    ...{ bind: "INVAL", connect: 0, finish: 0, receive: "AGAIN", send: 3, "send, to an address": 3 },
    ...{ shutdown: 0, peerAddress: PEER, localAddress: loopback(9000), ready: WRITE, ERROR: "SUCCESS" },
  },
};

describe.each(Object.keys(STATES) as StateName[])("a datagram socket that is %s", (name) => {
  test.each(Object.keys(CALLS))("answers %s", (call) => {
    const expected = { ...ALWAYS, ...ANSWERS[name] }[call];
    expect(expected).toBeDefined();
    expect(CALLS[call]!(STATES[name]())).toEqual(expected);
  });
});

describe("binding a datagram socket", () => {
  test("happens by itself when it sends, and then it sends", () => {
    const socket = datagrams();
    expect(send(socket, 3, PEER)).toBe("AGAIN");
    expect(socket.readiness(BOTH)).toBe(0);
    expect(send(socket, 3, PEER)).toBe("AGAIN");
    expect(driver.datagrams).toHaveLength(1);
    const handle = driver.datagrams[0]!;
    expect(handle.at).toEqual(ANYWHERE);
    const before = wakes;
    handle.events.opened();
    expect(wakes).toBeGreaterThan(before);
    expect(socket.readiness(BOTH)).toBe(WRITE);
    expect(send(socket, 3, PEER)).toBe(3);
    expect(handle.sent).toEqual([{ bytes: [0, 1, 2], to: PEER }]);
    expect(socket.localAddress()).toEqual({ ...ANYWHERE, port: 30001 });
  });

  test("happens by itself when it connects", () => {
    const socket = datagrams();
    expect(outcome(socket.connect(PEER))).toBe("INPROGRESS");
    const handle = driver.datagrams[0]!;
    expect(handle.peer).toEqual(PEER);
    expect(outcome(socket.finish())).toBe("INPROGRESS");
    handle.events.opened();
    expect(outcome(socket.finish())).toBe(0);
    expect(send(socket, 1)).toBe(1);
    expect(handle.sent).toEqual([{ bytes: [0], to: undefined }]);
  });

  test("that fails by itself is told by the send, once, and not tried for ever", () => {
    const socket = datagrams();
    expect(send(socket, 3, PEER)).toBe("AGAIN");
    driver.datagrams[0]!.events.failed(Errno.ADDRNOTAVAIL);
    expect(socket.readiness(WRITE)).toBe(WRITE);
    expect(send(socket, 3, PEER)).toBe("ADDRNOTAVAIL");
    expect(driver.datagrams).toHaveLength(1);
    expect(send(socket, 3, PEER)).toBe("AGAIN");
    expect(driver.datagrams).toHaveLength(2);
  });

  test("that fails amid a connect leaves the socket without a peer", () => {
    const socket = datagrams();
    socket.connect(PEER);
    driver.datagrams[0]!.events.failed(Errno.ACCES);
    expect(outcome(socket.finish())).toBe("ACCES");
    expect(socket.peerAddress()).toBe(-Errno.NOTCONN);
    expect(send(socket, 3)).toBe("DESTADDRREQ");
  });

  test("may be over within the call", () => {
    driver.opening = "now";
    const socket = datagrams();
    expect(send(socket, 2, PEER)).toBe(2);
    driver.opening = { refusal: Errno.ADDRINUSE };
    const other = datagrams();
    expect(outcome(other.bind(loopback(9)))).toBe("ADDRINUSE");
    expect(send(other, 2, PEER)).toBe("ADDRINUSE");
    driver.opening = "now";
    expect(outcome(other.bind(loopback(10)))).toBe(0);
  });
});

describe("receiving datagrams", () => {
  test("takes one at a time, with its sender, whatever the room", () => {
    const { socket, handle } = bound();
    handle.events.received(counting(0, 3), loopback(1));
    handle.events.received(counting(3, 2), loopback(2));
    expect(socket.readableBytes()).toBe(3);
    expect(receive(socket, 100)).toEqual({ bytes: [0, 1, 2], truncated: false, from: loopback(1) });
    expect(socket.readableBytes()).toBe(2);
    expect(receive(socket, 100)).toEqual({ bytes: [3, 4], truncated: false, from: loopback(2) });
    expect(receive(socket, 100)).toBe("AGAIN");
  });

  test("fills many pieces", () => {
    const { socket, handle } = bound();
    handle.events.received(counting(0, 5), PEER);
    const iovs = pieces(2, 0, 9);
    expect(socket.receive(iovs, 0, { truncated: false, from: undefined })).toBe(5);
    expect([...iovs.bytes]).toEqual([0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0]);
  });

  test("says that one was longer than its room, and drops the rest", () => {
    const { socket, handle } = bound();
    handle.events.received(counting(0, 5), PEER);
    handle.events.received(counting(9, 1), PEER);
    expect(receive(socket, 2, true)).toEqual({ bytes: [0, 1], truncated: true, from: PEER });
    expect(receive(socket, 2)).toEqual({ bytes: [0, 1], truncated: true, from: PEER });
    expect(receive(socket, 1)).toEqual({ bytes: [9], truncated: false, from: PEER });
  });

  test("tells empty ones from none", () => {
    const { socket, handle } = bound();
    handle.events.received(new Uint8Array(0), PEER);
    expect(socket.readiness(READ)).toBe(READ);
    expect(receive(socket, 9)).toEqual({ bytes: [], truncated: false, from: PEER });
    expect(socket.readiness(READ)).toBe(0);
    expect(receive(socket, 9)).toBe("AGAIN");
  });

  test("of a connected socket takes those of its peer only", () => {
    const { socket, handle } = connected();
    handle.events.received(counting(0, 1), loopback(54));
    handle.events.received(counting(1, 1), { ...PEER, host: "127.0.0.2" });
    handle.events.received(counting(2, 1), { ...PEER });
    expect(receive(socket, 9)).toEqual({ bytes: [2], truncated: false, from: PEER });
    expect(receive(socket, 9)).toBe("AGAIN");
  });

  test.each([
    [Family.INET, "0.0.0.0", "127.0.0.1"],
    [Family.INET6, "::", "::1"],
  ])("of a socket that is connected to nowhere in particular takes those of this machine", (family, to, from) => {
    driver.opening = "now";
    const socket = datagrams(family);
    socket.connect({ family, host: to, port: 53 });
    const peer = { family, host: from, port: 53 };
    expect(socket.peerAddress()).toEqual(peer);
    driver.datagrams[0]!.events.received(counting(0, 1), { ...peer });
    expect(receive(socket, 9)).toEqual({ bytes: [0], truncated: false, from: peer });
  });

  test("loses what finds no room: 256 KiB, and 64 bytes for each", () => {
    const { socket, handle } = bound();
    for (let i = 0; i < 300; i++) handle.events.received(counting(i, 1024), PEER);
    let count = 0;
    while (typeof receive(socket, 1) !== "string") count++;
    expect(count).toBe(Math.ceil(256 * 1024 / (1024 + 64)));
    for (let i = 0; i < 5000; i++) handle.events.received(new Uint8Array(0), PEER);
    count = 0;
    while (typeof receive(socket, 1) !== "string") count++;
    expect(count).toBe(4096);
    socket.setOption(SocketOption.RCVBUF, 2048);
    for (let i = 0; i < 9; i++) handle.events.received(counting(i, 1024), PEER);
    count = 0;
    while (typeof receive(socket, 1) !== "string") count++;
    expect(count).toBe(2);
  });

  test("pauses the handle at the limit, and resumes it at half", () => {
    const { socket, handle } = bound();
    socket.setOption(SocketOption.RCVBUF, 4096);
    for (let i = 0; i < 5; i++) handle.events.received(counting(0, 1000), PEER);
    expect(handle.calls).toEqual(["pause"]);
    receive(socket, 1);
    receive(socket, 1, true);
    expect(handle.calls).toEqual(["pause"]);
    receive(socket, 1);
    receive(socket, 1);
    expect(handle.calls).toEqual(["pause", "resume"]);
  });

  test("tells of a datagram that was refused, once, before what has come", () => {
    const { socket, handle } = connected();
    handle.events.received(counting(0, 1), PEER);
    const before = wakes;
    handle.events.refused(Errno.CONNREFUSED);
    expect(wakes).toBe(before + 1);
    expect(socket.readiness(BOTH)).toBe(BOTH);
    expect(receive(socket, 9)).toBe("CONNREFUSED");
    expect(receive(socket, 9)).toMatchObject({ bytes: [0] });
    handle.events.refused(Errno.CONNREFUSED);
    expect(errnoName(socket.getOption(SocketOption.ERROR))).toBe("CONNREFUSED");
    expect(receive(socket, 9)).toBe("AGAIN");
    handle.events.refused(Errno.CONNREFUSED);
    expect([send(socket, 1), send(socket, 1)]).toEqual(["CONNREFUSED", 1]);
  });
});

describe("sending datagrams", () => {
  test("gathers pieces into one", () => {
    const { socket, handle } = bound();
    const iovs = pieces(counting(0, 2), new Uint8Array(0), counting(2, 3));
    expect(socket.send(iovs, PEER)).toBe(5);
    expect(socket.send(pieces(counting(9, 1), counting(10, 1)), PEER)).toBe(2);
    expect(handle.sent.map(({ bytes }) => bytes)).toEqual([[0, 1, 2, 3, 4], [9, 10]]);
  });

  test("sends empty ones", () => {
    const { socket, handle } = connected();
    expect(send(socket, 0)).toBe(0);
    expect(outcome(socket.send(pieces(), undefined))).toBe(0);
    expect(handle.sent).toEqual([{ bytes: [], to: undefined }, { bytes: [], to: undefined }]);
  });

  test("answers what the driver could not do", () => {
    const { socket, handle } = connected();
    handle.sendErrno = Errno.MSGSIZE;
    expect(send(socket, 1)).toBe("MSGSIZE");
    expect(socket.readiness(WRITE)).toBe(WRITE);
    handle.sendErrno = Errno.AGAIN;
    expect(send(socket, 1)).toBe("AGAIN");
    expect(socket.readiness(WRITE)).toBe(0);
    handle.sendErrno = undefined;
    expect(send(socket, 1), "before it is told of room").toBe("AGAIN");
    const before = wakes;
    handle.events.writable();
    expect(wakes).toBe(before + 1);
    expect(socket.readiness(WRITE)).toBe(WRITE);
    expect(send(socket, 1)).toBe(1);
  });
});

describe("shutting a datagram socket down", () => {
  test("to read takes what has come, and then answers the end", () => {
    const { socket, handle } = connected();
    handle.events.received(counting(0, 1), PEER);
    expect(outcome(socket.shutdown(Shutdown.RD))).toBe(0);
    handle.events.received(counting(1, 1), PEER);
    expect(receive(socket, 9)).toMatchObject({ bytes: [0] });
    expect(socket.readiness(READ)).toBe(READ);
    expect(receive(socket, 9)).toEqual({ bytes: [], truncated: false, from: undefined });
    expect(send(socket, 1)).toBe(1);
  });

  test("to write is PIPE; both ways hangs up", () => {
    const { socket } = connected();
    socket.shutdown(Shutdown.WR);
    expect(send(socket, 1)).toBe("PIPE");
    expect(socket.readiness(BOTH)).toBe(WRITE);
    socket.shutdown(Shutdown.RD);
    expect(socket.readiness(BOTH)).toBe(BOTH | Readiness.HANGUP);
  });
});

test("closing a datagram socket closes its handle, while it opens as well", () => {
  const { socket, handle } = bound();
  socket.close();
  expect(handle.calls).toEqual(["close"]);
  const opening = STATES.opening();
  opening.close();
  expect(driver.datagrams[1]!.calls).toEqual(["close"]);
  expect(outcome(datagrams().close())).toBe(0);
});

test("options of a datagram socket", () => {
  const socket = datagrams();
  expect(socket.getOption(SocketOption.TYPE)).toBe(SocketType.DGRAM);
  expect(socket.getOption(SocketOption.ACCEPTCONN)).toBe(0);
  expect(outcome(socket.setOption(SocketOption.SNDBUF, 4096))).toBe(0);
  expect(socket.getOption(SocketOption.SNDBUF)).toBe(4096);
  socket.bind(loopback(9));
  const handle = driver.datagrams[0]!;
  expect(handle.values.get(SocketOption.SNDBUF)).toBe(4096);
  handle.events.opened();
  handle.refused.set(SocketOption.SNDBUF, Errno.INVAL);
  expect(outcome(socket.setOption(SocketOption.SNDBUF, 1))).toBe("INVAL");
  expect(outcome(socket.setOption(SocketOption.BROADCAST, 1)), "this driver has none").toBe("NOPROTOOPT");
});

const step = fc.oneof(
  { arbitrary: fc.record({ comes: fc.nat({ max: 900 }) }), weight: 8 },
  {
    arbitrary: fc.record({ receive: fc.array(fc.nat({ max: 900 }), { maxLength: 3 }), peek: fc.boolean() }),
    weight: 8,
  },
  { arbitrary: fc.record({ send: fc.nat({ max: 20 }), to: fc.boolean() }), weight: 3 },
  {
    arbitrary: fc.record({
      happens: fc.constantFrom("opened", "failed", "full", "room", "refused", "bind", "connect", "option", "shutdown"),
    }),
    weight: 3,
  },
);

test("in any order of events and calls datagrams stay whole and in order, and readiness is true", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      driver = new ScriptedDriver();
      const socket = datagrams();
      socket.setOption(SocketOption.RCVBUF, 2048);
      const waiting: number[][] = [];
      let held = 0;
      let came = 0;
      let isDeaf = false;
      let open: ScriptedDatagrams | undefined;
      const sent: number[][] = [];
      for (const made of steps) {
        const ready = socket.readiness(BOTH);
        const last = driver.datagrams.at(-1);
        const isPending = last !== undefined && last !== open && !last.calls.includes("over");
        if ("comes" in made) {
          const bytes = counting(came, made.comes);
          came += made.comes;
          open?.events.received(bytes, PEER);
          if (open === undefined || isDeaf || held >= 2048) continue;
          waiting.push([...bytes]);
          held += bytes.length + 64;
        } else if ("receive" in made) {
          const iovs = pieces(...made.receive);
          const out: Received = { truncated: false, from: undefined };
          const result = socket.receive(iovs, made.peek ? ReceiveFlags.PEEK : 0, out);
          // While it opens it is not ready, even for what would be answered at once.
          if (open !== undefined || (ready & READ) !== 0) expect(result === -Errno.AGAIN).toBe((ready & READ) === 0);
          const first = waiting[0];
          if (result < 0 || first === undefined) continue;
          expect([...iovs.bytes.subarray(0, result)]).toEqual(first.slice(0, iovs.bytes.length));
          expect(out).toEqual({ truncated: first.length > iovs.bytes.length, from: PEER });
          if (made.peek) continue;
          waiting.shift();
          held -= first.length + 64;
        } else if ("send" in made) {
          const wasBound = open !== undefined;
          const bytes = counting(sent.length, made.send);
          const result = socket.send(pieces(bytes), made.to ? loopback(7) : undefined);
          if (wasBound) {
            expect(result === -Errno.AGAIN && (ready & WRITE) !== 0 && open!.sendErrno === undefined).toBe(false);
          }
          if (result >= 0) sent.push([...bytes]);
        } else if (made.happens === "opened" && isPending) {
          open = last;
          last.events.opened();
        } else if (made.happens === "failed" && isPending) {
          last.calls.push("over");
          last.events.failed(Errno.ADDRINUSE);
        } else if (made.happens === "full" && open !== undefined) open.sendErrno = Errno.AGAIN;
        else if (made.happens === "room" && open !== undefined) {
          open.sendErrno = undefined;
          open.events.writable();
        } else if (made.happens === "refused") open?.events.refused(Errno.CONNREFUSED);
        else if (made.happens === "bind") socket.bind(loopback(9000));
        else if (made.happens === "connect") socket.connect(PEER);
        else if (made.happens === "option") socket.getOption(SocketOption.ERROR);
        else if (made.happens === "shutdown") isDeaf = socket.shutdown(Shutdown.RD) === 0 || isDeaf;
        expect(driver.datagrams.flatMap((handle) => handle.sent.map(({ bytes }) => bytes))).toEqual(sent);
      }
      socket.close();
    }),
    { numRuns: 400 },
  );
});
