/** What a descriptor number stands for, and the interface of all that can be open. */

import type { Errno } from "../witx/errno.ts";
import type { Filestat, Filetype } from "../witx/types.ts";
import type { Pollable } from "./platform.ts";
import type { IoVectors, OffsetResult, SizeResult } from "./system.ts";

/**
 * An open file, directory or stream: what numbers and rights are put on. Each kind answers for what it can't do, so
 * that the calls of `System` are a look-up, a check of rights and a delegation.
 */
export interface OpenObject {
  /** Type, fixed while it is open. */
  readonly filetype: Filetype;
  /** True for a terminal. */
  readonly isTerminal: boolean;
  /** What to wait for, or undefined where every operation can go ahead at once. */
  readonly pollable: Pollable | undefined;
  /** Bytes that can be read now, for the events of poll. */
  readableBytes(): number;
  /** Read at the object's own offset. */
  read(iovs: IoVectors, out: SizeResult): Errno;
  /** Write at the object's own offset; `append` puts it at the end. */
  write(iovs: IoVectors, append: boolean, out: SizeResult): Errno;
  /** Read at an offset. */
  pread(iovs: IoVectors, offset: number, out: SizeResult): Errno;
  /** Write at an offset; `append` puts it at the end all the same, as on Linux. */
  pwrite(iovs: IoVectors, offset: number, append: boolean, out: SizeResult): Errno;
  /** Move the offset. */
  seek(offset: number, whence: number, out: OffsetResult): Errno;
  /** List entries. */
  readdir(bytes: Uint8Array, start: number, length: number, cookie: number, out: SizeResult): Errno;
  /** Attributes. */
  stat(out: Filestat): Errno;
  /** Cut or extend. */
  setSize(size: number): Errno;
  /** Set times in ns; undefined leaves one. */
  setTimes(atim: bigint | undefined, mtim: bigint | undefined): Errno;
  /** To the disk; `data` without attributes. */
  sync(data: boolean): Errno;
  /** Advice of use. */
  advise(offset: number, length: number, advice: number): Errno;
  /** Make room. */
  allocate(offset: number, length: number): Errno;
  /** Turn append mode on or off. */
  setAppend(on: boolean): Errno;
  /** Close. */
  close(): Errno;
}

/** A row of the descriptor table. */
export interface Descriptor {
  /** What is open. */
  object: OpenObject;
  /** `Fdflags` as the guest set them. */
  flags: number;
  /** Rights of the descriptor. */
  rightsBase: number;
  /** Rights that descriptors opened through it may have. */
  rightsInheriting: number;
  /** Encoded name of a preopen, empty for a socket; undefined if it is none. */
  preopenName: Uint8Array | undefined;
  /** True for the guest's standard error, which never fails (RATIONALE "Why does standard error never fail?"). */
  unfailing: boolean;
}
