/** WasmEdge's socket functions, versions 1 and 2. */

import { Errno } from "../witx/errno.ts";
import { WASMEDGE_SIGNATURES } from "../witx/wasmedge.ts";
import type { Answer } from "../core/answer.ts";
import { type AddressResult, type OptionResult, type SizeResult, type System } from "../core/system.ts";
import { getAddrInfoFunction } from "./addrinfo.ts";
import type { GuestMemory } from "./memory.ts";
import { AddressCodec, narrowType } from "./socket_address.ts";
import { optionOf, type OptionRoom, optionSize, readOption, readOptionRoom, writeOption } from "./socket_options.ts";
import { socketFunctions, type SocketTransfers } from "./sockets.ts";

/** Which versions of the functions there are: each import's own, or one only. */
export type SocketDialect = "auto" | "wasmedgev1" | "wasmedgev2";

/** The functions, as the guest calls them. */
export type WasmEdgeTable = Record<string, (...args: never[]) => Answer>;

/**
 * The functions of the extension; each under its name and under the same with `_v2`, by which WasmEdge has them as well.
 *
 * A function that two versions have with different parameters goes by the number of arguments that it is called with
 * (RATIONALE "Why does each import choose its version?").
 *
 * @param system Answers the calls.
 * @param memory Memory of the guest.
 * @param transfers Receives and sends.
 * @param dialect With one version only, a call in the other one answers NOSYS.
 */
export function wasmEdgeFunctions(
  system: System,
  memory: GuestMemory,
  transfers: SocketTransfers,
  dialect: SocketDialect,
): WasmEdgeTable {
  const codec = new AddressCodec(memory);
  const table: WasmEdgeTable = {
    ...socketFunctions(system, memory, transfers),
    ...setupFunctions(system, memory, codec),
    ...addressFunctions(system, memory, codec),
    ...optionFunctions(system, memory),
    ...transferFunctions(transfers, memory, codec),
    sock_getaddrinfo: getAddrInfoFunction(system, memory),
  };
  if (dialect !== "auto") restrict(table, dialect);
  for (const [name, fn] of Object.entries(table)) table[`${name}_v2`] = fn;
  return table;
}

function restrict(table: WasmEdgeTable, dialect: SocketDialect): void {
  for (const [name, { v1, v2 }] of Object.entries(WASMEDGE_SIGNATURES)) {
    const fn = table[name] as ((...args: number[]) => Answer) | undefined;
    if (fn === undefined || v1.length === v2.length) continue;
    const arity = dialect === "wasmedgev1" ? v1.length : v2.length;
    // The second form of sock_accept is that of preview 1, which is always there.
    const others = name === "sock_accept" ? [v2.length] : [];
    table[name] = (...args: number[]) => [arity, ...others].includes(args.length) ? fn(...args) : Errno.NOSYS;
  }
}

function setupFunctions(system: System, memory: GuestMemory, codec: AddressCodec): WasmEdgeTable {
  const result: SizeResult = { size: 0 };
  return {
    sock_open(family: number, type: number, resultPtr: number): Errno {
      memory.refresh();
      resultPtr >>>= 0;
      if (!memory.holds(resultPtr, 4)) return Errno.FAULT;
      const errno = system.sockOpen(family & 0xff, type & 0xff, result);
      if (errno === Errno.SUCCESS) memory.storeU32(resultPtr, result.size);
      return errno;
    },
    sock_bind(fd: number, addressPtr: number, port: number): Answer {
      memory.refresh();
      const address = codec.read(addressPtr >>> 0, port >>> 0);
      return typeof address === "number" ? address : system.sockBind(fd >>> 0, address);
    },
    sock_listen(fd: number, backlog: number): Answer {
      memory.refresh();
      return system.sockListen(fd >>> 0, backlog);
    },
    sock_connect(fd: number, addressPtr: number, port: number): Answer {
      memory.refresh();
      const address = codec.read(addressPtr >>> 0, port >>> 0);
      return typeof address === "number" ? address : system.sockConnect(fd >>> 0, address);
    },
  };
}

