/** Whether a guest can be suspended now. */

/** Told by whoever calls the guest, and whoever resumes it. */
export interface StackState {
  /**
   * True while the stack that runs can be suspended: it was entered by a call that returns a promise, and has no frame of
   * JavaScript since.
   */
  canSuspend: boolean;
  /**
   * True while the host has called the guest within a call of the guest, to allocate for example. Such a stack can't be
   * suspended.
   */
  isNested: boolean;
}
