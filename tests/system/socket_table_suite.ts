/**
 * Sockets among the other descriptors: their attributes, their rights, their number, and those that a guest starts with.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { Family, SocketOption, SocketType } from "../../src/contract/network.ts";
import { PREOPEN_SOCKET, type Prestat } from "../../src/preview1/results.ts";
import { SOCKET_RIGHTS } from "../../src/preview1/rights.ts";
import { EndpointError } from "../../src/runtime/net/endpoint.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { emptyFilestat, Fdflags, Filetype, Riflags, Rights, Sdflags } from "../../src/witx/types.ts";
import { failed } from "./caller.ts";
import { loopback, v4 } from "./socket_caller.ts";
import { pair, type SocketContext } from "./socket_suite.ts";
import type { SocketSubject } from "./socket_systems.ts";

function prestat({ system }: SocketSubject, fd: number): { readonly tag: number; readonly length: number } | string {
  const out: Prestat = { tag: -1, name: new Uint8Array(0) };
  const errno = system.fd.prestatGet(fd, out);
  return errno === Errno.SUCCESS ? { tag: out.tag, length: out.name.length } : errnoName(errno);
}

export function socketTableSuite(context: SocketContext): void {
  describe("a socket as a descriptor", () => {
    test("has the type of its kind, and flags that stay", async () => {
      const { sockets, call } = await context.make();
      const stream = sockets.mustOpen();
      const datagrams = sockets.mustOpen(Family.INET, SocketType.DGRAM);
      expect(call.fdstat(stream)).toMatchObject({ fsFiletype: Filetype.SOCKET_STREAM, fsFlags: 0 });
      expect(call.fdstat(datagrams)).toMatchObject({ fsFiletype: Filetype.SOCKET_DGRAM, fsFlags: 0 });
      expect(call.fdStat(stream)).toMatchObject({ filetype: Filetype.SOCKET_STREAM, size: 0n });
      sockets.nonBlocking(stream);
      expect(call.fdstat(stream)).toMatchObject({ fsFlags: Fdflags.NONBLOCK });
    });

    test("is no file and no directory", async () => {
      const subject = await context.make();
      const { system, call } = subject;
      const { client } = await pair(subject);
      const out = { value: 0, offset: 0 };
      const iovs = { bytes: new Uint8Array(1), starts: Uint32Array.of(0), lengths: Uint32Array.of(1), count: 1 };
      const errnos = {
        seek: system.fd.seek(client, 0, 1, out),
        tell: system.fd.tell(client, out),
        pread: system.fd.pread(client, iovs, 0, out),
        pwrite: system.fd.pwrite(client, iovs, 0, out),
        advise: system.fd.advise(client, 0n, 0n, 0),
        sync: system.fd.sync(client),
        readdir: system.fd.readdir(client, new Uint8Array(9), 0, 9, 0n, out),
        setSize: system.fd.filestatSetSize(client, 0n),
        path: system.path.filestatGet(client, 0, "x", emptyFilestat()),
        prestat: system.fd.prestatGet(client, { tag: 0, name: new Uint8Array(0) }),
      };
      expect(Object.fromEntries(Object.entries(errnos).map(([name, errno]) => [name, errnoName(errno)]))).toEqual({
        seek: "SPIPE",
        tell: "SPIPE",
        pread: "SPIPE",
        pwrite: "SPIPE",
        advise: "SPIPE",
        sync: "INVAL",
        readdir: "NOTDIR",
        setSize: "INVAL",
        path: "NOTDIR",
        prestat: "BADF",
      });
      expect(call.open("x", { fd: client })).toEqual(failed("NOTDIR"));
    });

    test("is the only thing that socket calls take", async () => {
      const { sockets, call } = await context.makeWithRoot();
      call.put("file", "x");
      const file = call.mustOpen("file");
      for (const [fd, errno] of [[0, "NOTSOCK"], [3, "NOTSOCK"], [file, "NOTSOCK"], [99, "BADF"]] as const) {
        expect(sockets.acceptNow(fd)).toEqual(failed(errno));
        expect(sockets.receiveNow(fd, 1)).toEqual(failed(errno));
        expect(await sockets.sendNow(fd, "x")).toEqual(failed(errno));
        expect(await sockets.sendNow(fd, "x", v4("127.0.0.1", 1))).toEqual(failed(errno));
        expect(sockets.shutdown(fd, Sdflags.RD)).toBe(errno);
        expect(await sockets.bind(fd, loopback(Family.INET))).toBe(errno);
        expect(await sockets.listen(fd)).toBe(errno);
        expect(await sockets.connect(fd, loopback(Family.INET, 1))).toBe(errno);
        expect(sockets.local(fd)).toEqual(failed(errno));
        expect(sockets.peer(fd)).toEqual(failed(errno));
        expect(sockets.get(fd, SocketOption.TYPE)).toEqual(failed(errno));
        expect(sockets.set(fd, SocketOption.KEEPALIVE, 1)).toBe(errno);
      }
    });

    test("is of a known family and type, and knows its flags", async () => {
      const subject = await context.make();
      const { sockets } = subject;
      for (const [family, type] of [[0, 2], [4, 2], [1, 0], [1, 3], [255, 255]]) {
        expect(sockets.open(family!, type!)).toEqual(failed("INVAL"));
      }
      const { client } = await pair(subject);
      expect(sockets.receiveNow(client, 1, 4)).toEqual(failed("INVAL"));
      expect(await sockets.sendNow(client, "x", undefined, 1)).toEqual(failed("INVAL"));
    });

    test("counts among what may be open", async () => {
      const subject = await context.make({ maxOpenFiles: 6 });
      const { sockets } = subject;
      const { client, server, listener, address } = await pair(subject);
      expect([listener, client, server]).toEqual([3, 4, 5]);
      expect(sockets.open()).toEqual(failed("MFILE"));
      const other = await context.make();
      await other.sockets.dial(address);
      expect(sockets.acceptNow(listener)).toEqual(failed("MFILE"));
      sockets.close(client);
      expect(await sockets.accept(listener)).toBe(4);
    });

    test("can be given another number", async () => {
      const subject = await context.make();
      const { system, sockets } = subject;
      const { client, server } = await pair(subject);
      const spare = sockets.mustOpen();
      expect(system.fd.renumber(client, spare)).toBe(Errno.SUCCESS);
      expect(await sockets.sendNow(client, "x")).toEqual(failed("BADF"));
      expect(await sockets.send(spare, "renumbered")).toBe(10);
      expect(await sockets.receive(server)).toBe("renumbered");
    });

    test("does what its rights allow, and hands on what it may", async () => {
      const subject = await context.make();
      const { system, sockets, call } = subject;
      const { listener, client, address } = await pair(subject);
      const only = (right: number): bigint => BigInt(right);
      expect(system.fd.fdstatSetRights(listener, only(Rights.SOCK_ACCEPT), only(Rights.FD_READ))).toBe(Errno.SUCCESS);
      await sockets.dial(address);
      const reader = await sockets.mustAccept(listener);
      expect(call.fdstat(reader)).toMatchObject({ fsRightsBase: Rights.FD_READ });
      expect(await sockets.sendNow(reader, "x")).toEqual(failed("BADF"));
      expect(sockets.receiveNow(reader, 1)).toEqual(failed("AGAIN"));
      expect(sockets.shutdown(reader, Sdflags.RD)).toBe("NOTCAPABLE");
      expect(system.fd.fdstatSetRights(listener, only(0), 0n)).toBe(Errno.SUCCESS);
      expect(sockets.acceptNow(listener)).toEqual(failed("NOTCAPABLE"));
      expect(system.fd.fdstatSetRights(client, only(Rights.FD_WRITE), 0n)).toBe(Errno.SUCCESS);
      expect(sockets.receiveNow(client, 1)).toEqual(failed("BADF"));
      expect(await sockets.sendNow(client, "x")).toBe(1);
    });
  });

  describe("a datagram socket whose rights were given up", () => {
    test("sends nothing, and takes nothing that has come", async () => {
      const { system, sockets, call, readableBytes } = await context.make();
      const one = await sockets.datagrams(loopback(Family.INET));
      const two = await sockets.datagrams(loopback(Family.INET));
      expect(await sockets.connect(one.fd, two.address)).toBe("SUCCESS");
      await sockets.send(two.fd, "kept", one.address);
      expect(await sockets.receive(one.fd, 9, Riflags.RECV_PEEK)).toBe("kept");

      const rights = BigInt(SOCKET_RIGHTS);
      const without = (right: number): bigint => rights & ~BigInt(right);
      expect(system.fd.fdstatSetRights(one.fd, without(Rights.FD_READ), rights)).toBe(Errno.SUCCESS);
      expect(call.read(one.fd, 9)).toEqual(failed("BADF"));
      expect(sockets.receiveNow(one.fd, 9)).toEqual(failed("BADF"));
      expect(readableBytes(one.fd)).toBe(4);
      expect(call.write(one.fd, "first")).toBe(5);
      expect(await sockets.receive(two.fd, 9)).toBe("first");

      expect(system.fd.fdstatSetRights(one.fd, without(Rights.FD_READ | Rights.FD_WRITE), rights)).toBe(Errno.SUCCESS);
      expect(call.write(one.fd, "x")).toEqual(failed("BADF"));
      expect(await sockets.sendNow(one.fd, "x")).toEqual(failed("BADF"));
      expect(await sockets.sendNow(one.fd, "x", two.address)).toEqual(failed("BADF"));
      expect(call.pread(one.fd, 0n, 9)).toEqual(failed("SPIPE"));
      expect(call.pwrite(one.fd, 0n, "x")).toEqual(failed("SPIPE"));

      const other = sockets.mustOpen(Family.INET, SocketType.DGRAM);
      await sockets.send(other, "last", two.address);
      expect(await sockets.receive(two.fd, 9)).toBe("last");
    });
  });

  describe("preopened sockets", () => {
    test("listen from descriptor 3 on, before the directories, and are NONBLOCK", async () => {
      const { backend } = context;
      const subject = await context.make({
        net: { listen: ["web=127.0.0.1:0", "127.0.0.1:0"] },
        mounts: { "/": { root: backend.platform.openRoot(backend.emptyDirectory()) } },
      });
      const { sockets, call } = subject;
      expect(subject.env).toEqual({ LISTEN_FDS: "2", LISTEN_FDNAMES: "web:listen" });
      expect([3, 4, 5, 6].map((fd) => prestat(subject, fd))).toEqual([
        { tag: PREOPEN_SOCKET, length: 0 },
        { tag: PREOPEN_SOCKET, length: 0 },
        { tag: 0, length: 1 },
        "BADF",
      ]);
      for (const fd of [3, 4]) {
        expect(call.fdstat(fd)).toMatchObject({ fsFiletype: Filetype.SOCKET_STREAM, fsFlags: Fdflags.NONBLOCK });
        expect(sockets.get(fd, SocketOption.ACCEPTCONN)).toBe(1);
      }
      const other = await context.make();
      const client = await other.sockets.dial(sockets.mustLocal(4));
      sockets.nonBlocking(4, false);
      const server = await sockets.mustAccept(4);
      await sockets.sendAll(server, "welcome");
      sockets.close(server);
      expect(await other.sockets.receiveAll(client)).toBe("welcome");
      expect(sockets.acceptNow(3)).toEqual(failed("AGAIN"));
    });

    test("are connected when the guest starts", async () => {
      const other = await context.make();
      const { fd, address } = await other.sockets.listener(loopback(Family.INET));
      const subject = await context.make({ net: { dial: [`db=127.0.0.1:${address.port}`] } });
      expect(subject.env).toEqual({ LISTEN_FDS: "1", LISTEN_FDNAMES: "db" });
      expect(subject.sockets.peer(3)).toEqual(address);
      const server = await other.sockets.mustAccept(fd);
      await subject.sockets.sendAll(3, "select 1");
      expect(await other.sockets.receive(server)).toBe("select 1");
    });

    test("do not open the rest of the network", async () => {
      const { sockets, refusals } = await context.make({ net: { listen: ["127.0.0.1:0"] } });
      const fd = sockets.mustOpen();
      expect(await sockets.connect(fd, loopback(Family.INET, 9))).toBe("ACCES");
      expect(refusals).toEqual([{ action: "connect", target: "127.0.0.1:9", rule: "connect:127.0.0.1:9" }]);
    });

    test("that can't be had are an error that names them, and those before them are closed", async () => {
      const other = await context.make();
      const { fd, address } = await other.sockets.listener(loopback(Family.INET));
      const taken = `127.0.0.1:${address.port}`;
      await expect(context.make({ net: { listen: ["127.0.0.1:0", taken] } })).rejects.toThrow(EndpointError);
      await expect(context.make({ net: { listen: [taken] } })).rejects.toThrow(
        `Cannot listen at ${taken}: the address is in use`,
      );
      other.sockets.close(fd);
      await expect(context.make({ net: { dial: [`127.0.0.1:${address.port}`] } })).rejects.toThrow(
        "the connection was refused",
      );
      await expect(context.make({ net: { dial: ["missing.invalid:80"] } })).rejects.toThrow("missing.invalid");
    });
  });
}
