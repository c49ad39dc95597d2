/** A lookup with an asynchronous resolver. */

import { Errno } from "../../../witx/errno.ts";
import type { Family, PlatformLookup, SocketAddress, Wakeable } from "../../../contract/network.ts";
import { inetAddress } from "../../../contract/address.ts";
import type { SocketDriver } from "./driver.ts";
import type { Failure } from "../../../contract/results.ts";

/** Ready when the lookup is complete; IP addresses complete at once. */
export class EventLookup implements PlatformLookup {
  readonly needsEventLoop = true;
  readonly source: Wakeable;
  readonly #cancel: (() => void) | undefined;
  #result: readonly SocketAddress[] | Failure = -Errno.AGAIN;
  #done = false;

  /**
   * @param driver Has the resolver.
   * @param name A name, or an IP address.
   * @param family Of the addresses; 0 is any.
   * @param wake Notified of completion.
   */
  constructor(driver: Pick<SocketDriver, "lookup">, name: string, family: Family | 0, wake: Wakeable) {
    this.source = wake;
    const literal = inetAddress(name, 0);
    if (literal !== undefined) {
      this.#done = true;
      this.#result = family === 0 || family === literal.family ? [literal] : -Errno.NOENT;
      return;
    }
    this.#cancel = driver.lookup(name, family, (result) => {
      this.#done = true;
      this.#result = result;
      wake.notify();
    });
  }

  result(): readonly SocketAddress[] | Failure {
    return this.#result;
  }

  cancel(): void {
    if (!this.#done) this.#cancel?.();
  }

  readiness(): number {
    return this.#done ? 1 : 0;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    return this.source.subscribe(wake);
  }
}
