import { describe, expect, test } from "vitest";
import { Family, type SocketAddress, SocketOption } from "../../src/contract/network.ts";
import type { SocketDriver } from "../../src/core/net/events/driver.ts";
import { virtualNetwork } from "../../src/platform/memory/mod.ts";
import { Errno } from "../../src/witx/errno.ts";
import type { StreamListener } from "../../src/platform/memory/network/stream_listener.ts";
import { driverSuite } from "./driver_suite.ts";
import { connect, type End, listen, openDatagram, settle, unix, v4, v6 } from "./driver_ends.ts";

const LOCALHOST = v4("127.0.0.1", 80);

function network(hosts: Record<string, string> = {}): SocketDriver {
  return virtualNetwork({ hosts }).driver;
}

/** Two ends of a connection; what was told while it was opened is forgotten. */
async function pair(driver: SocketDriver, address: SocketAddress = LOCALHOST): Promise<{ client: End; server: End }> {
  const listener = listen(driver, address);
  const client = connect(driver, listener.address);
  await settle();
  const server = listener.ends[0]!;
  listener.handle.close();
  expect([client.log, server.log]).toEqual([["opened"], []]);
  client.log.length = 0;
  return { client, server };
}

describe("addresses of streams", () => {
  test("both ends know both addresses", async () => {
    const { client, server } = await pair(network());
    expect(client.handle.peerAddress()).toEqual(LOCALHOST);
    expect(server.handle.localAddress()).toEqual(LOCALHOST);
    expect(client.handle.localAddress()).toEqual(server.handle.peerAddress());
    expect(client.handle.localAddress().port).toBeGreaterThanOrEqual(49152);
  });

  test.each([
    ["IPv4, by its address", v4("127.0.0.1", 80), v4("127.0.0.1", 80), "127.0.0.1", "127.0.0.1"],
    ["another address of loopback", v4("127.1.2.3", 80), v4("127.1.2.3", 80), "127.1.2.3", "127.0.0.1"],
    ["the wildcard of IPv4", v4("0.0.0.0", 80), v4("127.0.0.1", 80), "127.0.0.1", "127.0.0.1"],
    ["a name's address", v4("10.0.0.7", 80), v4("10.0.0.7", 80), "10.0.0.7", "10.0.0.7"],
    ["the wildcard, by a name's address", v4("0.0.0.0", 80), v4("10.0.0.7", 80), "10.0.0.7", "10.0.0.7"],
    ["the wildcard as destination", v4("127.0.0.1", 80), v4("0.0.0.0", 80), "127.0.0.1", "127.0.0.1"],
    ["IPv6", v6("::1", 80), v6("::1", 80), "::1", "::1"],
    ["the wildcard of IPv6", v6("::", 80), v6("::1", 80), "::1", "::1"],
    ["dual stack", v6("::", 80), v4("127.0.0.1", 80), "::ffff:127.0.0.1", "::ffff:127.0.0.1"],
    ["a mapped destination", v4("127.0.0.1", 80), v6("::ffff:127.0.0.1", 80), "127.0.0.1", "127.0.0.1"],
    ["a mapped listener", v6("::ffff:127.0.0.1", 80), v4("127.0.0.1", 80), "::ffff:127.0.0.1", "::ffff:127.0.0.1"],
  ])("reached: %s", async (_name, at, to, local, peer) => {
    const driver = network({ "db.test": "10.0.0.7" });
    const listener = listen(driver, at);
    const client = connect(driver, to);
    await settle();
    expect(client.log).toEqual(["opened"]);
    expect(listener.ends[0]!.handle.localAddress()).toEqual({ family: at.family, host: local, port: 80 });
    expect(listener.ends[0]!.handle.peerAddress()).toMatchObject({ family: at.family, host: peer });
    expect(client.handle.peerAddress().family).toBe(to.family);
    expect(client.handle.localAddress().family).toBe(to.family);
  });

  test.each([
    ["nobody listens", v4("127.0.0.1", 81), "CONNREFUSED"],
    ["another address", v4("127.0.0.2", 80), "CONNREFUSED"],
    ["IPv6 where IPv4 listens", v6("::1", 80), "CONNREFUSED"],
    ["an address of nobody", v4("192.0.2.1", 80), "NETUNREACH"],
    ["an IPv6 address of nobody", v6("2001:db8::1", 80), "NETUNREACH"],
    ["a path of nobody", unix("/nobody"), "NOENT"],
  ])("not reached: %s", async (_name, to, errno) => {
    const driver = network();
    listen(driver, LOCALHOST);
    const client = connect(driver, to);
    expect(client.log).toEqual([]);
    await settle();
    expect(client.log).toEqual([`failed ${errno}`]);
  });

  test("IPv4 is not reached where V6ONLY is set, and may be listened at beside it", async () => {
    const driver = network();
    listen(driver, v6("::", 80), new Map([[SocketOption.V6ONLY, 1]]));
    const refused = connect(driver, LOCALHOST);
    await settle();
    expect(refused.log).toEqual(["failed CONNREFUSED"]);
    expect(listen(driver, v4("0.0.0.0", 80)).log).toEqual(["listening"]);
  });

  test.each([
    ["twice the same", LOCALHOST, LOCALHOST, "failed ADDRINUSE"],
    ["the wildcard over an address", LOCALHOST, v4("0.0.0.0", 80), "failed ADDRINUSE"],
    ["an address beneath the wildcard", v4("0.0.0.0", 80), LOCALHOST, "failed ADDRINUSE"],
    ["an address beneath a dual stack", v6("::", 80), LOCALHOST, "failed ADDRINUSE"],
    ["two addresses", LOCALHOST, v4("127.0.0.2", 80), "listening"],
    ["two ports", LOCALHOST, v4("127.0.0.1", 81), "listening"],
    ["two families", LOCALHOST, v6("::1", 80), "listening"],
    ["twice the same path", unix("/a"), unix("/a"), "failed ADDRINUSE"],
    ["a foreign address", LOCALHOST, v4("192.0.2.1", 80), "failed ADDRNOTAVAIL"],
  ])("listening at %s", (_name, first, second, expected) => {
    const driver = network();
    expect(listen(driver, first).log).toEqual(["listening"]);
    expect(listen(driver, second).log).toEqual([expected]);
  });

  test("an address is free again once its listener is closed, and one that failed takes nothing away", async () => {
    const driver = network();
    const first = listen(driver, LOCALHOST);
    listen(driver, LOCALHOST).handle.close();
    expect(listen(driver, LOCALHOST).log).toEqual(["failed ADDRINUSE"]);
    first.handle.close();
    expect(listen(driver, LOCALHOST).log).toEqual(["listening"]);
    const client = connect(driver, LOCALHOST);
    await settle();
    expect(client.log).toEqual(["opened"]);
    expect(first.ends).toEqual([]);
  });

  test("port 0 is a port of its own each time", () => {
    const driver = network();
    const ports = Array.from({ length: 100 }, () => listen(driver, v4("127.0.0.1", 0)).address.port);
    expect(new Set(ports).size).toBe(100);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(49152);
  });

  test("ports of closed connections are used again", async () => {
    const driver = network();
    listen(driver, LOCALHOST);
    for (let round = 0; round < 5; round++) {
      const clients = Array.from({ length: 4000 }, () => connect(driver, LOCALHOST));
      await settle();
      expect(new Set(clients.map(({ handle }) => handle.localAddress().port)).size).toBe(4000);
      for (const { handle } of clients) handle.close();
    }
    const refused = Array.from({ length: 4000 }, () => connect(driver, v4("127.0.0.1", 81)));
    await settle();
    for (const { log } of refused) expect(log).toEqual(["failed CONNREFUSED"]);
    const all = Array.from({ length: 65536 - 49152 + 1 }, () => connect(driver, LOCALHOST));
    await settle();
    expect(all.filter(({ log }) => log[0] === "opened").length).toBe(65536 - 49152);
    expect(all.at(-1)!.log).toEqual(["failed ADDRNOTAVAIL"]);
  });

  test("a connection can have an address of its own", async () => {
    const driver = network();
    const listener = listen(driver, LOCALHOST);
    const client = connect(driver, LOCALHOST, v4("127.0.0.9", 5000));
    const foreign = connect(driver, LOCALHOST, v4("192.0.2.1", 0));
    const taken = connect(driver, LOCALHOST, v4("0.0.0.0", 80));
    await settle();
    expect(listener.ends[0]!.handle.peerAddress()).toEqual(v4("127.0.0.9", 5000));
    expect(client.handle.localAddress()).toEqual(v4("127.0.0.9", 5000));
    expect([foreign.log, taken.log]).toEqual([["failed ADDRNOTAVAIL"], ["failed ADDRINUSE"]]);
  });
});

