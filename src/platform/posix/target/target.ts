/**
 * What differs between operating systems and processors: numbers and layouts of the C library's headers.
 *
 * @module
 */

import type { Errno } from "../../../witx/errno.ts";

/** Flags of open(2) and its relatives. */
export interface OpenNumbers {
  readonly O_CREAT: number;
  readonly O_EXCL: number;
  readonly O_NOCTTY: number;
  readonly O_TRUNC: number;
  readonly O_APPEND: number;
  readonly O_NONBLOCK: number;
  readonly O_DSYNC: number;
  readonly O_SYNC: number;
  readonly O_DIRECTORY: number;
  readonly O_NOFOLLOW: number;
  readonly O_CLOEXEC: number;
  /** Opens a directory for nothing but looking names up in it; 0 where there is no such flag. */
  readonly O_PATH: number;
}

/** Flags of the calls that end in `at`. */
export interface AtNumbers {
  readonly AT_FDCWD: number;
  readonly AT_SYMLINK_NOFOLLOW: number;
  readonly AT_REMOVEDIR: number;
}

/** Where the members of `struct stat` start, and how wide those are that differ. */
export interface StatLayout {
  readonly size: number;
  readonly dev: number;
  readonly devBytes: 4 | 8;
  readonly ino: number;
  readonly mode: number;
  readonly modeBytes: 2 | 4;
  readonly nlink: number;
  readonly nlinkBytes: 2 | 4 | 8;
  readonly length: number;
  readonly atim: number;
  readonly mtim: number;
  readonly ctim: number;
}

/** Numbers of <sys/socket.h> and its relatives. */
export interface SocketNumbers {
  readonly AF_UNIX: number;
  readonly AF_INET: number;
  readonly AF_INET6: number;
  readonly SOCK_STREAM: number;
  readonly SOCK_DGRAM: number;
  /** To be added to the type; 0 where that can't be. */
  readonly SOCK_NONBLOCK: number;
  readonly SOCK_CLOEXEC: number;
  readonly MSG_PEEK: number;
  readonly MSG_TRUNC: number;
  /** 0 where it is an option of the socket (`SO_NOSIGPIPE`). */
  readonly MSG_NOSIGNAL: number;
  readonly SOL_SOCKET: number;
  readonly SO_REUSEADDR: number;
  readonly SO_TYPE: number;
  readonly SO_ERROR: number;
  readonly SO_DONTROUTE: number;
  readonly SO_BROADCAST: number;
  readonly SO_SNDBUF: number;
  readonly SO_RCVBUF: number;
  readonly SO_KEEPALIVE: number;
  readonly SO_OOBINLINE: number;
  readonly SO_LINGER: number;
  readonly SO_RCVLOWAT: number;
  readonly SO_ACCEPTCONN: number;
  /** 0 where there is none. */
  readonly SO_NOSIGPIPE: number;
  readonly IPPROTO_IP: number;
  readonly IPPROTO_TCP: number;
  readonly IPPROTO_IPV6: number;
  readonly TCP_NODELAY: number;
  readonly TCP_KEEPIDLE: number;
  readonly TCP_KEEPINTVL: number;
  readonly TCP_KEEPCNT: number;
  readonly IP_TTL: number;
  readonly IP_MULTICAST_TTL: number;
  readonly IP_MULTICAST_LOOP: number;
  readonly IPV6_UNICAST_HOPS: number;
  readonly IPV6_MULTICAST_HOPS: number;
  readonly IPV6_MULTICAST_LOOP: number;
  readonly IPV6_V6ONLY: number;
  readonly AI_ADDRCONFIG: number;
  readonly EAI_NONAME: number;
  readonly EAI_NODATA: number;
  readonly EAI_AGAIN: number;
  readonly FIONREAD: number;
}

/** Where the members of `struct addrinfo` start. */
export interface AddrinfoLayout {
  readonly addr: number;
  readonly next: number;
}

/** An operating system on a processor. */
export interface Target {
  readonly os: "linux" | "darwin";
  readonly open: OpenNumbers;
  readonly at: AtNumbers;
  readonly stat: StatLayout;
  readonly socket: SocketNumbers;
  readonly addrinfo: AddrinfoLayout;
  readonly F_GETFL: number;
  readonly F_SETFL: number;
  readonly F_SETFD: number;
  readonly FD_CLOEXEC: number;
  readonly CLOCK_REALTIME: number;
  readonly CLOCK_MONOTONIC: number;
  readonly CLOCK_PROCESS_CPUTIME_ID: number;
  readonly CLOCK_THREAD_CPUTIME_ID: number;
  readonly UTIME_OMIT: number;
  readonly MAP_PRIVATE: number;
  readonly MAP_ANONYMOUS: number;
  /** Asks mmap(2) for an address below 2^31; 0 where it takes a hint instead. */
  readonly MAP_32BIT: number;
  readonly POLLIN: number;
  readonly POLLOUT: number;
  readonly POLLERR: number;
  readonly POLLHUP: number;
  readonly POLLNVAL: number;
  /** True if a socket address starts with its length in a byte of its own, and its family in another. */
  readonly hasSockaddrLength: boolean;
  /** True if `struct epoll_event` has no padding. */
  readonly isEpollPacked: boolean;
  /** Name of the function that returns the address of `errno`. */
  readonly errnoLocation: string;
  /** The numbers of errors, in ours; 0 for those that mean nothing to us. */
  readonly errnos: readonly Errno[];
}
