/** The name server within the host as a network of its own: whatever address is asked, {@linkcode DnsStub} answers. */

import { Errno } from "../../witx/errno.ts";
import { Family, type PlatformNetwork, type SocketAddress, type SocketOption } from "../network.ts";
import { unspecifiedAddress } from "./address.ts";
import { DnsConnection, type DnsStub, type Message } from "./dns_stub.ts";
import type { ConnectionEvents, ConnectionHandle, DatagramEvents, DatagramHandle, SocketDriver } from "./driver.ts";
import { eventNetwork } from "./event_network.ts";

const NO_OPTIONS: ReadonlySet<SocketOption> = new Set();

/** Longest query by UDP. */
const MOST_QUERY_BYTES = 4096;

/**
 * Make the network of a name server.
 *
 * @param stub Answers.
 */
export function nameServerNetwork(stub: DnsStub): PlatformNetwork {
  const driver: SocketDriver = {
    hasHostPaths: false,
    supports: (family) => family === Family.UNIX ? Errno.AFNOSUPPORT : Errno.SUCCESS,
    options: () => NO_OPTIONS,
    listen(_address, _options, events) {
      events.failed(Errno.NOTSUP);
      return { localAddress: () => _address, pause() {}, resume() {}, close() {} };
    },
    connect: (address, _local, _options, events) => new NameConnection(stub, address, events),
    openDatagram: (local, _options, events) => new NameDatagrams(stub, local, events),
    lookup: () => () => {},
  };
  return eventNetwork(driver);
}

class NameConnection implements ConnectionHandle {
  readonly #peer: SocketAddress;
  readonly #events: ConnectionEvents;
  readonly #connection: DnsConnection;
  #closed = false;

  constructor(stub: DnsStub, peer: SocketAddress, events: ConnectionEvents) {
    this.#peer = peer;
    this.#events = events;
    this.#connection = new DnsConnection(stub, (framed) => {
      if (!this.#closed) events.received(framed);
    });
    events.opened();
  }

  localAddress(): SocketAddress {
    return unspecifiedAddress(this.#peer.family);
  }

  peerAddress(): SocketAddress {
    return this.#peer;
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    return this.#connection.receive(bytes.slice(start, start + length)) ? length : -Errno.CONNRESET;
  }

  shutdown(): void {
    const end = (): void => {
      if (!this.#closed) this.#events.ended();
    };
    const drained = this.#connection.drained();
    if (drained === undefined) end();
    else void drained.then(end);
  }

  pause(): void {}

  resume(): void {}

  setOption(): number {
    return -Errno.NOPROTOOPT;
  }

  getOption(): number {
    return -Errno.NOPROTOOPT;
  }

  close(): void {
    this.#closed = true;
  }

  reset(): void {
    this.#closed = true;
  }
}

class NameDatagrams implements DatagramHandle {
  readonly #stub: DnsStub;
  readonly #local: SocketAddress;
  readonly #events: DatagramEvents;
  #peer: SocketAddress | undefined;
  #closed = false;

  constructor(stub: DnsStub, local: SocketAddress, events: DatagramEvents) {
    this.#stub = stub;
    this.#local = local;
    this.#events = events;
    events.opened();
  }

  localAddress(): SocketAddress {
    return this.#local;
  }

  connect(address: SocketAddress | undefined): void {
    this.#peer = address;
  }

  send(bytes: Uint8Array, start: number, length: number, to: SocketAddress | undefined): number {
    if (length > MOST_QUERY_BYTES) return -Errno.MSGSIZE;
    const from = to ?? this.#peer!;
    const receive = (answer: Message): void => {
      if (answer !== undefined && !this.#closed) this.#events.received(answer, from);
    };
    const answer = this.#stub.answer(bytes.slice(start, start + length));
    if (answer instanceof Promise) void answer.then(receive);
    else receive(answer);
    return length;
  }

  setOption(): number {
    return -Errno.NOPROTOOPT;
  }

  getOption(): number {
    return -Errno.NOPROTOOPT;
  }

  pause(): void {}

  resume(): void {}

  close(): void {
    this.#closed = true;
  }
}
