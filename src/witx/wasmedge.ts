/**
 * Numbers and layouts of WasmEdge's socket extension of preview 1, both versions.
 *
 * Source: WasmEdge 0.17 `lib/host/wasi` and `api.hpp`, as the Rust crate wasmedge_wasi_socket 0.5.5 and the Go package
 * github.com/stealthrocket/net use them.
 *
 * @module
 */

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

/** Parameters of a function in version 1 and in version 2, all of them i32; the results of both are one errno. */
export interface WasmEdgeSignature {
  /** Names of the parameters in version 1. */
  readonly v1: readonly string[];
  /** Names of the parameters in version 2. */
  readonly v2: readonly string[];
}

function both(names: string): WasmEdgeSignature {
  const params = names.split(" ");
  return { v1: params, v2: params };
}

function versions(v1: string, v2: string): WasmEdgeSignature {
  return { v1: v1.split(" "), v2: v2.split(" ") };
}

/** The functions that the extension adds to preview 1, or has otherwise. */
export const WASMEDGE_SIGNATURES: Readonly<Record<string, WasmEdgeSignature>> = {
  sock_open: both("af socktype result.fd"),
  sock_bind: both("fd address port"),
  sock_listen: both("fd backlog"),
  sock_accept: versions("fd result.fd", "fd flags result.fd"),
  sock_connect: both("fd address port"),
  sock_recv: both("fd ri_data ri_data_len ri_flags result.ro_datalen result.ro_flags"),
  sock_recv_from: versions(
    "fd ri_data ri_data_len address ri_flags result.ro_datalen result.ro_flags",
    "fd ri_data ri_data_len address ri_flags result.port result.ro_datalen result.ro_flags",
  ),
  sock_send: both("fd si_data si_data_len si_flags result.so_datalen"),
  sock_send_to: both("fd si_data si_data_len address port si_flags result.so_datalen"),
  sock_shutdown: both("fd how"),
  sock_getsockopt: both("fd level name value value_len"),
  sock_setsockopt: both("fd level name value value_len"),
  sock_getlocaladdr: versions("fd address result.type result.port", "fd address result.port"),
  sock_getpeeraddr: versions("fd address result.type result.port", "fd address result.port"),
  sock_getaddrinfo: both("node node_len service service_len hints result.res max_res_len result.res_len"),
};
