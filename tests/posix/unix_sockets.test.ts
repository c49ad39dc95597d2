/** Unix sockets of the system, whose directories are named by descriptors. */

import { lstatSync, mkdirSync, symlinkSync, unlinkSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { Family, type Received, SocketOption, SocketType } from "../../src/contract/network.ts";
import { Interest } from "../../src/contract/pollable.ts";
import type { Region } from "../../src/platform/posix/ffi/arena.ts";
import { posixWaiter } from "../../src/platform/posix/poll/waiter.ts";
import { Errno } from "../../src/witx/errno.ts";
import { openOn } from "../races/posix_host.ts";
import { unix } from "../system/socket_caller.ts";
import { makeSocketSystem, type SocketSubject } from "../system/socket_systems.ts";
import { ownHost, posixSocketBackend } from "./posix_sockets.ts";
import { connect, fdOf, must, RawSockets, receive, send, unixAddress } from "./raw_sockets.ts";
import { temporaryDirectory } from "./temporary.ts";

const { UNIX } = Family;
const { DGRAM } = SocketType;

const backend = await posixSocketBackend("suspend");
let sockets = new RawSockets();
const made: SocketSubject[] = [];
afterEach(() => {
  sockets.close();
  sockets = new RawSockets();
  for (const { system } of made.splice(0)) system.close();
});

/** A directory that is open, and the path that a socket in it has for a call. */
function directory(path = temporaryDirectory()): { readonly path: string; at(name: string): string; close(): void } {
  const open = openOn(ownHost(), path);
  return { path, at: (name) => String(open.socketPath(name)), close: () => void open.close() };
}

async function subject(path: string): Promise<SocketSubject> {
  const one = await makeSocketSystem(backend, { mounts: { "/": { root: backend.platform.openRoot(path) } } });
  made.push(one);
  return one;
}

describe("the path of a unix socket", () => {
  test("is one that is made by descriptor, of which nothing is left open", () => {
    const there = directory();
    const listener = sockets.listener(there.at("stream"));
    const client = sockets.open(UNIX).socket;
    connect(client, unixAddress(there.at("stream")));
    sockets.accept(listener);
    expect(lstatSync(`${there.path}/stream`).isSocket()).toBe(true);
    const stale = there.at("stream");
    const late = sockets.open(UNIX).socket;
    there.close();
    // Another thread may have got the number.
    expect([Errno.BADF, Errno.NOTDIR, Errno.NOENT]).toContain(-late.connect(unixAddress(stale)));
  });

  test("that has become a symbolic link leads nowhere", () => {
    const [inside, outside] = [directory(), directory()];
    sockets.listener(outside.at("secret"));
    const datagrams = sockets.open(UNIX, DGRAM).socket;
    must(datagrams.bind(unixAddress(outside.at("datagrams"))));
    symlinkSync(`${outside.path}/secret`, `${inside.path}/link`);
    symlinkSync(`${outside.path}/datagrams`, `${inside.path}/other`);
    expect(sockets.open(UNIX).socket.connect(unixAddress(inside.at("link")))).toBe(-Errno.CONNREFUSED);
    const sender = sockets.open(UNIX, DGRAM).socket;
    expect(sender.connect(unixAddress(inside.at("other")))).toBe(-Errno.CONNREFUSED);
    expect(send(sender, "x", unixAddress(inside.at("other")))).toBe("CONNREFUSED");
    expect(receive(datagrams, 9)).toBe("AGAIN");
    for (const socket of [sockets.open(UNIX).socket, sockets.open(UNIX, DGRAM).socket]) {
      expect(socket.bind(unixAddress(inside.at("link")))).toBe(-Errno.ADDRINUSE);
    }
    symlinkSync(`${outside.path}/new`, `${inside.path}/dangling`);
    expect(sockets.open(UNIX).socket.bind(unixAddress(inside.at("dangling")))).toBe(-Errno.ADDRINUSE);
  });

  test("may be as long as the system lets it, and not longer", () => {
    const there = directory();
    const longest = 107 - there.at("").length;
    // A datagram socket has another descriptor for its directory, whose number may be shorter.
    for (const [type, over] of [[SocketType.STREAM, 1], [DGRAM, 9]] as const) {
      const name = `${type}`.padEnd(longest, "n");
      must(sockets.open(UNIX, type).socket.bind(unixAddress(there.at(name))));
      unlinkSync(`${there.path}/${name}`);
      const longer = `${type}`.padEnd(longest + over, "n");
      expect(sockets.open(UNIX, type).socket.bind(unixAddress(there.at(longer)))).toBe(-Errno.NAMETOOLONG);
    }
  });

  test("that is no socket is refused", () => {
    const there = directory();
    mkdirSync(`${there.path}/directory`);
    for (const type of [SocketType.STREAM, DGRAM]) {
      const { socket } = sockets.open(UNIX, type);
      expect(socket.connect(unixAddress(there.at("directory")))).toBe(-Errno.CONNREFUSED);
      expect(socket.connect(unixAddress(there.at("none")))).toBe(-Errno.NOENT);
    }
    const listener = sockets.listener(there.at("stream"));
    expect(sockets.open(UNIX, DGRAM).socket.connect(listener.socket.localAddress())).toBe(-Errno.PROTOTYPE);
  });
});

describe("who sent a unix datagram", () => {
  test("is told as the guest calls it, though other directories had the same descriptor", async () => {
    const path = temporaryDirectory();
    for (const name of ["a", "b", "c"]) mkdirSync(`${path}/${name}`);
    const { sockets } = await subject(path);
    const receiver = await sockets.datagrams(unix("/receiver"));
    const senders = [];
    for (const name of ["/a/same", "/b/same", "/c/same"]) senders.push(await sockets.datagrams(unix(name)));
    for (const { fd } of senders) {
      expect(await sockets.send(fd, "x", unix("/receiver"))).toBe(1);
    }
    for (const name of ["/a/same", "/b/same", "/c/same"]) {
      expect(await sockets.receiveFrom(receiver.fd, 9)).toMatchObject({ text: "x", from: unix(name) });
    }
  });

  test("is nobody, if it is the socket of another guest, be it of the same name", async () => {
    const path = temporaryDirectory();
    const [one, other] = [await subject(path), await subject(path)];
    const receiver = await one.sockets.datagrams(unix("/receiver"));
    const { fd } = await other.sockets.datagrams(unix("/sender"));
    await other.sockets.send(fd, "x", unix("/receiver"));
    expect(await one.sockets.receiveFrom(receiver.fd, 9)).toMatchObject({ text: "x", from: unix("") });
  });

  test("can be answered by its address on the host, by whoever got the datagram", () => {
    const there = directory();
    const guest = sockets.open(UNIX, DGRAM).socket;
    must(guest.bind(unixAddress(there.at("guest"))));
    const server = sockets.open(UNIX, DGRAM).socket;
    must(server.bind(unixAddress(`${there.path}/server`)));
    there.close();
    expect(send(guest, "question", server.localAddress())).toBe(8);
    const from: Received = { truncated: false, from: undefined };
    expect(receive(server, 99, false, from)).toBe("question");
    expect(send(server, "answer", from.from)).toBe(6);
    expect(receive(guest, 99)).toBe("answer");
  });
});

describe("a receiver of unix datagrams that takes none", () => {
  /** Send until there is no room. */
  function fill(sender: ReturnType<RawSockets["open"]>["socket"], to: string | undefined): number {
    for (let sent = 0;; sent++) {
      const result = send(sender, "x", to === undefined ? undefined : unixAddress(to));
      if (result === "AGAIN") return sent;
      if (result !== 1) throw new Error(String(result));
    }
  }

  test.each([["connected", true], ["not connected", false]])("holds up a sender that is %s, and no longer", (_, is) => {
    const there = directory();
    const receiver = sockets.open(UNIX, DGRAM).socket;
    must(receiver.bind(unixAddress(there.at("receiver"))));
    const sender = sockets.open(UNIX, DGRAM).socket;
    if (is) connect(sender, unixAddress(there.at("receiver")));
    const to = is ? undefined : there.at("receiver");
    expect(fill(sender, to)).toBeGreaterThan(0);
    expect(sender.readiness(Interest.WRITE)).toBe(0);
    sockets.set.refresh();
    const waiter = posixWaiter(ownHost(), "block");
    const begun = performance.now();
    waiter.wait([sender], [Interest.WRITE], 30e6);
    // Nobody tells when the one that is not connected may go on: it tries.
    if (is) expect(performance.now() - begun).toBeGreaterThan(29);
    while (receive(receiver, 9) === "x");
    for (let tries = 0; send(sender, "x", to === undefined ? undefined : unixAddress(to)) === "AGAIN"; tries++) {
      expect(tries).toBeLessThan(100);
      waiter.wait([sender], [Interest.WRITE], 100e9);
    }
    expect(performance.now() - begun).toBeLessThan(50_000);
  });

  test("does not keep the thread busy", async () => {
    const suspended = new RawSockets("suspend");
    const there = directory();
    const receiver = sockets.open(UNIX, DGRAM).socket;
    must(receiver.bind(unixAddress(there.at("receiver"))));
    const sender = suspended.open(UNIX, DGRAM).socket;
    fill(sender, there.at("receiver"));
    const waiter = posixWaiter(ownHost(), "suspend");
    let tries = 0;
    const begun = performance.now();
    setTimeout(() => {
      while (receive(receiver, 9) === "x");
    }, 50);
    while (send(sender, "x", unixAddress(there.at("receiver"))) === "AGAIN") {
      tries++;
      await waiter.wait([sender], [Interest.WRITE], Infinity);
    }
    expect(tries).toBeGreaterThan(0);
    expect(tries).toBeLessThan(60 + performance.now() - begun);
    suspended.close();
  });
});

describe("a unix listener whose queue is full", () => {
  /** Connect until one has to wait. */
  function fillQueue(of: RawSockets, path: string): { readonly waiting: ReturnType<RawSockets["open"]>["socket"] } {
    for (let count = 0; count < 100; count++) {
      const { socket } = of.open(UNIX);
      const result = socket.connect(unixAddress(path));
      if (result === -Errno.INPROGRESS) return { waiting: socket };
      must(result);
    }
    throw new Error("The queue has no end");
  }

  test("lets a connect wait, which goes on once there is room", () => {
    const there = directory();
    const listener = sockets.listener(there.at("busy"), 1);
    const { waiting } = fillQueue(sockets, there.at("busy"));
    const waiter = posixWaiter(ownHost(), "block");
    expect(waiting.finish()).toBe(-Errno.INPROGRESS);
    expect(waiting.connect(unixAddress(there.at("busy")))).toBe(-Errno.ALREADY);
    const begun = performance.now();
    for (let tries = 0; waiting.finish() === -Errno.INPROGRESS && performance.now() - begun < 20; tries++) {
      expect(tries).toBeLessThan(50);
      waiter.wait([waiting], [Interest.WRITE], 20e6);
    }
    sockets.accept(listener);
    for (let tries = 0; waiting.finish() === -Errno.INPROGRESS; tries++) {
      expect(tries).toBeLessThan(100);
      waiter.wait([waiting], [Interest.WRITE], 1e9);
    }
    while (listener.socket.readiness(Interest.READ) !== 0) sockets.accept(listener);
    expect(send(waiting, "through")).toBe(7);
  });

  test("is told by readiness and ERROR to who does not ask what became of the connect", () => {
    const there = directory();
    const listener = sockets.listener(there.at("busy"), 1);
    const { waiting } = fillQueue(sockets, there.at("busy"));
    const { waiting: other } = fillQueue(sockets, there.at("busy"));
    const waiter = posixWaiter(ownHost(), "block");
    const ready = (socket: typeof waiting): number => {
      for (let tries = 0; socket.readiness(Interest.WRITE) === 0 && tries < 100; tries++) {
        waiter.wait([socket], [Interest.WRITE], 1e9);
      }
      return socket.readiness(Interest.WRITE);
    };
    expect(waiting.readiness(Interest.WRITE)).toBe(0);
    sockets.accept(listener);
    expect(ready(waiting)).toBe(Interest.WRITE);
    expect(waiting.getOption(SocketOption.ERROR)).toBe(0);
    listener.socket.close();
    expect(ready(other)).not.toBe(0);
    expect([other.getOption(SocketOption.ERROR), other.getOption(SocketOption.ERROR)]).toEqual([
      Errno.CONNREFUSED,
      0,
    ]);
    expect(send(other, "x")).toBe("NOTCONN");
  });

  test("lets guests that are suspended wait as well", async () => {
    const path = temporaryDirectory();
    const { sockets } = await subject(path);
    const fd = sockets.mustOpen(UNIX);
    expect(await sockets.bind(fd, unix("/busy"))).toBe("SUCCESS");
    expect(await sockets.listen(fd, 1)).toBe("SUCCESS");
    const dials = Array.from({ length: 20 }, () => sockets.dial(unix("/busy")));
    for (const _ of dials) await sockets.mustAccept(fd);
    expect(await Promise.all(dials)).toHaveLength(20);
  });
});

test("a unix stream whose reads stop at passed rights is ready until it is read to its end", () => {
  const [client, server] = sockets.pair(sockets.listener(directory().at("stream")));
  send(client, "before ");
  sendDescriptor(fdOf(client), fdOf(client));
  send(client, "behind");
  sockets.set.refresh();
  expect(receive(server, 99)).toBe("before !");
  expect(server.readiness(Interest.READ)).toBe(Interest.READ);
  expect(receive(server, 99)).toBe("behind");
  expect(server.readiness(Interest.READ)).toBe(0);
});

/** Send a byte, and with it a descriptor. */
function sendDescriptor(fd: number, passed: number): void {
  const { libc } = ownHost();
  const { arena } = libc;
  const [header, control, iovec, byte] = [56, 24, 16, 1].map((size) => arena.allocate(size)) as [
    Region,
    Region,
    Region,
    Region,
  ];
  const { SOL_SOCKET } = libc.target.socket;
  const SCM_RIGHTS = 1;
  byte.u8[0] = "!".charCodeAt(0);
  iovec.u32.set([arena.pointerTo(byte), 0, 1, 0]);
  control.u32.set([20, 0, SOL_SOCKET, SCM_RIGHTS, passed]);
  header.u32.set([0, 0, 0, 0, arena.pointerTo(iovec), 0, 1, 0, arena.pointerTo(control), 0, 24, 0]);
  const { sendmsg } = libc.open({ sendmsg: { parameters: ["i32", "address", "i32"], result: "i32" } });
  expect(sendmsg(fd, header.address, 0)).toBe(1);
}
