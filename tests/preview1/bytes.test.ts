/** What each import stores, to the byte, and that it stores nothing beside it. */

import { Buffer } from "node:buffer";
import { afterEach, describe, expect, test } from "vitest";
import { WasiExit, WasiSignal } from "../../src/core/guest/exit.ts";
import { symlink } from "../../src/platform/memory/mod.ts";
import { Errno } from "../../src/witx/errno.ts";
import { SIGNATURES } from "../../src/witx/signatures.ts";
import { emptyFilestat } from "../../src/witx/types.ts";
import { AbiGuest, type AbiGuestOptions, le, MEMORY_SIZE } from "./abi_guest.ts";

const NOW = 1_577_836_800_000_000_000n;
const SUCCESS = Errno.SUCCESS;

let guest: AbiGuest | undefined;

function start(options: AbiGuestOptions = {}): AbiGuest {
  const run = { args: ["-x", "ü"], argv0: "app", env: { A: "1", LONG: "two words" }, ...options.run };
  const files = { file: "0123456789", dir: { inner: "" }, link: symlink("file") };
  return guest = new AbiGuest({ files, ...options, run });
}

afterEach(() => {
  guest?.close();
  guest = undefined;
});

const tested = new Set<string>();

/** A test that names the import that it is about. */
function thrownBy(at: AbiGuest, name: string, arg: number): unknown {
  try {
    return at.call(name, arg);
  } catch (error) {
    return error;
  }
}

function about(name: string, perform: (at: AbiGuest) => void, options: AbiGuestOptions = {}): void {
  tested.add(name);
  test(name, () => perform(start(options)));
}

describe("arguments and environment", () => {
  about("args_sizes_get", (at) => {
    at.check("args_sizes_get", [100, 200], SUCCESS, { 100: le([3, 4]), 200: le([4 + 3 + 3, 4]) });
  });
  about("args_get", (at) => {
    at.check("args_get", [100, 201], SUCCESS, { 100: le([201, 4], [205, 4], [208, 4]), 201: "app\0-x\0ü\0" });
    at.check("args_get", [MEMORY_SIZE - 12, MEMORY_SIZE - 22], SUCCESS, {
      [MEMORY_SIZE - 12]: le([MEMORY_SIZE - 22, 4], [MEMORY_SIZE - 18, 4], [MEMORY_SIZE - 15, 4]),
      [MEMORY_SIZE - 22]: "app\0-x\0ü\0",
    });
  });
  about("environ_sizes_get", (at) => {
    at.check("environ_sizes_get", [100, 104], SUCCESS, { 100: le([3, 4], [4 + 15 + 6, 4]) });
  });
  about("environ_get", (at) => {
    const text = "A=1\0LONG=two words\0PWD=/\0";
    at.check("environ_get", [100, 200], SUCCESS, { 100: le([200, 4], [204, 4], [219, 4]), 200: text });
  });
});

describe("clocks and random bytes", () => {
  about("clock_time_get", (at) => {
    at.check("clock_time_get", [0, 1n, 100], SUCCESS, { 100: le([NOW, 8]) });
    at.check("clock_time_get", [1, -1n, 101], SUCCESS, { 101: le([1_000_000_000n, 8]) });
    at.check("clock_time_get", [2, 0n, 100], Errno.NOTSUP);
    at.check("clock_time_get", [4, 0n, 100], Errno.INVAL);
    at.check("clock_time_get", [-1, 0n, 100], Errno.INVAL);
  });
  about("clock_res_get", (at) => {
    at.check("clock_res_get", [0, 100], SUCCESS, { 100: le([1, 8]) });
    at.check("clock_res_get", [1, 100], SUCCESS, { 100: le([1, 8]) });
    at.check("clock_res_get", [3, 100], Errno.NOTSUP);
    at.check("clock_res_get", [5, 100], Errno.INVAL);
  });
  about("random_get", (at) => {
    const other = new AbiGuest();
    other.must("random_get", 100, 10);
    at.check("random_get", [100, 10], SUCCESS, { 100: other.bytes.slice(100, 110) });
    other.close();
    at.check("random_get", [MEMORY_SIZE, 0], SUCCESS);
    expect(new Set(at.bytes.slice(100, 110)).size).toBeGreaterThan(3);
  });
});

