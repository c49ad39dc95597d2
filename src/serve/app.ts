/** A guest that serves HTTP. */

import type { VirtualNetwork } from "../platform/memory/mod.ts";
import type { RunResult } from "../runtime/mod.ts";
import type { ConnectionPool } from "./connection_pool.ts";
import { fetchThrough } from "./fetch_exchange.ts";
import type { RunningGuest } from "./running_guest.ts";

/** A guest that serves HTTP, as a handler of requests. Made by {@linkcode serve}. */
export interface App extends AsyncDisposable {
  /**
   * Let the guest answer a request. It can be called on its own: `Deno.serve(app.fetch)`.
   *
   * Bodies stream in both directions, with back-pressure. When the request's signal is aborted or the response's body is
   * cancelled, the guest finds its connection closed. What belongs to one hop (`Connection`, `Upgrade`, …) and `Expect` is
   * not passed on, and neither are trailers; there are no web sockets.
   *
   * Once a process, Deno warns of handlers that look at the signal; `--unstable-no-legacy-abort` ends that. Bun sends the
   * head of a response with the first piece of its body.
   *
   * @returns What the guest answers; 502 if that is no HTTP/1.1, and 503 once the guest has ended or listens no more.
   * @throws The reason of the request's signal, or what the request's body fails with.
   * @throws {TypeError} If the request can't be sent: its body was used, or is not as long as its content-length says.
   */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Port at which the guest listens. */
  readonly port: number;
  /** The network that the guest listens on. */
  readonly network: VirtualNetwork;
  /** How the guest ended; rejects if it failed, and after {@linkcode App.close}. Need not be handled. */
  readonly ended: Promise<RunResult>;
  /** End the guest, and what it is answering. Resolves once it is over; never rejects. */
  close(): Promise<void>;
}

/** The parts of an app, put together. */
export function makeApp(guest: RunningGuest, port: number, network: VirtualNetwork, pool: ConnectionPool): App {
  const close = async (): Promise<void> => {
    pool.close("the guest was closed");
    await guest.stop();
  };
  guest.ended.then(() => pool.close("the guest has ended"), () => pool.close("the guest has failed"));
  return {
    fetch: (request) => fetchThrough(pool, request),
    port,
    network,
    ended: guest.ended,
    close,
    [Symbol.asyncDispose]: close,
  };
}
