/** What can be waited for. */

/** What to wait for: bits. */
export const Interest = { READ: 1, WRITE: 2 } as const;

/** What holds of a {@linkcode Pollable} now: the bits of {@linkcode Interest}, and these. */
export const Readiness = { READ: 1, WRITE: 2, HANGUP: 4 } as const;

/** Something that can be waited for. */
export interface Pollable {
  /**
   * What holds now, without waiting.
   *
   * @param interest Bits of {@linkcode Interest} that the caller asks for.
   * @returns Bits of {@linkcode Readiness}; a hang-up also counts as readable and writable, as in poll(2).
   */
  readiness(interest: number): number;
  /** Bytes that can be read at once, as far as is known (0 when it is not). */
  readableBytes(): number;
  /**
   * Ask to be called when {@linkcode readiness} may have changed. `wake` may be called early, late or more than
   * once; it must not be called after the returned function was.
   *
   * @returns A function that takes the request back, or undefined where nothing tells: then the waiter tries again
   * in growing intervals.
   */
  subscribe(interest: number, wake: () => void): (() => void) | undefined;
  /** Those that are asked together, before any of them is ({@linkcode PollGroup}). */
  readonly group?: PollGroup;
  /** One for all that are told about together: it is then asked in their place, once ({@linkcode WakeSource}). */
  readonly source?: WakeSource;
  /** True where `readiness` changes only while the event loop runs, so that a blocked thread would wait forever. */
  readonly needsEventLoop: boolean;
}

/** Pollables that an operating system tells of all at once: their `readiness` is what was known at the last look. */
export interface PollGroup {
  /** Look what happened since, without waiting. */
  refresh(): void;
}

/** Tells a waiting guest that one of its sockets may be ready; one for all sockets of a guest. */
export interface WakeSource {
  /** Ask to be called at every notice, until the returned function was called. */
  subscribe(wake: () => void): () => void;
}
