import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import {
  Family,
  LINGER_OFF,
  type Received,
  ReceiveFlags,
  Shutdown,
  SocketOption,
  SocketType,
} from "../../src/contract/network.ts";
import { Interest, Readiness } from "../../src/contract/pollable.ts";
import { StreamSocket } from "../../src/core/net/events/stream_socket.ts";
import { GuestWakeSource } from "../../src/core/net/events/wake_source.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import {
  counting,
  loopback,
  outcome,
  pieces,
  type ScriptedConnection,
  ScriptedDriver,
  type ScriptedListener,
} from "./scripted_driver.ts";
import { errnoFromResult } from "../../src/contract/results.ts";

const { READ, WRITE } = Interest;
const BOTH = READ | WRITE;
const { HANGUP } = Readiness;
const KIB = 1024;

let driver: ScriptedDriver;
let wakes: number;
let wake: GuestWakeSource;

beforeEach(() => {
  driver = new ScriptedDriver();
  wake = new GuestWakeSource();
  wakes = 0;
  wake.subscribe(() => void wakes++);
});

function stream(family: Family = Family.INET): StreamSocket {
  return new StreamSocket(driver, family, wake);
}

/** A socket with its connection. */
interface Connected {
  readonly socket: StreamSocket;
  readonly peer: ScriptedConnection;
}

function connected(): Connected {
  const socket = stream();
  expect(outcome(socket.connect(loopback(80)))).toBe("INPROGRESS");
  const peer = driver.connections.at(-1)!;
  peer.events.opened();
  expect(outcome(socket.finish())).toBe(0);
  return { socket, peer };
}

/** A socket with its listener. */
interface Listening {
  readonly socket: StreamSocket;
  readonly listener: ScriptedListener;
}

function bound(): Listening {
  const socket = stream();
  driver.opening = "now";
  expect(outcome(socket.bind(loopback(8080)))).toBe(0);
  driver.opening = "later";
  return { socket, listener: driver.listeners.at(-1)! };
}

function listening(backlog = 5): Listening {
  const made = bound();
  expect(outcome(made.socket.listen(backlog))).toBe(0);
  return made;
}

function accept(socket: StreamSocket): StreamSocket | string {
  const accepted = socket.accept();
  return typeof accepted === "number" ? errnoName(errnoFromResult(accepted)) : accepted as StreamSocket;
}

/** Receive into one piece: the bytes, or the name of the errno. */
function receive(socket: StreamSocket, room: number, peek = false): number[] | string {
  const out: Received = { truncated: true, from: loopback(1) };
  const iovs = pieces(room);
  const result = socket.receive(iovs, peek ? ReceiveFlags.PEEK : 0, out);
  expect(out).toEqual({ truncated: false, from: undefined });
  return result < 0 ? errnoName(-result) : [...iovs.bytes.subarray(0, result)];
}

function send(socket: StreamSocket, ...bytes: readonly Uint8Array[]): number | string {
  return outcome(socket.send(pieces(...bytes), undefined));
}

function peerOf(socket: StreamSocket): unknown {
  const address = socket.peerAddress();
  return typeof address === "number" ? errnoName(errnoFromResult(address)) : address;
}

const SOME = counting(1, 4);

/** How to get into each state. */
const STATES = {
  idle: () => stream(),
  binding() {
    const socket = stream();
    socket.bind(loopback(8080));
    return socket;
  },
  bound: () => bound().socket,
  listening: () => listening().socket,
  connecting() {
    const socket = stream();
    socket.connect(loopback(80));
    return socket;
  },
  refused() {
    const socket = STATES.connecting();
    driver.connections[0]!.events.failed(Errno.CONNREFUSED);
    return socket;
  },
  connected: () => connected().socket,
  ended() {
    const { socket, peer } = connected();
    peer.events.ended();
    return socket;
  },
  broken() {
    const { socket, peer } = connected();
    peer.events.failed(Errno.CONNRESET);
    return socket;
  },
} as const;
type StateName = keyof typeof STATES;

/** What each call answers in each state. */
const CALLS: Readonly<Record<string, (socket: StreamSocket) => unknown>> = {
  bind: (socket) => outcome(socket.bind(loopback(1234))),
  "bind, another family": (socket) => outcome(socket.bind({ family: Family.INET6, host: "::1", port: 1 })),
  listen: (socket) => outcome(socket.listen(1)),
  connect: (socket) => outcome(socket.connect(loopback(1234))),
  "connect, another family": (socket) => outcome(socket.connect({ family: Family.UNIX, host: "/a", port: 0 })),
  finish: (socket) => outcome(socket.finish()),
  accept: (socket) => accept(socket),
  receive: (socket) => receive(socket, 9),
  send: (socket) => send(socket, SOME),
  "send, to an address": (socket) => outcome(socket.send(pieces(SOME), loopback(99))),
  shutdown: (socket) => outcome(socket.shutdown(Shutdown.WR)),
  peerAddress: (socket) => peerOf(socket),
  localAddress: (socket) => socket.localAddress(),
  ready: (socket) => socket.readiness(BOTH),
  ERROR: (socket) => errnoName(socket.getOption(SocketOption.ERROR)),
  ACCEPTCONN: (socket) => socket.getOption(SocketOption.ACCEPTCONN),
  close: (socket) => outcome(socket.close()),
};

const OPEN = { family: Family.INET, host: "0.0.0.0", port: 0 };
const HERE = loopback(40000);
const WRONG = { "bind, another family": "AFNOSUPPORT", "connect, another family": "AFNOSUPPORT", close: 0 };

