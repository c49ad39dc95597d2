/**
 * Connections of wasi:sockets: streams, half-close, the order of drops, options.
 *
 * @module
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Family } from "../../src/contract/network.ts";
import type { FamilyValue } from "../../src/wasi/p2/sockets/address_values.ts";
import type { SocketBackend } from "../system/socket_systems.ts";
import { type Connection, connectionOr, ipv4, portOf, type SocketGuest, socketGuest } from "./socket_guest.ts";

const MIB = 1024 * 1024;

/** Bytes that tell where they are. */
function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7 + seed) & 0xff;
  return bytes;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function text(bytes: Uint8Array | string): string {
  return typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
}

const HELLO = new TextEncoder().encode("hello");

/** Read, waiting for something. */
async function readSome(guest: SocketGuest, input: number): Promise<Uint8Array | string> {
  for (;;) {
    const read = await guest.read(input, 65536);
    if (read !== "would-block") return read;
    await guest.wait("input-stream", input);
  }
}

/** Bytes on their way through one end of a connection, in both directions at once. */
class Pump {
  readonly #guest: SocketGuest;
  readonly #connection: Connection;
  readonly #step: number;
  #toSend: Uint8Array;
  #sent = 0;
  #isShut = false;
  readonly #echoes: boolean;
  readonly received: Uint8Array[] = [];
  isEnded = false;

  /** @param step Bytes of a write at most. */
  constructor(guest: SocketGuest, connection: Connection, step: number, toSend: Uint8Array | undefined) {
    this.#guest = guest;
    this.#connection = connection;
    this.#step = step;
    this.#echoes = toSend === undefined;
    this.#toSend = toSend ?? new Uint8Array(0);
  }

  get isDone(): boolean {
    return this.isEnded && this.#isShut;
  }

  /** Do what can be done. @returns True if anything was done. */
  async turn(): Promise<boolean> {
    const received = await this.#receive();
    const sent = await this.#send();
    return received || sent;
  }

