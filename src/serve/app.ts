/** A guest that serves HTTP. */

import type { AsyncDisposal, WebRequest, WebResponse } from "../contract/web_types.ts";
import type { VirtualNetwork } from "../platform/memory/mod.ts";
import type { RunResult } from "../runtime/mod.ts";
import type { ConnectionPool } from "./connection_pool.ts";
import { fetchThrough } from "./fetch_exchange.ts";
import type { RunningGuest } from "./running_guest.ts";

/** A guest that serves HTTP, as a request handler. Returned by {@linkcode serve}. */
export interface App extends AsyncDisposal {
  /**
   * Passes a request to the guest. Needs no `this`: `Deno.serve(app.fetch)`.
   *
   * Bodies stream in both directions, with back-pressure. If the request's signal is aborted or the response's body is
   * cancelled, the guest's connection is closed. Hop-by-hop fields (`Connection`, `Upgrade`, …), `Expect` and trailers
   * are not passed on; web sockets are not supported.
   *
   * Deno warns once per process about handlers that use the signal; `--unstable-no-legacy-abort` disables the warning.
   * Bun sends the head of a response with the first chunk of its body.
   *
   * @returns The guest's response; 502 if it is not valid HTTP/1.1, and 503 once the guest has ended or no longer
   * listens.
   * @throws The reason of the request's signal, or the error of the request's body.
   * @throws {TypeError} If the request can't be sent: its body is used, or its length differs from its content-length.
   */
  readonly fetch: (request: WebRequest) => Promise<WebResponse>;
  /** Port that the guest listens on; 0 for a component that exports `wasi:http/incoming-handler`. */
  readonly port: number;
  /** The network that the guest listens on. */
  readonly network: VirtualNetwork;
  /** The guest's result; rejects if it failed, and after {@linkcode App.close}. A rejection need not be handled. */
  readonly ended: Promise<RunResult>;
  /** Ends the guest and all requests in progress. Resolves when it has ended; never rejects. */
  close(): Promise<void>;
}

/** Combines the parts of an app. */
export function makeApp(guest: RunningGuest, port: number, network: VirtualNetwork, pool: ConnectionPool): App {
  const close = async (): Promise<void> => {
    pool.close("the guest was closed");
    await guest.stop();
  };
  guest.ended.then(
    (result) => pool.close(`the guest has ended${guest.hintFor(result)}`),
    () => pool.close("the guest has failed"),
  );
  return {
    fetch: (request) => fetchThrough(pool, request),
    port,
    network,
    ended: guest.ended,
    close,
    [Symbol.asyncDispose]: close,
  };
}
