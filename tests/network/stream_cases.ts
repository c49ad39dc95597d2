/** Opening, closing and addresses of streams. */

import { expect } from "vitest";
import { Family, type SocketAddress, SocketOption, SocketType } from "../../src/contract/network.ts";
import { Errno } from "../../src/witx/errno.ts";
import type { DriverCases, DriverTest } from "./driver_suite.ts";
import { pass } from "./waiting_ends.ts";

/** Cases of every family. */
export const STREAM_CASES: DriverCases = {
  "are supported"({ driver, family }) {
    expect(driver.supports(family, SocketType.STREAM)).toBe(0);
  },

  async "connect and echo"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    client.send("hello");
    await server.receiving(5);
    expect(server.text).toBe("hello");
    server.send("hello yourself");
    await client.receiving(14);
    expect(client.text).toBe("hello yourself");
  },

  async "can be written to before anything was received, by who accepts"({ ends, anywhere }) {
    const listener = await ends.listen(anywhere);
    const client = ends.beginToConnect(listener.address);
    (await listener.next()).send("first");
    await client.receiving(5);
    expect(client.text).toBe("first");
  },

  async "deliver what was sent before a peer is closed, and then the end"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    client.send("last words");
    client.close();
    await server.ending();
    expect(server.text).toBe("last words");
  },

  async "end in one direction while the other goes on: who connected ends"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    client.send("question");
    client.handle.shutdown();
    await server.ending();
    expect(server.text).toBe("question");
    await pass();
    server.send("late answer");
    await client.receiving(11);
    expect([client.text, client.hasEnded]).toEqual(["late answer", false]);
    server.handle.shutdown();
    await client.ending();
    await pass();
    expect([client.errno, server.errno]).toEqual([undefined, undefined]);
  },

  async "end in one direction while the other goes on: who accepted ends"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    server.handle.shutdown();
    await client.ending();
    await pass();
    client.send("still here");
    await server.receiving(10);
    client.handle.shutdown();
    await server.ending();
    await pass();
    expect([server.text, client.errno, server.errno]).toEqual(["still here", undefined, undefined]);
  },

  async "take no bytes after the end was sent"({ ends, anywhere }) {
    const { client } = await ends.pair(anywhere);
    client.handle.shutdown();
    expect(client.handle.write(new Uint8Array(1), 0, 1)).toBe(-Errno.PIPE);
    client.handle.shutdown();
  },

  async "tell nothing after they were closed"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    server.send("unread");
    client.close();
    await pass();
    expect(client.size).toBe(0);
  },

  async "can be closed while they connect"({ ends, anywhere }) {
    const listener = await ends.listen(anywhere);
    const client = ends.beginToConnect(listener.address);
    if (client.isOpen) return;
    client.close();
    await pass();
    for (const server of listener.ends) {
      await server.until(() => server.hasEnded || server.errno !== undefined, "the end");
    }
    expect(client.isOpen).toBe(false);
  },

  async "keep both addresses when both directions have ended"({ ends, anywhere }) {
    const { client, server } = await ends.pair(anywhere);
    client.handle.shutdown();
    await server.ending();
    server.handle.shutdown();
    await client.ending();
    await pass();
    expect(client.handle.peerAddress()).toEqual(server.handle.localAddress());
    expect(client.handle.localAddress()).toEqual(server.handle.peerAddress());
    expect(client.handle.localAddress().family).toBe(anywhere.family);
  },

  async "are refused once the listener is closed, while those that were accepted go on"({ ends, anywhere }) {
    const { listener, client, server } = await ends.pair(anywhere);
    const address = listener.address;
    listener.close();
    expect(await ends.connectError(address)).toMatch(/^(CONNREFUSED|NOENT)$/);
    client.send("x");
    await server.receiving(1);
    server.send("y");
    await client.receiving(1);
  },

  async "can be many at once, none mixed up"({ ends, anywhere }) {
    const listener = await ends.listen(anywhere);
    listener.onEnd = (end) => {
      end.onBytes = (bytes) => void end.handle.write(bytes, 0, bytes.length);
    };
    const clients = Array.from({ length: 100 }, () => ends.beginToConnect(listener.address));
    await Promise.all(clients.map(async (client, i) => {
      await client.opening();
      const text = `connection ${i};`;
      for (let round = 1; round <= 5; round++) {
        client.send(text);
        await client.receiving(round * text.length);
      }
      expect(client.text).toBe(text.repeat(5));
    }));
  },
};

