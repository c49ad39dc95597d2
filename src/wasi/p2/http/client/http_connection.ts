/** A connection that carries one exchange after another, and those that are idle. */

import { ResponseReader } from "../../../../core/http1/response_reader.ts";
import { Errno } from "../../../../witx/errno.ts";
import type { Transport } from "./transport.ts";

/** A connection. */
export class HttpConnection {
  /** The connection of bytes. */
  readonly transport: Transport;
  /** Parses its responses. */
  readonly reader: ResponseReader = new ResponseReader();
  /** True from the second exchange on. */
  isReused = false;
  #isClosed = false;

  /** @param transport The connection of bytes. */
  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Close it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.transport.close();
  }

  /** True if an idle connection still waits for a request: the server has neither closed it nor sent anything. */
  isAlive(): boolean {
    return this.transport.read(new Uint8Array(1), 0, 1) === -Errno.AGAIN;
  }
}

/** Idle connections that a guest may have. */
const MAX_IDLE = 16;

/** The idle connections of a guest. */
export class IdleConnections {
  readonly #idle: { readonly key: string; readonly connection: HttpConnection }[] = [];

  /** An idle connection; undefined if there is none. @param key Where it leads. */
  take(key: string): HttpConnection | undefined {
    for (let i = this.#idle.length - 1; i >= 0; i--) {
      const { key: found, connection } = this.#idle[i]!;
      if (found !== key) continue;
      this.#idle.splice(i, 1);
      if (connection.isAlive()) {
        connection.isReused = true;
        return connection;
      }
      connection.close();
    }
    return undefined;
  }

  /** Keep a connection. */
  add(key: string, connection: HttpConnection): void {
    this.#idle.push({ key, connection });
    if (this.#idle.length > MAX_IDLE) this.#idle.shift()!.connection.close();
  }

  /** Close all. */
  close(): void {
    for (const { connection } of this.#idle.splice(0)) connection.close();
  }
}
