/**
 * `sock_getaddrinfo`: a linked list that the guest allocates and the host fills.
 *
 *     addrinfo   0         2           3             4             8             12         16              20             24     28
 *                | flags   | family    | socktype    | protocol    | addrlen     | addr       | canonname     | canonnamelen | next |
 *     sockaddr   0         4             8
 *                | family  | sa_data_len | sa_data |     sa_data: the port and the address, both big-endian
 */

import { Errno } from "../../witx/errno.ts";
import { ADDRINFO_SIZE, Aiflags, Protocol } from "../../witx/wasmedge.ts";
import type { MaybePromise } from "../../core/io/maybe_promise.ts";
import { addressOf, parseIp } from "../../contract/address.ts";
import { Family, type SocketAddress, SocketType } from "../../contract/network.ts";
import type { LookupResult } from "../results.ts";
import type { System } from "../system.ts";
import { NAMED_SERVICES } from "../../core/net/services.ts";
import type { Abi } from "./abi.ts";
import type { ImportTable } from "./import_function.ts";
import type { GuestMemory } from "./memory.ts";
import { resumed } from "./suspend.ts";

const SOCKADDR_SIZE = 16;

/** Guests store 14 and allocate 26. */
const SAID_DATA_SIZE = 14;
const REAL_DATA_SIZE = 26;

/** Maximum number of results of one call. */
const MAX_RESULTS = 1024;

/** What the guest asks for. */
interface Question {
  readonly node: string;
  readonly port: number;
  readonly flags: number;
  readonly family: Family | 0;
  readonly types: readonly SocketType[];
}

/** The body of `sock_getaddrinfo`. */
export function addressInfoFunction({ system, memory }: Abi): ImportTable {
  return {
    sock_getaddrinfo(
      node: number,
      nodeLength: number,
      service: number,
      serviceLength: number,
      hints: number,
      resultsPtr: number,
      maxResults: number,
      countPtr: number,
    ): MaybePromise {
      if (!memory.holds(resultsPtr, 4)) return Errno.FAULT;
      const nodeName = memory.readString(node, nodeLength);
      if (typeof nodeName === "number") return nodeName;
      const serviceName = memory.readString(service, serviceLength);
      if (typeof serviceName === "number") return serviceName;
      const question = readQuestion(memory, hints, withoutNul(nodeName), withoutNul(serviceName));
      if (typeof question === "number") return question;
      if (maxResults === 0) return Errno.INVAL;
      const found: LookupResult = { addresses: [] };
      const most = Math.min(maxResults, MAX_RESULTS);
      return resumed(
        memory,
        lookUp(system, question, found),
        (errno) => errno || writeResults(memory, { resultsPtr, countPtr, most }, question, found.addresses),
      );
    },
  };
}

