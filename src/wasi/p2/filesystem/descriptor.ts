/** The resource `descriptor` of `wasi:filesystem/types`: an open file or directory. */

import type { Failure } from "../../../contract/results.ts";
import type { IoVectors } from "../../../contract/vectors.ts";
import { OpenDirectory } from "../../../core/fs/directory.ts";
import type { DirectoryEntries } from "../../../core/fs/entries.ts";
import { type Mount, MountedDirectory } from "../../../core/fs/mounted_directory.ts";
import type { OpenedPath } from "../../../core/fs/open.ts";
import type { ObjectHash } from "../../../core/fs/object_hash.ts";
import { Errno } from "../../../witx/errno.ts";
import { type Filestat, Filetype } from "../../../witx/types.ts";
import type { OpenFiles } from "../../open_files.ts";
import type { Filesystem } from "./filesystem.ts";
import { DescriptorFlags } from "./flags.ts";

/** What a descriptor may do. */
export interface DescriptorAccess {
  /** Bits of `DescriptorFlags`, as `get-flags` answers them. */
  readonly flags: number;
  /** True if it was opened through a preopen that may be changed: nothing else in it may be. */
  readonly isMutable: boolean;
  /** What counts it as open; missing for a preopen, which opens nothing at the host. */
  readonly counted?: OpenFiles;
}

/**
 * An open file, directory, or device. Its calls return what they produce (an object, a count or 0), or minus an errno:
 * BADF for what is only for files, or for what the file is not open for; NOTDIR for what is only for directories; PERM for
 * a change through a preopen that is read-only. The calls with paths are in {@link ./descriptor_paths.ts}.
 */
export class Descriptor {
  /** Bits of `DescriptorFlags`. */
  readonly flags: number;
  /** True if what it refers to may be changed as far as its preopen is concerned. */
  readonly isMutable: boolean;
  /** What is open. */
  readonly object: OpenedPath;
  /** What it shares with the other descriptors of the guest. */
  readonly filesystem: Filesystem;
  readonly #counted: OpenFiles | undefined;
  #references = 1;

  /**
   * @param filesystem What it shares with the other descriptors of the guest.
   * @param object What is open; it is closed with the descriptor and its streams.
   * @param access What it may do.
   */
  constructor(filesystem: Filesystem, object: OpenedPath, { flags, isMutable, counted }: DescriptorAccess) {
    this.filesystem = filesystem;
    this.object = object;
    this.flags = flags;
    this.isMutable = isMutable;
    this.#counted = counted;
  }

  /** The preopened root of a mount. */
  static ofMount(filesystem: Filesystem, mount: Mount): Descriptor {
    const isMutable = !mount.readOnly;
    const flags = DescriptorFlags.READ | (isMutable ? DescriptorFlags.MUTATE_DIRECTORY : 0);
    return new Descriptor(filesystem, new OpenDirectory(MountedDirectory.rootOf(mount)), { flags, isMutable });
  }

  /** The same descriptor for one more owner: a stream of it. */
  retain(): this {
    this.#references++;
    return this;
  }

