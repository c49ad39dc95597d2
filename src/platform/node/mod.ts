/**
 * The platform of Node.
 *
 * @module
 */

import fs from "node:fs";
import type { Readable } from "node:stream";
import { Filetype } from "../../witx/types.ts";
import type { PlatformNetwork } from "../../contract/network.ts";
import type { Platform, PlatformClock } from "../../contract/platform.ts";
import { runtimeClock } from "../shared/clock.ts";
import type { DriverOptions } from "./network.ts";
import { cputimeNs, platformOverNode } from "./platform.ts";
import { runtimeRandom } from "../shared/random.ts";
import { reopenNonBlocking, type StdinPull } from "./stdio.ts";
import { loadTty } from "./terminal.ts";

/**
 * A stream over standard input. A pipe is opened once more, because libuv sets O_NONBLOCK on what it is given
 * (https://github.com/nodejs/node/issues/42826; closed as intended); for a
 * terminal it does that itself. A socket can't be opened again: it is the one kind of standard input that is changed.
 */
async function openInput(filetype: Filetype, isTerminal: boolean): Promise<Readable> {
  if (isTerminal) return new (loadTty().ReadStream)(0);
  const { default: net } = await import("node:net");
  const reopened = filetype === Filetype.SOCKET_STREAM ? undefined : reopenNonBlocking();
  return new net.Socket({ fd: reopened ?? 0, readable: true, writable: false });
}

/** Reads by events, which a process can end amid; a read(2) in the pool of threads would hold up its exit. */
const pull: StdinPull = (filetype, isTerminal) => {
  let stream: Readable & { unref?: () => unknown; ref?: () => unknown } | undefined;
  let ended = false;

  async function open(): Promise<Readable> {
    const opened = await openInput(filetype, isTerminal);
    opened.on("end", () => ended = true);
    opened.on("error", () => ended = true);
    return opened;
  }

  return async (bytes) => {
    stream ??= await open();
    const input = stream;
    input.ref?.();
    return await new Promise((resolve, reject) => {
      function finish(count: number, error?: unknown): void {
        input.off("readable", onReadable).off("end", onEnd).off("error", onError);
        input.unref?.();
        if (error === undefined) resolve(count);
        else reject(error);
      }
      function onReadable(): void {
        const length = Math.min(input.readableLength, bytes.length);
        // Without data, the call to read makes the stream emit its end.
        const chunk = (length === 0 ? input.read() : input.read(length)) as Uint8Array | null;
        if (chunk === null) return;
        bytes.set(chunk);
        finish(chunk.length);
      }
      function onEnd(): void {
        finish(0);
        if (!isTerminal) return;
        // A terminal goes on after its end, and the stream does not.
        input.destroy();
        stream = undefined;
        ended = false;
      }
      const onError = (error: unknown): void => finish(0, error);
      if (ended) return onEnd();
      input.on("readable", onReadable).on("end", onEnd).on("error", onError);
      onReadable();
    });
  };
};

/** Clocks with `process.hrtime.bigint`, which costs half of what `performance.now` and its conversion do. */
function nodeClock(): PlatformClock {
  const now = process.hrtime.bigint;
  const ns = new BigUint64Array(1);
  const words = new Uint32Array(ns.buffer);
  return {
    ...runtimeClock(() => Number(now()) / 1e6, cputimeNs, 1),
    monotonic: () => Number(now()),
    monotonicInto(out) {
      ns[0] = now();
      out[0] = words[0]!;
      out[1] = words[1]!;
    },
  };
}

/**
 * Random bytes of the kernel. To load the global `crypto` takes Node 6 ms, and every Go guest asks for random bytes when
 * it starts.
 */
function readUrandom(bytes: Uint8Array<ArrayBuffer>): void {
  let fd: number;
  try {
    fd = fs.openSync("/dev/urandom", "r");
  } catch {
    crypto.getRandomValues(bytes);
    return;
  }
  try {
    if (fs.readSync(fd, bytes) !== bytes.length) crypto.getRandomValues(bytes);
  } finally {
    fs.closeSync(fd);
  }
}

/** Most guests have no network: what it takes is loaded for those that have. */
async function openNetwork(options: DriverOptions): Promise<PlatformNetwork> {
  const { nodeNetwork } = await import("./network.ts");
  return nodeNetwork(options);
}

let platform: Platform | undefined;

/**
 * The platform of Node, over `node:fs`.
 *
 * @returns Always the same one.
 *
 * @example Its name
 * ```ts
 * import { nodePlatform } from "wasirun/node";
 * import assert from "node:assert/strict";
 *
 * assert.equal(nodePlatform().name, "node");
 * ```
 */
export function nodePlatform(): Platform {
  platform ??= platformOverNode("node", nodeClock(), runtimeRandom(readUrandom), pull, openNetwork);
  return platform;
}
