/** How each call is shown: its name, what it was given, what came of it. */

import { Family, SocketOption, SocketType } from "../core/system.ts";
import type { IoVectors, OffsetResult, SizeResult, System } from "../core/system.ts";
import {
  Advice,
  Clockid,
  Fdflags,
  Fstflags,
  Lookupflags,
  Oflags,
  Riflags,
  Sdflags,
  Signal,
  Whence,
} from "../witx/types.ts";
import { flagText, nameText, rightsText } from "./flag_text.ts";
import { eventsText, subscriptionsText } from "./poll_text.ts";
import { fdstatText, filestatText, prestatText, timeText } from "./record_text.ts";
import { addressesText, endpointText, optionText, receivedText } from "./socket_text.ts";
import { quoted, quotedBytes } from "./string_text.ts";

/** How a call is shown. */
export interface CallText<Args extends readonly unknown[]> {
  /** Its witx name. */
  readonly name: string;
  /** What it was given. */
  given(...args: Args): string;
  /** What came of it, if it succeeded; without this it is SUCCESS. */
  got?(...args: Args): string;
  /** Another import that the same method answers. */
  readonly also?: { readonly name: string; got(...args: Args): string };
}

/** Methods that answer an errno. */
export type Answering = Omit<System, "argsGet" | "environGet" | "procExit" | "waitFd">;

/** How all calls are shown that answer an errno. */
export type CallTexts = { readonly [Method in keyof Answering]: CallText<Parameters<Answering[Method]>> };

const fdText = (fd: number): string => String(fd | 0);
const sizeText = ({ size }: SizeResult): string => String(size);
const offsetText = ({ offset }: OffsetResult): string => String(offset);
const u64Text = (value: bigint): string => String(BigInt.asUintN(64, value));
const lookupText = (flags: number): string => flagText(Lookupflags, flags);

function bytesText({ lengths, count }: IoVectors): string {
  let total = 0;
  for (let i = 0; i < count; i++) total += lengths[i]!;
  return `${total} bytes`;
}

function timesText(atim: bigint, mtim: bigint, fstFlags: number): string {
  return `${u64Text(atim)}, ${u64Text(mtim)}, ${flagText(Fstflags, fstFlags)}`;
}

/** One with a descriptor alone. */
function ofDescriptor(name: string): CallText<[fd: number]> {
  return { name, given: fdText };
}

/** One with a descriptor and a path. */
function ofPath(name: string): CallText<[fd: number, path: string]> {
  return { name, given: (fd, path) => `${fdText(fd)}, ${quoted(path)}` };
}

