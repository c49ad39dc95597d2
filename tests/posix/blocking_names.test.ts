/** Names, rules about them and the name server of the host, in a thread that blocks: everything is answered at once. */

import { afterEach, describe, expect, test } from "vitest";
import { Family, type PlatformLookup, type PlatformNetwork, SocketType } from "../../src/contract/network.ts";
import { resolverOf } from "../../src/platform/posix/net/lookup.ts";
import { openNetwork } from "../../src/runtime/net/network.ts";
import { Errno } from "../../src/witx/errno.ts";
import { failed } from "../system/caller.ts";
import { loopback, v4 } from "../system/socket_caller.ts";
import { makeSocketSystem, type SocketSubject } from "../system/socket_systems.ts";
import { ownHost, posixSocketBackend } from "./posix_sockets.ts";

const backend = await posixSocketBackend("block");
/** Code of an answer about a name that no rule covers. */
const REFUSED = 5;

const NAME_SERVER = v4("192.0.2.53", 53);

const made: SocketSubject[] = [];
afterEach(() => {
  for (const { system } of made.splice(0)) system.close();
});

/** A network whose resolver knows two names. */
function knowing(network: PlatformNetwork): PlatformNetwork {
  const known = new Map([["one.test", "127.0.0.2"], ["two.test", "127.0.0.3"]]);
  const lookup = (name: string): PlatformLookup => {
    const host = known.get(name);
    return {
      needsEventLoop: false,
      result: () => host === undefined ? -Errno.NOENT : [v4(host, 0)],
      cancel() {},
      readiness: () => 1,
      subscribe: () => undefined,
    };
  };
  return { ...network, lookup };
}

async function make(allow: readonly string[]): Promise<SocketSubject> {
  const network = knowing(backend.network);
  const platform = { ...backend.platform, network: () => network };
  const subject = await makeSocketSystem({ platform, network, mode: "block" }, { net: { allow: [...allow] } });
  made.push(subject);
  return subject;
}

/** A query for the IPv4 addresses of a name. */
function query(name: string): Uint8Array {
  const labels = name.split(".").flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  return Uint8Array.of(0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1);
}

/** Receive what is there. */
function receiveBytes({ system }: SocketSubject, fd: number): Uint8Array {
  const iovs = { bytes: new Uint8Array(2000), starts: Uint32Array.of(0), lengths: Uint32Array.of(2000), count: 1 };
  const out = { value: 0 };
  expect(system.sock.recv(fd, iovs, 0, out, { value: 0 }, { address: undefined })).toBe(Errno.SUCCESS);
  return iovs.bytes.slice(0, out.value);
}

describe("rules about names", () => {
  test("admit a connect to an address of theirs, within the call", async () => {
    const other = await make(["*"]);
    const { fd, address } = await other.sockets.listener(v4("127.0.0.2", 0));
    const { sockets, system, refusals } = await make([`connect:one.test:${address.port}`, "connect:two.test:1"]);
    const client = sockets.mustOpen();
    expect(system.sock.connect(client, address)).toBe(Errno.SUCCESS);
    expect(typeof other.sockets.acceptNow(fd)).toBe("number");
    expect(system.sock.connect(sockets.mustOpen(), v4("127.0.0.3", address.port))).toBe(Errno.ACCES);
    expect(refusals).toHaveLength(1);
  });

  test("admit a datagram to an address of theirs, the first time", async () => {
    const other = await make(["*"]);
    const { fd, address } = await other.sockets.datagrams(v4("127.0.0.2", 0));
    const { sockets } = await make([`connect:one.test:${address.port}`]);
    const client = sockets.mustOpen(Family.INET, SocketType.DGRAM);
    expect(sockets.sendNow(client, "by name", address)).toBe(7);
    expect(other.sockets.receiveNow(fd, 99)).toMatchObject({ text: "by name" });
    expect(sockets.sendNow(client, "no", v4("127.0.0.3", address.port))).toEqual(failed("ACCES"));
  });
});

