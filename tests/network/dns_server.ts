/**
 * A DNS server for tests, over UDP and TCP. Its messages are those of `dns-packet`, which shares no code with the project.
 *
 * @module
 */

import dgram from "node:dgram";
import { once } from "node:events";
import net from "node:net";
import dnsPacket, { type Answer, type Packet } from "dns-packet";

/** What a name server says of a name. */
export interface NameData {
  /** Code of the response. Default: 0, or 3 (no such name) where there is no `NameData` at all. */
  readonly code?: number;
  /** IPv4 addresses. */
  readonly ipv4?: readonly string[];
  /** IPv6 addresses. */
  readonly ipv6?: readonly string[];
}

/** Options of {@linkcode startDnsServer}. */
export interface DnsServerOptions {
  /** Address to listen at. Default: 127.0.0.1. */
  readonly host?: string;
  /** Port to listen at, by UDP and TCP. Default: any. */
  readonly port?: number;
  /** Says what is known of a name, in lower case; "silent" for no response at all. */
  resolve(name: string): NameData | "silent" | undefined;
}

/** A running server. */
export interface DnsServer {
  /** Its port. */
  readonly port: number;
  /** Names that were asked for. */
  readonly asked: readonly string[];
  /** Stop it. */
  close(): Promise<void>;
}

const NO_SUCH_NAME = 3;
const TTL_SECONDS = 60;
const LENGTH_BYTES = 2;

/** Start a server. @throws {Error} When the port is taken. */
export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const { host = "127.0.0.1", port = 0 } = options;
  const asked: string[] = [];
  const respond = (message: Uint8Array): Uint8Array | undefined => response(message, options, asked);
  const udp = dgram.createSocket("udp4", (message, from) => {
    const answer = respond(message);
    if (answer !== undefined) udp.send(answer, from.port, from.address);
  });
  const connections = new Set<net.Socket>();
  const tcp = net.createServer((connection) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
    serveStream(connection, respond);
  });
  try {
    await listen(tcp, udp, host, port);
  } catch (error) {
    udp.close();
    tcp.close();
    throw new Error(`Cannot start the DNS server on ${host}:${port}: ${String(error)}`, { cause: error });
  }
  return {
    port: udp.address().port,
    asked,
    async close() {
      for (const connection of connections) connection.destroy();
      await Promise.all([
        new Promise<void>((resolve) => udp.close(resolve)),
        new Promise<void>((resolve) => tcp.close(() => resolve())),
      ]);
    },
  };
}

/** How often another port is tried when the one that TCP got is taken for UDP. */
const MAX_ATTEMPTS = 20;

/** Listen at one port by TCP and UDP. */
async function listen(tcp: net.Server, udp: dgram.Socket, host: string, port: number): Promise<void> {
  for (let attempt = 1;; attempt++) {
    tcp.listen(port, host);
    await once(tcp, "listening");
    const { port: chosen } = tcp.address() as net.AddressInfo;
    udp.bind({ address: host, port: chosen, exclusive: true });
    try {
      await once(udp, "listening");
      return;
    } catch (error) {
      if (port !== 0 || attempt === MAX_ATTEMPTS) throw error;
      await new Promise<void>((resolve) => tcp.close(() => resolve()));
    }
  }
}

function serveStream(connection: net.Socket, respond: (message: Uint8Array) => Uint8Array | undefined): void {
  let pending = Buffer.alloc(0);
  connection.on("error", () => connection.destroy());
  connection.on("data", (chunk) => {
    pending = Buffer.concat([pending, typeof chunk === "string" ? Buffer.from(chunk) : chunk]);
    while (pending.length >= LENGTH_BYTES && pending.length >= LENGTH_BYTES + pending.readUInt16BE(0)) {
      const end = LENGTH_BYTES + pending.readUInt16BE(0);
      const answer = respond(pending.subarray(LENGTH_BYTES, end));
      pending = pending.subarray(end);
      if (answer === undefined) connection.destroy();
      else connection.write(Buffer.concat([Uint8Array.of(answer.length >> 8, answer.length & 0xff), answer]));
    }
  });
}

/** Respond to a query of one question; anything else gets no response. */
function response(message: Uint8Array, { resolve }: DnsServerOptions, asked: string[]): Uint8Array | undefined {
  const query = decode(message);
  const question = query?.questions?.[0];
  if (query === undefined || query.type !== "query" || question === undefined) return undefined;
  const name = question.name.toLowerCase();
  asked.push(name);
  const data = resolve(name) ?? { code: NO_SUCH_NAME };
  if (data === "silent") return undefined;
  const addresses = question.type === "A" ? data.ipv4 : question.type === "AAAA" ? data.ipv6 : [];
  const recursion = (query.flags ?? 0) & dnsPacket.RECURSION_DESIRED;
  return dnsPacket.encode({
    type: "response",
    ...(query.id === undefined ? {} : { id: query.id }),
    flags: dnsPacket.AUTHORITATIVE_ANSWER | dnsPacket.RECURSION_AVAILABLE | recursion | (data.code ?? 0),
    questions: [question],
    answers: (addresses ?? []).map((address) =>
      ({ type: question.type, name: question.name, ttl: TTL_SECONDS, data: address }) as Answer
    ),
  });
}

function decode(message: Uint8Array): Packet | undefined {
  try {
    return dnsPacket.decode(Buffer.from(message));
  } catch {
    return undefined;
  }
}
