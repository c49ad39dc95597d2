/** What the streams of a guest have in common that are not those of the process. */

import { type Filestat, Filetype } from "../../witx/types.ts";

/**
 * The status of a stream that is no file.
 *
 * @param out Receives it.
 * @param filetype Its type; unknown by default.
 * @returns 0.
 */
export function streamFilestat(out: Filestat, filetype: Filetype = Filetype.UNKNOWN): number {
  out.words.fill(0);
  out.filetype = filetype;
  out.nlink = 1n;
  return 0;
}

/** As `Pollable.subscribe`, of a stream that is always ready. */
export function readyAtOnce(_interest: number, wake: () => void): () => void {
  wake();
  return () => {};
}

/** The callbacks of those who wait for a stream to change. */
export class Wakers {
  readonly #wakers: Set<() => void> = new Set();

  add(wake: () => void): () => void {
    this.#wakers.add(wake);
    return () => void this.#wakers.delete(wake);
  }

  wakeAll(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}
