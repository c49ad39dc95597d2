/** Waiting for descriptors and sockets: in a blocked thread, and by promises. */

import net from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PlatformSocket } from "../../src/contract/network.ts";
import type { Pollable, Waiter } from "../../src/contract/platform.ts";
import { Interest } from "../../src/contract/pollable.ts";
import type { FdPollable } from "../../src/platform/posix/poll/fd_pollable.ts";
import { fdWatchOf } from "../../src/platform/posix/poll/fd_watch.ts";
import { pollSyscallsOf } from "../../src/platform/posix/poll/poll_syscalls.ts";
import { posixWaiter } from "../../src/platform/posix/poll/waiter.ts";
import { ownHost } from "./posix_sockets.ts";
import { RawSockets, receive, receiveCount, send } from "./raw_sockets.ts";

const { READ, WRITE } = Interest;
const host = ownHost();
const blocking = posixWaiter(host, "block");
const suspending = posixWaiter(host, "suspend");

const calls = host.libc.open({
  pipe: { parameters: ["address"], result: "i32" },
  read: { parameters: ["i32", "address", "i32"], result: "i32" },
  write: { parameters: ["i32", "address", "i32"], result: "i32" },
});
const memory = host.libc.arena.allocate(65536);

/** The end of a pipe to read from, as a stream of the platform is one. */
class Pipe implements FdPollable {
  readonly needsEventLoop = false;
  readonly fd: number;
  readonly #writer: number;
  constructor() {
    calls.pipe(memory.address);
    [this.fd, this.#writer] = memory.i32 as unknown as [number, number];
  }
  write(): void {
    calls.write(this.#writer, memory.address, 1);
  }
  read(): void {
    calls.read(this.fd, memory.address, 65536);
  }
  readiness(interest: number): number {
    return pollSyscallsOf(host.libc).pollNow(this.fd) & interest;
  }
  readableBytes(): number {
    return 0;
  }
  subscribe(interest: number, wake: () => void): (() => void) | undefined {
    return host.watch(this.fd, interest, wake);
  }
  close(): void {
    host.fds.close(this.fd);
    host.fds.close(this.#writer);
  }
}

/** Something that nobody tells about. */
class Silent implements Pollable {
  readonly needsEventLoop: boolean;
  /** When it is ready. */
  atMs = Infinity;
  asked = 0;
  constructor(needsEventLoop = false) {
    this.needsEventLoop = needsEventLoop;
  }
  readiness(): number {
    this.asked++;
    return performance.now() >= this.atMs ? READ : 0;
  }
  readableBytes(): number {
    return 0;
  }
  subscribe(): undefined {
    return undefined;
  }
}

let sockets: RawSockets;
let pipe: Pipe;
beforeEach(() => {
  sockets = new RawSockets("suspend");
  pipe = new Pipe();
});
afterEach(() => {
  sockets.close();
  pipe.close();
});

/** A wait that is to end before its time, and by when: far from it, however busy the machine is. */
const LONG_NS = 100e9;
const FAR_MS = 50_000;

/** How long a wait took (ms). */
async function timeOf(waiter: Waiter, pollables: readonly Pollable[], timeoutNs: number): Promise<number> {
  const begun = performance.now();
  await waiter.wait(pollables, pollables.map(() => READ), timeoutNs);
  return performance.now() - begun;
}

const pair = (): ReturnType<RawSockets["pair"]> => sockets.pair(sockets.listener());

describe.each([["that blocks", blocking], ["by promises", suspending]])("a wait %s", (_name, waiter) => {
  test("ends with its time", async () => {
    const [, server] = pair();
    const [, other] = new RawSockets("suspend").pair(sockets.listener());
    for (const pollables of [[], [server], [pipe], [server, pipe], [server, other], [server, pipe, new Silent()]]) {
      let took = 0;
      for (let left = 12; took < 12 && left > 0; left = 12 - took) took += await timeOf(waiter, pollables, left * 1e6);
      expect(took).toBeGreaterThanOrEqual(11.9);
      expect(took).toBeLessThan(FAR_MS);
      expect(await timeOf(waiter, pollables, 0)).toBeLessThan(FAR_MS);
    }
    other.close();
  });

  test("does not begin where something is ready", async () => {
    const [client, server] = pair();
    send(client, "x");
    pipe.write();
    expect(await timeOf(waiter, [server], LONG_NS)).toBeLessThan(FAR_MS);
    expect(await timeOf(waiter, [pipe], LONG_NS)).toBeLessThan(FAR_MS);
    receiveCount(server, 1);
    expect(await timeOf(waiter, [server, pipe], LONG_NS)).toBeLessThan(FAR_MS);
    send(client, "x");
    expect(await timeOf(waiter, [pipe, server], LONG_NS)).toBeLessThan(FAR_MS);
    sockets.set.refresh();
    expect(server.readiness(READ)).toBe(READ);
  });

  test("asks again and again for what tells nothing", async () => {
    const silent = new Silent();
    silent.atMs = performance.now() + 20;
    let took = 0;
    while (silent.readiness() === 0) took += await timeOf(waiter, [silent, pipe], LONG_NS);
    expect(took).toBeGreaterThan(15);
    expect(took).toBeLessThan(FAR_MS);
    // A loop without a pause asks some thousand times in a millisecond.
    expect(silent.asked).toBeLessThan(60 + took);
  });
});

describe("a wait that blocks", () => {
  test("is as short as it is asked to be", () => {
    const [, server] = pair();
    // That it can be written is news as well.
    sockets.set.refresh();
    for (const pollables of [[server], [server, pipe]]) {
      let best = Infinity;
      for (let i = 0; i < 2000 && (i < 20 || best >= 0.9); i++) {
        const begun = performance.now();
        blocking.wait(pollables, pollables.map(() => READ), 200_000);
        best = Math.min(best, performance.now() - begun);
      }
      expect(best).toBeGreaterThanOrEqual(0.2);
      expect(best).toBeLessThan(0.9);
    }
  });

  test("is not cut into pieces by what only the event loop can make ready", () => {
    const later = new Silent(true);
    const begun = performance.now();
    blocking.wait([later, pipe], [READ, READ], 40e6);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(39.9);
    expect(later.asked).toBe(1);
  });
});

describe("a wait by promises", () => {
  test("ends with what happens later, to a socket or a pipe", async () => {
    const [client, server] = pair();
    for (let i = 0; i < 20; i++) {
      const waiting = timeOf(suspending, [server, pipe], LONG_NS);
      setTimeout(() => i % 2 === 0 ? send(client, "x") : pipe.write(), i % 5);
      expect(await waiting).toBeLessThan(FAR_MS);
      while (server.readiness(READ) + pipe.readiness(READ) === 0) await timeOf(suspending, [server, pipe], LONG_NS);
      expect(server.readiness(READ) === READ).toBe(i % 2 === 0);
      if (i % 2 === 0) expect(receiveCount(server, 9)).toBe(1);
      else pipe.read();
    }
  });

  test("wakes each of many that wait for the same descriptor", async () => {
    const waits = Array.from({ length: 5 }, () => timeOf(suspending, [pipe], 5e9));
    await new Promise((resolve) => setTimeout(resolve, 10));
    pipe.write();
    for (const took of await Promise.all(waits)) expect(took).toBeLessThan(FAR_MS);
  });

  test("goes on although another one for the same descriptor is over", async () => {
    const short = timeOf(suspending, [pipe], 3e6);
    const long = timeOf(suspending, [pipe], LONG_NS);
    await short;
    const done = Promise.race([long, new Promise((resolve) => setTimeout(resolve, 30, "waits"))]);
    expect(await done).toBe("waits");
    pipe.write();
    expect(await long).toBeLessThan(FAR_MS);
  });

  test("ends for a descriptor that can't be watched", async () => {
    const file = host.paths.openat(host.libc.target.at.AT_FDCWD, "/etc/passwd", 0, 0);
    expect(file).toBeGreaterThanOrEqual(0);
    let told = 0;
    const cancel = fdWatchOf(host).watch(file, READ, () => told++);
    await new Promise((resolve) => setTimeout(resolve, 20));
    cancel?.();
    expect(told).toBeGreaterThan(0);
    host.fds.close(file);
  });

  test("of many sockets is told of each, whoever else waits", async () => {
    const listener = sockets.listener();
    const networks = Array.from({ length: 10 }, () => new RawSockets("suspend"));
    const pairs = networks.map((network) => [sockets.open().socket, network] as const).map(([client, network]) => {
      client.connect(listener.socket.localAddress());
      const raw = network.listener();
      const dialer = network.open().socket;
      dialer.connect(raw.socket.localAddress());
      return { dialer, server: network.accept(raw) };
    });
    const order: number[] = [];
    const waits = pairs.map(async ({ server }, i) => {
      while (server.readiness(READ) === 0) await suspending.wait([server], [READ], Infinity);
      order.push(i);
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const wanted = [3, 9, 0, 4, 7, 1, 2, 8, 5, 6];
    for (const i of wanted) {
      send(pairs[i]!.dialer, "x");
      await waits[i];
    }
    expect(order).toEqual(wanted);
    for (const network of networks) network.close();
  });

  test("with a socket that can be written ends, and does not wake for what is no news", async () => {
    const [client, server] = pair();
    await suspending.wait([client], [WRITE], Infinity);
    expect(client.readiness(WRITE)).toBe(WRITE);
    // Read before anybody looked: what is told then is nothing new.
    let ended = false;
    sockets.set.refresh();
    const waiting = Promise.resolve(suspending.wait([server], [READ], Infinity)).then(() => ended = true);
    send(client, "x");
    expect(receiveCount(server, 9)).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(ended).toBe(false);
    send(client, "x");
    await waiting;
    expect(server.readiness(READ)).toBe(READ);
  });

  test("ends for each of a flood of connections that others make", async () => {
    const COUNT = 300;
    const { socket: listener } = sockets.listener(undefined, 512);
    const { port } = listener.localAddress();
    const texts = Array.from({ length: COUNT }, (_, i) =>
      new Promise<string>((resolve, reject) => {
        const client = net.connect({ port, host: "127.0.0.1" }, () => client.end(`hello ${i}`));
        let text = "";
        client.on("data", (bytes) => text += String(bytes)).on("close", () => resolve(text)).on("error", reject);
      }));
    const open = new Set<PlatformSocket>();
    let served = 0;
    while (served < COUNT) {
      const ready = [listener, ...open].filter((socket) => (socket.readiness(READ) & READ) !== 0);
      if (ready.length === 0) await suspending.wait([listener, ...open], [listener, ...open].map(() => READ), Infinity);
      for (const socket of ready) {
        if (socket === listener) {
          const accepted = listener.accept();
          if (typeof accepted !== "number") open.add(accepted);
          continue;
        }
        const text = receive(socket, 99);
        if (text !== "") {
          send(socket, text);
          continue;
        }
        open.delete(socket);
        socket.close();
        served++;
      }
    }
    expect(await Promise.all(texts)).toEqual(texts.map((_, i) => `hello ${i}`));
  });
});