describe("descriptors", () => {
  about("fd_fdstat_get", (at) => {
    const file = 0x8e001ffn;
    const all = 0xfbffe19n & ~0x400180n | file;
    const fd = at.open("file", { fdflags: 4 });
    at.check("fd_fdstat_get", [fd, 100], SUCCESS, { 100: le([4, 1], [0, 1], [4, 2], [0, 4], [file, 8], [all, 8]) });
    at.check("fd_fdstat_get", [0, 101], SUCCESS, { 101: le([0, 4], [0, 4], [0x820000an, 8], [0, 8]) });
  });
  about("fd_filestat_get", (at) => {
    const fd = at.open("file");
    const { dev, ino } = entry(at, "file");
    const stat = le([dev, 8], [ino, 8], [4, 8], [1, 8], [10, 8], [NOW, 8], [NOW, 8], [NOW, 8]);
    at.check("fd_filestat_get", [fd, 100], SUCCESS, { 100: stat });
    at.check("fd_filestat_get", [fd, MEMORY_SIZE - 64], SUCCESS, { [MEMORY_SIZE - 64]: stat });
  });
  about("fd_prestat_get", (at) => {
    at.check("fd_prestat_get", [3, 100], SUCCESS, { 100: le([0, 4], [1, 4]) });
    at.check("fd_prestat_get", [4, 100], Errno.BADF);
    at.check("fd_prestat_get", [0, 100], Errno.BADF);
  });
  about("fd_prestat_dir_name", (at) => {
    at.check("fd_prestat_dir_name", [3, 100, 5], SUCCESS, { 100: "/dïr" });
    at.check("fd_prestat_dir_name", [3, 100, 50], SUCCESS, { 100: "/dïr" });
    at.check("fd_prestat_dir_name", [3, 200, 4], Errno.NAMETOOLONG);
    at.check("fd_prestat_dir_name", [3, 200, 0], Errno.NAMETOOLONG);
    at.check("fd_prestat_dir_name", [0, 200, 5], Errno.BADF);
  }, { run: { preopens: { "/dïr": "." } } });
  about("fd_read", (at) => {
    const fd = at.open("file");
    at.put(100, le([200, 4], [3, 4], [300, 4], [0, 4], [400, 4], [2, 4]));
    at.check("fd_read", [fd, 100, 3, 150], SUCCESS, { 200: "012", 400: "34", 150: le([5, 4]) });
    at.check("fd_read", [fd, 100, 0, 150], SUCCESS, { 150: le([0, 4]) });
    at.check("fd_read", [fd, MEMORY_SIZE, 0, 150], SUCCESS, { 150: le([0, 4]) });
    at.put(100, le([200, 4], [60, 4]));
    at.check("fd_read", [fd, 100, 1, 150], SUCCESS, { 200: "56789", 150: le([5, 4]) });
    at.check("fd_read", [fd, 100, 1, 150], SUCCESS, { 150: le([0, 4]) });
    at.check("fd_read", [9, 100, 1, 150], Errno.BADF);
  });
  about("fd_pread", (at) => {
    const fd = at.open("file");
    at.put(100, le([200, 4], [3, 4], [400, 4], [2, 4]));
    at.check("fd_pread", [fd, 100, 2, 4n, 150], SUCCESS, { 200: "456", 400: "78", 150: le([5, 4]) });
    at.check("fd_pread", [fd, 100, 2, 9n, 150], SUCCESS, { 200: "9", 150: le([1, 4]) });
    at.check("fd_pread", [fd, 100, 2, -1n, 150], Errno.INVAL);
    at.check("fd_pread", [0, 100, 2, 0n, 150], Errno.SPIPE);
  });
  about("fd_write", (at) => {
    at.put(100, le([200, 4], [3, 4], [300, 4], [2, 4]));
    at.put(200, [...new TextEncoder().encode("abc")]);
    at.put(300, [...new TextEncoder().encode("de")]);
    at.check("fd_write", [1, 100, 2, 150], SUCCESS, { 150: le([5, 4]) });
    at.check("fd_write", [0, 100, 2, 150], Errno.BADF);
    expect(at.platform.stdout.text()).toBe("abcde");
  });
  about("fd_pwrite", (at) => {
    const fd = at.open("file");
    at.put(100, le([200, 4], [3, 4]));
    at.put(200, [...new TextEncoder().encode("abc")]);
    at.check("fd_pwrite", [fd, 100, 1, 12n, 150], SUCCESS, { 150: le([3, 4]) });
    at.check("fd_pwrite", [fd, 100, 1, -1n, 150], Errno.INVAL);
    at.check("fd_pwrite", [fd, 100, 1, 2n ** 62n, 150], Errno.FBIG);
    expect(at.platform.root.readText("file")).toBe("0123456789\0\0abc");
  });
  about("fd_seek", (at) => {
    const fd = at.open("file");
    at.check("fd_seek", [fd, -3n, 2, 100], SUCCESS, { 100: le([7, 8]) });
    at.check("fd_seek", [fd, 2n ** 40n, 1, 100], SUCCESS, { 100: le([2n ** 40n + 7n, 8]) });
    at.check("fd_seek", [fd, 1n, 0, 100], SUCCESS, { 100: le([1, 8]) });
    at.check("fd_seek", [fd, -2n, 1, 100], Errno.INVAL);
    at.check("fd_seek", [fd, 0n, 3, 100], Errno.INVAL);
    at.check("fd_seek", [1, 0n, 0, 100], Errno.SPIPE);
  });
  about("fd_tell", (at) => {
    const fd = at.open("file");
    at.must("fd_seek", fd, 2n ** 33n + 5n, 0, 100);
    at.check("fd_tell", [fd, 200], SUCCESS, { 200: le([2n ** 33n + 5n, 8]) });
    at.check("fd_tell", [1, 200], Errno.SPIPE);
  });
  about("fd_readdir", (at) => {
    const root = entry(at, ".").ino;
    const records = [
      le([1, 8], [root, 8], [1, 4], [3, 4]).concat(...chars(".")),
      le([2, 8], [root, 8], [2, 4], [3, 4]).concat(...chars("..")),
      le([3, 8], [entry(at, "file").ino, 8], [4, 4], [4, 4]).concat(...chars("file")),
      le([4, 8], [entry(at, "dir").ino, 8], [3, 4], [3, 4]).concat(...chars("dir")),
      le([5, 8], [entry(at, "link").ino, 8], [4, 4], [7, 4]).concat(...chars("link")),
    ];
    const whole = records.flat();
    at.check("fd_readdir", [3, 101, 1000, 0n, 50], SUCCESS, { 101: whole, 50: le([whole.length, 4]) });
    at.reset();
    at.check("fd_readdir", [3, 101, 60, 0n, 50], SUCCESS, { 101: whole.slice(0, 60), 50: le([60, 4]) });
    at.reset();
    at.check("fd_readdir", [3, 101, 9, 3n, 50], SUCCESS, { 101: records[3]!.slice(0, 9), 50: le([9, 4]) });
    at.reset();
    at.check("fd_readdir", [3, 101, 1000, 5n, 50], SUCCESS, { 50: le([0, 4]) });
    at.check("fd_readdir", [3, MEMORY_SIZE, 0, 0n, 50], SUCCESS, { 50: le([0, 4]) });
    at.check("fd_readdir", [3, 101, 1000, -1n, 50], Errno.INVAL);
  });
  about("fd_close", (at) => {
    const fd = at.open("file");
    at.check("fd_close", [fd], SUCCESS);
    at.check("fd_close", [fd], Errno.BADF);
    at.check("fd_close", [-1], Errno.BADF);
  });
  about("fd_renumber", (at) => {
    const [one, two] = [at.open("file"), at.open("dir/inner")];
    at.check("fd_renumber", [one, two], SUCCESS);
    at.check("fd_renumber", [two, two], SUCCESS);
    at.check("fd_renumber", [one, two], Errno.BADF);
    at.check("fd_renumber", [two, -1], Errno.BADF);
  });
  about("fd_advise", (at) => {
    const fd = at.open("file");
    at.check("fd_advise", [fd, 0n, 10n, 5], SUCCESS);
    at.check("fd_advise", [fd, 0n, 10n, 6], Errno.INVAL);
    at.check("fd_advise", [fd, 0n, 10n, 0x105], SUCCESS);
    at.check("fd_advise", [0, 0n, 10n, 0], Errno.SPIPE);
  });
  about("fd_allocate", (at) => {
    const fd = at.open("file");
    at.check("fd_allocate", [fd, 8n, 4n], SUCCESS);
    at.check("fd_allocate", [fd, 0n, 0n], Errno.INVAL);
    expect(at.platform.root.readText("file")).toBe("0123456789\0\0");
  });
  about("fd_datasync", (at) => {
    at.check("fd_datasync", [at.open("file")], SUCCESS);
    at.check("fd_datasync", [0], Errno.INVAL);
  });
  about("fd_sync", (at) => {
    at.check("fd_sync", [at.open("file")], SUCCESS);
    at.check("fd_sync", [0], Errno.INVAL);
  });
  about("fd_fdstat_set_flags", (at) => {
    at.check("fd_fdstat_set_flags", [1, 4], SUCCESS);
    at.check("fd_fdstat_set_flags", [1, 0x10004], SUCCESS);
    at.check("fd_fdstat_set_flags", [1, 32], Errno.INVAL);
    at.check("fd_fdstat_set_flags", [1, 2], Errno.NOTSUP);
  });
  about("fd_fdstat_set_rights", (at) => {
    const fd = at.open("file");
    at.check("fd_fdstat_set_rights", [fd, 2n, 0n], SUCCESS);
    at.check("fd_fdstat_set_rights", [fd, 6n, 0n], Errno.NOTCAPABLE);
    at.check("fd_fdstat_set_rights", [fd, -1n, 0n], Errno.NOTCAPABLE);
  });
  about("fd_filestat_set_size", (at) => {
    const fd = at.open("file");
    at.check("fd_filestat_set_size", [fd, 3n], SUCCESS);
    at.check("fd_filestat_set_size", [fd, -1n], Errno.INVAL);
    at.check("fd_filestat_set_size", [fd, 2n ** 62n], Errno.FBIG);
    expect(at.platform.root.readText("file")).toBe("012");
  });
  about("fd_filestat_set_times", (at) => {
    const fd = at.open("file");
    at.check("fd_filestat_set_times", [fd, 7n, -1n, 5], SUCCESS);
    at.check("fd_filestat_set_times", [fd, 0n, 0n, 3], Errno.INVAL);
    at.must("fd_filestat_get", fd, 100);
    expect([at.view.getBigUint64(140, true), at.view.getBigUint64(148, true)]).toEqual([7n, 2n ** 64n - 1n]);
  });
});

