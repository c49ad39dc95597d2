/**
 * Calls of a system with the arguments and results of a test: errors by name, bytes as text.
 *
 * @module
 */

import { textOfBytes } from "../../src/text/byte_text.ts";
import type { IoVectors } from "../../src/contract/vectors.ts";
import type { System } from "../../src/preview1/system.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { emptyFilestat, type Fdstat, type Filestat, Lookupflags, RIGHTS_ALL } from "../../src/witx/types.ts";
import type { U32Result } from "../../src/preview1/results.ts";

/** Name of an errno, `SUCCESS` among them. */
export type ErrnoName = keyof typeof Errno;

/** What a call answers that has a result: it, or the error. */
export type Result<T> = T | { readonly errno: ErrnoName };

/** How {@linkcode Caller.open} opens; the default is to read and write what is there, with all rights. */
export interface OpenOptions {
  readonly fd?: number;
  readonly follow?: boolean;
  readonly oflags?: number;
  readonly rights?: number;
  readonly inheriting?: number;
  readonly fdflags?: number;
}

/** One record of fd_readdir. */
export interface Dirent {
  readonly name: string;
  readonly next: bigint;
  readonly ino: bigint;
  readonly filetype: number;
}

/** The first preopen. */
export const ROOT = 3;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @returns What a call with a result answers when it fails. */
export function failed(errno: ErrnoName): { readonly errno: ErrnoName } {
  return { errno };
}

/** Pieces of text, or of room for bytes, as a system takes them. */
export function iovectors(...pieces: readonly (string | number)[]): IoVectors {
  const parts = pieces.map((piece) => typeof piece === "number" ? new Uint8Array(piece) : encoder.encode(piece));
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  const starts = new Uint32Array(parts.length);
  const lengths = new Uint32Array(parts.length);
  let at = 0;
  parts.forEach((part, i) => {
    bytes.set(part, at);
    starts[i] = at;
    lengths[i] = part.length;
    at += part.length;
  });
  return { bytes, starts, lengths, count: parts.length };
}

/** Read the records of a buffer; the last one may be cut, and is then left out. */
export function parseDirents(bytes: Uint8Array): Dirent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Dirent[] = [];
  for (let at = 0; at + 24 <= bytes.length;) {
    const end = at + 24 + view.getUint32(at + 16, true);
    if (end > bytes.length) break;
    entries.push({
      name: textOfBytes(bytes.subarray(at + 24, end)),
      next: view.getBigUint64(at, true),
      ino: view.getBigUint64(at + 8, true),
      filetype: view.getUint8(at + 20),
    });
    at = end;
  }
  return entries;
}

/** Calls a system. */
export class Caller {
  readonly system: System;

  /** @param system Under test. */
  constructor(system: System) {
    this.system = system;
  }

  open(path: string, options: OpenOptions = {}): Result<number> {
    const { fd = ROOT, follow = true, oflags = 0, rights = RIGHTS_ALL, inheriting = RIGHTS_ALL, fdflags = 0 } = options;
    const out: U32Result = { value: 0 };
    const lookup = follow ? Lookupflags.SYMLINK_FOLLOW : 0;
    const errno = this.system.path.open(fd, lookup, path, oflags, rights, inheriting, fdflags, out);
    return result(errno, () => out.value);
  }

  /** As {@linkcode Caller.open}. @throws {Error} If it fails. */
  mustOpen(path: string, options: OpenOptions = {}): number {
    const opened = this.open(path, options);
    if (typeof opened !== "number") throw new Error(`Cannot open ${path}: ${opened.errno}`);
    return opened;
  }

  close(fd: number): ErrnoName {
    return name(this.system.fd.close(fd));
  }

  read(fd: number, ...lengths: readonly number[]): Result<string> {
    const iovs = iovectors(...lengths);
    const out: U32Result = { value: 0 };
    return result(this.system.fd.read(fd, iovs, out), () => decoder.decode(iovs.bytes.subarray(0, out.value)));
  }

  write(fd: number, ...pieces: readonly string[]): Result<number> {
    const out: U32Result = { value: 0 };
    return result(this.system.fd.write(fd, iovectors(...pieces), out), () => out.value);
  }

  pread(fd: number, offset: bigint, ...lengths: readonly number[]): Result<string> {
    const iovs = iovectors(...lengths);
    const out: U32Result = { value: 0 };
    const errno = this.system.fd.pread(fd, iovs, asFloat(offset), out);
    return result(errno, () => decoder.decode(iovs.bytes.subarray(0, out.value)));
  }

  pwrite(fd: number, offset: bigint, ...pieces: readonly string[]): Result<number> {
    const out: U32Result = { value: 0 };
    return result(this.system.fd.pwrite(fd, iovectors(...pieces), asFloat(offset), out), () => out.value);
  }

  seek(fd: number, offset: bigint, whence: number): Result<number> {
    const out = { offset: 0 };
    return result(this.system.fd.seek(fd, asFloat(offset), whence, out), () => out.offset);
  }

