/** Listeners over `node:net`. */

import type net from "node:net";
import type { Errno } from "../../witx/errno.ts";
import { Family, type SocketAddress, SocketOption } from "../../contract/network.ts";
import type { ListenerEvents, ListenerHandle, OptionValues } from "../../core/net/events/driver.ts";
import { inetAddress } from "../../contract/address.ts";
import { errnoFromError } from "../shared/errors.ts";
import { NodeConnection } from "./connection.ts";
import type { StreamContext } from "./stream_context.ts";
import { NODE_UNIX_PATHS } from "./unix_paths.ts";
import { isOn } from "../shared/net/stream_options.ts";
import { publishSocket, temporaryPathFor } from "../shared/net/unix_socket_path.ts";
import { errnoFromResult } from "../../contract/results.ts";

/** Connections that the kernel holds until the event loop takes them. */
const BACKLOG = 511;

/** A listener. */
export class NodeListener implements ListenerHandle {
  readonly #context: StreamContext;
  readonly #address: SocketAddress;
  readonly #options: OptionValues;
  readonly #events: ListenerEvents;
  readonly #server: net.Server;
  #listening = false;
  #over = false;

  /**
   * @param context That of the driver.
   * @param address As for `SocketDriver.listen`, like what follows.
   */
  constructor(context: StreamContext, address: SocketAddress, options: OptionValues, events: ListenerEvents) {
    this.#context = context;
    this.#address = address;
    this.#options = options;
    this.#events = events;
    this.#server = context.net.createServer({ allowHalfOpen: true }, (socket) => this.#onConnection(socket));
    this.#server.once("listening", () => this.#onListening());
    this.#server.on("error", (error) => this.#onError(error));
    this.#listen();
  }

  #listen(): void {
    const { family, host, port } = this.#address;
    if (family === Family.UNIX) return this.#listenAtPath(host);
    const ipv6Only = isOn(this.#options, SocketOption.V6ONLY);
    this.#server.listen({ host, port, ipv6Only, exclusive: true, backlog: BACKLOG });
  }

  /** Node binds and listens within the call, unless it fails. */
  #listenAtPath(path: string): void {
    const spare = temporaryPathFor(path);
    if (typeof spare === "number") return this.#fail(errnoFromResult(spare));
    this.#server.listen({ path: spare, exclusive: true, backlog: BACKLOG });
    if (!this.#server.listening) return;
    const result = publishSocket(NODE_UNIX_PATHS, spare, path);
    if (result >= 0) return;
    this.#server.close();
    this.#fail(errnoFromResult(result));
  }

  #onListening(): void {
    if (this.#over) return void this.#server.close();
    this.#listening = true;
    this.#events.listening();
  }

  /** Once it listens, an error is of one connection (no descriptor is free), which Node drops. */
  #onError(error: Error): void {
    if (!this.#listening) this.#fail(errnoFromError(error));
  }

  #fail(errno: Errno): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.failed(errno);
  }

  #onConnection(socket: net.Socket): void {
    let taken = false;
    if (!this.#over) {
      this.#events.accepted((events) => {
        taken = true;
        return new NodeConnection(this.#context, socket, this.#address, this.#options, events);
      });
    }
    if (!taken) socket.destroy();
  }

  localAddress(): SocketAddress {
    const address = this.#server.address();
    if (address === null || typeof address === "string") return this.#address;
    return inetAddress(address.address, address.port) ?? this.#address;
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#listening) this.#server.close();
  }
}