describe("paths", () => {
  about("path_filestat_get", (at) => {
    const { dev, ino } = entry(at, "file");
    const link = entry(at, "link");
    const path = at.path("link");
    const times: [bigint, number][] = [[NOW, 8], [NOW, 8], [NOW, 8]];
    const followed = le([dev, 8], [ino, 8], [4, 8], [1, 8], [10, 8], ...times);
    const itself = le([link.dev, 8], [link.ino, 8], [7, 8], [1, 8], [4, 8], ...times);
    at.check("path_filestat_get", [3, 1, ...path, 100], SUCCESS, { 100: followed });
    at.check("path_filestat_get", [3, 0, ...path, 100], SUCCESS, { 100: itself });
    at.check("path_filestat_get", [3, 0, ...at.path("nope"), 200], Errno.NOENT);
  });
  about("path_open", (at) => {
    const path = at.path("file");
    at.check("path_open", [3, 0, ...path, 0, 2n, 0n, 0, 100], SUCCESS, { 100: le([4, 4]) });
    at.check("path_open", [3, 0, ...path, 0x10000, -1n, -1n, 0x10000, 100], SUCCESS, { 100: le([5, 4]) });
    at.check("path_open", [3, 0, ...path, 16, 0n, 0n, 0, 100], Errno.INVAL);
    at.check("path_open", [3, 0, ...at.path("nope"), 0, 0n, 0n, 0, 100], Errno.NOENT);
  });
  about("path_readlink", (at) => {
    const path = at.path("link");
    at.check("path_readlink", [3, ...path, 100, 50, 60], SUCCESS, { 100: "file", 60: le([4, 4]) });
    at.check("path_readlink", [3, ...path, 200, 2, 60], SUCCESS, { 200: "fi", 60: le([2, 4]) });
    at.check("path_readlink", [3, ...path, MEMORY_SIZE, 0, 60], SUCCESS, { 60: le([0, 4]) });
    at.check("path_readlink", [3, ...at.path("file"), 100, 50, 60], Errno.INVAL);
  });
  about("path_create_directory", (at) => {
    at.check("path_create_directory", [3, ...at.path("new")], SUCCESS);
    at.check("path_create_directory", [3, ...at.path("new")], Errno.EXIST);
  });
  about("path_remove_directory", (at) => {
    at.check("path_remove_directory", [3, ...at.path("dir")], Errno.NOTEMPTY);
    at.check("path_remove_directory", [3, ...at.path("file")], Errno.NOTDIR);
  });
  about("path_unlink_file", (at) => {
    at.check("path_unlink_file", [3, ...at.path("dir/inner")], SUCCESS);
    at.check("path_unlink_file", [3, ...at.path("dir")], Errno.ISDIR);
  });
  about("path_symlink", (at) => {
    at.check("path_symlink", [...at.path("tärget"), 3, ...at.path("new")], SUCCESS);
    at.check("path_symlink", [...at.path("x"), 3, ...at.path("new")], Errno.EXIST);
    expect(at.platform.root.readlinkat("new")).toBe("tärget");
  });
  about("path_link", (at) => {
    at.check("path_link", [3, 0, ...at.path("file"), 3, ...at.path("new")], SUCCESS);
    at.check("path_link", [3, 1, ...at.path("file"), 3, ...at.path("newer")], Errno.INVAL);
    expect(at.platform.root.readText("new")).toBe("0123456789");
  });
  about("path_rename", (at) => {
    at.check("path_rename", [3, ...at.path("file"), 3, ...at.path("dir/new")], SUCCESS);
    at.check("path_rename", [3, ...at.path("file"), 3, ...at.path("dir/new")], Errno.NOENT);
    expect(at.platform.root.readText("dir/new")).toBe("0123456789");
  });
  about("path_filestat_set_times", (at) => {
    at.check("path_filestat_set_times", [3, 1, ...at.path("link"), 5n, 6n, 5], SUCCESS);
    at.check("path_filestat_set_times", [3, 1, ...at.path("link"), 5n, 6n, 12], Errno.INVAL);
    at.must("path_filestat_get", 3, 0, ...at.path("file"), 100);
    expect([at.view.getBigUint64(140, true), at.view.getBigUint64(148, true)]).toEqual([5n, 6n]);
  });

  test("are decoded as UTF-8, at any length, and not repaired", () => {
    const at = start();
    for (const text of ["ü", "日本", "a".repeat(70), "é".repeat(40), "\ufeffbom"]) {
      at.check("path_create_directory", [3, ...at.path(text)], SUCCESS);
      expect(at.platform.root.entries().map(({ name }) => name)).toContain(text);
    }
  });

  test("that are not UTF-8 are names of their own, and are answered as the bytes that they were", () => {
    const at = start();
    const long = [...new Uint8Array(70).fill(0x61), 0xff];
    const names = [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0x61, 0x80], [0xf5, 0x80, 0x80, 0x80], long];
    for (const bytes of names) {
      const link = [...bytes, 0x2e];
      at.must("path_create_directory", 3, ...at.path(bytes));
      at.must("path_open", 3, 0, ...at.path(bytes), 2, 0n, 0n, 0, 200);
      at.must("path_symlink", ...at.path(bytes), 3, ...at.path(link));
      at.must("path_readlink", 3, ...at.path(link), 300, 100, 200);
      expect([...at.bytes.subarray(300, 300 + at.view.getUint32(200, true))]).toEqual(bytes);
      at.must("path_filestat_get", 3, 1, ...at.path(link), 304);
      expect(at.view.getUint8(304 + 16)).toBe(3);
      // What a lenient decoder would make of it is another name.
      const replaced = at.path(new TextDecoder().decode(Uint8Array.from(bytes)));
      at.check("path_filestat_get", [3, 0, ...replaced, 304], Errno.NOENT);
      at.must("fd_readdir", 3, 8192, 4096, 0n, 200);
      const listing = at.bytes.subarray(8192, 8192 + at.view.getUint32(200, true));
      expect(Buffer.from(listing).includes(Buffer.from([...le([link.length, 4], [7, 4]), ...link]))).toBe(true);
      at.must("path_unlink_file", 3, ...at.path(link));
      at.must("path_rename", 3, ...at.path(bytes), 3, ...at.path(link));
      at.must("path_remove_directory", 3, ...at.path(link));
      at.reset();
    }
  });

  test("have no slash or dot in more bytes than it needs", () => {
    const at = start();
    for (const bytes of [[0x61, 0xc0, 0xaf, 0x62], [0xc0, 0xae, 0xc0, 0xae]]) {
      at.must("path_create_directory", 3, ...at.path(bytes));
    }
    expect(at.platform.root.entries().map(({ name }) => name)).toEqual(
      expect.arrayContaining(["a\udcc0\udcafb", "\udcc0\udcae\udcc0\udcae"]),
    );
  });

  test("above 4,096 bytes are NAMETOOLONG, be they UTF-8 or not", () => {
    const at = start();
    at.bytes.fill(0xff, 0, 5000);
    at.check("path_create_directory", [3, 0, 4097], Errno.NAMETOOLONG);
    at.check("path_create_directory", [3, 0, MEMORY_SIZE], Errno.NAMETOOLONG);
    at.bytes.fill(0x2f, 0, 5000);
    at.bytes.fill(0x2e, 0, 1);
    at.check("path_create_directory", [3, 0, 4096], Errno.EXIST);
  });
});