  /** An owner drops it; the last one closes it. */
  close(): void {
    if (--this.#references > 0) return;
    this.#counted?.release();
    this.object.close();
  }

  /** Type of the file. */
  get filetype(): Filetype {
    return this.object.filetype;
  }

  /** The directory that paths start in. */
  get start(): MountedDirectory | Failure {
    const { object } = this;
    return object.kind === "directory" ? object.mounted : -Errno.NOTDIR;
  }

  /** As {@linkcode Descriptor.start}, for a change. */
  get startOfChange(): MountedDirectory | Failure {
    const { start } = this;
    return typeof start === "number" || this.isMutable ? start : -Errno.PERM;
  }

  /**
   * Reads at an offset. Errors: SPIPE a pipe; INVAL an offset below 0.
   *
   * @param offset Bytes from the start of the file; there are none at 2^53 and above.
   * @returns Bytes read, 0 at the end.
   */
  read(bytes: Uint8Array, start: number, length: number, offset: number): number {
    return this.#isPipe ? -Errno.SPIPE : this.readOn(bytes, start, length, offset);
  }

  /** As {@linkcode Descriptor.read}, for a stream, which pipes have too. @returns `-AGAIN` while nothing is there. */
  readOn(bytes: Uint8Array, start: number, length: number, offset: number): number {
    const { object } = this;
    if (object.kind === "directory") return -Errno.BADF;
    if ((this.flags & DescriptorFlags.READ) === 0) return -Errno.BADF;
    if (object.kind === "stream") return object.read(single(bytes, start, length));
    if (offset < 0) return -Errno.INVAL;
    return offset > Number.MAX_SAFE_INTEGER ? 0 : object.pread(bytes, start, length, offset);
  }

  /** Bytes from an offset to the end of the file; `Infinity` for what is not a file. */
  bytesFrom(offset: number): number {
    const { object } = this;
    if (object.kind !== "file") return Infinity;
    const size = object.size();
    return size < 0 ? size : Math.max(size - offset, 0);
  }

  /** Writes at an offset. Errors: INVAL it is below 0; FBIG it is 2^53 or above; SPIPE a pipe. @returns Bytes written. */
  write(bytes: Uint8Array, start: number, length: number, offset: number): number {
    return this.#isPipe ? -Errno.SPIPE : this.writeOn(bytes, start, length, offset);
  }

  /** As {@linkcode Descriptor.write}, for a stream, which pipes have too. @returns `-AGAIN` while nothing fits. */
  writeOn(bytes: Uint8Array, start: number, length: number, offset: number): number {
    const refusal = this.mayWrite();
    if (refusal < 0) return refusal;
    const { object } = this;
    if (object.kind !== "file") {
      return object.kind === "stream" ? object.write(single(bytes, start, length)) : -Errno.BADF;
    }
    if (offset < 0) return -Errno.INVAL;
    return offset > Number.MAX_SAFE_INTEGER ? -Errno.FBIG : object.pwrite(bytes, start, length, offset);
  }

  /** Writes at the end of the file. @returns Bytes written. */
  append(bytes: Uint8Array, start: number, length: number): number {
    const { object } = this;
    if (object.kind !== "file") return this.writeOn(bytes, start, length, 0);
    const refusal = this.mayWrite();
    return refusal < 0 ? refusal : object.append(bytes, start, length);
  }

  /** @returns 0 if it may be read from. */
  mayRead(): number {
    if (this.object.kind === "directory") return -Errno.ISDIR;
    return (this.flags & DescriptorFlags.READ) === 0 ? -Errno.BADF : 0;
  }

  /** @returns 0 if it may be written to. */
  mayWrite(): number {
    if (this.object.kind === "directory") return -Errno.BADF;
    if (!this.isMutable) return -Errno.PERM;
    return (this.flags & DescriptorFlags.WRITE) === 0 ? -Errno.BADF : 0;
  }

  get #isPipe(): boolean {
    return this.object.kind === "stream" && this.object.filetype !== Filetype.CHARACTER_DEVICE;
  }

  /**
   * Announces how a range will be used, which may lie behind the end of all files. Errors: INVAL a length below 0.
   *
   * @param advice Number of `advice`.
   */
  advise(offset: number, length: number, advice: number): number {
    const { object } = this;
    if (object.kind !== "file") return -Errno.BADF;
    if (length < 0) return -Errno.INVAL;
    if (offset < 0 || offset > Number.MAX_SAFE_INTEGER) return 0;
    return object.advise(offset, Math.min(length, Number.MAX_SAFE_INTEGER - offset), advice);
  }

  /** Truncates the file, or extends it with zeros. Errors: INVAL a size below 0; FBIG one of 2^53 or above. */
  setSize(size: number): number {
    const { object } = this;
    if (object.kind === "directory") return -Errno.BADF;
    if (!this.isMutable) return -Errno.PERM;
    if (object.kind !== "file" || (this.flags & DescriptorFlags.WRITE) === 0) return -Errno.INVAL;
    if (size < 0) return -Errno.INVAL;
    return size > Number.MAX_SAFE_INTEGER ? -Errno.FBIG : object.setSize(size);
  }

  /** Sets the times (ns); undefined leaves one as it is. */
  setTimes(atim: bigint | undefined, mtim: bigint | undefined): number {
    const { object } = this;
    if (!this.isMutable) return -Errno.PERM;
    return object.kind === "stream" ? -Errno.NOTSUP : object.setTimes(atim, mtim);
  }

  /** Writes data and attributes to the disk. */
  sync(): number {
    const { object } = this;
    return object.kind === "stream" ? -Errno.INVAL : object.sync();
  }

  /** Writes data to the disk. */
  syncData(): number {
    const { object } = this;
    return object.kind === "stream" ? -Errno.INVAL : object.syncData();
  }

  /** Stores the attributes. */
  stat(out: Filestat): number {
    return this.object.stat(out);
  }

  /** Entries of the directory, to be closed. */
  entries(): DirectoryEntries | Failure {
    const { object, filesystem: { openFiles } } = this;
    if (object.kind !== "directory") return -Errno.NOTDIR;
    if (!openFiles.take()) return -Errno.MFILE;
    const entries = object.entries();
    if (typeof entries === "number") openFiles.release();
    return entries;
  }

  /** True if both refer to the same file. */
  isSameObject(other: Descriptor): boolean {
    const { stat, otherStat } = this.filesystem;
    if (this.stat(stat) < 0 || other.stat(otherStat) < 0) return false;
    return stat.dev === otherStat.dev && stat.ino === otherStat.ino;
  }

  /** A hash that tells the file from others. */
  metadataHash(): ObjectHash | Failure {
    const { stat, hash } = this.filesystem;
    const result = this.stat(stat);
    if (result < 0) return result;
    hash.compute(stat);
    return hash;
  }
}

/** One buffer for a device. */
function single(bytes: Uint8Array, start: number, length: number): IoVectors {
  return { bytes, starts: Uint32Array.of(start), lengths: Uint32Array.of(length), count: 1 };
}
