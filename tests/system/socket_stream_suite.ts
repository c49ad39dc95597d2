/**
 * Stream sockets: connections, their bytes, their ends and their errors.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { Family, LINGER_OFF, SocketOption, SocketType } from "../../src/contract/network.ts";
import { Fdflags, Sdflags } from "../../src/witx/types.ts";
import { Errno } from "../../src/witx/errno.ts";
import { failed } from "./caller.ts";
import { poll } from "./poll_suite.ts";
import { loopback, unix, v4, v6 } from "./socket_caller.ts";
import { anyAddress, closedAddress, errors, inetFamilies, pair, type SocketContext } from "./socket_suite.ts";
import type { SocketSubject } from "./socket_systems.ts";

/** Text that tells each of its places apart. */
function longText(length: number): string {
  let text = "";
  for (let i = 0; text.length < length; i++) text += `${i} `;
  return text.slice(0, length);
}

/** Send by a NONBLOCK socket, and receive all that was sent by and by, in a thread that can't do both at once. */
async function relay({ sockets }: SocketSubject, from: number, to: number, text: string): Promise<string> {
  let all = "";
  for (let sent = 0; sent < text.length;) {
    const count = await sockets.sendNow(from, text.slice(sent, sent + 65536));
    if (typeof count === "number") sent += count;
    else all += await sockets.receive(to);
  }
  sockets.close(from);
  return all + await sockets.receiveAll(to);
}

