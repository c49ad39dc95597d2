/** What the descriptors of one guest share. */

import type { PlatformClock } from "../../../contract/platform.ts";
import { newOpenRequest, type OpenRequest } from "../../../core/fs/open.ts";
import { ObjectHash } from "../../../core/fs/object_hash.ts";
import type { TimesRequest } from "../../../core/fs/path_operations.ts";
import { PathResolver } from "../../../core/fs/path_resolver.ts";
import { emptyFilestat, type Filestat } from "../../../witx/types.ts";
import type { WasiHost } from "../../host.ts";
import { type OpenFiles, openFiles } from "../../open_files.ts";

/** The part of a guest that its files need. */
export interface FilesystemOptions {
  /** Tells the time "now". */
  readonly clock: PlatformClock;
  /** Makes the key of the hashes. */
  readonly hash: ObjectHash;
  /** Counts what is open. */
  readonly openFiles: OpenFiles;
}

/** What the descriptors of one guest share: an object to be shared by its interfaces ({@linkcode WasiHost.shared}). */
export function guestFilesystem(host: WasiHost): Filesystem {
  const { clock, random } = host.guest;
  return new Filesystem({ clock, hash: new ObjectHash(random), openFiles: host.shared(openFiles) });
}

/** The path resolver, the count of what is open, and objects that are used within one call. */
export class Filesystem {
  readonly resolver: PathResolver = new PathResolver();
  readonly hash: ObjectHash;
  /** Counts what is open. */
  readonly openFiles: OpenFiles;
  /** For attributes, within one call. */
  readonly stat: Filestat = emptyFilestat();
  /** For the attributes of a second object, within one call. */
  readonly otherStat: Filestat = emptyFilestat();
  /** For opening, within one call. */
  readonly openRequest: OpenRequest = newOpenRequest();
  /** For setting times, within one call. */
  readonly timesRequest: TimesRequest = { atim: undefined, mtim: undefined, lastLink: "nofollow" };
  readonly #clock: PlatformClock;
  readonly #words: Uint32Array = new Uint32Array(2);

  /** @param options What it needs of the guest. */
  constructor({ clock, hash, openFiles }: FilesystemOptions) {
    this.#clock = clock;
    this.hash = hash;
    this.openFiles = openFiles;
  }

  /** Time of day in ns since 1970. */
  now(): bigint {
    this.#clock.realtime(this.#words);
    return (BigInt(this.#words[1]!) << 32n) | BigInt(this.#words[0]!);
  }
}