/** Cases of TCP. */
export const INET_STREAM_CASES: DriverCases = {
  async "know both addresses"({ ends, anywhere }) {
    const { listener, client, server } = await ends.pair(anywhere);
    expect(listener.address).toEqual({ ...anywhere, port: expect.any(Number) as number });
    expect(listener.address.port).toBeGreaterThan(0);
    expect(client.handle.peerAddress()).toEqual(listener.address);
    expect(server.handle.localAddress()).toEqual(listener.address);
    expect(client.handle.localAddress()).toEqual(server.handle.peerAddress());
    expect(client.handle.localAddress().host).toBe(anywhere.host);
  },

  async "get different ports for port 0"({ ends, anywhere }) {
    const one = await ends.listen(anywhere);
    const other = await ends.listen(anywhere);
    expect(one.address.port).not.toBe(other.address.port);
  },

  async "are refused where nobody listens"({ ends, anywhere }) {
    const listener = await ends.listen(anywhere);
    const { address } = listener;
    listener.close();
    expect(await ends.connectError(address)).toBe("CONNREFUSED");
  },

  async "can't listen on a port that is taken"({ ends, anywhere }) {
    const listener = await ends.listen(anywhere);
    expect(await ends.listenError(listener.address)).toBe("ADDRINUSE");
  },

  async "can't listen at an address of another host"({ ends, family, features }) {
    if (features.foreignHost === undefined || family !== Family.INET) return;
    expect(await ends.listenError({ family, host: features.foreignHost, port: 0 })).toBe("ADDRNOTAVAIL");
  },

  async "can listen again on a port that was left"({ ends, anywhere }) {
    const { listener, client, server } = await ends.pair(anywhere);
    const { address } = listener;
    listener.close();
    server.close();
    await client.ending();
    client.close();
    const again = await ends.listen(address);
    expect(again.address).toEqual(address);
    await ends.connect(address);
  },

  async "are seen as reset by the peer"({ ends, anywhere, features }) {
    const { client, server } = await ends.pair(anywhere);
    server.reset();
    await client.until(() => client.errno !== undefined || client.hasEnded, "a reset");
    if (features.hasReset) expect(client.errno).toBe(Errno.CONNRESET);
    const { client: other, server: otherServer } = await ends.pair(anywhere);
    other.reset();
    await otherServer.until(() => otherServer.errno !== undefined || otherServer.hasEnded, "a reset");
    if (features.hasReset) expect(otherServer.errno).toBe(Errno.CONNRESET);
    expect(client.handle.write(new Uint8Array(1), 0, 1)).toBeLessThan(features.hasReset ? 0 : 2);
  },

  async "connect from an address that a listener had, once it is closed"({ ends, anywhere, features }) {
    if (!features.connectsFromAddress) return;
    const listener = await ends.listen(anywhere);
    const bound = await ends.listen(anywhere);
    const local = bound.address;
    bound.close();
    const client = await ends.connect(listener.address, local);
    expect(client.handle.localAddress()).toEqual(local);
    const server = await listener.next();
    expect(server.handle.peerAddress()).toEqual(local);
  },

  async "can't connect from an address that is taken"({ ends, anywhere, features }) {
    if (!features.connectsFromAddress) return;
    const listener = await ends.listen(anywhere);
    const other = await ends.listen(anywhere);
    expect(await ends.connectError(listener.address, other.address)).toMatch(/^ADDRINUSE$|^ADDRNOTAVAIL$/);
  },

  async "take options, before and after they are open"({ ends, driver, anywhere }) {
    const taken = driver.options(SocketType.STREAM);
    const values = new Map([
      [SocketOption.NODELAY, 1],
      [SocketOption.KEEPALIVE, 1],
      [SocketOption.KEEPIDLE, 30],
      [SocketOption.KEEPINTVL, 5],
      [SocketOption.KEEPCNT, 3],
    ].filter(([option]) => taken.has(option as SocketOption)) as [SocketOption, number][]);
    const { client, server } = await ends.pair(anywhere, values);
    for (const end of [client, server]) {
      for (const option of values.keys()) {
        const isFlag = option === SocketOption.NODELAY || option === SocketOption.KEEPALIVE;
        expect(end.handle.setOption(option, 0)).toBe(isFlag ? 0 : -Errno.INVAL);
        expect(end.handle.setOption(option, 1)).toBe(0);
      }
      expect(end.handle.setOption(SocketOption.MULTICAST_HOPS, 1)).toBe(-Errno.NOPROTOOPT);
    }
    client.send("x");
    await server.receiving(1);
  },
};

