/** A guest that makes the calls that a test asks for, through the bytes and pointers of the ABI. */

import { Errno, errnoName, type Guest, instantiate, type RunOptions } from "wasirun";
import { emptyFilestat, type Filestat, Lookupflags, Oflags, Rights, RIGHTS_ALL } from "../../src/witx/types.ts";
import { proxyModule } from "../tools/proxy.ts";
import type { Answer, OpenOptions, SandboxGuest } from "./sandbox_guest.ts";

/** How to create, truncate and write. */
export const CREATE: OpenOptions = { oflags: Oflags.CREAT, rights: RIGHTS_ALL };

const RESULT = 0;
const IOVEC = 16;
const STAT = 64;
const PATH = 1024;
const OTHER_PATH = 16 * 1024;
const DATA = 32 * 1024;
const DATA_SIZE = 32 * 1024;

const encoder = new TextEncoder();
const module = new WebAssembly.Module(proxyModule());

/** A guest over the platform of the runtime. */
export class GuestCalls implements SandboxGuest {
  readonly #guest: Guest;

  private constructor(guest: Guest) {
    this.#guest = guest;
  }

  /** Start one that has only these directories. */
  static async start(preopens: NonNullable<RunOptions["preopens"]>, options: RunOptions = {}): Promise<GuestCalls> {
    return new GuestCalls(await instantiate(module, { ...options, preopens }));
  }

  /** End it. */
  async close(): Promise<void> {
    await this.#guest.close();
  }

  #view(): DataView {
    return new DataView(this.#guest.memory.buffer);
  }

  #store(at: number, bytes: Uint8Array): [number, number] {
    new Uint8Array(this.#guest.memory.buffer, at, bytes.length).set(bytes);
    return [at, bytes.length];
  }

