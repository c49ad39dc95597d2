/** How much fits into a socket of the system. */

import { afterEach, beforeEach, expect, test } from "vitest";
import { Family, Shutdown, SocketType } from "../../src/contract/network.ts";
import { Errno } from "../../src/witx/errno.ts";
import { RawSockets } from "./raw_sockets.ts";

let sockets = new RawSockets();

beforeEach(() => {
  sockets = new RawSockets();
});

afterEach(() => sockets.close());

test("a connection takes what it says, until it is full", () => {
  const [client] = sockets.pair(sockets.listener());
  expect(client.flush()).toBe(0);
  const bytes = new Uint8Array(1 << 20);
  const send = (length: number): number => {
    const iovs = { bytes, starts: Uint32Array.of(0), lengths: Uint32Array.of(length), count: 1 };
    return client.send(iovs, undefined);
  };
  let sent = 0;
  for (;;) {
    client.group.refresh();
    const permit = client.writableBytes();
    if (permit === 0) break;
    const count = send(permit);
    if (count === -Errno.AGAIN) break;
    expect(count).toBeGreaterThan(0);
    sent += count;
  }
  expect(sent).toBeGreaterThan(0);
  expect(client.writableBytes()).toBe(0);
  expect(send(1 << 20)).toBe(-Errno.AGAIN);
});

test("a socket that is not connected, or shut down, takes nothing", () => {
  const { socket } = sockets.open();
  expect(socket.writableBytes()).toBe(-Errno.NOTCONN);
  const [client, server] = sockets.pair(sockets.listener());
  client.shutdown(Shutdown.WR);
  server.shutdown(Shutdown.WR);
  client.group.refresh();
  expect([0, -Errno.PIPE]).toContain(client.writableBytes() > 0 ? 0 : client.writableBytes());
});

test("a datagram socket takes a datagram", () => {
  const { socket } = sockets.open(Family.INET, SocketType.DGRAM);
  expect(socket.writableBytes()).toBe(65_507);
  expect(socket.flush()).toBe(0);
});
