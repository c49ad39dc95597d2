/** `wasi_snapshot_preview1` and `wasi_unstable`: decode, call the system, encode. */

import { Errno } from "../witx/errno.ts";
import { emptyFilestat, type Fdstat, type Filestat } from "../witx/types.ts";
import type { Answer } from "../core/answer.ts";
import { Interest, type OffsetResult, type Prestat, type SizeResult, type System } from "../core/system.ts";
import {
  FDSTAT_SIZE,
  FILESTAT_SIZE,
  PRESTAT_SIZE,
  UNSTABLE_FILESTAT_SIZE,
  writeFdstat,
  writeFilestat,
  writeUnstableFilestat,
} from "./layout.ts";
import { emptyIoVectors, type GuestMemory } from "./memory.ts";
import { type PollAbi, pollFunction } from "./poll.ts";
import { socketFunctions, SocketTransfers } from "./sockets.ts";
import { retryWhileAgain } from "./suspend.ts";
import { type SocketDialect, wasmEdgeFunctions } from "./wasmedge.ts";
import { toFloat64, widened } from "./widened.ts";

/** An import as the guest calls it: i32 as number, i64 as bigint. */
export type ImportFunction = (...args: never[]) => Answer | void;

/** The functions of a module, by witx name. */
export type ImportTable = Record<string, ImportFunction>;

/** Names of the functions that may answer a promise, if their system suspends. */
export const WAITING_IMPORTS: readonly string[] = [
  "poll_oneoff",
  "epoll_oneoff",
  "sched_yield",
  "fd_read",
  "fd_write",
];

/** Names of the functions that may answer a promise if the guest has a network; with `_v2` behind them as well. */
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

/** Functions that wait, but may be told to block for it: wrapping them to suspend would slow down all their calls. */
export interface Blocking {
  /** True if `fd_read` never answers a promise. */
  readonly reads: boolean;
  /** True if `fd_write` never answers a promise. */
  readonly writes: boolean;
}

const NEVER_BLOCKING: Blocking = { reads: false, writes: false };

/** Where `wasi_unstable` differs. */
interface Dialect extends PollAbi {
  readonly filestatSize: number;
  readonly writeFilestat: (view: DataView, ptr: number, stat: Filestat) => void;
  /** `whence` of the guest to that of preview 1; what is no whence stays none. */
  readonly whence: (whence: number) => number;
}

const SNAPSHOT_1: Dialect = {
  subscriptionShift: 0,
  filestatSize: FILESTAT_SIZE,
  writeFilestat,
  whence: (whence) => whence,
};

const UNSTABLE: Dialect = {
  subscriptionShift: 8,
  filestatSize: UNSTABLE_FILESTAT_SIZE,
  writeFilestat: writeUnstableFilestat,
  // CUR, END, SET were 0, 1, 2.
  whence: (whence) => whence === 2 ? 0 : whence < 2 ? whence + 1 : whence,
};

/**
 * The functions of `wasi_snapshot_preview1`.
 *
 * No argument, however wrong, makes one throw; only `proc_exit`, `proc_raise` and an interrupt throw, on purpose.
 *
 * @param system Answers the calls.
 * @param memory Memory of the guest.
 * @param blocking What must not answer a promise, though the system suspends.
 * @param sockets Which socket functions there are beside the four of preview 1.
 */
export function preview1(
  system: System,
  memory: GuestMemory,
  blocking: Blocking = NEVER_BLOCKING,
  sockets: SocketDialect | "none" = "auto",
): ImportTable {
  return makeTable(system, memory, SNAPSHOT_1, blocking, sockets);
}

/** The functions of `wasi_unstable`, the snapshot before: as {@linkcode preview1} but for three layouts. */
export function unstable(system: System, memory: GuestMemory, blocking: Blocking = NEVER_BLOCKING): ImportTable {
  return makeTable(system, memory, UNSTABLE, blocking, "none");
}

