/**
 * What rules refuse, names, and the name server of the host.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { Family, type SocketAddress, SocketOption, SocketType } from "../../src/contract/network.ts";
import { Errno } from "../../src/witx/errno.ts";
import { failed } from "./caller.ts";
import { loopback, unix, v4, v6 } from "./socket_caller.ts";
import { pass, type SocketContext } from "./socket_suite.ts";
import type { SocketSubject } from "./socket_systems.ts";

/** The server that a guest without an /etc of its own asks. */
const NAME_SERVER = v4("192.0.2.53", 53);

/** A query for the IPv4 addresses of a name, as text whose characters are bytes. */
function query(name: string): Uint8Array {
  const labels = name.split(".").flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  return Uint8Array.of(0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1);
}

/** Receive bytes. */
async function receiveBytes({ system, sockets }: SocketSubject, fd: number): Promise<Uint8Array> {
  await sockets.receiveFrom(fd, 0, 1);
  const iovs = { bytes: new Uint8Array(2000), starts: Uint32Array.of(0), lengths: Uint32Array.of(2000), count: 1 };
  const out = { value: 0 };
  system.sock.recv(fd, iovs, 0, out, { value: 0 }, { address: undefined });
  return iovs.bytes.slice(0, out.value);
}

/** Receive bytes that are there, or undefined. */
function receiveNow({ system }: SocketSubject, fd: number): Uint8Array | undefined {
  const iovs = { bytes: new Uint8Array(65536), starts: Uint32Array.of(0), lengths: Uint32Array.of(65536), count: 1 };
  const out = { value: 0 };
  const errno = system.sock.recv(fd, iovs, 0, out, { value: 0 }, { address: undefined });
  return errno === Errno.SUCCESS ? iovs.bytes.slice(0, out.value) : undefined;
}

