/** WasmEdge's socket functions, versions 1 and 2. */

import { Errno } from "../../witx/errno.ts";
import type { Signature } from "../../witx/signature.ts";
import { WASMEDGE_SIGNATURES } from "../../witx/wasmedge.ts";
import type { MaybePromise } from "../../core/io/maybe_promise.ts";
import type { AddressResult, OptionResult, U32Result } from "../results.ts";
import type { Abi } from "./abi.ts";
import { addressInfoFunction } from "./addrinfo.ts";
import { type ImportFunction, importFunction, type ImportTable } from "./import_function.ts";
import { AddressCodec, narrowType } from "./socket_address.ts";
import { optionOf, type OptionRoom, optionSize, readOption, readOptionRoom, writeOption } from "./socket_options.ts";
import type { SocketTransfers } from "./socket_transfers.ts";

/** Which versions of the functions exist: the one that each import has, or only one. */
export type SocketDialect = "auto" | "wasmedgev1" | "wasmedgev2";

/** The body of a function in both versions. */
interface Versions {
  readonly v1: ImportFunction;
  readonly v2: ImportFunction;
}

/**
 * The functions of the extension. Each is also there under its name with `_v2`, as in WasmEdge.
 *
 * Where the versions of a function differ in their parameters, the number of arguments decides
 * (RATIONALE "Why does each WasmEdge import choose its version?").
 *
 * @param abi What the imports of the guest share.
 * @param transfers Receives and sends.
 * @param dialect With one version only, a call of the other one returns `NOSYS`.
 * @param standard The imports of preview 1 that the extension shares.
 */
export function wasmEdgeFunctions(
  abi: Abi,
  transfers: SocketTransfers,
  dialect: SocketDialect,
  standard: ImportTable,
): ImportTable {
  const codec = new AddressCodec(abi.memory);
  const table: ImportTable = {};
  for (const name of ["sock_recv", "sock_send", "sock_shutdown"]) table[name] = standard[name]!;
  const common = {
    ...setupFunctions(abi, codec),
    ...optionFunctions(abi),
    ...sendFunctions(transfers, codec),
    ...addressInfoFunction(abi),
  };
  for (const [name, body] of Object.entries(common)) {
    table[name] = importFunction(abi, WASMEDGE_SIGNATURES[name]!.v1, body);
  }
  const versioned = {
    ...acceptFunctions(transfers),
    ...receiveFunctions(abi, transfers, codec),
    ...addressFunctions(abi, codec),
  };
  for (const [name, bodies] of Object.entries(versioned)) table[name] = byVersion(abi, dialect, name, bodies);
  for (const [name, fn] of Object.entries(table)) table[`${name}_v2`] = fn;
  return table;
}

function byVersion(abi: Abi, dialect: SocketDialect, name: string, bodies: Versions): ImportFunction {
  const signatures = WASMEDGE_SIGNATURES[name]!;
  const make = (signature: Signature, body: ImportFunction): (...args: readonly number[]) => MaybePromise =>
    importFunction(abi, signature, body) as (...args: readonly number[]) => MaybePromise;
  const missing = (): Errno => Errno.NOSYS;
  const v1 = dialect === "wasmedgev2" ? missing : make(signatures.v1, bodies.v1);
  // The second form of sock_accept is that of preview 1, which is always there.
  const v2 = dialect === "wasmedgev1" && name !== "sock_accept" ? missing : make(signatures.v2, bodies.v2);
  const { length } = signatures.v1.params;
  return (...args: readonly number[]) => args.length === length ? v1(...args) : v2(...args);
}

function setupFunctions({ system, memory }: Abi, codec: AddressCodec): ImportTable {
  const result: U32Result = { value: 0 };
  return {
    sock_open(family: number, type: number, resultPtr: number): Errno {
      const errno = system.sock.open(family, type, result);
      if (errno === Errno.SUCCESS) memory.storeU32(resultPtr, result.value);
      return errno;
    },
    sock_bind(fd: number, addressPtr: number, port: number): MaybePromise {
      const address = codec.read(addressPtr, port);
      return typeof address === "number" ? address : system.sock.bind(fd, address);
    },
    sock_listen: (fd: number, backlog: number): MaybePromise => system.sock.listen(fd, backlog | 0),
    sock_connect(fd: number, addressPtr: number, port: number): MaybePromise {
      const address = codec.read(addressPtr, port);
      return typeof address === "number" ? address : system.sock.connect(fd, address);
    },
  };
}