describe("processes and sockets", () => {
  about("proc_exit", () => {
    for (const [code, seen] of [[0, 0], [7, 7], [-1, 2 ** 32 - 1]] as const) {
      expect(thrownBy(start(), "proc_exit", code)).toEqual(new WasiExit(seen));
    }
  });
  about("proc_raise", (at) => {
    for (const ignored of [0, 13, 16, 17, 22, 27]) at.check("proc_raise", [ignored], SUCCESS);
    for (const stopping of [18, 19, 20, 21]) at.check("proc_raise", [stopping], Errno.NOTSUP);
    for (const unknown of [31, 200, 255, -1, 0x7fffffff]) at.check("proc_raise", [unknown], Errno.INVAL);
    for (const fatal of [1, 2, 6, 9, 15, 30]) {
      expect(thrownBy(start(), "proc_raise", fatal)).toEqual(new WasiSignal(fatal));
    }
  });
  about("sched_yield", (at) => at.check("sched_yield", [], SUCCESS));
  about("sock_accept", (at) => {
    at.check("sock_accept", [3, 0, 100], Errno.NOTSOCK);
    at.check("sock_accept", [9, 0, 100], Errno.BADF);
    at.check("sock_accept", [3, 32, 100], Errno.INVAL);
  });
  about("sock_recv", (at) => {
    at.check("sock_recv", [0, 100, 0, 0, 200, 204], Errno.NOTSOCK);
    at.check("sock_recv", [9, 100, 0, 0, 200, 204], Errno.BADF);
  });
  about("sock_send", (at) => {
    at.check("sock_send", [1, 100, 0, 0, 200], Errno.NOTSOCK);
    at.check("sock_send", [9, 100, 0, 0, 200], Errno.BADF);
  });
  about("sock_shutdown", (at) => {
    at.check("sock_shutdown", [1, 3], Errno.NOTSOCK);
    at.check("sock_shutdown", [9, 3], Errno.BADF);
  });
});

