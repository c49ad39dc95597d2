/** The built-in name server as a network: {@linkcode DnsStub} answers on every address. */

import { Errno } from "../../../witx/errno.ts";
import { Family, type PlatformNetwork, type SocketAddress, type SocketOption } from "../../../contract/network.ts";
import { unspecifiedAddress } from "../../../contract/address.ts";
import { DnsConnection } from "./connection.ts";
import type { DnsStub, Message } from "./stub.ts";
import type {
  ConnectionEvents,
  ConnectionHandle,
  DatagramEvents,
  DatagramHandle,
  SocketDriver,
} from "../events/driver.ts";
import { eventNetwork } from "../events/network.ts";

const NO_OPTIONS: ReadonlySet<SocketOption> = new Set();

/** Longest query by UDP. */
const MAX_QUERY_BYTES = 4096;

/**
 * Creates the network of a name server.
 *
 * @param stub The name server.
 */
export function nameServerNetwork(stub: DnsStub): PlatformNetwork {
  const driver: SocketDriver = {
    hasHostPaths: false,
    supports: (family) => family === Family.UNIX ? -Errno.AFNOSUPPORT : 0,
    options: () => NO_OPTIONS,
    listen(address, _options, events) {
      events.failed(Errno.NOTSUP);
      return { localAddress: () => address, close() {} };
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
    this.#connection = new DnsConnection(stub, {
      answered: (framed) => {
        if (!this.#closed) events.received(framed);
      },
      writable: () => {
        if (!this.#closed) events.writable();
      },
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
    return this.#connection.receive(bytes, start, length);
  }

  shutdown(): void {
    const end = (): void => {
      if (!this.#closed) this.#events.ended();
    };
    const drained = this.#connection.drained();
    if (drained === undefined) end();
    else void drained.then(end);
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  setOption(): number {
    return -Errno.NOPROTOOPT;
  }

  close(): void {
    this.#closed = true;
  }

  reset(): void {
    this.#closed = true;
  }
}

/** The socket drops responses without room, as a kernel drops datagrams. */
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
    if (length > MAX_QUERY_BYTES) return -Errno.MSGSIZE;
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

  pause(): void {}

  resume(): void {}

  close(): void {
    this.#closed = true;
  }
}
