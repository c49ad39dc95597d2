/** The state machine of a datagram socket: UDP, and unix datagram sockets. */

import { Errno } from "../../../witx/errno.ts";
import {
  Family,
  MAX_DATAGRAM_BYTES,
  type PlatformSocket,
  type Received,
  ReceiveFlags,
  Shutdown,
  type SocketAddress,
  SocketType,
  type Wakeable,
} from "../../../contract/network.ts";
import { Interest, Readiness } from "../../../contract/pollable.ts";
import { type IoVectors, totalLength } from "../../../contract/vectors.ts";
import { destinationOf, isSameAddress, unspecifiedAddress } from "../../../contract/address.ts";
import type { DatagramEvents, DatagramHandle, SocketDriver } from "./driver.ts";
import { EventSocket } from "./socket.ts";
import { type Failure, resultFromErrno } from "../../../contract/results.ts";

/** Overhead of a datagram, so that empty ones are bounded too. */
const OVERHEAD_BYTES = 64;

/** Limit on gathered bytes: that of the length field of an IP packet, above any system's limit. */
const MAX_INET_BYTES = 65_535;
const MAX_UNIX_BYTES = 16 * 1024 * 1024;

interface Datagram {
  readonly bytes: Uint8Array;
  readonly from: SocketAddress;
}

/** A datagram socket. */
export class DatagramSocket extends EventSocket implements PlatformSocket, DatagramEvents {
  readonly type: SocketType = SocketType.DGRAM;
  #handle: DatagramHandle | undefined;
  #open = false;
  #peer: SocketAddress | undefined;
  #queue: Datagram[] = [];
  #head = 0;
  #queuedBytes = 0;
  #paused = false;
  #hasRoom = true;
  #down = 0;
  #gathered: Uint8Array = new Uint8Array(0);

  constructor(driver: SocketDriver, family: Family, wake: Wakeable) {
    super(driver, family, wake);
  }

  protected optionHandle(): DatagramHandle | undefined {
    return this.#open ? this.#handle : undefined;
  }

  protected accepts(): boolean {
    return false;
  }

  protected isBound(): boolean {
    return this.#handle !== undefined;
  }