describe("poll_oneoff", () => {
  about("poll_oneoff", (at) => {
    at.put(100, clock(0xfedcba9876543210n, 1, 5_000_000n, 0));
    at.check("poll_oneoff", [100, 300, 1, 400], SUCCESS, {
      300: event(0xfedcba9876543210n, 0, 0),
      400: le([1, 4]),
    });
    at.must("clock_time_get", 1, 0n, 500);
    expect(at.view.getBigUint64(500, true)).toBe(1_005_000_000n);
  });

  test("stores as many events as there are, and nothing behind them", () => {
    const at = start({ stdin: "12345" });
    const subscriptions = [
      clock(1n, 1, 3_600_000_000_000n, 0),
      descriptor(2n, 2, 1),
      descriptor(3n, 1, 0),
      descriptor(4n, 1, 77),
      clock(5n, 9, 0n, 0),
      clock(6n, 1, 0n, 2),
      le([7, 8], [9, 8]).concat(Array<number>(32).fill(0)),
    ];
    at.put(100, subscriptions.flat());
    const events = [
      event(2n, 0, 2),
      event(3n, 0, 1, 5n),
      event(4n, Errno.BADF, 1),
      event(5n, Errno.INVAL, 0),
      event(6n, Errno.INVAL, 0),
      event(7n, Errno.INVAL, 9),
    ];
    at.check("poll_oneoff", [100, 1000, 7, 2000], SUCCESS, { 1000: events.flat(), 2000: le([6, 4]) });
  });

  test.each([0, 8, -8, 32, 47])("may store events over subscriptions (%i bytes apart)", (distance) => {
    const at = start();
    const count = 5;
    const subscriptions = Array.from({ length: count }, (_, i) => descriptor(100n + BigInt(i), 2, 1));
    at.put(1000, subscriptions.flat());
    const events = subscriptions.flatMap((_, i) => event(100n + BigInt(i), 0, 2));
    at.check("poll_oneoff", [1000, 1000 + distance, count, 500], SUCCESS, {
      [1000 + distance]: events,
      500: le([count, 4]),
    });
  });

  test("reads clocks exactly, beyond 2^53 too", () => {
    const at = start();
    at.put(100, [...clock(1n, 0, 2n ** 64n - 1n, 1), ...clock(2n, 1, 2n ** 63n, 0), ...clock(3n, 0, NOW, 1)]);
    at.check("poll_oneoff", [100, 300, 3, 400], SUCCESS, { 300: event(3n, 0, 0), 400: le([1, 4]) });
  });

  test("takes a whole memory of subscriptions, and no more than there is room for", () => {
    const at = start();
    const count = 800;
    for (let i = 0; i < count; i++) at.put(48 * i, descriptor(BigInt(i), 2, 1));
    const events = Array.from({ length: count }, (_, i) => event(BigInt(i), 0, 2)).flat();
    at.check("poll_oneoff", [0, 38400, count, MEMORY_SIZE - 4], SUCCESS, {
      38400: events,
      [MEMORY_SIZE - 4]: le([count, 4]),
    });
    at.check("poll_oneoff", [0, 0, 1366, 0], Errno.FAULT);
    at.check("poll_oneoff", [0, 0, -1, 0], Errno.INVAL);
    at.check("poll_oneoff", [0, 0, 0, 0], Errno.INVAL);
  });

  test("tells of the end of standard input", () => {
    const at = start();
    at.put(100, descriptor(9n, 1, 0));
    at.check("poll_oneoff", [100, 300, 1, 400], SUCCESS, { 300: event(9n, 0, 1, 0n, 1), 400: le([1, 4]) });
  });
});

