/**
 * Datagram sockets.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { Family, SocketOption, SocketType } from "../../src/contract/network.ts";
import { failed } from "./caller.ts";
import { loopback, unix, v4, v6 } from "./socket_caller.ts";
import { inetFamilies, type SocketContext } from "./socket_suite.ts";

const PEEK = 1;

export function socketDatagramSuite(context: SocketContext): void {
  const { backend } = context;

  describe.each(inetFamilies(backend))("datagrams (%s)", (_name, family) => {
    test("go where they are sent, and say where they come from", async () => {
      const { sockets } = await context.make();
      const one = await sockets.datagrams(loopback(family));
      const two = await sockets.datagrams(loopback(family));
      expect(await sockets.send(one.fd, "ping", two.address)).toBe(4);
      expect(await sockets.receiveFrom(two.fd, 99)).toEqual({ text: "ping", truncated: false, from: one.address });
      expect(await sockets.send(two.fd, "", one.address)).toBe(0);
      expect(await sockets.receiveFrom(one.fd, 99)).toEqual({ text: "", truncated: false, from: two.address });
      expect(sockets.receiveNow(one.fd, 99)).toEqual(failed("AGAIN"));
      expect(sockets.peer(one.fd)).toEqual(failed("NOTCONN"));
    });

    test("come one at a time, and are cut to their room", async () => {
      const { sockets } = await context.make();
      const one = await sockets.datagrams(loopback(family));
      const two = await sockets.datagrams(loopback(family));
      for (const text of ["first", "second", "third"]) await sockets.send(one.fd, text, two.address);
      expect(await sockets.receiveFrom(two.fd, 3, PEEK)).toMatchObject({ text: "fir", truncated: true });
      expect(await sockets.receiveFrom(two.fd, 5, PEEK)).toMatchObject({ text: "first", truncated: false });
      expect(await sockets.receiveFrom(two.fd, 2)).toMatchObject({ text: "fi", truncated: true });
      expect(await sockets.receiveFrom(two.fd, 99)).toMatchObject({ text: "second", truncated: false });
      expect(await sockets.receiveFrom(two.fd, 0)).toMatchObject({ text: "", truncated: true });
    });

    test("of a connected socket go to its peer, and come from there only", async () => {
      const { sockets } = await context.make();
      const [server, other] = [await sockets.datagrams(loopback(family)), await sockets.datagrams(loopback(family))];
      const client = sockets.mustOpen(family, SocketType.DGRAM);
      expect(await sockets.sendNow(client, "x")).toEqual(failed("DESTADDRREQ"));
      expect(await sockets.connect(client, server.address)).toBe("SUCCESS");
      expect(sockets.peer(client)).toEqual(server.address);
      const address = sockets.mustLocal(client);
      expect(address).toEqual(loopback(family, address.port));
      await sockets.send(client, "question");
      expect(await sockets.receiveFrom(server.fd, 99)).toEqual({ text: "question", truncated: false, from: address });
      await sockets.send(other.fd, "stranger", address);
      await sockets.send(server.fd, "answer", address);
      expect(await sockets.receive(client)).toBe("answer");
      expect(sockets.receiveNow(client, 99)).toEqual(failed("AGAIN"));
      expect(await sockets.connect(client, other.address)).toBe("SUCCESS");
      await sockets.send(client, "now here");
      expect(await sockets.receive(other.fd)).toBe("now here");
    });

    test("that are too long are MSGSIZE", async () => {
      const { sockets } = await context.make();
      const one = await sockets.datagrams(loopback(family));
      expect(await sockets.send(one.fd, new Uint8Array(65_528), one.address)).toEqual(failed("MSGSIZE"));
      const most = 65_507;
      expect(await sockets.send(one.fd, new Uint8Array(most), one.address)).toBe(most);
      const got = await sockets.receiveFrom(one.fd, 70_000);
      expect("text" in got ? got.text.length : got).toBe(most);
    });
  });

  describe("a datagram socket", () => {
    test("that sends first is bound by itself", async () => {
      const { sockets } = await context.make();
      const server = await sockets.datagrams(loopback(Family.INET));
      const client = sockets.mustOpen(Family.INET, SocketType.DGRAM);
      expect(sockets.local(client)).toEqual(v4("0.0.0.0", 0));
      expect(await sockets.send(client, "hello", server.address)).toBe(5);
      const got = await sockets.receiveFrom(server.fd, 9);
      expect(got).toMatchObject({ text: "hello", from: { host: "127.0.0.1", port: sockets.mustLocal(client).port } });
    });

    test("can't listen, accept or be bound twice", async () => {
      const { sockets } = await context.make();
      const { fd, address } = await sockets.datagrams(loopback(Family.INET));
      expect(await sockets.listen(fd)).toBe("NOTSUP");
      expect(sockets.acceptNow(fd)).toEqual(failed("NOTSUP"));
      expect(await sockets.bind(fd, loopback(Family.INET))).toBe("INVAL");
      const other = sockets.mustOpen(Family.INET, SocketType.DGRAM);
      expect(await sockets.bind(other, address)).toBe("ADDRINUSE");
      expect(await sockets.bind(other, v4("192.0.2.1", 0))).toBe("ADDRNOTAVAIL");
      expect(await sockets.bind(other, loopback(Family.INET))).toBe("SUCCESS");
    });

    test("sends to its own family only", async () => {
      const { sockets } = await context.make();
      const { fd } = await sockets.datagrams(loopback(Family.INET));
      expect(await sockets.sendNow(fd, "x", v6("::1", 9))).toEqual(failed("AFNOSUPPORT"));
      expect(await sockets.connect(fd, v6("::1", 9))).toBe("AFNOSUPPORT");
    });

    test("learns that nobody listens at its peer, once", async () => {
      const { sockets } = await context.make();
      const gone = await sockets.datagrams(loopback(Family.INET));
      sockets.close(gone.fd);
      const client = sockets.mustOpen(Family.INET, SocketType.DGRAM);
      await sockets.connect(client, gone.address);
      expect(await sockets.send(client, "anybody?")).toBe(8);
      sockets.set(client, SocketOption.RCVTIMEO, backend.tellsRefusedDatagrams ? 5e9 : 30e6);
      // Deno's sockets are never connected, and the kernel has nobody to tell.
      expect(await sockets.receive(client)).toEqual(failed(backend.tellsRefusedDatagrams ? "CONNREFUSED" : "AGAIN"));
      expect(sockets.receiveNow(client, 9)).toEqual(failed("AGAIN"));
    });

    test("that is connected to nowhere in particular talks with this machine", async () => {
      const { sockets } = await context.make();
      const server = await sockets.datagrams(loopback(Family.INET));
      const client = sockets.mustOpen(Family.INET, SocketType.DGRAM);
      expect(await sockets.connect(client, v4("0.0.0.0", server.address.port))).toBe("SUCCESS");
      await sockets.send(client, "ping");
      const got = await sockets.receiveFrom(server.fd, 9);
      if ("errno" in got) throw new Error(got.errno);
      await sockets.send(server.fd, "pong", got.from);
      expect(await sockets.receive(client)).toBe("pong");
    });

    test("waits no longer than RCVTIMEO", async () => {
      const { sockets } = await context.make();
      const { fd } = await sockets.datagrams(loopback(Family.INET));
      expect(sockets.set(fd, SocketOption.RCVTIMEO, 10e6)).toBe("SUCCESS");
      expect(await sockets.receive(fd)).toEqual(failed("AGAIN"));
    });

    test("has options of its own", async () => {
      const { sockets } = await context.make();
      const { fd } = await sockets.datagrams(loopback(Family.INET));
      expect(sockets.get(fd, SocketOption.TYPE)).toBe(SocketType.DGRAM);
      expect(sockets.set(fd, SocketOption.BROADCAST, 1)).toBe("SUCCESS");
      expect(sockets.get(fd, SocketOption.BROADCAST)).toBe(1);
      expect(sockets.set(fd, SocketOption.NODELAY, 1)).toBe("NOPROTOOPT");
      expect(sockets.get(fd, SocketOption.NODELAY)).toEqual(failed("NOPROTOOPT"));
    });

    test("loses what is more than it holds, and goes on", async () => {
      const { sockets } = await context.make();
      const one = await sockets.datagrams(loopback(Family.INET));
      const two = await sockets.datagrams(loopback(Family.INET));
      for (let i = 0; i < 1500; i++) {
        expect(await sockets.send(one.fd, new Uint8Array(1024), two.address)).toBe(1024);
      }
      let count = 0;
      sockets.set(two.fd, SocketOption.RCVTIMEO, 300e6);
      while (typeof await sockets.receive(two.fd) === "string") count++;
      expect(count).toBeGreaterThan(10);
      expect(count).toBeLessThanOrEqual(1500);
      sockets.set(two.fd, SocketOption.RCVTIMEO, 5e9);
      await sockets.send(one.fd, "after", two.address);
      // On a machine that stood still some of the others may come only now.
      let last = await sockets.receive(two.fd);
      while (typeof last === "string" && last !== "after") last = await sockets.receive(two.fd);
      expect(last).toBe("after");
    });
  });

  test("unix datagrams go between paths", async () => {
    const { sockets } = await context.makeWithRoot();
    const opened = sockets.open(Family.UNIX, SocketType.DGRAM);
    if (!backend.hasUnixDatagrams) return expect(opened).toEqual(failed("PROTONOSUPPORT"));
    const one = await sockets.datagrams(unix("/one"));
    const two = await sockets.datagrams(unix("/two"));
    expect(await sockets.send(one.fd, "ping", unix("/two"))).toBe(4);
    expect(await sockets.receiveFrom(two.fd, 9)).toEqual({ text: "ping", truncated: false, from: unix("/one") });
    const unnamed = opened as number;
    expect(await sockets.connect(unnamed, unix("/one"))).toBe("SUCCESS");
    await sockets.send(unnamed, "from nobody");
    expect(await sockets.receiveFrom(one.fd, 99)).toEqual({ text: "from nobody", truncated: false, from: unix("") });
    expect(await sockets.sendNow(one.fd, "x", unix("/none"))).toEqual(
      failed(backend.isVirtual ? "CONNREFUSED" : "NOENT"),
    );
  });
}
