/** Scripts of sockets. */

import { expect } from "vitest";
import type { Field } from "./command_guest.ts";
import { does, type Script } from "./command_scripts.ts";
import { code, made } from "./file_script.ts";

const IPV4 = 0;
const LOCAL = [127, 0, 0, 1] as const;

/** An address as fields of a command: IPv4, and its port. */
export function ipv4(port: number, [a, b, c, d]: readonly number[] = LOCAL): readonly Field[] {
  return [IPV4, port, a!, b!, c!, d!, 0, 0, 0, 0, 0, 0];
}

function* listener(): Script<{ readonly socket: string; readonly port: number }> {
  const [socket] = yield* made("create-tcp-socket", IPV4);
  yield* made("tcp-bind", socket!, ...ipv4(0));
  yield* made("tcp-listen", socket!);
  const local = yield* made("tcp-local-address", socket!);
  return { socket: socket!, port: Number(local[4]) };
}

/** A connection of the guest with itself, and datagrams; all of it must be allowed. */
export function* echoScript(): Script {
  const { socket: server, port } = yield* listener();
  const [client] = yield* made("create-tcp-socket", IPV4);
  const [clientIn, clientOut] = yield* made("tcp-connect", client!, ...ipv4(port));
  const [accepted, acceptedIn, acceptedOut] = yield* made("tcp-accept", server);
  yield* made("stream-write", clientOut!, "hello");
  expect(yield* made("stream-read", acceptedIn!, 100)).toEqual(["hello"]);
  yield* made("tcp-shutdown", client!, 1);
  expect(yield* code("stream-read", acceptedIn!, 100)).toBe("closed");
  yield* made("stream-write", acceptedOut!, "world");
  expect(yield* made("stream-read", clientIn!, 100)).toEqual(["world"]);
  for (const stream of [clientIn!, acceptedIn!]) yield* made("drop-input", stream);
  for (const stream of [clientOut!, acceptedOut!]) yield* made("drop-output", stream);
  for (const socket of [client!, accepted!, server]) yield* made("drop-tcp", socket);

  const [one] = yield* made("create-udp-socket", IPV4);
  yield* made("udp-bind", one!, ...ipv4(0));
  const own = Number((yield* made("udp-local-address", one!))[4]);
  const [incoming, outgoing] = yield* made("udp-stream", one!, 0, ...ipv4(0));
  expect(yield* made("udp-send", outgoing!, "datagram", IPV4, own, ...LOCAL)).toEqual(["1"]);
  expect(yield* made("udp-receive", incoming!)).toEqual(["datagram"]);
  yield* made("drop-incoming", incoming!);
  yield* made("drop-outgoing", outgoing!);
  yield* made("drop-udp", one!);
  expect(yield* made("resolve", "127.0.0.1")).toEqual(["127.0.0.1"]);
}

/**
 * What rules for one port of connections and one address of lookups refuse, and do not refuse.
 *
 * @param port Where a connection is allowed, and something listens.
 */
export function* policyScript(port: number): Script {
  const [socket] = yield* made("create-tcp-socket", IPV4);
  expect(yield* code("tcp-bind", socket!, ...ipv4(0))).toBe("access-denied");
  expect(yield* code("tcp-connect", socket!, ...ipv4(1))).toBe("access-denied");
  expect(yield* code("tcp-connect", socket!, ...ipv4(port, [127, 0, 0, 2]))).toBe("access-denied");
  const [input, output] = yield* made("tcp-connect", socket!, ...ipv4(port));
  yield* made("drop-input", input!);
  yield* made("drop-output", output!);
  yield* made("drop-tcp", socket!);

  const [datagrams] = yield* made("create-udp-socket", IPV4);
  expect(yield* code("udp-bind", datagrams!, ...ipv4(53))).toBe("access-denied");
  yield* made("udp-bind", datagrams!, ...ipv4(0, [0, 0, 0, 0]));
  expect(yield* code("udp-stream", datagrams!, 1, ...ipv4(2))).toBe("access-denied");
  const [incoming, outgoing] = yield* made("udp-stream", datagrams!, 0, ...ipv4(0));
  expect(yield* code("udp-send", outgoing!, "no", IPV4, 3, ...LOCAL)).toBe("access-denied");
  expect(yield* made("udp-send", outgoing!, "yes", IPV4, port, ...LOCAL)).toEqual(["1"]);
  yield* made("drop-incoming", incoming!);
  yield* made("drop-outgoing", outgoing!);
  yield* made("drop-udp", datagrams!);

  expect(yield* code("resolve", "example.com")).toBe("access-denied");
  expect(yield* made("resolve", "192.0.2.9")).toEqual(["192.0.2.9"]);
}

/** Refusals of {@linkcode policyScript}, as the host hears of them. */
export function policyRefusals(port: number): string[] {
  return [
    "listen 127.0.0.1:0",
    "connect 127.0.0.1:1",
    `connect 127.0.0.2:${port}`,
    "listen 127.0.0.1:53",
    "connect 127.0.0.1:2",
    "connect 127.0.0.1:3",
    "lookup example.com",
  ];
}

/** A guest without a network has no sockets and no lookups. */
export function* noNetworkScript(): Script {
  for (const name of ["create-tcp-socket", "create-udp-socket"]) {
    expect((yield* does(name, IPV4))[0]).toBe("access-denied");
  }
  expect(yield* code("resolve", "localhost")).toBe("access-denied");
}
