/** Errors that no network of a test gives: each errno of a driver is an error code of wasi:sockets, wherever it comes. */

import { beforeEach, describe, expect, test } from "vitest";
import { resultFromErrno } from "../../src/contract/results.ts";
import { eventNetwork } from "../../src/core/net/events/network.ts";
import { memoryPlatform } from "../../src/platform/memory/platform.ts";
import { Errno } from "../../src/witx/errno.ts";
import { ScriptedDriver } from "../unit/scripted_driver.ts";
import { connectionOr, ipv4, type SocketGuest, socketGuest } from "./socket_guest.ts";

const UDP = "udp-socket";
/** What every operation of a socket may end with. */
const CODES: readonly (readonly [errno: keyof typeof Errno, code: string])[] = [
  ["ACCES", "access-denied"],
  ["PERM", "access-denied"],
  ["NOMEM", "out-of-memory"],
  ["NOBUFS", "out-of-memory"],
  ["TIMEDOUT", "timeout"],
  ["ADDRINUSE", "address-in-use"],
  ["HOSTUNREACH", "remote-unreachable"],
  ["NETUNREACH", "remote-unreachable"],
  ["NETDOWN", "remote-unreachable"],
  ["CONNREFUSED", "connection-refused"],
  ["CONNRESET", "connection-reset"],
  ["CONNABORTED", "connection-aborted"],
  ["NOTSUP", "not-supported"],
  ["IO", "unknown"],
];

let driver: ScriptedDriver;
let guest: SocketGuest;

beforeEach(async () => {
  driver = new ScriptedDriver();
  guest = await socketGuest({ platform: memoryPlatform(), network: eventNetwork(driver), mode: "suspend" });
});

describe.each(CODES)("%s of the system is %s", (name, code) => {
  const errno = Errno[name];

  test("for a connect, at once or later, which closes the socket", async () => {
    const socket = guest.tcp();
    expect(guest.startConnect(socket, ipv4(80))).toBe("ok");
    expect(await guest.finishConnect(socket)).toBe("would-block");
    driver.connections[0]!.events.failed(errno);
    expect(await guest.isReady("tcp-socket", socket)).toBe(true);
    expect(await guest.finishConnect(socket)).toBe(code);
    expect(await guest.finishConnect(socket)).toBe("not-in-progress");
    expect(guest.startConnect(socket, ipv4(80))).toBe("invalid-state");
    driver.opening = { refusal: errno };
    expect(await guest.connect(guest.tcp(), ipv4(80))).toBe(code);
  });

  test("for a bind, at once or later, which can be made again", async () => {
    for (const [kind, made] of [["tcp-socket", guest.tcp()], [UDP, guest.udp()]] as const) {
      expect(guest.startBind(made, ipv4(80), kind)).toBe("ok");
      expect(await guest.finishBind(made, kind)).toBe("would-block");
      (kind === UDP ? driver.datagrams : driver.listeners).at(-1)!.events.failed(errno);
      expect(await guest.finishBind(made, kind)).toBe(code);
      driver.opening = { refusal: errno };
      expect(await guest.bind(made, ipv4(80), kind)).toBe(code);
      driver.opening = "now";
      expect(await guest.bind(made, ipv4(80), kind)).toBe("ok");
      driver.opening = "later";
    }
  });

  test("for a connection that breaks, on both of its streams", async () => {
    driver.opening = "now";
    const { input, output } = connectionOr(await guest.connect(guest.tcp(), ipv4(80)));
    driver.connections[0]!.events.failed(errno);
    const answers = [await guest.read(input, 1), await guest.checkWrite(output)];
    expect(answers).toContain("failed");
    expect(guest.lastErrorCode()).toBe(code);
    // A permit is no promise: what is written then fails, once.
    let answer = await guest.checkWrite(output);
    if (typeof answer === "number") answer = await guest.write(output, Uint8Array.of(1));
    if (answer === "ok") answer = await guest.checkWrite(output);
    expect(["failed", "closed"]).toContain(answer);
    expect([await guest.read(input, 1), await guest.checkWrite(output)]).toEqual(["closed", "closed"]);
  });

  test("for datagrams, once", async () => {
    driver.opening = "now";
    const socket = guest.udp();
    expect(await guest.bind(socket, ipv4(0), UDP)).toBe("ok");
    const [incoming, outgoing] = guest.stream(socket) as readonly [number, number];
    driver.datagrams[0]!.sendErrno = errno;
    expect(await guest.sent(outgoing, ["x", ipv4(9)])).toBe(code);
    driver.datagrams[0]!.sendErrno = undefined;
    expect(await guest.sent(outgoing, ["x", ipv4(9)])).toBe(1);
    driver.datagrams[0]!.events.refused(errno);
    // A reset of UDP is an ICMP message.
    expect(await guest.receive(incoming)).toBe(name === "CONNRESET" ? "remote-unreachable" : code);
    expect(await guest.receive(incoming)).toEqual([]);
  });
});