function makeTable(
  system: System,
  memory: GuestMemory,
  dialect: Dialect,
  blocking: Blocking,
  sockets: SocketDialect | "none",
): ImportTable {
  const transfers = new SocketTransfers(system, memory);
  const poll = pollFunction(system, memory, dialect);
  return {
    ...widened({
      ...processFunctions(system, memory),
      ...descriptorFunctions(system, memory, dialect),
      ...transferFunctions(system, memory, blocking),
      ...pathFunctions(system, memory, dialect),
    }),
    ...(sockets === "none"
      ? socketFunctions(system, memory, transfers)
      : wasmEdgeFunctions(system, memory, transfers, sockets)),
    poll_oneoff: poll,
    epoll_oneoff: poll,
  };
}

function processFunctions(system: System, memory: GuestMemory): ImportTable {
  const time = new Uint32Array(2);

  function sizes(list: readonly Uint8Array[], countPtr: number, sizePtr: number): Errno {
    memory.refresh();
    countPtr >>>= 0;
    sizePtr >>>= 0;
    if (!memory.holds(countPtr, 4) || !memory.holds(sizePtr, 4)) return Errno.FAULT;
    memory.storeU32(countPtr, list.length);
    memory.storeU32(sizePtr, totalBytes(list));
    return Errno.SUCCESS;
  }

  function strings(list: readonly Uint8Array[], pointersPtr: number, bufferPtr: number): Errno {
    memory.refresh();
    let pointer = pointersPtr >>> 0;
    let at = bufferPtr >>> 0;
    if (!memory.holds(pointer, list.length * 4) || !memory.holds(at, totalBytes(list))) return Errno.FAULT;
    for (const encoded of list) {
      memory.storeU32(pointer, at);
      memory.bytes.set(encoded, at);
      pointer += 4;
      at += encoded.length;
    }
    return Errno.SUCCESS;
  }

  function storeTime(errno: Errno, ptr: number): Errno {
    if (errno !== Errno.SUCCESS) return errno;
    memory.storeU32(ptr, time[0]!);
    memory.storeU32(ptr + 4, time[1]!);
    return Errno.SUCCESS;
  }

  return {
    args_get: (argv: number, argvBuf: number): Errno => strings(system.argsGet(), argv, argvBuf),
    args_sizes_get: (argc: number, size: number): Errno => sizes(system.argsGet(), argc, size),
    environ_get: (environ: number, environBuf: number): Errno => strings(system.environGet(), environ, environBuf),
    environ_sizes_get: (count: number, size: number): Errno => sizes(system.environGet(), count, size),
    clock_res_get(id: number, resultPtr: number): Errno {
      memory.refresh();
      resultPtr >>>= 0;
      if (!memory.holds(resultPtr, 8)) return Errno.FAULT;
      return storeTime(system.clockResGet(id >>> 0, time), resultPtr);
    },
    clock_time_get(id: number, resultPtr: number): Errno {
      memory.refresh();
      resultPtr >>>= 0;
      if (!memory.holds(resultPtr, 8)) return Errno.FAULT;
      return storeTime(system.clockTimeGet(id >>> 0, time), resultPtr);
    },
    proc_exit(code: number): void {
      memory.refresh();
      system.procExit(code >>> 0);
    },
    proc_raise(signal: number): Errno {
      memory.refresh();
      return system.procRaise(signal >>> 0);
    },
    sched_yield(): Answer {
      memory.refresh();
      return system.schedYield();
    },
    random_get(ptr: number, length: number): Errno {
      memory.refresh();
      ptr >>>= 0;
      length >>>= 0;
      if (!memory.holds(ptr, length)) return Errno.FAULT;
      return system.randomGet(memory.bytes, ptr, length);
    },
  };
}

