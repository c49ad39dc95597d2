import { describe, expect, test } from "vitest";
import { type VirtualConnection, type VirtualNetwork, virtualNetwork } from "../../src/platform/memory/mod.ts";
import { run } from "wasirun";
import { goGuest } from "../tools/guests.ts";

const AT = { host: "127.0.0.1", port: 80 };
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Both ends of a connection. */
async function pair(
  virtual: VirtualNetwork = virtualNetwork(),
): Promise<{ client: VirtualConnection; server: VirtualConnection }> {
  const listener = virtual.listen(AT);
  const client = await virtual.connect(AT);
  const { value: server } = await listener[Symbol.asyncIterator]().next();
  listener.close();
  return { client, server };
}

async function text(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
}

describe("a connection of the host program", () => {
  test("knows both addresses", async () => {
    const { client, server } = await pair();
    expect(server.localAddress).toEqual(AT);
    expect(client.remoteAddress).toEqual(AT);
    expect(client.localAddress).toEqual(server.remoteAddress);
  });

  test("ends in one direction, then in the other, and is closed then", async () => {
    const { client, server } = await pair();
    const question = client.writable.getWriter();
    await question.write(bytes("question"));
    await question.close();
    expect(await text(server.readable)).toBe("question");
    let isClosed = false;
    const closed = client.closed.then(() => isClosed = true);
    await sleep(1);
    expect(isClosed).toBe(false);
    const answer = server.writable.getWriter();
    await answer.write(bytes("answer"));
    await answer.close();
    expect(await text(client.readable)).toBe("answer");
    await closed;
    await server.closed;
  });

  test("carries megabytes as fast as they are read, with bounded memory", async () => {
    const { client, server } = await pair();
    const writer = client.writable.getWriter();
    let sent = 0;
    const sending = (async () => {
      for (; sent < 100; sent++) await writer.write(new Uint8Array(100_000).fill(sent));
      await writer.close();
    })();
    await sleep(20);
    expect(sent).toBeLessThan(10);
    let size = 0;
    for await (const piece of server.readable) {
      expect(piece.every((byte, i) => byte === Math.floor((size + i) / 100_000))).toBe(true);
      size += piece.length;
    }
    expect(size).toBe(10_000_000);
    await sending;
  });

  test("sends what a Buffer had when it was written", async () => {
    const { client, server } = await pair();
    const buffer = Buffer.from("..text..");
    const writer = client.writable.getWriter();
    const written = writer.write(buffer.subarray(2, 6));
    await written;
    buffer.fill(0);
    await writer.close();
    expect(await text(server.readable)).toBe("text");
  });

  test("takes nothing but bytes", async () => {
    const { client, server } = await pair();
    const writer = client.writable.getWriter();
    await expect(writer.write("text" as unknown as Uint8Array)).rejects.toThrow("takes Uint8Arrays");
    server.abort();
  });

  test.each([
    ["abort", (end: VirtualConnection, reason: Error) => end.abort(reason)],
    ["abort of the writable", (end: VirtualConnection, reason: Error) => void end.writable.abort(reason)],
  ])("that is ended by %s fails at both ends", async (_name, abort) => {
    const { client, server } = await pair();
    abort(client, new Error("enough"));
    await expect(client.closed).rejects.toThrow("enough");
    await expect(text(client.readable)).rejects.toThrow("enough");
    await expect(server.closed).rejects.toMatchObject({ name: "VirtualNetworkError", code: "CONNRESET" });
    await expect(text(server.readable)).rejects.toMatchObject({ code: "CONNRESET" });
    await expect(server.writable.getWriter().write(bytes("x"))).rejects.toMatchObject({ code: "CONNRESET" });
  });

  test("that is aborted while a write waits for room lets the write fail", async () => {
    const { client, server } = await pair();
    const write = client.writable.getWriter().write(new Uint8Array(2_000_000));
    await sleep(1);
    server.abort();
    await expect(write).rejects.toMatchObject({ code: "CONNRESET" });
  });

  test("whose readable is cancelled drops what comes, and still sends", async () => {
    const { client, server } = await pair();
    await client.readable.cancel();
    const writer = server.writable.getWriter();
    await writer.write(new Uint8Array(2_000_000));
    const own = client.writable.getWriter();
    await own.write(bytes("still here"));
    await own.close();
    expect(await text(server.readable)).toBe("still here");
    await client.closed;
  });

  test.each([
    ["nobody listens", { port: 81 }, "CONNREFUSED", "Cannot connect to localhost:81: CONNREFUSED"],
    ["no such address", { host: "192.0.2.1", port: 80 }, "NETUNREACH", "Cannot connect to 192.0.2.1:80: NETUNREACH"],
    ["no such name", { host: "nobody.test", port: 80 }, "NOENT", "Cannot find nobody.test:80: NOENT"],
    ["no such path", { path: "/nobody" }, "NOENT", "Cannot connect to unix:/nobody: NOENT"],
  ])("can't be made: %s", async (_name, address, code, message) => {
    await expect(virtualNetwork().connect(address)).rejects.toMatchObject({ code, message });
  });

  test("tries all addresses of a name", async () => {
    const virtual = virtualNetwork();
    virtual.listen({ host: "::1", port: 80 });
    expect((await virtual.connect({ host: "localhost", port: 80 })).remoteAddress).toEqual({ host: "::1", port: 80 });
  });

  test("can be given up while it is opened", async () => {
    const virtual = virtualNetwork();
    const controller = new AbortController();
    const connection = virtual.connect({ port: 81 }, { signal: controller.signal });
    controller.abort(new Error("changed my mind"));
    await expect(connection).rejects.toThrow("changed my mind");
    await expect(virtual.connect({ port: 81 }, { signal: controller.signal })).rejects.toThrow("changed my mind");
  });
});

