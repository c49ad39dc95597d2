/**
 * Socket calls of a system with the arguments and results of a test; those that a guest would block in wait here as well.
 *
 * @module
 */

import { retryWhileAgain } from "../../src/preview1/abi/suspend.ts";
import { Family, type SocketAddress, SocketOption, SocketType } from "../../src/contract/network.ts";
import { Interest } from "../../src/contract/pollable.ts";
import type { AddressResult, LookupResult, U32Result } from "../../src/preview1/results.ts";
import type { System } from "../../src/preview1/system.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { Fdflags } from "../../src/witx/types.ts";
import { type ErrnoName, failed, iovectors, type Result } from "./caller.ts";

/** What was received. */
export interface ReceivedText {
  readonly text: string;
  readonly truncated: boolean;
  readonly from: SocketAddress | undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function nameOf(errno: Errno): ErrnoName {
  return errnoName(errno) as ErrnoName;
}

function result<T>(errno: Errno, value: () => T): Result<T> {
  return errno === Errno.SUCCESS ? value() : failed(nameOf(errno));
}

function isPromise(answer: unknown): answer is Promise<unknown> {
  return answer instanceof Promise;
}

function isAgain(sent: Result<number>): boolean {
  return typeof sent !== "number" && sent.errno === "AGAIN";
}

/** An IPv4 address. */
export function v4(host: string, port: number): SocketAddress {
  return { family: Family.INET, host, port };
}

/** An IPv6 address. */
export function v6(host: string, port: number): SocketAddress {
  return { family: Family.INET6, host, port };
}

/** The address of a unix socket. */
export function unix(host: string): SocketAddress {
  return { family: Family.UNIX, host, port: 0 };
}

/** The loopback address of a family. */
export function loopback(family: Family, port = 0): SocketAddress {
  return family === Family.INET ? v4("127.0.0.1", port) : v6("::1", port);
}

/** Calls a system. */
export class SocketCaller {
  readonly system: System;

  /** @param system Under test. */
  constructor(system: System) {
    this.system = system;
  }

  open(family: number = Family.INET, type: number = SocketType.STREAM): Result<number> {
    const out: U32Result = { value: 0 };
    return result(this.system.sock.open(family, type, out), () => out.value);
  }

  /** As {@linkcode SocketCaller.open}. @throws {Error} If it fails. */
  mustOpen(family?: Family, type?: SocketType): number {
    const fd = this.open(family, type);
    if (typeof fd !== "number") throw new Error(`Cannot open a socket: ${fd.errno}`);
    return fd;
  }

  async bind(fd: number, address: SocketAddress): Promise<ErrnoName> {
    return nameOf(await this.system.sock.bind(fd, address));
  }

  async listen(fd: number, backlog = 8): Promise<ErrnoName> {
    return nameOf(await this.system.sock.listen(fd, backlog));
  }

  async connect(fd: number, address: SocketAddress): Promise<ErrnoName> {
    return nameOf(await this.system.sock.connect(fd, address));
  }

  /** A listener. @throws {Error} If it can't listen there. */
  async listener(address: SocketAddress): Promise<{ readonly fd: number; readonly address: SocketAddress }> {
    const fd = this.mustOpen(address.family);
    const errno = await this.bind(fd, address);
    const listened = errno === "SUCCESS" ? await this.listen(fd) : errno;
    if (listened !== "SUCCESS") throw new Error(`Cannot listen: ${listened}`);
    return { fd, address: this.mustLocal(fd) };
  }

  /** A connected socket. @throws {Error} If it can't connect. */
  async dial(address: SocketAddress): Promise<number> {
    const fd = this.mustOpen(address.family);
    const errno = await this.connect(fd, address);
    if (errno !== "SUCCESS") throw new Error(`Cannot connect: ${errno}`);
    return fd;
  }

  /** A bound datagram socket. @throws {Error} If it can't be bound. */
  async datagrams(address: SocketAddress): Promise<{ readonly fd: number; readonly address: SocketAddress }> {
    const fd = this.mustOpen(address.family, SocketType.DGRAM);
    const errno = await this.bind(fd, address);
    if (errno !== "SUCCESS") throw new Error(`Cannot bind: ${errno}`);
    return { fd, address: this.mustLocal(fd) };
  }

  /** Take a connection that is there already. */
  acceptNow(fd: number, flags = 0): Result<number> {
    const out: U32Result = { value: 0 };
    return result(this.system.sock.accept(fd, flags, out), () => out.value);
  }

  /** Take a connection as a guest does: wait if the descriptor blocks. */
  async accept(fd: number, flags = 0): Promise<Result<number>> {
    const out: U32Result = { value: 0 };
    const errno = await this.#patiently(fd, Interest.READ, () => this.system.sock.accept(fd, flags, out));
    return result(errno, () => out.value);
  }

  /** As {@linkcode SocketCaller.accept}. @throws {Error} If it fails. */
  async mustAccept(fd: number): Promise<number> {
    const accepted = await this.accept(fd);
    if (typeof accepted !== "number") throw new Error(`Cannot accept: ${accepted.errno}`);
    return accepted;
  }

  /** Receive what is there already, with what came with it. */
  receiveNow(fd: number, room: number, flags = 0): Result<ReceivedText> {
    const iovs = iovectors(room);
    const out: U32Result = { value: 0 };
    const roFlags: U32Result = { value: 0 };
    const from: AddressResult = { address: undefined };
    const errno = this.system.sock.recv(fd, iovs, flags, out, roFlags, from);
    return result(errno, () => ({
      text: decoder.decode(iovs.bytes.subarray(0, out.value)),
      truncated: roFlags.value !== 0,
      from: from.address,
    }));
  }

