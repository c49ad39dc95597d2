/** The system's calls together: what files, directories and streams are made of. */

import { FdSyscalls } from "./fs/fd_syscalls.ts";
import { fdWatchOf } from "./poll/fd_watch.ts";
import { Parts } from "./ffi/parts.ts";
import { Iovecs } from "./fs/iovecs.ts";
import type { Libc } from "./ffi/libc.ts";
import { PathSyscalls } from "./fs/path_syscalls.ts";
import { type PollSyscalls, pollSyscallsOf } from "./poll/poll_syscalls.ts";
import { IoSyscalls } from "./fs/io_syscalls.ts";

/** One of a thread. Each group of calls is opened when it is first used. */
export class Syscalls {
  /** The C library. */
  readonly libc: Libc;
  /** Pieces of memory. */
  readonly iovecs: Iovecs;
  /** Calls with open files. */
  readonly fds: FdSyscalls;
  /** Further groups of calls. */
  readonly parts: Parts<Syscalls>;
  /** False once it is known that there is no openat2(2). */
  opensBeneath: boolean;
  #io: IoSyscalls | undefined;
  #paths: PathSyscalls | undefined;

  /** @param libc The C library. */
  constructor(libc: Libc) {
    this.libc = libc;
    this.opensBeneath = libc.target.os === "linux";
    this.iovecs = new Iovecs(libc);
    this.fds = new FdSyscalls(libc);
    this.parts = new Parts<Syscalls>(this);
  }

  /** Reading and writing. */
  get io(): IoSyscalls {
    return this.#io ??= new IoSyscalls(this.libc, this.iovecs);
  }

  /** poll(2). */
  get poll(): PollSyscalls {
    return pollSyscallsOf(this.libc);
  }

  /** Calls with paths. */
  get paths(): PathSyscalls {
    return this.#paths ??= new PathSyscalls(this.libc, this.fds);
  }

  /** As `Pollable.subscribe`, of a descriptor. */
  watch(fd: number, interest: number, wake: () => void): (() => void) | undefined {
    return fdWatchOf(this).watch(fd, interest, wake);
  }
}
