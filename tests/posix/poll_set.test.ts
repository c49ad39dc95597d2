/** What the set of sockets knows is what poll(2) says. */

import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { Family, SocketOption, SocketType } from "../../src/contract/network.ts";
import { Interest, Readiness } from "../../src/contract/pollable.ts";
import { PollEvents } from "../../src/platform/posix/poll/event_queue.ts";
import type { PosixSocket } from "../../src/platform/posix/net/socket.ts";
import { Errno } from "../../src/witx/errno.ts";
import { scriptInProcess } from "./in_process.ts";
import type { NetworkLeakReport } from "./leaking_networks.ts";
import { ownHost } from "./posix_sockets.ts";
import { asked, connect, fdOf, LOOPBACK, type Raw, RawSockets, receiveCount, send } from "./raw_sockets.ts";
import { temporaryDirectory } from "./temporary.ts";

const { READ, WRITE } = Interest;

/** What a runtime may open for itself meanwhile. */
const MAX_DESCRIPTORS = 8;

let sockets = new RawSockets();
afterEach(() => {
  sockets.close();
  sockets = new RawSockets();
});

/** What a socket is expected to say. */
function expected(socket: PosixSocket): { readonly read: boolean; readonly hangup: boolean; readonly write: boolean } {
  const told = asked(socket);
  const failed = (told & PollEvents.ERROR) !== 0;
  const hangup = (told & PollEvents.HANGUP) !== 0 || (failed && socket.type === SocketType.STREAM);
  return {
    read: hangup || failed || (told & PollEvents.READ) !== 0,
    hangup,
    write: hangup || failed || (told & PollEvents.WRITE) !== 0,
  };
}

/** Compare what a set knows of its sockets, after one look, with what poll(2) says of each. */
function check(all: readonly PosixSocket[], step: string): void {
  sockets.set.refresh();
  for (const [i, socket] of all.entries()) {
    const where = `socket ${i} after ${step}`;
    // What is kept must not depend on what was asked before: in half of the looks nobody asks for writing.
    const reading = socket.readiness(READ);
    const { read, hangup, write } = expected(socket);
    expect((reading & READ) !== 0, `${where}: can be read`).toBe(read);
    expect((reading & Readiness.HANGUP) !== 0, `${where}: is over`).toBe(hangup);
    expect(sockets.set.readable.includes(socket) || !read, `${where}: is listed`).toBe(true);
    // A socket that poll(2) calls full may take some more.
    if (write) expect((socket.readiness(WRITE) & WRITE) !== 0, `${where}: can be written`).toBe(true);
  }
}

type Step =
  | { readonly kind: "send"; readonly from: number; readonly bytes: number }
  | { readonly kind: "receive"; readonly at: number; readonly bytes: number; readonly peek: boolean }
  | { readonly kind: "shutdown"; readonly at: number; readonly how: number }
  | { readonly kind: "lowat"; readonly at: number; readonly bytes: number }
  | { readonly kind: "reset"; readonly at: number }
  | { readonly kind: "close"; readonly at: number }
  | { readonly kind: "error"; readonly at: number }
  | { readonly kind: "look" };

const sizes = fc.constantFrom(0, 1, 5, 5, 10, 1000, 65536, 2_000_000);
const at = fc.nat(5);

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("send" as const), from: at, bytes: sizes }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("receive" as const), at, bytes: sizes, peek: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("shutdown" as const), at, how: fc.constantFrom(1, 2, 3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lowat" as const), at, bytes: fc.constantFrom(1, 10) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reset" as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("close" as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("error" as const), at }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("look" as const) }) },
);

/** Two ends of TCP, of unix streams, and of connected UDP. */
function openPairs(): PosixSocket[] {
  const tcp = sockets.pair(sockets.listener());
  const unix = sockets.pair(sockets.listener(`${temporaryDirectory()}/s`));
  const one = sockets.open(Family.INET, SocketType.DGRAM).socket;
  const two = sockets.open(Family.INET, SocketType.DGRAM).socket;
  one.bind(LOOPBACK);
  two.bind(LOOPBACK);
  connect(one, two.localAddress());
  connect(two, one.localAddress());
  return [...tcp, ...unix, one, two];
}

