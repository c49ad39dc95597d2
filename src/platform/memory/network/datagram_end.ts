/** A datagram socket in memory. */

import { Errno } from "../../../witx/errno.ts";
import { Family, type SocketAddress, SocketOption } from "../../../contract/network.ts";
import { isSameAddress, unmappedAddress } from "../../../contract/address.ts";
import type { DatagramEvents, DatagramHandle } from "../../../core/net/events/driver.ts";
import type { EventProducer, EventQueue } from "./event_queue.ts";
import { asSeenBy, isWildcard, type Locality, withPort } from "./locality.ts";
import type { PortTable } from "./port_table.ts";
import { PIECE_BYTES, WINDOW_BYTES } from "./window.ts";
import type { Failure } from "../../../contract/results.ts";

/** Longest datagram by family: the limit of UDP's length field, and Linux's limit for unix sockets. */
const MAX_BYTES: Readonly<Record<Family, number>> = {
  [Family.INET]: 65_507,
  [Family.INET6]: 65_527,
  [Family.UNIX]: 212_960,
};

const BROADCAST = "255.255.255.255";

/** What all datagram sockets of a network share. */
export interface DatagramPlace {
  readonly queue: EventQueue;
  readonly table: PortTable<DatagramEnd>;
  readonly locality: Locality;
}

/** A datagram socket. */
export class DatagramEnd implements DatagramHandle, EventProducer {
  readonly #place: DatagramPlace;
  #events: DatagramEvents | undefined;
  /** The bound address; a mapped one stays mapped. */
  #local: SocketAddress;
  /** The connected peer, unmapped. */
  #peer: SocketAddress | undefined;
  #inbox: Uint8Array[] = [];
  #senders: SocketAddress[] = [];
  #held = 0;
  #isQueued = false;
  #isPaused = false;
  #mayBroadcast: boolean;
  #refusal: Errno = Errno.SUCCESS;
  #hasRoom = false;
  /** Unix sockets that wait for room in this queue. */
  #waiting: Set<DatagramEnd> | undefined;

  constructor(place: DatagramPlace, local: SocketAddress, mayBroadcast: boolean, events: DatagramEvents) {
    this.#place = place;
    this.#local = local;
    this.#mayBroadcast = mayBroadcast;
    this.#events = events;
  }

  /** Reports the port once it is known. */
  bound(local: SocketAddress): void {
    this.#local = local;
  }

  localAddress(): SocketAddress {
    return this.#peer === undefined ? this.#local : asSeenBy(this.#local.family, this.#source(this.#peer));
  }

  /** The address that `to` sees, unmapped. */
  #source(to: SocketAddress): SocketAddress {
    const local = unmappedAddress(this.#local);
    return isWildcard(local) ? this.#place.locality.sourceFor(to, local.port) : local;
  }

