/** A network that needs no port of the operating system. */

import { Errno } from "../../../witx/errno.ts";
import type { PlatformNetwork, SocketAddress } from "../../../contract/network.ts";
import type { SocketDriver } from "../../../core/net/events/driver.ts";
import { eventNetwork } from "../../../core/net/events/network.ts";
import type { WebAbortSignal } from "../../../contract/web_types.ts";
import {
  publicAddress,
  resolveAddress,
  type VirtualAddress,
  virtualAddressText,
  VirtualNetworkError,
} from "./address.ts";
import { ConnectionBridge, publicConnection, type VirtualConnection } from "./connection.ts";
import { ListenerBridge, publicListener, type VirtualListener } from "./listener.ts";
import { type HostTable, NameTable } from "./name_table.ts";
import { VirtualDriver } from "./virtual_driver.ts";
import { errnoFromResult } from "../../../contract/results.ts";

/** Options of {@linkcode virtualNetwork}. */
export interface VirtualNetworkOptions {
  /**
   * Names and their IP addresses, which are local in addition to loopback: guests can listen on them and connect to
   * them. `localhost` always exists.
   */
  readonly hosts?: HostTable;
}

/** Options of methods of {@linkcode VirtualNetwork} that wait. */
export interface VirtualWaitOptions {
  /** Ends the wait: the promise rejects with the signal's reason. */
  readonly signal?: WebAbortSignal | undefined;
}

/**
 * A network in memory that connects TCP, UDP and unix sockets of guests and of the host program. Created by
 * {@linkcode virtualNetwork}.
 */
export class VirtualNetwork {
  /** The network for guests. */
  readonly network: PlatformNetwork;
  /** Its sockets as calls and events, for programs that find streams too slow. */
  readonly driver: SocketDriver;
  readonly #driver: VirtualDriver;
  readonly #names: NameTable;

  /**
   * Creates a network; {@linkcode virtualNetwork} does the same.
   *
   * @param options Names in addition to `localhost`.
   */
  constructor(options: VirtualNetworkOptions = {}) {
    this.#names = new NameTable(options.hosts ?? {});
    this.#driver = new VirtualDriver(this.#names);
    this.driver = this.#driver;
    this.network = eventNetwork(this.#driver);
  }

  /**
   * Connects to a guest or to a listener of the host program.
   *
   * @param address The destination. The addresses of a name are tried in order.
   * @param options A signal that cancels the attempt.
   * @throws {VirtualNetworkError} If nobody listens there (CONNREFUSED), or the name (NOENT) or address does not exist.
   */
  async connect(address: VirtualAddress, options: VirtualWaitOptions = {}): Promise<VirtualConnection> {
    const candidates = this.#resolve(address);
    let errno: Errno = Errno.NOENT;
    for (const candidate of candidates) {
      const result = await this.#dial(candidate, options.signal);
      if (typeof result !== "number") return result;
      errno = result;
    }
    throw new VirtualNetworkError(`Cannot connect to ${virtualAddressText(address)}`, errno);
  }

  #dial(address: SocketAddress, signal: AbortSignal | undefined): Promise<VirtualConnection | Errno> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const bridge = new ConnectionBridge((errno) => {
        signal?.removeEventListener("abort", abort);
        resolve(errno === Errno.SUCCESS ? publicConnection(bridge, handle) : errno);
      });
      const handle = this.#driver.connect(address, undefined, new Map(), bridge);
      bridge.attach(handle);
      const abort = (): void => {
        handle.reset();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /**
   * Listens for connections of guests or of the host program.
   *
   * @param address The address; for a name, the first of its addresses.
   * @throws {VirtualNetworkError} If the address is in use (ADDRINUSE) or not local (ADDRNOTAVAIL, NOENT).
   */
  listen(address: VirtualAddress): VirtualListener {
    const bridge = new ListenerBridge();
    const handle = this.#driver.listen(this.#resolve(address)[0]!, new Map(), bridge);
    if (bridge.failure !== undefined) {
      throw new VirtualNetworkError(`Cannot listen at ${virtualAddressText(address)}`, bridge.failure);
    }
    bridge.attach(handle);
    return publicListener(bridge, handle);
  }

  /**
   * Waits until a listener exists.
   *
   * @param address The destination of a connection; undefined for any TCP listener.
   * @param options A signal that cancels the wait.
   * @returns The address of the listener.
   */
  listening(address?: VirtualAddress, options: VirtualWaitOptions = {}): Promise<VirtualAddress> {
    const wanted = address === undefined ? undefined : this.#resolve(address);
    return new Promise((resolve, reject) => {
      const { signal } = options;
      signal?.throwIfAborted();
      const look = (): void => {
        const found = wanted === undefined ? this.#driver.anyListener() : this.#firstListener(wanted);
        if (found === undefined) return;
        unwatch();
        signal?.removeEventListener("abort", abort);
        resolve(publicAddress(found));
      };
      const unwatch = this.#driver.watchListeners(look);
      const abort = (): void => {
        unwatch();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
      look();
    });
  }

  #firstListener(addresses: readonly SocketAddress[]): SocketAddress | undefined {
    for (const address of addresses) {
      const found = this.#driver.listenerAt(address);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #resolve(address: VirtualAddress): readonly SocketAddress[] {
    const found = resolveAddress(this.#names, address);
    if (typeof found !== "number") return found;
    throw new VirtualNetworkError(`Cannot find ${virtualAddressText(address)}`, errnoFromResult(found));
  }
}

/**
 * Creates a network in memory, which is isolated from everything outside the program.
 *
 * @param options Names in addition to `localhost`.
 *
 * @example Talk to a listener
 * ```ts
 * import { virtualNetwork } from "wasirun/memory";
 * import assert from "node:assert/strict";
 *
 * const virtual = virtualNetwork({ hosts: { "echo.test": "10.0.0.7" } });
 *
 * // A guest would be given `virtual.network`; here the host program listens itself.
 * const listener = virtual.listen({ host: "echo.test", port: 7 });
 * const echo = (async () => {
 *   for await (const connection of listener) await connection.readable.pipeTo(connection.writable);
 * })();
 *
 * const connection = await virtual.connect({ host: "echo.test", port: 7 });
 * const writer = connection.writable.getWriter();
 * await writer.write(new TextEncoder().encode("hello"));
 * await writer.close();
 * assert.equal(await new Response(connection.readable).text(), "hello");
 *
 * listener.close();
 * await echo;
 * ```
 */
export function virtualNetwork(options: VirtualNetworkOptions = {}): VirtualNetwork {
  return new VirtualNetwork(options);
}
