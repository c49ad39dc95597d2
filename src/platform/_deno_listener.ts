/** Listeners over `Deno.listen`. */

import { Errno } from "../witx/errno.ts";
import { Family, type SocketAddress } from "../core/network.ts";
import { unspecifiedAddress } from "../core/socket/address.ts";
import type { ListenerEvents, ListenerHandle, OptionValues } from "../core/socket/driver.ts";
import { denoAddress } from "./_deno_address.ts";
import { DenoConnection } from "./_deno_connection.ts";
import { networkErrno } from "./_deno_errors.ts";
import { listenAtPath } from "./_deno_unix_name.ts";
import { checkUnixPath } from "./_unix_path.ts";
import type { DenoConn, DenoListenerObject, DenoNamespace } from "./types/deno.ts";

/** Connections that the kernel holds until they are taken; it has a limit of its own. */
const BACKLOG = 4096;
/** When to take connections again after that failed: no descriptor is free (ms). */
const RETRY_MS = 20;

/**
 * Listeners that are closed, but hold their ports, and take connections, until Deno has taken back what was asked of
 * them: for one turn of the event loop.
 */
export class ClosingListeners {
  #count = 0;
  #waiting: (() => void)[] = [];

  /** One begins to close. */
  begin(): void {
    this.#count++;
  }

  /** One is closed. */
  end(): void {
    if (--this.#count > 0) return;
    for (const then of this.#waiting.splice(0)) then();
  }

  /** True if there are any. */
  get isAny(): boolean {
    return this.#count > 0;
  }

  /** Call `then` when there are none: at once, or later. */
  whenNone(then: () => void): void {
    if (this.#count === 0) then();
    else this.#waiting.push(then);
  }
}

/** A listener. */
export class DenoListener implements ListenerHandle {
  readonly #deno: DenoNamespace;
  readonly #closing: ClosingListeners;
  readonly #address: SocketAddress;
  readonly #options: OptionValues;
  readonly #events: ListenerEvents;
  #listener: DenoListenerObject | undefined;
  #accepting = false;
  #paused = false;
  #closed = false;

  /**
   * @param deno The runtime.
   * @param closing Those of all listeners of the process.
   * @param address As for `SocketDriver.listen`, like what follows.
   */
  constructor(
    deno: DenoNamespace,
    closing: ClosingListeners,
    address: SocketAddress,
    options: OptionValues,
    events: ListenerEvents,
  ) {
    this.#deno = deno;
    this.#closing = closing;
    this.#address = address;
    this.#options = options;
    this.#events = events;
    const errno = this.#listen();
    if (errno === Errno.ADDRINUSE && closing.isAny) closing.whenNone(() => this.#tell(this.#listen()));
    else this.#tell(errno);
  }

  #listen(): Errno {
    if (this.#closed) return Errno.SUCCESS;
    const { family, host, port } = this.#address;
    if (family === Family.UNIX) return this.#listenAtPath(host);
    try {
      this.#listener = this.#deno.listen({ transport: "tcp", hostname: host, port, tcpBacklog: BACKLOG });
      return Errno.SUCCESS;
    } catch (error) {
      return networkErrno(error);
    }
  }

  #listenAtPath(path: string): Errno {
    const errno = checkUnixPath(path);
    if (errno !== Errno.SUCCESS) return errno;
    try {
      this.#listener = listenAtPath(this.#deno, path);
      return Errno.SUCCESS;
    } catch (error) {
      return networkErrno(error);
    }
  }

  #tell(errno: Errno): void {
    if (this.#closed) return;
    if (errno !== Errno.SUCCESS) {
      this.#closed = true;
      return this.#events.failed(errno);
    }
    this.#accept();
    this.#events.listening();
  }

  #accept(): void {
    if (this.#accepting || this.#paused || this.#closed || this.#listener === undefined) return;
    this.#accepting = true;
    this.#listener.accept().then(this.#onAccepted, this.#onError);
  }

  readonly #onAccepted = (conn: DenoConn): void => {
    this.#accepting = false;
    if (this.#closed) {
      this.#closing.end();
      return conn.close();
    }
    let taken = false;
    this.#events.accepted((events) => {
      taken = true;
      const connection = new DenoConnection(this.#address.family, this.#options, events);
      if (this.#address.family === Family.UNIX) connection.attach(conn, this.#address, NAMELESS);
      else connection.attach(conn);
      return connection;
    });
    if (!taken) conn.close();
    this.#accept();
  };

  readonly #onError = (): void => {
    this.#accepting = false;
    if (this.#closed) this.#closing.end();
    else setTimeout(() => this.#accept(), RETRY_MS);
  };

  localAddress(): SocketAddress {
    const { family } = this.#address;
    if (this.#listener === undefined || family === Family.UNIX) return this.#address;
    return denoAddress(this.#listener.addr, family);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#accept();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#accepting) this.#closing.begin();
    this.#listener?.close();
  }
}

const NAMELESS: SocketAddress = unspecifiedAddress(Family.UNIX);