export function socketStreamSuite(context: SocketContext): void {
  const { backend } = context;
  const families = [...inetFamilies(backend), ["unix", Family.UNIX] as const];

  function make(family: Family): Promise<SocketSubject> {
    return family === Family.UNIX ? context.makeWithRoot() : context.make();
  }

  describe.each(families)("a connection (%s)", (_name, family) => {
    test("carries bytes both ways, ends one way after the other, and is closed", async () => {
      const subject = await make(family);
      const { sockets } = subject;
      const { client, server } = await pair(subject, family);
      expect(await sockets.send(client, "ping")).toBe(4);
      expect(await sockets.receive(server)).toBe("ping");
      expect(await sockets.send(server, "pong")).toBe(4);
      expect(await sockets.receive(client, 2)).toBe("po");
      expect(await sockets.receive(client)).toBe("ng");
      expect(sockets.shutdown(client, Sdflags.WR)).toBe("SUCCESS");
      expect(await sockets.receive(server)).toBe("");
      expect(await sockets.receive(server)).toBe("");
      expect(await sockets.sendNow(client, "x")).toEqual(failed("PIPE"));
      await sockets.sendAll(server, "still here");
      expect(sockets.close(server)).toBe("SUCCESS");
      expect(await sockets.receiveAll(client)).toBe("still here");
      expect(sockets.close(client)).toBe("SUCCESS");
      expect(sockets.close(client)).toBe("BADF");
    });

    test("knows both addresses", async () => {
      const subject = await make(family);
      const { sockets } = subject;
      const { client, server, address, listener } = await pair(subject, family);
      expect(sockets.local(server)).toEqual(address);
      expect(sockets.peer(client)).toEqual(address);
      expect(sockets.peer(listener)).toEqual(failed("NOTCONN"));
      expect(sockets.local(client)).toEqual(sockets.peer(server));
      if (family === Family.UNIX) {
        expect(address).toEqual(unix("/listener"));
        expect(sockets.local(client)).toEqual(unix(""));
      } else {
        expect(address.port).toBeGreaterThan(0);
        expect(sockets.mustLocal(client)).toEqual(loopback(family, sockets.mustLocal(client).port));
        expect(sockets.mustLocal(client).port).toBeGreaterThan(0);
      }
    });

    test("carries megabytes to a reader that is late: the writer waits, and nothing is lost", async () => {
      const subject = await make(family);
      const { sockets } = subject;
      const { client, server } = await pair(subject, family);
      sockets.nonBlocking(client);
      const text = longText(8 * 2 ** 20);
      const bytes = new TextEncoder().encode(text);
      let sent = 0;
      for (let idle = 0; idle < 20;) {
        const count = await sockets.sendNow(client, bytes.subarray(sent, sent + 65536));
        if (typeof count === "number") sent += count;
        else expect(count).toEqual(failed("AGAIN"));
        idle = typeof count === "number" ? 0 : idle + 1;
        if (idle > 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(sent, "what a peer that does not read holds").toBeLessThan(bytes.length);
      const rest = text.slice(sent, sent + 2 ** 20);
      if (backend.mode === "block") {
        const all = await relay(subject, client, server, rest);
        return expect(all === text.slice(0, sent + rest.length)).toBe(true);
      }
      sockets.nonBlocking(client, false);
      const all = sockets.receiveAll(server);
      await sockets.sendAll(client, rest);
      sockets.close(client);
      expect(await all === text.slice(0, sent + rest.length)).toBe(true);
    });

    test("sends what was written before it is closed", async () => {
      const subject = await make(family);
      const { sockets } = subject;
      const { client, server } = await pair(subject, family);
      const text = longText(200_000);
      const sent = await sockets.sendNow(client, text);
      expect(sent).toBeGreaterThan(0);
      sockets.close(client);
      expect(await sockets.receiveAll(server) === text.slice(0, sent as number)).toBe(true);
    });

    test("that the peer has closed breaks for who goes on to write", async () => {
      const subject = await make(family);
      const { sockets } = subject;
      const { client, server } = await pair(subject, family);
      sockets.close(server);
      expect(await sockets.receive(client)).toBe("");
      let last: unknown = 1;
      for (let i = 0; i < 200 && typeof last === "number"; i++) {
        last = await sockets.send(client, "x");
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(errors("PIPE", "CONNRESET")).toContainEqual(last);
      expect(await sockets.sendNow(client, "x")).toEqual(failed("PIPE"));
    });

    test("waits to be accepted, with what has come", async () => {
      const { sockets } = await make(family);
      const { fd, address } = await sockets.listener(anyAddress(family));
      const clients = [];
      for (const text of ["one", "two", "three"]) {
        const client = await sockets.dial(address);
        await sockets.sendAll(client, text);
        sockets.shutdown(client, Sdflags.WR);
        clients.push(client);
      }
      const texts = [];
      for (const _ of clients) texts.push(await sockets.receiveAll(await sockets.mustAccept(fd)));
      expect(texts).toEqual(["one", "two", "three"]);
      expect(sockets.acceptNow(fd)).toEqual(failed("AGAIN"));
    });
  });

  describe("a connection", () => {
    test("that was reset tells so once, and no more", async () => {
      const subject = await context.make();
      const { sockets } = subject;
      const { client, server } = await pair(subject);
      await sockets.sendAll(server, "before");
      expect(await sockets.receive(client, 3)).toBe("bef");
      expect(sockets.set(server, SocketOption.LINGER, 0)).toBe("SUCCESS");
      sockets.close(server);
      expect(await sockets.receive(client)).toBe("ore");
      // Deno can't reset a connection: there it just ends.
      if (backend.hasReset) expect(await sockets.receive(client)).toEqual(failed("CONNRESET"));
      expect(await sockets.receive(client)).toBe("");
      if (!backend.hasReset) return;
      expect(await sockets.sendNow(client, "x")).toEqual(failed("PIPE"));
      expect(sockets.shutdown(client, Sdflags.WR)).toBe("NOTCONN");
      expect(sockets.peer(client)).toEqual(failed("NOTCONN"));
    });

    test("is looked into with PEEK", async () => {
      const subject = await context.make();
      const { sockets } = subject;
      const { client, server } = await pair(subject);
      await sockets.sendAll(client, "abc");
      expect(await sockets.receive(server, 2, 1)).toBe("ab");
      expect(await sockets.receive(server, 9, 1)).toBe("abc");
      expect(await sockets.receive(server, 9)).toBe("abc");
      expect(sockets.receiveNow(server, 9, 1)).toEqual(failed("AGAIN"));
    });

    test("that is shut down to read ends for its reader, not for its peer", async () => {
      const subject = await context.make();
      const { sockets } = subject;
      const { client, server } = await pair(subject);
      expect(sockets.shutdown(server, Sdflags.RD)).toBe("SUCCESS");
      expect(await sockets.receive(server)).toBe("");
      await sockets.sendAll(client, "into the void");
      await sockets.sendAll(server, "answer");
      sockets.shutdown(server, Sdflags.WR);
      expect(await sockets.receiveAll(client)).toBe("answer");
      expect(sockets.shutdown(server, 0)).toBe("INVAL");
      expect(sockets.shutdown(server, 4)).toBe("INVAL");
    });

    test("goes through fd_read and fd_write as well", async () => {
      const subject = await context.make();
      const { call, sockets } = subject;
      const { client, server } = await pair(subject);
      expect(call.write(client, "by ", "fd_write")).toBe(11);
      expect(await sockets.receive(server, 3)).toBe("by ");
      expect(call.read(server, 3, 100)).toBe("fd_write");
      expect(call.read(server, 1)).toEqual(failed("AGAIN"));
    });

    test("between two guests", async () => {
      const [one, two] = [await context.make(), await context.make()];
      const { fd, address } = await one.sockets.listener(loopback(Family.INET));
      const client = await two.sockets.dial(address);
      const server = await one.sockets.mustAccept(fd);
      await two.sockets.sendAll(client, "hello");
      two.system.close();
      expect(await one.sockets.receiveAll(server)).toBe("hello");
    });
  });

  const describeDualStack = (): void => {
    test("a listener at :: takes IPv4 connections, whose addresses are mapped", async () => {
      const { sockets } = await context.make();
      const { fd, address } = await sockets.listener(v6("::", 0));
      expect(address).toEqual(v6("::", address.port));
      const client = await sockets.dial(v4("127.0.0.1", address.port));
      const server = await sockets.mustAccept(fd);
      expect(sockets.peer(server)).toEqual(v6("::ffff:127.0.0.1", sockets.mustLocal(client).port));
      const other = await sockets.dial(v6("::1", address.port));
      expect(sockets.peer(await sockets.mustAccept(fd))).toEqual(v6("::1", sockets.mustLocal(other).port));
      await sockets.sendAll(server, "mapped");
      sockets.close(server);
      expect(await sockets.receiveAll(client)).toBe("mapped");
    });

    test("an IPv6 socket reaches an IPv4 listener by a mapped address", async () => {
      const { sockets } = await context.make();
      const { fd, address } = await sockets.listener(loopback(Family.INET));
      const client = await sockets.dial(v6("::ffff:127.0.0.1", address.port));
      expect(sockets.peer(client)).toEqual(v6("::ffff:127.0.0.1", address.port));
      expect(sockets.peer(await sockets.mustAccept(fd))).toMatchObject({ family: Family.INET, host: "127.0.0.1" });
    });

    test("a listener with V6ONLY does not", async () => {
      const { sockets } = await context.make();
      const fd = sockets.mustOpen(Family.INET6);
      const answer = sockets.set(fd, SocketOption.V6ONLY, 1);
      if (!backend.hasStreamOptions) return expect(answer).toBe("NOPROTOOPT");
      expect(answer).toBe("SUCCESS");
      expect(sockets.get(fd, SocketOption.V6ONLY)).toBe(1);
      expect(await sockets.bind(fd, v6("::", 0))).toBe("SUCCESS");
      expect(await sockets.listen(fd)).toBe("SUCCESS");
      const { port } = sockets.mustLocal(fd);
      expect(await sockets.connect(sockets.mustOpen(), v4("127.0.0.1", port))).toBe("CONNREFUSED");
      await sockets.dial(v6("::1", port));
    });
  };
  if (backend.inet.includes(Family.INET6)) describe("dual stack", describeDualStack);

  describe("binding and listening", () => {
    test("at an address that is taken is ADDRINUSE, and it is free after the close", async () => {
      const { sockets } = await context.make();
      const { fd, address } = await sockets.listener(loopback(Family.INET));
      const other = sockets.mustOpen();
      expect(await sockets.bind(other, address)).toBe("ADDRINUSE");
      expect(sockets.error(other)).toBe("SUCCESS");
      sockets.close(fd);
      for (let i = 0; i < 100 && await sockets.bind(other, address) !== "SUCCESS"; i++) {
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(sockets.local(other)).toEqual(address);
    });

    test("can't be done at the address of another machine, twice, or with another family", async () => {
      const { sockets } = await context.make();
      const fd = sockets.mustOpen();
      expect(await sockets.bind(fd, v4("192.0.2.1", 0))).toBe("ADDRNOTAVAIL");
      expect(await sockets.bind(fd, v6("::1", 0))).toBe("AFNOSUPPORT");
      expect(await sockets.bind(fd, unix("/a"))).toBe("AFNOSUPPORT");
      expect(await sockets.bind(fd, loopback(Family.INET))).toBe("SUCCESS");
      expect(await sockets.bind(fd, loopback(Family.INET))).toBe("INVAL");
      expect(sockets.mustLocal(fd).port).toBeGreaterThan(0);
    });

    test("is not the same: who is bound only can't accept", async () => {
      const { sockets } = await context.make();
      const fd = sockets.mustOpen();
      await sockets.bind(fd, loopback(Family.INET));
      expect(sockets.acceptNow(fd)).toEqual(failed("INVAL"));
      expect(sockets.get(fd, SocketOption.ACCEPTCONN)).toBe(0);
      expect(await sockets.listen(fd)).toBe("SUCCESS");
      expect(await sockets.listen(fd, 1)).toBe("SUCCESS");
      expect(sockets.get(fd, SocketOption.ACCEPTCONN)).toBe(1);
      expect(sockets.acceptNow(fd)).toEqual(failed("AGAIN"));
    });

    test("happens by itself at any port; not for a connection, nor for unix", async () => {
      const subject = await context.make();
      const { sockets } = subject;
      const fd = sockets.mustOpen();
      expect(await sockets.listen(fd)).toBe("SUCCESS");
      const { port } = sockets.mustLocal(fd);
      expect(sockets.mustLocal(fd)).toEqual(v4("0.0.0.0", port));
      expect(port).toBeGreaterThan(0);
      const client = await sockets.dial(loopback(Family.INET, port));
      expect(await sockets.listen(client)).toBe("INVAL");
      expect(await sockets.listen(sockets.mustOpen(Family.UNIX))).toBe("DESTADDRREQ");
    });

    test("ends with the close: nobody is accepted any more", async () => {
      const subject = await context.make();
      const { sockets } = subject;
      const address = await closedAddress(subject);
      expect(await sockets.connect(sockets.mustOpen(), address)).toBe("CONNREFUSED");
    });

    test("and a socket that connects instead comes from that address", async () => {
      const { sockets } = await context.make();
      const { fd, address } = await sockets.listener(loopback(Family.INET));
      const client = sockets.mustOpen();
      expect(await sockets.bind(client, loopback(Family.INET))).toBe("SUCCESS");
      const { port } = sockets.mustLocal(client);
      expect(await sockets.connect(client, address)).toBe("SUCCESS");
      expect(sockets.peer(await sockets.mustAccept(fd))).toEqual(loopback(Family.INET, port));
    });
  });

  describe("connecting", () => {
    test("is refused where nobody listens, and can be tried again elsewhere", async () => {
      const subject = await context.make();
      const { sockets } = subject;
      const client = sockets.mustOpen();
      expect(await sockets.connect(client, await closedAddress(subject))).toBe("CONNREFUSED");
      expect(sockets.error(client)).toBe("SUCCESS");
      expect(sockets.peer(client)).toEqual(failed("NOTCONN"));
      const { address } = await sockets.listener(loopback(Family.INET));
      expect(await sockets.connect(client, address)).toBe("SUCCESS");
      expect(sockets.peer(client)).toEqual(address);
    });

    test("is INPROGRESS for a NONBLOCK socket, then ready to write, then ERROR is 0", async () => {
      const { sockets, system } = await context.make();
      const { address } = await sockets.listener(loopback(Family.INET));
      const client = sockets.mustOpen();
      sockets.nonBlocking(client);
      expect(system.sock.connect(client, address)).toBe(Errno.INPROGRESS);
      // Nothing happens before these have returned, but in the system itself.
      if (!backend.actsAtOnce) {
        expect(system.sock.connect(client, address)).toBe(Errno.ALREADY);
        expect(sockets.sendNow(client, "x")).toEqual(failed("AGAIN"));
        expect(sockets.peer(client)).toEqual(failed("NOTCONN"));
      }
      expect(sockets.receiveNow(client, 1)).toEqual(failed("AGAIN"));
      expect(sockets.error(client)).toBe("SUCCESS");
      sockets.nonBlocking(client, false);
      expect(await sockets.send(client, "x")).toBe(1);
      expect(sockets.error(client)).toBe("SUCCESS");
      expect(sockets.peer(client)).toEqual(address);
      expect(await sockets.connect(client, address)).toBe("ISCONN");
    });

    test("that is refused later is told by ERROR, once", async () => {
      const subject = await context.make();
      const { sockets, system } = subject;
      const address = await closedAddress(subject);
      const client = sockets.mustOpen();
      sockets.nonBlocking(client);
      expect(await sockets.connect(client, address)).toBe("INPROGRESS");
      await poll(system, [{ write: client }]);
      expect(sockets.error(client)).toBe("CONNREFUSED");
      expect(sockets.error(client)).toBe("SUCCESS");
      expect(sockets.peer(client)).toEqual(failed("NOTCONN"));
      expect(await sockets.sendNow(client, "x")).toEqual(failed("NOTCONN"));
    });

    test("needs an address of the family, and a port", async () => {
      const { sockets } = await context.make();
      const fd = sockets.mustOpen();
      expect(await sockets.connect(fd, v6("::1", 80))).toBe("AFNOSUPPORT");
      expect(await sockets.connect(fd, unix("/a"))).toBe("AFNOSUPPORT");
      expect(await sockets.connect(fd, loopback(Family.INET, 0))).toBe("CONNREFUSED");
      const { fd: listener, address } = await sockets.listener(loopback(Family.INET));
      expect(await sockets.connect(listener, address)).toBe("ISCONN");
    });

    test("to no address in particular reaches this machine", async () => {
      const { sockets } = await context.make();
      const { address } = await sockets.listener(loopback(Family.INET));
      const client = await sockets.dial(v4("0.0.0.0", address.port));
      expect(sockets.peer(client)).toEqual(address);
    });

    test("from a socket that is not connected nothing can be sent or received", async () => {
      const { sockets } = await context.make();
      const fd = sockets.mustOpen();
      expect(sockets.receiveNow(fd, 1)).toEqual(failed("NOTCONN"));
      expect(await sockets.sendNow(fd, "x")).toEqual(failed("NOTCONN"));
      expect(sockets.shutdown(fd, Sdflags.RD)).toBe("NOTCONN");
      expect(sockets.local(fd)).toEqual(v4("0.0.0.0", 0));
      const { fd: listener } = await sockets.listener(loopback(Family.INET));
      expect(sockets.receiveNow(listener, 1)).toEqual(failed("NOTCONN"));
    });

    if (backend.isVirtual) {
      test("to an address that the network does not have is NETUNREACH", async () => {
        const { sockets } = await context.make();
        expect(await sockets.connect(sockets.mustOpen(), v4("192.0.2.1", 80))).toBe("NETUNREACH");
      });
    }
  });

  describe("accepting", () => {
    test("makes the descriptor NONBLOCK if it is asked to", async () => {
      const { sockets, call } = await context.make();
      const { fd, address } = await sockets.listener(loopback(Family.INET));
      await sockets.dial(address);
      await sockets.dial(address);
      const first = await sockets.accept(fd, Fdflags.NONBLOCK);
      const second = await sockets.accept(fd, 0);
      expect(call.fdstat(first as number)).toMatchObject({ fsFlags: Fdflags.NONBLOCK });
      expect(call.fdstat(second as number)).toMatchObject({ fsFlags: 0 });
      expect(sockets.acceptNow(fd, Fdflags.APPEND)).toEqual(failed("INVAL"));
      expect(sockets.acceptNow(fd, 32)).toEqual(failed("INVAL"));
    });
  });

  describe("options", () => {
    test("that are the same everywhere", async () => {
      const subject = await context.make();
      const { sockets } = subject;
      const { client, listener } = await pair(subject);
      expect(sockets.get(client, SocketOption.TYPE)).toBe(SocketType.STREAM);
      expect(sockets.get(listener, SocketOption.ACCEPTCONN)).toBe(1);
      expect(sockets.get(client, SocketOption.ERROR)).toBe(0);
      for (const option of [SocketOption.NODELAY, SocketOption.KEEPALIVE]) {
        for (const value of [1, 0, 1]) {
          expect(sockets.set(client, option, value)).toBe("SUCCESS");
          expect(sockets.get(client, option)).toBe(value);
        }
      }
      const [answer, value] = backend.hasStreamOptions ? ["SUCCESS", 75] : ["NOPROTOOPT", failed("NOPROTOOPT")];
      expect(sockets.set(client, SocketOption.KEEPIDLE, 75)).toBe(answer);
      expect(sockets.get(client, SocketOption.KEEPIDLE)).toEqual(value);
      if (backend.hasStreamOptions) expect(sockets.set(client, SocketOption.KEEPIDLE, 0)).toBe("INVAL");
      expect(sockets.get(client, SocketOption.LINGER)).toBe(LINGER_OFF);
      expect(sockets.set(client, SocketOption.LINGER, 0)).toBe("SUCCESS");
      expect(sockets.get(client, SocketOption.LINGER)).toBe(0);
      expect(sockets.set(client, SocketOption.LINGER, 5)).toBe(backend.hasLingerTime ? "SUCCESS" : "NOPROTOOPT");
      expect(sockets.get(client, SocketOption.LINGER)).toBe(backend.hasLingerTime ? 5 : 0);
      expect(sockets.set(client, SocketOption.RCVBUF, 65536)).toBe("SUCCESS");
      expect(sockets.get(client, SocketOption.RCVBUF)).toBe(65536);
      expect(sockets.set(client, SocketOption.RCVTIMEO, -1)).toBe("INVAL");
      for (const option of [SocketOption.TYPE, SocketOption.ERROR, SocketOption.ACCEPTCONN]) {
        expect(sockets.set(client, option, 0)).toBe("NOPROTOOPT");
      }
      expect(sockets.get(client, SocketOption.MULTICAST_HOPS)).toEqual(failed("NOPROTOOPT"));
      expect(sockets.set(client, SocketOption.MULTICAST_HOPS, 1)).toBe("NOPROTOOPT");
    });

    test("of time end what would wait: recv, accept and connect's peers get AGAIN", async () => {
      const subject = await context.make();
      const { sockets } = subject;
      const { client, listener } = await pair(subject);
      for (const fd of [client, listener]) {
        expect(sockets.set(fd, SocketOption.RCVTIMEO, 15e6)).toBe("SUCCESS");
        expect(sockets.get(fd, SocketOption.RCVTIMEO)).toBe(15e6);
      }
      const before = performance.now();
      expect(await sockets.receive(client)).toEqual(failed("AGAIN"));
      expect(await sockets.accept(listener)).toEqual(failed("AGAIN"));
      expect(performance.now() - before).toBeGreaterThan(28);
    });

    test("of time end a send for which there is no room", async () => {
      const subject = await context.make();
      const { sockets } = subject;
      const { client } = await pair(subject);
      expect(sockets.set(client, SocketOption.SNDTIMEO, 10e6)).toBe("SUCCESS");
      let sent: unknown = 0;
      while (typeof sent === "number") sent = await sockets.send(client, new Uint8Array(2 ** 20));
      expect(sent).toEqual(failed("AGAIN"));
    });
  });
}
