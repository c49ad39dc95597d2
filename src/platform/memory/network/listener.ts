/** A listener of the host program. */

import type { Errno } from "../../../witx/errno.ts";
import type { ConnectionEvents, ConnectionHandle, ListenerEvents } from "../../../core/net/events/driver.ts";
import { publicAddress, type VirtualAddress } from "./address.ts";
import { ConnectionBridge, publicConnection, type VirtualConnection } from "./connection.ts";
import type { StreamListener } from "./stream_listener.ts";

/** A listener on a virtual network: iterate it to accept connections. */
export interface VirtualListener extends AsyncIterable<VirtualConnection> {
  /** The address that it listens on. */
  readonly address: VirtualAddress;
  /** Stops listening. Iterations end, and connections that were not accepted are reset. */
  close(): void;
}

/** Limit on connections that wait to be accepted; further ones wait to be opened. */
const MAX_WAITING = 128;

/** Queues connections until they are accepted. */
export class ListenerBridge implements ListenerEvents {
  /** The error of listening. */
  failure: Errno | undefined;
  #handle: StreamListener | undefined;
  #waiting: VirtualConnection[] = [];
  #takers: ((result: IteratorResult<VirtualConnection>) => void)[] = [];
  #isClosed = false;

  attach(handle: StreamListener): void {
    this.#handle = handle;
  }

  listening(): void {}

  failed(errno: Errno): void {
    this.failure = errno;
  }

  accepted(attach: (events: ConnectionEvents) => ConnectionHandle): void {
    const bridge = new ConnectionBridge(undefined);
    const handle = attach(bridge);
    bridge.attach(handle);
    const connection = publicConnection(bridge, handle);
    const taker = this.#takers.shift();
    if (taker !== undefined) return taker({ done: false, value: connection });
    this.#waiting.push(connection);
    if (this.#waiting.length >= MAX_WAITING) this.#handle!.pause();
  }

  /** Take a connection. */
  next(): Promise<IteratorResult<VirtualConnection>> {
    const value = this.#waiting.shift();
    if (value !== undefined) {
      this.#handle!.resume();
      return Promise.resolve({ done: false, value });
    }
    if (this.#isClosed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#handle!.close();
    for (const connection of this.#waiting.splice(0)) connection.abort();
    for (const taker of this.#takers.splice(0)) taker({ done: true, value: undefined });
  }
}

/** A listener for the host program. */
export function publicListener(bridge: ListenerBridge, handle: StreamListener): VirtualListener {
  return {
    address: publicAddress(handle.localAddress()),
    close: () => bridge.close(),
    [Symbol.asyncIterator]: () => ({ next: () => bridge.next() }),
  };
}