describe("a listener of the host program", () => {
  test("gives connections in order, and ends when it is closed", async () => {
    const virtual = virtualNetwork();
    const listener = virtual.listen({ port: 0 });
    expect(listener.address).toMatchObject({ host: "127.0.0.1" });
    const ports: number[] = [];
    const taken = (async () => {
      for await (const { remoteAddress } of listener) ports.push((remoteAddress as { port: number }).port);
    })();
    const clients = [];
    for (let i = 0; i < 3; i++) clients.push(await virtual.connect(listener.address));
    await sleep(1);
    listener.close();
    await taken;
    expect(ports).toEqual(clients.map(({ localAddress }) => (localAddress as { port: number }).port));
    await expect(virtual.connect(listener.address)).rejects.toMatchObject({ code: "CONNREFUSED" });
  });

  test("that nobody iterates lets connections wait, and resets those it opened when it is closed", async () => {
    const virtual = virtualNetwork();
    const listener = virtual.listen(AT);
    let opened = 0;
    const all = Array.from({ length: 300 }, () => virtual.connect(AT).then((connection) => (opened++, connection)));
    await sleep(5);
    expect(opened).toBe(128);
    const connections = listener[Symbol.asyncIterator]();
    for (let i = 0; i < 300; i++) await connections.next();
    await Promise.all(all);
    expect(opened).toBe(300);
    const last = await virtual.connect(AT);
    listener.close();
    await expect(last.closed).rejects.toMatchObject({ code: "CONNRESET" });
  });

  test("can't listen where someone does, or where nobody can", () => {
    const virtual = virtualNetwork();
    virtual.listen(AT);
    expect(() => virtual.listen(AT)).toThrow("Cannot listen at 127.0.0.1:80: ADDRINUSE");
    expect(() => virtual.listen({ host: "192.0.2.1", port: 80 })).toThrow("ADDRNOTAVAIL");
    expect(() => virtual.listen({ port: -1 })).toThrow("from 0 to 65535");
    expect(() => virtual.listen({ path: "" })).toThrow("empty path");
  });
});

describe("waiting for a listener", () => {
  test("ends with the address, now or later", async () => {
    const virtual = virtualNetwork();
    const later = virtual.listening({ port: 80 });
    const any = virtual.listening();
    virtual.listen({ path: "/a" });
    virtual.listen({ host: "0.0.0.0", port: 80 });
    expect(await later).toEqual({ host: "0.0.0.0", port: 80 });
    expect(await any).toEqual({ host: "0.0.0.0", port: 80 });
    expect(await virtual.listening({ path: "/a" })).toEqual({ path: "/a" });
    expect(await virtual.listening()).toEqual({ host: "0.0.0.0", port: 80 });
  });

  test("is given up by its signal", async () => {
    const controller = new AbortController();
    const waiting = virtualNetwork().listening({ port: 80 }, { signal: controller.signal });
    controller.abort(new Error("too long"));
    await expect(waiting).rejects.toThrow("too long");
  });
});

test("guests talk to one another and to the host program", async () => {
  const virtual = virtualNetwork({ hosts: { "first.test": "10.0.0.1" } });
  const guest = await goGuest("listenfds");
  const first = run(guest, { net: { network: virtual.network, listen: ["a=10.0.0.1:7"] }, stdout: "text" });
  await virtual.listening({ host: "first.test", port: 7 });
  const second = run(guest, { net: { network: virtual.network, dial: ["dial1=10.0.0.1:7"] }, stdout: "text" });
  expect((await second).stdout).toContain("dial1 got: ");
  expect((await first).exitCode).toBe(0);

  const third = run(guest, { net: { network: virtual.network, listen: ["b=10.0.0.1:8"] }, stdout: "null" });
  await virtual.listening({ port: 8, host: "first.test" });
  const connection = await virtual.connect({ host: "first.test", port: 8 });
  const writer = connection.writable.getWriter();
  await writer.write(bytes("hello from the host\n"));
  expect(await text(connection.readable)).toContain("hello from the host");
  await writer.close();
  expect((await third).exitCode).toBe(0);
});