  /** As {@linkcode SocketCaller.receiveNow}, waiting if the descriptor blocks. */
  async receiveFrom(fd: number, room: number, flags = 0): Promise<Result<ReceivedText>> {
    let got: Result<ReceivedText> = failed("AGAIN");
    await this.#patiently(fd, Interest.READ, () => {
      got = this.receiveNow(fd, room, flags);
      return "errno" in got ? Errno[got.errno] : Errno.SUCCESS;
    });
    return got;
  }

  /** The text that is received. */
  async receive(fd: number, room = 65536, flags = 0): Promise<Result<string>> {
    const got = await this.receiveFrom(fd, room, flags);
    return "errno" in got ? got : got.text;
  }

  /** All that comes until the end. @throws {Error} If it fails. */
  async receiveAll(fd: number): Promise<string> {
    let all = "";
    for (;;) {
      const text = await this.receive(fd);
      if (typeof text !== "string") throw new Error(`Cannot receive after ${all.length} bytes: ${text.errno}`);
      if (text === "") return all;
      all += text;
    }
  }

  /** Send what there is room for. */
  sendNow(
    fd: number,
    text: string | Uint8Array,
    to?: SocketAddress,
    flags = 0,
  ): Result<number> | Promise<Result<number>> {
    const bytes = typeof text === "string" ? encoder.encode(text) : text;
    const iovs = { bytes, starts: Uint32Array.of(0), lengths: Uint32Array.of(bytes.length), count: 1 };
    const out: U32Result = { value: 0 };
    const sent = this.system.sock.send(fd, iovs, flags, to, out);
    return typeof sent === "number"
      ? result(sent, () => out.value)
      : sent.then((errno) => result(errno, () => out.value));
  }

  /** Send, waiting if the descriptor blocks. */
  async send(fd: number, text: string | Uint8Array, to?: SocketAddress): Promise<Result<number>> {
    const first = this.sendNow(fd, text, to);
    // After names were looked up it is to be tried again at once.
    let sent = isPromise(first) ? await first : first;
    if (isPromise(first) && isAgain(sent)) sent = this.#sentNow(fd, text, to);
    while (isAgain(sent)) {
      // Nothing may happen between the AGAIN and this.
      const waited = await this.system.poll.waitFd(fd, Interest.WRITE, "suspend");
      if (waited !== Errno.SUCCESS) return failed(nameOf(waited));
      sent = this.#sentNow(fd, text, to);
    }
    return sent;
  }

  #sentNow(fd: number, text: string | Uint8Array, to: SocketAddress | undefined): Result<number> {
    const sent = this.sendNow(fd, text, to);
    if (isPromise(sent)) throw new Error(`A name is looked up twice to send to ${to?.host}`);
    return sent;
  }

  /** Send all of a text. @throws {Error} If it fails. */
  async sendAll(fd: number, text: string): Promise<void> {
    const bytes = encoder.encode(text);
    for (let at = 0; at < bytes.length;) {
      const sent = await this.send(fd, bytes.subarray(at));
      if (typeof sent !== "number") throw new Error(`Cannot send after ${at} bytes: ${sent.errno}`);
      at += sent;
    }
  }

  async #patiently(fd: number, interest: number, attempt: () => Errno): Promise<Errno> {
    const errno = attempt();
    return errno === Errno.AGAIN
      ? await retryWhileAgain({ system: this.system, memory: { refresh() {} } }, fd, interest, "suspend", attempt)
      : errno;
  }

  shutdown(fd: number, how: number): ErrnoName {
    return nameOf(this.system.sock.shutdown(fd, how));
  }

  get(fd: number, option: SocketOption): Result<number> {
    const out = { value: 0 };
    return result(this.system.sock.getOpt(fd, option, out), () => out.value);
  }

  set(fd: number, option: SocketOption, value: number): ErrnoName {
    return nameOf(this.system.sock.setOpt(fd, option, value));
  }

  /** Take the error that a socket keeps. */
  error(fd: number): string {
    const value = this.get(fd, SocketOption.ERROR);
    return typeof value === "number" ? errnoName(value) : `failed: ${value.errno}`;
  }

  local(fd: number): Result<SocketAddress | undefined> {
    const out: AddressResult = { address: undefined };
    return result(this.system.sock.getLocalAddr(fd, out), () => out.address);
  }

  /** Its own address. @throws {Error} If there is none. */
  mustLocal(fd: number): SocketAddress {
    const address = this.local(fd);
    if (address === undefined || "errno" in address) throw new Error(`Cannot tell the address of ${fd}`);
    return address;
  }

  peer(fd: number): Result<SocketAddress | undefined> {
    const out: AddressResult = { address: undefined };
    return result(this.system.sock.getPeerAddr(fd, out), () => out.address);
  }

  async lookup(name: string, family: Family | 0 = 0): Promise<Result<readonly SocketAddress[]>> {
    const out: LookupResult = { addresses: [] };
    return result(await this.system.sock.lookup(name, family, out), () => out.addresses);
  }

  /** Make a descriptor NONBLOCK, or not. */
  nonBlocking(fd: number, on = true): void {
    const errno = this.system.fd.fdstatSetFlags(fd, on ? Fdflags.NONBLOCK : 0);
    if (errno !== Errno.SUCCESS) throw new Error(`Cannot set the flags of ${fd}: ${errnoName(errno)}`);
  }

  close(fd: number): ErrnoName {
    return nameOf(this.system.fd.close(fd));
  }
}
