/** The calls about the guest as a whole: strings, end, yielding, random bytes. */

import { Errno } from "../witx/errno.ts";
import { Signal } from "../witx/types.ts";
import { bytesOfText } from "../text/byte_text.ts";
import type { PlatformRandom } from "../contract/platform.ts";
import { WasiExit, WasiSignal } from "../core/guest/exit.ts";
import type { GuestWaiter } from "../core/io/wait.ts";

/** Limit of random bytes per call (64 MiB), so that no call takes unbounded time. */
const MAX_RANDOM = 64 * 1024 * 1024;

/** The calls `args_*` or `environ_*`. */
export class StringCalls {
  readonly #strings: readonly Uint8Array[];

  /**
   * @param strings Arguments, or `NAME=VALUE` pairs.
   * @throws {TypeError} If one can't be encoded.
   */
  constructor(strings: readonly string[]) {
    this.#strings = strings.map(encodeWithNul);
  }

  /** All strings, encoded, each with its NUL. */
  get(): readonly Uint8Array[] {
    return this.#strings;
  }
}

/** The calls `proc_*`. */
export class ProcCalls {
  /** Ends the guest. @throws {WasiExit} Always. */
  exit(rval: number): never {
    throw new WasiExit(rval);
  }

  /** Raises a signal: ends the guest, unless the default action is to ignore it. Errors: `INVAL` no such signal; `NOTSUP` one that stops. @throws {WasiSignal} */
  raise(sig: number): Errno {
    switch (sig) {
      case Signal.NONE:
      case Signal.PIPE:
      case Signal.CHLD:
      case Signal.CONT:
      case Signal.URG:
      case Signal.WINCH:
        return Errno.SUCCESS;
      case Signal.STOP:
      case Signal.TSTP:
      case Signal.TTIN:
      case Signal.TTOU:
        return Errno.NOTSUP;
      default:
        if (sig > Signal.SYS) return Errno.INVAL;
        throw new WasiSignal(sig);
    }
  }
}

/** The call `sched_yield`. */
export class SchedCalls {
  readonly #waiter: GuestWaiter;

  /** @param waiter Waits for the guest. */
  constructor(waiter: GuestWaiter) {
    this.#waiter = waiter;
  }

  /** Yields. A guest that does nothing else is parked for about 1 ms (RATIONALE "Why does sched_yield park the guest?"). */
  yield(): Errno | Promise<Errno> {
    return this.#waiter.yielded();
  }
}

/** The call `random_get`. */
export class RandomCalls {
  readonly #random: PlatformRandom;

  /** @param random Random bytes of the host. */
  constructor(random: PlatformRandom) {
    this.#random = random;
  }

  /** Stores cryptographically secure random bytes. Errors: `INVAL` more than 64 MiB. */
  get(bytes: Uint8Array, start: number, length: number): Errno {
    if (length > MAX_RANDOM) return Errno.INVAL;
    this.#random.fill(bytes, start, length);
    return Errno.SUCCESS;
  }
}

function encodeWithNul(text: string): Uint8Array {
  const bytes = bytesOfText(`${text}\0`);
  if (bytes !== undefined) return bytes;
  throw new TypeError(`Cannot pass ${JSON.stringify(text)} to the guest: it has a lone surrogate`);
}
