/** `serve` for any platform. */

import type { SocketAddress } from "../contract/network.ts";
import type { Platform } from "../contract/platform.ts";
import { inetAddress } from "../contract/address.ts";
import { type VirtualAddress, VirtualNetwork, virtualNetwork } from "../platform/memory/mod.ts";
import type { ModuleSource, RunOptions } from "../runtime/mod.ts";
import { type App, makeApp } from "./app.ts";
import { ConnectionPool } from "./connection_pool.ts";
import { RunningGuest } from "./running_guest.ts";

/** Default limit on connections: half of the descriptors of a guest. */
const DEFAULT_CONNECTIONS = 512;

/** Options of `serve`. */
export interface ServeOptions extends RunOptions {
  /** Port that the guest will listen on. Default: the first one that it listens on. */
  readonly port?: number;
  /** A network shared with other guests; `port` is then required. Default: a private network. */
  readonly virtual?: VirtualNetwork;
  /**
   * Limit on connections to the guest, and so on concurrent requests; further requests wait. Default: half of
   * {@linkcode RunOptions.maxOpenFiles}, 512.
   */
  readonly maxConnections?: number;
}

/**
 * `serve` on a given platform.
 *
 * @param platform The platform.
 * @param module The module.
 * @param options Options of the guest.
 */
export async function serveOn(platform: Platform, module: ModuleSource, options: ServeOptions): Promise<App> {
  const { port, virtual, maxConnections, ...runOptions } = options;
  checkOptions(options);
  const network = virtual ?? virtualNetwork();
  const limit = maxConnections ?? Math.ceil((options.maxOpenFiles ?? 2 * DEFAULT_CONNECTIONS) / 2);
  const waiting = new AbortController();
  const listening = network.listening(port === undefined ? undefined : { port }, { signal: waiting.signal });
  const guest = new RunningGuest(platform, module, runOptions, network);
  try {
    const address = socketAddress(await Promise.race([listening, guest.failOnEnd()]));
    return makeApp(guest, address.port, network, new ConnectionPool(network.driver, address, limit));
  } catch (error) {
    listening.catch(() => {});
    waiting.abort();
    throw error;
  }
}

function checkOptions({ port, virtual, maxConnections }: ServeOptions): void {
  if (virtual !== undefined && port === undefined) {
    throw new TypeError("Cannot determine the guest's port on a shared network: pass options.port");
  }
  if (virtual !== undefined && !(virtual instanceof VirtualNetwork)) {
    throw new TypeError("Cannot use this as options.virtual: pass the result of virtualNetwork()");
  }
  if (maxConnections !== undefined && !(maxConnections >= 1)) {
    throw new TypeError(`options.maxConnections must be at least 1, got ${maxConnections}`);
  }
}

function socketAddress(address: VirtualAddress): SocketAddress {
  const found = "path" in address ? undefined : inetAddress(address.host ?? "", address.port);
  if (found === undefined) throw new TypeError("Cannot serve: the guest listens on a unix socket, not on TCP");
  return found;
}