function perform(all: readonly (PosixSocket | undefined)[], open: PosixSocket[], step: Step): void {
  const index = "at" in step ? step.at : "from" in step ? step.from : -1;
  const socket = all[index];
  if (step.kind === "look") return check(open, "a look");
  if (socket === undefined || !open.includes(socket)) return;
  switch (step.kind) {
    case "send":
      send(socket, Math.min(step.bytes, socket.type === SocketType.DGRAM ? 2000 : step.bytes));
      break;
    case "receive":
      if (receiveCount(socket, step.bytes, step.peek) === "AGAIN") {
        // Nothing else happens in this thread, so that it must be known now, without a look.
        expect(socket.readiness(READ)).toBe(0);
      }
      break;
    case "shutdown":
      socket.shutdown(step.how);
      break;
    case "lowat":
      socket.setOption(SocketOption.RCVLOWAT, step.bytes);
      break;
    case "error":
      socket.getOption(SocketOption.ERROR);
      break;
    case "reset":
    case "close":
      if (step.kind === "reset") socket.setOption(SocketOption.LINGER, 0);
      socket.close();
      open.splice(open.indexOf(socket), 1);
  }
  for (const other of open) checkPromise(other, step.kind);
}

/** Without a look there may be more to read than is known, but never less. */
function checkPromise(socket: PosixSocket, step: string): void {
  if ((socket.readiness(READ) & READ) !== 0) expect(expected(socket).read, `can be read after ${step}`).toBe(true);
}

describe("what a set knows of its sockets", () => {
  test("is what poll(2) says, whatever is done with them", () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 1, maxLength: 60 }), (list) => {
        try {
          const all = openPairs();
          const open = [...all];
          for (const step of list) perform(all, open, step);
          check(open, "all steps");
        } finally {
          sockets.close();
        }
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});

describe("a stream that can be read", () => {
  test("stays so after a short read of the last bytes: the end comes next", () => {
    const [client, server] = sockets.pair(sockets.listener());
    send(client, "last");
    client.shutdown(2);
    sockets.set.refresh();
    expect(receiveCount(server, 99)).toBe(4);
    check([client, server], "the last bytes");
    for (let i = 0; i < 3; i++) {
      expect(receiveCount(server, 99)).toBe(0);
      check([client, server], "the end");
    }
  });

  test("stays so after a short read, if the end came between the look and the read", () => {
    const [client, server] = sockets.pair(sockets.listener());
    send(client, "last");
    sockets.set.refresh();
    client.shutdown(2);
    expect(receiveCount(server, 99)).toBe(4);
    check([client, server], "the last bytes");
  });

  test("stays so after a read that stopped at urgent data", () => {
    const [client, server] = sockets.pair(sockets.listener());
    server.setOption(SocketOption.OOBINLINE, 1);
    const { send: raw } = ownHost().libc.open({
      send: { parameters: ["i32", "address", "i32", "i32"], result: "i32" },
    });
    const MSG_OOB = 1;
    const bytes = ownHost().libc.arena.allocate(16).address;
    send(client, "before");
    raw(fdOf(client), bytes, 1, MSG_OOB);
    send(client, "behind");
    sockets.set.refresh();
    expect(receiveCount(server, 99)).toBe(6);
    check([client, server], "the mark");
    expect(server.readiness(READ)).toBe(READ);
    expect(receiveCount(server, 99)).toBe(7);
    expect(receiveCount(server, 99)).toBe("AGAIN");
    check([client, server], "all of it");
  });

  test("is not, once it was read without a look in between", () => {
    const [client, server] = sockets.pair(sockets.listener());
    send(client, "12345");
    expect(receiveCount(server, 5)).toBe(5);
    expect(server.readiness(READ)).toBe(0);
    send(client, "1");
    check([client, server], "another byte");
  });

  test("that was reset is over: it tells its error once, and its end then", () => {
    const [client, server] = sockets.pair(sockets.listener());
    send(server, "before");
    server.setOption(SocketOption.LINGER, 0);
    server.close();
    check([client], "the reset");
    expect(client.readiness(READ)).toBe(READ | Readiness.HANGUP);
    expect([receiveCount(client, 99), receiveCount(client, 99), receiveCount(client, 99)]).toEqual([
      6,
      "CONNRESET",
      0,
    ]);
    check([client], "the error");
    expect(send(client, "x")).toBe("PIPE");
    expect(client.getOption(SocketOption.ERROR)).toBe(0);
  });
});

