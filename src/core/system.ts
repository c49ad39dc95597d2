/**
 * The calls of preview 1 with typed parameters: no pointers, no guest memory, no exceptions.
 *
 * A call answers an errno; what else it answers goes into an object that the caller passes and owns, so that a call
 * that succeeds allocates nothing (RATIONALE "Why do results go into objects of the caller?").
 *
 * Paths are decoded strings as the guest gave them; resolving them is the implementation's work.
 *
 * Source of all calls: wasi_snapshot_preview1.witx (WebAssembly/WASI@1ad15f3).
 *
 * @module
 */

import type { Errno } from "../witx/errno.ts";
import type { Fdstat, Filestat } from "../witx/types.ts";
import type { Family, SocketAddress, SocketOption } from "./network.ts";
import type { IoVectors } from "./vectors.ts";

export { Interest } from "./pollable.ts";
export { Family, LINGER_OFF, type SocketAddress, SocketOption, SocketType } from "./network.ts";
export type { IoVectors } from "./vectors.ts";

/** Where a call puts a count of bytes (u32), or a descriptor. */
export interface SizeResult {
  /** The count, 0 when the call failed. */
  size: number;
}

/** Where a call puts an offset (u64). */
export interface OffsetResult {
  /** Bytes from the start (below 2^53). */
  offset: number;
}

/** What `poll_oneoff` is asked: one row for each subscription. */
export interface Subscriptions {
  /** Number of rows in use. */
  count: number;
  /** `Eventtype` of each. */
  type: Uint8Array;
  /** Descriptor, for FD_READ and FD_WRITE. */
  fd: Uint32Array;
  /** `Clockid`, for CLOCK. */
  clockid: Uint32Array;
  /** Timeout in ns, for CLOCK (u64 as a float64). */
  timeout: Float64Array;
  /** `Subclockflags`, for CLOCK. */
  flags: Uint16Array;
}

/** What `poll_oneoff` answers: one row for each event. */
export interface Events {
  /** Number of rows in use. */
  count: number;
  /** Index of the subscription that it answers. */
  index: Uint32Array;
  /** Errno of the subscription. */
  error: Uint16Array;
  /** Bytes that can be read or written, 0 if it is not known. */
  nbytes: Float64Array;
  /** `Eventrwflags`. */
  flags: Uint16Array;
}

/** Where a call puts an address. */
export interface AddressResult {
  /** The address; undefined while there is none. */
  address: SocketAddress | undefined;
}

/** Where a call puts the addresses of a name. */
export interface LookupResult {
  /** Addresses, their ports 0. */
  addresses: readonly SocketAddress[];
}

/** Where a call puts the value of an option. */
export interface OptionResult {
  /** As `SocketOption` says. */
  value: number;
}

/** Attributes of a preopen. */
export interface Prestat {
  /** `Preopentype`; {@linkcode PREOPEN_SOCKET} for a socket. */
  tag: number;
  /** Name of the directory in the guest, encoded. */
  name: Uint8Array;
}

/** Tag of a preopened socket: no `Preopentype`, so that those who look for directories pass it over. */
export const PREOPEN_SOCKET = 1;

/** Thrown through the guest by `proc_exit`; never a failure. */
export class WasiExit extends Error {
  /** Exit code (u32). */
  readonly code: number;

  /** @param code Exit code (u32). */
  constructor(code: number) {
    super(`The guest exited with code ${code}`);
    this.name = "WasiExit";
    this.code = code;
  }
}

/** Thrown through the guest by `proc_raise`. */
export class WasiSignal extends Error {
  /** `Signal` that the guest raised (u8). */
  readonly signal: number;

  /** @param signal `Signal` (u8). */
  constructor(signal: number) {
    super(`The guest raised signal ${signal}`);
    this.name = "WasiSignal";
    this.signal = signal;
  }
}

/**
 * Preview 1 as an interface. One implementation, `HostSystem`, over any `Platform`; decorators implement it too.
 *
 * No call waits but {@linkcode System.pollOneoff} and {@linkcode System.waitFd}: reads and writes on a descriptor that
 * is not ready answer `AGAIN`, be it blocking or not. Who wants to block calls `waitFd` and tries again.
 *
 * Errors that any call with a descriptor has, and that are not repeated: `BADF` not open; `NOTCAPABLE` right missing.
 */