const ANSWERS: Readonly<Record<StateName, Readonly<Record<string, unknown>>>> = {
  idle: {
    ...{ bind: "INPROGRESS", listen: "INPROGRESS", connect: "INPROGRESS", finish: 0, accept: "INVAL" },
    ...{ receive: "NOTCONN", send: "NOTCONN", "send, to an address": "NOTCONN", shutdown: "NOTCONN" },
    ...{ peerAddress: "NOTCONN", localAddress: OPEN, ready: BOTH | HANGUP, ERROR: "SUCCESS", ACCEPTCONN: 0 },
  },
  binding: {
    ...{ bind: "INVAL", listen: "INPROGRESS", connect: "AGAIN", finish: "INPROGRESS", accept: "INVAL" },
    ...{ receive: "NOTCONN", send: "NOTCONN", "send, to an address": "NOTCONN", shutdown: "NOTCONN" },
    ...{ peerAddress: "NOTCONN", localAddress: OPEN, ready: 0, ERROR: "SUCCESS", ACCEPTCONN: 0 },
  },
  bound: {
    ...{ bind: "INVAL", listen: 0, connect: "INPROGRESS", finish: 0, accept: "INVAL" },
    ...{ receive: "NOTCONN", send: "NOTCONN", "send, to an address": "NOTCONN", shutdown: "NOTCONN" },
    ...{ peerAddress: "NOTCONN", localAddress: loopback(8080), ready: BOTH | HANGUP, ERROR: "SUCCESS", ACCEPTCONN: 0 },
  },
  listening: {
    ...{ bind: "INVAL", listen: 0, connect: "ISCONN", finish: 0, accept: "AGAIN" },
    ...{ receive: "NOTCONN", send: "NOTCONN", "send, to an address": "NOTCONN", shutdown: "NOTCONN" },
    ...{ peerAddress: "NOTCONN", localAddress: loopback(8080), ready: 0, ERROR: "SUCCESS", ACCEPTCONN: 1 },
  },
  connecting: {
    ...{ bind: "INVAL", listen: "INVAL", connect: "ALREADY", finish: "INPROGRESS", accept: "INVAL" },
    ...{ receive: "AGAIN", send: "AGAIN", "send, to an address": "AGAIN", shutdown: "NOTCONN" },
    ...{ peerAddress: "NOTCONN", localAddress: OPEN, ready: 0, ERROR: "SUCCESS", ACCEPTCONN: 0 },
  },
  refused: {
    ...{ bind: "INPROGRESS", listen: "INPROGRESS", connect: "CONNREFUSED", finish: "CONNREFUSED", accept: "INVAL" },
    ...{ receive: "CONNREFUSED", send: "CONNREFUSED", "send, to an address": "CONNREFUSED", shutdown: "NOTCONN" },
    ...{ peerAddress: "NOTCONN", localAddress: OPEN, ready: BOTH | HANGUP, ERROR: "CONNREFUSED", ACCEPTCONN: 0 },
  },
  connected: {
    ...{ bind: "INVAL", listen: "INVAL", connect: "ISCONN", finish: 0, accept: "INVAL" },
    ...{ receive: "AGAIN", send: 4, "send, to an address": "ISCONN", shutdown: 0 },
    ...{ peerAddress: loopback(80), localAddress: HERE, ready: WRITE, ERROR: "SUCCESS", ACCEPTCONN: 0 },
  },
  ended: {
    ...{ bind: "INVAL", listen: "INVAL", connect: "ISCONN", finish: 0, accept: "INVAL" },
    ...{ receive: [], send: 4, "send, to an address": "ISCONN", shutdown: 0 },
    ...{ peerAddress: loopback(80), localAddress: HERE, ready: BOTH, ERROR: "SUCCESS", ACCEPTCONN: 0 },
  },
  broken: {
    ...{ bind: "INVAL", listen: "INVAL", connect: "ISCONN", finish: 0, accept: "INVAL" },
    ...{ receive: "CONNRESET", send: "CONNRESET", "send, to an address": "CONNRESET", shutdown: "NOTCONN" },
    ...{ peerAddress: "NOTCONN", localAddress: OPEN, ready: BOTH | HANGUP, ERROR: "CONNRESET", ACCEPTCONN: 0 },
  },
};

describe.each(Object.keys(STATES) as StateName[])("a stream socket that is %s", (name) => {
  test.each(Object.keys(CALLS))("answers %s", (call) => {
    const expected = { ...WRONG, ...ANSWERS[name] }[call];
    expect(expected).toBeDefined();
    expect(CALLS[call]!(STATES[name]())).toEqual(expected);
  });
});

