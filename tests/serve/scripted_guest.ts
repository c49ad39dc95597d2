/** A guest that is none: a listener of the host program that answers by a script. */

import type { ConnectionEvents, ConnectionHandle, ListenerHandle } from "../../src/core/net/events/driver.ts";
import { Family, type SocketAddress } from "../../src/contract/network.ts";
import { virtualNetwork } from "../../src/platform/memory/mod.ts";
import { ConnectionPool } from "../../src/serve/connection_pool.ts";
import { fetchThrough } from "../../src/serve/fetch_exchange.ts";
import { type Errno, errnoName } from "../../src/witx/errno.ts";

const ADDRESS: SocketAddress = { family: Family.INET, host: "127.0.0.1", port: 80 };

/** The guest's end of a connection. Its texts have one character for each byte. */
export class Peer implements ConnectionEvents {
  handle!: ConnectionHandle;
  /** What has come and was not read. */
  unread = "";
  /** Bytes that have come. */
  bytes = 0;
  /** How it ended, if it has. */
  end: string | undefined;
  #wakers: (() => void)[] = [];

  opened(): void {}

  received(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    for (let at = 0; at < bytes.length; at += 4096) {
      this.unread += String.fromCharCode(...bytes.subarray(at, at + 4096));
    }
    this.#wake();
  }

  ended(): void {
    this.end = "ended";
    this.#wake();
  }

  writable(): void {
    this.#wake();
  }

  failed(errno: Errno): void {
    this.end = errnoName(errno);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#wakers.splice(0)) wake();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.end !== undefined) throw new Error(`The connection is over: ${this.end}`);
      await new Promise<void>((resolve) => this.#wakers.push(resolve));
    }
  }

  /** Read up to a text, and the text. */
  async readTo(text: string): Promise<string> {
    await this.#until(() => this.unread.includes(text));
    return this.read(this.unread.indexOf(text) + text.length);
  }

  /** Read so many bytes. */
  async read(count: number): Promise<string> {
    await this.#until(() => this.unread.length >= count);
    const text = this.unread.slice(0, count);
    this.unread = this.unread.slice(count);
    return text;
  }

  /** Read the head of a request. */
  readHead(): Promise<string> {
    return this.readTo("\r\n\r\n");
  }

  /** Read a body in chunks. */
  async readChunks(): Promise<string> {
    for (let body = "";;) {
      const size = parseInt(await this.readTo("\r\n"), 16);
      const chunk = await this.read(size + 2);
      if (size === 0) return body;
      body += chunk.slice(0, -2);
    }
  }

  /** Send a text, waiting for room. */
  async write(text: string): Promise<void> {
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    for (let at = 0; at < bytes.length;) {
      const taken = this.handle.write(bytes, at, bytes.length - at);
      if (taken < 0) throw new Error(errnoName(-taken));
      at += taken;
      if (at < bytes.length) await new Promise<void>((resolve) => this.#wakers.push(resolve));
    }
  }

  /** Answer with a body of a known length. */
  async answer(body: string, fields = ""): Promise<void> {
    await this.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`);
  }

  /** Resolves once the connection is over, with how. */
  async over(): Promise<string> {
    while (this.end === undefined) await new Promise<void>((resolve) => this.#wakers.push(resolve));
    return this.end;
  }
}

/** A scripted guest and what asks it. */
export interface ScriptedGuest {
  readonly fetch: (input: string | Request, init?: RequestInit & { duplex?: "half" }) => Promise<Response>;
  /** Its connections so far. */
  readonly peers: readonly Peer[];
  readonly pool: ConnectionPool;
  readonly listener: ListenerHandle;
}

/**
 * Make a guest.
 *
 * @param script Runs for each connection; what it throws is told by closing the connection.
 * @param most Connections at most.
 */
export function scriptedGuest(
  script: (peer: Peer, index: number) => Promise<unknown>,
  most: number = 100,
): ScriptedGuest {
  const { driver } = virtualNetwork();
  const peers: Peer[] = [];
  const listener = driver.listen(ADDRESS, new Map(), {
    listening() {},
    failed(errno) {
      throw new Error(errnoName(errno));
    },
    accepted(attach) {
      const peer = new Peer();
      peer.handle = attach(peer);
      script(peer, peers.push(peer) - 1).catch(() => peer.handle.close());
    },
  });
  const pool = new ConnectionPool(driver, ADDRESS, most);
  return {
    fetch: (input, init) =>
      fetchThrough(pool, input instanceof Request ? input : new Request(new URL(input, "http://app.test/"), init)),
    peers,
    pool,
    listener,
  };
}

/** A script that answers every request of a connection with the same. */
export function always(answer: (peer: Peer, head: string) => Promise<unknown>): (peer: Peer) => Promise<never> {
  return async (peer) => {
    for (;;) await answer(peer, await peer.readHead());
  };
}
