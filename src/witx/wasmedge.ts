/**
 * Numbers and layouts of WasmEdge's socket extension of preview 1, both versions.
 *
 * Source: WasmEdge 0.17 `lib/host/wasi` and `api.hpp`, as the Rust crate wasmedge_wasi_socket 0.5.5 and the Go package
 * github.com/stealthrocket/net use them.
 *
 * @module
 */

import { type Signature, signature } from "./signature.ts";

/** Levels of socket options: `sock_opt_level`; the two behind SOL_SOCKET have the numbers of their protocols. */
export const SockOptLevel = { SOL_SOCKET: 0, IPPROTO_TCP: 6, IPPROTO_IPV6: 41 } as const;

/** Options of level SOL_SOCKET: `sock_opt_so`. */
export const SockOptSo = {
  REUSEADDR: 0,
  TYPE: 1,
  ERROR: 2,
  DONTROUTE: 3,
  BROADCAST: 4,
  SNDBUF: 5,
  RCVBUF: 6,
  KEEPALIVE: 7,
  OOBINLINE: 8,
  LINGER: 9,
  RCVLOWAT: 10,
  RCVTIMEO: 11,
  SNDTIMEO: 12,
  ACCEPTCONN: 13,
  BINDTODEVICE: 14,
} as const;

/** Options of level IPPROTO_TCP, by their numbers on Linux. */
export const SockOptTcp = {
  NODELAY: 1,
  KEEPIDLE: 4,
  /** NODELAY as wasi-go numbers it. */ NODELAY_WASI_GO: 15,
} as const;

/** Options of level IPPROTO_IPV6, by their numbers on Linux. */
export const SockOptIpv6 = { UNICAST_HOPS: 16, MULTICAST_HOPS: 18, MULTICAST_LOOP: 19, V6ONLY: 26 } as const;

/** Flags of `sock_getaddrinfo` (u16 bits): `aiflags`. */
export const Aiflags = {
  AI_PASSIVE: 1,
  AI_CANONNAME: 2,
  AI_NUMERICHOST: 4,
  AI_NUMERICSERV: 8,
  AI_V4MAPPED: 16,
  AI_ALL: 32,
  AI_ADDRCONFIG: 64,
} as const;

/** Protocols (`ai_protocol`). */
export const Protocol = { IP: 0, TCP: 1, UDP: 2 } as const;

/** Bytes of the wide form of an address: a u16 family and 126 bytes. */
export const WIDE_ADDRESS_SIZE = 128;

/** Bytes of an `addrinfo`. */
export const ADDRINFO_SIZE = 28;

/** A function in version 1 and in version 2; all parameters are i32. */
export interface WasmEdgeSignature {
  /** Version 1. */
  readonly v1: Signature;
  /** Version 2. */
  readonly v2: Signature;
}

function both(params: string, results = ""): WasmEdgeSignature {
  const common = signature(params, results);
  return { v1: common, v2: common };
}

/** The functions that the extension adds to preview 1, or has in another form. */
export const WASMEDGE_SIGNATURES: Readonly<Record<string, WasmEdgeSignature>> = {
  sock_open: both("af:address_family socktype:sock_type", "fd"),
  sock_bind: both("fd address port"),
  sock_listen: both("fd backlog"),
  sock_accept: { v1: signature("fd", "fd"), v2: signature("fd flags:fdflags", "fd") },
  sock_connect: both("fd address port"),
  sock_recv: both("fd ri_data:iovecs ri_flags:riflags", "ro_datalen:size ro_flags:roflags"),
  sock_recv_from: {
    v1: signature("fd ri_data:iovecs address:address_out ri_flags:riflags", "ro_datalen:size ro_flags:roflags"),
    v2: signature(
      "fd ri_data:iovecs address:address_out ri_flags:riflags",
      "port ro_datalen:size ro_flags:roflags",
    ),
  },
  sock_send: both("fd si_data:iovecs si_flags:siflags", "so_datalen:size"),
  sock_send_to: both("fd si_data:iovecs address port si_flags:siflags", "so_datalen:size"),
  sock_shutdown: both("fd how:sdflags"),
  sock_getsockopt: both("fd level:sock_level name:sock_option value:option_out value_len:count"),
  sock_setsockopt: both("fd level:sock_level name:sock_option value:option value_len:count"),
  sock_getlocaladdr: {
    v1: signature("fd address:address_out", "type:address_type port"),
    v2: signature("fd address:address_out", "port"),
  },
  sock_getpeeraddr: {
    v1: signature("fd address:address_out", "type:address_type port"),
    v2: signature("fd address:address_out", "port"),
  },
  sock_getaddrinfo: both(
    "node:string service:string hints res:addrinfos max_res_len:count",
    "res_len:count",
  ),
};
