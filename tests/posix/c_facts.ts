/**
 * The numbers and layouts of the posix platform as facts that a C compiler can check.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { errnoFromError } from "../../src/platform/shared/errors.ts";
import type { Target } from "../../src/platform/posix/target/target.ts";
import { Errno } from "../../src/witx/errno.ts";

/** A C expression, and the 64-bit integer that it must be. */
export type Fact = readonly [expression: string, value: number];

const SOURCES = join(import.meta.dirname, "..", "..", "src", "platform", "posix");

/** Numbers that are 0 where there is no such thing. */
const MAY_BE_ABSENT = ["O_PATH", "SOCK_NONBLOCK", "SOCK_CLOEXEC", "MSG_NOSIGNAL", "SO_NOSIGPIPE", "MAP_32BIT"];

/** Those of macOS's headers that are not used: too new, or not for this processor. */
const UNUSED_ON_DARWIN = ["MSG_NOSIGNAL", "MAP_32BIT"];

/** The names of macOS where they are others: its SO_LINGER does not count seconds. */
const DARWIN_NAMES: Readonly<Record<string, string>> = { TCP_KEEPIDLE: "TCP_KEEPALIVE", SO_LINGER: "SO_LINGER_SEC" };

/** The numbers of a target, its parts included. */
export function numberFacts(target: Target): Fact[] {
  const parts: object[] = [target, target.open, target.at, target.socket];
  return parts.flatMap((part) => Object.entries(part)).flatMap(([name, value]): Fact[] => {
    if (typeof value !== "number" || name !== name.toUpperCase()) return [];
    const isDarwin = target.os === "darwin";
    if (value === 0 && isDarwin && UNUSED_ON_DARWIN.includes(name)) return [];
    if (value === 0 && MAY_BE_ABSENT.includes(name)) return [[`IS_ABSENT_${name}`, 1]];
    const cName = isDarwin ? DARWIN_NAMES[name] ?? name : name;
    return [[`(int)(${cName})`, value]];
  });
}

/** Defines `IS_ABSENT_X` for what {@linkcode numberFacts} asks for. */
function absences(): string[] {
  return MAY_BE_ABSENT.map((name) =>
    `#ifdef ${name}\n#define IS_ABSENT_${name} 0\n#else\n#define IS_ABSENT_${name} 1\n#endif`
  );
}

function member(struct: string, name: string, offset: number): Fact {
  return [`offsetof(struct ${struct}, ${name})`, offset];
}

function size(struct: string, bytes: number): Fact {
  return [`sizeof(struct ${struct})`, bytes];
}

function width(struct: string, name: string, bytes: number): Fact {
  return [`sizeof(((struct ${struct} *)0)->${name})`, bytes];
}

/** `struct stat` and `struct addrinfo` as a target has them. */
export function layoutFacts({ os, stat, addrinfo }: Target): Fact[] {
  const suffix = os === "darwin" ? "espec" : "";
  return [
    size("stat", stat.size),
    member("stat", "st_dev", stat.dev),
    width("stat", "st_dev", stat.devBytes),
    member("stat", "st_ino", stat.ino),
    width("stat", "st_ino", 8),
    member("stat", "st_mode", stat.mode),
    width("stat", "st_mode", stat.modeBytes),
    member("stat", "st_nlink", stat.nlink),
    width("stat", "st_nlink", stat.nlinkBytes),
    member("stat", "st_size", stat.length),
    width("stat", "st_size", 8),
    ...(["atim", "mtim", "ctim"] as const).map((name) => member("stat", `st_${name.slice(0, 5)}${suffix}`, stat[name])),
    member("addrinfo", "ai_flags", 0),
    member("addrinfo", "ai_family", 4),
    member("addrinfo", "ai_socktype", 8),
    member("addrinfo", "ai_protocol", 12),
    member("addrinfo", "ai_addrlen", 16),
    member("addrinfo", "ai_addr", addrinfo.addr),
    member("addrinfo", "ai_next", addrinfo.next),
  ];
}

