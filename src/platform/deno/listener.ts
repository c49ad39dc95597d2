/** Listeners over `Deno.listen`. */

import { Errno } from "../../witx/errno.ts";
import { Family, type SocketAddress } from "../../contract/network.ts";
import { unspecifiedAddress } from "../../contract/address.ts";
import type { ListenerEvents, ListenerHandle, OptionValues } from "../../core/net/events/driver.ts";
import { denoAddress } from "./address.ts";
import { DenoConnection } from "./connection.ts";
import type { StreamContext } from "./stream_context.ts";
import { networkFailure } from "./errors.ts";
import { listenAtPath } from "./unix_paths.ts";
import type { DenoConn, DenoListenerObject } from "./api.ts";
import { errnoFromResult } from "../../contract/results.ts";

/** Connections that the kernel holds until they are taken; it has a limit of its own. */
const BACKLOG = 4096;
/** When to take connections again after that failed: no descriptor is free (ms). */
const RETRY_MS = 20;

/** A listener. */
export class DenoListener implements ListenerHandle {
  readonly #context: StreamContext;
  readonly #address: SocketAddress;
  readonly #options: OptionValues;
  readonly #events: ListenerEvents;
  #listener: DenoListenerObject | undefined;
  #accepting = false;
  #closed = false;

  /**
   * @param context That of the driver.
   * @param address As for `SocketDriver.listen`, like what follows.
   */
  constructor(context: StreamContext, address: SocketAddress, options: OptionValues, events: ListenerEvents) {
    this.#context = context;
    this.#address = address;
    this.#options = options;
    this.#events = events;
    const { closing } = context;
    const result = this.#listen();
    // A port may be free again soon; a path is not before it is unlinked.
    const mayBeFree = result === -Errno.ADDRINUSE && address.family !== Family.UNIX;
    if (mayBeFree && closing.isAny) closing.whenNone(() => this.#report(this.#listen()));
    else this.#report(result);
  }

  #listen(): number {
    if (this.#closed) return 0;
    const { family, host, port } = this.#address;
    if (family === Family.UNIX) return this.#listenAtPath(host);
    try {
      this.#listener = this.#context.deno.listen({ transport: "tcp", hostname: host, port, tcpBacklog: BACKLOG });
      return 0;
    } catch (error) {
      return networkFailure(error);
    }
  }

  #listenAtPath(path: string): number {
    const listener = listenAtPath(this.#context.deno, this.#context.names, path);
    if (typeof listener === "number") return listener;
    this.#listener = listener;
    return 0;
  }

  #report(result: number): void {
    if (this.#closed) return;
    if (result < 0) {
      this.#closed = true;
      return this.#events.failed(errnoFromResult(result));
    }
    this.#accept();
    this.#events.listening();
  }

  #accept(): void {
    if (this.#accepting || this.#closed || this.#listener === undefined) return;
    this.#accepting = true;
    this.#listener.accept().then(this.#onAccepted, this.#onError);
  }

  readonly #onAccepted = (conn: DenoConn): void => {
    this.#accepting = false;
    if (this.#closed) {
      this.#context.closing.end();
      return conn.close();
    }
    let taken = false;
    this.#events.accepted((events) => {
      taken = true;
      const connection = new DenoConnection(this.#context, this.#address.family, this.#options, events);
      if (this.#address.family === Family.UNIX) connection.attach(conn, this.#address, NAMELESS);
      else connection.attach(conn);
      return connection;
    });
    if (!taken) conn.close();
    this.#accept();
  };

  readonly #onError = (): void => {
    this.#accepting = false;
    if (this.#closed) this.#context.closing.end();
    else setTimeout(() => this.#accept(), RETRY_MS);
  };

  localAddress(): SocketAddress {
    const { family } = this.#address;
    if (this.#listener === undefined || family === Family.UNIX) return this.#address;
    return denoAddress(this.#listener.addr, family);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#accepting) this.#context.closing.begin();
    this.#listener?.close();
  }
}

const NAMELESS: SocketAddress = unspecifiedAddress(Family.UNIX);
