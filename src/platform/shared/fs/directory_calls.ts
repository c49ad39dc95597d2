/** What a runtime has to offer for directories: calls with paths, and descriptors where there are such. */

import type { Filestat } from "../../../witx/types.ts";
import type { DirectoryEntry, OpenFlags, PlatformFile, PlatformStream } from "../../../contract/platform.ts";
import type { Failure } from "../../../contract/results.ts";

/** Calls of a runtime with paths. None follows a symbolic link that the path itself is. 0 or more, or minus an errno. */
export interface PathCalls {
  /** As `PlatformDirectory.takesBytes`. */
  readonly takesBytes: boolean;
  /** What separates components in host paths. */
  readonly separator: string;
  /** lstat(2). */
  lstat(path: string, out: Filestat): number;
  /** open(2) of what is no directory. */
  open(path: string, flags: OpenFlags): PlatformFile | PlatformStream | Failure;
  /** utimensat(2). */
  lutimes(path: string, atim: bigint | undefined, mtim: bigint | undefined): number;
  /** readlink(2). */
  readlink(path: string): string | Failure;
  /** mkdir(2). */
  mkdir(path: string): number;
  /** symlink(2). */
  symlink(target: string, path: string): number;
  /** link(2). */
  link(path: string, newPath: string): number;
  /** rename(2). */
  rename(path: string, newPath: string): number;
  /** unlink(2). */
  unlink(path: string): number;
  /** rmdir(2). */
  rmdir(path: string): number;
  /** All entries but `.` and `..`. */
  readdir(path: string): DirectoryEntry[] | Failure;
  /** fsync(2) of a directory. */
  fsyncDirectory(path: string): number;
}

/** Calls that hold directories by a descriptor of the process. */
export interface DirectoryFdCalls {
  /** open(2) of a directory with O_PATH and O_NOFOLLOW. @returns The descriptor, or minus an errno (NOTDIR for a link). */
  open(path: string): number;
  /** fstat(2). @returns 0, or minus an errno. */
  fstat(fd: number, out: Filestat): number;
  /** close(2). @returns 0, or minus an errno. */
  close(fd: number): number;
}

/** Flags of open(2) that `node:fs` does not name, the same on every Linux that the runtimes run on. Source: asm-generic/fcntl.h. */
export const O_PATH = 0o10000000;