/** Structures that the sources fill and read by numbers of their own, the same on all targets. */
const COMMON_LAYOUTS: readonly Fact[] = [
  size("timespec", 16),
  member("timespec", "tv_sec", 0),
  member("timespec", "tv_nsec", 8),
  size("iovec", 16),
  member("iovec", "iov_base", 0),
  member("iovec", "iov_len", 8),
  size("pollfd", 8),
  member("pollfd", "fd", 0),
  member("pollfd", "events", 4),
  member("pollfd", "revents", 6),
  member("msghdr", "msg_name", 0),
  member("msghdr", "msg_namelen", 8),
  member("msghdr", "msg_iov", 16),
  member("msghdr", "msg_iovlen", 24),
  member("msghdr", "msg_control", 32),
  member("msghdr", "msg_controllen", 40),
  width("sockaddr_in", "sin_addr", 4),
  size("sockaddr_in", 16),
  member("sockaddr_in", "sin_port", 2),
  member("sockaddr_in", "sin_addr", 4),
  size("sockaddr_in6", 28),
  member("sockaddr_in6", "sin6_port", 2),
  member("sockaddr_in6", "sin6_flowinfo", 4),
  member("sockaddr_in6", "sin6_addr", 8),
  member("sockaddr_in6", "sin6_scope_id", 24),
  member("sockaddr_un", "sun_path", 2),
  size("linger", 8),
  member("linger", "l_onoff", 0),
  member("linger", "l_linger", 4),
];

const LINUX_LAYOUTS: readonly Fact[] = [
  member("dirent64", "d_ino", 0),
  member("dirent64", "d_reclen", 16),
  member("dirent64", "d_type", 18),
  member("dirent64", "d_name", 19),
  size("open_how", 24),
  member("open_how", "flags", 0),
  member("open_how", "mode", 8),
  member("open_how", "resolve", 16),
  size("msghdr", 56),
  member("msghdr", "msg_flags", 48),
  width("sockaddr_un", "sun_path", 108),
  member("sockaddr_in", "sin_family", 0),
  width("sockaddr_in", "sin_family", 2),
];

const DARWIN_LAYOUTS: readonly Fact[] = [
  member("dirent", "d_ino", 0),
  member("dirent", "d_reclen", 16),
  member("dirent", "d_type", 20),
  member("dirent", "d_name", 21),
  member("msghdr", "msg_flags", 44),
  width("sockaddr_un", "sun_path", 104),
  member("sockaddr_in", "sin_len", 0),
  member("sockaddr_in", "sin_family", 1),
  width("sockaddr_in", "sin_family", 1),
  size("kevent", 32),
  member("kevent", "ident", 0),
  member("kevent", "filter", 8),
  member("kevent", "flags", 10),
  member("kevent", "fflags", 12),
  member("kevent", "data", 16),
  member("kevent", "udata", 24),
];

/** Structures by the target. */
export function structFacts({ os, isEpollPacked }: Target): Fact[] {
  if (os === "darwin") return [...COMMON_LAYOUTS, ...DARWIN_LAYOUTS];
  const epoll = [size("epoll_event", isEpollPacked ? 12 : 16), member("epoll_event", "data", isEpollPacked ? 4 : 8)];
  return [...COMMON_LAYOUTS, ...LINUX_LAYOUTS, ...epoll];
}

/** Numbers that the sources have without a name of C's, or assume to be the same everywhere. */
export function assumedFacts({ os }: Target): Fact[] {
  const types = [1, 2, 4, 6, 8, 10, 12];
  const names = ["DT_FIFO", "DT_CHR", "DT_DIR", "DT_BLK", "DT_REG", "DT_LNK", "DT_SOCK"];
  const modes = ["S_IFIFO", "S_IFCHR", "S_IFDIR", "S_IFBLK", "S_IFREG", "S_IFLNK", "S_IFSOCK"];
  return [
    ...types.flatMap((type, i): Fact[] => [[names[i]!, type], [modes[i]!, type << 12]]),
    ["S_IFMT", 0o170000],
    ["PROT_READ | PROT_WRITE", 3],
    ["SEEK_SET", 0],
    ["sizeof(void *)", 8],
    ["sizeof(size_t)", 8],
    ["sizeof(off_t)", 8],
    ["sizeof(socklen_t)", 4],
    ["UIO_MAXIOV", 1024],
    ["PIPE_BUF", os === "darwin" ? 512 : 4096],
    ...os === "darwin" ? [] : LINUX_ASSUMED,
  ];
}

const LINUX_ASSUMED: readonly Fact[] = [
  ["PATH_MAX", 4096],
  ["SYS_openat2", 437],
  // `Advice` of preview 1 in its order, as ADVICE in descriptors.ts turns it.
  ["POSIX_FADV_NORMAL", 0],
  ["POSIX_FADV_SEQUENTIAL", 2],
  ["POSIX_FADV_RANDOM", 1],
  ["POSIX_FADV_WILLNEED", 3],
  ["POSIX_FADV_DONTNEED", 4],
  ["POSIX_FADV_NOREUSE", 5],
];

/** Constants of the sources that have C's names, by the file that they are in. */
const NAMED = /^const ((?:EPOLL|EV_|EVFILT_|O_|RESOLVE_|DT_|S_IF)\w+) = ([-\w]+)(?: << (\d+))?;$/gm;

