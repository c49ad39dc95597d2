/** Calls in progress. */

import type { BorrowScope } from "./handles.ts";
import { trap } from "./trap.ts";

/**
 * A call of an export that is in progress ("task" in the specification): the borrowed handles that it has, and the values
 * of `context.get`. Calls that need neither have none.
 */
export class Task implements BorrowScope {
  borrowCount = 0;
  /** Values of `context.get`. */
  readonly storage: number[] = [0, 0];
  /** The task that the instance had before: only that of an instance that an inner one has called back. */
  readonly outer: Task | undefined;

  /** @param outer The task that the instance had before. */
  constructor(outer: Task | undefined) {
    this.outer = outer;
  }

  /** The call returns. @throws {ComponentTrap} If it has not dropped its borrowed handles. */
  checkReturn(): void {
    if (this.borrowCount > 0) trap("borrow handles still remain at the end of the call");
  }
}
