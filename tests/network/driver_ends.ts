/** Ends of connections, listeners and datagram sockets that write down what a driver tells them. */

import type {
  ConnectionEvents,
  ConnectionHandle,
  DatagramEvents,
  DatagramHandle,
  ListenerEvents,
  ListenerHandle,
  SocketDriver,
} from "../../src/core/net/events/driver.ts";
import { Family, type SocketAddress, type SocketOption } from "../../src/contract/network.ts";
import { type Errno, errnoName } from "../../src/witx/errno.ts";

const NO_OPTIONS: ReadonlyMap<SocketOption, number> = new Map();
const decoder = new TextDecoder();

/** An IPv4 address. */
export function v4(host: string, port: number): SocketAddress {
  return { family: Family.INET, host, port };
}

/** An IPv6 address. */
export function v6(host: string, port: number): SocketAddress {
  return { family: Family.INET6, host, port };
}

/** A path. */
export function unix(host: string): SocketAddress {
  return { family: Family.UNIX, host, port: 0 };
}

/** Let what was set off go on until nothing moves any more. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** An end of a connection. */
export class End implements ConnectionEvents {
  /** What was told, in order: `opened`, bytes as `"text"` (or their number if there are many), … */
  readonly log: string[] = [];
  handle!: ConnectionHandle;
  bytes = 0;
  /** Called with what came. */
  onReceived: ((bytes: Uint8Array) => void) | undefined;

  opened(): void {
    this.log.push("opened");
  }
  received(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.log.push(bytes.length > 100 ? `${bytes.length} bytes` : JSON.stringify(decoder.decode(bytes)));
    this.onReceived?.(bytes);
  }
  ended(): void {
    this.log.push("ended");
  }
  writable(): void {
    this.log.push("writable");
  }
  failed(errno: Errno): void {
    this.log.push(`failed ${errnoName(errno)}`);
  }

  /** Send a text. */
  send(text: string): number {
    const bytes = new TextEncoder().encode(text);
    return this.handle.write(bytes, 0, bytes.length);
  }

  /** Send zeros. */
  sendZeros(length: number): number {
    return this.handle.write(new Uint8Array(length), 0, length);
  }
}

/** A listener. */
class Listener implements ListenerEvents {
  readonly log: string[] = [];
  readonly ends: End[] = [];
  handle!: ListenerHandle;
  /** False to refuse connections by not attaching to them. */
  attaches = true;

  listening(): void {
    this.log.push("listening");
  }
  failed(errno: Errno): void {
    this.log.push(`failed ${errnoName(errno)}`);
  }
  accepted(attach: (events: ConnectionEvents) => ConnectionHandle): void {
    if (!this.attaches) return;
    const end = new End();
    end.handle = attach(end);
    this.ends.push(end);
  }

  get address(): SocketAddress {
    return this.handle.localAddress();
  }
}

/** A datagram socket. */
class Datagrams implements DatagramEvents {
  readonly log: string[] = [];
  readonly senders: SocketAddress[] = [];
  handle!: DatagramHandle;

  opened(): void {
    this.log.push("opened");
  }
  failed(errno: Errno): void {
    this.log.push(`failed ${errnoName(errno)}`);
  }
  received(bytes: Uint8Array, from: SocketAddress): void {
    this.log.push(JSON.stringify(decoder.decode(bytes)));
    this.senders.push(from);
  }
  writable(): void {
    this.log.push("writable");
  }
  refused(errno: Errno): void {
    this.log.push(`refused ${errnoName(errno)}`);
  }

  /** Send a text. */
  send(text: string, to?: SocketAddress): number {
    const bytes = new TextEncoder().encode(text);
    return this.handle.send(bytes, 0, bytes.length, to);
  }
}

/** Listen. */
export function listen(
  driver: SocketDriver,
  address: SocketAddress,
  options: ReadonlyMap<SocketOption, number> = NO_OPTIONS,
): Listener {
  const listener = new Listener();
  listener.handle = driver.listen(address, options, listener);
  return listener;
}

/** Begin to connect. */
export function connect(driver: SocketDriver, address: SocketAddress, local?: SocketAddress): End {
  const end = new End();
  end.handle = driver.connect(address, local, NO_OPTIONS, end);
  return end;
}

/** Open a datagram socket. */
export function openDatagram(
  driver: SocketDriver,
  local: SocketAddress,
  options: ReadonlyMap<SocketOption, number> = NO_OPTIONS,
): Datagrams {
  const datagrams = new Datagrams();
  datagrams.handle = driver.openDatagram(local, options, datagrams);
  return datagrams;
}
