/** Reading and writing straight from and to the memory of guests. */

import fs from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { IoVectors } from "../../src/contract/vectors.ts";
import { type Guest, instantiate } from "wasirun";
import type { PlatformFile } from "../../src/contract/platform.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { Errno } from "../../src/witx/errno.ts";
import { Fdflags, Oflags, RIGHTS_ALL } from "../../src/witx/types.ts";
import { CREATE, ok, open } from "../platform/under_test.ts";
import { proxyModule } from "../tools/proxy.ts";
import { hasProc, readsOfThread, writesOfThread } from "./descriptor_files.ts";
import { inProcess } from "./in_process.ts";
import { posixSystem } from "./posix_system.ts";
import { temporaryDirectory } from "./temporary.ts";

const PIECES = 1024;

/** Pieces of some bytes each, in an array with gaps between them. */
function pieces(count: number, length: number): IoVectors {
  const starts = Uint32Array.from({ length: count }, (_, i) => i * (length + 1));
  const bytes = new Uint8Array(count * (length + 1));
  starts.forEach((start, i) => bytes.fill(1 + i % 255, start, start + length));
  return { bytes, starts, lengths: new Uint32Array(count).fill(length), count };
}

describe(`${PIECES} pieces`, () => {
  const LENGTH = 16;
  const TOTAL = PIECES * LENGTH;
  const out = { value: 0 };

  test.skipIf(!hasProc)("are written and read by one call of the system", () => {
    const { call, system } = posixSystem();
    const fd = call.mustOpen("file", { oflags: Oflags.CREAT });
    const appending = call.mustOpen("file", { fdflags: Fdflags.APPEND });
    const source = pieces(PIECES, LENGTH);
    const target = { ...source, bytes: new Uint8Array(source.bytes.length) };
    const writes: Record<string, () => Errno> = {
      fdWrite: () => system.fd.write(fd, source, out),
      fdPwrite: () => system.fd.pwrite(fd, source, 0, out),
      "fdPwrite far away": () => system.fd.pwrite(fd, source, 2 ** 33, out),
      "fdWrite at the end": () => system.fd.write(appending, source, out),
    };
    for (const [name, write] of Object.entries(writes)) {
      const before = writesOfThread();
      expect(write(), name).toBe(Errno.SUCCESS);
      expect(writesOfThread() - before, name).toBe(1);
      expect(out.value).toBe(TOTAL);
    }
    call.seek(fd, 0n, 0);
    const reads: Record<string, () => Errno> = {
      fdRead: () => system.fd.read(fd, target, out),
      fdPread: () => system.fd.pread(fd, target, 0, out),
      "fdPread far away": () => system.fd.pread(fd, target, 2 ** 33, out),
    };
    readsOfThread();
    const own = -readsOfThread() + readsOfThread();
    for (const [name, read] of Object.entries(reads)) {
      target.bytes.fill(0);
      const before = readsOfThread();
      expect(read(), name).toBe(Errno.SUCCESS);
      expect(readsOfThread() - before - own, name).toBe(1);
      expect(out.value).toBe(TOTAL);
      expect(target.bytes).toEqual(source.bytes);
    }
    system.close();
  });

  test("that two processes append at the same time lie together", async () => {
    const folder = temporaryDirectory();
    const records = 150;
    const path = join(folder, "file");
    const go = join(folder, "go");
    const args = (mark: number): string[] => [folder, String(mark), String(records), go];
    const writers = [1, 2].map((mark) => inProcess("append", args(mark)));
    await Promise.all([1, 2].map((mark) => fileAppears(`${go}${mark}`)));
    fs.writeFileSync(go, "");
    expect(await Promise.all(writers)).toEqual([{ written: records }, { written: records }]);
    const content = fs.readFileSync(path);
    expect(content.length).toBe(2 * records * TOTAL);
    let changes = 0;
    for (let at = 0; at < content.length; at += TOTAL) {
      const record = content.subarray(at, at + TOTAL);
      expect(record.every((byte) => byte === record[0]), `record at ${at}`).toBe(true);
      if (at > 0 && record[0] !== content[at - 1]) changes++;
    }
    // They did write at the same time.
    expect(changes).toBeGreaterThan(0);
  });
});

