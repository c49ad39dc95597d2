/** Flushes of connections that a guest has closed: the process must not end before their bytes are sent. */

/** Counts the flushes in progress. */
export class PendingFlushes {
  #count = 0;
  #waiting: (() => void)[] = [];

  /** Count a flush. @returns Ends it, when all bytes are sent or can't be; later calls do nothing. */
  add(): () => void {
    this.#count++;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#count--;
      if (this.#count > 0) return;
      for (const resolve of this.#waiting.splice(0)) resolve();
    };
  }

  /** Resolves once no flush is in progress. */
  allFlushed(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
