/** The resource `pollable` of `wasi:io/poll`. */

import { Interest, type Pollable } from "../../../contract/pollable.ts";

/** What a pollable of the guest follows: a stream, a socket, a lookup. Nothing is registered until the guest waits. */
export interface PollTarget {
  /**
   * What to wait for now. It may be another object from time to time: a socket's connect, then the socket.
   *
   * @returns Undefined if the target is ready whatever happens: it never waits, has failed, or is closed.
   */
  awaited(): Pollable | undefined;
  /** True if {@linkcode PollTarget.awaited} has tried: what it returns is not ready, whatever the platform guesses. */
  readonly hasTried?: boolean;
  /** Bits of `Interest` to wait for; read after {@linkcode PollTarget.awaited}. */
  readonly interest: number;
  /** When it is ready at the latest (ns on the monotonic clock), if that is limited; read after {@linkcode PollTarget.awaited}. */
  readonly deadlineNs?: number | undefined;
}

/** Is always ready. */
export const ALWAYS_READY: PollTarget = { awaited: () => undefined, interest: Interest.READ };

/**
 * A target that is ready when one pollable is, such as a `Deadline` or a lookup.
 *
 * @param pollable What to wait for.
 * @param interest Bits of `Interest`.
 */
export function targetOf(pollable: Pollable, interest: number = Interest.READ): PollTarget {
  return { awaited: () => pollable, interest };
}
