/** A listener in memory. */

import { Errno } from "../../../witx/errno.ts";
import type { Family, SocketAddress } from "../../../contract/network.ts";
import { unspecifiedAddress } from "../../../contract/address.ts";
import type { ListenerEvents, ListenerHandle } from "../../../core/net/events/driver.ts";
import type { EventProducer, EventQueue } from "./event_queue.ts";
import { asSeenBy } from "./locality.ts";
import type { PortTable } from "./port_table.ts";
import { StreamEnd } from "./stream_end.ts";

/** A requested connection: its end and both addresses, unmapped. */
export interface Call {
  readonly end: StreamEnd;
  /** Family of the socket that connects. */
  readonly family: Family;
  readonly from: SocketAddress;
  readonly to: SocketAddress;
}

/** A listener. */
export class StreamListener implements ListenerHandle, EventProducer {
  readonly #queue: EventQueue;
  readonly #table: PortTable<StreamListener>;
  #address: SocketAddress;
  #events: ListenerEvents | undefined;
  #isPaused = false;
  /** Connections that wait until it resumes. */
  #calls: Call[] = [];

  /**
   * @param queue Schedules the delivery of events.
   * @param table Has its address.
   * @param family Of its address.
   * @param events Receives events.
   */
  constructor(queue: EventQueue, table: PortTable<StreamListener>, family: Family, events: ListenerEvents) {
    this.#queue = queue;
    this.#address = unspecifiedAddress(family);
    this.#table = table;
    this.#events = events;
  }

  /** Sets its entry in the table. */
  bound(address: SocketAddress): void {
    this.#address = address;
  }

  localAddress(): SocketAddress {
    return this.#address;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#calls.length > 0) this.#queue.add(this);
  }

  deliver(): void {
    const calls = this.#calls;
    this.#calls = [];
    for (const call of calls) this.take(call);
  }

  /** Accepts a connection, at once or after it resumes. */
  take(call: Call): void {
    if (call.end.isClosed) return;
    if (this.#events === undefined) return call.end.refuse(Errno.CONNREFUSED);
    if (this.#isPaused) this.#calls.push(call);
    else this.#join(call, this.#events);
  }

  #join({ end, family, from, to }: Call, events: ListenerEvents): void {
    const accepted = new StreamEnd(this.#queue, undefined);
    const own = this.#address.family;
    StreamEnd.join(end, accepted, {
      a: { local: asSeenBy(family, from), peer: asSeenBy(family, to) },
      b: { local: asSeenBy(own, to), peer: asSeenBy(own, from) },
    });
    let isTaken = false;
    events.accepted((connectionEvents) => {
      isTaken = true;
      return accepted.attach(connectionEvents);
    });
    if (!isTaken) accepted.reset();
    end.opened();
  }

  close(): void {
    if (this.#events === undefined) return;
    this.#events = undefined;
    this.#table.release(this.#address, this);
    if (this.#calls.length > 0) this.#queue.add(this);
  }
}