  bind(address: SocketAddress): number {
    const unusable = this.checkAddress(address);
    if (unusable < 0) return unusable;
    if (this.#handle !== undefined) return -Errno.INVAL;
    this.operation = -Errno.INPROGRESS;
    const handle = this.driver.openDatagram(address, this.options, this);
    if (this.operation === -Errno.INPROGRESS || this.#open) this.#handle = handle;
    return this.outcome();
  }

  opened(): void {
    this.#open = true;
    this.settle(Errno.SUCCESS);
  }

  failed(errno: Errno): void {
    this.#open = false;
    this.#handle = undefined;
    this.#peer = undefined;
    if (this.operation === -Errno.INPROGRESS) return this.settle(errno);
    this.error = errno;
    this.source.notify();
  }

  listen(): number {
    return -Errno.NOTSUP;
  }

  accept(): Failure {
    return -Errno.NOTSUP;
  }

  connect(address: SocketAddress): number {
    const unusable = this.checkAddress(address);
    if (unusable < 0) return unusable;
    const bound = this.#ensureBound();
    if (bound !== 0 && bound !== -Errno.INPROGRESS) return bound;
    // Replies come from the address that received the datagram, and only those are accepted.
    this.#peer = destinationOf(address);
    this.#handle!.connect(this.#peer);
    return bound;
  }

  disconnect(): number {
    if (this.#peer !== undefined) this.#handle?.connect(undefined);
    this.#peer = undefined;
    return 0;
  }

  #ensureBound(): number {
    return this.#handle === undefined ? this.bind(unspecifiedAddress(this.family)) : this.operation;
  }

  received(bytes: Uint8Array, from: SocketAddress): void {
    if ((this.#down & Shutdown.RD) !== 0) return;
    if (this.#peer !== undefined && !isSameAddress(from, this.#peer)) return;
    // As in a kernel, datagrams without room are dropped where the handle can't pause.
    if (this.#queuedBytes >= this.receiveLimit) return;
    this.#queue.push({ bytes, from });
    this.#queuedBytes += bytes.length + OVERHEAD_BYTES;
    if (!this.#paused && this.#queuedBytes >= this.receiveLimit) {
      this.#paused = true;
      this.#handle?.pause();
    }
    this.source.notify();
  }

  writable(): void {
    this.#hasRoom = true;
    this.source.notify();
  }

  refused(errno: Errno): void {
    this.error = errno;
    this.source.notify();
  }

  receive(iovs: IoVectors, flags: number, out: Received): number {
    out.truncated = false;
    out.from = undefined;
    if (this.error !== Errno.SUCCESS) return resultFromErrno(this.takeError());
    const datagram = this.#queue[this.#head];
    if (datagram === undefined) return (this.#down & Shutdown.RD) !== 0 ? 0 : -Errno.AGAIN;
    const count = scatter(datagram.bytes, iovs);
    out.truncated = count < datagram.bytes.length;
    out.from = datagram.from;
    if ((flags & ReceiveFlags.PEEK) === 0) this.#take(datagram);
    return count;
  }

  #take(datagram: Datagram): void {
    this.#queuedBytes -= datagram.bytes.length + OVERHEAD_BYTES;
    if (this.#paused && this.#queuedBytes <= this.receiveLimit / 2) {
      this.#paused = false;
      this.#handle?.resume();
    }
    this.#head++;
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
    } else if (this.#head >= 256) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }

  send(iovs: IoVectors, to: SocketAddress | undefined): number {
    if (this.error !== Errno.SUCCESS) return resultFromErrno(this.takeError());
    if ((this.#down & Shutdown.WR) !== 0) return -Errno.PIPE;
    if (to === undefined && this.#peer === undefined) return -Errno.DESTADDRREQ;
    const unusable = to === undefined ? 0 : this.checkAddress(to);
    if (unusable < 0) return unusable;
    const bound = this.#ensureBound();
    if (bound !== 0) return bound === -Errno.INPROGRESS ? -Errno.AGAIN : bound;
    if (!this.#hasRoom) return -Errno.AGAIN;
    const sent = this.#sendOne(iovs, to);
    if (sent === -Errno.AGAIN) this.#hasRoom = false;
    return sent;
  }

  #sendOne(iovs: IoVectors, to: SocketAddress | undefined): number {
    if (iovs.count === 1) return this.#handle!.send(iovs.bytes, iovs.starts[0]!, iovs.lengths[0]!, to);
    const length = totalLength(iovs);
    if (length > (this.family === Family.UNIX ? MAX_UNIX_BYTES : MAX_INET_BYTES)) return -Errno.MSGSIZE;
    if (this.#gathered.length < length) this.#gathered = new Uint8Array(length);
    let at = 0;
    for (let i = 0; i < iovs.count; i++) {
      const start = iovs.starts[i]!;
      const size = iovs.lengths[i]!;
      this.#gathered.set(iovs.bytes.subarray(start, start + size), at);
      at += size;
    }
    return this.#handle!.send(this.#gathered, 0, length, to);
  }

  shutdown(how: number): number {
    if (this.#peer === undefined) return -Errno.NOTCONN;
    this.#down |= how;
    this.source.notify();
    return 0;
  }

  localAddress(): SocketAddress {
    return this.#open ? this.#handle!.localAddress() : unspecifiedAddress(this.family);
  }

  peerAddress(): SocketAddress | Failure {
    return this.#peer ?? -Errno.NOTCONN;
  }

  readiness(interest: number): number {
    if (this.operation === -Errno.INPROGRESS) return 0;
    const failed = this.error !== Errno.SUCCESS;
    let ready = 0;
    const readable = this.#queue.length > 0 || failed || (this.#down & Shutdown.RD) !== 0;
    if ((interest & Interest.READ) !== 0 && readable) ready |= Readiness.READ;
    if ((interest & Interest.WRITE) !== 0 && (this.#hasRoom || failed)) ready |= Readiness.WRITE;
    return this.#down === (Shutdown.RD | Shutdown.WR) ? ready | Readiness.HANGUP : ready;
  }

  readableBytes(): number {
    return this.#queue[this.#head]?.bytes.length ?? 0;
  }

  writableBytes(): number {
    if (this.error !== Errno.SUCCESS) return -this.error;
    if ((this.#down & Shutdown.WR) !== 0) return -Errno.PIPE;
    return this.operation === -Errno.INPROGRESS || !this.#hasRoom ? 0 : MAX_DATAGRAM_BYTES;
  }

  flush(): number {
    return 0;
  }

  close(): number {
    this.#open = false;
    this.#handle?.close();
    return 0;
  }
}

function scatter(bytes: Uint8Array, iovs: IoVectors): number {
  let done = 0;
  for (let i = 0; i < iovs.count && done < bytes.length; i++) {
    const count = Math.min(iovs.lengths[i]!, bytes.length - done);
    iovs.bytes.set(bytes.subarray(done, done + count), iovs.starts[i]);
    done += count;
  }
  return done;
}