/** Constants with C's names in the sources, but for those of files that are another system's. */
export function namedFacts({ os }: Target): Fact[] {
  const foreign = os === "linux" ? "kqueue.ts" : "epoll.ts";
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return files.filter((file) => basename(file) !== foreign).flatMap((file) => {
    const matches = readFileSync(join(SOURCES, file), "utf8").matchAll(NAMED);
    return [...matches].filter(([, name]) => os === "linux" || !name!.startsWith("RESOLVE_")).map(
      ([, name, value, shift]): Fact => [`(int)(${name})`, Number(value) << Number(shift ?? 0)],
    );
  });
}

/** Names that errnos.ts knows by their numbers, and no error of a runtime has. */
const ONLY_NUMBERS: Readonly<Record<string, Errno>> = { ENOTBLK: Errno.NOTSUP, ETIME: Errno.TIMEDOUT };

/** Names of C that stand for an errno of ours by another name. */
const OTHER_NAMES = [
  ..."E2BIG EDEADLOCK EOPNOTSUPP EWOULDBLOCK ENODATA ESHUTDOWN ETOOMANYREFS EUSERS EHOSTDOWN ENONET".split(" "),
  ..."EPFNOSUPPORT ESOCKTNOSUPPORT".split(" "),
];

/** Our errno of each name in C: that of `_errors.ts`, which has the names. */
function errnosByName(): Map<string, Errno> {
  const own = Object.keys(Errno).filter((name) => !["SUCCESS", "TOOBIG", "NOTCAPABLE"].includes(name));
  const names = [...own.map((name) => `E${name}`), ...OTHER_NAMES];
  return new Map([
    ...names.map((name): [string, Errno] => [name, errnoFromError({ code: name })]),
    ...Object.entries(ONLY_NUMBERS),
  ]);
}

/** The table of a target: each name has one of the numbers of its errno, and each number is that of one of its names. */
export function errnoFacts({ errnos }: Target): Fact[] {
  const byName = errnosByName();
  const names = [...byName].map(([name, errno]): Fact => {
    const numbers = errnos.flatMap((known, number) => known === errno && number > 0 ? [number] : []);
    return [`(${[-1, ...numbers].map((number) => `${name} == ${number}`).join(" || ")})`, 1];
  });
  const numbers = errnos.flatMap((errno, number): Fact[] => {
    if (number === 0 || (errno === Errno.IO && number !== 5)) return [];
    const own = [...byName].filter(([, known]) => known === errno);
    return [[`(${own.map(([name]) => `${number} == ${name}`).join(" || ")})`, 1]];
  });
  return [...names, ...numbers];
}

const HEADERS = {
  common: [
    "stddef.h",
    "stdio.h",
    "errno.h",
    "fcntl.h",
    "dirent.h",
    "limits.h",
    "netdb.h",
    "poll.h",
    "time.h",
    "unistd.h",
    "netinet/in.h",
    "netinet/tcp.h",
    "sys/ioctl.h",
    "sys/mman.h",
    "sys/socket.h",
    "sys/stat.h",
    "sys/uio.h",
    "sys/un.h",
  ],
  linux: ["sys/epoll.h", "sys/syscall.h", "linux/openat2.h"],
  darwin: ["sys/event.h", "sys/filio.h"],
};

function prelude({ os }: Target): string {
  const undefinedErrnos = [...errnosByName().keys()].map((name) => `#ifndef ${name}\n#define ${name} -1\n#endif`);
  return [
    "#define _GNU_SOURCE",
    ...[...HEADERS.common, ...HEADERS[os]].map((header) => `#include <${header}>`),
    "#ifndef UIO_MAXIOV\n#define UIO_MAXIOV IOV_MAX\n#endif",
    // musl has the 64-bit functions under their plain names only.
    "#ifndef __GLIBC__\n#define dirent64 dirent\n#endif",
    ...absences(),
    ...undefinedErrnos,
    "",
  ].join("\n");
}

/** A program that prints the value of each fact in a line. */
export function printingProgram(target: Target, facts: readonly Fact[]): string {
  const lines = facts.map(([expression]) => `  printf("%lld\\n", (long long)(${expression}));`);
  return `${prelude(target)}int main(void) {\n${lines.join("\n")}\n  return 0;\n}\n`;
}

/** A source that can't be compiled unless each fact holds. */
export function assertingSource(target: Target, facts: readonly Fact[]): string {
  const lines = facts.map(([expression, value]) =>
    `_Static_assert((long long)(${expression}) == ${value}, "${expression} is not ${value}");`
  );
  return `${prelude(target)}${lines.join("\n")}\n`;
}
