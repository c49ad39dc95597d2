/** A component in a race. It tells files apart by their hashes, and learns those of the outside from a mount of their own. */

import type { Platform, PlatformDirectory } from "../../src/contract/platform.ts";
import { type Command, CommandGuest, commandProgram, type Reply } from "../commands/command_guest.ts";
import {
  RACE_OPEN_FILES,
  type RaceGuest,
  type RaceOpen,
  type RacePlace,
  type RaceResultOf,
  type StartRaceGuest,
} from "./race_guest.ts";

const READ = 1;
const WRITE = 2;
const READ_LENGTH = 64;
const DIRECTORY = 2;
/** A time to set (2): in seconds and nanoseconds. */
const TIME = [2, 0, 1] as const;

/**
 * A component.
 *
 * @param platform Of the guest.
 * @param openRoot Opens the mount.
 */
export function componentOn(platform: Platform, openRoot: (path: string) => PlatformDirectory): StartRaceGuest {
  return async (tree) => {
    const root = openRoot(tree.inside);
    const preopens = { "/race": { source: root }, "/outside": { source: tree.outside, readOnly: true } };
    const options = { platform, preopens, maxOpenFiles: RACE_OPEN_FILES };
    const guest = await CommandGuest.start(await commandProgram(), { options, mode: "block" });
    return new ComponentRaceGuest(guest, root);
  };
}

class ComponentRaceGuest implements RaceGuest {
  readonly root: number;
  readonly #guest: CommandGuest;
  readonly #mount: PlatformDirectory;
  #isEnded = false;
  readonly #outside: Set<string> = new Set();

  constructor(guest: CommandGuest, mount: PlatformDirectory) {
    this.#guest = guest;
    this.#mount = mount;
    const [, root, , outside] = guest.performSync("get-directories");
    this.root = Number(root);
    this.#outside.add(this.identity(Number(outside)));
    this.#learn(Number(outside));
    if (this.#outside.size < 10) throw new Error("The guest can't tell what is outside");
  }

  #learn(directory: number): void {
    for (const { name } of this.list(directory)) {
      const place = { fd: directory, path: name };
      const identity = this.identityAt(place, false);
      if (typeof identity === "string") this.#outside.add(identity);
      const opened = this.open(name, { fd: directory, oflags: DIRECTORY, follow: false, writes: false });
      if (typeof opened !== "number") continue;
      this.#learn(opened);
      this.close(opened);
    }
  }

  #code(...command: Command): string {
    return codeOf(this.#guest.performSync(...command));
  }

  #value<T>(value: (values: readonly string[]) => T, ...command: Command): RaceResultOf<T> {
    const reply = this.#guest.performSync(...command);
    return reply[0] === "ok" ? value(reply.slice(1)) : { errno: codeOf(reply) };
  }

  open(path: string, { fd, oflags, follow, writes }: RaceOpen): RaceResultOf<number> {
    const flags = writes ? READ | WRITE : READ;
    return this.#value(([handle]) => Number(handle), "open-at", fd, Number(follow), path, oflags, flags);
  }

  close(fd: number): string {
    return this.#code("drop-descriptor", fd);
  }

  identity(fd: number): string {
    const hash = this.#value((words) => words.join(" "), "metadata-hash", fd);
    if (typeof hash !== "string") throw new Error(`Cannot tell what was opened: ${hash.errno}`);
    return hash;
  }

  identityAt({ fd, path }: RacePlace, follow: boolean): RaceResultOf<string> {
    return this.#value((words) => words.join(" "), "metadata-hash-at", fd, Number(follow), path);
  }

  isOutside(identity: string): boolean {
    return this.#outside.has(identity);
  }

  read(fd: number): RaceResultOf<string> {
    return this.#value(([text]) => text ?? "", "read", fd, READ_LENGTH, 0);
  }

  write(fd: number, text: string): void {
    this.#code("write", fd, text, 0);
  }

  list(fd: number): readonly { readonly name: string }[] {
    const [code, ...fields] = this.#guest.performSync("list", fd);
    if (code !== "ok") throw new Error(`Cannot list ${fd}: ${code}`);
    return fields.filter((_, i) => i % 2 === 0).map((name) => ({ name }));
  }

  readlink({ fd, path }: RacePlace): RaceResultOf<string> {
    return this.#value(([target]) => target ?? "", "readlink-at", fd, path);
  }

  setTimes({ fd, path }: RacePlace, follow: boolean): string {
    return this.#code("set-times-at", fd, Number(follow), path, ...TIME, ...TIME);
  }

  rename(from: RacePlace, to: RacePlace): string {
    return this.#code("rename-at", from.fd, from.path, to.fd, to.path);
  }

  link(from: RacePlace, to: RacePlace): string {
    return this.#code("link-at", from.fd, 0, from.path, to.fd, to.path);
  }

  mkdir({ fd, path }: RacePlace): string {
    return this.#code("create-directory-at", fd, path);
  }

  rmdir({ fd, path }: RacePlace): string {
    return this.#code("remove-directory-at", fd, path);
  }

  unlink({ fd, path }: RacePlace): string {
    return this.#code("unlink-file-at", fd, path);
  }

  symlink(target: string, { fd, path }: RacePlace): string {
    return this.#code("symlink-at", fd, target, path);
  }

  async end(): Promise<void> {
    await this.#guest.close();
    if (!this.#isEnded) this.#mount.close();
    this.#isEnded = true;
  }
}

function codeOf([code]: Reply): string {
  return code === "ok" ? "SUCCESS" : code;
}
