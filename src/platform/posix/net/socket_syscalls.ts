/** The system's calls with sockets. */

import { Errno } from "../../../witx/errno.ts";
import { type Family, type SocketAddress, SocketType } from "../../../contract/network.ts";
import type { IoVectors } from "../../../contract/vectors.ts";
import type { Region } from "../ffi/arena.ts";
import type { ForeignCall, ForeignCalls, ForeignFunctions } from "../ffi/ffi.ts";
import type { Syscalls } from "../syscalls.ts";
import { openSend, type SendBuffer } from "../fs/buffer_io.ts";
import { AddressReader, AddressWriter, familyNumber, SOCKADDR_BYTES } from "./socket_address.ts";
import type { Failure } from "../../../contract/results.ts";

const FUNCTIONS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "address", "i32"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "address", "i32"], result: "i32" },
  recvmsg: { parameters: ["i32", "address", "i32"], result: "i32" },
  sendmsg: { parameters: ["i32", "address", "i32"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  getsockname: { parameters: ["i32", "address", "address"], result: "i32" },
  getpeername: { parameters: ["i32", "address", "address"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "address", "address"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "address", "i32"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

/** Words of a `struct msghdr`; those behind the pieces differ. Source: bits/socket.h; sys/socket.h of macOS. */
const NAME = 0;
const NAME_LENGTH = 2;
const PIECES = 4;
const PIECE_COUNT = 6;
const MSGHDR_FLAGS = { linux: 12, darwin: 11 };
const MSGHDR_BYTES = 56;

const WORD = 2 ** 32;

/** The calls, opened on first use. */
export function socketSyscallsOf(syscalls: Syscalls): SocketSyscalls {
  return syscalls.parts.get(openSocketSyscalls);
}

function openSocketSyscalls(syscalls: Syscalls): SocketSyscalls {
  return new SocketSyscalls(syscalls);
}

/** The calls: 0 or more, or minus an errno. Descriptors that are made are non-blocking, and closed on exec. */
export class SocketSyscalls {
  readonly #syscalls: Syscalls;
  readonly #calls: ForeignCalls<keyof typeof FUNCTIONS>;
  readonly #sendBuffer: SendBuffer | undefined;
  readonly #accept: (fd: number) => number;
  /** Addresses to the system, and from it. */
  readonly #to: Region;
  readonly #from: Region;
  readonly #writer: AddressWriter;
  readonly #reader: AddressReader;
  /** A `struct msghdr` without an address, and one with one. */
  readonly #plain: Region;
  readonly #addressed: Region;
  /** Value of an option, or the length of an address; and the length of the value. */
  readonly #value: Region;
  readonly #length: Region;
  readonly #flagsAt: number;
  /** Flags of each `sendmsg`. */
  readonly #sendFlags: number;
  /** Flags of what was received last: `MSG_TRUNC` and others. */
  receivedFlags = 0;

  /** @param syscalls The system's calls. */
  constructor(syscalls: Syscalls) {
    const { libc } = syscalls;
    const { target, arena } = libc;
    this.#syscalls = syscalls;
    this.#calls = libc.open(FUNCTIONS);
    this.#accept = this.#openAccept();
    this.#sendBuffer = openSend(libc, syscalls.iovecs);
    this.#to = arena.allocate(SOCKADDR_BYTES);
    this.#from = arena.allocate(SOCKADDR_BYTES);
    this.#writer = new AddressWriter(target, this.#to);
    this.#reader = new AddressReader(target, this.#from);
    this.#plain = arena.allocate(MSGHDR_BYTES);
    this.#addressed = arena.allocate(MSGHDR_BYTES);
    this.#value = arena.allocate(16);
    this.#length = arena.allocate(16);
    this.#flagsAt = MSGHDR_FLAGS[target.os];
    this.#sendFlags = target.socket.MSG_NOSIGNAL;
    for (const header of [this.#plain, this.#addressed]) storePointer(header, PIECES, syscalls.iovecs.pointer);
  }

  #openAccept(): (fd: number) => number {
    const { libc } = this.#syscalls;
    const { SOCK_NONBLOCK, SOCK_CLOEXEC } = libc.target.socket;
    if (libc.target.os !== "linux") {
      const { accept } = libc.open({ accept: { parameters: ["i32", "address", "address"], result: "i32" } });
      return (fd) => accept(fd, 0, 0);
    }
    const { accept4 } = libc.open({ accept4: { parameters: ["i32", "address", "address", "i32"], result: "i32" } });
    const flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    return (fd) => accept4(fd, 0, 0, flags);
  }

  /** socket(2). */
  socket(family: Family, type: SocketType): number {
    const { libc } = this.#syscalls;
    const { SOCK_STREAM, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC } = libc.target.socket;
    const kind = type === SocketType.STREAM ? SOCK_STREAM : SOCK_DGRAM;
    const number = familyNumber(libc.target, family);
    const fd = libc.result(this.#calls.socket(number, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    return fd < 0 ? fd : this.#prepared(fd);
  }

  /** accept(2). */
  accept(fd: number): number {
    const { libc } = this.#syscalls;
    const accepted = libc.result(this.#accept(fd));
    return accepted < 0 ? accepted : this.#prepared(accepted);
  }

  /** What Linux does as it makes a descriptor. */
  #prepared(fd: number): number {
    const { libc, fds } = this.#syscalls;
    const { SOCK_NONBLOCK, SO_NOSIGPIPE, SOL_SOCKET } = libc.target.socket;
    if (SOCK_NONBLOCK === 0) {
      fds.fcntl(fd, libc.target.F_SETFD, libc.target.FD_CLOEXEC);
      fds.setStatusFlag(fd, libc.target.open.O_NONBLOCK);
    }
    if (SO_NOSIGPIPE !== 0) this.setOption(fd, SOL_SOCKET, SO_NOSIGPIPE, 1);
    return fd;
  }

  /** bind(2). */
  bind(fd: number, address: SocketAddress): number {
    const length = this.#writer.write(address);
    return length === 0 ? notAnAddress(address) : this.#result(this.#calls.bind(fd, this.#to.address, length));
  }

  /** listen(2). */
  listen(fd: number, backlog: number): number {
    return this.#result(this.#calls.listen(fd, backlog));
  }

  /** connect(2). */
  connect(fd: number, address: SocketAddress): number {
    const length = this.#writer.write(address);
    return length === 0 ? notAnAddress(address) : this.#result(this.#calls.connect(fd, this.#to.address, length));
  }

  /** connect(2) to the address that ends the association of a datagram socket with its peer. */
  disconnect(fd: number): number {
    const result = this.#result(this.#calls.connect(fd, this.#to.address, this.#writer.writeUnspecified()));
    // macOS ends the association, and fails all the same: connect(2) there.
    return result === -Errno.AFNOSUPPORT && this.#syscalls.libc.target.os === "darwin" ? 0 : result;
  }

  /** recv(2) of a stream into one buffer, which returns no flags. */
  receiveBuffer(fd: number, { bytes, starts, lengths }: IoVectors): number {
    this.receivedFlags = 0;
    return this.#syscalls.io.read(fd, bytes, starts[0]!, lengths[0]!);
  }

  /** recvmsg(2) of a stream. */
  receive(fd: number, iovs: IoVectors, flags: number): number {
    return this.#receive(this.#plain, fd, iovs, flags);
  }

  /** recvmsg(2) of a datagram; {@linkcode SocketSyscalls.sender} returns its sender. */
  receiveFrom(fd: number, iovs: IoVectors, flags: number): number {
    const header = this.#addressed;
    storePointer(header, NAME, this.#syscalls.libc.arena.pointerTo(this.#from));
    header.u32[NAME_LENGTH] = SOCKADDR_BYTES;
    return this.#receive(header, fd, iovs, flags);
  }

  #receive(header: Region, fd: number, iovs: IoVectors, flags: number): number {
    const { u32, address } = header;
    u32[PIECE_COUNT] = this.#syscalls.iovecs.store(iovs);
    let count: number;
    do {
      count = this.#result(this.#calls.recvmsg(fd, address, flags));
    } while (count === -Errno.INTR);
    this.receivedFlags = u32[this.#flagsAt]!;
    return count;
  }

  /** Who sent what was received last. */
  sender(family: Family): SocketAddress {
    return this.#reader.read(this.#addressed.u32[NAME_LENGTH]!, family);
  }

  /** sendmsg(2) to the peer. */
  send(fd: number, iovs: IoVectors): number {
    const send = this.#sendBuffer;
    if (send === undefined || iovs.count !== 1) return this.#send(this.#plain, fd, iovs);
    for (;;) {
      const count = this.#result(send(fd, iovs.bytes, iovs.starts[0]!, iovs.lengths[0]!, this.#sendFlags));
      if (count !== -Errno.INTR) return count;
    }
  }

  /** sendmsg(2) to an address. */
  sendTo(fd: number, iovs: IoVectors, to: SocketAddress): number {
    const length = this.#writer.write(to);
    if (length === 0) return notAnAddress(to);
    const header = this.#addressed;
    storePointer(header, NAME, this.#syscalls.libc.arena.pointerTo(this.#to));
    header.u32[NAME_LENGTH] = length;
    return this.#send(header, fd, iovs);
  }

  #send({ u32, address }: Region, fd: number, iovs: IoVectors): number {
    u32[PIECE_COUNT] = this.#syscalls.iovecs.store(iovs);
    u32[this.#flagsAt] = 0;
    for (;;) {
      const count = this.#result(this.#calls.sendmsg(fd, address, this.#sendFlags));
      if (count !== -Errno.INTR) return count;
    }
  }

  /** shutdown(2). */
  shutdown(fd: number, how: number): number {
    return this.#result(this.#calls.shutdown(fd, how));
  }

  /** getsockname(2). */
  localAddress(fd: number, family: Family): SocketAddress | Failure {
    return this.#name(this.#calls.getsockname, fd, family);
  }

  /** getpeername(2). */
  peerAddress(fd: number, family: Family): SocketAddress | Failure {
    return this.#name(this.#calls.getpeername, fd, family);
  }

  #name(call: ForeignCall, fd: number, family: Family): SocketAddress | Failure {
    this.#length.u32[0] = SOCKADDR_BYTES;
    const result = this.#result(call(fd, this.#from.address, this.#length.address));
    return result < 0 ? result : this.#reader.read(this.#length.u32[0], family);
  }

  /** getsockopt(2) of an `int`; of the second one of two with `second`. */
  getOption(fd: number, level: number, name: number, isPair: boolean = false): number {
    const { i32, address } = this.#value;
    this.#length.u32[0] = isPair ? 8 : 4;
    i32[0] = i32[1] = 0;
    return this.#result(this.#calls.getsockopt(fd, level, name, address, this.#length.address));
  }

  /** The `int`s of the option that was got last. */
  get values(): Int32Array {
    return this.#value.i32;
  }

  /** setsockopt(2) of an `int`, or of two. */
  setOption(fd: number, level: number, name: number, value: number, second?: number): number {
    const { i32, address } = this.#value;
    i32[0] = value;
    i32[1] = second ?? 0;
    return this.#result(this.#calls.setsockopt(fd, level, name, address, second === undefined ? 4 : 8));
  }

  #result(result: number): number {
    return this.#syscalls.libc.result(result);
  }
}

function storePointer({ u32 }: Region, word: number, pointer: number): void {
  u32[word] = pointer;
  u32[word + 1] = Math.floor(pointer / WORD);
}

/** An address that can't be written. */
function notAnAddress({ host }: SocketAddress): number {
  return host.startsWith("/") ? -Errno.NAMETOOLONG : -Errno.INVAL;
}
