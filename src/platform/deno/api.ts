/**
 * The part of Deno's API that is used here, by structure: the official types clash with those of Node. A test compares
 * the two.
 *
 * @module
 */

import type { NodeStats } from "../shared/fs/stats_type.ts";

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

/** `Deno.NetAddr`, or `Deno.UnixAddr`, whose path is null for a socket without a name. */
export interface DenoAddr {
  readonly transport: string;
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: string | null;
}

/** `Deno.Conn`; what stands last, only those of TCP have. */
export interface DenoConn {
  readonly localAddr: DenoAddr;
  readonly remoteAddr: DenoAddr;
  read(bytes: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  setNoDelay?(on: boolean): void;
  setKeepAlive?(on: boolean): void;
}

/** `Deno.Listener`. */
export interface DenoListenerObject {
  readonly addr: DenoAddr;
  accept(): Promise<DenoConn>;
  close(): void;
}

/** Options of `Deno.listen`: of TCP, or of unix sockets. */
export type DenoListenOptions =
  | { transport: "tcp"; hostname: string; port: number; tcpBacklog: number }
  | { transport: "unix"; path: string };

/** Options of `Deno.connect`: of TCP, or of unix sockets. */
export type DenoConnectOptions =
  | { transport: "tcp"; hostname: string; port: number; signal: AbortSignal }
  | { transport: "unix"; path: string };

/** What `Deno.permissions` can be asked. */
export type DenoPermission =
  | { name: "read" | "write"; path: string }
  | { name: "net"; host: string }
  | { name: "read" | "write" | "net" | "run" | "env" | "sys" | "ffi" | "import" };

/** Options of `Deno.resolveDns`. */
export interface DenoResolveOptions {
  nameServer: { ipAddr: string; port: number };
  signal: AbortSignal;
}

/** `Deno.ForeignFunction`. */
export interface DenoForeignFunction {
  readonly name?: string;
  readonly parameters: readonly string[];
  readonly result: string;
  readonly nonblocking?: boolean;
}

/** `Deno`. */
export interface DenoNamespace {
  readonly build: { readonly os: string };
  readonly version: { readonly deno: string };
  readonly stdin: DenoStdStream & {
    readSync(bytes: Uint8Array): number | null;
    read(bytes: Uint8Array): Promise<number | null>;
  };
  readonly stdout: DenoStdStream & { writeSync(bytes: Uint8Array): number };
  readonly stderr: DenoStdStream & { writeSync(bytes: Uint8Array): number };
  readonly permissions: {
    querySync(descriptor: DenoPermission): { readonly state: string; readonly partial?: boolean };
  };
  listen(options: DenoListenOptions): DenoListenerObject;
  connect(options: DenoConnectOptions): Promise<DenoConn>;
  resolveDns(name: string, type: "A" | "AAAA", options: DenoResolveOptions): Promise<string[]>;
  dlopen(
    library: string,
    functions: Record<string, DenoForeignFunction>,
  ): { readonly symbols: Record<string, (...args: unknown[]) => unknown> };
  readonly UnsafePointer: {
    of(bytes: Uint8Array): object;
    create(address: bigint): object;
    value(pointer: object): bigint | number;
  };
  readonly UnsafePointerView: { getArrayBuffer(pointer: object, length: number): ArrayBuffer };
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

/** A socket of `node:dgram`. */
export interface NodeDatagramSocket {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "message", listener: (bytes: Uint8Array, from: NodeDatagramSender) => void): unknown;
  on(event: "listening", listener: () => void): unknown;
  bind(options: { address: string; port: number; exclusive: boolean }): unknown;
  address(): NodeDatagramSender;
  send(
    bytes: Uint8Array,
    start: number,
    length: number,
    port: number,
    host: string,
    sent: (error: Error | null) => void,
  ): void;
  setBroadcast(on: boolean): void;
  setTTL(hops: number): unknown;
  setMulticastTTL(hops: number): unknown;
  setMulticastLoopback(on: boolean): unknown;
  setSendBufferSize(bytes: number): void;
  getSendBufferSize(): number;
  close(): unknown;
}

/** An address of `node:dgram`. */
export interface NodeDatagramSender {
  readonly address: string;
  readonly port: number;
}

/** The part of `node:dgram` that Deno's own API has nothing stable for. */
export interface NodeDgramOfDeno {
  createSocket(options: {
    type: "udp4" | "udp6";
    reuseAddr: boolean;
    ipv6Only: boolean;
    lookup: (host: string, family: number, callback: (error: null, host: string, family: number) => void) => void;
  }): NodeDatagramSocket;
}

/** The part of `node:dns` that Deno's own API has nothing for: the system's resolver. */
export interface NodeDnsOfDeno {
  lookup(
    name: string,
    options: { all: true; family: 0 | 4 | 6; order: "verbatim" },
    callback: (error: Error | null, addresses: readonly { readonly address: string }[]) => void,
  ): void;
}

/** The part of the global `process` of Deno that is used here. */
export interface ProcessOfDeno {
  cpuUsage(): { user: number; system: number };
  getBuiltinModule(name: "node:fs"): NodeFsOfDeno;
  getBuiltinModule(name: "node:dgram"): NodeDgramOfDeno;
  getBuiltinModule(name: "node:dns"): NodeDnsOfDeno;
}