describe.each([["TCP", LOCALHOST], ["a unix socket", unix("/run/a.sock")]])("a stream over %s", (_name, address) => {
  test("carries bytes in both directions, in order, and tells nothing within a call", async () => {
    const { client, server } = await pair(network(), address);
    expect(client.send("one")).toBe(3);
    client.send("two");
    server.send("three");
    expect([client.log, server.log]).toEqual([[], []]);
    await settle();
    expect([client.log, server.log]).toEqual([['"three"'], ['"one"', '"two"']]);
  });

  test("copies what it is given", async () => {
    const { client, server } = await pair(network(), address);
    const bytes = new TextEncoder().encode("xabcx");
    client.handle.write(bytes, 1, 3);
    bytes.fill(0);
    await settle();
    expect(server.log).toEqual(['"abc"']);
  });

  test("ends in one direction, then in the other", async () => {
    const { client, server } = await pair(network(), address);
    client.send("question");
    client.handle.shutdown();
    expect(client.send("more")).toBe(-Errno.PIPE);
    await settle();
    expect(server.log).toEqual(['"question"', "ended"]);
    server.send("answer");
    server.handle.close();
    await settle();
    expect(client.log).toEqual(['"answer"', "ended"]);
    client.handle.close();
  });

  test("a close sends what was written, then the end", async () => {
    const { client, server } = await pair(network(), address);
    client.send("last");
    client.handle.close();
    await settle();
    expect(server.log).toEqual(['"last"', "ended"]);
  });

  test("a reset is told after what came before it", async () => {
    const { client, server } = await pair(network(), address);
    client.send("before");
    client.handle.reset();
    await settle();
    expect(server.log).toEqual(['"before"', "failed CONNRESET"]);
    expect(server.send("x")).toBeLessThan(0);
  });

  test("a reset is told to an end that is paused", async () => {
    const { client, server } = await pair(network(), address);
    server.handle.pause();
    client.send("before");
    client.handle.reset();
    await settle();
    expect(server.log.at(-1)).toBe("failed CONNRESET");
  });

  test("a close with bytes unread is a reset", async () => {
    const { client, server } = await pair(network(), address);
    server.handle.pause();
    client.send("unread");
    await settle();
    server.handle.close();
    await settle();
    expect(client.log).toEqual(["failed CONNRESET"]);
  });

  test("a close by the peer, then a write: the reset is told after the end", async () => {
    const { client, server } = await pair(network(), address);
    server.handle.close();
    await settle();
    expect(client.send("into the void")).toBe(13);
    await settle();
    expect(client.log).toEqual(["ended", "failed PIPE"]);
  });

  test("nothing is told after a close, and none after a reset, whatever is on its way", async () => {
    const { client, server } = await pair(network(), address);
    server.send("a");
    server.handle.shutdown();
    client.handle.close();
    await settle();
    expect(client.log).toEqual([]);
    expect(server.log).toEqual(["failed CONNRESET"]);
  });

  test("an end that closes itself while it is told something is told nothing more", async () => {
    const { client, server } = await pair(network(), address);
    server.onReceived = () => server.handle.close();
    client.send("a");
    client.handle.shutdown();
    await settle();
    expect(server.log).toEqual(['"a"']);
    expect(client.log).toEqual(["ended"]);
  });

  test("a peer that is paused is told nothing until it resumes", async () => {
    const { client, server } = await pair(network(), address);
    server.handle.pause();
    client.send("a");
    client.handle.shutdown();
    await settle();
    expect(server.log).toEqual([]);
    server.handle.resume();
    await settle();
    expect(server.log).toEqual(['"a"', "ended"]);
  });

  test("one that pauses while it is told gets the rest later", async () => {
    const { client, server } = await pair(network(), address);
    server.onReceived = () => server.handle.pause();
    for (const text of ["a", "b", "c"]) client.send(text);
    await settle();
    expect(server.log).toEqual(['"a"']);
    server.handle.resume();
    await settle();
    expect(server.log).toEqual(['"a"', '"b"']);
  });

  test("a paused peer makes writes wait, with bounded memory", async () => {
    const { client, server } = await pair(network(), address);
    server.handle.pause();
    let sent = 0;
    for (let taken = -1; taken !== 0; sent += taken) {
      taken = client.sendZeros(100_000);
      expect(taken).toBeGreaterThanOrEqual(0);
      await settle();
    }
    expect(sent).toBeGreaterThan(100_000);
    expect(sent).toBeLessThanOrEqual(256 * 1024);
    expect(client.log).toEqual([]);
    server.handle.resume();
    await settle();
    expect(server.bytes).toBe(sent);
    expect(client.log).toEqual(["writable"]);
  });

  test("many small writes to a paused peer are bounded as well", async () => {
    const { client, server } = await pair(network(), address);
    server.handle.pause();
    let writes = 0;
    while (client.send("x") > 0) writes++;
    expect(writes).toBeLessThan(5000);
    server.handle.resume();
    await settle();
    expect(server.bytes).toBe(writes);
    expect(client.log).toEqual(["writable"]);
  });

  test("64 MiB arrive whole through a reader that pauses", async () => {
    const { client, server } = await pair(network(), address);
    const total = 64 * 1024 * 1024;
    const block = new Uint8Array(1024 * 1024).map((_, i) => i * 7);
    let sent = 0;
    const fill = (): void => {
      while (sent < total) {
        const start = sent % block.length;
        const taken = client.handle.write(block, start, Math.min(block.length - start, total - sent));
        if (taken === 0) return;
        sent += taken;
      }
      client.handle.shutdown();
    };
    client.writable = fill;
    let wrong = 0;
    let at = 0;
    server.onReceived = (bytes) => {
      for (const byte of bytes) if (byte !== block[at++ % block.length]) wrong++;
      server.handle.pause();
      setTimeout(() => server.handle.resume(), 0);
    };
    const ended = new Promise<void>((resolve) => void (server.ended = resolve));
    fill();
    await ended;
    expect({ bytes: server.bytes, wrong }).toEqual({ bytes: total, wrong: 0 });
  });
});