function descriptorFunctions(system: System, memory: GuestMemory, dialect: Dialect): ImportTable {
  const fdstat: Fdstat = { fsFiletype: 0, fsFlags: 0, fsRightsBase: 0, fsRightsInheriting: 0 };
  const filestat = emptyFilestat();
  const prestat: Prestat = { tag: 0, name: new Uint8Array(0) };
  const position: OffsetResult = { offset: 0 };
  const used: SizeResult = { size: 0 };

  function storePosition(errno: Errno, ptr: number): Errno {
    if (errno === Errno.SUCCESS) memory.storeSafeU64(ptr, position.offset);
    return errno;
  }

  return {
    fd_advise: (fd: number, offset: bigint, len: bigint, advice: number): Errno => {
      memory.refresh();
      return system.fdAdvise(fd >>> 0, offset, len, advice & 0xff);
    },
    fd_allocate: (fd: number, offset: bigint, len: bigint): Errno => {
      memory.refresh();
      return system.fdAllocate(fd >>> 0, offset, len);
    },
    fd_close: (fd: number): Errno => {
      memory.refresh();
      return system.fdClose(fd >>> 0);
    },
    fd_datasync: (fd: number): Errno => {
      memory.refresh();
      return system.fdDatasync(fd >>> 0);
    },
    fd_sync: (fd: number): Errno => {
      memory.refresh();
      return system.fdSync(fd >>> 0);
    },
    fd_fdstat_get(fd: number, ptr: number): Errno {
      memory.refresh();
      ptr >>>= 0;
      if (!memory.holds(ptr, FDSTAT_SIZE)) return Errno.FAULT;
      const errno = system.fdFdstatGet(fd >>> 0, fdstat);
      if (errno === Errno.SUCCESS) writeFdstat(memory.view, ptr, fdstat);
      return errno;
    },
    fd_fdstat_set_flags: (fd: number, flags: number): Errno => {
      memory.refresh();
      return system.fdFdstatSetFlags(fd >>> 0, flags & 0xffff);
    },
    fd_fdstat_set_rights: (fd: number, base: bigint, inheriting: bigint): Errno => {
      memory.refresh();
      return system.fdFdstatSetRights(fd >>> 0, base, inheriting);
    },
    fd_filestat_get(fd: number, ptr: number): Errno {
      memory.refresh();
      ptr >>>= 0;
      if (!memory.holds(ptr, dialect.filestatSize)) return Errno.FAULT;
      const errno = system.fdFilestatGet(fd >>> 0, filestat);
      if (errno === Errno.SUCCESS) dialect.writeFilestat(memory.view, ptr, filestat);
      return errno;
    },
    fd_filestat_set_size: (fd: number, size: bigint): Errno => {
      memory.refresh();
      return system.fdFilestatSetSize(fd >>> 0, size);
    },
    fd_filestat_set_times: (fd: number, atim: bigint, mtim: bigint, fstFlags: number): Errno => {
      memory.refresh();
      return system.fdFilestatSetTimes(fd >>> 0, atim, mtim, fstFlags & 0xffff);
    },
    fd_prestat_get(fd: number, ptr: number): Errno {
      memory.refresh();
      ptr >>>= 0;
      if (!memory.holds(ptr, PRESTAT_SIZE)) return Errno.FAULT;
      const errno = system.fdPrestatGet(fd >>> 0, prestat);
      if (errno !== Errno.SUCCESS) return errno;
      memory.storeU32(ptr, prestat.tag);
      memory.storeU32(ptr + 4, prestat.name.length);
      return Errno.SUCCESS;
    },
    fd_prestat_dir_name(fd: number, ptr: number, length: number): Errno {
      memory.refresh();
      ptr >>>= 0;
      length >>>= 0;
      if (!memory.holds(ptr, length)) return Errno.FAULT;
      const errno = system.fdPrestatGet(fd >>> 0, prestat);
      if (errno !== Errno.SUCCESS) return errno;
      if (length < prestat.name.length) return Errno.NAMETOOLONG;
      memory.bytes.set(prestat.name, ptr);
      return Errno.SUCCESS;
    },
    fd_readdir(fd: number, ptr: number, length: number, cookie: bigint, resultPtr: number): Errno {
      memory.refresh();
      ptr >>>= 0;
      length >>>= 0;
      resultPtr >>>= 0;
      if (!memory.holds(ptr, length) || !memory.holds(resultPtr, 4)) return Errno.FAULT;
      const errno = system.fdReaddir(fd >>> 0, memory.bytes, ptr, length, cookie, used);
      if (errno === Errno.SUCCESS) memory.storeU32(resultPtr, used.size);
      return errno;
    },
    fd_renumber: (fd: number, to: number): Errno => {
      memory.refresh();
      return system.fdRenumber(fd >>> 0, to >>> 0);
    },
    fd_seek(fd: number, offsetLow: number, offsetHigh: number, whence: number, resultPtr: number): Errno {
      memory.refresh();
      resultPtr >>>= 0;
      if (!memory.holds(resultPtr, 8)) return Errno.FAULT;
      const offset = toFloat64(offsetLow, offsetHigh);
      return storePosition(system.fdSeek(fd >>> 0, offset, dialect.whence(whence & 0xff), position), resultPtr);
    },
    fd_tell(fd: number, resultPtr: number): Errno {
      memory.refresh();
      resultPtr >>>= 0;
      if (!memory.holds(resultPtr, 8)) return Errno.FAULT;
      return storePosition(system.fdTell(fd >>> 0, position), resultPtr);
    },
  };
}

