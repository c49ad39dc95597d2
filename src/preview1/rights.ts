/** Which rights apply to which type of file. Source: typenames.witx `rights`. */

import { Filetype, Rights, RIGHTS_ALL } from "../witx/types.ts";

const ANY = Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_FILESTAT_GET | Rights.POLL_FD_READWRITE;

/** Rights that depend on how a descriptor was opened; all others are inherited from the directory. */
export const ACCESS_RIGHTS: number = Rights.FD_READ | Rights.FD_WRITE;

/** Rights that a regular file can have. */
export const FILE_RIGHTS: number = ANY | Rights.FD_DATASYNC | Rights.FD_READ | Rights.FD_SEEK | Rights.FD_SYNC |
  Rights.FD_TELL | Rights.FD_WRITE | Rights.FD_ADVISE | Rights.FD_ALLOCATE | Rights.FD_FILESTAT_SET_SIZE |
  Rights.FD_FILESTAT_SET_TIMES;

/** Rights that a directory can have. */
export const DIRECTORY_RIGHTS: number = ANY | Rights.FD_DATASYNC | Rights.FD_SYNC | Rights.PATH_CREATE_DIRECTORY |
  Rights.PATH_CREATE_FILE | Rights.PATH_LINK_SOURCE | Rights.PATH_LINK_TARGET | Rights.PATH_OPEN | Rights.FD_READDIR |
  Rights.PATH_READLINK | Rights.PATH_RENAME_SOURCE | Rights.PATH_RENAME_TARGET | Rights.PATH_FILESTAT_GET |
  Rights.PATH_FILESTAT_SET_SIZE | Rights.PATH_FILESTAT_SET_TIMES | Rights.FD_FILESTAT_SET_TIMES |
  Rights.PATH_SYMLINK | Rights.PATH_REMOVE_DIRECTORY | Rights.PATH_UNLINK_FILE;

/** Rights that a terminal or pipe can have. Without FD_SEEK and FD_TELL, wasi-libc's isatty takes it for a terminal. */
export const STREAM_RIGHTS: number = ANY | Rights.FD_READ | Rights.FD_WRITE;

/** Rights that a socket can have. */
export const SOCKET_RIGHTS: number = STREAM_RIGHTS | Rights.SOCK_SHUTDOWN | Rights.SOCK_ACCEPT;

/** Rights that a character device other than a terminal can have; with FD_SEEK isatty does not take it for a terminal. */
const DEVICE_RIGHTS: number = STREAM_RIGHTS | Rights.FD_SEEK | Rights.FD_TELL;

/**
 * Rights as a number, from the guest's 64 bits.
 *
 * @param rights Bits of the guest (u64); unknown ones are dropped.
 * @returns The 30 bits that are defined.
 */
export function rightsFromGuest(rights: bigint): number {
  return Number(rights & BigInt(RIGHTS_ALL));
}

/**
 * Rights that apply to a type.
 *
 * @param filetype Type of the file.
 * @param isTerminal True for a terminal.
 * @returns A mask of `Rights`.
 */
export function applicableRights(filetype: Filetype, isTerminal: boolean): number {
  switch (filetype) {
    case Filetype.DIRECTORY:
      return DIRECTORY_RIGHTS;
    case Filetype.REGULAR_FILE:
      return FILE_RIGHTS;
    case Filetype.CHARACTER_DEVICE:
      return isTerminal ? STREAM_RIGHTS : DEVICE_RIGHTS;
    case Filetype.SOCKET_DGRAM:
    case Filetype.SOCKET_STREAM:
      return SOCKET_RIGHTS;
    default:
      return STREAM_RIGHTS;
  }
}

/**
 * The access of a descriptor.
 *
 * @param requested Rights that the guest requests.
 * @param inheriting The directory's inheriting rights.
 * @returns FD_READ, FD_WRITE or both. A request without either means FD_READ, if the directory's inheriting rights have it.
 */
export function accessOf(requested: number, inheriting: number): number {
  const access = requested & ACCESS_RIGHTS;
  return access === 0 ? inheriting & Rights.FD_READ : access;
}