  tell(fd: number): Result<number> {
    const out = { offset: 0 };
    return result(this.system.fd.tell(fd, out), () => out.offset);
  }

  fdstat(fd: number): Result<Fdstat> {
    const out: Fdstat = { fsFiletype: 0, fsFlags: 0, fsRightsBase: 0, fsRightsInheriting: 0 };
    return result(this.system.fd.fdstatGet(fd, out), () => out);
  }

  stat(path: string, options: { fd?: number; follow?: boolean } = {}): Result<Filestat> {
    const { fd = ROOT, follow = true } = options;
    const out = emptyFilestat();
    return result(this.system.path.filestatGet(fd, follow ? 1 : 0, path, out), () => out);
  }

  fdStat(fd: number): Result<Filestat> {
    const out = emptyFilestat();
    return result(this.system.fd.filestatGet(fd, out), () => out);
  }

  mkdir(path: string, fd: number = ROOT): ErrnoName {
    return name(this.system.path.createDirectory(fd, path));
  }

  rmdir(path: string, fd: number = ROOT): ErrnoName {
    return name(this.system.path.removeDirectory(fd, path));
  }

  unlink(path: string, fd: number = ROOT): ErrnoName {
    return name(this.system.path.unlinkFile(fd, path));
  }

  symlink(target: string, path: string, fd: number = ROOT): ErrnoName {
    return name(this.system.path.symlink(target, fd, path));
  }

  readlink(path: string, options: { fd?: number; length?: number } = {}): Result<string> {
    const bytes = new Uint8Array(options.length ?? 8192);
    const out: U32Result = { value: 0 };
    const errno = this.system.path.readlink(options.fd ?? ROOT, path, bytes, 0, bytes.length, out);
    return result(errno, () => textOfBytes(bytes.subarray(0, out.value)));
  }

  link(path: string, newPath: string, options: { fd?: number; newFd?: number; flags?: number } = {}): ErrnoName {
    const { fd = ROOT, newFd = ROOT, flags = 0 } = options;
    return name(this.system.path.link(fd, flags, path, newFd, newPath));
  }

  rename(path: string, newPath: string, options: { fd?: number; newFd?: number } = {}): ErrnoName {
    return name(this.system.path.rename(options.fd ?? ROOT, path, options.newFd ?? ROOT, newPath));
  }

  setSize(fd: number, size: bigint): ErrnoName {
    return name(this.system.fd.filestatSetSize(fd, size));
  }

  /** One call of fd_readdir: the bytes that it stored. */
  readdirBytes(fd: number, cookie: bigint, length: number): Result<Uint8Array> {
    const bytes = new Uint8Array(length);
    const out: U32Result = { value: 0 };
    const errno = this.system.fd.readdir(fd, bytes, 0, length, cookie, out);
    return result(errno, () => bytes.subarray(0, out.value));
  }

  /** All entries, as many calls as it takes with buffers of `length` bytes. @throws {Error} If one fails. */
  list(fd: number, length = 4096): Dirent[] {
    const entries: Dirent[] = [];
    let cookie = 0n;
    for (;;) {
      const bytes = this.readdirBytes(fd, cookie, length);
      if (!(bytes instanceof Uint8Array)) throw new Error(`Cannot list ${fd}: ${bytes.errno}`);
      const some = parseDirents(bytes);
      entries.push(...some);
      if (bytes.length < length) return entries;
      if (some.length === 0) throw new Error(`Cannot list ${fd}: no entry fits into ${length} bytes`);
      cookie = some.at(-1)!.next;
    }
  }

  /** Names of a directory, sorted, without `.` and `..`. */
  names(path = ".", fd: number = ROOT): string[] {
    const opened = this.mustOpen(path, { fd, oflags: 2, rights: 0x4000 });
    try {
      return this.list(opened).map((entry) => entry.name).filter((entry) => entry !== "." && entry !== "..").sort();
    } finally {
      this.close(opened);
    }
  }

  /** Make a file, or replace what is in it. @throws {Error} If it fails. */
  put(path: string, content: string, fd: number = ROOT): void {
    const opened = this.mustOpen(path, { fd, oflags: 1 | 8 });
    const written = this.write(opened, content);
    this.close(opened);
    if (written !== encoder.encode(content).length) throw new Error(`Cannot write ${path}: ${JSON.stringify(written)}`);
  }

  /** Content of a file. */
  get(path: string, fd: number = ROOT): Result<string> {
    const opened = this.open(path, { fd, rights: 0x2 | 0x4 | 0x200000 });
    if (typeof opened !== "number") return opened;
    try {
      return this.read(opened, 65536);
    } finally {
      this.close(opened);
    }
  }
}

function name(errno: Errno): ErrnoName {
  return errnoName(errno) as ErrnoName;
}

function result<T>(errno: Errno, value: () => T): Result<T> {
  return errno === Errno.SUCCESS ? value() : { errno: name(errno) };
}

/** An i64 as the system takes it. */
function asFloat(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}
