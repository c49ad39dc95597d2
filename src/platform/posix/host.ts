/** The system's calls together: what files, directories and streams are made of. */

import { Descriptors } from "./descriptors.ts";
import { fdWatchOf } from "./fd_watch.ts";
import { Iovecs } from "./iovecs.ts";
import type { Libc } from "./libc.ts";
import { Names } from "./names.ts";
import { type PollFds, pollFdsOf } from "./poll_fds.ts";
import { Transfers } from "./transfers.ts";

/** One of a thread. Each group of calls is opened when it is first used. */
export class Host {
  /** The C library. */
  readonly libc: Libc;
  /** Pieces of memory. */
  readonly iovecs: Iovecs;
  /** Calls with open files. */
  readonly descriptors: Descriptors;
  /** False once it is known that there is no openat2(2). */
  opensBeneath: boolean;
  #transfers: Transfers | undefined;
  #names: Names | undefined;

  /** @param libc The C library. */
  constructor(libc: Libc) {
    this.libc = libc;
    this.opensBeneath = libc.target.os === "linux";
    this.iovecs = new Iovecs(libc);
    this.descriptors = new Descriptors(libc);
  }

  /** Reading and writing. */
  get transfers(): Transfers {
    return this.#transfers ??= new Transfers(this.libc, this.iovecs);
  }

  /** poll(2). */
  get pollFds(): PollFds {
    return pollFdsOf(this.libc);
  }

  /** Calls with names. */
  get names(): Names {
    return this.#names ??= new Names(this.libc, this.descriptors);
  }

  /** As `Pollable.subscribe`, of a descriptor. */
  watch(fd: number, interest: number, wake: () => void): (() => void) | undefined {
    return fdWatchOf(this).watch(fd, interest, wake);
  }
}