describe("what is in progress", () => {
  test("is finished by its event, which wakes, and asked for with finish", () => {
    const socket = stream();
    socket.connect(loopback(80));
    expect(socket.readiness(BOTH)).toBe(0);
    const before = wakes;
    driver.connections[0]!.events.opened();
    expect(wakes).toBeGreaterThan(before);
    expect(socket.readiness(BOTH)).toBe(WRITE);
    expect(outcome(socket.finish())).toBe(0);
    expect(outcome(socket.finish())).toBe(0);
  });

  test("and fails tells so once: by finish, or by the option ERROR, or by the next call", () => {
    const takers: readonly ((socket: StreamSocket) => unknown)[] = [
      (socket) => outcome(socket.finish()),
      (socket) => errnoName(socket.getOption(SocketOption.ERROR)),
      (socket) => receive(socket, 1),
      (socket) => send(socket, SOME),
      (socket) => outcome(socket.connect(loopback(80))),
    ];
    for (const take of takers) {
      const socket = stream();
      socket.connect(loopback(80));
      const before = wakes;
      driver.connections.at(-1)!.events.failed(Errno.TIMEDOUT);
      expect(wakes).toBeGreaterThan(before);
      expect(socket.readiness(BOTH)).toBe(BOTH | HANGUP);
      expect(take(socket)).toBe("TIMEDOUT");
      expect(outcome(socket.finish())).toBe(0);
      expect(errnoName(socket.getOption(SocketOption.ERROR))).toBe("SUCCESS");
      expect(receive(socket, 1)).toBe("NOTCONN");
    }
  });

  test("may be over within the call", () => {
    driver.opening = "now";
    const socket = stream();
    expect(outcome(socket.connect(loopback(80)))).toBe(0);
    expect(send(socket, SOME)).toBe(4);
    driver.opening = { refusal: Errno.NETUNREACH };
    expect(outcome(stream().connect(loopback(80)))).toBe("NETUNREACH");
    driver.opening = { refusal: Errno.ADDRINUSE };
    const other = stream();
    expect(outcome(other.bind(loopback(80)))).toBe("ADDRINUSE");
    expect(errnoName(other.getOption(SocketOption.ERROR))).toBe("SUCCESS");
    driver.opening = "now";
    expect(outcome(other.bind(loopback(81)))).toBe(0);
    expect(other.localAddress()).toEqual(loopback(81));
  });

  test("can be tried again after it failed", () => {
    const socket = STATES.refused();
    expect(outcome(socket.finish())).toBe("CONNREFUSED");
    expect(outcome(socket.connect(loopback(81)))).toBe("INPROGRESS");
    driver.connections[1]!.events.opened();
    expect(outcome(socket.finish())).toBe(0);
    expect(peerOf(socket)).toEqual(loopback(81));
  });

  test("is given up by close, with a reset", () => {
    const socket = STATES.connecting();
    socket.close();
    expect(driver.connections[0]!.calls).toEqual(["reset"]);
    const other = STATES.binding();
    other.close();
    expect(driver.listeners[0]!.calls).toEqual(["close"]);
  });

  test("is nothing to close once it has failed", () => {
    const socket = STATES.refused();
    socket.close();
    expect(driver.connections[0]!.calls).toEqual([]);
  });
});

describe("a bound socket", () => {
  test("connects from its address, after what listened there is closed", () => {
    const { socket, listener } = bound();
    const early = listener.connection();
    expect(outcome(socket.connect(loopback(80)))).toBe("INPROGRESS");
    expect(listener.calls).toEqual(["close"]);
    expect(early.calls).toEqual(["close"]);
    expect(driver.connections[0]!.from).toEqual(loopback(8080));
  });

  test("keeps connections that come before it listens", () => {
    const { socket, listener } = bound();
    listener.connection(loopback(1));
    expect(accept(socket)).toBe("INVAL");
    socket.listen(1);
    expect(socket.readiness(BOTH)).toBe(READ);
    expect(peerOf(accept(socket) as StreamSocket)).toEqual(loopback(1));
  });

  test("that listens without an address is bound to any port", () => {
    const socket = stream();
    driver.opening = "now";
    expect(outcome(socket.listen(1))).toBe(0);
    expect(driver.listeners[0]!.at).toEqual(OPEN);
    expect(socket.localAddress()).toEqual({ ...OPEN, port: 30000 });
  });

  test("of unix can't listen without an address", () => {
    expect(outcome(stream(Family.UNIX).listen(1))).toBe("DESTADDRREQ");
    expect(driver.listeners).toEqual([]);
  });

  test("that could not listen where it was can be bound elsewhere", () => {
    const socket = stream();
    expect(outcome(socket.listen(1))).toBe("INPROGRESS");
    driver.listeners[0]!.events.failed(Errno.ACCES);
    expect(outcome(socket.finish())).toBe("ACCES");
    expect(outcome(socket.bind(loopback(8080)))).toBe("INPROGRESS");
    driver.listeners[1]!.events.listening();
    expect(outcome(socket.finish())).toBe(0);
    expect(outcome(socket.listen(1))).toBe(0);
  });
});