describe("errors of one operation", () => {
  test("a connect without a port of its own is address-in-use, a bind elsewhere address-not-bindable", async () => {
    driver.opening = { refusal: Errno.ADDRNOTAVAIL };
    expect(await guest.connect(guest.tcp(), ipv4(80))).toBe("address-in-use");
    expect(await guest.bind(guest.tcp(), ipv4(80))).toBe("address-not-bindable");
    expect(await guest.bind(guest.udp(), ipv4(80), UDP)).toBe("address-not-bindable");
  });

  test.each(
    [["AFNOSUPPORT", "not-supported"], ["PROTONOSUPPORT", "not-supported"], ["MFILE", "new-socket-limit"]] as const,
  )(
    "a socket that can't be made for %s is %s",
    (name, code) => {
      driver.supported = Errno[name];
      expect([guest.tcpOrError("ipv6"), guest.udpOrError("ipv4")]).toEqual([code, code]);
    },
  );

  test("a datagram that the system does not take is datagram-too-large", async () => {
    driver.opening = "now";
    const socket = guest.udp();
    await guest.bind(socket, ipv4(0), UDP);
    const [, outgoing] = guest.stream(socket) as readonly [number, number];
    driver.datagrams[0]!.sendErrno = Errno.MSGSIZE;
    expect(await guest.sent(outgoing, ["x", ipv4(9)])).toBe("datagram-too-large");
  });

  test.each(
    [
      ["NOENT", "name-unresolvable"],
      ["AGAIN", "temporary-resolver-failure"],
      ["TIMEDOUT", "temporary-resolver-failure"],
      ["IO", "permanent-resolver-failure"],
      ["ACCES", "access-denied"],
    ] as const,
  )("a lookup that ends with %s is %s, again and again", async (name, code) => {
    const stream = guest.resolve("some.test") as number;
    expect(await guest.next(stream)).toBe("would-block");
    driver.lookups[0]!.answer(resultFromErrno(Errno[name]));
    expect([await guest.next(stream), await guest.next(stream)]).toEqual([code, code]);
  });

  test("a lookup without an address is name-unresolvable", async () => {
    const stream = guest.resolve("some.test") as number;
    driver.lookups[0]!.answer([]);
    expect([await guest.next(stream), await guest.next(stream)]).toEqual(["name-unresolvable", "name-unresolvable"]);
  });

  test("lookups in progress count as open files", async () => {
    const few = await socketGuest(
      { platform: memoryPlatform(), network: eventNetwork(driver), mode: "suspend" },
      { maxOpenFiles: 8 },
    );
    const lookups: number[] = [];
    for (;;) {
      const lookup = few.resolve("some.test");
      if (typeof lookup !== "number") {
        expect(lookup).toBe("out-of-memory");
        break;
      }
      lookups.push(lookup);
      expect(lookups.length).toBeLessThanOrEqual(8);
    }
    few.drop(lookups.pop()!, "resolve-address-stream");
    expect(few.resolve("some.test")).toBeTypeOf("number");
    expect(few.resolve("a b")).toBe("invalid-argument");
  });

  test("a lookup that is dropped is cancelled", () => {
    guest.drop(guest.resolve("some.test") as number, "resolve-address-stream");
    expect(driver.lookups[0]!.isCancelled).toBe(true);
  });
});
