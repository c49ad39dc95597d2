/**
 * Notifies a thread with a running event loop that a descriptor is ready. All descriptors are in one event queue, and
 * another thread waits for that queue, only while there are watchers.
 */

import { Errno } from "../../../witx/errno.ts";
import { afterTurn } from "../../../core/io/waiter.ts";
import type { Region } from "../ffi/arena.ts";
import type { FdSyscalls } from "../fs/fd_syscalls.ts";
import { type EventQueues, MAX_EVENTS } from "./event_queue.ts";
import { eventQueuesOf } from "./open_event_queue.ts";
import type { ForeignCalls, ForeignFunctions } from "../ffi/ffi.ts";
import type { Libc } from "../ffi/libc.ts";

const FUNCTIONS = {
  read: { parameters: ["i32", "address", "i32"], result: "i32" },
  write: { parameters: ["i32", "address", "i32"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

/** Interval at which this thread polls until the other thread has started (ms). */
const WARM_UP_MS = 2;

/** How long the other thread keeps waiting after the last watcher is gone (ms): a guest often waits again at once. */
const PATIENCE_MS = 1;

/** The part of `Syscalls` that is needed here. */
interface Calls {
  readonly libc: Libc;
  readonly fds: FdSyscalls;
  readonly parts: { get<Part>(make: (syscalls: Calls) => Part): Part };
}

/** A caller that waits for a descriptor. */
interface Watcher {
  readonly interest: number;
  readonly wake: () => void;
}

/** A descriptor and its watchers. */
interface Watched {
  readonly fd: number;
  readonly watchers: Set<Watcher>;
  /** True if the queue has it, unless it has been closed since. */
  isKnown: boolean;
}

/** The watch of these system calls, made on first use. */
export function fdWatchOf(syscalls: Calls): FdWatch {
  return syscalls.parts.get(openFdWatch);
}

function openFdWatch(syscalls: Calls): FdWatch {
  return new FdWatch(syscalls);
}

/** The descriptors that a thread waits for. */
export class FdWatch {
  readonly #syscalls: Calls;
  readonly #queues: EventQueues;
  readonly #calls: ForeignCalls<keyof typeof FUNCTIONS>;
  readonly #pipe: Region;
  readonly #watched: Map<number, Watched> = new Map();
  #wanted = 0;
  #queue = -1;
  #reader = -1;
  #writer = -1;
  /** True while the other thread waits. */
  #isWaiting = false;
  /** True from the request to stop until it has stopped. */
  #isEnding = false;
  /** True once it has started. */
  #isWarm = false;
  #willPollSoon = false;

  /** @param syscalls The system's calls. */
  constructor(syscalls: Calls) {
    this.#syscalls = syscalls;
    this.#queues = eventQueuesOf(syscalls.libc);
    this.#calls = syscalls.libc.open(FUNCTIONS);
    this.#pipe = syscalls.libc.arena.allocate(16);
  }

  /**
   * Watches a descriptor.
   *
   * @param fd The descriptor.
   * @param interest Bits of `Interest`.
   * @param wake Called when it may be ready, until the returned function was called.
   * @param looked True if the event loop has just turned and the descriptor was not ready.
   * @returns Cancels the watch; undefined where descriptors can't be watched.
   */
  watch(fd: number, interest: number, wake: () => void, looked: boolean = false): (() => void) | undefined {
    if (this.#queue < 0 && !this.#open()) return undefined;
    let watched = this.#watched.get(fd);
    if (watched === undefined) this.#watched.set(fd, watched = { fd, watchers: new Set(), isKnown: false });
    const watcher: Watcher = { interest, wake };
    watched.watchers.add(watcher);
    this.#wanted++;
    const cancel = (): void => {
      if (!watched.watchers.delete(watcher)) return;
      this.#wanted--;
      if (this.#wanted === 0 && this.#isWaiting) setTimeout(() => this.#end(), PATIENCE_MS);
    };
    try {
      this.#register(watched);
      if (looked) this.#wait();
      else this.#pollSoon();
    } catch (error) {
      // All guests of the thread share this: nothing would ever cancel the watch, and the process would not end.
      cancel();
      throw error;
    }
    return cancel;
  }

  #open(): boolean {
    const queue = this.#queues.open();
    if (queue < 0) return false;
    if (this.#openPipe() < 0) {
      this.#syscalls.fds.close(queue);
      return false;
    }
    // The other thread would delay the end of the process.
    process.on("exit", () => this.#isWaiting && this.#writeByte());
    this.#reader = this.#pipe.i32[0]!;
    this.#writer = this.#pipe.i32[1]!;
    this.#queue = queue;
    return true;
  }

  #openPipe(): number {
    const { libc } = this.#syscalls;
    if (libc.target.os === "linux") {
      const { pipe2 } = libc.open({ pipe2: { parameters: ["address", "i32"], result: "i32" } });
      return pipe2(this.#pipe.address, libc.target.open.O_CLOEXEC);
    }
    const { pipe } = libc.open({ pipe: { parameters: ["address"], result: "i32" } });
    const result = pipe(this.#pipe.address);
    for (let i = 0; i < 2; i++) {
      this.#syscalls.fds.fcntl(this.#pipe.i32[i]!, libc.target.F_SETFD, libc.target.FD_CLOEXEC);
    }
    return result;
  }

  /** A descriptor that can't be watched counts as ready: its own call then reports the error. */
  #register(watched: Watched): void {
    const { fd, watchers } = watched;
    let interest = 0;
    for (const watcher of watchers) interest |= watcher.interest;
    let result = this.#queues.watchOnce(this.#queue, fd, interest, fd, 0, watched.isKnown);
    if (result === -Errno.NOENT || result === -Errno.EXIST) {
      result = this.#queues.watchOnce(this.#queue, fd, interest, fd, 0, !watched.isKnown);
    }
    watched.isKnown = result >= 0;
    if (result < 0) afterTurn(() => this.#wake(watched));
  }

  #wake(watched: Watched): void {
    for (const { wake } of watched.watchers) wake();
  }

  /** Under load some descriptor is ready at the next turn of the event loop, and the other thread need not wait. */
  #pollSoon(): void {
    if (this.#willPollSoon) return;
    afterTurn(() => {
      this.#willPollSoon = false;
      this.#pollNow();
      if (this.#wanted > 0) this.#wait();
    });
    this.#willPollSoon = true;
  }

  #pollNow(): void {
    let count: number;
    do {
      count = this.#queues.wait(this.#queue, 0);
      const ready: Watched[] = [];
      for (let i = 0; i < count; i++) {
        const watched = this.#watched.get(this.#queues.slotAt(i));
        if (watched !== undefined && watched.watchers.size > 0) ready.push(watched);
      }
      for (const watched of ready) this.#wake(watched);
      if (ready.length > 0) afterTurn(() => this.#registerAgain(ready));
    } while (count === MAX_EVENTS);
  }

  /** Watchers that remain after a notification wait for another event. */
  #registerAgain(notified: readonly Watched[]): void {
    for (const watched of notified) {
      if (watched.watchers.size > 0) this.#register(watched);
    }
  }

  #wait(): void {
    if (this.#isWaiting) return;
    const { ffi, library } = this.#syscalls.libc;
    void ffi.pollLater(library, this.#queue, this.#reader).then(() => this.#woken());
    this.#isWaiting = true;
    if (this.#isWarm) return;
    // The first call returns as soon as the thread has started.
    this.#writeByte();
    this.#pollUntilWarm();
  }

  #pollUntilWarm(): void {
    setTimeout(() => {
      if (this.#isWarm || this.#wanted === 0) return;
      this.#pollNow();
      this.#pollUntilWarm();
    }, WARM_UP_MS);
  }

  #woken(): void {
    this.#isWaiting = false;
    this.#isWarm = true;
    if (this.#isEnding) this.#calls.read(this.#reader, this.#pipe.address, 1);
    this.#isEnding = false;
    this.#pollNow();
    if (this.#wanted > 0) this.#pollSoon();
  }

  /** Nobody wants to know any more: the other thread is to stop, so that the process can end. */
  #end(): void {
    if (this.#wanted === 0 && this.#isWaiting && !this.#isEnding) this.#writeByte();
  }

  #writeByte(): void {
    this.#isEnding = true;
    this.#calls.write(this.#writer, this.#pipe.address, 1);
  }
}
