/**
 * What open sockets offer beyond preview 1, for other ABIs.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { Family, type Received, type SocketAddress, SocketOption, SocketType } from "../../src/contract/network.ts";
import { inetAddress } from "../../src/contract/address.ts";
import { eventNetwork } from "../../src/core/net/events/network.ts";
import { GuestWakeSource } from "../../src/core/net/events/wake_source.ts";
import { GuestNetwork } from "../../src/core/net/guest_network.ts";
import { NetPolicy } from "../../src/core/net/policy/policy.ts";
import type { OpenSocket } from "../../src/core/net/socket.ts";
import { UnixPaths } from "../../src/core/net/unix_paths.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { ScriptedDriver } from "../unit/scripted_driver.ts";
import { loopback } from "./socket_caller.ts";
import type { SocketContext } from "./socket_suite.ts";

const DEADLINE_MS = 5000;
const QUIET_MS = 30;

/** A result as a test writes it. */
function outcome(result: number): number | string {
  return result < 0 ? errnoName(-result as Errno) : result + 0;
}

/** Call again while the answer is one of those that ask for it. */
async function eventually(call: () => number, deadlineMs = DEADLINE_MS): Promise<number> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const result = call();
    const isEarly = result === -Errno.AGAIN || result === -Errno.INPROGRESS;
    if (!isEarly || performance.now() > endMs) return result;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function vectors(bytes: Uint8Array) {
  return { bytes, starts: Uint32Array.of(0), lengths: Uint32Array.of(bytes.length), count: 1 };
}

/** Describe the suite. */
export function socketCoreSuite({ backend }: SocketContext): void {
  const network = new GuestNetwork({
    network: backend.network,
    policy: NetPolicy.all(),
    wake: new GuestWakeSource(),
    nameServer: eventNetwork(new ScriptedDriver()),
    redirectsAllQueries: false,
    paths: new UnixPaths({ mounts: [], cwd: "/", onHost: backend.network.hasHostPaths }),
  });

  async function using(families: readonly Family[], type: SocketType, use: (...all: OpenSocket[]) => Promise<void>) {
    const sockets = families.map((family) => network.openSocket(family, type) as OpenSocket);
    try {
      await use(...sockets);
    } finally {
      for (const socket of sockets) socket.close();
    }
  }

  async function bound(socket: OpenSocket, port = 0): Promise<SocketAddress> {
    let begun = network.startBind(socket, { ...loopback(socket.family), port });
    if (begun === -Errno.INPROGRESS) begun = await eventually(() => socket.finish());
    expect(outcome(begun)).toBe(0);
    return socket.localAddress();
  }

  async function freePort(family: Family): Promise<number> {
    let port = 0;
    await using([family], SocketType.DGRAM, async (socket) => {
      port = (await bound(socket!)).port;
    });
    return port;
  }

  async function connect(socket: OpenSocket, address: SocketAddress): Promise<void> {
    let begun = network.startConnect(socket, address);
    if (begun === -Errno.INPROGRESS) begun = await eventually(() => socket.finish());
    expect(outcome(begun)).toBe(0);
  }

  async function send(socket: OpenSocket, text: string, to?: SocketAddress): Promise<number | string> {
    const bytes = new TextEncoder().encode(text);
    return outcome(await eventually(() => network.send(socket, vectors(bytes), to)));
  }

  async function receive(socket: OpenSocket, deadlineMs?: number): Promise<string> {
    const from: Received = { truncated: false, from: undefined };
    const iovs = vectors(new Uint8Array(100));
    const result = await eventually(() => socket.receive(iovs, 0, from), deadlineMs);
    return result < 0 ? errnoName(-result as Errno) : new TextDecoder().decode(iovs.bytes.subarray(0, result));
  }

  describe("below the ABI", () => {
    test.each(backend.inet)("a datagram socket of family %i can be disconnected", async (family) => {
      await using([family, family, family], SocketType.DGRAM, async (one, two, three) => {
        // Linux takes a port away that it chose itself.
        const first = await bound(one!, backend.keepsChosenPort ? 0 : await freePort(family));
        const second = await bound(two!);
        await bound(three!);
        await connect(one!, second);
        expect(await send(one!, "to the peer")).toBe(11);
        expect(await receive(two!)).toBe("to the peer");
        await send(three!, "unwanted", first);
        expect(await receive(one!, QUIET_MS)).toBe("AGAIN");
        expect(outcome(one!.disconnect())).toBe(0);
        expect(one!.peerAddress()).toBe(-Errno.NOTCONN);
        expect(await send(one!, "to nobody")).toBe("DESTADDRREQ");
        await send(three!, "welcome", first);
        expect(await receive(one!)).toBe("welcome");
        expect(await send(one!, "to an address", second)).toBe(13);
        expect(await receive(two!)).toBe("to an address");
        expect(outcome(one!.disconnect())).toBe(0);
        await connect(one!, second);
        expect(one!.peerAddress()).toEqual(second);
      });
    });

    test("a stream can't be disconnected", async () => {
      await using([Family.INET], SocketType.STREAM, (socket) => {
        expect(outcome(socket!.disconnect())).toBe("NOTSUP");
        return Promise.resolve();
      });
    });

    test("a stream has an interval and a number of keep-alive probes, where the network has", async () => {
      await using([Family.INET], SocketType.STREAM, (socket) => {
        const { platformSocket } = socket!;
        const options = [[SocketOption.KEEPINTVL, 7, 32_768], [SocketOption.KEEPCNT, 3, 128]] as const;
        for (const [option, value, tooMuch] of options) {
          const [answer, refusal] = backend.hasKeepAliveProbes ? [0, "INVAL"] : ["NOPROTOOPT", "NOPROTOOPT"];
          expect(outcome(platformSocket.setOption(option, value))).toBe(answer);
          expect(outcome(platformSocket.setOption(option, tooMuch))).toBe(refusal);
          expect(outcome(platformSocket.setOption(option, 0))).toBe(refusal);
          expect(outcome(platformSocket.getOption(option))).toBe(backend.hasKeepAliveProbes ? value : "NOPROTOOPT");
        }
        return Promise.resolve();
      });
    });

    test.skipIf(!backend.inet.includes(Family.INET6))("a zone is taken or refused, and never ignored", async () => {
      const address: SocketAddress = { ...inetAddress("fe80::1234:5678", 9)!, scopeId: 0x7fff_fff0 };
      await using([Family.INET6, Family.INET6], SocketType.DGRAM, async (one, two) => {
        const answers = [
          network.startBind(one!, address),
          network.startConnect(one!, address),
          network.send(two!, vectors(new Uint8Array(1)), address),
        ];
        // No interface has this number.
        if (backend.hasScopes) {
          return expect(answers.every((answer) => answer < 0 && answer !== -Errno.NOTSUP)).toBe(true);
        }
        expect(answers.map(outcome)).toEqual(["NOTSUP", "NOTSUP", "NOTSUP"]);
        return await Promise.resolve();
      });
    });
  });
}