describe("listeners", () => {
  test("that are paused let connections wait, and take them in order once they are resumed", async () => {
    const driver = network();
    const listener = listen(driver, LOCALHOST);
    (listener.handle as StreamListener).pause();
    const clients = [connect(driver, LOCALHOST), connect(driver, LOCALHOST), connect(driver, LOCALHOST)];
    await settle();
    expect(clients.map(({ log }) => log)).toEqual([[], [], []]);
    clients[1]!.handle.close();
    (listener.handle as StreamListener).resume();
    await settle();
    expect(clients.map(({ log }) => log)).toEqual([["opened"], [], ["opened"]]);
    expect(listener.ends.map(({ handle }) => handle.peerAddress().port)).toEqual(
      [clients[0]!, clients[2]!].map(({ handle }) => handle.localAddress().port),
    );
  });

  test("that are closed refuse those who wait, and leave accepted connections open", async () => {
    const driver = network();
    const listener = listen(driver, LOCALHOST);
    const open = connect(driver, LOCALHOST);
    await settle();
    (listener.handle as StreamListener).pause();
    const waiting = connect(driver, LOCALHOST);
    await settle();
    listener.handle.close();
    open.send("still there");
    await settle();
    expect(waiting.log).toEqual(["failed CONNREFUSED"]);
    expect(listener.ends[0]!.log).toEqual(['"still there"']);
  });

  test("that do not take a connection reset it", async () => {
    const driver = network();
    const listener = listen(driver, LOCALHOST);
    listener.attaches = false;
    const client = connect(driver, LOCALHOST);
    await settle();
    expect(client.log).toEqual(["opened", "failed CONNRESET"]);
  });
});

