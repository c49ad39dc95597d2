/** Connections that a guest has closed and that still have bytes to send: a process must not end before they are sent. */

/** Counts them. */
export class Departures {
  #count = 0;
  #waiting: (() => void)[] = [];

  /** One more. @returns To be called, once or more often, when all of it is sent or can't be. */
  add(): () => void {
    this.#count++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#count--;
      if (this.#count > 0) return;
      for (const resolve of this.#waiting.splice(0)) resolve();
    };
  }

  /** Resolved once there is none. */
  gone(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
