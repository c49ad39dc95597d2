/**
 * A name whose owner makes it mean another machine later.
 *
 * @module
 */

import { afterAll, describe, expect, test } from "vitest";
import {
  Family,
  type PlatformLookup,
  type PlatformNetwork,
  type SocketAddress,
  SocketType,
} from "../../src/contract/network.ts";
import { inetAddress } from "../../src/contract/address.ts";
import { EventLookup } from "../../src/core/net/events/lookup.ts";
import { Errno } from "../../src/witx/errno.ts";
import { posixSocketBackend } from "../posix/posix_sockets.ts";
import { failed } from "./caller.ts";
import { v4, v6 } from "./socket_caller.ts";
import {
  makeSocketSystem,
  runtimeNetworkBackend,
  type SocketBackend,
  type SocketSubject,
  virtualBackend,
} from "./socket_systems.ts";

/** True where FFI is available for the posix platform. */
async function posixBackends(): Promise<[string, SocketBackend][]> {
  try {
    return [
      ["the posix network, suspended", await posixSocketBackend("suspend")],
      ["the posix network, blocking", await posixSocketBackend("block")],
    ];
  } catch {
    return [];
  }
}

/** The addresses that the resolver answers for every name, which a test changes. */
interface Resolver {
  hosts: readonly string[];
  /** What it was asked for. */
  readonly asked: (Family | 0)[];
}

/** A network whose resolver answers what the test says, and at once. */
function resolving(network: PlatformNetwork, resolver: Resolver): PlatformNetwork {
  const lookup: PlatformNetwork["lookup"] = (name, family, wake): PlatformLookup =>
    new EventLookup(
      {
        lookup(_name, family, answer) {
          resolver.asked.push(family);
          const all = resolver.hosts.map((host) => inetAddress(host, 0)!);
          const found = family === 0 ? all : all.filter((address) => address.family === family);
          answer(found.length > 0 ? found : Errno.NOENT);
          return () => {};
        },
      },
      name,
      family,
      wake,
    );
  return {
    hasHostPaths: network.hasHostPaths,
    socket: (family, type, wake) => network.socket(family, type, wake),
    lookup,
  };
}

const BACKENDS: [string, SocketBackend][] = [
  ["the virtual network", await virtualBackend()],
  ["the runtime's network", await runtimeNetworkBackend()],
  ...await posixBackends(),
];

describe.each(BACKENDS)("a name that changes, on %s", (_, backend) => {
  afterAll(() => backend.dispose());

  async function make(resolver: Resolver, allow: readonly string[]): Promise<SocketSubject> {
    const network = resolving(backend.network, resolver);
    const platform = { ...backend.platform, network: () => network };
    return await makeSocketSystem({ ...backend, platform, network }, { net: { allow } });
  }

  test("has no addresses of a family that the first lookup did not answer", async () => {
    const resolver: Resolver = { hosts: ["203.0.113.5"], asked: [] };
    const { sockets } = await make(resolver, ["connect:api.test"]);
    expect(await sockets.lookup("api.test", Family.INET)).toEqual([v4("203.0.113.5", 0)]);
    for (const later of [["::ffff:127.0.0.1"], ["::1"], ["203.0.113.5", "::1"], ["127.0.0.1"]]) {
      resolver.hosts = later;
      expect(await sockets.lookup("api.test", Family.INET6), String(later)).toEqual(failed("NOENT"));
      expect(await sockets.lookup("api.test"), String(later)).toEqual([v4("203.0.113.5", 0)]);
    }
    for (const address of [v6("::ffff:127.0.0.1", 9), v6("::1", 9), v6("::", 9)]) {
      expect(await sockets.connect(sockets.mustOpen(Family.INET6), address), address.host).toBe("ACCES");
      const fd = sockets.mustOpen(Family.INET6, SocketType.DGRAM);
      expect(await sockets.send(fd, "x", address), address.host).toEqual(failed("ACCES"));
    }
    expect(await sockets.connect(sockets.mustOpen(), v4("127.0.0.1", 9))).toBe("ACCES");
    expect(new Set(resolver.asked)).toEqual(new Set([0]));
  });

  test("keeps what the lookup before a refusal answered", async () => {
    const resolver: Resolver = { hosts: ["203.0.113.5"], asked: [] };
    const { sockets } = await make(resolver, ["connect:api.test"]);
    expect(await sockets.connect(sockets.mustOpen(), v4("127.0.0.1", 9))).toBe("ACCES");
    resolver.hosts = ["::ffff:127.0.0.1"];
    expect(await sockets.lookup("api.test", Family.INET6)).toEqual(failed("NOENT"));
    expect(await sockets.connect(sockets.mustOpen(Family.INET6), v6("::ffff:127.0.0.1", 9))).toBe("ACCES");
  });

  test("has the addresses of both families that the first lookup answered, whichever the guest asks for", async () => {
    const resolver: Resolver = { hosts: ["203.0.113.5", "2001:db8::5"], asked: [] };
    const { sockets } = await make(resolver, ["connect:api.test"]);
    const first: readonly SocketAddress[] = [v4("203.0.113.5", 0)];
    expect(await sockets.lookup("api.test", Family.INET)).toEqual(first);
    resolver.hosts = ["127.0.0.1", "::1"];
    expect(await sockets.lookup("api.test", Family.INET6)).toEqual([v6("2001:db8::5", 0)]);
    expect(await sockets.lookup("api.test", Family.INET)).toEqual(first);
  });

  test("is looked up by family where the rules do not keep it", async () => {
    const resolver: Resolver = { hosts: ["203.0.113.5", "2001:db8::5"], asked: [] };
    const { sockets } = await make(resolver, ["*:443"]);
    expect(await sockets.lookup("api.test", Family.INET6)).toEqual([v6("2001:db8::5", 0)]);
    expect(resolver.asked).toEqual([Family.INET6]);
  });
});
