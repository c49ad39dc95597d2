/** The pool of connections to a guest. */

import type { SocketAddress } from "../contract/network.ts";
import type { SocketDriver } from "../core/net/events/driver.ts";
import { type Errno, errnoName } from "../witx/errno.ts";
import { type ConnectionOwner, type Exchange, GuestConnection } from "./guest_connection.ts";

/** Opens connections and keeps them for later requests. */
export class ConnectionPool implements ConnectionOwner {
  readonly #driver: SocketDriver;
  readonly #address: SocketAddress;
  readonly #maxConnections: number;
  readonly #connections: Set<GuestConnection> = new Set();
  /** A stack: the most recently used connection is used next. */
  readonly #idle: GuestConnection[] = [];
  /** Exchanges that wait for a connection. */
  #waiting: Exchange[] = [];
  #closeReason: string | undefined;

  /**
   * @param driver Connects to the guest.
   * @param address Address that the guest listens on.
   * @param maxConnections Limit on open connections.
   */
  constructor(driver: SocketDriver, address: SocketAddress, maxConnections: number) {
    this.#driver = driver;
    this.#address = address;
    this.#maxConnections = maxConnections;
  }

  /** Starts an exchange on an idle or a new connection, or queues it. */
  submit(exchange: Exchange): void {
    if (this.#closeReason !== undefined) return exchange.refused(this.#closeReason);
    const idle = this.#idle.pop();
    if (idle !== undefined) idle.begin(exchange);
    else if (this.#connections.size < this.#maxConnections) this.#dial(exchange);
    else this.#waiting.push(exchange);
  }

  #dial(exchange: Exchange): void {
    const connection = new GuestConnection(this, exchange);
    this.#connections.add(connection);
    connection.attach(this.#driver.connect(this.#address, undefined, NO_OPTIONS, connection));
  }

  released(connection: GuestConnection): void {
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

  connectFailed(exchange: Exchange, errno: Errno): void {
    exchange.refused(`the guest no longer listens (${errnoName(errno)})`);
  }

  /** Closes all connections and refuses further exchanges. */
  close(reason: string): void {
    this.#closeReason ??= reason;
    for (const exchange of this.#waiting.splice(0)) exchange.refused(reason);
    for (const connection of [...this.#connections]) connection.fail(new Error(reason));
  }
}

const NO_OPTIONS: ReadonlyMap<never, number> = new Map<never, number>();