function withoutNul(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

function readQuestion(memory: GuestMemory, hints: number, node: string, service: string): Question | Errno {
  if (!memory.holds(hints, ADDRINFO_SIZE)) return Errno.FAULT;
  if (node === "" && service === "") return Errno.INVAL;
  const { view } = memory;
  const flags = view.getUint16(hints, true);
  const family = view.getUint8(hints + 2);
  const type = view.getUint8(hints + 3);
  if (family > Family.INET6) return Errno.AFNOSUPPORT;
  if (type > SocketType.STREAM) return Errno.INVAL;
  const port = portOf(service, (flags & Aiflags.AI_NUMERICSERV) !== 0);
  if (port === undefined) return Errno.INVAL;
  const types = type === 0 ? [SocketType.STREAM, SocketType.DGRAM] : [type as SocketType];
  return { node, port, flags, family: family as Family | 0, types };
}

function portOf(service: string, isNumeric: boolean): number | undefined {
  if (service === "") return 0;
  if (/^\d{1,5}$/.test(service)) {
    const port = Number(service);
    return port > 0xffff ? undefined : port;
  }
  return isNumeric ? undefined : NAMED_SERVICES.get(service);
}

function lookUp(system: System, question: Question, out: LookupResult): MaybePromise {
  const { node, family, flags } = question;
  if (node === "") {
    out.addresses = ownAddresses(family, (flags & Aiflags.AI_PASSIVE) !== 0);
    return Errno.SUCCESS;
  }
  const bytes = parseIp(node);
  if (bytes === undefined) {
    return (flags & Aiflags.AI_NUMERICHOST) !== 0 ? Errno.NOENT : system.sock.lookup(node, family, out);
  }
  const address = addressOf(bytes, 0);
  if (family !== 0 && family !== address.family) return Errno.NOENT;
  out.addresses = [address];
  return Errno.SUCCESS;
}

function ownAddresses(family: Family | 0, passive: boolean): SocketAddress[] {
  const inet = addressOf(passive ? new Uint8Array(4) : Uint8Array.of(127, 0, 0, 1), 0);
  const inet6 = addressOf(new Uint8Array(16).fill(passive ? 0 : 1, 15), 0);
  if (family === Family.INET6) return [inet6];
  // To listen everywhere guests take every address that they are given, and with IPv4 nothing is left for IPv6.
  return family === Family.INET || passive ? [inet] : [inet, inet6];
}

/** Where one result goes. */
interface Slot {
  /** The `addrinfo`, its `sockaddr`, and the data of that. */
  readonly ptr: number;
  readonly sockaddr: number;
  readonly data: number;
  readonly type: SocketType;
  readonly ip: Uint8Array;
}

/** Nothing is stored unless there is room for everything. */
function writeResults(
  memory: GuestMemory,
  { resultsPtr, countPtr, most }: { readonly resultsPtr: number; readonly countPtr: number; readonly most: number },
  { port, types }: Question,
  addresses: readonly SocketAddress[],
): Errno {
  const slots: Slot[] = [];
  let ptr = memory.view.getUint32(resultsPtr, true);
  for (const { host } of addresses) {
    const ip = parseIp(host)!;
    for (const type of types) {
      if (slots.length === most || ptr === 0) break;
      const slot = slotAt(memory, ptr, type, ip);
      if (slot === undefined) return Errno.FAULT;
      slots.push(slot);
      ptr = memory.view.getUint32(ptr + 24, true);
    }
  }
  for (const slot of slots) writeResult(memory, slot, port);
  memory.storeU32(countPtr, slots.length);
  return Errno.SUCCESS;
}

/** @returns The slot, or undefined if it does not lie in memory, or is too small. */
function slotAt(memory: GuestMemory, ptr: number, type: SocketType, ip: Uint8Array): Slot | undefined {
  if (!memory.holds(ptr, ADDRINFO_SIZE)) return undefined;
  const { view } = memory;
  const sockaddr = view.getUint32(ptr + 12, true);
  if (sockaddr === 0 || !memory.holds(sockaddr, 12)) return undefined;
  const said = view.getUint32(sockaddr + 4, true);
  const room = said === SAID_DATA_SIZE ? REAL_DATA_SIZE : said;
  const data = view.getUint32(sockaddr + 8, true);
  return memory.holds(data, room) && room >= 2 + ip.length ? { ptr, sockaddr, data, type, ip } : undefined;
}

function writeResult({ view, bytes }: GuestMemory, { ptr, sockaddr, data, type, ip }: Slot, port: number): void {
  const family = ip.length === 4 ? Family.INET : Family.INET6;
  view.setUint16(ptr, 0, true);
  view.setUint8(ptr + 2, family);
  view.setUint8(ptr + 3, type);
  view.setUint32(ptr + 4, type === SocketType.STREAM ? Protocol.TCP : Protocol.UDP, true);
  view.setUint32(ptr + 8, SOCKADDR_SIZE, true);
  view.setUint32(ptr + 20, 0, true);
  view.setUint8(sockaddr, family);
  view.setUint16(data, port, false);
  bytes.set(ip, data + 2);
}
