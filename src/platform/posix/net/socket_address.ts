/** `struct sockaddr` in memory that calls are handed. */

import { bytesOfText, textOfBytes } from "../../../text/byte_text.ts";
import { Family, type SocketAddress } from "../../../contract/network.ts";
import { addressOf, parseIp, unspecifiedAddress, withScope } from "../../../contract/address.ts";
import type { Region } from "../ffi/arena.ts";
import type { Target } from "../target/target.ts";

/** Bytes of the longest address, that of a unix socket, and of those of IP. */
export const SOCKADDR_BYTES = 112;
const SOCKADDR_IN_BYTES = 16;
const SOCKADDR_IN6_BYTES = 28;
const ANY_IN6 = 16;
/** Members of `struct sockaddr_in6`. Source: netinet/in.h. */
const FLOW_INFO = 4;
const SCOPE_ID_WORD = 6;

/** Where the path of a unix socket starts, and its bytes at most, with its NUL. Source: sys/un.h. */
const PATH_START = 2;
const PATH_BYTES = { linux: 108, darwin: 104 };

/** The number of a family. */
export function familyNumber({ socket }: Target, family: Family): number {
  switch (family) {
    case Family.INET:
      return socket.AF_INET;
    case Family.INET6:
      return socket.AF_INET6;
    case Family.UNIX:
      return socket.AF_UNIX;
  }
}

/** Writes addresses. */
export class AddressWriter {
  readonly #target: Target;
  readonly #region: Region;
  #last: SocketAddress | undefined;
  #length = 0;

  /**
   * @param target Has the layout.
   * @param region Where to; at least {@linkcode SOCKADDR_BYTES}.
   */
  constructor(target: Target, region: Region) {
    this.#target = target;
    this.#region = region;
  }

  /** Writes an address. @returns Its length, or 0 for an invalid IP address or a path that is too long. */
  write(address: SocketAddress): number {
    if (address === this.#last) return this.#length;
    this.#last = undefined;
    this.#length = address.family === Family.UNIX ? this.#writePath(address.host) : this.#writeIp(address);
    // Unix addresses name descriptors, whose numbers are used again.
    if (this.#length > 0 && address.family !== Family.UNIX) this.#last = address;
    return this.#length;
  }

  #writeFamily(family: Family, length: number): void {
    const { u8 } = this.#region;
    const number = familyNumber(this.#target, family);
    u8[0] = this.#target.hasSockaddrLength ? length : number;
    u8[1] = this.#target.hasSockaddrLength ? number : 0;
  }

  /** Write the address that ends the association of a datagram socket with its peer. @returns Its length. */
  writeUnspecified(): number {
    this.#last = undefined;
    const { u8 } = this.#region;
    u8.fill(0, 0, SOCKADDR_IN_BYTES);
    if (this.#target.hasSockaddrLength) u8[0] = SOCKADDR_IN_BYTES;
    return SOCKADDR_IN_BYTES;
  }

  #writeIp({ family, host, port, scopeId = 0, flowInfo = 0 }: SocketAddress): number {
    const ip = parseIp(host);
    if (ip?.length !== (family === Family.INET ? 4 : ANY_IN6)) return 0;
    const { u8, u32 } = this.#region;
    const length = family === Family.INET ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_BYTES;
    u8.fill(0, 0, length);
    this.#writeFamily(family, length);
    u8[2] = port >>> 8;
    u8[3] = port;
    u8.set(ip, family === Family.INET ? 4 : 8);
    if (family === Family.INET6) {
      // The flow information is in network byte order, the scope id is not.
      u8.set([flowInfo >>> 24, flowInfo >>> 16, flowInfo >>> 8, flowInfo], FLOW_INFO);
      u32[SCOPE_ID_WORD] = scopeId;
    }
    return length;
  }

  #writePath(path: string): number {
    const { u8 } = this.#region;
    const room = PATH_BYTES[this.#target.os] - 1;
    const bytes = bytesOfText(path);
    if (bytes === undefined || bytes.length > room) return 0;
    u8.set(bytes, PATH_START);
    u8[PATH_START + bytes.length] = 0;
    this.#writeFamily(Family.UNIX, PATH_START + bytes.length + 1);
    return PATH_START + bytes.length + 1;
  }
}

/** Reads addresses. */
export class AddressReader {
  readonly #target: Target;
  readonly #region: Region;
  readonly #lastWords: Uint32Array = new Uint32Array(SOCKADDR_IN6_BYTES / 4);
  #last: SocketAddress | undefined;

  /**
   * @param target Has the layout.
   * @param region Where from.
   */
  constructor(target: Target, region: Region) {
    this.#target = target;
    this.#region = region;
  }

  /** Read an address. @param length Its bytes; @param family Used if the address has none, as for a unix socket without a name. */
  read(length: number, family: Family): SocketAddress {
    if (family === Family.UNIX) return this.#readPath(length);
    const size = family === Family.INET ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_BYTES;
    if (length < size) return unspecifiedAddress(family);
    if (this.#last?.family === family && this.#isLast(family)) return this.#last;
    const { u8, u32 } = this.#region;
    const ip = family === Family.INET ? u8.subarray(4, 8) : u8.subarray(8, 8 + ANY_IN6);
    this.#last = undefined;
    this.#lastWords.set(u32.subarray(0, SOCKADDR_IN6_BYTES / 4));
    const address = addressOf(ip, u8[2]! << 8 | u8[3]!);
    if (family === Family.INET) return this.#last = address;
    const flowInfo = (u8[4]! << 24 | u8[5]! << 16 | u8[6]! << 8 | u8[7]!) >>> 0;
    return this.#last = withScope(address, u32[SCOPE_ID_WORD]!, flowInfo);
  }

  /** Many datagrams in a row come from the same sender. */
  #isLast(family: Family): boolean {
    const { u32 } = this.#region;
    const words = family === Family.INET ? 2 : SOCKADDR_IN6_BYTES / 4;
    for (let i = 0; i < words; i++) {
      if (u32[i] !== this.#lastWords[i]) return false;
    }
    return true;
  }

  #readPath(length: number): SocketAddress {
    const { u8 } = this.#region;
    const end = Math.min(length, PATH_START + PATH_BYTES[this.#target.os]);
    const path = u8.subarray(PATH_START, Math.max(end, PATH_START));
    const nul = path.indexOf(0);
    return { family: Family.UNIX, host: textOfBytes(nul < 0 ? path : path.subarray(0, nul)), port: 0 };
  }
}
