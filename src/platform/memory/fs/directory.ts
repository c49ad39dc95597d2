/** Directories in memory, for the core and for the host program. */

import { Errno } from "../../../witx/errno.ts";
import { type Filestat, Filetype } from "../../../witx/types.ts";
import type { DirectoryEntry, OpenFlags, PlatformDirectory } from "../../../contract/platform.ts";
import { isByteText } from "../../../text/byte_text.ts";
import type { Bytes } from "../../../contract/web_types.ts";
import { checkVacant, encodedLength, enter, lookup, remove } from "./entries.ts";
import { failure } from "./failure.ts";
import { MemoryFile } from "./file.ts";
import {
  changed,
  type DirectoryInode,
  modified,
  newDirectory,
  newFile,
  newLink,
  setTimes,
  storeAttributes,
} from "./inode.ts";
import { resolve, resolveDirectory, resolveOrMakeFile } from "./path.ts";
import { rename } from "./rename.ts";
import { errnoFromResult, type Failure } from "../../../contract/results.ts";

/** Bytes of the longest target, as on Linux (PATH_MAX without its NUL). */
const MAX_TARGET = 4095;

const encoder: TextEncoder = new TextEncoder();

/**
 * A directory in memory: a source of mounts, made by {@linkcode memoryDirectory}.
 *
 * The methods from `readFile` to `entries` are for the host program. Their paths may have any number of parts; they
 * follow symbolic links, and neither `..` nor an absolute link leads out of the directory. They throw errors with a
 * `code` such as `ENOENT`.
 *
 * All others are for the core and behave as on Linux. Closing a directory does nothing, so that it can be
 * read, or mounted again, after a guest has ended.
 */
export class MemoryDirectory implements PlatformDirectory {
  /** Always `directory`. */
  readonly kind = "directory";
  readonly takesBytes = true;
  readonly #inode: DirectoryInode;

  /**
   * Open a directory.
   *
   * @param inode The directory.
   */
  constructor(inode: DirectoryInode) {
    this.#inode = inode;
  }