  async #receive(): Promise<boolean> {
    // An echo reads on only when it has written what it read.
    if (this.isEnded || (this.#echoes && this.#sent < this.#toSend.length)) return false;
    const read = await this.#guest.read(this.#connection.input, 65536);
    if (read === "would-block") return false;
    if (read === "closed") this.isEnded = true;
    else if (typeof read === "string") throw new Error(read);
    else if (this.#echoes) [this.#toSend, this.#sent] = [read, 0];
    else this.received.push(read);
    return true;
  }

  async #send(): Promise<boolean> {
    if (this.#sent === this.#toSend.length) return this.#finish();
    const permit = await this.#guest.checkWrite(this.#connection.output);
    if (typeof permit === "string") throw new Error(permit);
    if (permit === 0) return false;
    const end = Math.min(this.#sent + Math.min(permit, this.#step), this.#toSend.length);
    const written = await this.#guest.write(this.#connection.output, this.#toSend.subarray(this.#sent, end));
    if (written !== "ok") throw new Error(written);
    this.#sent = end;
    return true;
  }

  #finish(): boolean {
    if (this.#isShut || (this.#echoes && !this.isEnded)) return false;
    expect(this.#guest.shutdown(this.#connection.socket, "send")).toBe("ok");
    this.#isShut = true;
    return true;
  }

  /** Pollables of what is not done. */
  pollables(): number[] {
    const pollables: number[] = [];
    if (!this.isEnded && !(this.#echoes && this.#sent < this.#toSend.length)) {
      pollables.push(this.#guest.subscribe("wasi:io/streams@0.2", "input-stream", this.#connection.input));
    }
    if (this.#sent < this.#toSend.length) {
      pollables.push(this.#guest.subscribe("wasi:io/streams@0.2", "output-stream", this.#connection.output));
    }
    return pollables;
  }
}

async function run(guest: SocketGuest, pumps: readonly Pump[]): Promise<void> {
  while (pumps.some((pump) => !pump.isDone)) {
    let moved = false;
    for (const pump of pumps) moved = await pump.turn() || moved;
    if (moved) continue;
    const pollables = pumps.flatMap((pump) => pump.pollables());
    await guest.poll(pollables);
    for (const pollable of pollables) guest.drop(pollable, "pollable");
  }
}

const PARTS = ["tcp-socket", "input-stream", "output-stream"] as const;

function handleOf(connection: Connection, part: typeof PARTS[number]): number {
  return {
    "tcp-socket": connection.socket,
    "input-stream": connection.input,
    "output-stream": connection.output,
  }[part];
}

function dropAll(guest: SocketGuest, connection: Connection): void {
  for (const part of PARTS) guest.drop(handleOf(connection, part), part);
}

/** The suite. */
export function tcpStreamSuite(name: string, backend: SocketBackend): void {
  const families: FamilyValue[] = backend.inet.map((family) => family === Family.INET ? "ipv4" : "ipv6");

  describe(`${name}: streams of TCP`, () => {
    test.each(families)("%s: bytes go both ways", async (family) => {
      const guest = await socketGuest(backend);
      const { client, server } = await guest.pair(family);
      await guest.writeAll(client.output, HELLO);
      expect(text(await readSome(guest, server.input))).toBe("hello");
      await guest.writeAll(server.output, HELLO);
      expect(text(await readSome(guest, client.input))).toBe("hello");
      expect(await guest.read(client.input, 10)).toBe("would-block");
      expect(await guest.isReady("input-stream", client.input)).toBe(false);
      expect(await guest.isReady("output-stream", client.output)).toBe(true);
    });

    test("the peer's end closes the input for good", async () => {
      const guest = await socketGuest(backend);
      const { client, server } = await guest.pair();
      await guest.writeAll(client.output, HELLO);
      expect(guest.shutdown(client.socket, "send")).toBe("ok");
      expect(guest.shutdown(client.socket, "send")).toBe("ok");
      expect(text(await readSome(guest, server.input))).toBe("hello");
      expect(await readSome(guest, server.input)).toBe("closed");
      expect(await readSome(guest, server.input)).toBe("closed");
      expect(await guest.isReady("input-stream", server.input)).toBe(true);
    });

    test("shutdown(send) closes the output at once, and the input stays open", async () => {
      const guest = await socketGuest(backend);
      const { client, server } = await guest.pair();
      expect(guest.shutdown(client.socket, "send")).toBe("ok");
      expect(await guest.checkWrite(client.output)).toBe("closed");
      expect(await guest.write(client.output, new Uint8Array(0))).toBe("closed");
      expect(await guest.isReady("output-stream", client.output)).toBe(true);
      await guest.writeAll(server.output, HELLO);
      expect(text(await readSome(guest, client.input))).toBe("hello");
    });

    test("shutdown(receive) discards what is there, and the output stays open", async () => {
      const guest = await socketGuest(backend);
      const { client, server } = await guest.pair();
      await guest.writeAll(server.output, HELLO);
      await guest.wait("input-stream", client.input);
      expect(guest.shutdown(client.socket, "receive")).toBe("ok");
      expect(await guest.isReady("input-stream", client.input)).toBe(true);
      expect(await guest.read(client.input, 10)).toBe("closed");
      await guest.writeAll(client.output, HELLO);
      expect(text(await readSome(guest, server.input))).toBe("hello");
    });

    test("shutdown(both) closes both", async () => {
      const guest = await socketGuest(backend);
      const { client, server } = await guest.pair();
      expect(guest.shutdown(client.socket, "both")).toBe("ok");
      expect(await guest.read(client.input, 10)).toBe("closed");
      expect(await guest.checkWrite(client.output)).toBe("closed");
      expect(await readSome(guest, server.input)).toBe("closed");
    });

    test("a write that the socket can't take is queued, and its end comes after it", async () => {
      const guest = await socketGuest(backend);
      const { client, server } = await guest.pair();
      const sent: Uint8Array[] = [];
      for (let i = 0;; i++) {
        const permit = await guest.checkWrite(client.output);
        if (permit === 0) break;
        sent.push(pattern(permit as number, i));
        expect(await guest.write(client.output, sent.at(-1)!)).toBe("ok");
        if (sent.length > 4000) throw new Error("the socket never fills");
      }
      expect(guest.shutdown(client.socket, "send")).toBe("ok");
      expect(isSame(await guest.readAll(server.input), Buffer.concat(sent))).toBe(true);
    });

    test("what is queued is sent after everything is dropped", async () => {
      const guest = await socketGuest(backend);
      const { client, server } = await guest.pair();
      let length = 0;
      for (;;) {
        const permit = await guest.checkWrite(client.output);
        if (permit === 0) break;
        expect(await guest.write(client.output, new Uint8Array(permit as number))).toBe("ok");
        length += permit as number;
      }
      dropAll(guest, client);
      expect((await guest.readAll(server.input)).length).toBe(length);
    });

    test.each([
      ["64 KiB", 65536],
      ["1,000 bytes", 1000],
    ])("16 MiB are echoed through a half-close, in writes of %s", async (_name, step) => {
      const guest = await socketGuest(backend);
      const { client, server } = await guest.pair();
      const length = step < 65536 ? 2 * MIB : 16 * MIB;
      const sent = pattern(length, 1);
      const sender = new Pump(guest, client, step, sent);
      await run(guest, [sender, new Pump(guest, server, step, undefined)]);
      expect(isSame(Buffer.concat(sender.received), sent)).toBe(true);
    }, 120_000);

    test("16 MiB go both ways at once", async () => {
      const guest = await socketGuest(backend);
      const { client, server } = await guest.pair();
      const [one, two] = [pattern(16 * MIB, 1), pattern(16 * MIB, 2)];
      const pumps = [new Pump(guest, client, 65536, one), new Pump(guest, server, 65536, two)];
      await run(guest, pumps);
      expect(isSame(Buffer.concat(pumps[1]!.received), one)).toBe(true);
      expect(isSame(Buffer.concat(pumps[0]!.received), two)).toBe(true);
    }, 120_000);

    test.runIf(backend.hasReset)("a reset is a failure with its code, then the stream is closed", async () => {
      const guest = await socketGuest(backend);
      const { client, server } = await guest.pair();
      await guest.writeAll(server.output, HELLO);
      await guest.wait("input-stream", client.input);
      // Unread bytes: the close is a reset.
      dropAll(guest, client);
      expect(await readSome(guest, server.input)).toBe("failed");
      expect(guest.lastErrorCode()).toBe("connection-reset");
      expect(await guest.read(server.input, 1)).toBe("closed");
      expect(await guest.isReady("input-stream", server.input)).toBe(true);
    });
  });

  describe(`${name}: drops`, () => {
    test(
      "streams, the socket and pollables go in any order, and the peer sees the end after the last owner",
      async () => {
        const guest = await socketGuest(backend);
        const listener = await guest.listener();
        const order = fc.shuffledSubarray(
          ["tcp-socket", "input-stream", "output-stream", "p tcp-socket", "p input-stream", "p output-stream"],
          { minLength: 6 },
        );
        await fc.assert(
          fc.asyncProperty(order, async (parts) => {
            const client = connectionOr(await guest.connect(guest.tcp(), listener.address));
            const server = await guest.accepted(listener.socket);
            const pollables = new Map(PARTS.map((part) => {
              const interfaceName = part === "tcp-socket" ? "wasi:sockets/tcp@0.2" : "wasi:io/streams@0.2";
              return [`p ${part}`, guest.subscribe(interfaceName, part, handleOf(client, part))];
            }));
            await guest.writeAll(client.output, HELLO);
            for (const part of parts) {
              const pollable = pollables.get(part);
              if (pollable !== undefined) {
                // A pollable whose parent is gone does not hang.
                const isAlone = parts.indexOf(part) > parts.indexOf(part.slice(2));
                if (isAlone) expect(await guest.poll([pollable])).toEqual([0]);
                guest.drop(pollable, "pollable");
              } else {
                const kind = part as typeof PARTS[number];
                guest.drop(handleOf(client, kind), kind);
              }
            }
            expect(text(await guest.readAll(server.input))).toBe("hello");
            dropAll(guest, server);
          }),
          { numRuns: 40 },
        );
      },
      60_000,
    );

    test("streams work without their socket", async () => {
      const guest = await socketGuest(backend);
      const { client, server } = await guest.pair();
      guest.drop(client.socket, "tcp-socket");
      guest.drop(server.socket, "tcp-socket");
      await guest.writeAll(client.output, HELLO);
      guest.drop(client.output, "output-stream");
      expect(text(await readSome(guest, server.input))).toBe("hello");
      await guest.writeAll(server.output, HELLO);
      expect(text(await readSome(guest, client.input))).toBe("hello");
      guest.drop(client.input, "input-stream");
      expect(await readSome(guest, server.input)).toBe("closed");
    });

    test("a listener that is dropped refuses, and its connections stay", async () => {
      const guest = await socketGuest(backend);
      const listener = await guest.listener();
      const client = connectionOr(await guest.connect(guest.tcp(), listener.address));
      const server = await guest.accepted(listener.socket);
      guest.drop(listener.socket, "tcp-socket");
      await guest.writeAll(client.output, HELLO);
      expect(text(await readSome(guest, server.input))).toBe("hello");
      expect(await guest.connect(guest.tcp(), listener.address)).toBe("connection-refused");
    });

    test("an address can be bound again at once", async () => {
      const guest = await socketGuest(backend);
      const listener = await guest.listener();
      const client = connectionOr(await guest.connect(guest.tcp(), listener.address));
      const server = await guest.accepted(listener.socket);
      dropAll(guest, server);
      expect(await readSome(guest, client.input)).toBe("closed");
      dropAll(guest, client);
      guest.drop(listener.socket, "tcp-socket");
      const again = guest.tcp();
      // Not every runtime closes a listener before the next turn of the event loop.
      for (let i = 0; i < 50; i++) {
        const bound = await guest.bind(again, ipv4(portOf(listener.address)));
        if (bound === "ok") break;
        expect(bound).toBe("address-in-use");
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(await guest.listen(again)).toBe("ok");
    });
  });

  describe(`${name}: options of TCP`, () => {
    const KIND = "tcp-socket";
    const OPTIONS: readonly (readonly [name: string, zero: unknown, value: unknown])[] = [
      ["keep-alive-idle-time", 0n, 5_000_000_000n],
      ["keep-alive-interval", 0n, 7_000_000_000n],
      ["keep-alive-count", 0, 6],
      ["hop-limit", 0, 64],
      ["receive-buffer-size", 0n, 131_072n],
      ["send-buffer-size", 0n, 131_072n],
    ];

    test.each(OPTIONS)("%s: 0 is invalid, the value is there or clamped", async (option, zero, value) => {
      const guest = await socketGuest(backend);
      for (const socket of [guest.tcp(), (await guest.pair()).client.socket]) {
        expect(guest.done(KIND, socket, `set-${option}`, zero)).toBe("invalid-argument");
        expect(guest.done(KIND, socket, `set-${option}`, value)).toBe("ok");
        const got = guest.get(KIND, socket, option);
        expect(typeof got).toBe(typeof value);
        expect(Number(got)).toBeGreaterThan(0);
        if (backend.hasLingerTime || backend.isVirtual) expect(got).toBe(value);
      }
    });

    test.each([
      ["keep-alive-idle-time", 2n ** 64n - 1n],
      ["keep-alive-interval", 2n ** 64n - 1n],
      ["keep-alive-idle-time", 1n],
      ["keep-alive-interval", 1n],
      ["keep-alive-count", 2 ** 32 - 1],
      ["receive-buffer-size", 2n ** 64n - 1n],
      ["send-buffer-size", 2n ** 64n - 1n],
      ["receive-buffer-size", 1n],
      ["send-buffer-size", 1n],
      ["listen-backlog-size", 2n ** 64n - 1n],
      ["listen-backlog-size", 1n],
    ])("%s of %s is no error", async (option, value) => {
      const guest = await socketGuest(backend);
      expect(guest.done(KIND, guest.tcp(), `set-${option}`, value)).toBe("ok");
    });

    test("a hop limit is kept, and inherited by what is accepted, where the system has one for TCP", async () => {
      const guest = await socketGuest(backend);
      const { socket, address } = await guest.listener();
      const isSupported = backend.hasLingerTime || backend.isVirtual;
      expect(guest.done(KIND, socket, "set-hop-limit", 0)).toBe("invalid-argument");
      expect(guest.done(KIND, socket, "set-hop-limit", 42)).toBe(isSupported ? "ok" : "not-supported");
      expect(guest.get(KIND, socket, "hop-limit")).toBe(isSupported ? 42 : 64);
      connectionOr(await guest.connect(guest.tcp(), address));
      const accepted = await guest.accepted(socket);
      expect(guest.get(KIND, accepted.socket, "hop-limit")).toBe(isSupported ? 42 : 64);
      if (isSupported) expect(guest.done(KIND, socket, "set-hop-limit", 43)).toBe("ok");
      expect(guest.get(KIND, accepted.socket, "hop-limit")).toBe(isSupported ? 42 : 64);
    });

    test("keep-alive-enabled", async () => {
      const guest = await socketGuest(backend);
      const socket = guest.tcp();
      expect(guest.get(KIND, socket, "keep-alive-enabled")).toBe(false);
      expect(guest.done(KIND, socket, "set-keep-alive-enabled", true)).toBe("ok");
      expect(guest.get(KIND, socket, "keep-alive-enabled")).toBe(true);
    });

    test("an accepted socket inherits them", async () => {
      const guest = await socketGuest(backend);
      const { socket, address } = await guest.listener();
      expect(guest.done(KIND, socket, "set-keep-alive-enabled", true)).toBe("ok");
      expect(guest.done(KIND, socket, "set-keep-alive-count", 3)).toBe("ok");
      expect(guest.done(KIND, socket, "set-receive-buffer-size", 131_072n)).toBe("ok");
      connectionOr(await guest.connect(guest.tcp(), address));
      const accepted = await guest.accepted(socket);
      for (const option of ["keep-alive-enabled", "keep-alive-count", "receive-buffer-size", "hop-limit"]) {
        expect(guest.get(KIND, accepted.socket, option)).toEqual(guest.get(KIND, socket, option));
      }
    });

    test("a backlog of 0 is invalid, and may be changed while the socket listens", async () => {
      const guest = await socketGuest(backend);
      const { socket, address } = await guest.listener();
      expect(guest.done(KIND, socket, "set-listen-backlog-size", 0n)).toBe("invalid-argument");
      expect(guest.done(KIND, socket, "set-listen-backlog-size", 7n)).toBe("ok");
      connectionOr(await guest.connect(guest.tcp(), address));
      await guest.accepted(socket);
    });
  });
}