  #path(path: string | Uint8Array, at: number = PATH): [number, number] {
    return this.#store(at, typeof path === "string" ? encoder.encode(path) : path);
  }

  async #call<T>(name: string, args: readonly (number | bigint)[], value: () => T): Promise<Answer<T>> {
    const errno = await this.#guest.call(name, ...args) as number;
    if (errno !== Errno.SUCCESS) return { errno: errnoName(errno), value: undefined };
    return { errno: "SUCCESS", value: value() };
  }

  async #errno(name: string, ...args: readonly (number | bigint)[]): Promise<string> {
    return (await this.#call(name, args, () => undefined)).errno;
  }

  async open(path: string | Uint8Array, options: OpenOptions = {}): Promise<Answer<number>> {
    const { fd = 3, follow = false, oflags = 0, rights = RIGHTS_ALL & ~Rights.FD_WRITE, fdflags = 0 } = options;
    const flags = follow ? Lookupflags.SYMLINK_FOLLOW : 0;
    const args = [fd, flags, ...this.#path(path), oflags, BigInt(rights), BigInt(RIGHTS_ALL), fdflags, RESULT];
    return await this.#call("path_open", args, () => this.#view().getUint32(RESULT, true));
  }

  /** Open, and fail the test if that fails. */
  async mustOpen(path: string, options: OpenOptions = {}): Promise<number> {
    const { errno, value } = await this.open(path, options);
    if (value === undefined) throw new Error(`Cannot open ${path}: ${errno}`);
    return value;
  }

  async read(fd: number): Promise<Answer<string>> {
    this.#view().setUint32(IOVEC, DATA, true);
    this.#view().setUint32(IOVEC + 4, DATA_SIZE, true);
    return await this.#call("fd_read", [fd, IOVEC, 1, RESULT], () => this.#text(this.#view().getUint32(RESULT, true)));
  }

  #text(length: number): string {
    return new TextDecoder().decode(new Uint8Array(this.#guest.memory.buffer, DATA, length));
  }

  /** Open, read and close. */
  async readFile(path: string | Uint8Array, options: OpenOptions = {}): Promise<Answer<string>> {
    const { errno, value } = await this.open(path, options);
    if (value === undefined) return { errno, value };
    const content = await this.read(value);
    await this.closeFd(value);
    return content;
  }

  async write(fd: number, text: string): Promise<string> {
    const [at, length] = this.#store(DATA, encoder.encode(text));
    this.#view().setUint32(IOVEC, at, true);
    this.#view().setUint32(IOVEC + 4, length, true);
    return await this.#errno("fd_write", fd, IOVEC, 1, RESULT);
  }

  async pwrite(fd: number, text: string): Promise<string> {
    const [at, length] = this.#store(DATA, encoder.encode(text));
    this.#view().setUint32(IOVEC, at, true);
    this.#view().setUint32(IOVEC + 4, length, true);
    return await this.#errno("fd_pwrite", fd, IOVEC, 1, 0n, RESULT);
  }

  async closeFd(fd: number): Promise<string> {
    return await this.#errno("fd_close", fd);
  }

  #stat(): Filestat {
    const view = this.#view();
    const stat = emptyFilestat();
    stat.dev = view.getBigUint64(STAT, true);
    stat.ino = view.getBigUint64(STAT + 8, true);
    stat.filetype = view.getUint8(STAT + 16) as Filestat["filetype"];
    stat.nlink = view.getBigUint64(STAT + 24, true);
    stat.size = view.getBigUint64(STAT + 32, true);
    return stat;
  }

  async stat(path: string | Uint8Array, follow: boolean, fd: number = 3): Promise<Answer<Filestat>> {
    const args = [fd, follow ? Lookupflags.SYMLINK_FOLLOW : 0, ...this.#path(path), STAT];
    return await this.#call("path_filestat_get", args, () => this.#stat());
  }

  async fstat(fd: number): Promise<Answer<Filestat>> {
    return await this.#call("fd_filestat_get", [fd, STAT], () => this.#stat());
  }

  async identity(fd: number): Promise<string> {
    const { errno, value } = await this.fstat(fd);
    return value === undefined ? errno : `${value.dev} ${value.ino}`;
  }

  async setTimes(path: string | Uint8Array, follow: boolean, fd: number = 3): Promise<string> {
    const flags = follow ? Lookupflags.SYMLINK_FOLLOW : 0;
    return await this.#errno(
      "path_filestat_set_times",
      fd,
      flags,
      ...this.#path(path),
      1_000_000_000n,
      1_000_000_000n,
      5,
    );
  }

  async fsetTimes(fd: number): Promise<string> {
    return await this.#errno("fd_filestat_set_times", fd, 1_000_000_000n, 1_000_000_000n, 5);
  }

  async setSize(fd: number, size: number): Promise<string> {
    return await this.#errno("fd_filestat_set_size", fd, BigInt(size));
  }

  async allocate(fd: number, length: number): Promise<string> {
    return await this.#errno("fd_allocate", fd, 0n, BigInt(length));
  }

  async setFlags(fd: number, fdflags: number): Promise<string> {
    return await this.#errno("fd_fdstat_set_flags", fd, fdflags);
  }

  async setRights(fd: number, rights: number): Promise<string> {
    return await this.#errno("fd_fdstat_set_rights", fd, BigInt(rights), BigInt(RIGHTS_ALL));
  }

  async mkdir(path: string | Uint8Array, fd: number = 3): Promise<string> {
    return await this.#errno("path_create_directory", fd, ...this.#path(path));
  }

  async rmdir(path: string | Uint8Array, fd: number = 3): Promise<string> {
    return await this.#errno("path_remove_directory", fd, ...this.#path(path));
  }

  async unlink(path: string | Uint8Array, fd: number = 3): Promise<string> {
    return await this.#errno("path_unlink_file", fd, ...this.#path(path));
  }

  async rename(from: string, to: string, fd: number = 3, toFd: number = fd): Promise<string> {
    return await this.#errno("path_rename", fd, ...this.#path(from), toFd, ...this.#path(to, OTHER_PATH));
  }

  async link(from: string, to: string, fd: number = 3, toFd: number = fd, follow = false): Promise<string> {
    const flags = follow ? Lookupflags.SYMLINK_FOLLOW : 0;
    return await this.#errno("path_link", fd, flags, ...this.#path(from), toFd, ...this.#path(to, OTHER_PATH));
  }

  async symlink(target: string, path: string, fd: number = 3): Promise<string> {
    return await this.#errno("path_symlink", ...this.#path(target, OTHER_PATH), fd, ...this.#path(path));
  }

  async readlink(path: string, fd: number = 3): Promise<Answer<string>> {
    const args = [fd, ...this.#path(path), DATA, DATA_SIZE, RESULT];
    return await this.#call("path_readlink", args, () => this.#text(this.#view().getUint32(RESULT, true)));
  }

  /** Names in an open directory, without `.` and `..`. */
  async names(fd: number): Promise<Answer<string[]>> {
    return await this.#call("fd_readdir", [fd, DATA, DATA_SIZE, 0n, RESULT], () => this.#names());
  }

  #names(): string[] {
    const view = this.#view();
    const end = DATA + view.getUint32(RESULT, true);
    const names: string[] = [];
    for (let at = DATA; at + 24 <= end;) {
      const length = view.getUint32(at + 16, true);
      names.push(new TextDecoder().decode(new Uint8Array(view.buffer, at + 24, length)));
      at += 24 + length;
    }
    return names.filter((name) => name !== "." && name !== "..").sort();
  }

  /** Any import, with any arguments. */
  async raw(name: string, ...args: readonly (number | bigint)[]): Promise<string> {
    return await this.#errno(name, ...args);
  }
}
