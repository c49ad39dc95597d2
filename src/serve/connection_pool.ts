/** The connections to a guest. */

import type { SocketAddress } from "../core/network.ts";
import type { SocketDriver } from "../core/socket/driver.ts";
import { type Errno, errnoName } from "../witx/errno.ts";
import { type ConnectionKeeper, type Exchange, GuestConnection } from "./guest_connection.ts";

/** Keeps connections for the next request. */
export class ConnectionPool implements ConnectionKeeper {
  readonly #driver: SocketDriver;
  readonly #address: SocketAddress;
  readonly #most: number;
  readonly #connections: Set<GuestConnection> = new Set();
  /** The one that was used last is used next. */
  readonly #idle: GuestConnection[] = [];
  /** Those who wait for a connection. */
  #waiting: Exchange[] = [];
  #closedFor: string | undefined;

  /**
   * @param driver Has the sockets.
   * @param address Where the guest listens.
   * @param most Connections at most.
   */
  constructor(driver: SocketDriver, address: SocketAddress, most: number) {
    this.#driver = driver;
    this.#address = address;
    this.#most = most;
  }

  /** Find a connection for an exchange, at once or later. */
  submit(exchange: Exchange): void {
    if (this.#closedFor !== undefined) return exchange.refused(this.#closedFor);
    const idle = this.#idle.pop();
    if (idle !== undefined) idle.begin(exchange);
    else if (this.#connections.size < this.#most) this.#dial(exchange);
    else this.#waiting.push(exchange);
  }

  #dial(exchange: Exchange): void {
    const connection = new GuestConnection(this, exchange);
    this.#connections.add(connection);
    connection.attach(this.#driver.connect(this.#address, undefined, NO_OPTIONS, connection));
  }

  /** Take a connection back that another exchange can use. */
  free(connection: GuestConnection): void {
    const next = this.#nextWaiting();
    if (next === undefined) this.#idle.push(connection);
    else connection.begin(next);
  }

  #nextWaiting(): Exchange | undefined {
    for (;;) {
      const exchange = this.#waiting.shift();
      if (exchange === undefined || !exchange.isOver) return exchange;
    }
  }

  closed(connection: GuestConnection): void {
    this.#connections.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    const next = this.#nextWaiting();
    if (next !== undefined) this.submit(next);
  }

  unreachable(exchange: Exchange, errno: Errno): void {
    exchange.refused(`nobody listens in the guest any more (${errnoName(errno)})`);
  }

  /** Close all connections: there will be no more. */
  close(reason: string): void {
    this.#closedFor ??= reason;
    for (const exchange of this.#waiting.splice(0)) exchange.refused(reason);
    for (const connection of [...this.#connections]) connection.lose(new Error(reason));
  }
}

const NO_OPTIONS: ReadonlyMap<never, number> = new Map<never, number>();
