/** A datagram socket in memory. */

import { Errno } from "../../../witx/errno.ts";
import { Family, type SocketAddress, SocketOption } from "../../../core/network.ts";
import { isSameAddress } from "../../../core/socket/address.ts";
import type { DatagramEvents, DatagramHandle } from "../../../core/socket/driver.ts";
import type { EventQueue, Teller } from "./event_queue.ts";
import { asSeenBy, isWildcard, type Locality, unmappedAddress, withPort } from "./locality.ts";
import type { PortTable } from "./port_table.ts";
import { PIECE_BYTES, WINDOW_BYTES } from "./window.ts";

/** Longest datagram by family: what the lengths in the headers of UDP allow, and what Linux takes for unix sockets. */
const MOST_BYTES: Readonly<Record<Family, number>> = {
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
export class DatagramEnd implements DatagramHandle, Teller {
  readonly #place: DatagramPlace;
  #events: DatagramEvents | undefined;
  /** Where it is bound; with a mapped address as it was given. */
  #local: SocketAddress;
  /** Where its datagrams go, unmapped. */
  #peer: SocketAddress | undefined;
  #inbox: Uint8Array[] = [];
  #senders: SocketAddress[] = [];
  #held = 0;
  #isQueued = false;
  #isPaused = false;
  #mayBroadcast: boolean;
  #refusal: Errno = Errno.SUCCESS;
  #hasRoom = false;
  /** Unix sockets that wait for room here. */
  #waiting: Set<DatagramEnd> | undefined;

  constructor(place: DatagramPlace, local: SocketAddress, mayBroadcast: boolean, events: DatagramEvents) {
    this.#place = place;
    this.#local = local;
    this.#mayBroadcast = mayBroadcast;
    this.#events = events;
  }

  /** Tell its port, once that is known. */
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
    if (address.family === Family.UNIX && this.#place.table.find(address) === undefined) this.#tellLater(Errno.NOENT);
  }

  send(bytes: Uint8Array, start: number, length: number, to: SocketAddress | undefined): number {
    if (this.#events === undefined) return -Errno.BADF;
    const destination = to === undefined ? this.#peer ?? Errno.DESTADDRREQ : this.#destination(to);
    if (typeof destination === "number") return -destination;
    const isUnix = destination.family === Family.UNIX;
    if (length > MOST_BYTES[destination.family]) return -Errno.MSGSIZE;
    if (!isUnix && !this.#place.locality.has(destination) && destination.host !== BROADCAST) return -Errno.NETUNREACH;
    const from = this.#source(destination);
    const receiver = this.#receiver(destination, from);
    if (receiver === undefined) return isUnix ? -Errno.CONNREFUSED : this.#sentToNobody(destination, length);
    if (receiver.#held + length + PIECE_BYTES > WINDOW_BYTES) return isUnix ? receiver.#refuse(this) : length;
    receiver.#take(bytes.slice(start, start + length), from);
    return length;
  }

  #destination(to: SocketAddress): SocketAddress | Errno {
    if (to.host === BROADCAST && to.family === Family.INET) return this.#mayBroadcast ? to : Errno.ACCES;
    if (this.#local.family === Family.INET && to.family === Family.INET6) return Errno.AFNOSUPPORT;
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
      this.#tellLater(Errno.CONNREFUSED);
    }
    return length;
  }

  #tellLater(refusal: Errno): void {
    this.#refusal = refusal;
    this.#enqueue();
  }

  /** A unix socket waits for room; for UDP what finds none is lost. */
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
    if (option !== SocketOption.BROADCAST) return -Errno.NOPROTOOPT;
    this.#mayBroadcast = value !== 0;
    return 0;
  }

  getOption(): number {
    return -Errno.NOPROTOOPT;
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

  tell(): void {
    this.#isQueued = false;
    const refusal = this.#refusal;
    this.#refusal = Errno.SUCCESS;
    if (refusal !== Errno.SUCCESS) this.#events?.refused(refusal);
    if (this.#hasRoom) {
      this.#hasRoom = false;
      this.#events?.writable();
    }
    this.#tellDatagrams();
  }

  #tellDatagrams(): void {
    const pieces = this.#inbox;
    const senders = this.#senders;
    const count = pieces.length;
    let told = 0;
    while (told < count && this.#events !== undefined && !this.#isPaused) {
      const piece = pieces[told]!;
      this.#held -= piece.length + PIECE_BYTES;
      this.#events.received(piece, senders[told++]!);
    }
    if (told === 0) return;
    this.#inbox = pieces.slice(told);
    this.#senders = senders.slice(told);
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
