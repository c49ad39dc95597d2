/** What is measured: how the load program is called, and how its count is told. */

/** A measurement. */
export interface Case {
  /** Heading of its table. */
  readonly title: string;
  /** Arguments of the load program. */
  readonly args: readonly string[];
  /** Which of the server's addresses it uses. */
  readonly port: "http" | "bulk" | "udp";
  /** What is counted, in the singular. */
  readonly unit: string;
  /** How many of the load program's counts are one unit. */
  readonly perUnit: number;
}

function http(connections: number): Case {
  return {
    title: `HTTP, ${connections} keep-alive connections`,
    args: ["-mode", "http", "-connections", String(connections)],
    port: "http",
    unit: "request",
    perUnit: 1,
  };
}

function bulk(title: string, mode: string): Case {
  return { title, args: ["-mode", mode, "-connections", "1"], port: "bulk", unit: "MB", perUnit: 1e6 };
}

/** The measurements, in order. */
export const CASES: readonly Case[] = [
  http(32),
  http(256),
  bulk("TCP to the server, one connection, 64 KiB writes", "bulk-up"),
  bulk("TCP from the server, one connection, 64 KiB writes", "bulk-down"),
  {
    title: "TCP connections opened, used for one byte and reset, 8 at a time",
    args: ["-mode", "connect", "-connections", "8"],
    port: "bulk",
    unit: "connection",
    perUnit: 1,
  },
  {
    title: "UDP echo, 4 clients, 64 bytes",
    args: ["-mode", "udp-echo", "-connections", "4", "-chunk", "64"],
    port: "udp",
    unit: "datagram",
    perUnit: 1,
  },
];
