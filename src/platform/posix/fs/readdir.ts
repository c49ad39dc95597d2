/** Listing directories. */

import { Errno } from "../../../witx/errno.ts";
import { Filetype } from "../../../witx/types.ts";
import { textOfBytes } from "../../../text/byte_text.ts";
import type { DirectoryEntry } from "../../../contract/platform.ts";
import type { Region } from "../ffi/arena.ts";
import type { ForeignCalls, ForeignFunctions } from "../ffi/ffi.ts";
import type { Libc } from "../ffi/libc.ts";
import type { Syscalls } from "../syscalls.ts";
import type { Failure } from "../../../contract/results.ts";

/** Bytes of one call. */
const BUFFER_BYTES = 32 * 1024;

/** Types of entries, the same on Linux and macOS. Source: dirent.h. */
const FILETYPES: Readonly<Record<number, Filetype>> = {
  1: Filetype.UNKNOWN,
  2: Filetype.CHARACTER_DEVICE,
  4: Filetype.DIRECTORY,
  6: Filetype.BLOCK_DEVICE,
  8: Filetype.REGULAR_FILE,
  10: Filetype.SYMBOLIC_LINK,
  12: Filetype.SOCKET_STREAM,
};
const DT_UNKNOWN = 0;

const LINUX = {
  getdents64: { parameters: ["i32", "address", "i32"], result: "i32" },
  lseek: { parameters: ["i32", "i32", "i32"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

const DARWIN = {
  dup: { parameters: ["i32"], result: "i32" },
  fdopendir: { parameters: ["i32"], result: "i64" },
  rewinddir: { parameters: ["i64"], result: "i32" },
  readdir: { parameters: ["i64"], result: "i64" },
  closedir: { parameters: ["i64"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

/** Where the members of `struct dirent` (`linux_dirent64`) start. */
interface DirentLayout {
  readonly size: number;
  readonly type: number;
  readonly name: number;
}

const LINUX_DIRENT: DirentLayout = { size: 16, type: 18, name: 19 };
const DARWIN_DIRENT: DirentLayout = { size: 16, type: 20, name: 21 };

/** What listing takes, made for the first directory that is listed. */
interface Listing {
  readonly linux: ForeignCalls<keyof typeof LINUX> | undefined;
  readonly darwin: ForeignCalls<keyof typeof DARWIN> | undefined;
  readonly buffer: Region;
}

function openListing(libc: Libc): Listing {
  const isLinux = libc.target.os === "linux";
  return {
    linux: isLinux ? libc.open(LINUX) : undefined,
    darwin: isLinux ? undefined : libc.open(DARWIN),
    buffer: libc.arena.allocate(isLinux ? BUFFER_BYTES : 16),
  };
}

/**
 * All entries of a directory but `.` and `..`.
 *
 * @param syscalls The system's calls.
 * @param fd Descriptor of the directory, which is nobody else's.
 */
export function readEntries(syscalls: Syscalls, fd: number): DirectoryEntry[] | Failure {
  const { linux, darwin, buffer } = syscalls.libc.parts.get(openListing);
  const entries: DirectoryEntry[] = [];
  const result = linux !== undefined
    ? readOnLinux(syscalls, fd, linux, buffer, entries)
    : readOnDarwin(syscalls, fd, darwin!, entries);
  if (result < 0) return result;
  for (const entry of entries) findType(syscalls, fd, entry);
  return entries;
}

function readOnLinux(
  { libc }: Syscalls,
  fd: number,
  { getdents64, lseek }: ForeignCalls<keyof typeof LINUX>,
  { address, u8 }: Region,
  entries: DirectoryEntry[],
): number {
  const view = new DataView(u8.buffer, u8.byteOffset, u8.byteLength);
  lseek(fd, 0, 0);
  for (;;) {
    const length = libc.result(getdents64(fd, address, BUFFER_BYTES));
    // The directory was removed.
    if (length === -Errno.NOENT) return 0;
    if (length <= 0) return length;
    for (let at = 0; at < length; at += view.getUint16(at + LINUX_DIRENT.size, true)) {
      addEntry(view, at, LINUX_DIRENT, entries);
    }
  }
}

function readOnDarwin(
  { libc, fds }: Syscalls,
  fd: number,
  calls: ForeignCalls<keyof typeof DARWIN>,
  entries: DirectoryEntry[],
): number {
  const duplicate = libc.result(calls.dup(fd));
  if (duplicate < 0) return duplicate;
  const opened = calls.fdopendir(duplicate);
  if (opened <= 0) {
    fds.close(duplicate);
    return -Errno.IO;
  }
  const stream = libc.ffi.i64(opened);
  calls.rewinddir(stream);
  for (;;) {
    const entry = calls.readdir(stream);
    if (entry <= 0) break;
    const size = new DataView(libc.ffi.view(entry, DARWIN_DIRENT.name)).getUint16(DARWIN_DIRENT.size, true);
    addEntry(new DataView(libc.ffi.view(entry, size)), 0, DARWIN_DIRENT, entries);
  }
  calls.closedir(stream);
  return 0;
}

function addEntry(view: DataView, at: number, layout: DirentLayout, entries: DirectoryEntry[]): void {
  const start = at + layout.name;
  let end = start;
  while (view.getUint8(end) !== 0) end++;
  const name = textOfBytes(new Uint8Array(view.buffer, view.byteOffset + start, end - start));
  if (name === "." || name === "..") return;
  const type = view.getUint8(at + layout.type);
  const filetype = type === DT_UNKNOWN ? undefined : FILETYPES[type];
  entries.push({ name, filetype: filetype ?? NOT_REPORTED, ino: view.getBigUint64(at, true) });
}

/** Placeholder for a type that the file system did not report, until fstatat(2) is called. */
const NOT_REPORTED = 255 as Filetype;

function findType({ paths, fds }: Syscalls, fd: number, entry: DirectoryEntry): void {
  if (entry.filetype !== NOT_REPORTED) return;
  entry.filetype = paths.fstatat(fd, entry.name) < 0 ? Filetype.UNKNOWN : fds.stat.filetype();
}
