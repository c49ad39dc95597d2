/** Listeners over `Bun.listen`. */

import { Errno } from "../witx/errno.ts";
import { Family, type SocketAddress, SocketOption } from "../core/network.ts";
import type { ListenerEvents, ListenerHandle, OptionValues } from "../core/socket/driver.ts";
import { inetAddress } from "../core/socket/address.ts";
import { type Acceptor, BunConnection, HANDLER, openErrno, type OwnedSocket } from "./_bun_connection.ts";
import { isOn } from "./_stream_options.ts";
import { closeKeepingName } from "./_unix_name.ts";
import { checkUnixPath } from "./_unix_path.ts";
import type { BunNamespace, BunSocketListener } from "./types/bun.ts";

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
    const errno = this.#listen(bun);
    if (errno === Errno.SUCCESS) events.listening();
    else events.failed(errno);
  }

  #listen(bun: BunNamespace): Errno {
    const { family, host, port } = this.#address;
    if (family === Family.UNIX) {
      const errno = checkUnixPath(host);
      if (errno !== Errno.SUCCESS) return errno;
    }
    try {
      this.#listener = bun.listen({
        ...(family === Family.UNIX ? { unix: host } : { hostname: host, port }),
        allowHalfOpen: true,
        exclusive: true,
        ipv6Only: isOn(this.#options, SocketOption.V6ONLY),
        data: this as Acceptor | BunConnection,
        socket: HANDLER,
      });
      return Errno.SUCCESS;
    } catch (error) {
      return openErrno(error);
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

  /** Bun has no way to leave connections to the kernel. */
  pause(): void {}

  resume(): void {}

  close(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) return;
    if (this.#address.family === Family.UNIX) closeKeepingName(this.#address.host, () => listener.stop());
    else listener.stop();
  }
}