/** The code of an answer, and the addresses in it, all of which are of IPv4. */
function answer(bytes: Uint8Array): { readonly id: number; readonly code: number; readonly addresses: string[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint16(6);
  const addresses: string[] = [];
  for (let i = 1; i <= count; i++) addresses.unshift(bytes.slice(-16 * i).subarray(12, 16).join("."));
  return { id: view.getUint16(0), code: bytes[3]! & 15, addresses };
}

const REFUSED = 5;

export function socketPolicySuite(context: SocketContext): void {
  const { backend } = context;

  describe("a guest without a network", () => {
    test("can open no socket and look up no name, and its host is told", async () => {
      const { sockets, refusals } = await context.make({ net: undefined });
      expect(sockets.open()).toEqual(failed("ACCES"));
      expect(sockets.open(0, 0)).toEqual(failed("INVAL"));
      expect(await sockets.lookup("localhost")).toEqual(failed("ACCES"));
      expect(refusals.map(({ action }) => action)).toEqual(["connect", "lookup"]);
    });
  });

  describe("rules", () => {
    test("allow what they name; the rest is ACCES, and is told once", async () => {
      const other = await context.make();
      const { address } = await other.sockets.listener(loopback(Family.INET));
      const closed = loopback(Family.INET, address.port === 9 ? 10 : 9);
      const { sockets, refusals } = await context.make({ net: { allow: [`connect:127.0.0.1:${address.port}`] } });
      expect(await sockets.connect(sockets.mustOpen(), address)).toBe("SUCCESS");
      expect(await sockets.connect(sockets.mustOpen(), v4("0.0.0.0", address.port))).toBe("SUCCESS");
      expect(refusals).toEqual([]);
      for (let i = 0; i < 3; i++) {
        expect(await sockets.connect(sockets.mustOpen(), closed)).toBe("ACCES");
        expect(await sockets.bind(sockets.mustOpen(), loopback(Family.INET, 0))).toBe("ACCES");
        expect(await sockets.listen(sockets.mustOpen())).toBe("ACCES");
      }
      expect(refusals).toEqual([
        { action: "connect", target: `127.0.0.1:${closed.port}`, rule: `connect:127.0.0.1:${closed.port}` },
        { action: "listen", target: "127.0.0.1:0", rule: "listen:127.0.0.1:0" },
        { action: "listen", target: "0.0.0.0:0", rule: "listen:0.0.0.0:0" },
      ]);
    });

    test("tell listening and connecting apart", async () => {
      const { sockets } = await context.make({ net: { allow: ["listen:127.0.0.1"] } });
      const { address } = await sockets.listener(loopback(Family.INET));
      expect(await sockets.connect(sockets.mustOpen(), address)).toBe("ACCES");
    });

    test("hold for a mapped address as for the address in it", async () => {
      const { sockets } = await context.make({ net: { allow: ["[::1]"] } });
      const fd = sockets.mustOpen(Family.INET6);
      expect(await sockets.connect(fd, v6("::ffff:127.0.0.1", 9))).toBe("ACCES");
    });

    test("hold for each datagram; where one comes from does not matter", async () => {
      const other = await context.make();
      const [open, closed] = [
        await other.sockets.datagrams(loopback(Family.INET)),
        await other.sockets.datagrams(loopback(Family.INET)),
      ];
      const { sockets, refusals } = await context.make({ net: { allow: [`127.0.0.1:${open.address.port}`] } });
      const fd = sockets.mustOpen(Family.INET, SocketType.DGRAM);
      expect(await sockets.bind(fd, v4("0.0.0.0", 0))).toBe("SUCCESS");
      expect(await sockets.send(fd, "yes", open.address)).toBe(3);
      expect(await sockets.send(fd, "no", closed.address)).toEqual(failed("ACCES"));
      expect(await sockets.connect(fd, closed.address)).toBe("ACCES");
      expect(refusals).toHaveLength(1);
      const { port } = sockets.mustLocal(fd);
      await other.sockets.send(closed.fd, "unasked", loopback(Family.INET, port));
      expect(await sockets.receive(fd)).toBe("unasked");
      expect(await other.sockets.receive(open.fd)).toBe("yes");
      await pass();
      expect(other.sockets.receiveNow(closed.fd, 9)).toEqual(failed("AGAIN"));
    });

    test("for addresses are none for unix sockets", async () => {
      const root = backend.platform.openRoot(backend.emptyDirectory());
      const { sockets, refusals } = await context.make({
        net: { allow: ["*", "unix:/run/app"] },
        mounts: { "/": { root } },
        cwd: "/run",
      });
      const fd = sockets.mustOpen(Family.UNIX);
      expect(await sockets.bind(fd, unix("/run/other"))).toBe("ACCES");
      expect(await sockets.bind(fd, unix("other"))).toBe("ACCES");
      expect(refusals).toEqual([{ action: "listen", target: "unix:/run/other", rule: "listen:unix:/run/other" }]);
      expect(["SUCCESS", "NOENT"]).toContain(await sockets.bind(fd, unix("app")));
    });

    test("are told at most a hundred times", async () => {
      const { sockets, refusals } = await context.make({ net: { allow: ["listen:127.0.0.1"] } });
      const fd = sockets.mustOpen();
      for (let port = 1; port <= 150; port++) await sockets.connect(fd, loopback(Family.INET, port));
      expect(refusals).toHaveLength(100);
    });
  });

  describe("names", () => {
    test("are looked up, by family", async () => {
      const { sockets } = await context.make();
      const found = await sockets.lookup("localhost", Family.INET);
      expect(found).toEqual([loopback(Family.INET)]);
      expect(await sockets.lookup("127.0.0.9")).toEqual([v4("127.0.0.9", 0)]);
      expect(await sockets.lookup("::1", Family.INET)).toEqual(failed("NOENT"));
      expect(await sockets.lookup("missing.invalid")).toEqual(failed("NOENT"));
    });

    test("that no rule covers may not be looked up", async () => {
      const { sockets, refusals } = await context.make({ net: { allow: ["127.0.0.1:80", "known.invalid:443"] } });
      expect(await sockets.lookup("example.com")).toEqual(failed("ACCES"));
      expect(await sockets.lookup("example.com")).toEqual(failed("ACCES"));
      expect(await sockets.lookup("known.invalid")).toEqual(failed("NOENT"));
      expect(await sockets.lookup("localhost", Family.INET)).toEqual([loopback(Family.INET)]);
      expect(refusals).toEqual([{ action: "lookup", target: "example.com", rule: "connect:example.com" }]);
    });

    if (backend.isVirtual) {
      test("of rules are looked up before an address is refused", async () => {
        const other = await context.make();
        const { address } = await other.sockets.listener(v4("10.0.0.1", 0));
        const net = { allow: [`connect:one.test:${address.port}`] };
        const { sockets, refusals } = await context.make({ net });
        expect(await sockets.connect(sockets.mustOpen(), address)).toBe("SUCCESS");
        expect(await sockets.connect(sockets.mustOpen(), v4("10.0.0.2", address.port))).toBe("ACCES");
        const { fd } = await other.sockets.datagrams(v4("10.0.0.1", address.port));
        const { sockets: fresh } = await context.make({ net });
        const sender = fresh.mustOpen(Family.INET, SocketType.DGRAM);
        expect(await fresh.send(sender, "by name", address)).toBe(7);
        expect(await other.sockets.receive(fd)).toBe("by name");
        expect(refusals).toHaveLength(1);
      });
    }
  });

  describe("the name server of the host", () => {
    test("answers datagrams for the address of its own", async () => {
      const subject = await context.make({ net: { allow: ["127.0.0.1:80"] } });
      const { sockets, refusals } = subject;
      const fd = sockets.mustOpen(Family.INET, SocketType.DGRAM);
      expect(await sockets.connect(fd, NAME_SERVER)).toBe("SUCCESS");
      expect(sockets.peer(fd)).toEqual(NAME_SERVER);
      expect(await sockets.send(fd, query("localhost"))).toBe(query("localhost").length);
      expect(answer(await receiveBytes(subject, fd))).toEqual({ id: 0x1234, code: 0, addresses: ["127.0.0.1"] });
      await sockets.send(fd, query("example.com"));
      expect(answer(await receiveBytes(subject, fd))).toMatchObject({ code: REFUSED, addresses: [] });
      expect(refusals).toEqual([{ action: "lookup", target: "example.com", rule: "connect:example.com" }]);
    });

    test("answers in place of servers that may not be reached, and for those who send without a connection", async () => {
      const subject = await context.make({ net: { allow: ["127.0.0.1:80"] } });
      const { sockets } = subject;
      for (const server of [v4("8.8.8.8", 53), NAME_SERVER]) {
        const fd = sockets.mustOpen(Family.INET, SocketType.DGRAM);
        await sockets.bind(fd, v4("0.0.0.0", 0));
        await sockets.send(fd, query("localhost"), server);
        expect(await sockets.receiveFrom(fd, 1, 1)).toMatchObject({ truncated: true, from: server });
        expect(answer(await receiveBytes(subject, fd))).toMatchObject({ code: 0, addresses: ["127.0.0.1"] });
      }
    });

    test("answers in a stream", async () => {
      const subject = await context.make({ net: { allow: ["127.0.0.1:80"] } });
      const { sockets } = subject;
      const fd = sockets.mustOpen();
      expect(await sockets.connect(fd, NAME_SERVER)).toBe("SUCCESS");
      expect(sockets.peer(fd)).toEqual(NAME_SERVER);
      const message = query("localhost");
      await sockets.send(fd, Uint8Array.of(0, message.length, ...message, 0, message.length, ...message));
      let bytes = await receiveBytes(subject, fd);
      const length = bytes[0]! << 8 | bytes[1]!;
      while (bytes.length < 2 * (length + 2)) bytes = Uint8Array.of(...bytes, ...await receiveBytes(subject, fd));
      expect(bytes.length).toBe(2 * (length + 2));
      expect(answer(bytes.slice(2, 2 + length))).toMatchObject({ code: 0, addresses: ["127.0.0.1"] });
      sockets.shutdown(fd, 2);
      expect(await sockets.receive(fd)).toBe("");
      expect(sockets.set(fd, SocketOption.NODELAY, 1)).toBe("NOPROTOOPT");
    });

    test("takes no more queries while their answers are not read", async () => {
      const subject = await context.make({ net: { allow: ["127.0.0.1:80"] } });
      const { sockets } = subject;
      const fd = sockets.mustOpen();
      expect(await sockets.connect(fd, NAME_SERVER)).toBe("SUCCESS");
      sockets.nonBlocking(fd);
      const message = query("localhost");
      const framed = Uint8Array.of(0, message.length, ...message);
      const many = new Uint8Array(framed.length * 10_000);
      for (let i = 0; i < 10_000; i++) many.set(framed, i * framed.length);
      let sent = 0;
      for (let i = 0; i < 64; i++) {
        const result = sockets.sendNow(fd, many.subarray(sent % framed.length));
        if (typeof result !== "number") {
          expect(result).toEqual(failed("AGAIN"));
          break;
        }
        sent += result;
      }
      // Each answer is longer than its query, and 256 KiB of answers may wait.
      expect(sent).toBeGreaterThan(20_000);
      expect(sent).toBeLessThan(300_000);
      let answered = 0;
      for (;;) {
        const bytes = receiveNow(subject, fd);
        if (bytes === undefined) break;
        answered += bytes.length;
      }
      const size = framed.length + 16;
      expect(answered).toBe(size * Math.floor(sent / framed.length));
      const result = sockets.sendNow(fd, many.subarray(sent % framed.length, many.length));
      expect(result).toBeGreaterThan(0);
    });

    test("drops answers to datagrams that are not read", async () => {
      const subject = await context.make({ net: { allow: ["127.0.0.1:80"] } });
      const { sockets } = subject;
      const fd = sockets.mustOpen(Family.INET, SocketType.DGRAM);
      await sockets.connect(fd, NAME_SERVER);
      for (let i = 0; i < 10_000; i++) expect(sockets.sendNow(fd, query("localhost"))).toBe(query("localhost").length);
      sockets.nonBlocking(fd);
      let answers = 0;
      while (receiveNow(subject, fd) !== undefined) answers++;
      expect(answers).toBeGreaterThan(100);
      expect(answers).toBeLessThan(5000);
    });

    test("leaves a connection alone that is there already", async () => {
      const other = await context.make();
      const { fd: listener, address } = await other.sockets.listener(loopback(Family.INET));
      const { sockets } = await context.make({ net: { allow: [`127.0.0.1:${address.port}`] } });
      const client = await sockets.dial(address);
      expect(await sockets.connect(client, NAME_SERVER)).toBe("ISCONN");
      await sockets.sendAll(client, "still here");
      expect(await other.sockets.receive(await other.sockets.mustAccept(listener))).toBe("still here");
    });

    test("is not asked where a rule allows the server itself", async () => {
      if (!backend.isVirtual) {
        // Port 53 is not for everybody; that nobody answers there shows it as well.
        const { sockets } = await context.make({ net: { allow: ["connect:127.0.0.1:53"] } });
        const { address } = await sockets.datagrams(v4("0.0.0.0", 0));
        expect(address.port).toBeGreaterThan(0);
        return expect(["CONNREFUSED", "SUCCESS"]).toContain(
          await sockets.connect(sockets.mustOpen(), v4("127.0.0.1", 53)),
        );
      }
      const other = await context.make();
      const server = await other.sockets.datagrams(v4("127.0.0.1", 53));
      const { sockets } = await context.make({ net: { allow: ["connect:127.0.0.1:53"] } });
      const fd = sockets.mustOpen(Family.INET, SocketType.DGRAM);
      await sockets.send(fd, "to the real one", server.address);
      expect(await other.sockets.receive(server.fd)).toBe("to the real one");
    });

    test("answers everything with a DNS server of the host's choice", async () => {
      const subject = await context.make({ net: { allow: true, dnsServer: "127.0.0.1:5353" } });
      const { sockets } = subject;
      const fd = sockets.mustOpen(Family.INET, SocketType.DGRAM);
      const server: SocketAddress = v4("127.0.0.1", 53);
      await sockets.connect(fd, server);
      await sockets.send(fd, query("localhost"));
      expect(answer(await receiveBytes(subject, fd))).toMatchObject({ code: 0, addresses: ["127.0.0.1"] });
    });
  });
}
