/** The lines of a trace, one for each call of the guest. */

import { afterEach, describe, expect, test } from "vitest";
import { WasiExit, WasiSignal } from "../../src/core/guest/exit.ts";
import { Family } from "../../src/contract/network.ts";
import { FILE, Place } from "../preview1/arguments.ts";
import { le } from "../preview1/abi_guest.ts";
import { List, storeList } from "../preview1/wasmedge_calls.ts";
import { At, WasmEdgeGuest, wide } from "../preview1/wasmedge_guest.ts";
import { TracedGuest, type TracedOptions } from "./traced_guest.ts";

const closed: { close(): void }[] = [];

afterEach(() => {
  for (const made of closed.splice(0)) made.close();
});

const { PATH, OTHER_PATH, VECTORS, SUBSCRIPTION, BUFFER, RESULT, OTHER_RESULT } = Place;

async function start(options: TracedOptions = {}): Promise<TracedGuest> {
  const guest = await TracedGuest.start(options);
  closed.push(guest);
  return guest;
}

describe("a call", () => {
  const CALLS: readonly (readonly [string, ...(readonly (number | bigint)[])])[] = [
    ["args_sizes_get", RESULT, OTHER_RESULT],
    ["args_get", RESULT, BUFFER],
    ["environ_sizes_get", RESULT, OTHER_RESULT],
    ["environ_get", RESULT, BUFFER],
    ["clock_res_get", 1, RESULT],
    ["fd_advise", FILE, 1n, 2n, 4],
    ["fd_allocate", FILE, 0n, 4n],
    ["fd_filestat_set_size", FILE, -1n],
    ["fd_filestat_set_times", FILE, 5n, -1n, 6],
    ["fd_filestat_get", FILE, RESULT],
    ["fd_fdstat_get", FILE, RESULT],
    ["fd_fdstat_set_rights", FILE, 0x66n, 0n],
    ["fd_fdstat_get", FILE, RESULT],
    ["fd_pread", FILE, VECTORS, 2, 1n, RESULT],
    ["fd_pwrite", FILE, VECTORS, 1, 1n, RESULT],
    ["fd_prestat_get", 3, RESULT],
    ["fd_prestat_dir_name", 3, BUFFER, 1],
    ["fd_readdir", 3, BUFFER, 200, 0n, RESULT],
    ["fd_seek", FILE, -1n, 2, RESULT],
    ["fd_seek", FILE, 0n, 0x102, RESULT],
    ["fd_tell", FILE, RESULT],
    ["fd_renumber", FILE, FILE],
    ["path_symlink", PATH, 4, 3, OTHER_PATH, 5],
    ["path_readlink", 3, OTHER_PATH, 5, BUFFER, 100, RESULT],
    ["path_filestat_get", 3, 0, OTHER_PATH, 5, RESULT],
    ["path_filestat_set_times", 3, 1, PATH, 4, 1n, 2n, 5],
    ["path_rename", 3, OTHER_PATH, 5, 3, PATH, 2],
    ["path_link", 3, 1, PATH, 4, 3, OTHER_PATH, 5],
    ["path_create_directory", 3, PATH, 4],
    ["random_get", BUFFER, 16],
    ["sched_yield"],
    ["sock_shutdown", FILE, 1],
    ["poll_oneoff", SUBSCRIPTION, BUFFER, 1, RESULT],
    ["fd_close", -1],
  ];

  test("is shown with what its types say", async () => {
    const at = await start();
    for (const [name, ...args] of CALLS) await at.call(name, ...args);
    expect(at.told()).toEqual([
      "args_sizes_get() => 1, 4 bytes",
      'args_get() => ["app"]',
      "environ_sizes_get() => 2, 10 bytes",
      'environ_get() => ["A=1", "PWD=/"]',
      "clock_res_get(MONOTONIC) => 1",
      "fd_advise(4, 1, 2, DONTNEED) => SUCCESS",
      "fd_allocate(4, 0, 4) => SUCCESS",
      "fd_filestat_set_size(4, -1) => INVAL",
      "fd_filestat_set_times(4, 5, 18446744073709551615, ATIM_NOW|MTIM) => SUCCESS",
      expect.stringMatching(
        /^fd_filestat_get\(4\) => REGULAR_FILE, size 4, nlink 1, dev \d+, ino \d+, atim \d+, mtim \d+, ctim \d+$/,
      ),
      expect.stringMatching(/^fd_fdstat_get\(4\) => REGULAR_FILE, 0, FD_DATASYNC\|.*$/),
      "fd_fdstat_set_rights(4, FD_READ|FD_SEEK|FD_TELL|FD_WRITE, 0) => SUCCESS",
      "fd_fdstat_get(4) => REGULAR_FILE, 0, FD_READ|FD_SEEK|FD_TELL|FD_WRITE, 0",
      "fd_pread(4, 8 bytes, 1) => 3",
      "fd_pwrite(4, 4 bytes, 1) => 4",
      'fd_prestat_get(3) => DIR "/"',
      'fd_prestat_dir_name(3) => "/"',
      expect.stringMatching(/^fd_readdir\(3, 200 bytes, 0\) => \d+$/),
      "fd_seek(4, -1, END) => 4",
      "fd_seek(4, 0, END) => 5",
      "fd_tell(4) => 5",
      "fd_renumber(4, 4) => SUCCESS",
      'path_symlink("file", 3, "other") => SUCCESS',
      'path_readlink(3, "other", 100 bytes) => "file"',
      expect.stringMatching(/^path_filestat_get\(3, 0, "other"\) => SYMBOLIC_LINK, size 4, /),
      'path_filestat_set_times(3, SYMLINK_FOLLOW, "file", 1, 2, ATIM|MTIM) => SUCCESS',
      'path_rename(3, "other", 3, "fi") => SUCCESS',
      'path_link(3, SYMLINK_FOLLOW, "file", 3, "other") => INVAL',
      'path_create_directory(3, "file") => EXIST',
      "random_get(16 bytes) => SUCCESS",
      "sched_yield() => SUCCESS",
      "sock_shutdown(4, RD) => NOTSOCK",
      "poll_oneoff([CLOCK REALTIME 0]) => [CLOCK]",
      "fd_close(-1) => BADF",
    ]);
  });

  test("that is answered FAULT, or whose arguments can't be read, is shown with the numbers that the guest passed", async () => {
    const at = await start();
    await at.call("fd_tell", FILE, -8);
    await at.call("path_open", 3, 0, -1, 7, 0, 0n, -1n, 0, RESULT);
    await at.call("poll_oneoff", SUBSCRIPTION, BUFFER, -1, RESULT);
    await at.call("poll_oneoff", SUBSCRIPTION, BUFFER, 0, RESULT);
    expect(at.told()).toEqual([
      "fd_tell(4, -8) => FAULT",
      "path_open(3, 0, -1, 7, 0, 0, -1, 0, 4096) => FAULT",
      "poll_oneoff(1088, 2048, -1, 4096) => INVAL",
      "poll_oneoff([]) => INVAL",
    ]);
  });

  test("of wasi_unstable is shown by its own numbers and layouts", async () => {
    const at = await start({ module: "wasi_unstable" });
    await at.call("fd_seek", FILE, 0n, 1, RESULT);
    at.bytes.fill(0xff, RESULT, RESULT + 64);
    await at.call("fd_filestat_get", FILE, RESULT);
    await at.call("poll_oneoff", SUBSCRIPTION, BUFFER, 1, RESULT);
    expect(at.told()).toEqual([
      "fd_seek(4, 0, END) => 4",
      expect.stringMatching(
        /^fd_filestat_get\(4\) => REGULAR_FILE, size 4, nlink 1, dev \d+, ino \d+, atim \d+, mtim \d+, ctim \d+$/,
      ),
      "poll_oneoff([CLOCK REALTIME 0]) => [CLOCK]",
    ]);
  });
});