describe("wasi_unstable", () => {
  const old = { module: "wasi_unstable" };

  test("has a filestat of 56 bytes, with 32 bits of links", () => {
    const at = start(old);
    const fd = at.open("file");
    const { dev, ino } = entry(at, "file");
    const stat = le([dev, 8], [ino, 8], [4, 4], [1, 4], [10, 8], [NOW, 8], [NOW, 8], [NOW, 8]);
    at.check("fd_filestat_get", [fd, 100], SUCCESS, { 100: stat });
    at.check("path_filestat_get", [3, 0, ...at.path("file"), 100], SUCCESS, { 100: stat });
    at.check("fd_filestat_get", [fd, MEMORY_SIZE - 56], SUCCESS, { [MEMORY_SIZE - 56]: stat });
    at.check("fd_filestat_get", [fd, MEMORY_SIZE - 55], Errno.FAULT);
    at.check("path_filestat_get", [3, 0, ...at.path("file"), MEMORY_SIZE - 55], Errno.FAULT);
  });

  test("has whence CUR, END, SET", () => {
    const at = start(old);
    const fd = at.open("file");
    at.check("fd_seek", [fd, 4n, 2, 100], SUCCESS, { 100: le([4, 8]) });
    at.check("fd_seek", [fd, 1n, 0, 100], SUCCESS, { 100: le([5, 8]) });
    at.check("fd_seek", [fd, -1n, 1, 100], SUCCESS, { 100: le([9, 8]) });
    at.check("fd_seek", [fd, 0n, 3, 100], Errno.INVAL);
    at.check("fd_seek", [fd, 0n, 255, 100], Errno.INVAL);
  });

  test("has subscriptions of 56 bytes, with a second userdata for clocks", () => {
    const at = start({ ...old, stdin: "123" });
    const subscriptions = [
      le([1, 8], [0, 8], [99, 8], [1, 8], [3_600_000_000_000n, 8], [0, 8], [0, 8]),
      le([2, 8], [0, 8], [99, 8], [0, 8], [5n, 8], [0, 8], [1, 8]),
      le([3, 8], [1, 8], [0, 8]).concat(Array<number>(32).fill(0x3f)),
    ];
    at.put(100, subscriptions.flat());
    at.check("poll_oneoff", [100, 1000, 3, 2000], SUCCESS, {
      1000: [...event(2n, 0, 0), ...event(3n, 0, 1, 3n)],
      2000: le([2, 4]),
    });
    at.check("poll_oneoff", [MEMORY_SIZE - 55, 1000, 1, 2000], Errno.FAULT);
  });

  test("is the same for everything else", () => {
    const at = start(old);
    at.check("fd_prestat_get", [3, 100], SUCCESS, { 100: le([0, 4], [1, 4]) });
    at.check("clock_time_get", [0, 0n, 100], SUCCESS, { 100: le([NOW, 8]) });
    expect(() => at.call("proc_exit", 3)).toThrow(WasiExit);
  });
});

test("every import was looked at", () => {
  expect([...tested].sort()).toEqual(Object.keys(SIGNATURES).sort());
});

function chars(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

/** Device and serial number of an entry of the root. */
function entry(at: AbiGuest, name: string): { dev: bigint; ino: bigint } {
  const out = emptyFilestat();
  const { root } = at.platform;
  expect(name === "." ? root.fstat(out) : root.fstatat(name, out)).toBe(0);
  return out;
}

function clock(userdata: bigint, id: number, timeout: bigint, flags: number): number[] {
  return le([userdata, 8], [0, 8], [id, 8], [timeout, 8], [0, 8], [flags, 8]);
}

function descriptor(userdata: bigint, type: number, fd: number): number[] {
  return le([userdata, 8], [type, 8], [fd, 8]).concat(Array<number>(24).fill(0x3f));
}

function event(userdata: bigint, error: number, type: number, nbytes = 0n, flags = 0): number[] {
  return le([userdata, 8], [error, 2], [type, 2], [0, 4], [nbytes, 8], [flags, 8]);
}
