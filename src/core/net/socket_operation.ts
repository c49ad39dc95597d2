/** A bind, a listen or a connect, and what it waits for. */

import { Errno } from "../../witx/errno.ts";
import type { PlatformSocket } from "../../contract/network.ts";
import { Interest, type Pollable } from "../../contract/pollable.ts";
import type { PendingNames } from "./guest_lookup.ts";

/** The steps of an operation. Each returns 0, `-INPROGRESS` or minus an errno. */
export interface OperationSteps {
  /** Asks the policy again, once the names are known. */
  admit?(): number;
  /** Starts the operation on the platform's socket. */
  start(): number;
  /** Called once the operation has succeeded. */
  succeeded?(): void;
}

/** The socket that an operation is about. */
interface Subject {
  readonly platformSocket: PlatformSocket;
}

/** An operation in progress: names are looked up, the policy admits it, the platform's socket carries it out. */
export class SocketOperation {
  readonly #subject: Subject;
  readonly #steps: OperationSteps;
  #names: PendingNames | undefined;
  #isStarted = false;
  #isCancelled = false;

  /**
   * @param subject The socket.
   * @param steps The steps.
   * @param names Names to look up first.
   */
  constructor(subject: Subject, steps: OperationSteps, names?: PendingNames) {
    this.#subject = subject;
    this.#steps = steps;
    this.#names = names;
  }

  /** The names that the policy's decision waits for; undefined once it has decided. */
  get pendingNames(): PendingNames | undefined {
    return this.#names;
  }

  /** What to wait for. */
  get pollable(): Pollable {
    return this.#names ?? this.#subject.platformSocket;
  }

  /** Bits of `Interest` to wait for. */
  get interest(): number {
    return this.#names === undefined ? Interest.WRITE : Interest.READ;
  }

  /** Go on as far as possible. @returns 0, `-INPROGRESS` (wait again), or minus an errno. */
  advance(): number {
    const names = this.#names;
    if (names !== undefined) {
      if (this.#isCancelled) return -Errno.CANCELED;
      if (names.readiness() === 0) return -Errno.INPROGRESS;
      this.#names = undefined;
      names.learn();
      const admitted = this.#steps.admit?.() ?? 0;
      if (admitted < 0) return admitted;
    }
    const result = this.#isStarted ? this.#subject.platformSocket.finish() : this.#steps.start();
    this.#isStarted = true;
    if (result === 0) this.#steps.succeeded?.();
    return result;
  }

  /** Drop the lookups, if the policy has not decided yet. Whoever waits for them is woken. */
  cancel(): void {
    this.#isCancelled = true;
    this.#names?.cancel();
  }
}