describe("a call that waits", () => {
  test("is told of once, when it returns", async () => {
    const at = await start();
    const answer = at.call("fd_read", 0, VECTORS, 2, RESULT);
    expect(at.told()).toEqual([]);
    at.stdin.push("abc");
    expect(await answer).toBe("SUCCESS");
    at.stdin.push("defgh");
    expect(await at.call("fd_read", 0, VECTORS, 2, RESULT)).toBe("SUCCESS");
    expect(at.told()).toEqual(["fd_read(0, 8 bytes) => 3", "fd_read(0, 8 bytes) => 5"]);
  });

  test("is told of once where nothing may be waited for", async () => {
    const at = await start({ run: { nonBlockingStdio: true } });
    expect(await at.call("fd_read", 0, VECTORS, 2, RESULT)).toBe("AGAIN");
    expect(at.told()).toEqual(["fd_read(0, 8 bytes) => AGAIN"]);
  });

  test("poll_oneoff is told of when it returns, with what it was asked", async () => {
    const at = await start();
    at.view.setUint8(SUBSCRIPTION + 8, 1);
    at.view.setUint8(SUBSCRIPTION, 77);
    const answer = at.call("poll_oneoff", SUBSCRIPTION, BUFFER, 1, RESULT);
    at.bytes.fill(0, SUBSCRIPTION, SUBSCRIPTION + 48);
    await at.call("fd_close", 9);
    at.stdin.push("abc");
    await answer;
    expect(at.told()).toEqual(["fd_close(9) => BADF", "poll_oneoff([FD_READ 0]) => [FD_READ 0: 3 bytes]"]);
  });
});

