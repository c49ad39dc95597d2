/**
 * A DNS server for the tests, over UDP and TCP, that knows a few names.
 *
 * @module
 */

import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { formatAnswer, parseQuestion, TYPE_A, TYPE_AAAA } from "./dns_message.ts";

/** The addresses of a name. */
export interface Addresses {
  /** Four bytes each. */
  readonly ipv4: readonly Uint8Array[];
  /** Sixteen bytes each. */
  readonly ipv6: readonly Uint8Array[];
}

/** Names, in lower case, and their addresses. There are no others. */
export type Zone = Readonly<Record<string, Addresses>>;

/** A server that runs. */
export interface DnsServer {
  /** Where it listens: `address:port`. */
  readonly address: string;
  /** How many questions it has answered. */
  readonly answered: number;
  /** End it. */
  close(): Promise<void>;
}

const LENGTH_BYTES = 2;

/** Start a server. @throws {Error} When the port is taken. */
export async function startDnsServer(host: string, port: number, zone: Zone): Promise<DnsServer> {
  const server = new ZoneServer(host, port, zone);
  await server.listen();
  return server;
}

class ZoneServer implements DnsServer {
  readonly address: string;
  answered = 0;
  readonly #host: string;
  readonly #port: number;
  readonly #zone: Zone;
  readonly #udp: DatagramSocket;
  readonly #tcp: Server;
  readonly #connections: Set<Socket> = new Set();

  constructor(host: string, port: number, zone: Zone) {
    this.address = `${host}:${port}`;
    this.#host = host;
    this.#port = port;
    this.#zone = zone;
    this.#udp = createSocket("udp4", (message, { address, port }) => {
      const answer = this.#answer(message);
      if (answer !== undefined) this.#udp.send(answer, port, address);
    });
    this.#tcp = createServer((connection) => this.#accept(connection));
  }

  async listen(): Promise<void> {
    try {
      const bound = once(this.#udp, "listening");
      this.#udp.bind({ address: this.#host, port: this.#port, exclusive: true });
      await bound;
      const listening = once(this.#tcp, "listening");
      this.#tcp.listen(this.#port, this.#host);
      await listening;
    } catch (error) {
      this.#udp.close();
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`Cannot start the DNS server on ${this.address}: ${reason}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    await Promise.all([
      new Promise<void>((resolve) => this.#udp.close(resolve)),
      new Promise<void>((resolve) => this.#tcp.close(() => resolve())),
    ]);
  }

  #accept(connection: Socket): void {
    let pending = Buffer.alloc(0);
    this.#connections.add(connection);
    connection.on("close", () => this.#connections.delete(connection));
    connection.on("error", () => connection.destroy());
    connection.on("data", (chunk) => {
      pending = Buffer.concat([pending, typeof chunk === "string" ? Buffer.from(chunk) : chunk]);
      while (pending.length >= LENGTH_BYTES && pending.length >= LENGTH_BYTES + pending.readUInt16BE(0)) {
        const end = LENGTH_BYTES + pending.readUInt16BE(0);
        const answer = this.#answer(pending.subarray(LENGTH_BYTES, end));
        pending = pending.subarray(end);
        if (answer === undefined) connection.destroy();
        else connection.write(Buffer.concat([Uint8Array.of(answer.length >> 8, answer.length & 0xff), answer]));
      }
    });
  }

  #answer(message: Uint8Array): Uint8Array | undefined {
    const question = parseQuestion(message);
    if (question === undefined) return undefined;
    this.answered += 1;
    const known = Object.hasOwn(this.#zone, question.name) ? this.#zone[question.name] : undefined;
    if (known === undefined) return formatAnswer(question, undefined);
    const records: Readonly<Record<number, readonly Uint8Array[]>> = { [TYPE_A]: known.ipv4, [TYPE_AAAA]: known.ipv6 };
    return formatAnswer(question, records[question.type] ?? []);
  }
}
