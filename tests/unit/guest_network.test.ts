/** What a guest's network admits, over a network of which the test plays the other side. */

import { beforeEach, describe, expect, test } from "vitest";
import { Family, type SocketAddress, SocketType, type Wakeable } from "../../src/contract/network.ts";
import { Interest } from "../../src/contract/pollable.ts";
import { NAME_SERVER } from "../../src/core/net/dns/resolver_files.ts";
import { eventNetwork } from "../../src/core/net/events/network.ts";
import { GuestLookup } from "../../src/core/net/guest_lookup.ts";
import { GuestNetwork } from "../../src/core/net/guest_network.ts";
import { NetPolicy } from "../../src/core/net/policy/policy.ts";
import type { OpenSocket } from "../../src/core/net/socket.ts";
import { UnixPaths } from "../../src/core/net/unix_paths.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { counting, outcome, pieces, ScriptedDriver, v4 } from "./scripted_driver.ts";

/** Counts who waits. */
class CountingWake implements Wakeable {
  readonly wakers: Set<() => void> = new Set();

  subscribe(wake: () => void): () => void {
    this.wakers.add(wake);
    return () => void this.wakers.delete(wake);
  }

  notify(): void {
    for (const wake of this.wakers) wake();
  }
}

let driver: ScriptedDriver;
let nameServer: ScriptedDriver;
let wake: CountingWake;
let refused: string[];

beforeEach(() => {
  driver = new ScriptedDriver();
  driver.opening = "now";
  nameServer = new ScriptedDriver();
  nameServer.opening = "now";
  wake = new CountingWake();
  refused = [];
});

function networkOf(rules: readonly string[], redirectsAllQueries = false): GuestNetwork {
  return new GuestNetwork({
    network: eventNetwork(driver),
    policy: NetPolicy.parse(rules),
    wake,
    nameServer: eventNetwork(nameServer),
    redirectsAllQueries,
    paths: new UnixPaths({ mounts: [], cwd: "/", onHost: false }),
    onRefused: (action, target) => refused.push(`${action} ${typeof target === "string" ? target : target.host}`),
  });
}

function open(network: GuestNetwork, type: SocketType = SocketType.STREAM): OpenSocket {
  const socket = network.openSocket(Family.INET, type);
  if (typeof socket === "number") throw new Error(errnoName(-socket));
  return socket;
}

function startLookup(network: GuestNetwork, name: string, family: Family | 0 = 0): GuestLookup {
  const lookup = network.startLookup(name, family);
  if (typeof lookup === "number") throw new Error(errnoName(-lookup));
  return lookup;
}

const V4 = v4("192.0.2.1", 0);
const V6: SocketAddress = { family: Family.INET6, host: "2001:db8::1", port: 0 };
const PEER = v4("192.0.2.1", 80);

