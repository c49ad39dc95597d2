/** The lines of a trace, one for each call of the guest. */

import { afterEach, describe, expect, test } from "vitest";
import { retryWhileAgain } from "../../src/abi/suspend.ts";
import { WasiExit, WasiSignal } from "../../src/core/system.ts";
import { Interest, type System } from "../../src/core/system.ts";
import { trace } from "../../src/decorators/trace.ts";
import { Errno } from "../../src/witx/errno.ts";
import { Clockid } from "../../src/witx/types.ts";
import { le } from "../abi/abi_guest.ts";
import { At, WasmEdgeGuest } from "../abi/wasmedge_guest.ts";
import { type MadeSystem, makeSystem, memoryBackend, type SystemOptions } from "../system/backends.ts";
import { iovectors } from "../system/caller.ts";
import { poll } from "../system/poll_suite.ts";

const closed: { close(): void }[] = [];

afterEach(() => {
  for (const made of closed.splice(0)) made.close();
});

interface Traced extends MadeSystem {
  readonly lines: string[];
  /** Read from a descriptor until there is something, as an import does. */
  read(fd: number): Errno | Promise<Errno>;
}

function tracedSystem(options: SystemOptions = {}): Traced {
  const lines: string[] = [];
  let watch: ReturnType<typeof trace>["watch"] = (_name, fn) => fn;
  const decorate = (system: System): System => {
    const made = trace(system, (line) => lines.push(line));
    watch = made.watch;
    return made.system;
  };
  const made = makeSystem({ ...memoryBackend(), decorate }, options);
  closed.push(made.system);
  const fdRead = watch("fd_read", (fd: number) => {
    const attempt = (): Errno => made.system.fdRead(fd, iovectors(8), { size: 0 });
    const errno = attempt();
    return errno === Errno.AGAIN ? retryWhileAgain(made.system, fd, Interest.READ, false, attempt) : errno;
  }) as (fd: number) => Errno | Promise<Errno>;
  return { ...made, lines, read: fdRead };
}

describe("a call that waits", () => {
  test("is told of once, when it is answered", async () => {
    const { stdin, lines, read } = tracedSystem({ suspends: true });
    const answer = read(0);
    expect(lines).toEqual([]);
    stdin.push("abc");
    expect(await answer).toBe(Errno.SUCCESS);
    stdin.push("defgh");
    expect(await read(0)).toBe(Errno.SUCCESS);
    expect(lines).toEqual(["fd_read(0, 8 bytes) => 3", "fd_read(0, 8 bytes) => 5"]);
  });

  test("is told of once where nothing may be waited for", async () => {
    const { lines, read } = tracedSystem({ suspends: true, nonBlockingStdio: true });
    expect(await read(0)).toBe(Errno.AGAIN);
    expect(lines).toEqual(["fd_read(0, 8 bytes) => AGAIN"]);
  });

  test("is told of also where nobody waits, before the next call and soon", async () => {
    const { system, lines } = tracedSystem({ suspends: true });
    expect(system.fdRead(0, iovectors(8), { size: 0 })).toBe(Errno.AGAIN);
    expect(system.fdClose(9)).toBe(Errno.BADF);
    expect(lines).toEqual(["fd_read(0, 8 bytes) => AGAIN", "fd_close(9) => BADF"]);
    expect(system.fdRead(0, iovectors(7), { size: 0 })).toBe(Errno.AGAIN);
    await Promise.resolve();
    expect(lines.slice(2)).toEqual(["fd_read(0, 7 bytes) => AGAIN"]);
  });

  test("for another descriptor does not answer for this one", async () => {
    const { system, stdin, lines } = tracedSystem({ suspends: true });
    expect(system.fdRead(0, iovectors(8), { size: 0 })).toBe(Errno.AGAIN);
    expect(await system.waitFd(1, Interest.WRITE, false)).toBe(Errno.SUCCESS);
    expect(lines).toEqual(["fd_read(0, 8 bytes) => AGAIN"]);
    stdin.end();
  });

  test("poll_oneoff is told of when it resolves", async () => {
    const { system, stdin, lines } = tracedSystem({ suspends: true });
    const answer = poll(system, [{ read: 0 }, { clock: Clockid.MONOTONIC, ns: 60e9 }]);
    expect(system.fdClose(9)).toBe(Errno.BADF);
    stdin.push("abc");
    await answer;
    expect(lines).toEqual([
      "fd_close(9) => BADF",
      "poll_oneoff([FD_READ 0, CLOCK MONOTONIC 60000000000]) => [FD_READ 0: 3 bytes]",
    ]);
  });
});

