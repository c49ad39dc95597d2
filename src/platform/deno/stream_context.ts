/** What the connections and listeners of one driver share. */

import { PendingFlushes } from "../shared/net/pending_flushes.ts";
import type { UnixPathCalls } from "../shared/net/unix_socket_path.ts";
import { Slab } from "../shared/slab.ts";
import type { DenoNamespace } from "./api.ts";
import type { ClosingListeners } from "./closing_listeners.ts";

/** The runtime, what is still to be sent, and memory for copies. */
export class StreamContext {
  /** The runtime. */
  readonly deno: DenoNamespace;
  /** Its calls for the paths of unix sockets. */
  readonly names: UnixPathCalls;
  /** Those of the process. */
  readonly closing: ClosingListeners;
  /** Connections that are closed, with bytes that the system has not accepted yet. */
  readonly flushes: PendingFlushes = new PendingFlushes();
  /** Memory for small copies. */
  readonly slab: Slab = new Slab();

  /**
   * @param deno The runtime.
   * @param names Its calls for the paths of unix sockets.
   * @param closing The closing listeners of the process.
   */
  constructor(deno: DenoNamespace, names: UnixPathCalls, closing: ClosingListeners) {
    this.deno = deno;
    this.names = names;
    this.closing = closing;
  }
}
