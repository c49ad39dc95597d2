/**
 * Unix datagram sockets. No runtime has them, so that they are made with the system's own calls through an FFI, and
 * asked in growing intervals whether something came. Linux with glibc, x86-64 and arm64.
 */

import { Errno } from "../witx/errno.ts";
import { Family, type SocketAddress, SocketOption } from "../core/network.ts";
import type { DatagramEvents, DatagramHandle, OptionValues } from "../core/socket/driver.ts";
import { unspecifiedAddress } from "../core/socket/address.ts";
import { osErrno } from "./_errors.ts";
import type { ForeignFunction, OpenLibrary } from "./_foreign_functions.ts";
import { checkUnixPath } from "./_unix_path.ts";

// Source: asm-generic/socket.h, linux/net.h, sys/un.h.
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SOCKADDR_BYTES = 110;
/** Bytes of `sun_family`, before the path. */
const PATH_START = 2;

/** More than a datagram can have with the kernel's default limits (net.core.wmem_max, which it doubles). */
const MOST_BYTES = 512 * 1024;
/** Interval after something came, and the longest one (ms). */
const FIRST_MS = 1;
const LONGEST_MS = 10;
/** Datagrams that are taken at once before others have their turn. */
const MOST_AT_ONCE = 64;

const FUNCTIONS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "u64", "i32", "buffer", "i32"], result: "i32" },
  recvfrom: { parameters: ["i32", "buffer", "u64", "i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "i32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  __errno_location: { parameters: [], result: "u64" },
  memcpy: { parameters: ["buffer", "u64", "u64"], result: "u64" },
} as const satisfies Record<string, ForeignFunction>;

type Calls = ReturnType<typeof openCalls>;

function openCalls(open: OpenLibrary) {
  return open("libc.so.6", FUNCTIONS);
}

/** What makes unix datagram sockets. */
export interface UnixDatagrams {
  /** As `SocketDriver.openDatagram`; a socket whose path is "" has no name. */
  open(local: SocketAddress, options: OptionValues, events: DatagramEvents): DatagramHandle;
}

let opened: UnixDatagrams | undefined;
let tried = false;

/**
 * @param open The runtime's FFI.
 * @returns What makes them, or undefined where they can't be had.
 */
export function unixDatagrams(open: OpenLibrary): UnixDatagrams | undefined {
  if (!tried) {
    tried = true;
    opened = tryOpen(open);
  }
  return opened;
}

function tryOpen(open: OpenLibrary): UnixDatagrams | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const libc = new Libc(openCalls(open));
    return { open: (local, options, events) => new UnixDatagram(libc, local, options, events) };
  } catch {
    // No FFI, another libc, or a permission that is missing.
    return undefined;
  }
}

/** The calls, with results as the platform has them: minus an errno for what failed. */
class Libc {
  readonly #calls: Calls;
  readonly #bytes: Uint8Array = new Uint8Array(MOST_BYTES);
  readonly #address: Uint8Array = new Uint8Array(SOCKADDR_BYTES);
  readonly #number: Int32Array = new Int32Array(1);
  readonly #length: Int32Array = new Int32Array(1);

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  #result(result: number | bigint): number {
    if (Number(result) >= 0) return Number(result);
    this.#calls.memcpy(this.#number, this.#calls.__errno_location(), 4n);
    return -osErrno(this.#number[0]!);
  }

  socket(): number {
    return this.#result(this.#calls.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  }

  bind(fd: number, path: string): number {
    return this.#result(this.#calls.bind(fd, this.#address, this.#storeAddress(path)));
  }

  connect(fd: number, path: string): number {
    return this.#result(this.#calls.connect(fd, this.#address, this.#storeAddress(path)));
  }

  /** Connect to AF_UNSPEC, which takes the peer away. */
  disconnect(fd: number): number {
    this.#address.fill(0);
    return this.#result(this.#calls.connect(fd, this.#address, PATH_START));
  }

  send(fd: number, bytes: Uint8Array, start: number, length: number, path: string | undefined): number {
    if (length > MOST_BYTES) return -Errno.MSGSIZE;
    this.#bytes.set(bytes.subarray(start, start + length));
    const size = path === undefined ? 0 : this.#storeAddress(path);
    return this.#result(this.#calls.sendto(fd, this.#bytes, BigInt(length), MSG_NOSIGNAL, this.#address, size));
  }

  /** @returns The datagram, valid until the next call; or minus an errno. */
  receive(fd: number): Uint8Array | number {
    this.#length[0] = SOCKADDR_BYTES;
    const { recvfrom } = this.#calls;
    const count = this.#result(recvfrom(fd, this.#bytes, BigInt(MOST_BYTES), 0, this.#address, this.#length));
    return count < 0 ? count : this.#bytes.subarray(0, count);
  }

  /** Path of who sent what was received last; "" if it has none. */
  sender(): string {
    const end = Math.min(this.#length[0]!, SOCKADDR_BYTES);
    const path = this.#address.subarray(PATH_START, Math.max(end, PATH_START));
    const nul = path.indexOf(0);
    return new TextDecoder().decode(nul < 0 ? path : path.subarray(0, nul));
  }

  setSize(fd: number, option: number, bytes: number): number {
    this.#number[0] = bytes;
    return this.#result(this.#calls.setsockopt(fd, SOL_SOCKET, option, this.#number, 4));
  }

  getSize(fd: number, option: number): number {
    this.#length[0] = 4;
    const result = this.#result(this.#calls.getsockopt(fd, SOL_SOCKET, option, this.#number, this.#length));
    return result < 0 ? result : this.#number[0]!;
  }

  close(fd: number): void {
    this.#calls.close(fd);
  }

  #storeAddress(path: string): number {
    const address = this.#address;
    address.fill(0);
    address[0] = AF_UNIX;
    const { written } = new TextEncoder().encodeInto(path, address.subarray(PATH_START));
    return PATH_START + written + 1;
  }
}

class UnixDatagram implements DatagramHandle {
  readonly #libc: Libc;
  readonly #events: DatagramEvents;
  readonly #local: SocketAddress;
  #fd = -1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #intervalMs = FIRST_MS;
  #paused = false;
  #full = false;
  #connected = false;

