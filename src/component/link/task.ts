/** Calls in progress. */

import type { ValueType } from "../types/value_type.ts";
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
  /**
   * Lifts the core parameters of `task.return`, and passes the result on; undefined if the call returns its result
   * otherwise.
   */
  onReturn: ((flat: readonly (number | bigint)[]) => void) | undefined;
  /** Type of the result of `task.return`; undefined if there is none. */
  resultType: ValueType | undefined;
  /** True once `task.return` has been called. */
  hasReturned = false;
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