export interface System {
  /** Arguments, encoded, each with its NUL. */
  argsGet(): readonly Uint8Array[];
  /** `NAME=VALUE` pairs, encoded, each with its NUL. */
  environGet(): readonly Uint8Array[];
  /**
   * Resolution of a clock.
   *
   * @param id `Clockid` (u32).
   * @param out Two words, low half first: ns (u64).
   *
   * Errors: `INVAL` no such clock; `NOTSUP` the host has no such clock. POSIX: clock_getres.
   */
  clockResGet(id: number, out: Uint32Array): Errno;
  /**
   * Time of a clock.
   *
   * @param id `Clockid` (u32).
   * @param out Two words, low half first: ns (u64).
   *
   * Errors: `INVAL`, `NOTSUP` as {@linkcode clockResGet}. POSIX: clock_gettime.
   */
  clockTimeGet(id: number, out: Uint32Array): Errno;

  /** Say how a file will be used. Errors: `INVAL` unknown advice; `SPIPE` a stream; `ISDIR`, `BADF` a directory. POSIX: posix_fadvise. */
  fdAdvise(fd: number, offset: bigint, len: bigint, advice: number): Errno;
  /** Make room; the file grows if it must. Errors: `INVAL` len 0; `FBIG`; `NOSPC`; `SPIPE` a stream; `BADF` a directory. POSIX: posix_fallocate. */
  fdAllocate(fd: number, offset: bigint, len: bigint): Errno;
  /** Close a descriptor, a preopen as well. POSIX: close. */
  fdClose(fd: number): Errno;
  /** Write data to the disk. Errors: `INVAL` a stream; `IO`. POSIX: fdatasync. */
  fdDatasync(fd: number): Errno;
  /** Attributes of a descriptor into `out`. POSIX: fcntl(F_GETFL). */
  fdFdstatGet(fd: number, out: Fdstat): Errno;
  /** Set `Fdflags`. Errors: `INVAL` unknown bits; `NOTSUP` DSYNC, RSYNC or SYNC would have to change. POSIX: fcntl(F_SETFL). */
  fdFdstatSetFlags(fd: number, flags: number): Errno;
  /** Give up rights. Errors: `NOTCAPABLE` one would be added. */
  fdFdstatSetRights(fd: number, fsRightsBase: bigint, fsRightsInheriting: bigint): Errno;
  /** Attributes of the open file into `out`. POSIX: fstat. */
  fdFilestatGet(fd: number, out: Filestat): Errno;
  /** Cut or extend with zeros. Errors: `INVAL` not open for writing; `ISDIR`; `FBIG`; `NOSPC`. POSIX: ftruncate. */
  fdFilestatSetSize(fd: number, size: bigint): Errno;
  /** Set times (ns). Errors: `INVAL` flags contradict; `NOTSUP` a stream. POSIX: futimens. */
  fdFilestatSetTimes(fd: number, atim: bigint, mtim: bigint, fstFlags: number): Errno;
  /**
   * Read at an offset; the descriptor's own is neither used nor moved.
   *
   * @param iovs Filled in order.
   * @param offset Bytes from the start: an i64 as a float64, so that it is exact below 2^53, and no more than large above.
   * @param out Bytes read, 0 at the end.
   *
   * Errors: `SPIPE` a stream; `ISDIR` a directory; `INVAL` offset below 0. POSIX: preadv.
   */
  fdPread(fd: number, iovs: IoVectors, offset: number, out: SizeResult): Errno;
  /** Attributes of a preopen into `out`. Errors: `BADF` also for a descriptor that is no preopen. */
  fdPrestatGet(fd: number, out: Prestat): Errno;
  /** Write at an offset; as {@linkcode fdPread}. POSIX: pwritev. */
  fdPwrite(fd: number, iovs: IoVectors, offset: number, out: SizeResult): Errno;
  /** Read at the descriptor's offset and move it. Errors: `AGAIN` nothing there yet; `ISDIR`. POSIX: readv. */
  fdRead(fd: number, iovs: IoVectors, out: SizeResult): Errno;
  /**
   * Read directory entries as `dirent` records.
   *
   * @param bytes Where to store; `start` and `length` say which part.
   * @param cookie Where to go on (u64): 0, or a `d_next` that an earlier call answered.
   * @param out Bytes stored; less than `length` at the end of the directory.
   *
   * Errors: `NOTDIR`; `INVAL` a cookie above 2^63. POSIX: getdents.
   */
  fdReaddir(fd: number, bytes: Uint8Array, start: number, length: number, cookie: bigint, out: SizeResult): Errno;
  /** Close `to` and let `fd` have its number. Both must be open; the same number twice changes nothing. POSIX: dup2 and close. */
  fdRenumber(fd: number, to: number): Errno;
  /** Move the offset (`whence`: SET, CUR, END); `offset` as for {@linkcode fdPread}. Errors: `SPIPE` a stream; `INVAL` result below 0; `ISDIR`. POSIX: lseek. */
  fdSeek(fd: number, offset: number, whence: number, out: OffsetResult): Errno;
  /** Write data and attributes to the disk. Errors: `INVAL` a stream. POSIX: fsync. */
  fdSync(fd: number): Errno;
  /** The offset. Errors: `SPIPE` a stream. POSIX: lseek(fd, 0, SEEK_CUR). */
  fdTell(fd: number, out: OffsetResult): Errno;
  /** Write at the descriptor's offset and move it. Errors: `AGAIN` nothing fits yet; `PIPE`; `NOSPC`; `FBIG`. POSIX: writev. */
  fdWrite(fd: number, iovs: IoVectors, out: SizeResult): Errno;

