/** Listeners over `node:net`. */

import type net from "node:net";
import { Errno } from "../witx/errno.ts";
import { Family, type SocketAddress, SocketOption } from "../core/network.ts";
import type { ListenerEvents, ListenerHandle, OptionValues } from "../core/socket/driver.ts";
import { inetAddress } from "../core/socket/address.ts";
import { toErrno } from "./_errors.ts";
import { loadNet, NodeConnection } from "./_node_connection.ts";
import { isOn } from "./_stream_options.ts";
import { closeKeepingName } from "./_unix_name.ts";
import { checkUnixPath } from "./_unix_path.ts";

/** Connections that the kernel holds until the event loop takes them. */
const BACKLOG = 511;

/** A listener. */
export class NodeListener implements ListenerHandle {
  readonly #address: SocketAddress;
  readonly #options: OptionValues;
  readonly #events: ListenerEvents;
  readonly #server: net.Server;
  #listening = false;
  #over = false;

  /** As `SocketDriver.listen`. */
  constructor(address: SocketAddress, options: OptionValues, events: ListenerEvents) {
    this.#address = address;
    this.#options = options;
    this.#events = events;
    this.#server = loadNet().createServer({ allowHalfOpen: true }, (socket) => this.#onConnection(socket));
    this.#server.once("listening", () => this.#onListening());
    this.#server.on("error", (error) => this.#onError(error));
    this.#listen();
  }

  #listen(): void {
    const { family, host, port } = this.#address;
    if (family === Family.UNIX) {
      const errno = checkUnixPath(host);
      if (errno !== Errno.SUCCESS) this.#fail(errno);
      else this.#server.listen({ path: host, backlog: BACKLOG });
      return;
    }
    const ipv6Only = isOn(this.#options, SocketOption.V6ONLY);
    this.#server.listen({ host, port, ipv6Only, exclusive: true, backlog: BACKLOG });
  }

  #onListening(): void {
    if (this.#over) return this.#stop();
    this.#listening = true;
    this.#events.listening();
  }

  /** Once it listens, an error is of one connection (no descriptor is free), which Node drops. */
  #onError(error: Error): void {
    if (!this.#listening) this.#fail(toErrno(error));
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
        return new NodeConnection(socket, this.#address, this.#options, events);
      });
    }
    if (!taken) socket.destroy();
  }

  localAddress(): SocketAddress {
    const address = this.#server.address();
    if (address === null || typeof address === "string") return this.#address;
    return inetAddress(address.address, address.port) ?? this.#address;
  }

  /** Node has no way to leave connections to the kernel. */
  pause(): void {}

  resume(): void {}

  close(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#listening) this.#stop();
  }

  #stop(): void {
    const { family, host } = this.#address;
    if (family === Family.UNIX) closeKeepingName(host, () => void this.#server.close());
    else this.#server.close();
  }
}
