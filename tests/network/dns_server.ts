/** A DNS server on loopback that answers by the name that it is asked for. */

import dgram from "node:dgram";

const A = 1;
const RESPONSE = 0x8180;

/** What a name that begins so is answered; any other has an address of each family. */
const RCODES: Readonly<Record<string, number>> = { missing: 3, broken: 2, refused: 5 };

/** A running server. */
export interface DnsServer {
  readonly port: number;
  /** Names that were asked for. */
  readonly asked: string[];
  close(): void;
}

/** Start one; a name that begins with `silent` gets no answer, `v4` none of IPv6, `empty` one without addresses. */
export async function startDnsServer(): Promise<DnsServer> {
  const socket = dgram.createSocket("udp4");
  const asked: string[] = [];
  socket.on("message", (query, from) => {
    const { name, end } = readName(query);
    asked.push(name);
    if (name.startsWith("silent")) return;
    socket.send(response(query, name, end), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { port: socket.address().port, asked, close: () => void socket.close() };
}

function readName(query: Uint8Array): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  while (query[at] !== 0) {
    const length = query[at]!;
    labels.push(new TextDecoder().decode(query.subarray(at + 1, at + 1 + length)));
    at += length + 1;
  }
  return { name: labels.join("."), end: at + 5 };
}

function response(query: Uint8Array, name: string, end: number): Uint8Array {
  const type = query[end - 3]!;
  const rcode = Object.entries(RCODES).find(([prefix]) => name.startsWith(prefix))?.[1] ?? 0;
  const isEmpty = rcode !== 0 || name.startsWith("empty") || (type !== A && name.startsWith("v4"));
  const data = type === A ? [10, 0, 0, 1] : [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  const answer = isEmpty ? [] : [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data];
  const flags = RESPONSE | rcode;
  const header = [query[0]!, query[1]!, flags >> 8, flags & 0xff, 0, 1, 0, isEmpty ? 0 : 1, 0, 0, 0, 0];
  return Uint8Array.from([...header, ...query.subarray(12, end), ...answer]);
}
