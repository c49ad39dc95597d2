/** Connections from a given address, which on Deno only `node:net` makes. */

import { Errno } from "../witx/errno.ts";
import type { SocketAddress, SocketOption } from "../core/network.ts";
import { unspecifiedAddress } from "../core/socket/address.ts";
import type { ConnectionEvents, ConnectionHandle, OptionValues } from "../core/socket/driver.ts";
import { networkErrno } from "./_deno_errors.ts";

/**
 * A connection over Node's modules, which are loaded when a guest first needs them: each start would take 20 ms more.
 * Until then it keeps what is asked of it.
 */
export class BoundConnection implements ConnectionHandle {
  readonly #address: SocketAddress;
  readonly #local: SocketAddress;
  readonly #options: Map<SocketOption, number>;
  readonly #events: ConnectionEvents;
  #connection: ConnectionHandle | undefined;
  #over = false;

  /**
   * @param address As for `SocketDriver.connect`, like what follows.
   * @param ready Done when the local address is free.
   */
  constructor(
    address: SocketAddress,
    local: SocketAddress,
    options: OptionValues,
    events: ConnectionEvents,
    ready: Promise<void>,
  ) {
    this.#address = address;
    this.#local = local;
    this.#options = new Map(options);
    this.#events = events;
    this.#connect(ready).catch((error) => this.#fail(error));
  }

  async #connect(ready: Promise<void>): Promise<void> {
    const { loadNet, NodeConnection } = await import("./_node_connection.ts");
    await ready;
    if (this.#over) return;
    const { host, port } = this.#address;
    const from = { localAddress: this.#local.host, localPort: this.#local.port };
    const socket = loadNet().connect({ host, port, allowHalfOpen: true, ...from });
    this.#connection = new NodeConnection(socket, this.#address, this.#options, this.#events);
  }

  #fail(error: unknown): void {
    if (!this.#over) this.#events.failed(networkErrno(error));
  }

  localAddress(): SocketAddress {
    return this.#connection?.localAddress() ?? unspecifiedAddress(this.#address.family);
  }

  peerAddress(): SocketAddress {
    return this.#connection?.peerAddress() ?? unspecifiedAddress(this.#address.family);
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    return this.#connection?.write(bytes, start, length) ?? -Errno.PIPE;
  }

  shutdown(): void {
    this.#connection?.shutdown();
  }

  pause(): void {
    this.#connection?.pause();
  }

  resume(): void {
    this.#connection?.resume();
  }

  setOption(option: SocketOption, value: number): number {
    if (this.#connection !== undefined) return this.#connection.setOption(option, value);
    this.#options.set(option, value);
    return 0;
  }

  getOption(option: SocketOption): number {
    return this.#connection?.getOption(option) ?? -Errno.NOPROTOOPT;
  }

  close(): void {
    this.#over = true;
    this.#connection?.close();
  }

  reset(): void {
    this.#over = true;
    this.#connection?.reset();
  }
}
