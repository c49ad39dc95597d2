/**
 * `leaking_networks.ts COUNT`: makes networks in turn, uses and closes their sockets, waits for some of them, and prints
 * what the process has before and after.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { Family, SocketType } from "../../src/contract/network.ts";
import { Interest } from "../../src/contract/pollable.ts";
import { posixWaiter } from "../../src/platform/posix/poll/waiter.ts";
import { openDescriptors } from "./descriptor_files.ts";
import { ownHost } from "./posix_sockets.ts";
import { connect, RawSockets, receive, send, unixAddress } from "./raw_sockets.ts";

/** What a process has. */
interface Holdings {
  readonly descriptors: number;
  readonly mappings: number;
}

/** What is printed. */
export interface NetworkLeakReport {
  readonly before: Holdings;
  readonly after: Holdings;
}

const WARM_UP = 200;

function holdings(): Holdings {
  const mappings = readFileSync("/proc/self/maps", "utf8").split("\n").length;
  return { descriptors: openDescriptors().size, mappings };
}

async function useNetwork(index: number): Promise<void> {
  const mode = index % 50 === 0 ? "suspend" : "block";
  const sockets = new RawSockets(mode);
  const listener = sockets.listener();
  const [client, server] = sockets.pair(listener);
  const datagrams = sockets.open(Family.UNIX, SocketType.DGRAM).socket;
  datagrams.connect(unixAddress("/nowhere"));
  send(client, "x");
  await posixWaiter(ownHost(), mode).wait([server], [Interest.READ], 1e9);
  receive(server, 9);
  // Half of a wait that nobody ends.
  if (mode === "suspend") void posixWaiter(ownHost(), "suspend").wait([server], [Interest.READ], 1e6);
  if (index % 3 === 0) connect(sockets.open().socket, listener.socket.localAddress());
  sockets.close();
}

async function use(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await useNetwork(i);
  await new Promise((resolve) => setTimeout(resolve, 50));
}

await use(WARM_UP);
const before = holdings();
await use(Number(process.argv[2]));
const report: NetworkLeakReport = { before, after: holdings() };
console.log(JSON.stringify(report));