/** Cases of IPv6 and IPv4 together. */
export const IPV6_STREAM_CASES: DriverCases = {
  async "take connections of IPv4 at the wildcard"({ ends }) {
    const listener = await ends.listen({ family: Family.INET6, host: "::", port: 0 });
    const client = await ends.connect({ family: Family.INET, host: "127.0.0.1", port: listener.address.port });
    const server = await listener.next();
    expect(listener.address).toEqual({ family: Family.INET6, host: "::", port: listener.address.port });
    const { port } = client.handle.localAddress();
    expect(server.handle.peerAddress()).toEqual({ family: Family.INET6, host: "::ffff:127.0.0.1", port });
    const other = await ends.connect({ family: Family.INET6, host: "::1", port: listener.address.port });
    expect((await listener.next(2)).handle.peerAddress()).toEqual(other.handle.localAddress());
  },

  async "connect to a mapped address"({ ends }) {
    const listener = await ends.listen({ family: Family.INET, host: "127.0.0.1", port: 0 });
    const mapped: SocketAddress = { family: Family.INET6, host: "::ffff:127.0.0.1", port: listener.address.port };
    const client = await ends.connect(mapped);
    expect(client.handle.peerAddress().port).toBe(mapped.port);
    expect((await listener.next()).handle.peerAddress().family).toBe(Family.INET);
  },

  async "take none of IPv4 where V6ONLY is set"({ ends, driver }) {
    if (!driver.options(SocketType.STREAM).has(SocketOption.V6ONLY)) return;
    const options = new Map([[SocketOption.V6ONLY, 1]]);
    const listener = await ends.listen({ family: Family.INET6, host: "::", port: 0 }, options as never);
    const { port } = listener.address;
    expect(await ends.connectError({ family: Family.INET, host: "127.0.0.1", port })).toBe("CONNREFUSED");
    await ends.connect({ family: Family.INET6, host: "::1", port });
  },
};

async function refusedAt(test: DriverTest, host: string): Promise<string> {
  return await test.ends.connectError({ family: Family.UNIX, host, port: 0 });
}

/** Cases of unix sockets. */
export const UNIX_STREAM_CASES: DriverCases = {
  async "know their path"({ ends, anywhere }) {
    const { listener, client, server } = await ends.pair(anywhere);
    expect(listener.address).toEqual(anywhere);
    expect(client.handle.peerAddress()).toEqual(anywhere);
    expect(server.handle.localAddress()).toEqual(anywhere);
    expect(server.handle.peerAddress()).toEqual({ family: Family.UNIX, host: "", port: 0 });
    expect(client.handle.localAddress()).toEqual({ family: Family.UNIX, host: "", port: 0 });
  },

  async "find no path that is not there"(test) {
    expect(await refusedAt(test, test.path().host)).toMatch(/^(NOENT|CONNREFUSED)$/);
  },

  async "can't listen at a path that is taken"({ ends, anywhere }) {
    await ends.listen(anywhere);
    expect(await ends.listenError(anywhere)).toBe("ADDRINUSE");
    await ends.connect(anywhere);
  },

  async "leave their path behind"(test) {
    if (!test.features.keepsPaths) return;
    const listener = await test.ends.listen(test.anywhere);
    listener.close();
    await pass();
    expect(await refusedAt(test, test.anywhere.host)).toBe("CONNREFUSED");
    expect(await test.ends.listenError(test.anywhere)).toBe("ADDRINUSE");
  },

  async "take no path that is too long, or has NUL in it"(test) {
    if (!test.driver.hasHostPaths) return;
    const { host } = test.path();
    const long = host + "x".repeat(120);
    expect(await refusedAt(test, long)).toBe("NAMETOOLONG");
    expect(await test.ends.listenError({ ...test.anywhere, host: long })).toBe("NAMETOOLONG");
    expect(await refusedAt(test, `${host}\0x`)).toBe("INVAL");
  },

  async "can't listen in a directory that is not there"(test) {
    if (!test.driver.hasHostPaths) return;
    const { host } = test.path();
    expect(await test.ends.listenError({ ...test.anywhere, host: `${host}/x` })).toMatch(/^(NOENT|ACCES)$/);
  },
};