describe("a listener", () => {
  test("hands out connections in their order, with both addresses", () => {
    const { socket, listener } = listening();
    for (const port of [1, 2, 3]) listener.connection(loopback(port));
    expect(socket.readableBytes()).toBe(3);
    const ports = [1, 2, 3].map(() => peerOf(accept(socket) as StreamSocket));
    expect(ports).toEqual([loopback(1), loopback(2), loopback(3)]);
    expect(accept(socket)).toBe("AGAIN");
    expect(socket.readiness(BOTH)).toBe(0);
  });

  test("wakes for each connection", () => {
    const { listener } = listening();
    const before = wakes;
    listener.connection();
    expect(wakes).toBe(before + 1);
  });

  test("hands out connections with what has come, and those that broke since", () => {
    const { socket, listener } = listening();
    const [first, second] = [listener.connection(), listener.connection()];
    first.events.received(counting(0, 3));
    first.events.ended();
    second.events.failed(Errno.CONNRESET);
    const one = accept(socket) as StreamSocket;
    expect([receive(one, 9), receive(one, 9)]).toEqual([[0, 1, 2], []]);
    expect(receive(accept(socket) as StreamSocket, 9)).toBe("CONNRESET");
  });

  test("resets what is more than its backlog, of which the least is 1,024", () => {
    const { socket, listener } = listening(1);
    const all = Array.from({ length: 1030 }, () => listener.connection());
    expect(all.map(({ calls }) => calls.length)).toEqual(all.map((_, i) => i < 1024 ? 0 : 1));
    expect(all.at(-1)!.calls).toEqual(["reset"]);
    expect(socket.readableBytes()).toBe(1024);
    accept(socket);
    expect(listener.connection().calls).toEqual([]);
    expect(listener.connection().calls).toEqual(["reset"]);
    socket.listen(2000);
    expect(listener.connection().calls).toEqual([]);
  });

  test("resets those that wait when it is closed, and leaves alone those that it handed out", () => {
    const { socket, listener } = listening();
    const [first, second] = [listener.connection(), listener.connection()];
    accept(socket);
    socket.close();
    expect(listener.calls).toEqual(["close"]);
    expect([first.calls, second.calls]).toEqual([[], ["reset"]]);
  });

  test("hands its options on", () => {
    const { socket, listener } = listening();
    socket.setOption(SocketOption.LINGER, 0);
    socket.setOption(SocketOption.RCVBUF, 4 * KIB);
    socket.setOption(SocketOption.RCVTIMEO, 5e6);
    socket.setOption(SocketOption.NODELAY, 1);
    const peer = listener.connection();
    const accepted = accept(socket) as StreamSocket;
    const values = [SocketOption.LINGER, SocketOption.RCVBUF, SocketOption.RCVTIMEO].map((option) =>
      accepted.getOption(option)
    );
    expect(values).toEqual([0, 4 * KIB, 5e6]);
    expect(accepted.getOption(SocketOption.ACCEPTCONN)).toBe(0);
    accepted.close();
    expect(peer.calls).toEqual(["reset"]);
  });

  test("that breaks later tells why, and does not listen any more", () => {
    const { socket, listener } = listening();
    listener.events.failed(Errno.NOBUFS);
    expect(socket.readiness(READ)).toBe(READ | HANGUP);
    expect(accept(socket)).toBe("INVAL");
    expect(errnoName(socket.getOption(SocketOption.ERROR))).toBe("NOBUFS");
  });
});