describe("a call that ends the guest", () => {
  test("is told of without an answer", () => {
    const { system, lines } = tracedSystem();
    expect(() => system.procExit(7)).toThrow(WasiExit);
    expect(() => system.procRaise(15)).toThrow(WasiSignal);
    expect(system.procRaise(18)).toBe(Errno.NOTSUP);
    expect(lines).toEqual(["proc_exit(7)", "proc_raise(TERM)", "proc_raise(STOP) => NOTSUP"]);
  });

  test("as its wait is interrupted, is told of without an answer", async () => {
    const lines: string[] = [];
    const failure = new Error("interrupted");
    const { system: base } = makeSystem(memoryBackend(), { suspends: true });
    closed.push(base);
    const interrupted = Object.assign(Object.create(base) as System, {
      fdRead: () => Errno.AGAIN,
      waitFd: (fd: number) => {
        if (fd === 0) throw failure;
        return Promise.reject(failure);
      },
      pollOneoff: () => Promise.reject(failure),
    });
    const { system } = trace(interrupted, (line) => lines.push(line));
    const read = (fd: number): Errno => system.fdRead(fd, iovectors(8), { size: 0 });
    expect(() => (read(0), system.waitFd(0, Interest.READ, false))).toThrow(failure);
    read(1);
    await expect(system.waitFd(1, Interest.READ, false)).rejects.toBe(failure);
    await expect(poll(system, [{ read: 5 }])).rejects.toBe(failure);
    expect(lines).toEqual(["fd_read(0, 8 bytes)", "fd_read(1, 8 bytes)", "poll_oneoff([FD_READ 5])"]);
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
      "sock_accept(4, 0) => 6",
    ]);
    await at.must("sock_send/5", client, at.vectors([At.DATA, 5]), 1, 0, At.RESULT);
    await at.must("sock_recv/6", server, at.vectors([At.DATA, 99]), 1, 1, At.RESULT, At.OTHER);
    expect(await at.call("sock_getlocaladdr/3", server, at.record([], 16), At.RESULT)).toBe("SUCCESS");
    expect(await at.call("sock_getlocaladdr/3", server, 0xffff_fff0, At.RESULT)).toBe("FAULT");
    at.put(At.DATA, le([1, 4]));
    await at.must("sock_setsockopt/5", client, 6, 1, At.DATA, 4);
    expect(await at.call("sock_getsockopt/5", client, 0, 99, At.DATA, 4)).toBe("NOPROTOOPT");
    await at.must("sock_shutdown/2", client, 3);
    expect(told()).toEqual([
      "sock_send(5, 5 bytes, 0) => 5",
      "sock_recv(6, 99 bytes, RECV_PEEK) => 5",
      "sock_getlocaladdr(6) => 127.0.0.1:8080",
      "sock_getlocaladdr(6) => FAULT",
      "sock_setsockopt(5, NODELAY, 1) => SUCCESS",
      expect.stringMatching(/^sock_getlocaladdr\(5\) => 127\.0\.0\.1:\d+$/),
      "sock_getsockopt(5, 0, 99, 8000, 4) => NOPROTOOPT",
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
      "sock_send_to(5, 3 bytes, 0, 127.0.0.1:81) => 3",
    ]);
  });

  test("that path_open makes are told of before it", async () => {
    const { at, told } = await start(["sock_accept/3"], "path_open");
    const open = async (path: string): Promise<string> => {
      at.put(At.DATA, path);
      return await at.call("path_open", -1, 0, At.DATA, path.length, 0, 0n, 0n, 0, At.RESULT);
    };
    expect(await open("tcp+listen://127.0.0.1:80")).toBe("SUCCESS");
    expect(told()).toEqual([
      "sock_open(INET, STREAM) => 4",
      "sock_setsockopt(4, REUSEADDR, 1) => SUCCESS",
      "sock_bind(4, 127.0.0.1:80) => SUCCESS",
      "sock_listen(4, 128) => SUCCESS",
      "fd_fdstat_set_flags(4, NONBLOCK) => SUCCESS",
      "path_open(-1, 0, 8000, 25, 0, 0, 0, 0, 100) => SUCCESS",
    ]);
    expect(await open("nothing")).toBe("BADF");
    expect(told()).toEqual(['path_open(-1, 0, "nothing", 0, 0, 0, 0) => BADF']);
  });
});
