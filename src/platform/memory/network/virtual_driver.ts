/** The sockets of a virtual network. */

import { Errno } from "../../../witx/errno.ts";
import { Family, type SocketAddress, SocketOption, SocketType } from "../../../contract/network.ts";
import { unmappedAddress, unspecifiedAddress } from "../../../contract/address.ts";
import type {
  ConnectionEvents,
  ConnectionHandle,
  DatagramEvents,
  DatagramHandle,
  ListenerEvents,
  OptionValues,
  SocketDriver,
} from "../../../core/net/events/driver.ts";
import { DatagramEnd, type DatagramPlace } from "./datagram_end.ts";
import { EventQueue } from "./event_queue.ts";
import { isWildcard, Locality, withPort } from "./locality.ts";
import type { NameTable } from "./name_table.ts";
import { PortTable } from "./port_table.ts";
import { StreamEnd } from "./stream_end.ts";
import { StreamListener } from "./stream_listener.ts";
import { errnoFromResult, type Failure } from "../../../contract/results.ts";

const STREAM_OPTIONS: ReadonlySet<SocketOption> = new Set([
  SocketOption.NODELAY,
  SocketOption.KEEPALIVE,
  SocketOption.KEEPIDLE,
  SocketOption.KEEPINTVL,
  SocketOption.KEEPCNT,
  SocketOption.HOPS,
  SocketOption.SNDBUF,
  SocketOption.V6ONLY,
]);
const DATAGRAM_OPTIONS: ReadonlySet<SocketOption> = new Set([
  SocketOption.BROADCAST,
  SocketOption.HOPS,
  SocketOption.SNDBUF,
  SocketOption.V6ONLY,
]);

/** Connects sockets in memory. */
export class VirtualDriver implements SocketDriver {
  readonly hasHostPaths = false;
  readonly #names: NameTable;
  readonly #locality: Locality;
  readonly #queue: EventQueue = new EventQueue();
  readonly #listeners: PortTable<StreamListener> = new PortTable();
  readonly #datagrams: DatagramPlace;
  readonly #watchers: Set<() => void> = new Set();

  /** @param names Its names, whose addresses are local. */
  constructor(names: NameTable) {
    this.#names = names;
    this.#locality = new Locality(names.hosts());
    this.#datagrams = { queue: this.#queue, table: new PortTable(), locality: this.#locality };
  }

  supports(): number {
    return 0;
  }

  options(type: SocketType): ReadonlySet<SocketOption> {
    return type === SocketType.STREAM ? STREAM_OPTIONS : DATAGRAM_OPTIONS;
  }

  listen(address: SocketAddress, options: OptionValues, events: ListenerEvents): StreamListener {
    const listener = new StreamListener(this.#queue, this.#listeners, address.family, events);
    const bound = this.#bind(this.#listeners, address, options, listener);
    if (typeof bound === "number") {
      events.failed(errnoFromResult(bound));
      return listener;
    }
    listener.bound(bound);
    events.listening();
    for (const watcher of [...this.#watchers]) watcher();
    return listener;
  }

  #bind<Owner>(
    table: PortTable<Owner>,
    address: SocketAddress,
    options: OptionValues,
    owner: Owner,
  ): SocketAddress | Failure {
    const result = this.#locality.checkBindable(address);
    if (result < 0) return result;
    return table.bind(address, options.get(SocketOption.V6ONLY) === 1, owner);
  }

  connect(
    address: SocketAddress,
    local: SocketAddress | undefined,
    _options: OptionValues,
    events: ConnectionEvents,
  ): ConnectionHandle {
    const end = new StreamEnd(this.#queue, events);
    end.dialLater(() => {
      const result = this.#dial(end, address, local);
      if (result < 0) end.refuse(errnoFromResult(result));
    });
    return end;
  }

  #dial(end: StreamEnd, address: SocketAddress, local: SocketAddress | undefined): number {
    const to = this.#locality.destination(address);
    if (typeof to === "number") return to;
    const listener = this.#listeners.find(to);
    if (listener === undefined) return to.family === Family.UNIX ? -Errno.NOENT : -Errno.CONNREFUSED;
    const from = to.family === Family.UNIX ? local ?? unspecifiedAddress(to.family) : this.#caller(end, to, local);
    if (typeof from === "number") return from;
    listener.take({ end, family: address.family, from, to });
    return 0;
  }

  /** The source address of a connection to `to`, unmapped; its port is reserved until the socket is closed. */
  #caller(end: StreamEnd, to: SocketAddress, local: SocketAddress | undefined): SocketAddress | Failure {
    const own = local === undefined ? undefined : unmappedAddress(local);
    const hasHost = own !== undefined && !isWildcard(own);
    if (hasHost && (own.family !== to.family || !this.#locality.has(own))) return -Errno.ADDRNOTAVAIL;
    const port = this.#listeners.reserve(own?.port ?? 0);
    if (port === 0) return own === undefined || own.port === 0 ? -Errno.ADDRNOTAVAIL : -Errno.ADDRINUSE;
    end.onRelease(() => this.#listeners.unreserve(port));
    return hasHost ? withPort(own, port) : this.#locality.sourceFor(to, port);
  }

  openDatagram(local: SocketAddress, options: OptionValues, events: DatagramEvents): DatagramHandle {
    const end = new DatagramEnd(this.#datagrams, local, options.get(SocketOption.BROADCAST) === 1, events);
    const bound = this.#bind(this.#datagrams.table, local, options, end);
    if (typeof bound === "number") {
      events.failed(errnoFromResult(bound));
      return end;
    }
    end.bound(bound);
    events.opened();
    return end;
  }

  lookup(name: string, family: Family | 0, answer: (result: readonly SocketAddress[] | Failure) => void): () => void {
    let isGivenUp = false;
    this.#queue.add({
      deliver: () => {
        if (!isGivenUp) answer(this.#names.lookup(name, family));
      },
    });
    return () => {
      isGivenUp = true;
    };
  }

  /** The address of a listener that a connection to `address` would reach. */
  listenerAt(address: SocketAddress): SocketAddress | undefined {
    const to = this.#locality.destination(address);
    return typeof to === "number" ? undefined : this.#listeners.find(to)?.localAddress();
  }

  /** The address of any TCP listener. */
  anyListener(): SocketAddress | undefined {
    return this.#listeners.any()?.localAddress();
  }

  /**
   * Calls back for each new listener.
   *
   * @returns Stops the calls.
   */
  watchListeners(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }
}
