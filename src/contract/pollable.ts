/** What a guest can wait for. */

/** What to wait for: bits. */
export const Interest = { READ: 1, WRITE: 2 } as const;

/** The state of a {@linkcode Pollable}: the bits of {@linkcode Interest}, and a hang-up. */
export const Readiness = { READ: 1, WRITE: 2, HANGUP: 4 } as const;

/** What fits into a stream or socket without a limit of its own, or one that does not report how much fits (bytes). */
export const MAX_WRITABLE: number = 64 * 1024;

/** Something that can be waited for. */
export interface Pollable {
  /**
   * The current state, without waiting.
   *
   * @param interest Bits of {@linkcode Interest} that the caller asks for.
   * @returns Bits of {@linkcode Readiness}; a hang-up also counts as readable and writable, as in poll(2).
   */
  readiness(interest: number): number;
  /**
   * Request a call when {@linkcode readiness} may have changed. `wake` may be called early, late or more than once, but not
   * after the request was cancelled.
   *
   * @returns A function that cancels the request, or undefined if this pollable sends no notices: the waiter then retries
   * in growing intervals.
   */
  subscribe(interest: number, wake: () => void): (() => void) | undefined;
  /** The group that must be refreshed before its members are asked ({@linkcode PollGroup}). */
  readonly group?: PollGroup;
  /** A shared source of notices, subscribed to once in place of each of its pollables ({@linkcode WakeSource}). */
  readonly source?: WakeSource;
  /**
   * True if `readiness` changes only while the event loop runs, so that a blocked thread would wait forever. This is a property
   * of the pollable; how the guest waits is its `WaitMode`.
   */
  readonly needsEventLoop: boolean;
}

/** Pollables whose state the operating system reports for all at once. `readiness` returns the state of the last refresh. */
export interface PollGroup {
  /** Collect what has changed, without waiting. */
  refresh(): void;
}

/** Sends a notice when one of a guest's sockets may be ready: one source for all of them. */
export interface WakeSource {
  /** Request a call at every notice. @returns A function that cancels the request. */
  subscribe(wake: () => void): () => void;
}
