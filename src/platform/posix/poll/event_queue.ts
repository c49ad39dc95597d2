/** A list of descriptors in the kernel, which reports those that changed: epoll(7), kqueue(2). */

/** Events of a descriptor, as bits. The first two are those of `Interest`. */
export const PollEvents = {
  READ: 1,
  WRITE: 2,
  /** Both directions are over. */
  HANGUP: 4,
  /** It failed. */
  ERROR: 8,
  /** The peer sends no more. */
  READ_END: 16,
  /** A read may stop before all available data is read. */
  URGENT: 32,
  /** Its state must be queried. */
  RECHECK: 64,
} as const;

/** Events that are taken at once. */
export const MAX_EVENTS = 256;

/**
 * The calls with queues, which are fds. A registration is identified by a slot and a generation: a descriptor
 * that is closed leaves the queue, but earlier events of it may still be there.
 */
export interface EventQueues {
  /** Make a queue. @returns Its descriptor, or minus an errno. */
  open(): number;
  /** Reports each change in both directions. @returns 0 or minus an errno. */
  watch(queue: number, fd: number, slot: number, generation: number): number;
  /**
   * Reports once that a direction is ready.
   *
   * @param interest Bits of `Interest`.
   * @param known True if it was registered before.
   * @returns 0 or minus an errno: PERM for what is always ready.
   */
  watchOnce(queue: number, fd: number, interest: number, slot: number, generation: number, known: boolean): number;
  /** Removes what {@linkcode EventQueues.watchOnce} registered. */
  unwatch(queue: number, fd: number): void;
  /** Wait for events. @param timeoutMs At most; -1 for ever. @returns How many there are, until the next call. */
  wait(queue: number, timeoutMs: number): number;
  /** Slot of an event. */
  slotAt(index: number): number;
  /** Its generation. */
  generationAt(index: number): number;
  /** Bits of {@linkcode PollEvents}. */
  eventsAt(index: number): number;
  /** Bits of `Interest` that the event is about: those that it does not report are no longer ready. */
  interestAt(index: number): number;
}
