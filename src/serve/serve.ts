/** `serve` for any platform. */

import type { SocketAddress } from "../contract/network.ts";
import type { Platform } from "../contract/platform.ts";
import { inetAddress } from "../contract/address.ts";
import { type VirtualAddress, VirtualNetwork, virtualNetwork } from "../platform/memory/mod.ts";
import { type ComponentProgram, isProgram } from "../runtime/component_program.ts";
import { cannotSuspend, canSuspend } from "../runtime/jspi.ts";
import { startLoading } from "../runtime/module/load.ts";
import type { ModuleSource, NetOptions, RunOptions } from "../runtime/mod.ts";
import { moduleTransform } from "../runtime/net/guest_network.ts";
import { checkOptions } from "../runtime/options/check_options.ts";
import { type App, makeApp } from "./app.ts";
import { ConnectionPool } from "./connection_pool.ts";
import { limited } from "./limits.ts";
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
   * {@linkcode RunOptions.maxOpenFiles}, 512. Of a component with `wasi:http/incoming-handler` it is the number of
   * instances at a time.
   */
  readonly maxConnections?: number;
  /**
   * Requests that an instance of a component serves, one at a time, before it is replaced. Default: 1, so that nothing of a
   * request is left for the next one.
   */
  readonly requestsPerInstance?: number;
  /** Time for each request until its response is complete (ms). Then that is 504, or is broken off if it has begun. */
  readonly timeoutMs?: number | undefined;
  /** Limit on the body of a request (bytes). The response to a larger one is 413, or is broken off if it has begun. */
  readonly maxBodyBytes?: number | undefined;
  /** Called with what ended an instance of a component while it handled a request: a `TrapError`, for example. */
  readonly onError?: (error: unknown) => void;
}

/**
 * `serve` on a given platform.
 *
 * @param platform The platform.
 * @param module The module.
 * @param options Options of the guest.
 */
export async function serveOn(platform: Platform, module: ModuleSource, options: ServeOptions): Promise<App> {
  checkServeOptions(options);
  const { port, virtual, maxConnections, timeoutMs, maxBodyBytes, ...runOptions } = options;
  checkOptions(runOptions);
  const net: NetOptions = { allow: true, ...runOptions.net };
  const loading = await startLoading(module, platform, await moduleTransform(net));
  if (isProgram(loading) && isHandler(loading)) return await serveComponent(loading, platform, options);
  if (virtual !== undefined && port === undefined) {
    throw new TypeError("Cannot determine the guest's port on a shared network: pass options.port");
  }
  const network = virtual ?? virtualNetwork();
  const limit = maxConnections ?? Math.ceil((options.maxOpenFiles ?? 2 * DEFAULT_CONNECTIONS) / 2);
  const waiting = new AbortController();
  const listening = network.listening(port === undefined ? undefined : { port }, { signal: waiting.signal });
  const guest = new RunningGuest(platform, loading, { ...runOptions, net: { ...net, network: network.network } });
  try {
    const address = socketAddress(await Promise.race([listening, guest.failOnEnd()]));
    const app = makeApp(guest, address.port, network, new ConnectionPool(network.driver, address, limit));
    return { ...app, fetch: limited(app.fetch, { timeoutMs, maxBodyBytes }) };
  } catch (error) {
    listening.catch(() => {});
    waiting.abort();
    throw error;
  }
}

/** True for a component that handles requests by itself. */
function isHandler({ exports }: ComponentProgram): boolean {
  return exports.some((name) => name.startsWith("wasi:http/incoming-handler@0.2."));
}

async function serveComponent(program: ComponentProgram, platform: Platform, options: ServeOptions): Promise<App> {
  const { virtual, maxConnections, requestsPerInstance = 1, onError, timeoutMs, maxBodyBytes, ...given } = options;
  if (!canSuspend()) throw new TypeError(`Cannot serve a component: ${cannotSuspend()}`);
  const runOptions: RunOptions = virtual === undefined
    ? given
    : { ...given, net: { allow: true, ...given.net, network: virtual.network } };
  const { componentApp } = await import("./component/component_app.ts");
  const { fetch, ended, close } = await componentApp({
    open: () => program.open(runOptions, platform),
    maxInstances: maxConnections ?? DEFAULT_CONNECTIONS,
    requestsPerInstance,
    onError,
  });
  const network = virtual ?? virtualNetwork();
  const handler = limited(fetch, { timeoutMs, maxBodyBytes });
  return { fetch: handler, port: 0, network, ended, close, [Symbol.asyncDispose]: close };
}

function checkServeOptions(options: ServeOptions): void {
  const { virtual, maxConnections } = options;
  for (const name of ["requestsPerInstance", "timeoutMs", "maxBodyBytes"] as const) {
    const value = options[name];
    if (value !== undefined && !(value >= 1)) throw new TypeError(`options.${name} must be at least 1, got ${value}`);
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