function addressFunctions({ system, memory }: Abi, codec: AddressCodec): Readonly<Record<string, Versions>> {
  const result: AddressResult = { address: undefined };

  function store(addressPtr: number, portPtr: number): Errno {
    const address = result.address!;
    const buffer = codec.buffer(addressPtr);
    const errno = typeof buffer === "number" ? buffer : codec.write(buffer, address);
    if (errno === Errno.SUCCESS) memory.storeU32(portPtr, address.port);
    return errno;
  }

  function versions(get: (fd: number, out: AddressResult) => Errno): Versions {
    return {
      v1(fd: number, addressPtr: number, typePtr: number, portPtr: number): Errno {
        const errno = get(fd, result) || store(addressPtr, portPtr);
        if (errno === Errno.SUCCESS) memory.storeU32(typePtr, narrowType(result.address!));
        return errno;
      },
      v2: (fd: number, addressPtr: number, portPtr: number): Errno => get(fd, result) || store(addressPtr, portPtr),
    };
  }

  return {
    sock_getlocaladdr: versions((fd, out) => system.sock.getLocalAddr(fd, out)),
    sock_getpeeraddr: versions((fd, out) => system.sock.getPeerAddr(fd, out)),
  };
}

function optionFunctions({ system, memory }: Abi): ImportTable {
  const result: OptionResult = { value: 0 };
  const room: OptionRoom = { length: 0, lengthPtr: 0 };
  const anywhere: AddressResult = { address: undefined };

  /** The errno of an unknown option: that of the descriptor, if it is no socket. */
  function unknown(fd: number): Errno {
    return system.sock.getLocalAddr(fd, anywhere) || Errno.NOPROTOOPT;
  }

  return {
    sock_getsockopt(fd: number, level: number, name: number, ptr: number, lengthOrPtr: number): Errno {
      const found = readOptionRoom(memory, lengthOrPtr, room);
      if (found !== Errno.SUCCESS) return found;
      const option = optionOf(level, name);
      if (option === undefined) return unknown(fd);
      const size = optionSize(option);
      if (room.length < size) return Errno.INVAL;
      if (!memory.holds(ptr, size)) return Errno.FAULT;
      const errno = system.sock.getOpt(fd, option, result);
      if (errno !== Errno.SUCCESS) return errno;
      writeOption(memory, ptr, option, result.value);
      if (room.lengthPtr !== 0) memory.storeU32(room.lengthPtr, size);
      return Errno.SUCCESS;
    },
    sock_setsockopt(fd: number, level: number, name: number, ptr: number, length: number): Errno {
      if (!memory.holds(ptr, length)) return Errno.FAULT;
      const option = optionOf(level, name);
      if (option === undefined) return unknown(fd);
      const value = readOption(memory, ptr, length, option);
      return Number.isNaN(value) ? Errno.INVAL : system.sock.setOpt(fd, option, value);
    },
  };
}

function sendFunctions(transfers: SocketTransfers, codec: AddressCodec): ImportTable {
  return {
    sock_send_to(
      fd: number,
      ptr: number,
      count: number,
      addressPtr: number,
      port: number,
      flags: number,
      sizePtr: number,
    ): MaybePromise {
      return transfers.send(fd, ptr, count, flags, () => codec.read(addressPtr, port), sizePtr);
    },
  };
}

function acceptFunctions(transfers: SocketTransfers): Readonly<Record<string, Versions>> {
  return {
    sock_accept: {
      v1: (fd: number, resultPtr: number): MaybePromise => transfers.accept(fd, 0, resultPtr),
      v2: (fd: number, flags: number, resultPtr: number): MaybePromise => transfers.accept(fd, flags, resultPtr),
    },
  };
}

function receiveFunctions(
  { memory }: Abi,
  transfers: SocketTransfers,
  codec: AddressCodec,
): Readonly<Record<string, Versions>> {
  function receive(
    call: readonly [fd: number, ptr: number, count: number, flags: number],
    addressPtr: number,
    [portPtr, sizePtr, flagsPtr]: readonly [portPtr: number | undefined, sizePtr: number, flagsPtr: number],
  ): MaybePromise {
    // Looked up before anything is received, which may be stored over it.
    let buffer: Uint8Array | Errno = Errno.FAULT;
    return transfers.receive(...call, {
      sizePtr,
      flagsPtr,
      checkAddress() {
        buffer = codec.buffer(addressPtr);
        return typeof buffer === "number" ? buffer : Errno.SUCCESS;
      },
      storeAddress(from) {
        const errno = typeof buffer === "number" ? buffer : codec.write(buffer, from);
        if (errno === Errno.SUCCESS && portPtr !== undefined) memory.storeU32(portPtr, from?.port ?? 0);
        return errno;
      },
    });
  }

  return {
    sock_recv_from: {
      v1: (
        fd: number,
        ptr: number,
        count: number,
        addressPtr: number,
        flags: number,
        sizePtr: number,
        flagsPtr: number,
      ): MaybePromise => receive([fd, ptr, count, flags], addressPtr, [undefined, sizePtr, flagsPtr]),
      v2: (
        fd: number,
        ptr: number,
        count: number,
        addressPtr: number,
        flags: number,
        portPtr: number,
        sizePtr: number,
        flagsPtr: number,
      ): MaybePromise => receive([fd, ptr, count, flags], addressPtr, [portPtr, sizePtr, flagsPtr]),
    },
  };
}