function addressFunctions(system: System, memory: GuestMemory, codec: AddressCodec): WasmEdgeTable {
  const result: AddressResult = { address: undefined };

  function store(addressPtr: number, typePtr: number, portPtr: number): Errno {
    const address = result.address!;
    if (!memory.holds(portPtr, 4)) return Errno.FAULT;
    if (typePtr >= 0 && !memory.holds(typePtr, 4)) return Errno.FAULT;
    const buffer = codec.buffer(addressPtr);
    const errno = typeof buffer === "number" ? buffer : codec.write(buffer, address);
    if (errno !== Errno.SUCCESS) return errno;
    if (typePtr >= 0) memory.storeU32(typePtr, narrowType(address));
    memory.storeU32(portPtr, address.port);
    return Errno.SUCCESS;
  }

  /** Version 1 has four parameters, `addr_type` before the port. */
  function getter(get: (fd: number, out: AddressResult) => Errno): (...args: number[]) => Errno {
    return (...args) => {
      memory.refresh();
      const [fd = 0, addressPtr = 0, third = 0, fourth] = args;
      const errno = get(fd >>> 0, result);
      if (errno !== Errno.SUCCESS) return errno;
      return fourth === undefined
        ? store(addressPtr >>> 0, -1, third >>> 0)
        : store(addressPtr >>> 0, third >>> 0, fourth >>> 0);
    };
  }

  return {
    sock_getlocaladdr: getter((fd, out) => system.sockGetLocalAddr(fd, out)),
    sock_getpeeraddr: getter((fd, out) => system.sockGetPeerAddr(fd, out)),
  };
}

function optionFunctions(system: System, memory: GuestMemory): WasmEdgeTable {
  const result: OptionResult = { value: 0 };
  const room: OptionRoom = { length: 0, lengthPtr: 0 };
  const anywhere: AddressResult = { address: undefined };

  /** An option that nobody knows, of a descriptor that may be no socket. */
  function unknown(fd: number): Errno {
    return system.sockGetLocalAddr(fd >>> 0, anywhere) || Errno.NOPROTOOPT;
  }

  return {
    sock_getsockopt(fd: number, level: number, name: number, ptr: number, lengthOrPtr: number): Errno {
      memory.refresh();
      ptr >>>= 0;
      const found = readOptionRoom(memory, lengthOrPtr >>> 0, room);
      if (found !== Errno.SUCCESS) return found;
      const option = optionOf(level, name);
      if (option === undefined) return unknown(fd);
      const size = optionSize(option);
      if (room.length < size) return Errno.INVAL;
      if (!memory.holds(ptr, size)) return Errno.FAULT;
      const errno = system.sockGetOpt(fd >>> 0, option, result);
      if (errno !== Errno.SUCCESS) return errno;
      writeOption(memory, ptr, option, result.value);
      if (room.lengthPtr !== 0) memory.storeU32(room.lengthPtr, size);
      return Errno.SUCCESS;
    },
    sock_setsockopt(fd: number, level: number, name: number, ptr: number, length: number): Errno {
      memory.refresh();
      ptr >>>= 0;
      length >>>= 0;
      if (!memory.holds(ptr, length)) return Errno.FAULT;
      const option = optionOf(level, name);
      if (option === undefined) return unknown(fd);
      const value = readOption(memory, ptr, length, option);
      return Number.isNaN(value) ? Errno.INVAL : system.sockSetOpt(fd >>> 0, option, value);
    },
  };
}

function transferFunctions(transfers: SocketTransfers, memory: GuestMemory, codec: AddressCodec): WasmEdgeTable {
  return {
    /** Version 1 has two parameters, without flags. */
    sock_accept(fd: number, second: number, third?: number): Answer {
      return third === undefined
        ? transfers.accept(fd >>> 0, 0, second >>> 0)
        : transfers.accept(fd >>> 0, second & 0xffff, third >>> 0);
    },
    /** Version 1 has seven parameters, without the port. */
    sock_recv_from(
      fd: number,
      ptr: number,
      count: number,
      addressPtr: number,
      flags: number,
      sixth: number,
      seventh: number,
      eighth?: number,
    ): Answer {
      const hasPort = eighth !== undefined;
      const portPtr = sixth >>> 0;
      // Looked up before anything is received, which may be stored over it.
      let buffer: Uint8Array | Errno = Errno.FAULT;
      return transfers.receive(fd >>> 0, ptr >>> 0, count >>> 0, flags & 0xffff, {
        sizePtr: (hasPort ? seventh : sixth) >>> 0,
        flagsPtr: (hasPort ? eighth : seventh) >>> 0,
        checkAddress() {
          if (hasPort && !memory.holds(portPtr, 4)) return Errno.FAULT;
          buffer = codec.buffer(addressPtr >>> 0);
          return typeof buffer === "number" ? buffer : Errno.SUCCESS;
        },
        storeAddress(from) {
          const errno = typeof buffer === "number" ? buffer : codec.write(buffer, from);
          if (errno === Errno.SUCCESS && hasPort) memory.storeU32(portPtr, from?.port ?? 0);
          return errno;
        },
      });
    },
    sock_send_to(
      fd: number,
      ptr: number,
      count: number,
      addressPtr: number,
      port: number,
      flags: number,
      sizePtr: number,
    ): Answer {
      const to = (): ReturnType<AddressCodec["read"]> => codec.read(addressPtr >>> 0, port >>> 0);
      return transfers.send(fd >>> 0, ptr >>> 0, count >>> 0, flags & 0xffff, to, sizePtr >>> 0);
    },
  };
}
