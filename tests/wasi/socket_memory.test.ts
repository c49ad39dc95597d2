/** How wasi:sockets treats the memory of a guest, and its handles. */

import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { ComponentTrap } from "../../src/component/link/trap.ts";
import { openFiles } from "../../src/wasi/open_files.ts";
import { pendingOutput } from "../../src/wasi/p2/io/guest_io.ts";
import { AddressMemory } from "../../src/wasi/p2/sockets/address_memory.ts";
import {
  socketAddressOf,
  type SocketAddressValue,
  socketAddressValue,
} from "../../src/wasi/p2/sockets/address_values.ts";
import { virtualBackend } from "../system/socket_systems.ts";
import { connectionOr, ipv4, type SocketGuest, socketGuest } from "./socket_guest.ts";

const UDP = "wasi:sockets/udp@0.2";
const TCP = "wasi:sockets/tcp@0.2";

const backend = await virtualBackend();
let guest: SocketGuest;

beforeEach(async () => {
  guest = await socketGuest(backend);
});

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const groups = fc.array(u16, { minLength: 8, maxLength: 8 });
const octets = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 });
const addresses: fc.Arbitrary<SocketAddressValue> = fc.oneof(
  fc.record({ tag: fc.constant("ipv4" as const), val: fc.record({ port: u16, address: octets }) }),
  fc.record({
    tag: fc.constant("ipv6" as const),
    val: fc.record({ port: u16, flowInfo: u32, address: groups, scopeId: u32 }),
  }),
);

describe("addresses", () => {
  test("are the same as values and back", () => {
    fc.assert(fc.property(addresses, (value) => {
      expect(socketAddressValue(socketAddressOf(value))).toEqual(value);
    }));
  });

  test("are the same in memory and back, whatever was there before", () => {
    const { cx } = guest.component;
    const at = guest.component.room(32, 4);
    const [writer, reader] = [new AddressMemory(), new AddressMemory()];
    cx.enter();
    fc.assert(fc.property(fc.array(addresses, { minLength: 1, maxLength: 4 }), fc.nat(255), (values, filler) => {
      for (const value of values) {
        cx.bytes.fill(filler, at, at + 32);
        const address = socketAddressOf(value);
        writer.store(cx, at, address);
        expect(reader.load(cx, at)).toEqual(address);
        expect(new AddressMemory().load(cx, at)).toEqual(address);
      }
    }));
  });

  test("lie in memory as the canonical ABI has it", () => {
    const { cx } = guest.component;
    const at = guest.component.room(32, 4);
    cx.enter();
    new AddressMemory().store(cx, at, socketAddressOf(ipv4(0x1234, 1, 2, 3, 4)));
    expect([...cx.bytes.slice(at, at + 10)]).toEqual([0, 0, 0, 0, 0x34, 0x12, 1, 2, 3, 4]);
    const address = [0x2001, 2, 3, 4, 5, 6, 7, 0x0809];
    const value = { tag: "ipv6", val: { port: 0x1234, flowInfo: 0x0a0b0c0d, address, scopeId: 0x01020304 } } as const;
    new AddressMemory().store(cx, at, socketAddressOf(value));
    const stored = cx.bytes.slice(at, at + 32);
    expect([...stored.slice(0, 16)]).toEqual([1, 0, 0, 0, 0x34, 0x12, 0, 0, 0x0d, 0x0c, 0x0b, 0x0a, 1, 0x20, 2, 0]);
    expect([...stored.slice(26)]).toEqual([9, 8, 4, 3, 2, 1]);
  });
});