describe("a connect", () => {
  test("to an address that a rule allows goes to the platform at once", () => {
    const network = networkOf(["192.0.2.1:80"]);
    const socket = open(network);
    expect(outcome(network.startConnect(socket, PEER))).toBe(0);
    expect([driver.connections[0]!.to, socket.operation]).toEqual([PEER, undefined]);
  });

  test("in progress ends with finish", () => {
    driver.opening = "later";
    const network = networkOf(["192.0.2.1:80"]);
    const socket = open(network);
    expect(outcome(network.startConnect(socket, PEER))).toBe("INPROGRESS");
    expect(outcome(socket.finish())).toBe("INPROGRESS");
    expect(socket.operation!.pollable.readiness(socket.operation!.interest)).toBe(0);
    driver.connections[0]!.events.opened();
    expect(socket.operation!.pollable.readiness(socket.operation!.interest)).toBe(Interest.WRITE);
    expect(outcome(socket.finish())).toBe(0);
    expect(socket.operation).toBeUndefined();
  });

  test("to an address that no rule allows is refused", () => {
    const network = networkOf(["192.0.2.2:80"]);
    expect(outcome(network.startConnect(open(network), PEER))).toBe("ACCES");
    expect({ refused, connections: driver.connections }).toEqual({ refused: ["connect 192.0.2.1"], connections: [] });
  });

  test("waits for the names of rules, all at once, before it is refused or admitted", () => {
    const network = networkOf(["one.test:80", "two.test:80", "three.test:81"]);
    const socket = open(network);
    expect(outcome(network.startConnect(socket, PEER))).toBe("INPROGRESS");
    expect(driver.lookups.map(({ name }) => name)).toEqual(["one.test", "two.test"]);
    const { pollable, interest } = socket.operation!;
    driver.lookups[1]!.answer([V4]);
    expect([pollable.readiness(interest), outcome(socket.finish())]).toEqual([0, "INPROGRESS"]);
    // A name that can't be looked up admits nothing, and does not keep the others from it.
    driver.lookups[0]!.answer(Errno.AGAIN);
    expect(pollable.readiness(interest)).toBe(Interest.READ);
    expect(driver.connections).toEqual([]);
    expect(outcome(socket.finish())).toBe(0);
    expect([driver.connections[0]!.to, refused]).toEqual([PEER, []]);
  });

  test("is refused once, when no name has the address", () => {
    const network = networkOf(["one.test:80"]);
    const socket = open(network);
    expect(outcome(network.startConnect(socket, PEER))).toBe("INPROGRESS");
    driver.lookups[0]!.answer([v4("192.0.2.9", 0)]);
    expect(outcome(socket.finish())).toBe("ACCES");
    expect({ refused, operation: socket.operation }).toEqual({ refused: ["connect 192.0.2.1"], operation: undefined });
  });

  test("may be in progress at the platform after the names are known", () => {
    driver.opening = "later";
    const network = networkOf(["one.test:80"]);
    const socket = open(network);
    network.startConnect(socket, PEER);
    driver.lookups[0]!.answer([V4]);
    expect(socket.operation!.pendingNames).toBeDefined();
    expect(outcome(socket.finish())).toBe("INPROGRESS");
    expect(socket.operation!.pendingNames).toBeUndefined();
    driver.connections[0]!.events.failed(Errno.CONNREFUSED);
    expect(outcome(socket.finish())).toBe("CONNREFUSED");
  });

  test("does not start while another one waits for names", () => {
    const network = networkOf(["one.test:80"]);
    const socket = open(network);
    network.startConnect(socket, PEER);
    expect(outcome(network.startConnect(socket, PEER))).toBe("ALREADY");
    expect(driver.lookups).toHaveLength(1);
  });
});

describe("a listener and a bind", () => {
  test("need a rule for the address", () => {
    const network = networkOf(["listen:127.0.0.1:80"]);
    expect(outcome(network.startBind(open(network), v4("127.0.0.1", 80)))).toBe(0);
    expect(outcome(network.startBind(open(network), v4("127.0.0.1", 81)))).toBe("ACCES");
    // Without a bind it would listen everywhere.
    expect(outcome(network.startListen(open(network), 1))).toBe("ACCES");
    expect(refused).toEqual(["listen 127.0.0.1", "listen 0.0.0.0"]);
  });

  test("need no other one after the bind", () => {
    const network = networkOf(["listen:127.0.0.1:80"]);
    const socket = open(network);
    network.startBind(socket, v4("127.0.0.1", 80));
    expect(outcome(network.startListen(socket, 1))).toBe(0);
  });
});

describe("a datagram", () => {
  test("needs a rule for where it is sent to, and is sent again once its names are known", () => {
    const network = networkOf(["one.test:80"]);
    const socket = open(network, SocketType.DGRAM);
    const bytes = pieces(counting(0, 5));
    expect(outcome(network.send(socket, bytes, PEER))).toBe("INPROGRESS");
    driver.lookups[0]!.answer([V4]);
    expect(outcome(socket.finish())).toBe(0);
    expect(outcome(network.send(socket, bytes, PEER))).toBe(5);
    expect(outcome(network.send(socket, bytes, v4("192.0.2.2", 80)))).toBe("ACCES");
    expect(driver.datagrams).toHaveLength(1);
  });
});

