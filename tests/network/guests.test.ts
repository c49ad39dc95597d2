/** Guests in C, Go and the text format that use the network themselves, on the network of the runtime and on a virtual one. */

import { readFile } from "node:fs/promises";
import net from "node:net";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { virtualNetwork } from "../../src/platform/memory/mod.ts";
import type { NetOptions, RunOptions } from "../../src/runtime/options/options.ts";
import { runOver } from "../../src/runtime/over_platform.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { freePorts } from "../tools/free_port.ts";
import { cGuest, goGuest, watGuest } from "../tools/guests.ts";

const run = runOver(detectPlatform());

/** How long a guest may take (ms). */
const PATIENCE_MS = 20_000;

const modules = new Map<string, WebAssembly.Module>();

beforeAll(async () => {
  for (const [name, path] of [["c", await cGuest("sockets")], ["go", await goGuest("sockets")]] as const) {
    modules.set(name, new WebAssembly.Module(await readFile(path)));
  }
}, 240_000);

/** A guest that runs. */
class Running {
  readonly ended: Promise<number>;
  #output = "";
  #changed: () => void = () => {};
  readonly #controller: AbortController = new AbortController();

  constructor(module: WebAssembly.Module, args: readonly string[], network: NetOptions) {
    const decoder = new TextDecoder();
    const stdout = new WritableStream<Uint8Array>({
      write: (chunk) => {
        this.#output += decoder.decode(chunk, { stream: true });
        this.#changed();
      },
    });
    const options: RunOptions = { args, net: network, stdout, stderr: "inherit", signal: this.#controller.signal };
    this.ended = run(module, options).then(({ exitCode }) => exitCode);
    this.ended.catch(() => {});
  }

  /** All that it printed until its end, as lines. */
  async lines(): Promise<string[]> {
    const timer = setTimeout(() => this.#controller.abort(new Error(`No end after: ${this.#output}`)), PATIENCE_MS);
    try {
      const exitCode = await this.ended;
      const lines = this.#output.trimEnd().split("\n");
      return exitCode === 0 ? lines : [...lines, `exit ${exitCode}`];
    } finally {
      clearTimeout(timer);
    }
  }

  /** Wait until it printed this. */
  async printed(text: string): Promise<void> {
    const timer = setTimeout(() => this.stop(), PATIENCE_MS);
    while (!this.#output.includes(text)) {
      const changed = new Promise<void>((resolve) => this.#changed = resolve);
      const over = await Promise.race([changed.then(() => false), this.ended.then(() => true, () => true)]);
      if (over && !this.#output.includes(text)) throw new Error(`Never printed "${text}", but: ${this.#output}`);
    }
    clearTimeout(timer);
  }

  /** Wait until it says where it listens. @returns The port. */
  async port(): Promise<number> {
    await this.printed("127.0.0.1:");
    await this.printed("\n");
    return Number(/127\.0\.0\.1:(\d+)/.exec(this.#output)![1]);
  }

  stop(): void {
    this.#controller.abort(new Error("The test is over"));
  }
}

const all: Running[] = [];

afterEach(async () => {
  for (const guest of all.splice(0)) {
    guest.stop();
    await guest.ended.catch(() => {});
  }
});

/** A network for the guests of a test, and a port of it where nobody listens. */
interface Ground {
  readonly net: NetOptions;
  closedPort(): Promise<number>;
}

const GROUNDS: Readonly<Record<string, () => Ground>> = {
  "the virtual network": () => ({
    net: { allow: true, network: virtualNetwork().network },
    closedPort: () => Promise.resolve(9),
  }),
  "the runtime's network": () => ({
    net: { allow: ["127.0.0.1", "localhost"] },
    closedPort: async () => (await freePorts(1))[0]!,
  }),
};

describe.each(Object.keys(GROUNDS))("on %s", (name) => {
  function start(language: string, args: readonly (string | number)[], { net }: Ground): Running {
    const guest = new Running(modules.get(language)!, args.map(String), net);
    all.push(guest);
    return guest;
  }

  const at = (port: number): string => `127.0.0.1:${port}`;

  describe("a guest in C", () => {
    test("serves a guest in C", async () => {
      const ground = GROUNDS[name]!();
      const server = start("c", ["serve", 0, 2], ground);
      const port = await server.port();
      for (const text of ["hello", "a longer one"]) {
        expect(await start("c", ["dial", port, text], ground).lines()).toEqual([
          "connected, type 4, port right",
          `got: ${text}`,
        ]);
      }
      expect(await server.lines()).toEqual([`listening at 127.0.0.1:${port}, type 4`, "served 17 bytes"]);
    });

    test("is refused where nobody listens", async () => {
      const ground = GROUNDS[name]!();
      const port = await ground.closedPort();
      expect(await start("c", ["dial", port, "x"], ground).lines()).toEqual([
        "sock_connect: Connection refused",
        "exit 1",
      ]);
    });

    test("connects without blocking, and polls", async () => {
      const ground = GROUNDS[name]!();
      const server = start("c", ["serve", 0, 1], ground);
      const [open, closed] = [await server.port(), await ground.closedPort()];
      expect(await start("c", ["poll", open], ground).lines()).toEqual([
        "connect: Operation in progress",
        "poll: 1, writable: 1, SO_ERROR: Success, length 4",
        "read: Resource temporarily unavailable",
      ]);
      expect(await server.lines()).toContain("served 0 bytes");
      const refused = await start("c", ["poll", closed], ground).lines();
      expect(refused.slice(0, 2)).toEqual([
        "connect: Operation in progress",
        expect.stringMatching(/^poll: 1, .*SO_ERROR: Connection refused, length 4$/),
      ]);
    });

    test("sends datagrams", async () => {
      const ground = GROUNDS[name]!();
      const server = start("c", ["udpserve", 0, 2], ground);
      const port = await server.port();
      expect(await start("c", ["udp", port, "ping"], ground).lines()).toEqual(["sent 4, got: ping"]);
      expect(await start("c", ["udp", port, "more than fits into 16"], ground).lines()).toEqual([
        "sent 22, got: more than fits i",
      ]);
      expect(await server.lines()).toEqual([
        `bound to 127.0.0.1:${port}, type 4`,
        "4 bytes from 127.0.0.1, family 1, whole",
        "16 bytes from 127.0.0.1, family 1, truncated",
      ]);
    });

    test("sets and reads options", async () => {
      const ground = GROUNDS[name]!();
      expect(await start("c", ["options"], ground).lines()).toEqual([
        "type: 2",
        "error: 0",
        "listens: 0",
        "none: Protocol not available",
        "keepalive: 1",
        "nodelay: 1",
        "linger: 1 0, length 8",
        "timeout: 0 s, 20000 us, length 16",
        "listens: 1",
        "accept: Resource temporarily unavailable",
        "on a file: Not a socket",
      ]);
    });

    test("looks names up", async () => {
      const ground = GROUNDS[name]!();
      const lines = await start("c", ["lookup", "localhost", "http"], ground).lines();
      expect(lines).toContain("lookup localhost: 127.0.0.1 port 80");
      expect(await start("c", ["lookup", "10.9.8.7", "8080"], ground).lines()).toEqual([
        "lookup 10.9.8.7: 10.9.8.7 port 8080",
      ]);
      const missing = await start("c", ["lookup", "missing.invalid", "http"], ground).lines();
      // What the rules do not name is not looked up.
      expect(missing).toEqual([
        `lookup missing.invalid: ${ground.net.allow === true ? "No such file or directory" : "Permission denied"}`,
      ]);
    });
  });

  describe("a guest in Go", () => {
    test("serves guests in Go and C at the same time", async () => {
      const ground = GROUNDS[name]!();
      const server = start("go", ["serve", at(0), 3], ground);
      const port = await server.port();
      const clients = [
        start("go", ["dial", at(port), "from Go"], ground),
        start("c", ["dial", port, "from C"], ground),
        start("go", ["dial", at(port), "and again"], ground),
      ];
      expect(await clients[0]!.lines()).toEqual([`connected to ${at(port)} from 127.0.0.1 true`, "got: from Go"]);
      expect(await clients[1]!.lines()).toContain("got: from C");
      expect(await clients[2]!.lines()).toContain("got: and again");
      expect(await server.lines()).toEqual([`listening at ${at(port)}`, "served 22 bytes"]);
    });

    test("has many connections at once, and loses nothing", async () => {
      const ground = GROUNDS[name]!();
      const server = start("go", ["serve", at(0), 20], ground);
      const port = await server.port();
      expect(await start("go", ["many", at(port), 20, 200_000], ground).lines()).toEqual(["all fine: 20"]);
      expect(await server.lines()).toContain("served 4000000 bytes");
    });

    test("is refused where nobody listens, and can't listen where somebody does", async () => {
      const ground = GROUNDS[name]!();
      const closed = await ground.closedPort();
      expect(await start("go", ["dial", at(closed), "x"], ground).lines()).toEqual([
        "failed: Connection refused",
        "exit 1",
      ]);
      const open = await start("c", ["serve", 0, 1], ground).port();
      expect(await start("go", ["serve", at(open), 1], ground).lines()).toEqual([
        "failed: Address already in use",
        "exit 1",
      ]);
    });

    test("keeps deadlines while it reads", async () => {
      const ground = GROUNDS[name]!();
      const server = start("go", ["serve", at(0), 1], ground);
      const port = await server.port();
      expect(await start("go", ["deadline", at(port)], ground).lines()).toEqual([
        "deadline: true",
        "afterwards: x <nil>",
      ]);
    });

    test("sends datagrams, to C as well", async () => {
      const ground = GROUNDS[name]!();
      const server = start("go", ["udpserve", at(0), 2], ground);
      const one = await server.port();
      expect(await start("go", ["udp", at(one), "ping"], ground).lines()).toEqual([`got: ping from ${at(one)}`]);
      expect(await start("c", ["udp", one, "seventeen letters"], ground).lines()).toEqual([
        "sent 17, got: seventeen letter",
      ]);
      expect(await server.lines()).toEqual([
        `bound to ${at(one)}`,
        "4 bytes from 127.0.0.1 truncated: false",
        "16 bytes from 127.0.0.1 truncated: true",
      ]);
      const two = await start("c", ["udpserve", 0, 1], ground).port();
      expect(await start("go", ["udp", at(two), "x"], ground).lines()).toEqual([`got: x from ${at(two)}`]);
    });
  });
});

test("a guest has both versions of each function, and those whose names say so", async () => {
  const path = await watGuest("both_versions");
  const virtual = { allow: true as const, network: virtualNetwork().network };
  expect(await run(path, { net: virtual })).toEqual({ exitCode: 0 });
  expect(await run(path, { net: { ...virtual, sockets: "wasmedgev2" } })).toEqual({ exitCode: 4 });
  expect(await run(path, { net: { ...virtual, allow: ["127.0.0.1:7778"] } })).toEqual({ exitCode: 2 });
  expect(await run(path)).toEqual({ exitCode: 1 });
  await expect(run(path, { net: { ...virtual, sockets: "none" } })).rejects.toThrow('"sock_open"');
});

/** A server of the host's that answers each byte with another, after a while. */
async function answerSlowly(use: (port: number) => Promise<void>): Promise<void> {
  const server = net.createServer((socket) => {
    socket.on("error", () => {}).on("data", () => setTimeout(() => socket.write("x"), 10));
  });
  await new Promise<void>((resolve, reject) => server.on("error", reject).listen(0, "127.0.0.1", resolve));
  try {
    await use((server.address() as net.AddressInfo).port);
  } finally {
    server.close();
  }
}

test("a guest that asks its NONBLOCK socket again and again gets its bytes", async () => {
  const path = await watGuest("spin_socket");
  await answerSlowly(async (port) => {
    expect(await run(path, { net: { dial: [`127.0.0.1:${port}`] } })).toEqual({ exitCode: 0 });
  });
  const virtual = virtualNetwork();
  const listener = virtual.listen({ port: 80 });
  const serving = (async () => {
    for await (const connection of listener) {
      const writer = connection.writable.getWriter();
      for await (const _ of connection.readable) setTimeout(() => void writer.write(Uint8Array.of(1)), 10);
    }
  })();
  expect(await run(path, { net: { network: virtual.network, dial: ["localhost:80"] } })).toEqual({ exitCode: 0 });
  listener.close();
  await serving;
});

test("a guest on the runtime's network talks with a program of the host", async () => {
  const guest = new Running(modules.get("go")!, ["serve", "127.0.0.1:0", "1"], { allow: ["listen:127.0.0.1"] });
  all.push(guest);
  const port = await guest.port();
  const text = "0123456789".repeat(50_000);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = net.connect({ host: "127.0.0.1", port: port, allowHalfOpen: true }, () => socket.end(text));
    let got = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => got += chunk).on("end", () => resolve(got));
    socket.setTimeout(10_000, () => socket.destroy(new Error("no answer in time"))).on("error", reject);
  });
  expect(answer === text).toBe(true);
  expect(await guest.lines()).toContain("served 500000 bytes");
});