  /**
   * Make a directory. Errors of every call with a path: `NOENT`, also for an empty one; `NOTDIR`; `ACCES`; `LOOP` more than 40 links;
   * `NAMETOOLONG` above 4,096 bytes, or 255 in a component; `INVAL` with a NUL; `PERM` it leads outside; `ROFS` a read-only mount.
   * POSIX: mkdirat.
   */
  pathCreateDirectory(fd: number, path: string): Errno;
  /** Attributes of `path` into `out`; `flags`: `Lookupflags`. POSIX: fstatat. */
  pathFilestatGet(fd: number, flags: number, path: string, out: Filestat): Errno;
  /** Set times (ns) of `path`. POSIX: utimensat. */
  pathFilestatSetTimes(fd: number, flags: number, path: string, atim: bigint, mtim: bigint, fstFlags: number): Errno;
  /** Make a hard link. Errors: `INVAL` with SYMLINK_FOLLOW; `PERM` a directory; `EXIST`; `XDEV` another mount. POSIX: linkat. */
  pathLink(oldFd: number, oldFlags: number, oldPath: string, newFd: number, newPath: string): Errno;
  /**
   * Open or create.
   *
   * @param dirflags `Lookupflags`.
   * @param oflags `Oflags` (u16).
   * @param fsRightsBase `Rights` at most; those of preview 1 are all in the low 30 bits, others are dropped.
   * @param fsRightsInheriting `Rights` at most of what is opened through it.
   * @param fdflags `Fdflags` (u16).
   * @param out The descriptor, as `size`.
   *
   * Errors: `LOOP` a symbolic link and no SYMLINK_FOLLOW; `ISDIR` a directory to be written; `EXIST`; `MFILE`; `INVAL` unknown bits,
   * or CREAT with DIRECTORY. POSIX: openat.
   */
  pathOpen(
    fd: number,
    dirflags: number,
    path: string,
    oflags: number,
    fsRightsBase: number,
    fsRightsInheriting: number,
    fdflags: number,
    out: SizeResult,
  ): Errno;
  /** Target of a symbolic link, cut to `length` bytes, into `bytes` from `start`. Errors: `INVAL` no link. POSIX: readlinkat. */
  pathReadlink(
    fd: number,
    path: string,
    bytes: Uint8Array,
    start: number,
    length: number,
    out: SizeResult,
  ): Errno;
  /** Remove an empty directory. Errors: `NOTDIR`; `NOTEMPTY`; `BUSY` a mount. POSIX: unlinkat(AT_REMOVEDIR). */
  pathRemoveDirectory(fd: number, path: string): Errno;
  /** Rename. Errors: `XDEV` another mount; `NOTEMPTY`; `ISDIR`; `NOTDIR`; `INVAL` below itself; `BUSY` a mount. POSIX: renameat. */
  pathRename(fd: number, oldPath: string, newFd: number, newPath: string): Errno;
  /** Make a symbolic link with the target `oldPath`. Errors: `PERM` an absolute target; `EXIST`. POSIX: symlinkat. */
  pathSymlink(oldPath: string, fd: number, newPath: string): Errno;
  /** Remove a name that is no directory. Errors: `ISDIR`; `BUSY` a mount. POSIX: unlinkat. */
  pathUnlinkFile(fd: number, path: string): Errno;

  /**
   * Wait for the first of many subscriptions.
   *
   * @param subscriptions At least one.
   * @param events Room for as many rows as there are subscriptions.
   * @returns The errno at once, or a promise of it where the system suspends. Only `SUCCESS`, or `INVAL` for none.
   * Errors of single subscriptions stand in their events.
   */
  pollOneoff(subscriptions: Subscriptions, events: Events): Errno | Promise<Errno>;
  /**
   * Wait until a descriptor that answered `AGAIN` may be tried again.
   *
   * @param interest Bits of `Interest`.
   * @param blocking True to block the thread, also where the system suspends.
   * @returns `SUCCESS` to try again (or a promise of it); `AGAIN` if the descriptor is non-blocking, or the time of its
   * RCVTIMEO or SNDTIMEO is over. A guest that only ever asks a non-blocking one is told to try again once the event loop
   * had its turn.
   */
  waitFd(fd: number, interest: number, blocking: boolean): Errno | Promise<Errno>;