function transferFunctions(system: System, memory: GuestMemory, blocking: Blocking): ImportTable {
  const iovs = emptyIoVectors();
  const moved: SizeResult = { size: 0 };

  function decode(ptr: number, count: number, resultPtr: number): Errno {
    memory.refresh();
    if (!memory.holds(resultPtr, 4)) return Errno.FAULT;
    return memory.readIovecs(ptr, count, iovs);
  }

  function encode(errno: Errno, resultPtr: number): Errno {
    if (errno === Errno.SUCCESS) memory.storeU32(resultPtr, moved.size);
    return errno;
  }

  function read(fd: number, ptr: number, count: number, resultPtr: number): Errno {
    return decode(ptr, count, resultPtr) || encode(system.fdRead(fd, iovs, moved), resultPtr);
  }

  function write(fd: number, ptr: number, count: number, resultPtr: number): Errno {
    return decode(ptr, count, resultPtr) || encode(system.fdWrite(fd, iovs, moved), resultPtr);
  }

  // The closures are made where they are needed: a function that has one makes memory for it in every call.
  function readAgain(fd: number, ptr: number, count: number, resultPtr: number): Answer {
    return retryWhileAgain(system, fd, Interest.READ, blocking.reads, () => read(fd, ptr, count, resultPtr));
  }

  function writeAgain(fd: number, ptr: number, count: number, resultPtr: number): Answer {
    return retryWhileAgain(system, fd, Interest.WRITE, blocking.writes, () => write(fd, ptr, count, resultPtr));
  }

  return {
    fd_read(fd: number, ptr: number, count: number, resultPtr: number): Answer {
      fd >>>= 0;
      ptr >>>= 0;
      count >>>= 0;
      resultPtr >>>= 0;
      const errno = read(fd, ptr, count, resultPtr);
      return errno === Errno.AGAIN ? readAgain(fd, ptr, count, resultPtr) : errno;
    },
    fd_write(fd: number, ptr: number, count: number, resultPtr: number): Answer {
      fd >>>= 0;
      ptr >>>= 0;
      count >>>= 0;
      resultPtr >>>= 0;
      const errno = write(fd, ptr, count, resultPtr);
      return errno === Errno.AGAIN ? writeAgain(fd, ptr, count, resultPtr) : errno;
    },
    fd_pread(fd: number, ptr: number, count: number, low: number, high: number, resultPtr: number): Errno {
      resultPtr >>>= 0;
      return decode(ptr >>> 0, count >>> 0, resultPtr) ||
        encode(system.fdPread(fd >>> 0, iovs, toFloat64(low, high), moved), resultPtr);
    },
    fd_pwrite(fd: number, ptr: number, count: number, low: number, high: number, resultPtr: number): Errno {
      resultPtr >>>= 0;
      return decode(ptr >>> 0, count >>> 0, resultPtr) ||
        encode(system.fdPwrite(fd >>> 0, iovs, toFloat64(low, high), moved), resultPtr);
    },
  };
}

