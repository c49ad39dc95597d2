/** Whether a guest can be suspended now. */

/** Told by whoever calls the guest, and whoever resumes it. */
export interface StackState {
  /**
   * True while the stack that runs can be suspended: it was entered by a call that returns a promise, and has no frame of
   * JavaScript since.
   */
  canSuspend: boolean;
  /**
   * True while a function of JavaScript calls the guest: one that returns at once, or one within a call of the guest, such as
   * what allocates. It is reset before anything else runs. Such a stack can't be suspended.
   */
  isNested: boolean;
}