  /** End the guest. @throws {WasiExit} Always. */
  procExit(rval: number): never;
  /** End the guest as by a signal, or do nothing for one that is ignored. Errors: `INVAL` no such signal. @throws {WasiSignal} */
  procRaise(sig: number): Errno;
  /** Let others run. A guest that only yields is parked for about 1 ms (RATIONALE "Why does sched_yield park?"). */
  schedYield(): Errno | Promise<Errno>;
  /** Random bytes fit for keys. Errors: `INVAL` more than 64 MiB at once. */
  randomGet(bytes: Uint8Array, start: number, length: number): Errno;

  /**
   * Accept a connection; `flags`: NONBLOCK or 0. Errors of every call with a socket: `NOTSOCK`. Errors: `AGAIN` none waits;
   * `INVAL` unknown flags, or it does not listen; `MFILE`. POSIX: accept4.
   */
  sockAccept(fd: number, flags: number, out: SizeResult): Errno;
  /**
   * Receive.
   *
   * @param riFlags `Riflags`; WAITALL is the caller's business.
   * @param roFlags Gets `Roflags`.
   * @param from Gets who sent a datagram.
   *
   * Errors: `AGAIN` nothing is there; `NOTCONN`; `CONNRESET`; `CONNREFUSED` an earlier datagram was; `INVAL` unknown flags.
   * POSIX: recvmsg.
   */
  sockRecv(
    fd: number,
    iovs: IoVectors,
    riFlags: number,
    out: SizeResult,
    roFlags: SizeResult,
    from: AddressResult,
  ): Errno;
  /**
   * Send; datagrams to `to`, or to the connected peer if that is undefined. Answers a promise if names of the policy
   * have to be looked up first.
   *
   * Errors: `AGAIN` no room; `NOTCONN`; `PIPE`; `CONNRESET`; `MSGSIZE`; `DESTADDRREQ`; `ISCONN`; `ACCES` refused by the policy; `INVAL`
   * unknown flags. POSIX: sendmsg.
   */
  sockSend(
    fd: number,
    iovs: IoVectors,
    siFlags: number,
    to: SocketAddress | undefined,
    out: SizeResult,
  ): Errno | Promise<Errno>;
  /** Shut down one or both directions. Errors: `NOTCONN`; `INVAL` none or unknown bits. POSIX: shutdown. */
  sockShutdown(fd: number, how: number): Errno;
  /** Make a socket. Errors: `ACCES` the network is closed; `AFNOSUPPORT`; `PROTONOSUPPORT`; `MFILE`; `INVAL` unknown family or type. POSIX: socket. */
  sockOpen(family: number, type: number, out: SizeResult): Errno;
  /** Bind to an address. Errors: `ACCES`; `ADDRINUSE`; `ADDRNOTAVAIL`; `AFNOSUPPORT`; `INVAL` it is bound; those of a path for unix sockets. POSIX: bind. */
  sockBind(fd: number, address: SocketAddress): Errno | Promise<Errno>;
  /** Listen. Errors: `INVAL`; `NOTSUP` datagrams; `DESTADDRREQ` a unix socket that is not bound; `ACCES`. POSIX: listen. */
  sockListen(fd: number, backlog: number): Errno | Promise<Errno>;
  /**
   * Connect. A stream socket that is NONBLOCK answers `INPROGRESS`: wait until it can be written, then read the option
   * ERROR.
   *
   * Errors: `ACCES`; `CONNREFUSED`; `TIMEDOUT`; `HOSTUNREACH`; `NETUNREACH`; `ISCONN`; `ALREADY`; `AFNOSUPPORT`; `NOENT` no such unix
   * socket. POSIX: connect.
   */
  sockConnect(fd: number, address: SocketAddress): Errno | Promise<Errno>;
  /** Value of an option (`SocketOption`). Errors: `NOPROTOOPT`. POSIX: getsockopt. */
  sockGetOpt(fd: number, option: SocketOption, out: OptionResult): Errno;
  /** Set an option. Errors: `NOPROTOOPT`; `INVAL`. POSIX: setsockopt. */
  sockSetOpt(fd: number, option: SocketOption, value: number): Errno;
  /** Its own address. POSIX: getsockname. */
  sockGetLocalAddr(fd: number, out: AddressResult): Errno;
  /** The peer's address. Errors: `NOTCONN`. POSIX: getpeername. */
  sockGetPeerAddr(fd: number, out: AddressResult): Errno;
  /**
   * Addresses of a name.
   *
   * @param family `Family`, or 0 for all.
   *
   * Errors: `NOENT` no such name; `AGAIN` try later; `ACCES` the policy names no such name; `IO` the resolver failed. POSIX: getaddrinfo.
   */
  sockLookup(name: string, family: Family | 0, out: LookupResult): Errno | Promise<Errno>;
}
