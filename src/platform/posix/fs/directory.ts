/**
 * Open directories. Every name is looked up in a descriptor, and no call follows a symbolic link, so that no race with
 * another process leads out (RATIONALE "What does the sandbox promise on each platform?").
 */

import { Errno } from "../../../witx/errno.ts";
import { type Filestat, Filetype } from "../../../witx/types.ts";
import type {
  DirectoryEntry,
  OpenFlags,
  PlatformDirectory,
  PlatformFile,
  PlatformStream,
} from "../../../contract/platform.ts";
import { PosixFile } from "./file.ts";
import { ignoreFileSizeSignal } from "./file_size_limit.ts";
import type { Syscalls } from "../syscalls.ts";
import { readEntries } from "./readdir.ts";
import { PosixStream } from "./stream.ts";
import type { Failure } from "../../../contract/results.ts";

const O_WRONLY = 1;
const O_RDWR = 2;
/** Permissions of a file that is made, before the umask. */
const MODE = 0o666;

/** A directory, by its descriptor. */
export class PosixDirectory implements PlatformDirectory {
  readonly kind = "directory";
  readonly takesBytes = true;
  readonly #syscalls: Syscalls;
  #fd: number;

  /**
   * @param syscalls The system's calls.
   * @param fd Descriptor; closed with this object.
   */
  constructor(syscalls: Syscalls, fd: number) {
    this.#syscalls = syscalls;
    this.#fd = fd;
  }

  openDirectory(name: string): PlatformDirectory | Failure {
    const { O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC, O_PATH } = this.#syscalls.libc.target.open;
    const flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    let fd = this.#syscalls.paths.openat(this.#fd, name, flags);
    // One that may be searched, but not listed.
    if (fd === -Errno.ACCES && O_PATH !== 0) fd = this.#syscalls.paths.openat(this.#fd, name, flags | O_PATH);
    if (fd >= 0) return new PosixDirectory(this.#syscalls, fd);
    return fd === -Errno.LOOP ? -Errno.NOTDIR : fd;
  }

  openBeneath(path: string): PlatformDirectory | Failure {
    const { O_DIRECTORY, O_CLOEXEC, O_PATH } = this.#syscalls.libc.target.open;
    const fd = this.#openBeneath(path, O_DIRECTORY | O_CLOEXEC | O_PATH, 0);
    return fd < 0 ? fd : new PosixDirectory(this.#syscalls, fd);
  }

  openFileBeneath(path: string, flags: OpenFlags): PlatformFile | PlatformStream | Failure {
    const fd = this.#openBeneath(path, this.#bits(flags), flags.create ? MODE : 0);
    return fd < 0 ? fd : this.#classify(fd);
  }

  #openBeneath(path: string, bits: number, mode: number): number {
    if (!this.#syscalls.opensBeneath) return -Errno.NOSYS;
    const fd = this.#syscalls.paths.openBeneath(this.#fd, path, bits, mode);
    if (fd === -Errno.NOSYS) this.#syscalls.opensBeneath = false;
    return fd;
  }

  openFile(name: string, flags: OpenFlags): PlatformFile | PlatformStream | Failure {
    if (flags.write) ignoreFileSizeSignal(this.#syscalls.libc);
    const fd = this.#syscalls.paths.openat(this.#fd, name, this.#bits(flags), flags.create ? MODE : undefined);
    return fd < 0 ? fd : this.#classify(fd);
  }

  #bits(flags: OpenFlags): number {
    const c = this.#syscalls.libc.target.open;
    // O_NONBLOCK: opening a FIFO must not wait for its other end.
    let bits = c.O_NOFOLLOW | c.O_CLOEXEC | c.O_NOCTTY | c.O_NONBLOCK;
    if (flags.write) bits |= flags.read ? O_RDWR : O_WRONLY;
    if (flags.append) bits |= c.O_APPEND;
    if (flags.create) bits |= c.O_CREAT;
    if (flags.create && flags.exclusive) bits |= c.O_EXCL;
    if (flags.truncate) bits |= c.O_TRUNC;
    if (flags.syncData) bits |= c.O_DSYNC;
    if (flags.syncAll) bits |= c.O_SYNC;
    return bits;
  }

  #classify(fd: number): PlatformFile | PlatformStream | Failure {
    const { fds } = this.#syscalls;
    if (fds.isPlainFile(fd)) return new PosixFile(this.#syscalls, fd);
    const result = fds.fstat(fd);
    const filetype = fds.stat.filetype();
    if (result >= 0 && filetype === Filetype.REGULAR_FILE) return new PosixFile(this.#syscalls, fd);
    if (result >= 0 && filetype !== Filetype.DIRECTORY) return new PosixStream(this.#syscalls, fd, filetype);
    fds.close(fd);
    return result < 0 ? result : -Errno.ISDIR;
  }

  fstatat(name: string, out: Filestat): number {
    const result = this.#syscalls.paths.fstatat(this.#fd, name);
    if (result >= 0) this.#syscalls.fds.stat.store(out);
    return result;
  }

  fstat(out: Filestat): number {
    return this.#syscalls.fds.fstatInto(this.#fd, out);
  }

  fstatParent(out: Filestat): number {
    return this.fstatat("..", out);
  }

  utimensat(name: string, atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.#syscalls.paths.utimensat(this.#fd, name, atim, mtim);
  }

  /** By the name of the directory in itself, because one that was opened with O_PATH has no futimens(3). */
  futimens(atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.#syscalls.paths.utimensat(this.#fd, ".", atim, mtim);
  }

  readlinkat(name: string): string | Failure {
    return this.#syscalls.paths.readlinkat(this.#fd, name);
  }

  mkdirat(name: string): number {
    return this.#syscalls.paths.mkdirat(this.#fd, name, 0o777);
  }

  symlinkat(target: string, name: string): number {
    return this.#syscalls.paths.symlinkat(target, this.#fd, name);
  }

  linkat(name: string, newDirectory: PlatformDirectory, newName: string): number {
    if (!(newDirectory instanceof PosixDirectory)) return -Errno.XDEV;
    return this.#syscalls.paths.linkat(this.#fd, name, newDirectory.#fd, newName);
  }

  renameat(name: string, newDirectory: PlatformDirectory, newName: string): number {
    if (!(newDirectory instanceof PosixDirectory)) return -Errno.XDEV;
    return this.#syscalls.paths.renameat(this.#fd, name, newDirectory.#fd, newName);
  }

  unlinkat(name: string): number {
    return this.#syscalls.paths.unlinkat(this.#fd, name, 0);
  }

  rmdirat(name: string): number {
    return this.#syscalls.paths.unlinkat(this.#fd, name, this.#syscalls.libc.target.at.AT_REMOVEDIR);
  }

  readdir(): DirectoryEntry[] | Failure {
    const entries = readEntries(this.#syscalls, this.#fd);
    // Opened with O_PATH, for it may not be read.
    return entries === -Errno.BADF && this.#fd >= 0 ? -Errno.ACCES : entries;
  }

  /** Where there is no /proc, a unix socket can't be named by the descriptor of its directory. */
  socketPath(name: string): string | Failure {
    return this.#syscalls.libc.target.os === "linux" ? `/proc/self/fd/${this.#fd}/${name}` : -Errno.NOTSUP;
  }

  fsync(): number {
    const result = this.#syscalls.fds.fsync(this.#fd);
    // Opened with O_PATH: there is nothing of ours to be written.
    return result === -Errno.BADF && this.#fd >= 0 ? 0 : result;
  }

  close(): number {
    const fd = this.#fd;
    this.#fd = -1;
    return this.#syscalls.fds.close(fd);
  }
}