describe("receiving", () => {
  test("takes what has come, over its chunks, and then is not ready", () => {
    const { socket, peer } = connected();
    peer.events.received(counting(0, 5));
    peer.events.received(counting(5, 5));
    expect(socket.readableBytes()).toBe(10);
    expect(socket.readiness(READ)).toBe(READ);
    expect(receive(socket, 7)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(receive(socket, 7)).toEqual([7, 8, 9]);
    expect(receive(socket, 7)).toBe("AGAIN");
    expect(socket.readiness(READ)).toBe(0);
  });

  test("leaves what is peeked at", () => {
    const { socket, peer } = connected();
    peer.events.received(counting(0, 3));
    expect([receive(socket, 2, true), receive(socket, 9, true)]).toEqual([[0, 1], [0, 1, 2]]);
    expect(receive(socket, 9)).toEqual([0, 1, 2]);
  });

  test("goes on to the end of what came before the peer's end, and then answers 0 for ever", () => {
    const { socket, peer } = connected();
    peer.events.received(counting(0, 3));
    peer.events.ended();
    expect(receive(socket, 2)).toEqual([0, 1]);
    expect(receive(socket, 2)).toEqual([2]);
    expect([receive(socket, 2), receive(socket, 2)]).toEqual([[], []]);
    expect(socket.readiness(BOTH)).toBe(BOTH);
    expect(send(socket, SOME)).toBe(4);
  });

  test("after a reset still takes what came before it, then tells it once, and then the end", () => {
    const { socket, peer } = connected();
    peer.events.received(counting(0, 3));
    peer.events.failed(Errno.CONNRESET);
    expect(socket.readiness(BOTH)).toBe(BOTH | HANGUP);
    expect(receive(socket, 9)).toEqual([0, 1, 2]);
    expect(receive(socket, 9, true), "a look does not take it").toBe("CONNRESET");
    expect(receive(socket, 9)).toBe("CONNRESET");
    expect(receive(socket, 9)).toEqual([]);
    expect(send(socket, SOME)).toBe("PIPE");
    expect(errnoName(socket.getOption(SocketOption.ERROR))).toBe("SUCCESS");
  });

  test("pauses the connection at 256 KiB, and resumes it at half of them", () => {
    const { socket, peer } = connected();
    const chunk = 16 * KIB;
    for (let i = 0; i < 15; i++) peer.events.received(counting(0, chunk));
    expect(peer.calls).toEqual([]);
    peer.events.received(counting(0, chunk));
    expect(peer.calls).toEqual(["pause"]);
    peer.events.received(counting(0, chunk));
    expect(peer.calls).toEqual(["pause"]);
    expect(receive(socket, 9 * chunk)).toHaveLength(9 * chunk);
    expect(peer.calls).toEqual(["pause"]);
    expect(receive(socket, 2 * KIB, true)).toHaveLength(2 * KIB);
    expect(peer.calls).toEqual(["pause"]);
    expect(receive(socket, KIB)).toHaveLength(KIB);
    expect(peer.calls).toEqual(["pause", "resume"]);
    expect(receive(socket, 9 * chunk)).toHaveLength(8 * chunk - KIB);
    expect(peer.calls).toEqual(["pause", "resume"]);
  });

  test("counts what small chunks take beside their bytes", () => {
    const { socket, peer } = connected();
    let count = 0;
    for (; !peer.isPaused; count++) peer.events.received(counting(count, 1));
    expect(count).toBeGreaterThan(2000);
    expect(count).toBeLessThan(20_000);
    expect(receive(socket, count)).toHaveLength(count);
    expect(peer.isPaused).toBe(false);
  });

  test("pauses where RCVBUF says, within limits", () => {
    const { socket, peer } = connected();
    expect(outcome(socket.setOption(SocketOption.RCVBUF, 1))).toBe(0);
    expect(socket.getOption(SocketOption.RCVBUF)).toBe(2 * KIB);
    peer.events.received(counting(0, 2 * KIB));
    expect(peer.calls).toEqual(["pause"]);
    expect(outcome(socket.setOption(SocketOption.RCVBUF, 2 ** 31 - 1))).toBe(0);
    expect(socket.getOption(SocketOption.RCVBUF)).toBe(16 * KIB * KIB);
    expect(outcome(socket.setOption(SocketOption.RCVBUF, -1))).toBe("INVAL");
  });
});

describe("sending", () => {
  test("gathers pieces, and passes over empty ones", () => {
    const { socket, peer } = connected();
    expect(send(socket, counting(0, 2), new Uint8Array(0), counting(2, 3))).toBe(5);
    expect(peer.written).toEqual([0, 1, 2, 3, 4]);
    expect(send(socket)).toBe(0);
    expect(send(socket, new Uint8Array(0))).toBe(0);
  });

  test("answers what was taken, then AGAIN until there is room", () => {
    const { socket, peer } = connected();
    peer.room = 3;
    expect(send(socket, counting(0, 2), counting(2, 4), counting(6, 4))).toBe(3);
    expect(peer.written).toEqual([0, 1, 2]);
    expect(send(socket, SOME)).toBe("AGAIN");
    expect(socket.readiness(WRITE)).toBe(0);
    const before = wakes;
    peer.makeRoom(100);
    expect(wakes).toBe(before + 1);
    expect(socket.readiness(WRITE)).toBe(WRITE);
    expect(send(socket, SOME)).toBe(4);
  });

  test("answers AGAIN where nothing at all is taken", () => {
    const { socket, peer } = connected();
    peer.room = 0;
    expect(send(socket, SOME)).toBe("AGAIN");
    expect(socket.readiness(WRITE)).toBe(0);
    peer.makeRoom(1);
    expect(send(socket, SOME)).toBe(1);
    expect(socket.readiness(WRITE)).toBe(0);
  });

  test("answers what the driver could not do, but not after a piece that it took", () => {
    const { socket, peer } = connected();
    peer.writeErrno = Errno.PIPE;
    expect(send(socket, SOME)).toBe("PIPE");
    peer.writeErrno = undefined;
    peer.write = (_bytes, _start, length) => length === 2 ? 2 : -Errno.CONNRESET;
    expect(send(socket, counting(0, 2), counting(2, 3))).toBe(2);
    expect(send(socket, counting(2, 3))).toBe("CONNRESET");
  });

  test("that waits for room ends with a reset", () => {
    const { socket, peer } = connected();
    peer.room = 0;
    send(socket, SOME);
    peer.events.failed(Errno.CONNRESET);
    expect(socket.readiness(WRITE)).toBe(WRITE | HANGUP);
    expect([send(socket, SOME), send(socket, SOME)]).toEqual(["CONNRESET", "PIPE"]);
  });
});

describe("shutting down", () => {
  test("to write sends the end once; the peer may go on", () => {
    const { socket, peer } = connected();
    expect(outcome(socket.shutdown(Shutdown.WR))).toBe(0);
    expect(outcome(socket.shutdown(Shutdown.WR))).toBe(0);
    expect(peer.calls).toEqual(["shutdown"]);
    expect(send(socket, SOME)).toBe("PIPE");
    expect(socket.readiness(BOTH)).toBe(WRITE);
    peer.events.received(counting(0, 2));
    expect(receive(socket, 9)).toEqual([0, 1]);
    peer.events.ended();
    expect(socket.readiness(BOTH)).toBe(BOTH | HANGUP);
  });

  test("to write is ready to write, although there was no room", () => {
    const { socket, peer } = connected();
    peer.room = 0;
    send(socket, SOME);
    socket.shutdown(Shutdown.WR);
    expect(socket.readiness(WRITE)).toBe(WRITE);
    expect(send(socket, SOME)).toBe("PIPE");
  });

  test("to read drops what came and what will, without holding up the peer", () => {
    const { socket, peer } = connected();
    peer.events.received(counting(0, 256 * KIB));
    expect(peer.isPaused).toBe(true);
    expect(outcome(socket.shutdown(Shutdown.RD))).toBe(0);
    expect(peer.isPaused).toBe(false);
    expect(receive(socket, 9)).toEqual([]);
    peer.events.received(counting(0, 9));
    expect([receive(socket, 9), socket.readableBytes()]).toEqual([[], 0]);
    expect(peer.calls).toEqual(["pause", "resume"]);
    expect(socket.readiness(BOTH)).toBe(BOTH);
    expect(send(socket, SOME)).toBe(4);
  });

  test("both ways hangs up", () => {
    const { socket, peer } = connected();
    socket.shutdown(Shutdown.RD | Shutdown.WR);
    expect(peer.calls).toEqual(["shutdown"]);
    expect(socket.readiness(READ)).toBe(READ | HANGUP);
    expect(socket.readiness(WRITE)).toBe(WRITE | HANGUP);
  });
});

describe("closing", () => {
  test("lets what was written be sent; with LINGER 0 it resets", () => {
    const first = connected();
    first.socket.close();
    expect(first.peer.calls).toEqual(["close"]);
    const second = connected();
    expect(outcome(second.socket.setOption(SocketOption.LINGER, 0))).toBe(0);
    second.socket.close();
    expect(second.peer.calls).toEqual(["reset"]);
    const third = connected();
    third.socket.setOption(SocketOption.LINGER, 0);
    third.socket.setOption(SocketOption.LINGER, LINGER_OFF);
    third.socket.close();
    expect(third.peer.calls).toEqual(["close"]);
  });

  test("resets what was not read, so that the peer learns it", () => {
    const { socket, peer } = connected();
    peer.events.received(counting(0, 3));
    receive(socket, 2);
    socket.close();
    expect(peer.calls).toEqual(["reset"]);
    const other = connected();
    other.peer.events.received(counting(0, 3));
    receive(other.socket, 3);
    other.socket.close();
    expect(other.peer.calls).toEqual(["close"]);
  });

  test("a broken connection does nothing to it", () => {
    const { socket, peer } = connected();
    peer.events.failed(Errno.CONNRESET);
    socket.close();
    expect(peer.calls).toEqual([]);
  });
});

describe("options of a stream socket", () => {
  function get(socket: StreamSocket, option: SocketOption): number | string {
    const value = socket.getOption(option);
    return value === LINGER_OFF ? "off" : outcome(value);
  }

  test("that only can be read", () => {
    const socket = stream();
    expect(get(socket, SocketOption.TYPE)).toBe(SocketType.STREAM);
    expect(get(socket, SocketOption.RCVLOWAT)).toBe(1);
    for (const option of [SocketOption.TYPE, SocketOption.ERROR, SocketOption.ACCEPTCONN]) {
      expect(outcome(socket.setOption(option, 1))).toBe("NOPROTOOPT");
    }
  });

  test("that the core keeps", () => {
    const socket = stream();
    expect(get(socket, SocketOption.LINGER)).toBe("off");
    for (const option of [SocketOption.RCVTIMEO, SocketOption.SNDTIMEO]) {
      expect(get(socket, option)).toBe(0);
      expect(outcome(socket.setOption(option, 7e9))).toBe(0);
      expect(get(socket, option)).toBe(7e9);
      for (const wrong of [-1, NaN]) expect(outcome(socket.setOption(option, wrong))).toBe("INVAL");
    }
    expect(outcome(socket.setOption(SocketOption.LINGER, 3)), "no close waits").toBe("NOPROTOOPT");
    expect(get(socket, SocketOption.LINGER)).toBe("off");
  });

  test("that the driver takes are kept until there is a connection", () => {
    const socket = stream();
    expect(outcome(socket.setOption(SocketOption.NODELAY, 1))).toBe(0);
    expect(get(socket, SocketOption.NODELAY)).toBe(1);
    socket.connect(loopback(80));
    expect(driver.connections[0]!.values.get(SocketOption.NODELAY)).toBe(1);
    driver.connections[0]!.events.opened();
    expect(outcome(socket.setOption(SocketOption.NODELAY, 0))).toBe(0);
    expect(driver.connections[0]!.values.get(SocketOption.NODELAY)).toBe(0);
    expect(get(socket, SocketOption.NODELAY)).toBe(0);
    driver.connections[0]!.values.set(SocketOption.SNDBUF, 12345);
    expect(get(socket, SocketOption.SNDBUF)).toBe(12345);
  });

  test("that are on or off are 1 or 0", () => {
    const socket = stream();
    for (const value of [1, 7, -1]) {
      expect(outcome(socket.setOption(SocketOption.NODELAY, value))).toBe(0);
      expect(get(socket, SocketOption.NODELAY)).toBe(1);
    }
    socket.setOption(SocketOption.NODELAY, 0);
    expect(get(socket, SocketOption.NODELAY)).toBe(0);
  });

  test("that can't have a value are INVAL, before there is a connection as well", () => {
    const socket = stream();
    for (const value of [0, -5, 32768, NaN]) {
      expect(outcome(socket.setOption(SocketOption.KEEPIDLE, value)), String(value)).toBe("INVAL");
    }
    expect(outcome(socket.setOption(SocketOption.KEEPIDLE, 32767))).toBe(0);
    expect(outcome(socket.setOption(SocketOption.SNDBUF, -1))).toBe("INVAL");
  });

  test("that the driver refuses stay as they were", () => {
    const { socket, peer } = connected();
    peer.refused.set(SocketOption.KEEPIDLE, Errno.INVAL);
    expect(outcome(socket.setOption(SocketOption.KEEPIDLE, 5))).toBe("INVAL");
    expect(get(socket, SocketOption.KEEPIDLE)).toBe(0);
  });

  test("that nobody has are NOPROTOOPT, but for the value that they have anyway", () => {
    const socket = stream();
    for (const option of [SocketOption.HOPS, SocketOption.MULTICAST_HOPS, SocketOption.MULTICAST_LOOP]) {
      expect([get(socket, option), outcome(socket.setOption(option, 1))]).toEqual(["NOPROTOOPT", "NOPROTOOPT"]);
    }
    for (const option of [SocketOption.OOBINLINE, SocketOption.DONTROUTE, SocketOption.BROADCAST]) {
      expect([get(socket, option), outcome(socket.setOption(option, 0))]).toEqual([0, 0]);
      expect(outcome(socket.setOption(option, 1))).toBe("NOPROTOOPT");
    }
    expect(get(socket, SocketOption.V6ONLY)).toBe("NOPROTOOPT");
    expect(get(stream(Family.INET6), SocketOption.V6ONLY)).toBe(0);
  });

  test("REUSEADDR is on for whatever is bound, and can't be taken from it", () => {
    const socket = stream();
    expect(get(socket, SocketOption.REUSEADDR)).toBe(0);
    expect(outcome(socket.setOption(SocketOption.REUSEADDR, 1))).toBe(0);
    const { socket: other } = bound();
    expect(get(other, SocketOption.REUSEADDR)).toBe(1);
    expect(outcome(other.setOption(SocketOption.REUSEADDR, 0))).toBe("NOPROTOOPT");
  });
});

/** What happens to a connection. */
type Step =
  | { readonly kind: "comes" | "room" | "send"; readonly bytes: number }
  | { readonly kind: "receive"; readonly rooms: readonly number[]; readonly peek: boolean }
  | { readonly kind: "shutdown"; readonly how: number }
  | { readonly kind: "open" | "end" | "reset" | "refuse" };

const size = fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 3000 }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constantFrom("comes", "room", "send"), bytes: size }), weight: 12 },
  {
    arbitrary: fc.record({
      kind: fc.constant("receive" as const),
      rooms: fc.array(size, { maxLength: 3 }),
      peek: fc.boolean(),
    }),
    weight: 8,
  },
  { arbitrary: fc.record({ kind: fc.constant("shutdown" as const), how: fc.integer({ min: 1, max: 3 }) }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constantFrom("open", "end", "reset", "refuse") }), weight: 1 },
);

