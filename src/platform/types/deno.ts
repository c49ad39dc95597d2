/**
 * The part of Deno's API that is used here, by structure: the official types clash with those of Node. A test compares
 * the two.
 *
 * @module
 */

import type { NodeStats } from "./stats.ts";

/** `Deno.FileInfo`. */
export interface DenoFileInfo {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly isSymlink: boolean;
  readonly isBlockDevice: boolean | null;
  readonly isCharDevice: boolean | null;
  readonly isFifo: boolean | null;
  readonly isSocket: boolean | null;
  readonly size: number;
  readonly mtime: Date | null;
  readonly atime: Date | null;
  readonly ctime: Date | null;
  readonly dev: number;
  readonly ino: number | null;
  readonly nlink: number | null;
}

/** `Deno.OpenOptions`. */
export interface DenoOpenOptions {
  read?: boolean;
  write?: boolean;
  append?: boolean;
  truncate?: boolean;
  create?: boolean;
  createNew?: boolean;
}

/** `Deno.FsFile`. */
export interface DenoFsFile {
  readSync(bytes: Uint8Array): number | null;
  writeSync(bytes: Uint8Array): number;
  seekSync(offset: number, whence: number): number;
  statSync(): DenoFileInfo;
  truncateSync(size?: number): void;
  utimeSync(atime: number | Date, mtime: number | Date): void;
  syncSync(): void;
  syncDataSync(): void;
  close(): void;
}

/** A standard stream of Deno. */
export interface DenoStdStream {
  isTerminal(): boolean;
}

/** `Deno.DirEntry`. */
export interface DenoDirEntry {
  readonly name: string;
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly isSymlink: boolean;
}

/** `Deno`. */
export interface DenoNamespace {
  readonly build: { readonly os: string };
  readonly stdin: DenoStdStream & {
    readSync(bytes: Uint8Array): number | null;
    read(bytes: Uint8Array): Promise<number | null>;
  };
  readonly stdout: DenoStdStream & { writeSync(bytes: Uint8Array): number };
  readonly stderr: DenoStdStream & { writeSync(bytes: Uint8Array): number };
  readonly permissions: {
    querySync(descriptor: { name: "read"; path: string }): { readonly state: string };
  };
  openSync(path: string, options: DenoOpenOptions): DenoFsFile;
  lstatSync(path: string): DenoFileInfo;
  statSync(path: string): DenoFileInfo;
  realPathSync(path: string): string;
  readFileSync(path: string | URL): Uint8Array<ArrayBuffer>;
  readDirSync(path: string): Iterable<DenoDirEntry>;
  readLinkSync(path: string): string;
  mkdirSync(path: string): void;
  symlinkSync(target: string, path: string): void;
  linkSync(path: string, newPath: string): void;
  renameSync(path: string, newPath: string): void;
  removeSync(path: string): void;
  utimeSync(path: string, atime: number | Date, mtime: number | Date): void;
}

/** The part of `node:fs` that Deno's own API has nothing for. */
export interface NodeFsOfDeno {
  readonly constants: Readonly<Record<string, number>>;
  openSync(path: string, flags: number): number;
  readSync(fd: number, bytes: Uint8Array, start: number, length: number, position: null): number;
  writeSync(fd: number, bytes: Uint8Array, start: number, length: number, position: null): number;
  closeSync(fd: number): void;
  fstatSync(fd: number, options: { readonly bigint: true }): NodeStats;
  lutimesSync(path: string, atime: number, mtime: number): void;
}

/** The part of the global `process` of Deno that is used here. */
export interface ProcessOfDeno {
  cpuUsage(): { user: number; system: number };
  getBuiltinModule(name: "node:fs"): NodeFsOfDeno;
}