describe("datagrams", () => {
  const at = v4("127.0.0.1", 53);

  test("arrive whole, with who sent them", async () => {
    const driver = network();
    const receiver = openDatagram(driver, at);
    const sender = openDatagram(driver, v4("0.0.0.0", 0));
    expect(sender.log).toEqual(["opened"]);
    expect(sender.send("one", at)).toBe(3);
    expect(sender.send("", at)).toBe(0);
    expect(receiver.log).toEqual(["opened"]);
    await settle();
    expect(receiver.log).toEqual(["opened", '"one"', '""']);
    const { port } = sender.handle.localAddress();
    expect(receiver.senders).toEqual([v4("127.0.0.1", port), v4("127.0.0.1", port)]);
  });

  test("can be answered to a dual stack", async () => {
    const driver = network();
    const server = openDatagram(driver, v6("::", 53));
    const client = openDatagram(driver, v4("0.0.0.0", 0));
    client.handle.connect(at);
    client.send("ping");
    await settle();
    expect(server.senders[0]).toMatchObject({ family: Family.INET6, host: "::ffff:127.0.0.1" });
    server.send("pong", server.senders[0]);
    await settle();
    expect(client.log).toEqual(["opened", '"pong"']);
    expect(client.handle.localAddress().host).toBe("127.0.0.1");
  });

  test("from others than the peer are not for a connected socket, until that is ended", async () => {
    const driver = network();
    const receiver = openDatagram(driver, at);
    const peer = openDatagram(driver, v4("127.0.0.1", 1000));
    const other = openDatagram(driver, v4("127.0.0.1", 2000));
    receiver.handle.connect(v4("127.0.0.1", 1000));
    peer.send("peer", at);
    other.send("other", at);
    await settle();
    receiver.handle.connect(undefined);
    other.send("later", at);
    await settle();
    expect(receiver.log).toEqual(["opened", '"peer"', '"later"']);
  });

  test("to nobody are refused where the socket is connected, and lost where it is not", async () => {
    const driver = network();
    const sender = openDatagram(driver, v4("127.0.0.1", 0));
    expect(sender.send("lost", at)).toBe(4);
    await settle();
    expect(sender.log).toEqual(["opened"]);
    sender.handle.connect(at);
    expect(sender.send("refused")).toBe(7);
    await settle();
    expect(sender.log).toEqual(["opened", "refused CONNREFUSED"]);
    const receiver = openDatagram(driver, at);
    sender.send("at last");
    await settle();
    expect(receiver.log).toEqual(["opened", '"at last"']);
  });

  test.each([
    ["too long", 65_508, at, Errno.MSGSIZE],
    ["to a foreign address", 1, v4("192.0.2.1", 53), Errno.NETUNREACH],
    ["to IPv6 from IPv4", 1, v6("::1", 53), Errno.AFNOSUPPORT],
    ["to no address", 1, undefined, Errno.DESTADDRREQ],
    ["to all, where that is not asked for", 1, v4("255.255.255.255", 53), Errno.ACCES],
  ])("are refused at once: %s", (_name, length, to, errno) => {
    const sender = openDatagram(network(), v4("127.0.0.1", 0));
    expect(sender.handle.send(new Uint8Array(length), 0, length, to)).toBe(-errno);
  });

  test("of the greatest length arrive", async () => {
    const driver = network();
    const receiver = openDatagram(driver, at);
    const sender = openDatagram(driver, v4("127.0.0.1", 0));
    expect(sender.handle.send(new Uint8Array(65_507), 0, 65_507, at)).toBe(65_507);
    await settle();
    expect(receiver.log[1]!.length).toBe(65_507 * 6 + 2);
  });

  test("to all arrive where BROADCAST is set", async () => {
    const driver = network();
    const receiver = openDatagram(driver, v4("0.0.0.0", 53));
    const sender = openDatagram(driver, v4("127.0.0.1", 0));
    sender.handle.setOption(SocketOption.BROADCAST, 1);
    expect(sender.send("all", v4("255.255.255.255", 53))).toBe(3);
    await settle();
    expect(receiver.log).toEqual(["opened", '"all"']);
  });

  test("that find no room are lost, and memory is bounded", async () => {
    const driver = network();
    const receiver = openDatagram(driver, at);
    receiver.handle.pause();
    const sender = openDatagram(driver, v4("127.0.0.1", 0));
    for (let i = 0; i < 10_000; i++) expect(sender.send("x", at)).toBe(1);
    await settle();
    expect(receiver.log).toEqual(["opened"]);
    receiver.handle.resume();
    await settle();
    expect(receiver.log.length).toBeGreaterThan(100);
    expect(receiver.log.length).toBeLessThan(6000);
  });

  test("between unix sockets wait for room", async () => {
    const driver = network();
    const receiver = openDatagram(driver, unix("/in"));
    const sender = openDatagram(driver, unix(""));
    receiver.handle.pause();
    let sent = 0;
    while (sender.send("x", unix("/in")) > 0) sent++;
    expect(sender.send("x", unix("/in"))).toBe(-Errno.AGAIN);
    await settle();
    expect(sender.log).toEqual(["opened"]);
    receiver.handle.resume();
    await settle();
    expect(sender.log).toEqual(["opened", "writable"]);
    expect(receiver.log.length).toBe(sent + 1);
    expect(receiver.senders[0]).toEqual(unix(""));
  });

  test("have ports apart from those of TCP, and free them", () => {
    const driver = network();
    listen(driver, at);
    const first = openDatagram(driver, at);
    expect(openDatagram(driver, at).log).toEqual(["failed ADDRINUSE"]);
    first.handle.close();
    expect(openDatagram(driver, at).log).toEqual(["opened"]);
  });

  test("are told to nobody after a close", async () => {
    const driver = network();
    const receiver = openDatagram(driver, at);
    openDatagram(driver, v4("127.0.0.1", 0)).send("late", at);
    receiver.handle.close();
    await settle();
    expect(receiver.log).toEqual(["opened"]);
  });
});