function pathFunctions(system: System, memory: GuestMemory, dialect: Dialect): ImportTable {
  const filestat = emptyFilestat();
  const result: SizeResult = { size: 0 };

  function path(ptr: number, length: number): string | Errno {
    memory.refresh();
    return memory.readString(ptr >>> 0, length >>> 0);
  }

  return {
    path_create_directory(fd: number, ptr: number, length: number): Errno {
      const name = path(ptr, length);
      return typeof name === "number" ? name : system.pathCreateDirectory(fd >>> 0, name);
    },
    path_filestat_get(fd: number, flags: number, ptr: number, length: number, resultPtr: number): Errno {
      const name = path(ptr, length);
      resultPtr >>>= 0;
      if (!memory.holds(resultPtr, dialect.filestatSize)) return Errno.FAULT;
      if (typeof name === "number") return name;
      const errno = system.pathFilestatGet(fd >>> 0, flags, name, filestat);
      if (errno === Errno.SUCCESS) dialect.writeFilestat(memory.view, resultPtr, filestat);
      return errno;
    },
    path_filestat_set_times(
      fd: number,
      flags: number,
      ptr: number,
      length: number,
      atim: bigint,
      mtim: bigint,
      fstFlags: number,
    ): Errno {
      const name = path(ptr, length);
      if (typeof name === "number") return name;
      return system.pathFilestatSetTimes(fd >>> 0, flags, name, atim, mtim, fstFlags & 0xffff);
    },
    path_link(
      oldFd: number,
      oldFlags: number,
      oldPtr: number,
      oldLength: number,
      newFd: number,
      newPtr: number,
      newLength: number,
    ): Errno {
      const oldName = path(oldPtr, oldLength);
      if (typeof oldName === "number") return oldName;
      const newName = path(newPtr, newLength);
      if (typeof newName === "number") return newName;
      return system.pathLink(oldFd >>> 0, oldFlags, oldName, newFd >>> 0, newName);
    },
    path_open(
      fd: number,
      dirflags: number,
      ptr: number,
      length: number,
      oflags: number,
      base: number,
      inheriting: number,
      fdflags: number,
      resultPtr: number,
    ): Errno {
      const name = path(ptr, length);
      resultPtr >>>= 0;
      if (!memory.holds(resultPtr, 4)) return Errno.FAULT;
      if (typeof name === "number") return name;
      oflags &= 0xffff;
      const errno = system.pathOpen(fd >>> 0, dirflags, name, oflags, base, inheriting, fdflags & 0xffff, result);
      if (errno === Errno.SUCCESS) memory.storeU32(resultPtr, result.size);
      return errno;
    },
    path_readlink(
      fd: number,
      ptr: number,
      length: number,
      bufPtr: number,
      bufLength: number,
      resultPtr: number,
    ): Errno {
      const name = path(ptr, length);
      bufPtr >>>= 0;
      bufLength >>>= 0;
      resultPtr >>>= 0;
      if (!memory.holds(bufPtr, bufLength) || !memory.holds(resultPtr, 4)) return Errno.FAULT;
      if (typeof name === "number") return name;
      const errno = system.pathReadlink(fd >>> 0, name, memory.bytes, bufPtr, bufLength, result);
      if (errno === Errno.SUCCESS) memory.storeU32(resultPtr, result.size);
      return errno;
    },
    path_remove_directory(fd: number, ptr: number, length: number): Errno {
      const name = path(ptr, length);
      return typeof name === "number" ? name : system.pathRemoveDirectory(fd >>> 0, name);
    },
    path_rename(
      fd: number,
      oldPtr: number,
      oldLength: number,
      newFd: number,
      newPtr: number,
      newLength: number,
    ): Errno {
      const oldName = path(oldPtr, oldLength);
      if (typeof oldName === "number") return oldName;
      const newName = path(newPtr, newLength);
      if (typeof newName === "number") return newName;
      return system.pathRename(fd >>> 0, oldName, newFd >>> 0, newName);
    },
    path_symlink(oldPtr: number, oldLength: number, fd: number, newPtr: number, newLength: number): Errno {
      const target = path(oldPtr, oldLength);
      if (typeof target === "number") return target;
      const name = path(newPtr, newLength);
      return typeof name === "number" ? name : system.pathSymlink(target, fd >>> 0, name);
    },
    path_unlink_file(fd: number, ptr: number, length: number): Errno {
      const name = path(ptr, length);
      return typeof name === "number" ? name : system.pathUnlinkFile(fd >>> 0, name);
    },
  };
}

function totalBytes(list: readonly Uint8Array[]): number {
  let total = 0;
  for (const encoded of list) total += encoded.length;
  return total;
}
