/**
 * `ending_host.ts HOW MS`: waits for a socket by promises, and ends in one of several ways while it does, MS later. What
 * it prints last is the time when it began to end.
 *
 * @module
 */

import process from "node:process";
import { Family, SocketType } from "../../src/contract/network.ts";
import type { Pollable } from "../../src/contract/pollable.ts";
import { GuestWakeSource } from "../../src/core/net/events/wake_source.ts";
import { posixNetwork } from "../../src/platform/posix/net/network.ts";
import { posixWaiter } from "../../src/platform/posix/poll/waiter.ts";
import { posixHost } from "../races/posix_host.ts";
import { connect } from "./raw_sockets.ts";

const [how = "", ms = "0"] = process.argv.slice(2);
const host = posixHost();
const network = posixNetwork(host, "suspend");
const waiter = posixWaiter(host, "suspend");
const wake = new GuestWakeSource();
const listener = network.socket(Family.INET, SocketType.STREAM, wake);
const client = network.socket(Family.INET, SocketType.STREAM, wake);
if (typeof listener === "number" || typeof client === "number") throw new Error("There are no sockets");
listener.bind({ family: Family.INET, host: "127.0.0.1", port: 0 });
listener.listen(1);

async function untilTime(deadlineMs: number): Promise<void> {
  // A wait may end early.
  for (let leftMs = Infinity; leftMs > 0; leftMs = deadlineMs - performance.now()) {
    await waiter.wait([listener as Pollable], [1], Math.min(leftMs * 1e6, Number(ms) * 1e6));
  }
  begin();
}

async function untilReady(): Promise<void> {
  const pollable = listener as Pollable;
  while (pollable.readiness(1) === 0) await waiter.wait([pollable], [1], Infinity);
}

function begin(): void {
  console.log(Date.now());
}

function end(): void {
  begin();
  switch (how) {
    case "exit":
      return process.exit(3);
    case "throw":
      throw new Error("on purpose");
    case "reject":
      return void Promise.reject(new Error("on purpose"));
    default:
      if (typeof client !== "number" && typeof listener !== "number") connect(client, listener.localAddress());
  }
}

// Not awaited: while a module is awaited, Bun 1.4.5 does not end for an error.
if (how === "timeout") void untilTime(performance.now() + Number(ms));
else {
  setTimeout(end, Number(ms));
  void untilReady();
}