describe("a socket that turns to a name server", () => {
  test("gets the built-in one for the address of resolv.conf, and where no rule allows its own", () => {
    const network = networkOf(["192.0.2.1:80"]);
    for (const host of [NAME_SERVER.host, "8.8.8.8"]) {
      const socket = open(network);
      const before = socket.platformSocket;
      expect(outcome(network.startConnect(socket, v4(host, 53)))).toBe(0);
      expect(socket.platformSocket).not.toBe(before);
    }
    expect([nameServer.connections.length, driver.connections.length, refused]).toEqual([2, 0, []]);
  });

  test("reaches its own where a rule allows that, unless all queries are redirected", () => {
    const allowing = networkOf(["8.8.8.8:53"]);
    allowing.startConnect(open(allowing), v4("8.8.8.8", 53));
    expect([nameServer.connections.length, driver.connections.length]).toEqual([0, 1]);
    const redirecting = networkOf(["8.8.8.8:53"], true);
    redirecting.startConnect(open(redirecting), v4("8.8.8.8", 53));
    expect([nameServer.connections.length, driver.connections.length]).toEqual([1, 1]);
  });

  test("is replaced once", () => {
    const network = networkOf(["192.0.2.1:80"]);
    const socket = open(network, SocketType.DGRAM);
    for (let i = 0; i < 3; i++) network.send(socket, pieces(counting(0, 20)), NAME_SERVER);
    expect(nameServer.datagrams).toHaveLength(1);
  });
});

describe("a lookup", () => {
  test("is refused for names of no rule", () => {
    const network = networkOf(["one.test:80"]);
    expect(network.startLookup("two.test", 0)).toBe(-Errno.ACCES);
    expect({ refused, lookups: driver.lookups }).toEqual({ refused: ["lookup two.test"], lookups: [] });
  });

  test("has the addresses of a family, and lets the policy learn all", () => {
    const network = networkOf(["one.test:80"]);
    const lookup = startLookup(network, "one.test", Family.INET6);
    expect([lookup.isOver, lookup.finish()]).toEqual([false, -Errno.INPROGRESS]);
    driver.lookups[0]!.answer([V4, V6]);
    expect([lookup.isOver, lookup.finish()]).toEqual([true, [V6]]);
    expect(outcome(network.startConnect(open(network), PEER))).toBe(0);
  });

  test("tells a resolver that is to be asked later from one that is not finished", () => {
    const lookup = startLookup(networkOf(["one.test"]), "one.test");
    driver.lookups[0]!.answer(Errno.AGAIN);
    expect([lookup.isOver, lookup.finish()]).toEqual([true, Errno.AGAIN]);
  });

  test("of a name without addresses of the family is NOENT", () => {
    const lookup = startLookup(networkOf(["one.test"]), "one.test", Family.INET6);
    driver.lookups[0]!.answer([V4]);
    expect(lookup.finish()).toBe(-Errno.NOENT);
  });
});

describe("what is dropped", () => {
  test("is a lookup: the driver is told, and the policy learns nothing", () => {
    const network = networkOf(["one.test:80"]);
    const lookup = startLookup(network, "one.test");
    lookup.cancel();
    expect([driver.lookups[0]!.isCancelled, lookup.isOver, lookup.finish()]).toEqual([true, true, -Errno.CANCELED]);
    expect(wake.wakers.size).toBe(0);
    driver.lookups[0]!.answer([V4]);
    expect(lookup.finish()).toBe(-Errno.CANCELED);
    expect(outcome(network.startConnect(open(network), PEER))).toBe("INPROGRESS");
  });

  test("is not a lookup that is over", () => {
    const lookup = startLookup(networkOf(["one.test"]), "one.test");
    driver.lookups[0]!.answer([V4]);
    lookup.cancel();
    expect([driver.lookups[0]!.isCancelled, lookup.finish()]).toEqual([false, [V4]]);
  });

  test("are the lookups of a socket that is closed, and who waits for them is woken", () => {
    const network = networkOf(["one.test:80", "two.test:80"]);
    const socket = open(network);
    network.startConnect(socket, PEER);
    driver.lookups[0]!.answer([V4]);
    const { pollable, interest } = socket.operation!;
    let wakes = 0;
    const unsubscribe = pollable.subscribe(interest, () => wakes++)!;
    socket.close();
    expect([wakes, pollable.readiness(interest)]).toEqual([1, Interest.READ]);
    expect(driver.lookups.map(({ isCancelled }) => isCancelled)).toEqual([false, true]);
    expect(outcome(socket.finish())).toBe("CANCELED");
    expect([socket.operation, driver.connections]).toEqual([undefined, []]);
    unsubscribe();
    expect(wake.wakers.size).toBe(0);
  });

  test("is a connect in progress: its connection is reset", () => {
    driver.opening = "later";
    const network = networkOf(["192.0.2.1:80"]);
    const socket = open(network);
    network.startConnect(socket, PEER);
    socket.close();
    expect(driver.connections[0]!.calls).toContain("reset");
  });
});