describe("names", () => {
  function lookup(driver: SocketDriver, name: string, family: Family | 0 = 0): Promise<unknown> {
    return new Promise((resolve) => void driver.lookup(name, family, resolve));
  }

  test("are those of the table and localhost", async () => {
    const driver = virtualNetwork({ hosts: { "DB.test": ["10.0.0.7", "fd00:0::7"] } }).driver;
    expect(await lookup(driver, "db.TEST.")).toEqual([v4("10.0.0.7", 0), v6("fd00::7", 0)]);
    expect(await lookup(driver, "db.test", Family.INET6)).toEqual([v6("fd00::7", 0)]);
    expect(await lookup(driver, "localhost")).toEqual([v4("127.0.0.1", 0), v6("::1", 0)]);
    expect(await lookup(driver, "a.localhost", Family.INET)).toEqual([v4("127.0.0.1", 0)]);
    expect(await lookup(driver, "example.com")).toBe(-Errno.NOENT);
    expect(await lookup(driver, "constructor")).toBe(-Errno.NOENT);
  });

  test("a lookup that is given up is not answered", async () => {
    let answers = 0;
    network().lookup("localhost", 0, () => answers++)();
    await settle();
    expect(answers).toBe(0);
  });

  test("a table with something else than addresses is refused", () => {
    expect(() => virtualNetwork({ hosts: { a: "b.test" } })).toThrow('Cannot give "a" the address "b.test"');
  });
});

test("two ends that answer one another for ever leave the event loop its turns", async () => {
  const { client, server } = await pair(network());
  const echo = (end: End) => () => void (end.log.length = 0, end.send("x"));
  client.onReceived = echo(client);
  server.onReceived = echo(server);
  client.send("x");
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setTimeout(resolve, 0));
  expect(client.bytes).toBeGreaterThan(20);
  client.handle.reset();
});

let paths = 0;

driverSuite(
  "virtual",
  () => network({ "known.test": "10.0.0.7" }),
  {
    streams: [Family.INET, Family.INET6, Family.UNIX],
    datagrams: [Family.INET, Family.INET6, Family.UNIX],
    tellsRefusedDatagrams: true,
    hasDatagramOptions: false,
    keepsPaths: false,
    hasReset: true,
    connectsFromAddress: true,
    names: { known: "known.test", unknown: "missing.invalid" },
    foreignHost: "192.0.2.1",
  },
  () => `/run/socket${++paths}`,
);
