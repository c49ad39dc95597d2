/** The limit on what a guest has open at the host. */

import type { WasiHost } from "./host.ts";

/** The count of a guest's open sockets: `host.shared(openFiles)`. */
export function openFiles(host: WasiHost): OpenFiles {
  return new OpenFiles(host.guest.maxOpenFiles);
}

/** Counts what is open, up to a limit. */
export class OpenFiles {
  readonly #limit: number;
  #count = 0;

  /** @param limit How many may be open at a time. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** One more is about to be opened. @returns False if there are as many as may be. */
  take(): boolean {
    if (this.#count >= this.#limit) return false;
    this.#count++;
    return true;
  }

  /** One was closed, or could not be opened. */
  release(): void {
    this.#count--;
  }
}