/** One socket whose driver and guest do what steps say, with what must be so beside it. */
class Model {
  readonly socket: StreamSocket;
  readonly peer: ScriptedConnection;
  isOpen = false;
  isOver = false;
  isEnded = false;
  isDeaf = false;
  came = 0;
  read = 0;
  accepted: number[] = [];

  constructor(driver: ScriptedDriver) {
    this.socket = new StreamSocket(driver, Family.INET, new GuestWakeSource());
    this.socket.setOption(SocketOption.RCVBUF, 2 * KIB);
    this.socket.connect(loopback(80));
    this.peer = driver.connections[0]!;
    this.peer.room = 1000;
  }

  perform(step: Step): void {
    switch (step.kind) {
      case "open":
        if (!this.isOpen && !this.isOver) this.peer.events.opened();
        this.isOpen ||= !this.isOver;
        return;
      case "refuse":
      case "reset":
        if (this.isOver || this.isOpen !== (step.kind === "reset")) return;
        this.isOver = true;
        return this.peer.events.failed(step.kind === "reset" ? Errno.CONNRESET : Errno.CONNREFUSED);
      case "end":
        if (!this.isOpen || this.isOver || this.isEnded) return;
        this.isEnded = true;
        return this.peer.events.ended();
      case "comes":
        // A driver that was told to pause still tells what is on its way.
        if (!this.isOpen || this.isOver || this.isEnded || (this.peer.isPaused && step.bytes > KIB)) return;
        this.peer.events.received(counting(this.came, step.bytes));
        this.came += step.bytes;
        return;
      case "room":
        if (this.isOpen && !this.isOver) this.peer.makeRoom(step.bytes);
        return;
      case "shutdown":
        if (this.socket.shutdown(step.how) === 0 && (step.how & Shutdown.RD) !== 0) this.isDeaf = true;
        return;
      case "send":
        return this.send(step.bytes);
      case "receive":
        return this.receive(step.rooms, step.peek);
    }
  }

