/**
 * A guest in C calls wasi:sockets in every state of a socket, on every network. `sockets.txt` is what wasmtime 49 prints;
 * RATIONALE "Where do sockets of components differ from wasmtime's?" has the reasons for what differs.
 */

import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { Family } from "../../src/contract/network.ts";
import { MemoryInput, MemoryOutput } from "../../src/platform/memory/mod.ts";
import { openNetwork } from "../../src/runtime/net/network.ts";
import { posixSocketBackend } from "../posix/posix_sockets.ts";
import { runtimeNetworkBackend, type SocketBackend, virtualBackend } from "../system/socket_systems.ts";
import { witComponent } from "../tools/component_guests.ts";
import { WASMTIME, wasmtimeRun } from "../tools/wasmtime.ts";
import { fakeGuest } from "./fake_context.ts";
import { runLinked } from "./linked_guest.ts";

const RECORDED = new URL("../guests/component/c/sockets.txt", import.meta.url);

/** Answers that differ from wasmtime's, by what was called. */
const DIFFERENT: readonly (readonly [call: RegExp, answer: string])[] = [
  [/^bind-in-progress local-address/, "invalid-state"],
  [/^listen-in-progress is-listening/, "false"],
  [/^listen-in-progress accept/, "invalid-state"],
  [/^connect-in-progress (hop-limit|receive-buffer-size) 0/, "invalid-argument"],
  [/^connect-in-progress keep-alive-(enabled|idle-time( 1 ns)?)$/, "ok"],
  [/^connect-in-progress hop-limit$/, "ok"],
  [/^closed keep-alive-enabled/, "ok"],
  [/^closed (local|remote)-address/, "invalid-state"],
  [/^closed (backlog 5|keep-alive-|hop-limit|receive-buffer)/, "invalid-state"],
  [/^closed backlog 0/, "invalid-argument"],
  [/^udp bind-in-progress (stream|local-address)/, "invalid-state"],
  [/^resolve (1|127\.1|a\.\.b|-a-)$/, "invalid-argument"],
];

/** Where a system may answer either: a connect in progress has a local address or has none yet. */
const EITHER = /^connect-in-progress local-address|^resolve a_b\.invalid/;

function ours(line: string): string {
  const [call = ""] = line.split(": ");
  const answer = DIFFERENT.find(([pattern]) => pattern.test(call))?.[1];
  return EITHER.test(call) ? call : answer === undefined ? line : `${call}: ${answer}`;
}

async function output(backend: SocketBackend): Promise<string> {
  const { platform, network, mode } = backend;
  const net = { ...mode === "block" ? {} : { network }, allow: true as const };
  const opened = await openNetwork(net, platform, mode);
  const stdout = new MemoryOutput();
  const guest = fakeGuest(platform, {
    mode,
    stdio: { stdin: new MemoryInput(), stdout, stderr: new MemoryOutput() },
    network: opened.guestNetwork([], "/"),
  });
  await runLinked(await witComponent("sockets"), guest);
  return stdout.text();
}

const BACKENDS: Readonly<Record<string, SocketBackend>> = {
  "the virtual network": await virtualBackend(),
  "the runtime's own network": await runtimeNetworkBackend(),
  "the posix network": await posixSocketBackend("suspend"),
  "the posix network, in a thread that blocks": await posixSocketBackend("block"),
};

describe.each(Object.entries(BACKENDS))("a guest that calls everything, on %s", (_name, backend) => {
  test.runIf(backend.inet.includes(Family.INET6))("is answered as by wasmtime, or as the WIT says", async () => {
    const recorded = (await readFile(RECORDED, "utf8")).split("\n");
    const lines = (await output(backend)).split("\n").map((line) => EITHER.test(line) ? line.split(": ")[0]! : line);
    expect(lines).toEqual(recorded.map(ours));
  });
});

test.skipIf(WASMTIME === undefined)("wasmtime answers as recorded: WASIRUN_WASMTIME names it", async () => {
  const options = ["-S", "inherit-network,allow-ip-name-lookup"];
  expect(await wasmtimeRun([...options, await witComponent("sockets")])).toBe(await readFile(RECORDED, "utf8"));
});
