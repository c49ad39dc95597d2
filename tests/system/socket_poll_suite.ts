/**
 * Waiting for sockets with poll_oneoff, and not at all.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { Family, SocketType } from "../../src/contract/network.ts";
import { Sdflags } from "../../src/witx/types.ts";
import { failed } from "./caller.ts";
import { type Event, poll } from "./poll_suite.ts";
import { loopback } from "./socket_caller.ts";
import { closedAddress, pair, type SocketContext, waitWhile } from "./socket_suite.ts";

const HANGUP = 1;

function done(index: number, nbytes = 0, flags = 0): Event {
  return { index, error: "SUCCESS", nbytes, flags };
}

export function socketPollSuite(context: SocketContext): void {
  const { backend } = context;

  describe("poll_oneoff with sockets", () => {
    test("tells when a connection can be read, and how much there is", async () => {
      const subject = await context.make();
      const { sockets, system } = subject;
      const { client, server } = await pair(subject);
      const wait = () => poll(system, [{ read: server }, { clock: 1, ns: 20e9 }]);
      expect(await waitWhile(backend, wait, () => sockets.sendAll(client, "hello"))).toEqual([done(0, 5)]);
      await sockets.receive(server);
      expect(await poll(system, [{ read: server }, { clock: 1, ns: 5e6 }])).toEqual([done(1)]);
    });

    test("tells when somebody can be accepted", async () => {
      const { sockets, system } = await context.make();
      const { fd, address } = await sockets.listener(loopback(Family.INET));
      const wait = () => poll(system, [{ read: fd }, { clock: 1, ns: 20e9 }]);
      expect(await waitWhile(backend, wait, () => sockets.dial(address))).toEqual([done(0, 1)]);
    });

    test("tells when a connection is made, or refused", async () => {
      const subject = await context.make();
      const { sockets, system } = subject;
      const { address } = await sockets.listener(loopback(Family.INET));
      const client = sockets.mustOpen();
      sockets.nonBlocking(client);
      expect(await sockets.connect(client, address)).toBe("INPROGRESS");
      expect(await poll(system, [{ write: client }, { read: client }, { clock: 1, ns: 20e9 }])).toEqual([done(0)]);
      expect(sockets.error(client)).toBe("SUCCESS");
      const other = sockets.mustOpen();
      sockets.nonBlocking(other);
      expect(await sockets.connect(other, await closedAddress(subject))).toBe("INPROGRESS");
      expect(await poll(system, [{ write: other }, { read: other }])).toEqual([done(0, 0, HANGUP), done(1, 0, HANGUP)]);
      expect(sockets.error(other)).toBe("CONNREFUSED");
    });

    test("tells that both directions are over", async () => {
      const subject = await context.make();
      const { sockets, system } = subject;
      const { client, server } = await pair(subject);
      expect(await poll(system, [{ write: client }])).toEqual([done(0)]);
      sockets.shutdown(client, Sdflags.WR);
      expect(await poll(system, [{ read: server }])).toEqual([done(0)]);
      sockets.shutdown(server, Sdflags.WR);
      expect(await poll(system, [{ read: client }])).toEqual([done(0, 0, HANGUP)]);
      expect(await poll(system, [{ read: server }, { write: server }])).toEqual([
        done(0, 0, HANGUP),
        done(1, 0, HANGUP),
      ]);
    });

    test("tells when there is room again", async () => {
      const subject = await context.make();
      const { sockets, system } = subject;
      const { client, server } = await pair(subject);
      sockets.nonBlocking(client);
      const block = new Uint8Array(65536);
      let sent = 0;
      let events: Event[] = [done(0)];
      // A system that takes its time finds room for some more after it said that there was none.
      for (let tries = 0; tries < 100 && events.some(({ index }) => index === 0); tries++) {
        let count = await sockets.sendNow(client, block);
        for (; typeof count === "number"; count = await sockets.sendNow(client, block)) sent += count;
        expect(count).toEqual(failed("AGAIN"));
        events = await poll(system, [{ write: client }, { clock: 1, ns: 10e6 }]);
      }
      expect(events).toEqual([done(1)]);
      const wait = () => poll(system, [{ write: client }, { clock: 1, ns: 20e9 }]);
      const receive = async (): Promise<void> => {
        for (let read = 0; read < sent;) {
          const text = await sockets.receive(server);
          if (typeof text !== "string") throw new Error(text.errno);
          read += text.length;
        }
      };
      expect(await waitWhile(backend, wait, receive)).toEqual([done(0)]);
    });

    test("tells when a datagram has come", async () => {
      const { sockets, system } = await context.make();
      const one = await sockets.datagrams(loopback(Family.INET));
      const two = await sockets.datagrams(loopback(Family.INET));
      expect(await poll(system, [{ read: one.fd }, { write: one.fd }])).toEqual([done(1)]);
      const wait = () => poll(system, [{ read: two.fd }, { clock: 1, ns: 20e9 }]);
      const events = await waitWhile(backend, wait, () => sockets.send(one.fd, "12345", two.address));
      expect(events).toEqual([done(0, 5)]);
    });
  });

  test("a NONBLOCK datagram socket answers AGAIN and does not wait", async () => {
    const { sockets, system } = await context.make();
    const fd = sockets.mustOpen(Family.INET, SocketType.DGRAM);
    await sockets.bind(fd, loopback(Family.INET));
    sockets.nonBlocking(fd);
    expect(await sockets.receive(fd)).toEqual(failed("AGAIN"));
    expect(await poll(system, [{ read: fd }, { clock: 1, ns: 3e6 }])).toEqual([done(1)]);
  });

  if (backend.mode === "suspend") suspendedSuite(context);
}

function suspendedSuite(context: SocketContext): void {
  describe("poll_oneoff with sockets of suspended guests", () => {
    test("wakes each of many waiting guests for its own socket only", async () => {
      const guests = [];
      for (let i = 0; i < 5; i++) {
        const subject = await context.make();
        guests.push({ subject, ...await pair(subject) });
      }
      const order: number[] = [];
      const waits = guests.map(async ({ subject, server }, i) => {
        await poll(subject.system, [{ read: server }]);
        order.push(i);
      });
      for (const i of [3, 0, 4, 1, 2]) {
        await guests[i]!.subject.sockets.sendAll(guests[i]!.client, "x");
        await waits[i];
      }
      expect(order).toEqual([3, 0, 4, 1, 2]);
    });
  });

  describe("a guest that never waits makes progress", () => {
    /** So many tries are enough where the event loop has its turns. */
    const TRIES = 200_000;

    test("with polls of no time", async () => {
      const subject = await context.make();
      const { sockets, system } = subject;
      const { client, server } = await pair(subject);
      setTimeout(() => void sockets.sendAll(client, "x"), 1);
      let events: Event[] = [];
      for (let i = 0; i < TRIES && !events.some(({ index }) => index === 1); i++) {
        const answer = poll(system, [{ clock: 1, ns: 0 }, { read: server }]);
        events = Array.isArray(answer) ? answer : await answer;
      }
      expect(events.map(({ index }) => index)).toContain(1);
    });

    test("beside a descriptor that is always ready", async () => {
      const subject = await context.make();
      const { sockets, system } = subject;
      const { client, server } = await pair(subject);
      setTimeout(() => void sockets.sendAll(client, "x"), 1);
      let events: Event[] = [];
      for (let i = 0; i < TRIES && !events.some(({ index }) => index === 1); i++) {
        const answer = poll(system, [{ write: 1 }, { read: server }]);
        events = Array.isArray(answer) ? answer : await answer;
      }
      expect(events.map(({ index }) => index)).toContain(1);
    });

    test("with a NONBLOCK socket that it asks again and again", async () => {
      const subject = await context.make();
      const { sockets, system } = subject;
      const { client, server } = await pair(subject);
      sockets.nonBlocking(server);
      setTimeout(() => void sockets.sendAll(client, "x"), 1);
      let got = sockets.receiveNow(server, 9);
      for (let i = 0; i < TRIES && "errno" in got; i++) {
        // What an import does: after AGAIN it asks whether to try again.
        const waited = system.poll.waitFd(server, 1, "suspend");
        if (typeof waited !== "number") await waited;
        got = sockets.receiveNow(server, 9);
      }
      expect(got).toMatchObject({ text: "x" });
    });

    test("with a NONBLOCK listener", async () => {
      const { sockets, system } = await context.make();
      const { fd, address } = await sockets.listener(loopback(Family.INET));
      sockets.nonBlocking(fd);
      const client = sockets.mustOpen();
      sockets.nonBlocking(client);
      setTimeout(() => void sockets.connect(client, address), 1);
      let got = sockets.acceptNow(fd);
      for (let i = 0; i < TRIES && typeof got !== "number"; i++) {
        const waited = system.poll.waitFd(fd, 1, "suspend");
        if (typeof waited !== "number") await waited;
        got = sockets.acceptNow(fd);
      }
      expect(typeof got).toBe("number");
    });
  });
}
