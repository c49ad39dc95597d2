/** The imports of `wasi_snapshot_preview1` and `wasi_unstable`. */

import { SIGNATURES } from "../../witx/signatures.ts";
import type { System } from "../system.ts";
import { type Abi, type Dialect, SNAPSHOT_1, UNSTABLE } from "./abi.ts";
import { argsFunctions } from "./args.ts";
import { clockFunctions, narrowClockFunctions } from "./clock.ts";
import { fdFunctions, narrowFdFunctions } from "./fd.ts";
import { narrowTransferFunctions, transferFunctions, type TransferModes } from "./fd_transfer.ts";
import { type ImportTable, importTable } from "./import_function.ts";
import type { GuestMemory } from "./memory.ts";
import { pathFunctions } from "./path.ts";
import { pollFunction } from "./poll.ts";
import { directProcessFunctions, processFunctions } from "./process.ts";
import type { SocketFunctions, SocketImports } from "./sockets.ts";
import { widened } from "./widened.ts";

/** Imports that may return a promise, if their system suspends. */
export const WAITING_IMPORTS: readonly string[] = [
  "poll_oneoff",
  "epoll_oneoff",
  "sched_yield",
  "fd_read",
  "fd_write",
];

/** Imports that may return a promise if the guest has a network; their names with `_v2` as well. */
export const WAITING_SOCKET_IMPORTS: readonly string[] = [
  "sock_accept",
  "sock_recv",
  "sock_recv_from",
  "sock_send",
  "sock_send_to",
  "sock_bind",
  "sock_listen",
  "sock_connect",
  "sock_getaddrinfo",
];

/** What the imports of a guest depend on. */
export interface Preview1Options {
  /** How reads and writes wait; by default as the system does. */
  readonly modes?: TransferModes;
  /** True for the name of a function that is imported. The others are not made; by default all are. */
  readonly isNeeded?: (name: string) => boolean;
  /** Makes the functions for sockets; by default there are none. */
  readonly sockets?: SocketImports | undefined;
  /** Which functions for sockets there are beside the four of preview 1. Default: `auto`. */
  readonly extension?: SocketFunctions;
}

const AS_SYSTEM: TransferModes = { reads: "suspend", writes: "suspend" };

/**
 * The imports of `wasi_snapshot_preview1`.
 *
 * No argument, however wrong, makes one throw. Only the end of the guest leaves them, by a trap.
 *
 * @param system Answers the calls.
 * @param memory Memory of the guest.
 * @param options What they depend on.
 */
export function preview1(system: System, memory: GuestMemory, options: Preview1Options = {}): ImportTable {
  return imports(system, memory, SNAPSHOT_1, { extension: "auto", ...options });
}

/** The imports of `wasi_unstable`, the snapshot before: as {@linkcode preview1} but for three layouts. */
export function unstable(system: System, memory: GuestMemory, options: Preview1Options = {}): ImportTable {
  return imports(system, memory, UNSTABLE, { ...options, extension: "none" });
}

function imports(system: System, memory: GuestMemory, dialect: Dialect, options: Preview1Options): ImportTable {
  const abi: Abi = { system, memory, dialect };
  const table = standardImports(abi, options);
  return options.sockets?.add(abi, options.extension ?? "auto", table) ?? table;
}

function standardImports(abi: Abi, { modes = AS_SYSTEM, isNeeded = () => true }: Preview1Options): ImportTable {
  const names = new Set([...Object.keys(SIGNATURES), "epoll_oneoff"].filter(isNeeded));
  const has = (...prefixes: readonly string[]): boolean =>
    prefixes.some((prefix) => [...names].some((name) => name.startsWith(prefix)));
  const bodies: ImportTable = {
    ...(has("args_", "environ_") && argsFunctions(abi)),
    ...(has("clock_res_") && clockFunctions(abi)),
    ...(has("fd_") && { ...fdFunctions(abi), ...transferFunctions(abi, modes) }),
    ...(has("path_") && pathFunctions(abi)),
    ...(has("proc_") && processFunctions(abi)),
  };
  const poll = has("poll_", "epoll_") ? pollFunction(abi) : undefined;
  return {
    ...widened({
      ...importTable(abi, SIGNATURES, bodies, (name) => names.has(name)),
      // Hot paths: each has its own guard and checks, which tests/preview1/uniform.test.ts compares with the signatures.
      ...narrowClockFunctions(abi),
      ...(has("fd_") && { ...narrowFdFunctions(abi), ...narrowTransferFunctions(abi) }),
      ...directProcessFunctions(abi),
    }),
    ...(poll && { poll_oneoff: poll, epoll_oneoff: poll }),
  };
}
