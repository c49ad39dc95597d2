/**
 * Valid arguments of every function of the extension, and what each of them points to.
 *
 * @module
 */

import { le } from "./abi_guest.ts";
import { At, type WasmEdgeGuest } from "./wasmedge_guest.ts";

/** Sockets of a guest that has one of each kind. */
export interface Sockets {
  /** Listens, and a connection waits. */
  readonly listener: number;
  /** Two ends of a connection; 3 bytes wait at the server. */
  readonly client: number;
  readonly server: number;
  /** Neither bound nor connected. */
  readonly fresh: number;
  /** Datagram sockets at 5001 and 5002; a datagram waits at the second. */
  readonly one: number;
  readonly two: number;
}

/** A pointer among the arguments: which one, and how many bytes it stands for. */
export interface Pointer {
  readonly at: number;
  readonly size: number;
  /** True if what it points to is `{ pointer, length }`, which has to lie in memory as well. */
  readonly isRecord?: true;
}

/** Arguments that are valid, and the pointers among them. */
export interface ExtensionCall {
  readonly args: readonly number[];
  readonly pointers: readonly Pointer[];
}

const { RESULT, OTHER, THIRD, VECTORS, RECORD, BUFFER, DATA } = At;

/** A `struct linger` that is off. */
const OPTION = 8100;

/** Where `sock_getaddrinfo` has its names, hints and list. */
export const List = { NODE: 9000, SERVICE: 9100, HINTS: 9200, HEAD: 9300, ENTRIES: 10_000 } as const;

/** What entries of a list are made with. */
export interface ListOptions {
  readonly count?: number;
  /** What `sa_data_len` says. Default: 14, as guests have it. */
  readonly said?: number;
}

/** Store an empty list as guests allocate it. @returns Where its first entry is. */
export function storeList(at: WasmEdgeGuest, { count = 4, said = 14 }: ListOptions = {}): number {
  for (let i = 0; i < count; i++) {
    const entry = List.ENTRIES + 200 * i;
    const next = i + 1 < count ? entry + 200 : 0;
    at.put(
      entry,
      le([0xffff, 2], [9, 1], [9, 1], [9, 4], [9, 4], [entry + 50, 4], [entry + 150, 4], [30, 4], [next, 4]),
    );
    at.put(entry + 50, le([9, 4], [said, 4], [entry + 70, 4]));
    at.put(entry + 70, new Uint8Array(26).fill(9));
  }
  at.put(List.HEAD, le([List.ENTRIES, 4]));
  return List.ENTRIES;
}

/** Open one socket of each kind. */
export async function openSockets(at: WasmEdgeGuest): Promise<Sockets> {
  const { client, server, listener } = await at.pair(80);
  const waiting = await at.open();
  await at.must("sock_connect/3", waiting, at.record([127, 0, 0, 1]), 80);
  const fresh = await at.open();
  const [one, two] = [await at.datagrams(5001), await at.datagrams(5002)];
  at.put(DATA, "abc");
  await at.must("sock_send/5", client, at.vectors([DATA, 3]), 1, 0, RESULT);
  await at.must("sock_send_to/7", one, at.vectors([DATA, 3]), 1, at.record([127, 0, 0, 1]), 5002, 0, RESULT);
  await new Promise((resolve) => setTimeout(resolve, 2));
  return { listener, client, server, fresh, one, two };
}

/** Store what {@linkcode extensionCalls} point to. */
export function storeInputs(at: WasmEdgeGuest): void {
  at.reset();
  at.put(DATA, "abc");
  at.put(OPTION, new Uint8Array(8));
  at.vectors([DATA, 3]);
  at.record([127, 0, 0, 1], 16);
  at.put(RECORD, le([BUFFER, 4], [4, 4]));
  at.put(List.NODE, "10.1.2.3");
  at.put(List.SERVICE, "80");
  at.put(List.HINTS, new Uint8Array(28));
  storeList(at);
}

function call(args: readonly number[], ...pointers: readonly Pointer[]): ExtensionCall {
  return { args, pointers };
}

function to(at: number, size: number): Pointer {
  return { at, size };
}

function record(at: number): Pointer {
  return { at, size: 8, isRecord: true };
}

/** Valid calls, by the names of the exports; those with `_v2` have the same. */
export function extensionCalls(sockets: Sockets): Readonly<Record<string, ExtensionCall>> {
  const { listener, client, server, fresh, one, two } = sockets;
  return {
    "sock_open/3": call([1, 2, RESULT], to(2, 4)),
    "sock_bind/3": call([fresh, RECORD, 8080], record(1)),
    "sock_listen/2": call([listener, 5]),
    "sock_accept/2": call([listener, RESULT], to(1, 4)),
    "sock_accept/3": call([listener, 0, RESULT], to(2, 4)),
    "sock_connect/3": call([fresh, RECORD, 80], record(1)),
    "sock_recv/6": call([server, VECTORS, 1, 0, RESULT, OTHER], record(1), to(4, 4), to(5, 2)),
    "sock_recv_from/7": call([two, VECTORS, 1, RECORD, 0, RESULT, OTHER], record(1), record(3), to(5, 4), to(6, 2)),
    "sock_recv_from/8": call(
      [two, VECTORS, 1, RECORD, 0, THIRD, RESULT, OTHER],
      record(1),
      record(3),
      to(5, 4),
      to(6, 4),
      to(7, 2),
    ),
    "sock_send/5": call([client, VECTORS, 1, 0, RESULT], record(1), to(4, 4)),
    "sock_send_to/7": call([one, VECTORS, 1, RECORD, 5002, 0, RESULT], record(1), record(3), to(6, 4)),
    "sock_shutdown/2": call([client, 2]),
    "sock_getsockopt/5": call([server, 0, 1, DATA, 4], to(3, 4)),
    "sock_setsockopt/5": call([server, 0, 9, OPTION, 8], to(3, 8)),
    "sock_getlocaladdr/3": call([server, RECORD, RESULT], record(1), to(2, 4)),
    "sock_getlocaladdr/4": call([server, RECORD, OTHER, RESULT], record(1), to(2, 4), to(3, 4)),
    "sock_getpeeraddr/3": call([server, RECORD, RESULT], record(1), to(2, 4)),
    "sock_getpeeraddr/4": call([server, RECORD, OTHER, RESULT], record(1), to(2, 4), to(3, 4)),
    "sock_getaddrinfo/8": call(
      [List.NODE, 8, List.SERVICE, 2, List.HINTS, List.HEAD, 4, RESULT],
      to(0, 8),
      to(2, 2),
      to(4, 28),
      to(5, 4),
      to(7, 4),
    ),
  };
}
