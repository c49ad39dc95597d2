/** Names to addresses by getaddrinfo(3), which holds up the thread. */

import { Errno } from "../../../witx/errno.ts";
import { Family, type PlatformLookup, type SocketAddress } from "../../../contract/network.ts";
import { inetAddress, isSameAddress } from "../../../contract/address.ts";
import { Readiness } from "../../../contract/pollable.ts";
import type { Region } from "../ffi/arena.ts";
import type { ForeignCalls, ForeignFunctions } from "../ffi/ffi.ts";
import type { Libc } from "../ffi/libc.ts";
import { AddressReader, familyNumber, SOCKADDR_BYTES } from "./socket_address.ts";
import type { Failure } from "../../../contract/results.ts";

const FUNCTIONS = {
  getaddrinfo: { parameters: ["address", "address", "address", "address"], result: "i32" },
  freeaddrinfo: { parameters: ["i64"], result: "i32" },
  memcpy: { parameters: ["address", "i64", "i32"], result: "i64" },
} as const satisfies ForeignFunctions<string>;

/** Bytes of a name with its NUL (NI_MAXHOST). */
const NAME_BYTES = 1025;

/** Words of a `struct addrinfo`. Source: netdb.h. */
const FAMILY = 1;
const SOCKTYPE = 2;
const ADDRLEN = 4;
const ADDRINFO_BYTES = 48;

const WORD = 2 ** 32;

const encoder = new TextEncoder();

/** The resolver of the C library, whose functions are opened on first use. */
export function resolverOf(libc: Libc): Resolver {
  return libc.parts.get(openResolver);
}

function openResolver(libc: Libc): Resolver {
  return new Resolver(libc);
}

/** The system's resolver. */
class Resolver {
  readonly #libc: Libc;
  readonly #calls: ForeignCalls<keyof typeof FUNCTIONS>;
  readonly #name: Region;
  readonly #hints: Region;
  readonly #info: Region;
  readonly #first: Region;
  readonly #address: Region;
  readonly #reader: AddressReader;

  /** @param libc The C library. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#calls = libc.open(FUNCTIONS);
    this.#name = libc.arena.allocate(NAME_BYTES);
    this.#hints = libc.arena.allocate(ADDRINFO_BYTES);
    this.#info = libc.arena.allocate(ADDRINFO_BYTES);
    this.#first = libc.arena.allocate(16);
    this.#address = libc.arena.allocate(SOCKADDR_BYTES);
    this.#reader = new AddressReader(libc.target, this.#address);
  }

  /**
   * Look a name up.
   *
   * @param name The name.
   * @param family Of the addresses; 0 is any.
   * @returns Addresses without a port, each once, in the resolver's order; or minus NOENT, AGAIN (try later) or IO.
   */
  lookUp(name: string, family: Family | 0): readonly SocketAddress[] | Failure {
    const stored = this.#storeName(name);
    if (!stored) return -Errno.NOENT;
    const { target } = this.#libc;
    this.#hints.u32.fill(0);
    this.#hints.u32[FAMILY] = family === 0 ? 0 : familyNumber(target, family);
    this.#hints.u32[SOCKTYPE] = target.socket.SOCK_STREAM;
    const result = this.#calls.getaddrinfo(this.#name.address, 0, this.#hints.address, this.#first.address);
    if (result !== 0) return this.#failureOf(result);
    const first = pointerAt(this.#first, 0);
    try {
      const addresses = this.#read(first);
      return addresses.length === 0 ? -Errno.NOENT : addresses;
    } finally {
      this.#calls.freeaddrinfo(this.#libc.ffi.i64(first));
    }
  }

  #storeName(name: string): boolean {
    if (name === "" || name.includes("\0")) return false;
    const { u8 } = this.#name;
    const { read, written } = encoder.encodeInto(name, u8.subarray(0, NAME_BYTES - 1));
    u8[written] = 0;
    return read === name.length;
  }

  #failureOf(code: number): Failure {
    const { EAI_NONAME, EAI_NODATA, EAI_AGAIN } = this.#libc.target.socket;
    if (code === EAI_NONAME || code === EAI_NODATA) return -Errno.NOENT;
    return code === EAI_AGAIN ? -Errno.AGAIN : -Errno.IO;
  }

  #read(first: number): SocketAddress[] {
    const { target } = this.#libc;
    const found: SocketAddress[] = [];
    for (let pointer = first; pointer !== 0; pointer = pointerAt(this.#info, target.addrinfo.next)) {
      this.#copy(this.#info, pointer, ADDRINFO_BYTES);
      const { u32 } = this.#info;
      const family = familyOf(u32[FAMILY]!, target.socket);
      const length = u32[ADDRLEN]!;
      if (family === undefined || length > SOCKADDR_BYTES) continue;
      this.#copy(this.#address, pointerAt(this.#info, target.addrinfo.addr), length);
      const address = { ...this.#reader.read(length, family), port: 0 };
      if (!found.some((other) => isSameAddress(other, address))) found.push(address);
    }
    return found;
  }

  #copy(to: Region, from: number, bytes: number): void {
    this.#calls.memcpy(to.address, this.#libc.ffi.i64(from), bytes);
  }
}

function familyOf(number: number, socket: { AF_INET: number; AF_INET6: number }): Family | undefined {
  if (number === socket.AF_INET) return Family.INET;
  return number === socket.AF_INET6 ? Family.INET6 : undefined;
}

function pointerAt({ u32 }: Region, offset: number): number {
  return u32[offset / 4 + 1]! * WORD + u32[offset / 4]!;
}

/** A lookup that completes in its constructor. */
export class BlockingLookup implements PlatformLookup {
  readonly needsEventLoop = false;
  readonly #result: readonly SocketAddress[] | Failure;

  /**
   * @param resolver Looks up paths.
   * @param name A name, or an IP address.
   * @param family Of the addresses; 0 is any.
   */
  constructor(resolver: () => Resolver, name: string, family: Family | 0) {
    const literal = inetAddress(name, 0);
    if (literal === undefined) this.#result = resolver().lookUp(name, family);
    else this.#result = family === 0 || family === literal.family ? [literal] : -Errno.NOENT;
  }

  result(): readonly SocketAddress[] | Failure {
    return this.#result;
  }

  cancel(): void {}

  readiness(): number {
    return Readiness.READ;
  }

  subscribe(): undefined {
    return undefined;
  }
}
