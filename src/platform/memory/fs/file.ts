/** An open regular file. */

import { Errno } from "../../../witx/errno.ts";
import type { Filestat } from "../../../witx/types.ts";
import type { OpenFlags, PlatformFile } from "../../../contract/platform.ts";
import { MAX_FILE_SIZE } from "./content.ts";
import { type FileInode, modified, reclaim, setTimes, storeAttributes } from "./inode.ts";

/** A file in memory. It stays usable after its last name was removed. */
export class MemoryFile implements PlatformFile {
  /** Always `file`. */
  readonly kind = "file";
  readonly #inode: FileInode;
  readonly #reads: boolean;
  readonly #writes: boolean;
  #appends: boolean;
  #isOpen = true;

  /**
   * Open a file.
   *
   * @param inode The file.
   * @param flags How it is opened.
   */
  constructor(inode: FileInode, flags: OpenFlags) {
    this.#inode = inode;
    this.#reads = flags.read;
    this.#writes = flags.write;
    this.#appends = flags.append;
    inode.opened++;
  }

  pread(bytes: Uint8Array, start: number, length: number, offset: number): number {
    if (!this.#isOpen || !this.#reads) return -Errno.BADF;
    return this.#inode.content.read(bytes, start, length, offset);
  }

  /** As on Linux, the offset does not matter while the file is in append mode. */
  pwrite(bytes: Uint8Array, start: number, length: number, offset: number): number {
    if (!this.#isOpen || !this.#writes) return -Errno.BADF;
    const { content } = this.#inode;
    const written = content.write(bytes, start, length, this.#appends ? content.size : offset);
    if (written > 0) modified(this.#inode);
    return written;
  }

  append(bytes: Uint8Array, start: number, length: number): number {
    return this.pwrite(bytes, start, length, this.#inode.content.size);
  }

  setAppend(on: boolean): number {
    if (!this.#isOpen) return -Errno.BADF;
    this.#appends = on;
    return 0;
  }

  size(): number {
    return this.#isOpen ? this.#inode.content.size : -Errno.BADF;
  }

  fstat(out: Filestat): number {
    return this.#isOpen ? storeAttributes(this.#inode, out) : -Errno.BADF;
  }

  ftruncate(size: number): number {
    if (!this.#isOpen) return -Errno.BADF;
    if (!this.#writes || size < 0) return -Errno.INVAL;
    if (size > MAX_FILE_SIZE) return -Errno.FBIG;
    this.#inode.content.setSize(size);
    modified(this.#inode);
    return 0;
  }

  futimens(atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.#isOpen ? setTimes(this.#inode, atim, mtim) : -Errno.BADF;
  }

  fsync(): number {
    return this.#isOpen ? 0 : -Errno.BADF;
  }

  fdatasync(): number {
    return this.#isOpen ? 0 : -Errno.BADF;
  }

  fadvise(): number {
    return this.#isOpen ? 0 : -Errno.BADF;
  }

  /** Space is checked but not reserved. */
  fallocate(offset: number, length: number): number {
    if (!this.#isOpen || !this.#writes) return -Errno.BADF;
    if (offset < 0 || length <= 0) return -Errno.INVAL;
    const { content, volume } = this.#inode;
    const end = offset + length;
    if (end > MAX_FILE_SIZE) return -Errno.FBIG;
    if (end - Math.max(offset, content.size) > volume.bytes.free) return -Errno.NOSPC;
    if (end <= content.size) return 0;
    content.setSize(end);
    modified(this.#inode);
    return 0;
  }

  close(): number {
    if (!this.#isOpen) return -Errno.BADF;
    this.#isOpen = false;
    this.#inode.opened--;
    reclaim(this.#inode);
    return 0;
  }
}