  send(length: number): void {
    const ready = this.socket.readiness(WRITE) & WRITE;
    const bytes = counting(this.accepted.length, length);
    const result = this.socket.send(pieces(bytes), undefined);
    // That a driver took exactly what it had room for shows with the next bytes only, and then once.
    const isFull = this.peer.room === 0;
    if (ready === 0 && length > 0) expect(result, "not ready to write").toBe(-Errno.AGAIN);
    if (result === -Errno.AGAIN) expect(ready === 0 || isFull, "ready to write").toBe(true);
    if (result === -Errno.AGAIN) expect(this.socket.readiness(WRITE)).toBe(0);
    if (result > 0) this.accepted.push(...bytes.subarray(0, result));
  }

  receive(rooms: readonly number[], peek: boolean): void {
    const ready = this.socket.readiness(READ) & READ;
    const known = this.socket.readableBytes();
    const iovs = pieces(...rooms);
    const result = this.socket.receive(iovs, peek ? ReceiveFlags.PEEK : 0, { truncated: false, from: undefined });
    expect(result === -Errno.AGAIN, "not ready to read is AGAIN").toBe(ready === 0);
    if (result < 0) return;
    expect(result).toBe(Math.min(known, iovs.bytes.length));
    expect([...iovs.bytes.subarray(0, result)]).toEqual([...counting(this.read, result)]);
    if (!peek) this.read += result;
  }

  check(): void {
    expect(this.peer.written).toEqual(this.accepted);
    const held = this.socket.readableBytes();
    expect(held).toBe(this.isDeaf ? 0 : this.came - this.read);
    if (this.peer.isPaused && !this.isOver) expect(held, "while it is paused").toBeGreaterThan(0);
    if (held >= 2 * KIB && !this.isOver) expect(this.peer.isPaused).toBe(true);
  }
}

test("in any order of events and calls no byte is lost or doubled, and readiness is true", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.boolean(), (steps, opens) => {
      const model = new Model(new ScriptedDriver());
      if (opens) model.perform({ kind: "open" });
      for (const made of steps) {
        model.perform(made);
        model.check();
      }
      while (model.socket.readableBytes() > 0) model.receive([500, 700], false);
      if (!model.isDeaf) expect(model.read).toBe(model.came);
    }),
    { numRuns: 400 },
  );
});

