/** A kernel's own list of descriptors, which tells of those that changed: epoll(7), kqueue(2). */

/** What is told of a descriptor: bits. The first two are those of `Interest`. */
export const Told = {
  READ: 1,
  WRITE: 2,
  /** Both directions are over. */
  HANGUP: 4,
  /** It failed. */
  FAILURE: 8,
  /** The peer sends no more. */
  END: 16,
  /** A read may stop before the end of what is there. */
  MARK: 32,
  /** It is to be asked what holds. */
  CHANGE: 64,
} as const;

/** Events that are taken at once. */
export const MOST_EVENTS = 256;

/**
 * The calls with queues, which are descriptors. What was registered is known by a slot and a generation: a descriptor
 * that is closed is off the queue, but what was told of it before may still be there.
 */
export interface EventQueues {
  /** Make a queue. @returns Its descriptor, or minus an errno. */
  open(): number;
  /** Tell of each change in both directions. @returns 0 or minus an errno. */
  watch(queue: number, fd: number, slot: number, generation: number): number;
  /**
   * Tell once that a direction is ready.
   *
   * @param interest Bits of `Interest`.
   * @param known True if it was registered before.
   * @returns 0 or minus an errno: PERM for what is always ready.
   */
  watchOnce(queue: number, fd: number, interest: number, slot: number, generation: number, known: boolean): number;
  /** Strike off what {@linkcode EventQueues.watchOnce} registered. */
  unwatch(queue: number, fd: number): void;
  /** Wait for events. @param timeoutMs At most; -1 for ever. @returns How many there are, until the next call. */
  take(queue: number, timeoutMs: number): number;
  /** Slot of an event. */
  slotAt(index: number): number;
  /** Its generation. */
  generationAt(index: number): number;
  /** Bits of {@linkcode Told}. */
  toldAt(index: number): number;
  /** Bits of `Interest` that the event is about: those that were not told don't hold any more. */
  aboutAt(index: number): number;
}
