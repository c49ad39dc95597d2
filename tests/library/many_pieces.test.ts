/** Reads and writes of more pieces than one call takes (IOV_MAX), as Rust's `write_vectored` makes them. */

import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { type Guest, instantiate, run, type RunOptions, runSync } from "wasirun";
import { Oflags, Rights } from "../../src/witx/types.ts";
import { proxyModule } from "../tools/proxy.ts";
import { memoryPlatform } from "../../src/platform/memory/mod.ts";
import { temporaryDirectory } from "../posix/temporary.ts";
import { PLATFORMS } from "../sandbox/platforms.ts";
import { cGuest } from "../tools/guests.ts";

const NUMBERS = Array.from({ length: 2000 }, (_, i) => String(i).padStart(4, "0")).join("");

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await WebAssembly.compile(new Uint8Array(await readFile(await cGuest("many_pieces"))));
});

const inMemory: readonly [string, () => RunOptions] = [
  "memory",
  () => ({ platform: memoryPlatform(), preopens: { "/": "." } }),
];
const onHost = PLATFORMS.map(([name, options]) =>
  [name, (): RunOptions => ({ ...options, preopens: { "/": temporaryDirectory() } })] as const
);

describe.each([inMemory, ...onHost])("by %s", (_name, makeOptions) => {
  const input = new TextEncoder().encode(NUMBERS);

  test("are short, while the thread blocks", () => {
    const result = runSync(module, { ...makeOptions(), stdin: input, stdout: "text", stderr: "text" });
    expect(result).toEqual({ exitCode: 0, stdout: NUMBERS, stderr: "" });
  });

  test("are short, while the guest is suspended", async () => {
    const result = await run(module, { ...makeOptions(), stdin: input, stdout: "text", stderr: "text" });
    expect(result).toEqual({ exitCode: 0, stdout: NUMBERS, stderr: "" });
  });

  test("are short over web streams", async () => {
    const written: Uint8Array[] = [];
    const stdin = new Blob([input]).stream();
    const stdout = new WritableStream<Uint8Array>({ write: (chunk) => void written.push(chunk.slice()) });
    expect(await run(module, { ...makeOptions(), stdin, stdout, stderr: "text" })).toEqual({ exitCode: 0, stderr: "" });
    expect(await new Blob(written as BlobPart[]).text()).toBe(NUMBERS);
  });
});

describe("a piece of 2^31 bytes or more", () => {
  const MAX_COUNT = 0x7ffff000;
  const RESULT = 16;
  const PATH = 64;
  /** Pages of 64 KiB: somewhat more than 2 GiB, of which nearly nothing is ever used. */
  const PAGES = 32_800;
  let large: WebAssembly.Module;
  beforeAll(() => {
    large = new WebAssembly.Module(proxyModule({ pages: PAGES }));
  });

  async function open(guest: Guest, fd: number, path: string, oflags: number): Promise<number> {
    const { written } = new TextEncoder().encodeInto(path, new Uint8Array(guest.memory.buffer, PATH, 64));
    const rights = BigInt(Rights.FD_READ | Rights.FD_WRITE);
    expect(await guest.call("path_open", fd, 0, PATH, written, oflags, rights, 0n, 0, RESULT)).toBe(0);
    return new DataView(guest.memory.buffer).getUint32(RESULT, true);
  }

  async function transfer(guest: Guest, name: string, fd: number, start: number, length: number): Promise<unknown> {
    const view = new DataView(guest.memory.buffer);
    view.setUint32(0, start, true);
    view.setUint32(4, length, true);
    const offset = name.startsWith("fd_p") ? [0n] : [];
    const errno = await guest.call(name, fd, 0, 1, ...offset, RESULT);
    return errno === 0 ? new DataView(guest.memory.buffer).getUint32(RESULT, true) : { errno };
  }

  test.each(PLATFORMS.slice(0, 2))("is cut where Linux does, by %s", async (_name, options) => {
    const preopens = { "/": temporaryDirectory(), "/dev": "/dev" };
    const guest = await instantiate(large, { ...options, preopens });
    try {
      const fd = await open(guest, 3, "file", Oflags.CREAT);
      expect(await transfer(guest, "fd_write", fd, PATH, 4)).toBe(4);
      for (const name of ["fd_pread", "fd_read", "fd_pread"]) {
        expect(await transfer(guest, name, fd, 1024, 0x80000001), name).toBe(name === "fd_read" ? 0 : 4);
      }
      expect(await transfer(guest, "fd_pread", fd, PAGES * 65536 - MAX_COUNT + 1, 0xffffffff)).toEqual({ errno: 21 });
      expect(await transfer(guest, "fd_pread", fd, PAGES * 65536 - MAX_COUNT, 0xffffffff)).toBe(4);
      const sink = await open(guest, 4, "null", 0);
      expect(await transfer(guest, "fd_write", sink, 0, 0x80000001)).toBe(MAX_COUNT);
    } finally {
      await guest.close();
    }
  });
});
