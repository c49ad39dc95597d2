/** Linux on x86-64 and arm64. Source: the headers of the kernel (asm-generic, asm, linux), of glibc and of musl, which agree. */

import { errnosOf } from "./errnos.ts";
import type { StatLayout, Target } from "./target.ts";

const STAT_X64: StatLayout = {
  size: 144,
  dev: 0,
  devBytes: 8,
  ino: 8,
  nlink: 16,
  nlinkBytes: 8,
  mode: 24,
  modeBytes: 4,
  length: 48,
  atim: 72,
  mtim: 88,
  ctim: 104,
};

const STAT_ARM64: StatLayout = { ...STAT_X64, size: 128, mode: 16, nlink: 20, nlinkBytes: 4 };

/**
 * Linux.
 *
 * @param arch The processor.
 */
export function linux(arch: "x64" | "arm64"): Target {
  const isArm = arch === "arm64";
  return {
    os: "linux",
    open: {
      O_CREAT: 0o100,
      O_EXCL: 0o200,
      O_NOCTTY: 0o400,
      O_TRUNC: 0o1000,
      O_APPEND: 0o2000,
      O_NONBLOCK: 0o4000,
      O_DSYNC: 0o10000,
      O_SYNC: 0o4010000,
      O_DIRECTORY: isArm ? 0o40000 : 0o200000,
      O_NOFOLLOW: isArm ? 0o100000 : 0o400000,
      O_CLOEXEC: 0o2000000,
      O_PATH: 0o10000000,
    },
    at: { AT_FDCWD: -100, AT_SYMLINK_NOFOLLOW: 0x100, AT_REMOVEDIR: 0x200 },
    stat: isArm ? STAT_ARM64 : STAT_X64,
    socket: {
      AF_UNIX: 1,
      AF_INET: 2,
      AF_INET6: 10,
      SOCK_STREAM: 1,
      SOCK_DGRAM: 2,
      SOCK_NONBLOCK: 0o4000,
      SOCK_CLOEXEC: 0o2000000,
      MSG_PEEK: 2,
      MSG_TRUNC: 0x20,
      MSG_NOSIGNAL: 0x4000,
      SOL_SOCKET: 1,
      SO_REUSEADDR: 2,
      SO_TYPE: 3,
      SO_ERROR: 4,
      SO_DONTROUTE: 5,
      SO_BROADCAST: 6,
      SO_SNDBUF: 7,
      SO_RCVBUF: 8,
      SO_KEEPALIVE: 9,
      SO_OOBINLINE: 10,
      SO_LINGER: 13,
      SO_RCVLOWAT: 18,
      SO_ACCEPTCONN: 30,
      SO_NOSIGPIPE: 0,
      IPPROTO_IP: 0,
      IPPROTO_TCP: 6,
      IPPROTO_IPV6: 41,
      TCP_NODELAY: 1,
      TCP_KEEPIDLE: 4,
      IP_TTL: 2,
      IP_MULTICAST_TTL: 33,
      IP_MULTICAST_LOOP: 34,
      IPV6_UNICAST_HOPS: 16,
      IPV6_MULTICAST_HOPS: 18,
      IPV6_MULTICAST_LOOP: 19,
      IPV6_V6ONLY: 26,
      AI_ADDRCONFIG: 0x20,
      EAI_NONAME: -2,
      EAI_NODATA: -5,
      EAI_AGAIN: -3,
      FIONREAD: 0x541b,
    },
    addrinfo: { addr: 24, next: 40 },
    F_GETFL: 3,
    F_SETFL: 4,
    F_SETFD: 2,
    FD_CLOEXEC: 1,
    CLOCK_REALTIME: 0,
    CLOCK_MONOTONIC: 1,
    CLOCK_PROCESS_CPUTIME_ID: 2,
    CLOCK_THREAD_CPUTIME_ID: 3,
    UTIME_OMIT: 0x3ffffffe,
    MAP_PRIVATE: 2,
    MAP_ANONYMOUS: 0x20,
    MAP_32BIT: isArm ? 0 : 0x40,
    POLLIN: 1,
    POLLOUT: 4,
    POLLERR: 8,
    POLLHUP: 0x10,
    POLLNVAL: 0x20,
    hasSockaddrLength: false,
    isEpollPacked: !isArm,
    errnoLocation: "__errno_location",
    errnos: errnosOf("linux"),
  };
}