async function fileAppears(path: string): Promise<void> {
  for (let i = 0; i < 2000 && !fs.existsSync(path); i++) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe("offsets", () => {
  test.each([2 ** 31 - 3, 2 ** 31, 2 ** 32 - 3, 2 ** 32 + 1, 2 ** 40, 2 ** 43])("around %i are exact", (offset) => {
    const { call, system, folder } = posixSystem();
    const fd = call.mustOpen("file", { oflags: Oflags.CREAT });
    const at = BigInt(offset);
    expect(call.pwrite(fd, at, "abc")).toBe(3);
    expect(call.pwrite(fd, at + 3n, "de", "fgh")).toBe(5);
    expect(call.seek(fd, at + 8n, 0)).toBe(offset + 8);
    expect(call.write(fd, "ij")).toBe(2);
    expect(call.write(fd, "k", "l")).toBe(2);
    expect(call.tell(fd)).toBe(offset + 12);
    expect(call.pread(fd, at + 1n, 4)).toBe("bcde");
    expect(call.pread(fd, at - 1n, 2, 20)).toBe("\0abcdefghijkl");
    expect(call.seek(fd, -12n, 2)).toBe(offset);
    expect(call.read(fd, 5)).toBe("abcde");
    expect(call.read(fd, 3, 50)).toBe("fghijkl");
    expect(call.fdStat(fd)).toMatchObject({ size: at + 12n });
    expect(fs.statSync(join(folder, "file")).size).toBe(offset + 12);
    expect(call.setSize(fd, at + 2n)).toBe("SUCCESS");
    expect(call.pread(fd, at, 10)).toBe("ab");
    expect(fs.statSync(join(folder, "file")).size).toBe(offset + 2);
    system.close();
  });

  test("below 0 and beyond what files can have are refused", () => {
    const { call, system } = posixSystem();
    const fd = call.mustOpen("file", { oflags: Oflags.CREAT });
    expect(call.pwrite(fd, 2n ** 63n, "x")).toEqual({ errno: "INVAL" });
    expect(call.pread(fd, 2n ** 64n - 1n, 1)).toEqual({ errno: "INVAL" });
    const far = call.pwrite(fd, 2n ** 52n, "x");
    expect(typeof far === "number" ? far : far.errno).toBe("FBIG");
    expect(call.setSize(fd, 2n ** 62n)).toMatch(/^(FBIG|INVAL)$/);
    system.close();
  });
});

describe("arrays of the caller", () => {
  function openFile(): PlatformFile {
    const root = posix().openRoot(temporaryDirectory());
    const file = open(root, "file", CREATE);
    root.close();
    return file;
  }

  const decoder = new TextDecoder();

  test("may be small, and move when their buffer is asked for", () => {
    const file = openFile();
    const text = new TextEncoder().encode("0123456789abcdefghij");
    ok(file.pwrite(text, 0, 20, 0));
    for (let i = 0; i < 300; i++) {
      const bytes = new Uint8Array(20);
      ok(file.pread(bytes, 0, 10, 0));
      // Runtimes keep small arrays in memory of their own until their buffer is asked for, or collect the garbage around.
      if (i % 2 === 0) expect(bytes.buffer.byteLength).toBe(20);
      else Array.from({ length: 500 }, (_, k) => ({ k }));
      const iovs = { bytes, starts: Uint32Array.of(10, 12), lengths: Uint32Array.of(2, 8), count: 2 };
      ok(file.preadv!(iovs, 10));
      expect(decoder.decode(bytes)).toBe("0123456789abcdefghij");
    }
    file.close();
  });

  test("may have no bytes", () => {
    const file = openFile();
    const iovs = { bytes: new Uint8Array(0), starts: Uint32Array.of(0, 0), lengths: Uint32Array.of(0, 0), count: 2 };
    expect(file.pwrite(iovs.bytes, 0, 0, 0)).toBe(0);
    expect(file.pwritev!(iovs, 0)).toBe(0);
    expect(file.preadv!(iovs, 0)).toBe(0);
    expect(file.preadv!({ ...iovs, count: 0 }, 0)).toBe(0);
    file.close();
  });

  test("may be parts of others", () => {
    const file = openFile();
    const whole = new TextEncoder().encode("..hello..world..");
    const part = whole.subarray(2, 14);
    expect(file.pwritev!({ bytes: part, starts: Uint32Array.of(7, 0), lengths: Uint32Array.of(5, 5), count: 2 }, 0))
      .toBe(10);
    const bytes = new Uint8Array(32);
    expect(file.pread(bytes.subarray(4, 20), 2, 14, 0)).toBe(10);
    expect(decoder.decode(bytes.subarray(6, 16))).toBe("worldhello");
    expect([bytes[5], bytes[16]]).toEqual([0, 0]);
    file.close();
  });

  test("may be of more than 2 GiB", () => {
    const file = openFile();
    ok(file.pwrite(new TextEncoder().encode("content"), 0, 7, 0));
    const bytes = new Uint8Array(2 ** 31 + 4096);
    for (const length of [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 4096]) {
      bytes.fill(0, 0, 8);
      expect(file.pread(bytes, 0, length, 0), String(length)).toBe(7);
      expect(decoder.decode(bytes.subarray(0, 7))).toBe("content");
    }
    expect(file.pread(bytes, 2 ** 31 + 10, 100, 0)).toBe(7);
    expect(decoder.decode(bytes.subarray(2 ** 31 + 10, 2 ** 31 + 17))).toBe("content");
    const iovs = { bytes, starts: Uint32Array.of(2 ** 31 + 1), lengths: Uint32Array.of(3), count: 1 };
    expect(file.preadv!(iovs, 4)).toBe(3);
    expect(decoder.decode(bytes.subarray(2 ** 31 + 1, 2 ** 31 + 4))).toBe("ent");
    file.close();
  });
});

describe("the memory of a guest", () => {
  const module = new WebAssembly.Module(proxyModule());
  const RESULT = 0;
  const IOVECS = 16;
  let guests: Guest[];
  let folder: string;

  beforeAll(async () => {
    folder = temporaryDirectory();
    guests = [];
    for (const _ of [1, 2]) guests.push(await instantiate(module, { platform: posix(), preopens: { "/": folder } }));
  });
  afterAll(async () => {
    for (const guest of guests) await guest.close();
  });

  async function openIn(guest: Guest, name: string): Promise<number> {
    const bytes = new TextEncoder().encode(name);
    new Uint8Array(guest.memory.buffer, 1024, bytes.length).set(bytes);
    const rights = BigInt(RIGHTS_ALL);
    const args = [3, 0, 1024, bytes.length, Oflags.CREAT, rights, rights, 0, RESULT];
    expect(await guest.call("path_open", ...args)).toBe(Errno.SUCCESS);
    return new DataView(guest.memory.buffer).getUint32(RESULT, true);
  }

  /** fd_pwrite or fd_pread of two pieces, which lie at `at` and 10 bytes behind it. */
  async function transfer(guest: Guest, name: string, fd: number, at: number): Promise<number> {
    const view = new DataView(guest.memory.buffer);
    for (const [i, value] of [at, 5, at + 10, 5].entries()) view.setUint32(IOVECS + 4 * i, value, true);
    expect(await guest.call(name, fd, IOVECS, 2, 0n, RESULT)).toBe(Errno.SUCCESS);
    return new DataView(guest.memory.buffer).getUint32(RESULT, true);
  }

  function put(guest: Guest, at: number, text: string): void {
    new TextEncoder().encodeInto(text, new Uint8Array(guest.memory.buffer, at));
  }

  function textAt(guest: Guest, at: number, length: number): string {
    return new TextDecoder().decode(new Uint8Array(guest.memory.buffer, at, length));
  }

  test("is where it is, also after it grew", async () => {
    const guest = guests[0]!;
    const fd = await openIn(guest, "grown");
    for (let pages = 1; pages < 40; pages += 3) {
      const last = guest.memory.buffer.byteLength - 64;
      put(guest, last, `<${String(pages).padStart(3)}>.....[two]`);
      expect(await transfer(guest, "fd_pwrite", fd, last)).toBe(10);
      guest.memory.grow(3);
      const end = guest.memory.buffer.byteLength - 64;
      expect(await transfer(guest, "fd_pread", fd, end)).toBe(10);
      expect(textAt(guest, end, 15)).toBe(`<${String(pages).padStart(3)}>\0\0\0\0\0[two]`);
    }
    expect(fs.readFileSync(join(folder, "grown"), "utf8")).toMatch(/^<.{3}>\[two\]$/);
  });

  test("is that of the guest that called, while two take turns", async () => {
    const fds = [await openIn(guests[0]!, "one"), await openIn(guests[1]!, "two")];
    for (let round = 0; round < 50; round++) {
      for (const [i, guest] of guests.entries()) {
        put(guest, 2048, `g${i}${String(round).padStart(3)}.....block`);
        expect(await transfer(guest, "fd_pwrite", fds[i]!, 2048)).toBe(10);
      }
      for (const [i, guest] of guests.entries()) {
        if (round % 10 === i) guest.memory.grow(1);
        new Uint8Array(guest.memory.buffer, 4096, 32).fill(0);
        expect(await transfer(guest, "fd_pread", fds[i]!, 4096)).toBe(10);
        expect(textAt(guest, 4096, 15)).toBe(`g${i}${String(round).padStart(3)}\0\0\0\0\0block`);
      }
    }
  });
});
