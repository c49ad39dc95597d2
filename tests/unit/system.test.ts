/** The names of `System` follow from those of the specification. */

import { expect, test } from "vitest";
import { SOCKET_IMPORTS } from "../../src/preview1/abi/sockets.ts";
import { Errno } from "../../src/witx/errno.ts";
import { preview1, unstable, WAITING_IMPORTS, WAITING_SOCKET_IMPORTS } from "../../src/preview1/abi/preview1.ts";
import { GuestMemory } from "../../src/preview1/abi/memory.ts";
import { SIGNATURES } from "../../src/witx/signatures.ts";
import { WASMEDGE_SIGNATURES } from "../../src/witx/wasmedge.ts";
import { makeSystem, memoryBackend } from "../system/backends.ts";

/** `fd_prestat_get` to `fd.prestatGet`. */
function methodOf(name: string): string {
  const [part, ...words] = name.split("_");
  return `${part}.${words.join("_").replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
}

const OPTION_METHODS: Readonly<Record<string, string>> = {
  "sock.getsockopt": "sock.getOpt",
  "sock.setsockopt": "sock.setOpt",
  "sock.getlocaladdr": "sock.getLocalAddr",
  "sock.getpeeraddr": "sock.getPeerAddr",
};

/** Imports that are answered by the method of another. */
const WITHOUT_METHOD = ["args_sizes_get", "environ_sizes_get", "fd_prestat_dir_name"];
/** Methods that answer no import of their own. */
const WITHOUT_IMPORT = ["poll.waitFd"];
/** Methods of WasmEdge's extension; `sock.lookup` is what `sock_getaddrinfo` asks. */
const OF_WASMEDGE = Object.keys(WASMEDGE_SIGNATURES).map((name) => methodOf(name).replace("getaddrinfo", "lookup"))
  .map((name) => ({ "sock.recvFrom": "sock.recv", "sock.sendTo": "sock.send", ...OPTION_METHODS })[name] ?? name);

test("a system has a method for every function of preview 1 and WasmEdge's extension, and no others", () => {
  const { system } = makeSystem(memoryBackend());
  const methods = Object.entries(system).filter(([part]) => part !== "table").flatMap(([part, calls]) =>
    Object.getOwnPropertyNames(Object.getPrototypeOf(calls)).map((name) => `${part}.${name}`)
  ).filter((name) => !name.endsWith(".constructor") && !WITHOUT_IMPORT.includes(name));
  const functions = Object.keys(SIGNATURES).filter((name) => !WITHOUT_METHOD.includes(name)).map(methodOf);
  expect(methods.sort()).toEqual([...new Set([...functions, ...OF_WASMEDGE])].sort());
});

test("both modules of imports have every function of preview 1, and no others without an extension", () => {
  const { system } = makeSystem(memoryBackend());
  const tables = [
    preview1(system, new GuestMemory(), { sockets: SOCKET_IMPORTS, extension: "none" }),
    unstable(system, new GuestMemory(), { sockets: SOCKET_IMPORTS }),
  ];
  for (const table of tables) {
    expect(Object.keys(table).sort()).toEqual([...Object.keys(SIGNATURES), "epoll_oneoff"].sort());
    for (const [name, fn] of Object.entries(table)) {
      expect(fn.length, name).toBe(SIGNATURES[name === "epoll_oneoff" ? "poll_oneoff" : name]!.params.length);
    }
  }
});

test("with its extension there is every function of WasmEdge, and each under its name of version 2", () => {
  const { system } = makeSystem(memoryBackend());
  const names = Object.keys(preview1(system, new GuestMemory(), { sockets: SOCKET_IMPORTS }));
  const extension = Object.keys(WASMEDGE_SIGNATURES).flatMap((name) => [name, `${name}_v2`]);
  const expected = new Set([...Object.keys(SIGNATURES), "epoll_oneoff", ...extension]);
  expect(names.sort()).toEqual([...expected].sort());
});

test("what may wait is there", () => {
  const { system } = makeSystem(memoryBackend());
  const names = Object.keys(preview1(system, new GuestMemory(), { sockets: SOCKET_IMPORTS }));
  for (const name of [...WAITING_IMPORTS, ...WAITING_SOCKET_IMPORTS]) expect(names).toContain(name);
});

test("before the memory is known, an import that needs it ends the guest, and the others work", () => {
  const { system } = makeSystem(memoryBackend());
  const memory = new GuestMemory();
  const imports = preview1(system, memory) as Record<string, (...args: number[]) => unknown>;
  expect(imports["sched_yield"]!()).toBe(Errno.SUCCESS);
  expect(imports["fd_close"]!(99)).toBe(Errno.BADF);
  expect(() => imports["random_get"]!(0, 1)).toThrow(WebAssembly.RuntimeError);
  expect(memory.outcome.reason).toMatchObject({ message: expect.stringContaining("needs its memory") });
  expect(() => imports["sched_yield"]!()).toThrow(WebAssembly.RuntimeError);
});
