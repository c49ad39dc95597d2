/** A component as tests of the sandbox use it: the calls, numbers and errnos of preview 1 stand for those of WIT. */

import type { RunOptions } from "wasirun";
import type { WaitMode } from "../../src/contract/waiter.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { Filetype, Oflags, Rights, RIGHTS_ALL } from "../../src/witx/types.ts";
import { errorCodeOf } from "../../src/wasi/p2/filesystem/error_code.ts";
import { type Command, CommandGuest, commandProgram, type Reply } from "../commands/command_guest.ts";
import type { Answer, OpenOptions, SandboxGuest, SandboxStat } from "./sandbox_guest.ts";

const READ = 1;
const WRITE = 2;
const FIRST = 3;
const READ_SIZE = 32 * 1024;
const program = await commandProgram();

/** Names of errnos by error code; the first of those that share one. */
const ERRNOS: ReadonlyMap<string, string> = new Map(
  Object.values(Errno).sort((one, two) => two - one).filter((errno) => errno !== Errno.NOTCAPABLE)
    .map((errno) => [errorCodeOf(-errno), errnoName(errno)]),
);

const FILETYPES: Readonly<Record<string, Filetype>> = {
  "regular-file": Filetype.REGULAR_FILE,
  "directory": Filetype.DIRECTORY,
  "symbolic-link": Filetype.SYMBOLIC_LINK,
};

/** A time that no file of a test has: what is set (2), and to what. */
const TIME = [2, 1n, 0] as const;

/** A component whose descriptors are numbered as those of a module: from 3 on, the preopens first. */
export class ComponentCalls implements SandboxGuest {
  readonly #guest: CommandGuest;
  /** Handles, from descriptor 3 on. */
  readonly #handles: string[];

  private constructor(guest: CommandGuest, handles: string[]) {
    this.#guest = guest;
    this.#handles = handles;
  }

  /** Start one that has only these directories. */
  static async start(
    preopens: NonNullable<RunOptions["preopens"]>,
    options: RunOptions,
    mode: WaitMode,
  ): Promise<ComponentCalls> {
    const guest = await CommandGuest.start(program, { options: { ...options, preopens }, mode });
    const [, ...directories] = await guest.perform("get-directories");
    return new ComponentCalls(guest, directories.filter((_, i) => i % 2 === 0));
  }

  async close(): Promise<void> {
    await this.#guest.close();
  }

  #handle(fd: number): string {
    return this.#handles[fd - FIRST]!;
  }

  async #answer<T>(command: Command, value: (values: readonly string[]) => T): Promise<Answer<T>> {
    const [code, ...values]: Reply = await this.#guest.perform(...command);
    return code === "ok"
      ? { errno: "SUCCESS", value: value(values) }
      : { errno: ERRNOS.get(code) ?? code, value: undefined };
  }

  async #errno(...command: Command): Promise<string> {
    return (await this.#answer(command, () => undefined)).errno;
  }

  async open(path: string, options: OpenOptions = {}): Promise<Answer<number>> {
    const { fd = FIRST, follow = false, oflags = 0, rights = RIGHTS_ALL & ~Rights.FD_WRITE } = options;
    const isForWriting = (rights & Rights.FD_WRITE) !== 0 && (oflags & Oflags.DIRECTORY) === 0;
    const flags = isForWriting ? READ | WRITE : READ;
    return await this.#answer(["open-at", this.#handle(fd), Number(follow), path, oflags, flags], ([handle]) => {
      return FIRST - 1 + this.#handles.push(handle!);
    });
  }

  async mustOpen(path: string, options: OpenOptions = {}): Promise<number> {
    const { errno, value } = await this.open(path, options);
    if (value === undefined) throw new Error(`Cannot open ${path}: ${errno}`);
    return value;
  }

  async readFile(path: string, options: OpenOptions = {}): Promise<Answer<string>> {
    const { errno, value } = await this.open(path, options);
    if (value === undefined) return { errno, value };
    const content = await this.#answer(["read", this.#handle(value), READ_SIZE, 0], ([text]) => text ?? "");
    await this.closeFd(value);
    return content;
  }

  async pwrite(fd: number, text: string): Promise<string> {
    return await this.#errno("write", this.#handle(fd), text, 0);
  }

  async closeFd(fd: number): Promise<string> {
    return await this.#errno("drop-descriptor", this.#handle(fd));
  }

  async stat(path: string, follow: boolean, fd: number = FIRST): Promise<Answer<SandboxStat>> {
    return await this.#answer(["stat-at", this.#handle(fd), Number(follow), path], statOf);
  }

  async fstat(fd: number): Promise<Answer<SandboxStat>> {
    return await this.#answer(["stat", this.#handle(fd)], statOf);
  }

  async identity(fd: number): Promise<string> {
    return (await this.#guest.perform("metadata-hash", this.#handle(fd))).join(" ");
  }

  async setTimes(path: string, follow: boolean, fd: number = FIRST): Promise<string> {
    return await this.#errno("set-times-at", this.#handle(fd), Number(follow), path, ...TIME, ...TIME);
  }

  async fsetTimes(fd: number): Promise<string> {
    return await this.#errno("set-times", this.#handle(fd), ...TIME, ...TIME);
  }

  async setSize(fd: number, size: number): Promise<string> {
    return await this.#errno("set-size", this.#handle(fd), size);
  }

  async mkdir(path: string, fd: number = FIRST): Promise<string> {
    return await this.#errno("create-directory-at", this.#handle(fd), path);
  }

  async rmdir(path: string, fd: number = FIRST): Promise<string> {
    return await this.#errno("remove-directory-at", this.#handle(fd), path);
  }

  async unlink(path: string, fd: number = FIRST): Promise<string> {
    return await this.#errno("unlink-file-at", this.#handle(fd), path);
  }

  async rename(from: string, to: string, fd: number = FIRST, toFd: number = fd): Promise<string> {
    return await this.#errno("rename-at", this.#handle(fd), from, this.#handle(toFd), to);
  }

  async link(from: string, to: string, fd: number = FIRST, toFd: number = fd, follow = false): Promise<string> {
    return await this.#errno("link-at", this.#handle(fd), Number(follow), from, this.#handle(toFd), to);
  }

  async symlink(target: string, path: string, fd: number = FIRST): Promise<string> {
    return await this.#errno("symlink-at", this.#handle(fd), target, path);
  }

  async readlink(path: string, fd: number = FIRST): Promise<Answer<string>> {
    return await this.#answer(["readlink-at", this.#handle(fd), path], ([target]) => target!);
  }

  async names(fd: number): Promise<Answer<string[]>> {
    return await this.#answer(["list", this.#handle(fd)], (values) => values.filter((_, i) => i % 2 === 0).sort());
  }
}

function statOf([filetype, , size]: readonly string[]): SandboxStat {
  return { filetype: FILETYPES[filetype!] ?? Filetype.UNKNOWN, size: BigInt(size!) };
}
