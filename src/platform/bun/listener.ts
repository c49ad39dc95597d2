/** Listeners over `Bun.listen`. */

import { Family, type SocketAddress, SocketOption } from "../../contract/network.ts";
import type { ListenerEvents, ListenerHandle, OptionValues } from "../../core/net/events/driver.ts";
import { inetAddress } from "../../contract/address.ts";
import { type Acceptor, BunConnection, HANDLER, openErrno, type OwnedSocket } from "./connection.ts";
import { NODE_UNIX_PATHS } from "../node/unix_paths.ts";
import { isOn } from "../shared/net/stream_options.ts";
import { publishSocket, temporaryPathFor } from "../shared/net/unix_socket_path.ts";
import type { BunNamespace, BunSocketListener } from "./api.ts";
import { errnoFromResult, resultFromErrno } from "../../contract/results.ts";

/** A listener. It listens within the call. */
export class BunListener implements ListenerHandle, Acceptor {
  readonly kind = "acceptor";
  readonly #address: SocketAddress;
  readonly #options: OptionValues;
  readonly #events: ListenerEvents;
  #listener: BunSocketListener | undefined;

  /** As `SocketDriver.listen`. */
  constructor(bun: BunNamespace, address: SocketAddress, options: OptionValues, events: ListenerEvents) {
    this.#address = address;
    this.#options = options;
    this.#events = events;
    const result = this.#listen(bun);
    if (result >= 0) events.listening();
    else events.failed(errnoFromResult(result));
  }

  #listen(bun: BunNamespace): number {
    const { family, host, port } = this.#address;
    return family === Family.UNIX ? this.#listenAtPath(bun, host) : this.#listenAt(bun, { hostname: host, port });
  }

  #listenAtPath(bun: BunNamespace, path: string): number {
    const spare = temporaryPathFor(path);
    if (typeof spare === "number") return spare;
    const result = this.#listenAt(bun, { unix: spare }) || publishSocket(NODE_UNIX_PATHS, spare, path);
    if (result < 0) this.close();
    return result;
  }

  #listenAt(bun: BunNamespace, place: { unix: string } | { hostname: string; port: number }): number {
    try {
      this.#listener = bun.listen({
        ...place,
        allowHalfOpen: true,
        exclusive: true,
        ipv6Only: isOn(this.#options, SocketOption.V6ONLY),
        data: this as Acceptor | BunConnection,
        socket: HANDLER,
      });
      return 0;
    } catch (error) {
      return resultFromErrno(openErrno(error));
    }
  }

  accept(socket: OwnedSocket): void {
    if (this.#listener !== undefined) {
      this.#events.accepted((events) => new BunConnection(socket, this.#address, this.#options, events));
    }
    if (socket.data === this) socket.terminate();
  }

  localAddress(): SocketAddress {
    if (this.#address.family === Family.UNIX || this.#listener === undefined) return this.#address;
    return inetAddress(this.#address.host, this.#listener.port) ?? this.#address;
  }

  close(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.stop();
  }
}
