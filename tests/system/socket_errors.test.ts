/** Errors that no network of a test gives: what a driver says is what the guest gets. */

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventNetwork } from "../../src/core/net/events/network.ts";
import { GuestWakeSource } from "../../src/core/net/events/wake_source.ts";
import { Family, SocketOption, SocketType } from "../../src/contract/network.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { Errno } from "../../src/witx/errno.ts";
import { counting, loopback, ScriptedDriver } from "../unit/scripted_driver.ts";
import { failed } from "./caller.ts";
import { poll } from "./poll_suite.ts";
import { makeSocketSystem, type SocketSubject } from "./socket_systems.ts";
import { v4 } from "./socket_caller.ts";
import { resultFromErrno } from "../../src/contract/results.ts";

const platform = detectPlatform()();
let driver: ScriptedDriver;
let subject: SocketSubject;

beforeEach(async () => {
  driver = new ScriptedDriver();
  subject = await makeSocketSystem({ platform, network: eventNetwork(driver) });
});
afterEach(() => subject.system.close());

describe("a connect that fails", () => {
  const ERRORS = ["TIMEDOUT", "HOSTUNREACH", "NETUNREACH", "CONNREFUSED", "ACCES", "ADDRNOTAVAIL", "NOENT"] as const;

  test.each(ERRORS)("answers %s to who waits", async (name) => {
    const { sockets } = subject;
    const connecting = sockets.connect(sockets.mustOpen(), loopback(80));
    setTimeout(() => driver.connections[0]!.events.failed(Errno[name]), 2);
    expect(await connecting).toBe(name);
  });

  test.each(ERRORS)("keeps %s for who does not", async (name) => {
    const { sockets, system } = subject;
    const fd = sockets.mustOpen();
    sockets.nonBlocking(fd);
    expect(await sockets.connect(fd, loopback(80))).toBe("INPROGRESS");
    setTimeout(() => driver.connections[0]!.events.failed(Errno[name]), 2);
    expect(await poll(system, [{ write: fd }])).toEqual([{ index: 0, error: "SUCCESS", nbytes: 0, flags: 1 }]);
    expect([sockets.error(fd), sockets.error(fd)]).toEqual([name, "SUCCESS"]);
  });

  test("takes no longer than SNDTIMEO, and is INPROGRESS then", async () => {
    const { sockets } = subject;
    const fd = sockets.mustOpen();
    sockets.set(fd, SocketOption.SNDTIMEO, 8e6);
    expect(await sockets.connect(fd, loopback(80))).toBe("INPROGRESS");
    expect(await sockets.connect(fd, loopback(80))).toBe("ALREADY");
    driver.connections[0]!.events.opened();
    expect(await sockets.connect(fd, loopback(80))).toBe("ISCONN");
  });
});

describe("a bind that fails", () => {
  test.each(["ADDRINUSE", "ADDRNOTAVAIL", "ACCES"] as const)("answers %s", async (name) => {
    const { sockets } = subject;
    const binding = sockets.bind(sockets.mustOpen(), loopback(80));
    setTimeout(() => driver.listeners[0]!.events.failed(Errno[name]), 2);
    expect(await binding).toBe(name);
    const datagrams = sockets.bind(sockets.mustOpen(Family.INET, SocketType.DGRAM), loopback(80));
    setTimeout(() => driver.datagrams[0]!.events.failed(Errno[name]), 2);
    expect(await datagrams).toBe(name);
  });

  test("although nobody asked for it is told to who sends, not tried for ever", async () => {
    const { sockets } = subject;
    const fd = sockets.mustOpen(Family.INET, SocketType.DGRAM);
    const sending = sockets.send(fd, "x", loopback(9));
    setTimeout(() => driver.datagrams[0]!.events.failed(Errno.ADDRNOTAVAIL), 2);
    expect(await sending).toEqual(failed("ADDRNOTAVAIL"));
    expect(driver.datagrams).toHaveLength(1);
  });
});

describe("a socket that can't be", () => {
  test.each(["AFNOSUPPORT", "PROTONOSUPPORT", "MFILE"] as const)("is %s", (name) => {
    driver.supported = Errno[name];
    expect(subject.sockets.open()).toEqual(failed(name));
  });
});

describe("an option", () => {
  test("whose value the system does not tell is an error, not a value", () => {
    const { sockets } = subject;
    driver.opening = "now";
    const fd = sockets.mustOpen();
    void sockets.connect(fd, loopback(80));
    driver.connections[0]!.getOption = () => -Errno.BADF;
    expect(sockets.get(fd, SocketOption.SNDBUF)).toEqual(failed("BADF"));
    driver.connections[0]!.refused.set(SocketOption.SNDBUF, Errno.NOBUFS);
    expect(sockets.set(fd, SocketOption.SNDBUF, 1)).toBe("NOBUFS");
  });
});

describe("a lookup", () => {
  test.each([
    [Errno.NOENT, "NOENT"],
    [Errno.ACCES, "ACCES"],
    [Errno.IO, "IO"],
    [Errno.AGAIN, "AGAIN"],
  ])("that ends with errno %d answers %s", async (errno, name) => {
    const looking = subject.sockets.lookup("some.test");
    setTimeout(() => driver.lookups[0]!.answer(resultFromErrno(errno)), 2);
    expect(await looking).toEqual(failed(name as "NOENT"));
  });

  test("answers all addresses, in their order", async () => {
    const looking = subject.sockets.lookup("some.test");
    const addresses = [v4("10.0.0.2", 0), v4("10.0.0.1", 0)];
    setTimeout(() => driver.lookups[0]!.answer(addresses), 2);
    expect(await looking).toEqual(addresses);
  });

  test("of an address asks nobody, and knows its family", () => {
    const network = eventNetwork(driver);
    const wake = new GuestWakeSource();
    const lookup = network.lookup("::1", Family.INET6, wake);
    expect(lookup.readiness(1)).toBe(1);
    expect(lookup.result()).toEqual([{ family: Family.INET6, host: "::1", port: 0 }]);
    expect(network.lookup("::1", Family.INET, wake).result()).toBe(-Errno.NOENT);
    lookup.cancel();
    expect(driver.lookups).toEqual([]);
  });

  test("can be given up", () => {
    const lookup = eventNetwork(driver).lookup("some.test", 0, new GuestWakeSource());
    expect([lookup.readiness(1), lookup.result()]).toEqual([0, -Errno.AGAIN]);
    lookup.cancel();
    expect(driver.lookups[0]!.isCancelled).toBe(true);
  });
});

test("a connection that breaks wakes the guest that waits for bytes", async () => {
  driver.opening = "now";
  const { sockets } = subject;
  const fd = sockets.mustOpen();
  expect(await sockets.connect(fd, loopback(80))).toBe("SUCCESS");
  const peer = driver.connections[0]!;
  const receiving = sockets.receive(fd);
  setTimeout(() => peer.events.received(counting(97, 3)), 2);
  expect(await receiving).toBe("abc");
  const again = sockets.receive(fd);
  setTimeout(() => peer.events.failed(Errno.TIMEDOUT), 2);
  expect(await again).toEqual(failed("TIMEDOUT"));
});
