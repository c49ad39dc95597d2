/** `serve`: a guest that serves HTTP, as a handler of requests. */

import type { SocketAddress } from "../core/network.ts";
import { inetAddress } from "../core/socket/address.ts";
import { type VirtualAddress, VirtualNetwork, virtualNetwork } from "../platform/memory/mod.ts";
import type { ModuleSource, RunOptions } from "../runtime/mod.ts";
import { type App, makeApp } from "./app.ts";
import { ConnectionPool } from "./connection_pool.ts";
import { RunningGuest } from "./running_guest.ts";

/** Connections to a guest at most, unless the caller says otherwise: half of the descriptors that a guest has. */
const DEFAULT_CONNECTIONS = 512;

/** Options of {@linkcode serve}. */
export interface ServeOptions extends RunOptions {
  /** Port at which the guest will listen. Default: the first at which it does. */
  readonly port?: number;
  /** The network of the guest, if it is shared with others; then `port` is needed. Default: one of its own. */
  readonly virtual?: VirtualNetwork;
  /**
   * Connections to the guest at most, which are requests that it answers at once; further ones wait. Default: 512, half of
   * {@linkcode RunOptions.maxOpenFiles}.
   */
  readonly maxConnections?: number;
}

/**
 * Run a guest that serves HTTP, on a network in memory: no port of the operating system is taken.
 *
 * The guest may do everything on that network, which leads nowhere else, unless `net.allow` says otherwise. A guest that
 * can't make sockets is given one that listens: `net: { listen: ["127.0.0.1:80"] }`. That one listens from the start:
 * requests wait until the guest takes them.
 *
 * @param module The module: bytes, compiled, a path, a URL or a response.
 * @param options What the guest gets, as for `run`.
 * @returns Once the guest listens.
 *
 * @throws {Error} If the guest ends before it listens; the message has its exit code and the end of its standard error.
 * @throws {ModuleError} The module can't be found, compiled or linked.
 * @throws {TrapError} The guest trapped before it listened.
 * @throws {TypeError} The options are wrong.
 *
 * @example Hand requests to a guest
 * ```ts
 * import { serve } from "wasirun/serve";
 * import assert from "node:assert/strict";
 *
 * // With a guest that listens:
 * //   const app = await serve("server.wasm", { net: { listen: ["127.0.0.1:80"] } });
 * //   Deno.serve(app.fetch); // Bun.serve({ fetch: app.fetch });
 * // This one ends at once: (module (func (export "_start")) (memory (export "memory") 1))
 * const module = Uint8Array.from(
 *   atob("AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGX3N0YXJ0AAAGbWVtb3J5AgAKBAECAAs="),
 *   (char) => char.charCodeAt(0),
 * );
 * await assert.rejects(serve(module), /ended with exit code 0 before it listened/);
 * ```
 */
export async function serve(module: ModuleSource, options: ServeOptions = {}): Promise<App> {
  const { port, virtual, maxConnections, ...runOptions } = options;
  checkOptions(options);
  const network = virtual ?? virtualNetwork();
  const most = maxConnections ?? Math.ceil((options.maxOpenFiles ?? 2 * DEFAULT_CONNECTIONS) / 2);
  const waiting = new AbortController();
  const listening = network.listening(port === undefined ? undefined : { port }, { signal: waiting.signal });
  const guest = new RunningGuest(module, runOptions, network);
  try {
    const address = socketAddress(await Promise.race([listening, guest.endedTooSoon()]));
    return makeApp(guest, address.port, network, new ConnectionPool(network.driver, address, most));
  } catch (error) {
    listening.catch(() => {});
    waiting.abort();
    throw error;
  }
}

function checkOptions({ port, virtual, maxConnections }: ServeOptions): void {
  if (virtual !== undefined && port === undefined) {
    throw new TypeError("Cannot tell the guest's port on a network that is shared: pass options.port");
  }
  if (virtual !== undefined && !(virtual instanceof VirtualNetwork)) {
    throw new TypeError("Cannot use this as options.virtual: pass what virtualNetwork made");
  }
  if (maxConnections !== undefined && !(maxConnections >= 1)) {
    throw new TypeError(`Cannot make do with ${maxConnections} connections: pass at least 1 as options.maxConnections`);
  }
}

function socketAddress(address: VirtualAddress): SocketAddress {
  const found = "path" in address ? undefined : inetAddress(address.host ?? "", address.port);
  if (found === undefined) throw new TypeError("Cannot serve from something that is no TCP listener");
  return found;
}