  /**
   * Bytes of a file.
   *
   * @param path Path from this directory.
   * @returns A copy.
   */
  readFile(path: string): Bytes {
    const inode = resolve(this.#inode, path);
    if (typeof inode === "number") throw failure("read", path, errnoFromResult(inode));
    if (inode.filetype === Filetype.DIRECTORY) throw failure("read", path, Errno.ISDIR);
    const bytes = new Uint8Array(inode.content.size);
    inode.content.read(bytes, 0, bytes.length, 0);
    return bytes;
  }

  /**
   * Text of a file: its bytes as UTF-8.
   *
   * @param path Path from this directory.
   */
  readText(path: string): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.readFile(path));
  }

  /**
   * Creates a file or replaces its content. Missing directories are created.
   *
   * @param path Path from this directory.
   * @param content Bytes, or a text that is stored as UTF-8.
   */
  writeFile(path: string, content: string | Uint8Array): void {
    const file = resolveOrMakeFile(this.#inode, path);
    if (typeof file === "number") throw failure("write", path, errnoFromResult(file));
    const bytes = typeof content === "string" ? encoder.encode(content) : content;
    file.content.setSize(0);
    modified(file);
    const written = file.content.write(bytes, 0, bytes.length, 0);
    if (written < bytes.length) throw failure("write", path, written < 0 ? errnoFromResult(written) : Errno.NOSPC);
  }

  /**
   * Entries of a directory, in the order of their creation.
   *
   * @param path Path from this directory. Default: this directory itself.
   */
  entries(path: string = "."): DirectoryEntry[] {
    const listed = this.directoryAt(path).readdir();
    if (typeof listed === "number") throw failure("list", path, errnoFromResult(listed));
    return listed;
  }

  /**
   * A directory somewhere below this one; to mount only that, for example.
   *
   * @param path Path from this directory.
   */
  directoryAt(path: string): MemoryDirectory {
    const inode = resolveDirectory(this.#inode, path, false);
    if (typeof inode === "number") throw failure("open", path, errnoFromResult(inode));
    return new MemoryDirectory(inode);
  }

  openDirectory(name: string): MemoryDirectory | Failure {
    const found = lookup(this.#inode, name);
    if (typeof found === "number") return found;
    return found.filetype === Filetype.DIRECTORY ? new MemoryDirectory(found) : -Errno.NOTDIR;
  }

  openFile(name: string, flags: OpenFlags): MemoryFile | Failure {
    const found = lookup(this.#inode, name);
    if (typeof found === "number") {
      return found === -Errno.NOENT && flags.create ? this.#createFile(name, flags) : found;
    }
    if (flags.create && flags.exclusive) return -Errno.EXIST;
    if (found.filetype === Filetype.SYMBOLIC_LINK) return -Errno.LOOP;
    if (found.filetype === Filetype.DIRECTORY) return -Errno.ISDIR;
    if (flags.truncate) {
      found.content.setSize(0);
      modified(found);
    }
    return new MemoryFile(found, flags);
  }

  #createFile(name: string, flags: OpenFlags): MemoryFile | Failure {
    const result = checkVacant(this.#inode, name);
    if (result < 0) return result;
    const file = newFile(this.#inode.volume);
    enter(this.#inode, name, file);
    return new MemoryFile(file, flags);
  }

  fstatat(name: string, out: Filestat): number {
    const found = lookup(this.#inode, name);
    return typeof found === "number" ? found : storeAttributes(found, out);
  }

  fstat(out: Filestat): number {
    return storeAttributes(this.#inode, out);
  }

  utimensat(name: string, atim: bigint | undefined, mtim: bigint | undefined): number {
    const found = lookup(this.#inode, name);
    return typeof found === "number" ? found : setTimes(found, atim, mtim);
  }

  futimens(atim: bigint | undefined, mtim: bigint | undefined): number {
    return setTimes(this.#inode, atim, mtim);
  }

  readlinkat(name: string): string | Failure {
    const found = lookup(this.#inode, name);
    if (typeof found === "number") return found;
    return found.filetype === Filetype.SYMBOLIC_LINK ? found.target : -Errno.INVAL;
  }

  mkdirat(name: string): number {
    const result = checkVacant(this.#inode, name);
    if (result < 0) return result;
    enter(this.#inode, name, newDirectory(this.#inode));
    return 0;
  }

  symlinkat(target: string, name: string): number {
    if (target === "") return -Errno.NOENT;
    if (!isByteText(target)) return -Errno.ILSEQ;
    const size = encodedLength(target);
    if (size > MAX_TARGET) return -Errno.NAMETOOLONG;
    const result = checkVacant(this.#inode, name);
    if (result < 0) return result;
    enter(this.#inode, name, newLink(this.#inode.volume, target, size));
    return 0;
  }

  linkat(name: string, newDirectory: PlatformDirectory, newName: string): number {
    if (!(newDirectory instanceof MemoryDirectory)) return -Errno.XDEV;
    const target = newDirectory.#inode;
    if (target.volume !== this.#inode.volume) return -Errno.XDEV;
    const found = lookup(this.#inode, name);
    if (typeof found === "number") return found;
    const result = checkVacant(target, newName);
    if (result < 0) return result;
    if (found.filetype === Filetype.DIRECTORY) return -Errno.PERM;
    enter(target, newName, found);
    changed(found);
    return 0;
  }

  renameat(name: string, newDirectory: PlatformDirectory, newName: string): number {
    if (!(newDirectory instanceof MemoryDirectory)) return -Errno.XDEV;
    return rename(this.#inode, name, newDirectory.#inode, newName);
  }

  unlinkat(name: string): number {
    const found = lookup(this.#inode, name);
    if (typeof found === "number") return found;
    if (found.filetype === Filetype.DIRECTORY) return -Errno.ISDIR;
    remove(this.#inode, name, found);
    return 0;
  }

  rmdirat(name: string): number {
    const found = lookup(this.#inode, name);
    if (typeof found === "number") return found;
    if (found.filetype !== Filetype.DIRECTORY) return -Errno.NOTDIR;
    if (found.entries.size > 0) return -Errno.NOTEMPTY;
    remove(this.#inode, name, found);
    return 0;
  }

  readdir(): DirectoryEntry[] | Failure {
    const listed: DirectoryEntry[] = [];
    for (const [name, { filetype, ino }] of this.#inode.entries) listed.push({ name, filetype, ino });
    return listed;
  }

  fsync(): number {
    return 0;
  }

  fstatParent(out: Filestat): number {
    return storeAttributes(this.#inode.parent, out);
  }

  close(): number {
    return 0;
  }
}