describe("a guest that breaks the rules ends by a trap", () => {
  const END = 2 ** 32 - 8;

  test("a result beyond the end of memory", async () => {
    const { socket } = await guest.listener();
    const trapped = (name: string): unknown => guest.component.call(TCP, `[method]tcp-socket.${name}`, socket, END | 0);
    for (const name of ["accept", "finish-bind", "finish-listen", "finish-connect"]) {
      expect(() => trapped(name)).toThrow(ComponentTrap);
    }
  });

  test("a result that is not aligned", async () => {
    const { socket } = await guest.listener();
    expect(() => guest.component.call(TCP, "[method]tcp-socket.accept", socket, guest.component.room(32) + 2))
      .toThrow(ComponentTrap);
  });

  test("handles that do not exist, are of another type, or were dropped", async () => {
    const { socket } = await guest.listener();
    const at = guest.component.room(32);
    for (const handle of [0, 99, -1]) {
      expect(() => guest.component.call(TCP, "[method]tcp-socket.accept", handle, at)).toThrow(ComponentTrap);
    }
    expect(() => guest.component.call(UDP, "[method]udp-socket.finish-bind", socket, at)).toThrow(ComponentTrap);
    guest.drop(socket, "tcp-socket");
    expect(() => guest.component.call(TCP, "[method]tcp-socket.accept", socket, at)).toThrow(ComponentTrap);
  });

  test("a family that does not exist", () => {
    const create = "wasi:sockets/tcp-create-socket@0.2";
    expect(() => guest.component.call(create, "create-tcp-socket", 2, guest.component.room(8))).toThrow(ComponentTrap);
  });

  test.each(
    [
      ["a list beyond the end of memory", (): [number, number] => [END | 0, 1]],
      ["a list that is longer than memory", (): [number, number] => [8, -1]],
      ["data beyond the end of memory", (): [number, number] => [datagram({ 0: END, 4: 100 }), 1]],
      ["an option that does not exist", (): [number, number] => [datagram({ 8: 2 }), 1]],
      ["a family that does not exist", (): [number, number] => [datagram({ 8: 1, 12: 2 }), 1]],
    ] as const,
  )("datagrams: %s", async (_what, list) => {
    const socket = guest.udp();
    expect(await guest.bind(socket, ipv4(0), "udp-socket")).toBe("ok");
    const [, outgoing] = guest.stream(socket) as readonly [number, number];
    expect(await guest.checkSend(outgoing)).toBeGreaterThan(0);
    const send = "[method]outgoing-datagram-stream.send";
    expect(() => guest.component.call(UDP, send, outgoing, ...list(), guest.component.room(16))).toThrow(ComponentTrap);
  });

  function datagram(words: Readonly<Record<number, number>>): number {
    const at = guest.component.room(44, 4);
    for (const [offset, word] of Object.entries(words)) guest.component.view.setUint32(at + Number(offset), word, true);
    return at;
  }
});

describe("a guest without room for handles", () => {
  test("makes no socket, and a connection waits until there is room", async () => {
    guest = await socketGuest(backend, { maxOpenFiles: 6 });
    const { socket, address } = await guest.listener();
    const client = connectionOr(await guest.connect(guest.tcp(), address));
    const spare = guest.udp();
    await guest.wait("tcp-socket", socket);
    expect(await guest.accept(socket)).toBe("new-socket-limit");
    expect(guest.tcpOrError("ipv4")).not.toBe("new-socket-limit");
    expect(guest.tcpOrError("ipv4")).toBe("new-socket-limit");
    expect(guest.udpOrError("ipv4")).toBe("new-socket-limit");
    guest.drop(spare, "udp-socket");
    guest.drop(client.input, "input-stream");
    guest.drop(client.output, "output-stream");
    connectionOr(await guest.accept(socket));
  });
});

describe("a guest with as many sockets as it may have", () => {
  test("makes no more, and a connection waits until one is closed", async () => {
    // Handles are counted too; sockets are fewer.
    guest = await socketGuest(backend, { maxOpenFiles: 8192 });
    const { socket, address } = await guest.listener();
    const client = connectionOr(await guest.connect(guest.tcp(), address));
    await guest.wait("tcp-socket", socket);
    const files = guest.component.interfaces.host.shared(openFiles);
    for (let i = 0; i < 8190; i++) expect(files.take()).toBe(true);
    expect(await guest.accept(socket)).toBe("new-socket-limit");
    expect(guest.tcpOrError("ipv4")).toBe("new-socket-limit");
    expect(guest.udpOrError("ipv4")).toBe("new-socket-limit");
    guest.drop(client.input, "input-stream");
    guest.drop(client.socket, "tcp-socket");
    expect(await guest.accept(socket)).toBe("new-socket-limit");
    guest.drop(client.output, "output-stream");
    const server = connectionOr(await guest.accept(socket));
    expect(await guest.accept(socket)).toBe("new-socket-limit");
    guest.drop(server.input, "input-stream");
    guest.drop(server.output, "output-stream");
    guest.drop(server.socket, "tcp-socket");
    expect(await guest.accept(socket)).toBe("would-block");
    expect(guest.udpOrError("ipv4")).toBeTypeOf("number");
  });
});

describe("the end of a guest", () => {
  test("closes a connection whose bytes are still queued", async () => {
    const { client, server } = await guest.pair();
    while (await guest.checkWrite(client.output) !== 0) {
      expect(await guest.write(client.output, new Uint8Array(65_536))).toBe("ok");
    }
    guest.drop(client.socket, "tcp-socket");
    guest.drop(client.input, "input-stream");
    guest.drop(client.output, "output-stream");
    expect(guest.component.interfaces.host.shared(pendingOutput).isEmpty).toBe(false);
    guest.component.interfaces.close();
    expect(guest.component.interfaces.host.shared(pendingOutput).isEmpty).toBe(true);
    expect((await guest.readAll(server.input)).length).toBeGreaterThan(0);
  });
});
