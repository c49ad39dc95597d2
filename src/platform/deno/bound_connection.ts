/** Connections from a given address, which on Deno only `node:net` makes (https://github.com/denoland/deno/pull/28779). */

import { Errno } from "../../witx/errno.ts";
import type { SocketAddress, SocketOption } from "../../contract/network.ts";
import { unspecifiedAddress } from "../../contract/address.ts";
import type { ConnectionEvents, ConnectionHandle, OptionValues } from "../../core/net/events/driver.ts";
import { networkErrno } from "./errors.ts";
import type { StreamContext } from "./stream_context.ts";

/**
 * A connection over Node's modules, which are loaded when a guest first needs them: each start would take 20 ms more.
 * Until then it keeps the options that are set.
 */
export class BoundConnection implements ConnectionHandle {
  readonly #context: StreamContext;
  readonly #address: SocketAddress;
  readonly #local: SocketAddress;
  readonly #options: Map<SocketOption, number>;
  readonly #events: ConnectionEvents;
  #connection: ConnectionHandle | undefined;
  #over = false;

  /**
   * @param context That of the driver.
   * @param address As for `SocketDriver.connect`, like what follows.
   */
  constructor(
    context: StreamContext,
    address: SocketAddress,
    local: SocketAddress,
    options: OptionValues,
    events: ConnectionEvents,
  ) {
    this.#context = context;
    this.#address = address;
    this.#local = local;
    this.#options = new Map(options);
    this.#events = events;
    const ready = new Promise<void>((resolve) => context.closing.whenNone(resolve));
    this.#connect(ready).catch((error) => this.#fail(error));
  }

  async #connect(ready: Promise<void>): Promise<void> {
    const [{ NodeConnection }, node] = await Promise.all([
      import("../node/connection.ts"),
      import("../node/stream_context.ts"),
    ]);
    await ready;
    if (this.#over) return;
    const { host, port } = this.#address;
    const from = { localAddress: this.#local.host, localPort: this.#local.port };
    const streams = new node.StreamContext(this.#context.flushes);
    const socket = streams.net.connect({ host, port, allowHalfOpen: true, ...from });
    this.#connection = new NodeConnection(streams, socket, this.#address, this.#options, this.#events);
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

  flush(): number {
    return this.#connection?.flush?.() ?? 0;
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

  close(): void {
    this.#over = true;
    this.#connection?.close();
  }

  reset(): void {
    this.#over = true;
    this.#connection?.reset();
  }
}
