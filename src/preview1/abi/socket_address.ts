/** Socket addresses in guest memory: WasmEdge's narrow form of 4 or 16 bytes, and its wide form of 128. */

import { Errno } from "../../witx/errno.ts";
import { WIDE_ADDRESS_SIZE } from "../../witx/wasmedge.ts";
import { lenientBytesOfText, textOfBytes } from "../../text/byte_text.ts";
import { Family, type SocketAddress } from "../../contract/network.ts";
import { addressOf, parseIp } from "../../contract/address.ts";
import type { GuestMemory } from "./memory.ts";

const NOTHING: Uint8Array = new Uint8Array(0);

/** `addr_type` of version 1. */
const NARROW_INET = 4;
const NARROW_INET6 = 6;

/** Reads and writes addresses. It caches the last one, because a guest that sends datagrams passes the same one again and again. */
export class AddressCodec {
  readonly #memory: GuestMemory;
  #lastRead: { bytes: Uint8Array; address: SocketAddress } = {
    bytes: NOTHING,
    address: addressOf(new Uint8Array(4), 0),
  };
  #lastHost = "";
  #lastBytes: Uint8Array = NOTHING;

  /** @param memory Memory of the guest. */
  constructor(memory: GuestMemory) {
    this.#memory = memory;
  }

  /**
   * Read the address behind `{ buf, buf_len }` at `ptr`; the port is a parameter of its own.
   *
   * @returns The address, or FAULT; INVAL for an invalid length or family; NAMETOOLONG for a path without a NUL.
   */
  read(ptr: number, port: number): SocketAddress | Errno {
    const bytes = this.buffer(ptr);
    if (typeof bytes === "number") return bytes;
    if (port > 0xffff) return Errno.INVAL;
    if (bytes.length === 4 || bytes.length === 16) return this.#inet(bytes, port);
    if (bytes.length < WIDE_ADDRESS_SIZE) return Errno.INVAL;
    switch (bytes[0]! | bytes[1]! << 8) {
      case Family.INET:
        return this.#inet(bytes.subarray(2, 6), port);
      case Family.INET6:
        return this.#inet(bytes.subarray(2, 18), port);
      case Family.UNIX:
        return unixAddress(bytes.subarray(2, WIDE_ADDRESS_SIZE));
      default:
        return Errno.INVAL;
    }
  }

  /**
   * The buffer behind `{ buf, buf_len }` at `ptr`, valid until the guest runs again.
   *
   * @returns The buffer, or FAULT if it or the record at `ptr` lies outside memory.
   */
  buffer(ptr: number): Uint8Array | Errno {
    const memory = this.#memory;
    if (!memory.holds(ptr, 8)) return Errno.FAULT;
    const start = memory.view.getUint32(ptr, true);
    const length = memory.view.getUint32(ptr + 4, true);
    if (!memory.holds(start, length)) return Errno.FAULT;
    return memory.bytes.subarray(start, start + length);
  }

  #inet(bytes: Uint8Array, port: number): SocketAddress {
    const { bytes: last, address } = this.#lastRead;
    if (address.port === port && isEqual(last, bytes)) return address;
    const read = addressOf(bytes, port);
    this.#lastRead = { bytes: bytes.slice(), address: read };
    return read;
  }

  /**
   * Write an address into a buffer. For no address, as of a stream, the family is 0.
   *
   * @returns SUCCESS, or INVAL if the buffer is too small.
   */
  write(buffer: Uint8Array, address: SocketAddress | undefined): Errno {
    if (address === undefined) {
      if (buffer.length >= WIDE_ADDRESS_SIZE) buffer[0] = buffer[1] = 0;
      return Errno.SUCCESS;
    }
    const isWide = buffer.length >= WIDE_ADDRESS_SIZE;
    const bytes = address.family === Family.UNIX ? lenientBytesOfText(address.host) : this.#bytesOf(address.host);
    if (!isWide) {
      if (address.family === Family.UNIX || bytes.length > buffer.length) return Errno.INVAL;
      buffer.set(bytes);
      return Errno.SUCCESS;
    }
    const room = WIDE_ADDRESS_SIZE - 3;
    const size = Math.min(bytes.length, room);
    buffer[0] = address.family;
    buffer[1] = 0;
    buffer.set(bytes.length > room ? bytes.subarray(0, room) : bytes, 2);
    // Guests look for the NUL after a path, in a buffer that may hold other bytes.
    buffer.fill(0, 2 + size, WIDE_ADDRESS_SIZE);
    return Errno.SUCCESS;
  }

  #bytesOf(host: string): Uint8Array {
    if (host === this.#lastHost) return this.#lastBytes;
    this.#lastHost = host;
    return this.#lastBytes = parseIp(host) ?? NOTHING;
  }
}

/** `addr_type` of version 1 for an address. */
export function narrowType(address: SocketAddress): number {
  return address.family === Family.INET ? NARROW_INET : NARROW_INET6;
}

function unixAddress(bytes: Uint8Array): SocketAddress | Errno {
  const end = bytes.indexOf(0);
  if (end < 0) return Errno.NAMETOOLONG;
  return { family: Family.UNIX, host: textOfBytes(bytes.slice(0, end)), port: 0 };
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}
