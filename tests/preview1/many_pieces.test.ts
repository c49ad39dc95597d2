/** More pieces than one call takes: a short transfer for streams, an error for datagrams. */

import { afterEach, describe, expect, test } from "vitest";
import type { Platform } from "../../src/contract/platform.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { instantiateGuest } from "../../src/runtime/guest/instantiate_guest.ts";
import { le } from "./abi_guest.ts";
import { At, extensionModule, lastOf, WasmEdgeGuest } from "./wasmedge_guest.ts";

const PIECES = 2000;
const MAX_COUNT = 1024;
/** Where the pieces of one byte each begin, and their array. */
const DATA = 8000;
const VECTORS = 16_000;
const { RESULT, OTHER } = At;

const guests: WasmEdgeGuest[] = [];
afterEach(() => {
  for (const guest of guests.splice(0)) guest.close();
});

async function over(platform: Platform): Promise<WasmEdgeGuest> {
  const loading = { compiled: extensionModule(), label: "extension", basename: "extension.wasm", bytes: undefined };
  return WasmEdgeGuest.over(await instantiateGuest(loading, { net: { allow: true } }, platform, "suspend"));
}

describe.each([
  ["a virtual network", () => WasmEdgeGuest.start()],
  ["the runtime's own network", () => over(detectPlatform()())],
  ["the posix platform", () => over(posix())],
])("over %s", (_name, makeOne) => {
  async function start(): Promise<WasmEdgeGuest> {
    const at = await makeOne();
    guests.push(at);
    for (let i = 0; i < PIECES; i++) {
      at.put(DATA + i, [48 + i % 10]);
      at.put(VECTORS + 8 * i, le([DATA + i, 4], [1, 4]));
    }
    at.put(VECTORS + 8 * 1500, le([lastOf(0), 4], [1, 4]));
    return at;
  }

  test.each([
    ["sock_send/5", [0, RESULT], "sock_recv/6", [0, RESULT, OTHER]],
    ["fd_write", [RESULT], "fd_read", [RESULT]],
  ])("%s of a stream is short", async (send, sendArgs, receive, receiveArgs) => {
    const at = await start();
    const { client, server } = await at.pair(0);
    await at.must(send, client, VECTORS, PIECES, ...sendArgs);
    expect(at.u32(RESULT)).toBe(MAX_COUNT);
    at.bytes.fill(0, DATA, DATA + PIECES);
    let got = 0;
    while (got < MAX_COUNT) {
      // A short read goes on with the pieces that are left; those behind lie outside of memory.
      const count = got === 0 ? PIECES : MAX_COUNT - got;
      await at.must(receive, server, VECTORS + 8 * got, count, ...receiveArgs);
      got += at.u32(RESULT);
    }
    expect(got).toBe(MAX_COUNT);
    const text = new TextDecoder().decode(at.bytes.subarray(DATA, DATA + MAX_COUNT + 1));
    expect(text).toBe(Array.from({ length: MAX_COUNT }, (_, i) => String(i % 10)).join("") + "\0");
  });

  test("of a datagram are an error, and nothing is sent or taken", async () => {
    const at = await start();
    const fd = await at.datagrams(0);
    const port = await at.portOf(fd);
    await at.must("sock_connect/3", fd, at.record([127, 0, 0, 1]), port);
    await at.must("sock_send/5", fd, VECTORS, 5, 0, RESULT);
    await at.check("sock_send/5", [fd, VECTORS, PIECES, 0, RESULT], "MSGSIZE");
    await at.check("fd_write", [fd, VECTORS, PIECES, RESULT], "INVAL");
    const to = [at.record([127, 0, 0, 1]), port];
    await at.check("sock_send_to/7", [fd, VECTORS, PIECES, ...to, 0, RESULT], "MSGSIZE");
    await at.check("sock_recv/6", [fd, VECTORS, PIECES, 0, RESULT, OTHER], "MSGSIZE");
    await at.check("fd_read", [fd, VECTORS, PIECES, RESULT], "INVAL");
    await at.must("sock_send/5", fd, VECTORS + 8 * 7, 2, 0, RESULT);
    const got: number[] = [];
    for (const _ of [1, 2]) {
      await at.must("sock_recv/6", fd, VECTORS, MAX_COUNT, 0, RESULT, OTHER);
      got.push(at.u32(RESULT));
    }
    expect(got).toEqual([5, 2]);
  });
});
