/** The `sock_*` functions of preview 1. */

import type { Errno } from "../../witx/errno.ts";
import type { MaybePromise } from "../../core/io/maybe_promise.ts";
import type { Abi } from "./abi.ts";
import type { ImportTable } from "./import_function.ts";
import { type SocketTransfers, toPeer } from "./socket_transfers.ts";

/** The functions, bodies; WasmEdge has another `sock_accept` beside this one. */
export function sockFunctions({ system }: Abi, transfers: SocketTransfers): ImportTable {
  return {
    sock_accept: (fd: number, flags: number, resultPtr: number): MaybePromise => transfers.accept(fd, flags, resultPtr),
    sock_recv: (
      fd: number,
      ptr: number,
      count: number,
      flags: number,
      sizePtr: number,
      flagsPtr: number,
    ): MaybePromise => transfers.receivePlain(fd, ptr, count, flags, sizePtr, flagsPtr),
    sock_send: (fd: number, ptr: number, count: number, flags: number, sizePtr: number): MaybePromise =>
      transfers.send(fd, ptr, count, flags, toPeer, sizePtr),
    sock_shutdown: (fd: number, how: number): Errno => system.sock.shutdown(fd, how),
  };
}