describe("the name server of the host", () => {
  test("has answered a datagram once it is sent", async () => {
    const subject = await make(["one.test:80"]);
    const { sockets, refusals } = subject;
    const fd = sockets.mustOpen(Family.INET, SocketType.DGRAM);
    for (const [name, code] of [["one.test", 0], ["two.test", REFUSED], ["localhost", 0]] as const) {
      expect(sockets.sendNow(fd, query(name), NAME_SERVER)).toBe(query(name).length);
      expect(receiveBytes(subject, fd)[3]! & 15, name).toBe(code);
    }
    expect(refusals.map(({ target }) => target)).toEqual(["two.test"]);
    expect(sockets.receiveNow(fd, 999)).toEqual(failed("AGAIN"));
  });

  test("is connected to at once, answers a stream in order, and ends it", async () => {
    const subject = await make(["one.test:80"]);
    const { sockets, system } = subject;
    const fd = sockets.mustOpen();
    sockets.nonBlocking(fd);
    expect(system.sock.connect(fd, NAME_SERVER)).toBe(Errno.SUCCESS);
    for (const name of ["one.test", "none.test"]) {
      const message = query(name);
      expect(sockets.sendNow(fd, Uint8Array.of(0, message.length, ...message))).toBe(message.length + 2);
    }
    const bytes = receiveBytes(subject, fd);
    const second = 2 + (bytes[0]! << 8 | bytes[1]!);
    expect([bytes[2 + 3]! & 15, bytes[second + 2 + 3]! & 15]).toEqual([0, REFUSED]);
    expect(sockets.shutdown(fd, 2)).toBe("SUCCESS");
    expect(sockets.receiveNow(fd, 9)).toMatchObject({ text: "" });
  });
});

describe("the system's resolver", () => {
  const resolver = resolverOf(ownHost().libc);

  test("knows this machine, each address once, by family", () => {
    expect(resolver.lookUp("localhost", Family.INET)).toEqual([loopback(Family.INET)]);
    const all = resolver.lookUp("localhost", 0);
    if (typeof all === "number") throw new Error("localhost is not known");
    expect(new Set(all.map(({ host }) => host)).size).toBe(all.length);
    expect(all).toContainEqual(loopback(Family.INET));
  });

  test("reads addresses in all their spellings, and those that are longer than others", () => {
    expect(resolver.lookUp("127.0.0.9", 0)).toEqual([v4("127.0.0.9", 0)]);
    expect(resolver.lookUp("2001:db8::1", 0)).toEqual([{ family: Family.INET6, host: "2001:db8::1", port: 0 }]);
    expect(resolver.lookUp("::ffff:1.2.3.4", 0)).toEqual([{ family: Family.INET6, host: "::ffff:1.2.3.4", port: 0 }]);
  });

  test("has no name that can't be one, or is nobody's", () => {
    for (const name of ["", "a\0b", "missing.invalid", "a b", `${"x".repeat(64)}.test`, "x".repeat(2000)]) {
      expect([-Errno.NOENT, -Errno.AGAIN, -Errno.IO], name).toContain(resolver.lookUp(name, 0));
    }
    expect(resolver.lookUp("missing.invalid", 0)).toBe(-Errno.NOENT);
  });

  test("answers the same as the runtime's does", async () => {
    const suspended = (await posixSocketBackend("suspend")).network;
    const { GuestWakeSource } = await import("../../src/core/net/events/wake_source.ts");
    const { hostname } = await import("node:os");
    for (const name of ["localhost", hostname()]) {
      const wake = new GuestWakeSource();
      const lookup = suspended.lookup(name, 0, wake);
      await new Promise<void>((resolve) => {
        if (lookup.readiness(1) !== 0) resolve();
        else wake.subscribe(resolve);
      });
      expect(resolver.lookUp(name, 0), name).toEqual(lookup.result());
    }
  });
});

describe("a network for a thread that blocks", () => {
  test("is refused where it would have to be told by events", async () => {
    const { network, platform } = backend;
    await expect(openNetwork({ allow: true, network }, platform, "block")).rejects.toThrow(
      "the guest can't be suspended",
    );
    const without = { ...platform, network: () => undefined };
    await expect(openNetwork({ allow: true }, without, "block")).rejects.toThrow("the guest can't be suspended");
    await expect(openNetwork({ allow: true }, without, "suspend")).rejects.toThrow("has none; pass net.network");
  });

  test("opens the sockets that a guest starts with", async () => {
    const opened = await openNetwork({ listen: ["127.0.0.1:0", "localhost:0"] }, backend.platform, "block");
    const [first] = opened.preopened;
    const { port } = first!.localAddress();
    const dialed = await openNetwork({ dial: [`127.0.0.1:${port}`] }, backend.platform, "block");
    expect(typeof first!.accept()).toBe("object");
    dialed.close();
    opened.close();
    await expect(openNetwork({ dial: [`127.0.0.1:${port}`] }, backend.platform, "block")).rejects.toThrow(
      "was refused",
    );
  });
});