/** How each call is shown that answers an errno. */
export const CALL_TEXTS: CallTexts = {
  clockResGet: { name: "clock_res_get", given: (id) => nameText(Clockid, id), got: (_id, out) => timeText(out) },
  clockTimeGet: { name: "clock_time_get", given: (id) => nameText(Clockid, id), got: (_id, out) => timeText(out) },

  fdAdvise: {
    name: "fd_advise",
    given: (fd, offset, len, advice) => `${fdText(fd)}, ${offset}, ${len}, ${nameText(Advice, advice)}`,
  },
  fdAllocate: { name: "fd_allocate", given: (fd, offset, len) => `${fdText(fd)}, ${offset}, ${len}` },
  fdClose: ofDescriptor("fd_close"),
  fdDatasync: ofDescriptor("fd_datasync"),
  fdFdstatGet: { name: "fd_fdstat_get", given: fdText, got: (_fd, out) => fdstatText(out) },
  fdFdstatSetFlags: {
    name: "fd_fdstat_set_flags",
    given: (fd, flags) => `${fdText(fd)}, ${flagText(Fdflags, flags)}`,
  },
  fdFdstatSetRights: {
    name: "fd_fdstat_set_rights",
    given: (fd, base, inheriting) => `${fdText(fd)}, ${rightsText(base)}, ${rightsText(inheriting)}`,
  },
  fdFilestatGet: { name: "fd_filestat_get", given: fdText, got: (_fd, out) => filestatText(out) },
  fdFilestatSetSize: { name: "fd_filestat_set_size", given: (fd, size) => `${fdText(fd)}, ${size}` },
  fdFilestatSetTimes: {
    name: "fd_filestat_set_times",
    given: (fd, atim, mtim, fstFlags) => `${fdText(fd)}, ${timesText(atim, mtim, fstFlags)}`,
  },
  fdPread: {
    name: "fd_pread",
    given: (fd, iovs, offset) => `${fdText(fd)}, ${bytesText(iovs)}, ${offset}`,
    got: (_fd, _iovs, _offset, out) => sizeText(out),
  },
  fdPrestatGet: {
    name: "fd_prestat_get",
    given: fdText,
    got: (_fd, out) => prestatText(out),
    also: { name: "fd_prestat_dir_name", got: (_fd, out) => quotedBytes(out.name) },
  },
  fdPwrite: {
    name: "fd_pwrite",
    given: (fd, iovs, offset) => `${fdText(fd)}, ${bytesText(iovs)}, ${offset}`,
    got: (_fd, _iovs, _offset, out) => sizeText(out),
  },
  fdRead: {
    name: "fd_read",
    given: (fd, iovs) => `${fdText(fd)}, ${bytesText(iovs)}`,
    got: (_fd, _iovs, out) => sizeText(out),
  },
  fdReaddir: {
    name: "fd_readdir",
    given: (fd, _bytes, _start, length, cookie) => `${fdText(fd)}, ${length} bytes, ${u64Text(cookie)}`,
    got: (_fd, _bytes, _start, _length, _cookie, out) => sizeText(out),
  },
  fdRenumber: { name: "fd_renumber", given: (fd, to) => `${fdText(fd)}, ${fdText(to)}` },
  fdSeek: {
    name: "fd_seek",
    given: (fd, offset, whence) => `${fdText(fd)}, ${offset}, ${nameText(Whence, whence)}`,
    got: (_fd, _offset, _whence, out) => offsetText(out),
  },
  fdSync: ofDescriptor("fd_sync"),
  fdTell: { name: "fd_tell", given: fdText, got: (_fd, out) => offsetText(out) },
  fdWrite: {
    name: "fd_write",
    given: (fd, iovs) => `${fdText(fd)}, ${bytesText(iovs)}`,
    got: (_fd, _iovs, out) => sizeText(out),
  },

  pathCreateDirectory: ofPath("path_create_directory"),
  pathFilestatGet: {
    name: "path_filestat_get",
    given: (fd, flags, path) => `${fdText(fd)}, ${lookupText(flags)}, ${quoted(path)}`,
    got: (_fd, _flags, _path, out) => filestatText(out),
  },
  pathFilestatSetTimes: {
    name: "path_filestat_set_times",
    given: (fd, flags, path, atim, mtim, fstFlags) =>
      `${fdText(fd)}, ${lookupText(flags)}, ${quoted(path)}, ${timesText(atim, mtim, fstFlags)}`,
  },
  pathLink: {
    name: "path_link",
    given: (oldFd, oldFlags, oldPath, newFd, newPath) =>
      `${fdText(oldFd)}, ${lookupText(oldFlags)}, ${quoted(oldPath)}, ${fdText(newFd)}, ${quoted(newPath)}`,
  },
  pathOpen: {
    name: "path_open",
    given: (fd, dirflags, path, oflags, base, inheriting, fdflags) =>
      `${fdText(fd)}, ${lookupText(dirflags)}, ${quoted(path)}, ${flagText(Oflags, oflags)}, ` +
      `${rightsText(base)}, ${rightsText(inheriting)}, ${flagText(Fdflags, fdflags)}`,
    got: (_fd, _dirflags, _path, _oflags, _base, _inheriting, _fdflags, out) => sizeText(out),
  },
  pathReadlink: {
    name: "path_readlink",
    given: (fd, path, _bytes, _start, length) => `${fdText(fd)}, ${quoted(path)}, ${length} bytes`,
    got: (_fd, _path, bytes, start, _length, out) => quotedBytes(bytes.subarray(start, start + out.size)),
  },
  pathRemoveDirectory: ofPath("path_remove_directory"),
  pathRename: {
    name: "path_rename",
    given: (fd, oldPath, newFd, newPath) => `${fdText(fd)}, ${quoted(oldPath)}, ${fdText(newFd)}, ${quoted(newPath)}`,
  },
  pathSymlink: {
    name: "path_symlink",
    given: (oldPath, fd, newPath) => `${quoted(oldPath)}, ${fdText(fd)}, ${quoted(newPath)}`,
  },
  pathUnlinkFile: ofPath("path_unlink_file"),

  pollOneoff: { name: "poll_oneoff", given: subscriptionsText, got: (asked, events) => eventsText(events, asked) },
  procRaise: { name: "proc_raise", given: (sig) => nameText(Signal, sig) },
  schedYield: { name: "sched_yield", given: () => "" },
  randomGet: { name: "random_get", given: (_bytes, _start, length) => `${length} bytes` },

  sockAccept: {
    name: "sock_accept",
    given: (fd, flags) => `${fdText(fd)}, ${flagText(Fdflags, flags)}`,
    got: (_fd, _flags, out) => sizeText(out),
  },
  sockRecv: {
    name: "sock_recv",
    given: (fd, iovs, riFlags) => `${fdText(fd)}, ${bytesText(iovs)}, ${flagText(Riflags, riFlags)}`,
    got: (_fd, _iovs, _riFlags, out, roFlags, from) => receivedText(out, roFlags, from),
    also: {
      name: "sock_recv_from",
      got: (_fd, _iovs, _riFlags, out, roFlags, from) => receivedText(out, roFlags, from),
    },
  },
  sockSend: {
    name: "sock_send",
    given: (fd, iovs, siFlags, to) => {
      const text = `${fdText(fd)}, ${bytesText(iovs)}, ${flagText({}, siFlags)}`;
      return to === undefined ? text : `${text}, ${endpointText({ address: to })}`;
    },
    got: (_fd, _iovs, _siFlags, _to, out) => sizeText(out),
    also: { name: "sock_send_to", got: (_fd, _iovs, _siFlags, _to, out) => sizeText(out) },
  },
  sockShutdown: { name: "sock_shutdown", given: (fd, how) => `${fdText(fd)}, ${flagText(Sdflags, how)}` },
  sockOpen: {
    name: "sock_open",
    given: (family, type) => `${nameText(Family, family)}, ${nameText(SocketType, type)}`,
    got: (_family, _type, out) => sizeText(out),
  },
  sockBind: { name: "sock_bind", given: (fd, address) => `${fdText(fd)}, ${endpointText({ address })}` },
  sockListen: { name: "sock_listen", given: (fd, backlog) => `${fdText(fd)}, ${backlog}` },
  sockConnect: { name: "sock_connect", given: (fd, address) => `${fdText(fd)}, ${endpointText({ address })}` },
  sockGetOpt: {
    name: "sock_getsockopt",
    given: (fd, option) => `${fdText(fd)}, ${nameText(SocketOption, option)}`,
    got: (_fd, option, out) => optionText(option, out.value),
  },
  sockSetOpt: {
    name: "sock_setsockopt",
    given: (fd, option, value) => `${fdText(fd)}, ${nameText(SocketOption, option)}, ${optionText(option, value)}`,
  },
  sockGetLocalAddr: { name: "sock_getlocaladdr", given: fdText, got: (_fd, out) => endpointText(out) },
  sockGetPeerAddr: { name: "sock_getpeeraddr", given: fdText, got: (_fd, out) => endpointText(out) },
  sockLookup: {
    name: "sock_getaddrinfo",
    given: (name, family) => `${quoted(name)}, ${nameText(Family, family)}`,
    got: (_name, _family, out) => addressesText(out),
  },
};