describe("a call that ends the guest", () => {
  test("by an exit is told of without an answer", async () => {
    const at = await start();
    await expect(at.instance.calls.call("proc_exit", [7])).rejects.toThrow(WasiExit);
    expect(at.told()).toEqual(["proc_exit(7)"]);
  });

  test("by a signal is told of without an answer; one that does nothing has its answer", async () => {
    const at = await start();
    expect(await at.call("proc_raise", 18)).toBe("NOTSUP");
    await expect(at.instance.calls.call("proc_raise", [15])).rejects.toThrow(WasiSignal);
    expect(at.told()).toEqual(["proc_raise(STOP) => NOTSUP", "proc_raise(TERM)"]);
  });

  test("as its wait is interrupted, is told of without an answer", async () => {
    const controller = new AbortController();
    const at = await start({ run: { signal: controller.signal } });
    const read = at.instance.calls.call("fd_read", [0, VECTORS, 2, RESULT]);
    controller.abort(new Error("enough"));
    await expect(read).rejects.toThrow("enough");
    expect(at.told()).toEqual(["fd_read(0, 8 bytes)"]);
  });
});

describe("calls with sockets", () => {
  /** A guest and its lines; what was told so far is taken away when they are read. */
  async function start(extension?: readonly string[], sockets: "auto" | "path_open" = "auto") {
    const lines: string[] = [];
    const at = await WasmEdgeGuest.start({
      net: { allow: true, sockets },
      run: { trace: (line) => lines.push(line) },
      ...(extension === undefined ? {} : { imports: { extension } }),
    });
    closed.push(at);
    return { at, told: () => lines.splice(0) };
  }

  test("have addresses and names", async () => {
    const { at, told } = await start();
    const { client, server, listener } = await at.pair(8080);
    expect([listener, client, server]).toEqual([4, 5, 6]);
    expect(told()).toEqual([
      "sock_open(INET, STREAM) => 4",
      "sock_bind(4, 127.0.0.1:8080) => SUCCESS",
      "sock_listen(4, 8) => SUCCESS",
      "sock_open(INET, STREAM) => 5",
      "sock_connect(5, 127.0.0.1:8080) => SUCCESS",
      "sock_accept(4) => 6",
    ]);
    await at.must("sock_send/5", client, at.vectors([At.DATA, 5]), 1, 0, At.RESULT);
    await at.must("sock_recv/6", server, at.vectors([At.DATA, 99]), 1, 1, At.RESULT, At.OTHER);
    expect(await at.call("sock_getlocaladdr/3", server, at.record([], 16), At.RESULT)).toBe("SUCCESS");
    expect(await at.call("sock_getlocaladdr/3", server, 0xffff_fff0, At.RESULT)).toBe("FAULT");
    at.put(At.DATA, le([1, 4]));
    await at.must("sock_setsockopt/5", client, 6, 1, At.DATA, 4);
    expect(await at.call("sock_getsockopt/5", client, 0, 99, At.DATA, 4)).toBe("NOPROTOOPT");
    await at.must("sock_getsockopt/5", client, 0, 1, At.DATA, 4);
    expect(await at.call("sock_getlocaladdr/3", server, at.record([], 128), At.RESULT)).toBe("SUCCESS");
    expect(await at.call("sock_getlocaladdr/4", server, at.record([], 4), At.OTHER, At.RESULT)).toBe("SUCCESS");
    await at.must("sock_shutdown/2", client, 3);
    expect(told()).toEqual([
      "sock_send(5, 5 bytes, 0) => 5",
      "sock_recv(6, 99 bytes, RECV_PEEK) => 5",
      "sock_getlocaladdr(6) => 127.0.0.1:8080",
      "sock_getlocaladdr(6, -16, 100) => FAULT",
      "sock_setsockopt(5, NODELAY, 1) => SUCCESS",
      "sock_getsockopt(5, 0, 99, 8000, 4) => NOPROTOOPT",
      "sock_getsockopt(5, TYPE) => STREAM",
      "sock_getlocaladdr(6) => 127.0.0.1:8080",
      "sock_getlocaladdr(6) => 127.0.0.1:8080",
      "sock_shutdown(5, RD|WR) => SUCCESS",
    ]);
  });

  test("have the name that the guest called, also after they waited", async () => {
    const { at, told } = await start();
    const [one, two] = [await at.datagrams(81), await at.datagrams(82)];
    told();
    const received = at.call("sock_recv_from/8", one, at.vectors([At.DATA, 9]), 1, at.record([], 16), 0, 500, 504, 508);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told()).toEqual([]);
    const to = at.put(2100, le([2200, 4], [4, 4]));
    at.put(2200, [127, 0, 0, 1]);
    await at.must("sock_send_to/7", two, at.put(1100, le([At.DATA, 4], [3, 4])), 1, to, 81, 0, At.RESULT);
    expect(await received).toBe("SUCCESS");
    expect(told().sort()).toEqual([
      "sock_recv_from(4, 9 bytes, 0) => 3, 127.0.0.1:82",
      "sock_send_to(5, 3 bytes, 127.0.0.1:81, 0) => 3",
    ]);
  });

  test("have the addresses of IPv6, of paths, and of a lookup", async () => {
    const { at, told } = await start();
    const six = await at.open(2, 1);
    await at.must("sock_bind/3", six, at.record(wide(Family.INET6, [...new Array<number>(15).fill(0), 1]), 128), 83);
    await at.must("sock_getlocaladdr/3", six, at.record([], 16), At.RESULT);
    await at.call("sock_connect/3", six, at.record(wide(Family.UNIX, "/a\n\0"), 128), 0);
    at.put(List.NODE, "two.test");
    at.put(List.SERVICE, "80");
    at.put(List.HINTS, le([0, 2], [0, 1], [2, 1], [0, 4], [0, 8], [0, 8], [0, 4]));
    storeList(at);
    await at.must("sock_getaddrinfo/8", List.NODE, 8, List.SERVICE, 2, List.HINTS, List.HEAD, 4, At.RESULT);
    expect(told()).toEqual([
      "sock_open(INET6, DGRAM) => 4",
      "sock_bind(4, [::1]:83) => SUCCESS",
      "sock_getlocaladdr(4) => [::1]:83",
      'sock_connect(4, "unix:/a\\n") => AFNOSUPPORT',
      'sock_getaddrinfo("two.test", "80", 0, STREAM) => [10.0.0.2:80, [fd00::2]:80]',
    ]);
  });

  test("of a stream have no sender", async () => {
    const { at, told } = await start();
    const { client, server } = await at.pair(8080);
    await at.must("sock_send/5", client, at.vectors([At.DATA, 5]), 1, 0, At.RESULT);
    told();
    await at.must("sock_recv_from/8", server, at.vectors([At.DATA, 2]), 1, at.record([], 128), 0, 500, 504, 508);
    await at.must("sock_recv_from_v2/8", server, at.vectors([At.DATA, 2]), 1, at.record([], 16), 0, 500, 504, 508);
    expect(told()).toEqual(["sock_recv_from(6, 2 bytes, 0) => 2", "sock_recv_from(6, 2 bytes, 0) => 2"]);
  });

  test("are one line for a receive that waits for all, and for a socket opened as a path", async () => {
    const { at, told } = await start(["sock_accept/3"], "path_open");
    const open = async (path: string): Promise<string> => {
      at.put(At.DATA, path);
      return await at.call("path_open", -1, 0, At.DATA, path.length, 0, 0n, 0n, 0, At.RESULT);
    };
    expect(await open("tcp+listen://127.0.0.1:80")).toBe("SUCCESS");
    expect(await open("nothing")).toBe("BADF");
    expect(told()).toEqual([
      'path_open(-1, 0, "tcp+listen://127.0.0.1:80", 0, 0, 0, 0) => 4',
      'path_open(-1, 0, "nothing", 0, 0, 0, 0) => BADF',
    ]);
    const other = await start();
    const { client, server } = await other.at.pair(8080);
    other.told();
    const received = other.at.call("sock_recv/6", server, other.at.vectors([At.DATA, 4]), 1, 2, At.RESULT, At.OTHER);
    for (const text of ["ab", "cd"]) {
      other.at.put(At.BUFFER, text);
      await other.at.must("sock_send/5", client, other.at.put(1100, le([At.BUFFER, 4], [2, 4])), 1, 0, At.THIRD);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await received).toBe("SUCCESS");
    expect(other.told().filter((line) => line.startsWith("sock_recv"))).toEqual([
      "sock_recv(6, 4 bytes, RECV_WAITALL) => 4",
    ]);
  });
});
