/** The names of `System` follow from those of the specification. */

import { expect, test } from "vitest";
import { HostSystem } from "../../src/core/host_system.ts";
import { PathSystem } from "../../src/core/path_system.ts";
import { SocketSystem } from "../../src/core/socket_system.ts";
import { preview1, unstable, WAITING_IMPORTS, WAITING_SOCKET_IMPORTS } from "../../src/abi/preview1.ts";
import { GuestMemory } from "../../src/abi/memory.ts";
import { SIGNATURES } from "../../src/witx/signatures.ts";
import { WASMEDGE_SIGNATURES } from "../../src/witx/wasmedge.ts";
import { makeSystem, memoryBackend } from "../system/backends.ts";

/** `fd_prestat_get` to `fdPrestatGet`. */
function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

const OPTION_METHODS: Readonly<Record<string, string>> = {
  sockGetsockopt: "sockGetOpt",
  sockSetsockopt: "sockSetOpt",
  sockGetlocaladdr: "sockGetLocalAddr",
  sockGetpeeraddr: "sockGetPeerAddr",
};

/** Imports that are answered by the method of another. */
const WITHOUT_METHOD = ["args_sizes_get", "environ_sizes_get", "fd_prestat_dir_name"];
/** Methods that answer no import of their own. */
const WITHOUT_IMPORT = ["constructor", "close", "waitFd"];
/** Methods of WasmEdge's extension; `sockLookup` is what `sock_getaddrinfo` asks. */
const OF_WASMEDGE = Object.keys(WASMEDGE_SIGNATURES).map((name) => camelCase(name).replace("Getaddrinfo", "Lookup"))
  .map((name) => ({ sockRecvFrom: "sockRecv", sockSendTo: "sockSend", ...OPTION_METHODS })[name] ?? name);

test("HostSystem has a method for every function of preview 1 and WasmEdge's extension, and no others", () => {
  const methods = [HostSystem, SocketSystem, PathSystem].flatMap(({ prototype }) =>
    Object.getOwnPropertyNames(prototype)
  ).filter((
    name,
  ) => !WITHOUT_IMPORT.includes(name));
  const functions = Object.keys(SIGNATURES).filter((name) => !WITHOUT_METHOD.includes(name)).map(camelCase);
  expect(methods.sort()).toEqual([...new Set([...functions, ...OF_WASMEDGE])].sort());
});

test("both modules of imports have every function of preview 1, and no others without an extension", () => {
  const { system } = makeSystem(memoryBackend());
  const tables = [
    preview1(system, new GuestMemory(), undefined, "none"),
    unstable(system, new GuestMemory()),
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
  const names = Object.keys(preview1(system, new GuestMemory()));
  const extension = Object.keys(WASMEDGE_SIGNATURES).flatMap((name) => [name, `${name}_v2`]);
  const expected = new Set([...Object.keys(SIGNATURES), "epoll_oneoff", ...extension]);
  expect(names.sort()).toEqual([...expected].sort());
});

test("what may wait is there", () => {
  const { system } = makeSystem(memoryBackend());
  const names = Object.keys(preview1(system, new GuestMemory()));
  for (const name of [...WAITING_IMPORTS, ...WAITING_SOCKET_IMPORTS]) expect(names).toContain(name);
});

test("an import that is called before the memory is known throws", () => {
  const { system } = makeSystem(memoryBackend());
  const { sched_yield: schedYield } = preview1(system, new GuestMemory());
  expect(() => schedYield!()).toThrow(/before its memory was known/);
});
