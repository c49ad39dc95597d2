/** Descriptor numbers. */

import type { Descriptor } from "./descriptor.ts";

/** The table of descriptors. The lowest free number is assigned first, as in POSIX. */
export class FdTable {
  readonly #rows: (Descriptor | undefined)[] = [];
  readonly #limit: number;
  #lowestFree = 0;
  #open = 0;

  /** @param limit Maximum number of open descriptors. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The row of `fd` (u32), or undefined if it is not open. */
  get(fd: number): Descriptor | undefined {
    return this.#rows[fd];
  }

  /** True if one more can be opened. */
  hasRoom(): boolean {
    return this.#open < this.#limit;
  }

  /** Adds a descriptor at the lowest free number. @returns The number, or -1 at the limit. */
  insert(descriptor: Descriptor): number {
    if (!this.hasRoom()) return -1;
    const fd = this.#lowestFree;
    this.#rows[fd] = descriptor;
    this.#open++;
    let next = fd + 1;
    while (this.#rows[next] !== undefined) next++;
    this.#lowestFree = next;
    return fd;
  }

  /** Removes `fd`. @returns Its row, or undefined if it was not open. */
  remove(fd: number): Descriptor | undefined {
    const descriptor = this.#rows[fd];
    if (descriptor === undefined) return undefined;
    this.#rows[fd] = undefined;
    this.#open--;
    if (fd < this.#lowestFree) this.#lowestFree = fd;
    return descriptor;
  }

  /** Moves `from` to the number `to`; both are open and differ. @returns The former row of `to`. */
  renumber(from: number, to: number): Descriptor | undefined {
    const replaced = this.#rows[to];
    this.#rows[to] = this.remove(from);
    return replaced;
  }

  /** Removes all rows, the highest number first. */
  *drain(): Generator<Descriptor> {
    for (let fd = this.#rows.length - 1; fd >= 0; fd--) {
      const descriptor = this.remove(fd);
      if (descriptor !== undefined) yield descriptor;
    }
    this.#rows.length = 0;
    this.#lowestFree = 0;
  }
}
