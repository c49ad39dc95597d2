/** How a guest ended, and how an import leaves the guest so that it can't catch it. */

import type { Errno } from "../../witx/errno.ts";
import type { MaybePromise } from "../io/maybe_promise.ts";
import { WasiExit, WasiSignal } from "./exit.ts";
import { type Nothing, reserveStack } from "./stack_reserve.ts";

/** `(module (func (export "") unreachable))` */
const TRAP_MODULE = new Uint8Array(
  [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 4, 1, 0, 0, 0, 0x0a, 5, 1, 3, 0, 0, 0x0b],
);

/** Nested calls that take 50 to 100 KiB of stack, more than a host function needs. */
const ROOM_IN_CALLS = 500;

/** The end of a guest by something that becomes known only after it. */
export class LaterReason {
  /** What ended it, as far as that is known. */
  reason: unknown;

  /** @param reason What is known at first. */
  constructor(reason: unknown) {
    this.reason = reason;
  }
}

/**
 * The end of a guest: its exit, a signal, an abort, a trap, or what a host function threw. The first one counts.
 *
 * A guest catches what host functions throw, exits among them, with `catch_all`. It can't catch a trap. So every import
 * stores what it throws here, and leaves the guest by a trap (RATIONALE "Why does a guest's exit unwind with a trap?").
 */
export class GuestOutcome {
  #ended = false;
  #isOutOfStack = false;
  readonly #nothing: Nothing = undefined;
  #reason: unknown;
  readonly #listeners: Set<() => void> = new Set();
  /** Buffer of the guest's memory while the guest runs; undefined once it has ended, so that one comparison checks both. */
  buffer: ArrayBufferLike | undefined;

  /** True once the guest has ended: every import traps from then on. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What ended it: a {@linkcode WasiExit}, a {@linkcode WasiSignal}, or any other value that was thrown. */
  get reason(): unknown {
    return this.#reason instanceof LaterReason ? this.#reason.reason : this.#reason;
  }

  /** True if a host function failed because the stack was exhausted; the reason may then be any error. */
  get isOutOfStack(): boolean {
    return this.#isOutOfStack;
  }

  /**
   * Record the end, unless the guest has ended already, and notify the listeners. If the stack overflows meanwhile, the
   * next call notifies the rest.
   */
  end(reason: unknown): void {
    if (!this.#ended) {
      // No function is called here: it might overflow the stack.
      this.buffer = undefined;
      this.#reason = reason;
      this.#ended = true;
    }
    for (const listen of this.#listeners) {
      listen();
      this.#listeners.delete(listen);
    }
  }

  /**
   * Add a listener for the end of the guest.
   *
   * @param listen Called once, at once if the guest has already ended; called again if it throws.
   * @returns Removes the listener.
   */
  onEnd(listen: () => void): () => void {
    if (this.#ended) listen();
    else this.#listeners.add(listen);
    return () => void this.#listeners.delete(listen);
  }

  /** Record the end, and leave the guest by a trap. */
  readonly leave = (reason: unknown): never => {
    this.end(reason);
    return trap();
  };

  /** As {@linkcode leave}, for an exception of the host's own functions: an exit, or an unexpected error. */
  readonly fail = (error: unknown): never => {
    if (!this.#ended && !(error instanceof WasiExit) && !(error instanceof WasiSignal)) {
      this.#isOutOfStack = isStackExhausted();
    }
    return this.leave(error);
  };

  /**
   * Leave the guest if it has ended. Imports that do not use its memory call this first.
   *
   * @throws {RangeError} If the stack has no room for the call.
   */
  check(): void {
    reserveStack(this.#nothing);
    if (this.#ended) this.leave(this.#reason);
  }

  /** Wrap the result of an import: a promise leaves the guest if it rejects, or resolves after the guest has ended. */
  settle(result: MaybePromise): MaybePromise {
    return typeof result === "number" ? result : result.then(this.#passOn, this.fail);
  }

  readonly #passOn = (errno: Errno): Errno => {
    this.check();
    return errno;
  };
}

/** @throws {WebAssembly.RuntimeError} Always: a trap of WebAssembly. */
function trap(): never {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(TRAP_MODULE));
  return (exports[""] as () => never)();
}

/** Engines report a stack overflow by other errors too: V8 rejects a regular expression with a `SyntaxError`. */
function isStackExhausted(): boolean {
  try {
    descend(ROOM_IN_CALLS);
    return false;
  } catch {
    return true;
  }
}

function descend(calls: number): number {
  return calls === 0 ? 0 : descend(calls - 1) + 1;
}