describe("a listener", () => {
  test("is ready as long as somebody waits, and not after the last was taken", () => {
    const listener = sockets.listener();
    const clients = Array.from({ length: 100 }, () => sockets.open().socket);
    for (const client of clients) connect(client, listener.socket.localAddress());
    sockets.set.refresh();
    for (let left = clients.length; left > 0; left--) {
      expect(listener.socket.readiness(READ)).toBe(READ);
      expect(listener.socket.readableBytes()).toBe(1);
      sockets.accept(listener);
    }
    expect(listener.socket.readiness(READ)).toBe(0);
    expect(listener.socket.accept()).toBe(-Errno.AGAIN);
  });

  test("tells each of its connections what came before it was taken", () => {
    const listener = sockets.listener();
    const client = sockets.open().socket;
    connect(client, listener.socket.localAddress());
    send(client, "early");
    client.close();
    const server = sockets.accept(listener);
    check([server], "the accept");
    expect(server.readiness(READ)).toBe(READ);
    expect([receiveCount(server, 99), receiveCount(server, 99)]).toEqual([5, 0]);
  });
});

describe("thousands of sockets", () => {
  const PAIRS = 1500;

  test("are told of by one call, which takes no longer than for a few", () => {
    const timeOf = (listener: Raw): number => {
      const [client, server] = sockets.pair(listener);
      let best = Infinity;
      for (let i = 0; i < 200; i++) {
        send(client, "x");
        const begun = performance.now();
        sockets.set.refresh();
        expect(server.readiness(READ)).toBe(READ);
        best = Math.min(best, performance.now() - begun);
        expect(receiveCount(server, 99)).toBe(1);
      }
      return best;
    };
    const listener = sockets.listener(undefined, 4096);
    const few = timeOf(listener);
    const pairs = Array.from({ length: PAIRS }, () => sockets.pair(listener));
    expect(sockets.set.size).toBe(2 * PAIRS + 3);
    sockets.set.refresh();
    expect(timeOf(listener)).toBeLessThan(few * 5 + 0.05);
    // Whether one more waits is known once it is asked.
    expect(sockets.set.readable.map(fdOf)).toEqual([listener.fd]);
    expect(listener.socket.readiness(READ)).toBe(0);
    expect(sockets.set.readable).toHaveLength(0);
    for (const [i, [client]] of pairs.entries()) {
      if (i % 7 === 0) send(client, i.toString());
    }
    sockets.set.refresh();
    const told = pairs.map(([, server]) => server).filter((server) => server.readiness(READ) !== 0).map(fdOf);
    expect(told).toEqual(pairs.filter((_pair, i) => i % 7 === 0).map(([, server]) => fdOf(server)));
    expect(new Set(sockets.set.readable.map(fdOf))).toEqual(new Set(told));
  });

  test("that come and go are not taken for each other", () => {
    const listener = sockets.listener();
    for (let i = 0; i < 1000; i++) {
      const [client, server] = sockets.pair(listener);
      send(client, "x");
      server.close();
      client.close();
      // The number and the place are used again at once.
      const [next, other] = sockets.pair(listener);
      if (i % 3 === 0) sockets.set.refresh();
      expect(other.readiness(READ)).toBe(0);
      next.close();
      other.close();
    }
    expect(sockets.set.size).toBe(1);
    listener.socket.close();
    expect(sockets.set.fd).toBe(-1);
  });

  test("that were closed while another process still holds them are not taken for those in their place", () => {
    const { dup, close } = ownHost().libc.open({
      dup: { parameters: ["i32"], result: "i32" },
      close: { parameters: ["i32"], result: "i32" },
    });
    const listener = sockets.listener();
    const [client, server] = sockets.pair(listener);
    sockets.set.refresh();
    const held = dup(fdOf(server));
    const { slot } = server;
    server.close();
    const heir = sockets.pair(listener).find((socket) => socket.slot === slot);
    sockets.set.refresh();
    send(client, "for the one that was closed");
    sockets.set.refresh();
    expect(heir?.readiness(READ)).toBe(0);
    close(held);
  });

  test("of ten thousand networks in turn leave nothing behind", async () => {
    const { before, after } = await scriptInProcess("leaking_networks.ts", ["10000"]) as NetworkLeakReport;
    expect(after.descriptors).toBeLessThan(before.descriptors + MAX_DESCRIPTORS);
    expect(after.mappings).toBeLessThan(before.mappings + 1000);
  });
});