  constructor(libc: Libc, local: SocketAddress, options: OptionValues, events: DatagramEvents) {
    this.#libc = libc;
    this.#local = local;
    this.#events = events;
    const errno = this.#open(local.host);
    if (errno !== Errno.SUCCESS) {
      this.close();
      events.failed(errno);
      return;
    }
    for (const [option, value] of options) this.setOption(option, value);
    events.opened();
    this.#schedule();
  }

  #open(path: string): Errno {
    const errno = path === "" ? Errno.SUCCESS : checkUnixPath(path);
    if (errno !== Errno.SUCCESS) return errno;
    const fd = this.#libc.socket();
    if (fd < 0) return -fd as Errno;
    this.#fd = fd;
    return path === "" ? Errno.SUCCESS : -this.#libc.bind(fd, path) as Errno;
  }

  #schedule(): void {
    if (this.#fd >= 0 && (!this.#paused || this.#full)) this.#timer ??= setTimeout(this.#poll, this.#intervalMs);
  }

  readonly #poll = (): void => {
    this.#timer = undefined;
    const isBusy = this.#receiveAll();
    this.#intervalMs = isBusy ? FIRST_MS : Math.min(this.#intervalMs * 1.5, LONGEST_MS);
    if (this.#full && this.#fd >= 0) {
      this.#full = false;
      this.#events.writable();
    }
    this.#schedule();
  };

  /** @returns True if something came. */
  #receiveAll(): boolean {
    for (let count = 0; count < MOST_AT_ONCE; count++) {
      if (this.#fd < 0 || this.#paused) return count > 0;
      const bytes = this.#libc.receive(this.#fd);
      if (bytes === -Errno.AGAIN) return count > 0;
      if (typeof bytes === "number") this.#events.refused(-bytes as Errno);
      else this.#events.received(bytes.slice(), { family: Family.UNIX, host: this.#libc.sender(), port: 0 });
    }
    return true;
  }

  localAddress(): SocketAddress {
    return this.#fd < 0 ? unspecifiedAddress(Family.UNIX) : this.#local;
  }

  connect(address: SocketAddress | undefined): void {
    if (this.#fd < 0) return;
    const result = address === undefined
      ? this.#libc.disconnect(this.#fd)
      : -checkUnixPath(address.host) || this.#libc.connect(this.#fd, address.host);
    this.#connected = address !== undefined && result === 0;
    if (result < 0) queueMicrotask(() => this.#fd >= 0 && this.#events.refused(-result as Errno));
  }

  send(bytes: Uint8Array, start: number, length: number, to: SocketAddress | undefined): number {
    if (this.#fd < 0) return -Errno.BADF;
    if (to === undefined && !this.#connected) return -Errno.DESTADDRREQ;
    const errno = to === undefined ? Errno.SUCCESS : checkUnixPath(to.host);
    if (errno !== Errno.SUCCESS) return -errno;
    const sent = this.#libc.send(this.#fd, bytes, start, length, to?.host);
    if (sent === -Errno.AGAIN) {
      this.#full = true;
      this.#schedule();
    }
    return sent;
  }

  setOption(option: SocketOption, value: number): number {
    const name = sizeOption(option);
    return name === undefined || this.#fd < 0 ? -Errno.NOPROTOOPT : this.#libc.setSize(this.#fd, name, value);
  }

  getOption(option: SocketOption): number {
    const name = sizeOption(option);
    return name === undefined || this.#fd < 0 ? -Errno.NOPROTOOPT : this.#libc.getSize(this.#fd, name);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  close(): void {
    if (this.#fd >= 0) this.#libc.close(this.#fd);
    this.#fd = -1;
    clearTimeout(this.#timer);
  }
}

function sizeOption(option: SocketOption): number | undefined {
  return option === SocketOption.SNDBUF ? SO_SNDBUF : option === SocketOption.RCVBUF ? SO_RCVBUF : undefined;
}
