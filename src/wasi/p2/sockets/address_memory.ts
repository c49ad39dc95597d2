/** Socket addresses in the memory of a guest. */

import type { CallContext } from "../../../component/abi/context.ts";
import { addressOf, parseIp, withScope } from "../../../contract/address.ts";
import type { SocketAddress } from "../../../contract/network.ts";

/** Bytes of an `ip-socket-address`; it is aligned to 4. */
const BYTES = 32;

/** Offsets in an `ip-socket-address`. */
const CASE = 4;
const IPV4_ADDRESS = CASE + 2;
const FLOW_INFO = CASE + 4;
const IPV6_ADDRESS = CASE + 8;
const SCOPE_ID = CASE + 24;

/** Bytes that an `ip-socket-address` of each case uses. */
const USED = [CASE + 6, CASE + 28] as const;

/** Reads and stores addresses. It keeps the last one: most datagrams of a socket go to and come from few peers. */
export class AddressMemory {
  readonly #bytes: Uint8Array = new Uint8Array(BYTES);
  readonly #view: DataView = new DataView(this.#bytes.buffer);
  #address: SocketAddress | undefined;

  /** Store an `ip-socket-address`. @param at Where: 32 bytes in memory, aligned to 4. */
  store(cx: CallContext, at: number, address: SocketAddress): void {
    if (!isEqual(address, this.#address)) this.#encode(address);
    const bytes = this.#bytes;
    const used = USED[bytes[0] as 0 | 1];
    for (let i = 0; i < used; i++) cx.bytes[at + i] = bytes[i]!;
  }

  #encode(address: SocketAddress): void {
    const bytes = this.#bytes;
    const view = this.#view;
    const ip = parseIp(address.host)!;
    bytes.fill(0);
    view.setUint16(CASE, address.port, true);
    if (ip.length === 4) {
      bytes.set(ip, IPV4_ADDRESS);
    } else {
      bytes[0] = 1;
      view.setUint32(FLOW_INFO, address.flowInfo ?? 0, true);
      for (let i = 0; i < 16; i += 2) view.setUint16(IPV6_ADDRESS + i, ip[i]! << 8 | ip[i + 1]!, true);
      view.setUint32(SCOPE_ID, address.scopeId ?? 0, true);
    }
    this.#address = address;
  }

  /** Read an `ip-socket-address` whose discriminant is 0 or 1. */
  load(cx: CallContext, at: number): SocketAddress {
    if (this.#address !== undefined && this.#isAt(cx, at)) return this.#address;
    const bytes = this.#bytes;
    bytes.fill(0);
    const used = USED[cx.bytes[at] as 0 | 1];
    for (let i = 0; i < used; i++) bytes[i] = cx.bytes[at + i]!;
    return this.#address = this.#decode();
  }

  /** Padding does not count: a guest may leave anything there. */
  #isAt({ bytes }: CallContext, at: number): boolean {
    const known = this.#bytes;
    if (bytes[at] !== known[0]) return false;
    for (let i = CASE; i < USED[known[0] as 0 | 1]; i++) {
      if (bytes[at + i] !== known[i]) return false;
    }
    return true;
  }

  #decode(): SocketAddress {
    const view = this.#view;
    const port = view.getUint16(CASE, true);
    if (this.#bytes[0] === 0) return addressOf(this.#bytes.slice(IPV4_ADDRESS, IPV4_ADDRESS + 4), port);
    const ip = new Uint8Array(16);
    for (let i = 0; i < 16; i += 2) {
      const group = view.getUint16(IPV6_ADDRESS + i, true);
      ip[i] = group >> 8;
      ip[i + 1] = group & 0xff;
    }
    return withScope(addressOf(ip, port), view.getUint32(SCOPE_ID, true), view.getUint32(FLOW_INFO, true));
  }
}

function isEqual(a: SocketAddress, b: SocketAddress | undefined): boolean {
  if (a === b) return true;
  return b !== undefined && a.port === b.port && a.host === b.host && a.family === b.family &&
    a.scopeId === b.scopeId && a.flowInfo === b.flowInfo;
}