  connect(address: SocketAddress | undefined): void {
    if (address === undefined) {
      this.#peer = undefined;
      return;
    }
    const destination = this.#place.locality.destination(address);
    this.#peer = typeof destination === "number" ? unmappedAddress(address) : destination;
    if (address.family === Family.UNIX && this.#place.table.find(address) === undefined) this.#refuseLater(Errno.NOENT);
  }

  send(bytes: Uint8Array, start: number, length: number, to: SocketAddress | undefined): number {
    if (this.#events === undefined) return -Errno.BADF;
    const destination = to === undefined ? this.#peer ?? -Errno.DESTADDRREQ : this.#destination(to);
    if (typeof destination === "number") return destination;
    const isUnix = destination.family === Family.UNIX;
    if (length > MAX_BYTES[destination.family]) return -Errno.MSGSIZE;
    if (!isUnix && !this.#place.locality.has(destination) && destination.host !== BROADCAST) return -Errno.NETUNREACH;
    const from = this.#source(destination);
    const receiver = this.#receiver(destination, from);
    if (receiver === undefined) return isUnix ? -Errno.CONNREFUSED : this.#sentToNobody(destination, length);
    if (receiver.#held + length + PIECE_BYTES > WINDOW_BYTES) return isUnix ? receiver.#refuse(this) : length;
    receiver.#take(bytes.slice(start, start + length), from);
    return length;
  }

  #destination(to: SocketAddress): SocketAddress | Failure {
    if (to.host === BROADCAST && to.family === Family.INET) return this.#mayBroadcast ? to : -Errno.ACCES;
    if (this.#local.family === Family.INET && to.family === Family.INET6) return -Errno.AFNOSUPPORT;
    return this.#place.locality.destination(to);
  }

  #receiver(destination: SocketAddress, from: SocketAddress): DatagramEnd | undefined {
    const { table } = this.#place;
    const receiver = destination.host === BROADCAST
      ? table.find(withPort({ ...destination, host: "0.0.0.0" }, destination.port))
      : table.find(destination);
    if (receiver === undefined || receiver.#peer === undefined) return receiver;
    return isSameAddress(receiver.#peer, from) ? receiver : undefined;
  }

  #sentToNobody(destination: SocketAddress, length: number): number {
    if (this.#peer !== undefined && isSameAddress(this.#peer, destination)) {
      this.#refuseLater(Errno.CONNREFUSED);
    }
    return length;
  }

  #refuseLater(refusal: Errno): void {
    this.#refusal = refusal;
    this.#enqueue();
  }

  /** A unix socket waits for room; a UDP datagram without room is dropped. */
  #refuse(sender: DatagramEnd): number {
    this.#waiting ??= new Set();
    this.#waiting.add(sender);
    return -Errno.AGAIN;
  }

  #take(bytes: Uint8Array, from: SocketAddress): void {
    this.#inbox.push(bytes);
    this.#senders.push(asSeenBy(this.#local.family, from));
    this.#held += bytes.length + PIECE_BYTES;
    if (!this.#isPaused) this.#enqueue();
  }

  setOption(option: SocketOption, value: number): number {
    // Without effect: no peer is more than one hop away.
    if (option === SocketOption.HOPS || option === SocketOption.SNDBUF) return 0;
    if (option !== SocketOption.BROADCAST) return -Errno.NOPROTOOPT;
    this.#mayBroadcast = value !== 0;
    return 0;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#inbox.length > 0) this.#enqueue();
  }

  #enqueue(): void {
    if (this.#isQueued || this.#events === undefined) return;
    this.#isQueued = true;
    this.#place.queue.add(this);
  }

  deliver(): void {
    this.#isQueued = false;
    const refusal = this.#refusal;
    this.#refusal = Errno.SUCCESS;
    if (refusal !== Errno.SUCCESS) this.#events?.refused(refusal);
    if (this.#hasRoom) {
      this.#hasRoom = false;
      this.#events?.writable();
    }
    this.#deliverDatagrams();
  }

  #deliverDatagrams(): void {
    const pieces = this.#inbox;
    const senders = this.#senders;
    const count = pieces.length;
    let delivered = 0;
    while (delivered < count && this.#events !== undefined && !this.#isPaused) {
      const piece = pieces[delivered]!;
      this.#held -= piece.length + PIECE_BYTES;
      this.#events.received(piece, senders[delivered++]!);
    }
    if (delivered === 0) return;
    this.#inbox = pieces.slice(delivered);
    this.#senders = senders.slice(delivered);
    this.#offerRoom();
    if (this.#inbox.length > 0 && !this.#isPaused) this.#enqueue();
  }

  #offerRoom(): void {
    if (this.#waiting === undefined || this.#held > WINDOW_BYTES / 2) return;
    const senders = this.#waiting;
    this.#waiting = undefined;
    for (const sender of senders) {
      sender.#hasRoom = true;
      sender.#enqueue();
    }
  }

  close(): void {
    if (this.#events === undefined) return;
    this.#events = undefined;
    this.#place.table.release(this.#local, this);
    this.#inbox = [];
    this.#senders = [];
    this.#held = 0;
    this.#offerRoom();
  }
}
