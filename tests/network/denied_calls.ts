/**
 * Makes every call of Deno's driver, and prints as JSON what each became: "ok", or the name of its errno.
 *
 * `deno run [permissions] denied_calls.ts ALLOWED DENIED DIRECTORY`: two ports of 127.0.0.1, and where to put sockets.
 */

import { Family, type SocketAddress, SocketType } from "../../src/contract/network.ts";
import type { DatagramHandle } from "../../src/core/net/events/driver.ts";
import { GuestWakeSource } from "../../src/core/net/events/wake_source.ts";
import { denoDriver, denoNetwork } from "../../src/platform/deno/network.ts";
import { type Errno, errnoName } from "../../src/witx/errno.ts";
import { errnoFromResult } from "../../src/contract/results.ts";

const [allowed = "", denied = "", directory = ""] = process.argv.slice(2);
const NO_OPTIONS = new Map();
const driver = denoDriver();

const at = (port: string | number): SocketAddress => ({ family: Family.INET, host: "127.0.0.1", port: Number(port) });
const path: SocketAddress = { family: Family.UNIX, host: `${directory}/socket`, port: 0 };

function listen(address: SocketAddress): Promise<string> {
  return new Promise((resolve) => {
    const listener = driver.listen(address, NO_OPTIONS, {
      listening: () => queueMicrotask(() => (listener.close(), resolve("ok"))),
      failed: (errno) => resolve(errnoName(errno)),
      accepted() {},
    });
  });
}

function connect(address: SocketAddress, local?: SocketAddress): Promise<string> {
  return new Promise((resolve) => {
    const connection = driver.connect(address, local, NO_OPTIONS, {
      opened: () => (connection.close(), resolve("ok")),
      failed: (errno) => resolve(errnoName(errno)),
      received() {},
      ended() {},
      writable() {},
    });
  });
}

/** Open, and send to each address; what was not refused after a while is "ok". */
function sendFrom(local: SocketAddress, ...to: SocketAddress[]): Promise<string[]> {
  return new Promise((resolve) => {
    const refusals: Errno[] = [];
    const handle: DatagramHandle = driver.openDatagram(local, NO_OPTIONS, {
      opened: () => queueMicrotask(() => void send()),
      failed: (errno) => resolve([errnoName(errno)]),
      received() {},
      writable() {},
      refused: (errno) => void refusals.push(errno),
    });
    async function send(): Promise<void> {
      const results: string[] = [];
      for (const address of to) {
        refusals.length = 0;
        const sent = handle.send(new Uint8Array(3), 0, 3, address);
        await new Promise((done) => setTimeout(done, 100));
        const errno = sent < 0 ? -sent : refusals[0];
        results.push(errno === undefined ? "ok" : errnoName(errno));
      }
      handle.close();
      resolve(results);
    }
  });
}

function lookup(name: string, dnsServer?: string): Promise<string> {
  return new Promise((resolve) => {
    denoDriver({ dnsServer }).lookup(name, 0, (result) => {
      resolve(typeof result === "number" ? errnoName(errnoFromResult(result)) : "ok");
    });
  });
}

function openUnixDatagram(): string {
  const socket = denoNetwork({}).socket(Family.UNIX, SocketType.DGRAM, new GuestWakeSource());
  return typeof socket === "number" ? errnoName(errnoFromResult(socket)) : "ok";
}

const results: Record<string, unknown> = {
  listenAllowed: await listen(at(allowed)),
  listenDenied: await listen(at(denied)),
  connectAllowed: await connect(at(allowed)),
  connectDenied: await connect(at(denied)),
  connectFromAllowed: await connect(at(allowed), at(0)),
  connectFromDenied: await connect(at(denied), at(0)),
  sendFromAllowed: await sendFrom(at(allowed), at(allowed), at(denied)),
  sendFromDenied: await sendFrom(at(denied), at(allowed)),
  listenAtPath: await listen(path),
  connectToPath: await connect(path),
  unixDatagrams: openUnixDatagram(),
  lookup: await lookup("localhost"),
  lookupByServer: await lookup("name.test", `127.0.0.1:${denied}`),
};
console.log(JSON.stringify(results));
