/**
 * Tells a thread whose event loop goes on that a descriptor is ready: all of them are in one event queue, and another
 * thread waits for that, only while somebody wants to know.
 */

import { Errno } from "../../witx/errno.ts";
import { afterTurn } from "../../core/waiter.ts";
import type { Region } from "./arena.ts";
import type { Descriptors } from "./descriptors.ts";
import { type EventQueues, MOST_EVENTS } from "./event_queues.ts";
import { eventQueuesOf } from "./event_queues_of.ts";
import type { ForeignCalls, ForeignFunctions } from "./ffi.ts";
import type { Libc } from "./libc.ts";

const FUNCTIONS = {
  read: { parameters: ["i32", "address", "i32"], result: "i32" },
  write: { parameters: ["i32", "address", "i32"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

/** How often to look by oneself until the other thread has come up (ms). */
const WARM_UP_MS = 2;

/** How long the other thread goes on after nobody wants to know any more: a guest often waits again at once (ms). */
const PATIENCE_MS = 1;

/** The system's calls, as far as they are needed here. */
interface Calls {
  readonly libc: Libc;
  readonly descriptors: Descriptors;
}

/** Who wants to know of a descriptor. */
interface Watcher {
  readonly interest: number;
  readonly wake: () => void;
}

/** A descriptor, and who wants to know of it. */
interface Watched {
  readonly fd: number;
  readonly watchers: Set<Watcher>;
  /** True if the queue has it, unless it was closed since. */
  isKnown: boolean;
}

const opened: WeakMap<Calls, FdWatch> = new WeakMap();

/** The one of a thread, made when it is first asked for. */
export function fdWatchOf(host: Calls): FdWatch {
  let watch = opened.get(host);
  if (watch === undefined) opened.set(host, watch = new FdWatch(host));
  return watch;
}

/** The descriptors that a thread wants to be told of. */
export class FdWatch {
  readonly #host: Calls;
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
  /** True from when it was told to stop until it has. */
  #isEnding = false;
  /** True once it has come up. */
  #isWarm = false;
  #looksSoon = false;

  /** @param host The system's calls. */
  constructor(host: Calls) {
    this.#host = host;
    this.#queues = eventQueuesOf(host.libc);
    this.#calls = host.libc.open(FUNCTIONS);
    this.#pipe = host.libc.arena.allocate(16);
  }

  /**
   * Ask to be told of a descriptor.
   *
   * @param fd The descriptor.
   * @param interest Bits of `Interest`.
   * @param wake Called when it may be ready, until the returned function was called.
   * @param looked True if the event loop has just had a turn and there was nothing.
   * @returns Undefined where it can't be told.
   */
  watch(fd: number, interest: number, wake: () => void, looked: boolean = false): (() => void) | undefined {
    if (this.#queue < 0 && !this.#open()) return undefined;
    let watched = this.#watched.get(fd);
    if (watched === undefined) this.#watched.set(fd, watched = { fd, watchers: new Set(), isKnown: false });
    const watcher: Watcher = { interest, wake };
    watched.watchers.add(watcher);
    this.#wanted++;
    this.#register(watched);
    if (looked) this.#wait();
    else this.#lookSoon();
    return () => {
      if (!watched.watchers.delete(watcher)) return;
      this.#wanted--;
      if (this.#wanted === 0 && this.#isWaiting) setTimeout(() => this.#end(), PATIENCE_MS);
    };
  }

  #open(): boolean {
    const queue = this.#queues.open();
    if (queue < 0) return false;
    if (this.#openPipe() < 0) {
      this.#host.descriptors.close(queue);
      return false;
    }
    this.#queue = queue;
    this.#reader = this.#pipe.i32[0]!;
    this.#writer = this.#pipe.i32[1]!;
    // The other thread would hold up the end of the process.
    process.on("exit", () => this.#isWaiting && this.#writeByte());
    return true;
  }

  #openPipe(): number {
    const { libc } = this.#host;
    if (libc.target.os === "linux") {
      const { pipe2 } = libc.open({ pipe2: { parameters: ["address", "i32"], result: "i32" } });
      return pipe2(this.#pipe.address, libc.target.open.O_CLOEXEC);
    }
    const { pipe } = libc.open({ pipe: { parameters: ["address"], result: "i32" } });
    const result = pipe(this.#pipe.address);
    for (let i = 0; i < 2; i++) {
      this.#host.descriptors.fcntl(this.#pipe.i32[i]!, libc.target.F_SETFD, libc.target.FD_CLOEXEC);
    }
    return result;
  }

  /** What can't be watched is always ready, or its own call tells why not. */
  #register(watched: Watched): void {
    const { fd, watchers } = watched;
    let interest = 0;
    for (const watcher of watchers) interest |= watcher.interest;
    let result = this.#queues.watchOnce(this.#queue, fd, interest, fd, 0, watched.isKnown);
    if (result === -Errno.NOENT || result === -Errno.EXIST) {
      result = this.#queues.watchOnce(this.#queue, fd, interest, fd, 0, !watched.isKnown);
    }
    watched.isKnown = result >= 0;
    if (result < 0) afterTurn(() => this.#tell(watched));
  }

  #tell(watched: Watched): void {
    for (const { wake } of watched.watchers) wake();
  }

  /** Under load there is something at the next turn of the event loop, and the other thread has not to wait for it. */
  #lookSoon(): void {
    if (this.#looksSoon) return;
    this.#looksSoon = true;
    afterTurn(() => {
      this.#looksSoon = false;
      this.#look();
      if (this.#wanted > 0) this.#wait();
    });
  }

  #look(): void {
    let count: number;
    do {
      count = this.#queues.take(this.#queue, 0);
      const told: Watched[] = [];
      for (let i = 0; i < count; i++) {
        const watched = this.#watched.get(this.#queues.slotAt(i));
        if (watched !== undefined && watched.watchers.size > 0) told.push(watched);
      }
      for (const watched of told) this.#tell(watched);
      if (told.length > 0) afterTurn(() => this.#registerAgain(told));
    } while (count === MOST_EVENTS);
  }

  /** Who still wants to know after it was told waits for something else. */
  #registerAgain(told: readonly Watched[]): void {
    for (const watched of told) {
      if (watched.watchers.size > 0) this.#register(watched);
    }
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    const { ffi, library } = this.#host.libc;
    void ffi.pollLater(library, this.#queue, this.#reader).then(() => this.#woken());
    if (this.#isWarm) return;
    // The first time it comes back as soon as it has come up.
    this.#writeByte();
    this.#lookUntilWarm();
  }

  #lookUntilWarm(): void {
    setTimeout(() => {
      if (this.#isWarm || this.#wanted === 0) return;
      this.#look();
      this.#lookUntilWarm();
    }, WARM_UP_MS);
  }

  #woken(): void {
    this.#isWaiting = false;
    this.#isWarm = true;
    if (this.#isEnding) this.#calls.read(this.#reader, this.#pipe.address, 1);
    this.#isEnding = false;
    this.#look();
    if (this.#wanted > 0) this.#lookSoon();
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