/** Any call of the guest, and any event of the driver that it could tell in the state of its handles. */
const anything = fc.oneof(
  fc.record({ call: fc.constantFrom(...Object.keys(CALLS).filter((name) => name !== "close")) }),
  fc.record({ event: fc.constantFrom("listening", "failed", "accepted", "opened", "received", "ended", "writable") }),
  fc.record({ option: fc.constantFrom(...Object.values(SocketOption)), value: fc.integer({ min: -1, max: 5 }) }),
  fc.record({ opening: fc.constantFrom("later" as const, "now" as const, { refusal: Errno.ADDRINUSE }) }),
);

/** A handle's part in the contract of drivers: what it may still tell. */
class Handles {
  readonly #driver: ScriptedDriver;
  readonly #opened: WeakSet<object> = new WeakSet();
  readonly #over: WeakSet<object> = new WeakSet();
  readonly #ended: WeakSet<object> = new WeakSet();

  constructor(driver: ScriptedDriver) {
    this.#driver = driver;
    for (const kind of ["listeners", "connections"] as const) {
      driver[kind].push = (...made: (ScriptedListener | ScriptedConnection)[]) => {
        for (const handle of made) this.#madeNow(handle);
        return Array.prototype.push.apply(driver[kind], made);
      };
    }
  }

  #madeNow(handle: object): void {
    if (this.#driver.opening === "now") this.#opened.add(handle);
    else if (this.#driver.opening !== "later") this.#over.add(handle);
  }

  tell(event: string): void {
    const last = (handles: readonly (ScriptedListener | ScriptedConnection)[]) =>
      handles.findLast((handle) => !this.#over.has(handle) && !handle.calls.some((call) => /close|reset/.test(call)));
    const listener = last(this.#driver.listeners) as ScriptedListener | undefined;
    const connection = last(this.#driver.connections) as ScriptedConnection | undefined;
    const isOpen = (handle: object | undefined): boolean => handle !== undefined && this.#opened.has(handle);
    if (event === "failed") {
      const handle = connection ?? listener;
      if (handle === undefined) return;
      this.#over.add(handle);
      return handle.events.failed(Errno.IO);
    }
    if (event === "listening" && listener !== undefined && !isOpen(listener)) {
      this.#opened.add(listener);
      listener.events.listening();
    } else if (event === "accepted" && isOpen(listener)) listener!.connection();
    if (connection === undefined) return;
    if (event === "opened" && !isOpen(connection)) {
      this.#opened.add(connection);
      connection.events.opened();
    } else if (event === "received" && isOpen(connection) && !this.#ended.has(connection)) {
      connection.events.received(counting(0, 3));
    } else if (event === "ended" && isOpen(connection) && !this.#ended.has(connection)) {
      this.#ended.add(connection);
      connection.events.ended();
    } else if (event === "writable" && isOpen(connection) && connection.owesRoom) connection.makeRoom(5);
  }
}

test("no order of calls and events makes a socket throw, or say that it is ready when it is not", () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 40 }), (steps) => {
      driver = new ScriptedDriver();
      const handles = new Handles(driver);
      const socket = stream();
      for (const made of steps) {
        const ready = socket.readiness(BOTH);
        if ("opening" in made) driver.opening = made.opening;
        else if ("event" in made) handles.tell(made.event);
        else if ("option" in made) socket.setOption(made.option, made.value);
        else {
          const answer = CALLS[made.call]!(socket);
          const canBeAgain = !["receive", "accept"].includes(made.call) || (ready & READ) === 0;
          if (made.call.startsWith("send") && (ready & WRITE) !== 0) expect(answer).not.toBe("AGAIN");
          if (!canBeAgain) expect(answer, made.call).not.toBe("AGAIN");
          if (typeof answer === "string") expect(Object.keys(Errno), made.call).toContain(answer);
        }
      }
      socket.close();
    }),
    { numRuns: 400 },
  );
});

describe("what fits and what is held back", () => {
  test("depends on the state", () => {
    const socket = stream();
    expect(outcome(socket.writableBytes())).toBe("NOTCONN");
    socket.connect(loopback(80));
    expect(socket.writableBytes()).toBe(0);
    const peer = driver.connections.at(-1)!;
    peer.events.opened();
    expect(socket.writableBytes()).toBeGreaterThanOrEqual(KIB);
    peer.room = 10;
    expect(socket.send(pieces(20), undefined)).toBe(10);
    expect(socket.writableBytes()).toBe(0);
    peer.makeRoom(5);
    expect(socket.writableBytes()).toBeGreaterThanOrEqual(KIB);
    peer.events.failed(Errno.CONNRESET);
    expect(outcome(socket.writableBytes())).toBe("CONNRESET");
    expect(outcome(socket.send(pieces(1), undefined))).toBe("CONNRESET");
    expect(outcome(socket.writableBytes())).toBe("PIPE");
    const { socket: shut } = connected();
    shut.shutdown(Shutdown.WR);
    expect(outcome(shut.writableBytes())).toBe("PIPE");
  });

  test("a flush keeps writes away until the driver has sent everything", () => {
    const { socket, peer } = connected();
    expect(socket.flush()).toBe(0);
    peer.flushResult = -Errno.INPROGRESS;
    expect(outcome(socket.flush())).toBe("INPROGRESS");
    expect([socket.writableBytes(), socket.readiness(WRITE)]).toEqual([0, 0]);
    expect(outcome(socket.send(pieces(1), undefined))).toBe("AGAIN");
    peer.events.writable();
    expect(socket.readiness(WRITE)).toBe(WRITE);
    expect(stream().flush()).toBe(0);
  });
});
