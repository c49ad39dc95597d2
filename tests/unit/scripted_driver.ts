/**
 * A network of which a test plays the other side: it looks at what was asked of it and tells what happens.
 *
 * @module
 */

import { Family, type SocketAddress, SocketOption } from "../../src/contract/network.ts";
import type { IoVectors } from "../../src/contract/vectors.ts";
import { addressOf } from "../../src/contract/address.ts";
import type {
  ConnectionEvents,
  ConnectionHandle,
  DatagramEvents,
  DatagramHandle,
  ListenerEvents,
  ListenerHandle,
  OptionValues,
  SocketDriver,
} from "../../src/core/net/events/driver.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { type Failure, resultFromErrno } from "../../src/contract/results.ts";

/** What becomes of what is opened: told later by the test, told within the call, or refused within the call. */
export type Opening = "later" | "now" | { readonly refusal: Errno };

/** An IPv4 address. */
export function v4(host: string, port: number): SocketAddress {
  return { family: Family.INET, host, port };
}

/** A result as a test writes it: a count, or the name of the errno. */
export function outcome(result: number): number | string {
  return result < 0 ? errnoName(-result) : result + 0;
}

/** Room for pieces of these lengths, or pieces that hold these bytes. */
export function pieces(...parts: readonly (number | Uint8Array)[]): IoVectors {
  const arrays = parts.map((part) => typeof part === "number" ? new Uint8Array(part) : part);
  const bytes = new Uint8Array(arrays.reduce((size, { length }) => size + length, 0));
  const starts = new Uint32Array(arrays.length);
  let at = 0;
  arrays.forEach((array, i) => {
    starts[i] = at;
    bytes.set(array, at);
    at += array.length;
  });
  return { bytes, starts, lengths: Uint32Array.from(arrays, ({ length }) => length), count: arrays.length };
}

/** What a handle does with options: it takes those that `refused` does not name. */
class Options {
  readonly values: Map<SocketOption, number>;
  readonly refused: Map<SocketOption, Errno> = new Map();

  constructor(values: OptionValues) {
    this.values = new Map(values);
  }

  setOption(option: SocketOption, value: number): number {
    const errno = this.refused.get(option);
    if (errno !== undefined) return -errno;
    this.values.set(option, value);
    return 0;
  }

  getOption(option: SocketOption): number {
    return this.values.get(option) ?? -Errno.NOPROTOOPT;
  }
}

/** A connection, seen from the system. */
export class ScriptedConnection extends Options implements ConnectionHandle {
  readonly events: ConnectionEvents;
  readonly to: SocketAddress;
  readonly from: SocketAddress | undefined;
  /** Calls but for writes and options, in order. */
  readonly calls: string[] = [];
  readonly written: number[] = [];
  /** Bytes that it takes before there is no room. */
  room: number = Infinity;
  /** What the next writes answer instead. */
  writeErrno: Errno | undefined;
  isPaused: boolean = false;
  /** True after a write that did not take everything. */
  owesRoom: boolean = false;

  constructor(to: SocketAddress, from: SocketAddress | undefined, options: OptionValues, events: ConnectionEvents) {
    super(options);
    this.to = to;
    this.from = from;
    this.events = events;
  }

  localAddress(): SocketAddress {
    return this.from ?? v4("127.0.0.1", 40000);
  }

  peerAddress(): SocketAddress {
    return this.to;
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.writeErrno !== undefined) return -this.writeErrno;
    const taken = Math.min(length, this.room);
    for (const byte of bytes.subarray(start, start + taken)) this.written.push(byte);
    this.room -= taken;
    if (taken < length) this.owesRoom = true;
    return taken;
  }

  /** What the next flush answers. */
  flushResult: number = 0;

  flush(): number {
    return this.flushResult;
  }

  /** Make room and tell of it, if that is owed. */
  makeRoom(bytes: number): void {
    this.room += bytes;
    if (!this.owesRoom || bytes === 0) return;
    this.owesRoom = false;
    this.events.writable();
  }

  shutdown(): void {
    this.calls.push("shutdown");
  }

  pause(): void {
    this.isPaused = true;
    this.calls.push("pause");
  }

  resume(): void {
    this.isPaused = false;
    this.calls.push("resume");
  }

  close(): void {
    this.calls.push("close");
  }

  reset(): void {
    this.calls.push("reset");
  }
}

/** A listener, seen from the system. */
export class ScriptedListener implements ListenerHandle {
  readonly at: SocketAddress;
  readonly options: OptionValues;
  readonly events: ListenerEvents;
  readonly calls: string[] = [];

  constructor(at: SocketAddress, options: OptionValues, events: ListenerEvents) {
    this.at = at;
    this.options = options;
    this.events = events;
  }

  /** Let a connection come in. */
  connection(from: SocketAddress = v4("127.0.0.1", 50000)): ScriptedConnection {
    let made: ScriptedConnection | undefined;
    this.events.accepted((events) => made = new ScriptedConnection(from, this.localAddress(), new Map(), events));
    if (made === undefined) throw new Error("Nobody took the connection");
    return made;
  }

  localAddress(): SocketAddress {
    return this.at.port === 0 ? { ...this.at, port: 30000 } : this.at;
  }

  pause(): void {
    this.calls.push("pause");
  }

  resume(): void {
    this.calls.push("resume");
  }

  close(): void {
    this.calls.push("close");
  }
}

/** A datagram that was sent. */
export interface Sent {
  readonly bytes: number[];
  readonly to: SocketAddress | undefined;
}

/** A datagram socket, seen from the system. */
export class ScriptedDatagrams extends Options implements DatagramHandle {
  readonly at: SocketAddress;
  readonly events: DatagramEvents;
  readonly calls: string[] = [];
  readonly sent: Sent[] = [];
  peer: SocketAddress | undefined;
  /** What the next sends answer instead. */
  sendErrno: Errno | undefined;

  constructor(at: SocketAddress, options: OptionValues, events: DatagramEvents) {
    super(options);
    this.at = at;
    this.events = events;
  }

  localAddress(): SocketAddress {
    return this.at.port === 0 ? { ...this.at, port: 30001 } : this.at;
  }

  connect(address: SocketAddress | undefined): void {
    this.peer = address;
  }

  send(bytes: Uint8Array, start: number, length: number, to: SocketAddress | undefined): number {
    if (this.sendErrno !== undefined) return -this.sendErrno;
    this.sent.push({ bytes: [...bytes.subarray(start, start + length)], to });
    return length;
  }

  pause(): void {
    this.calls.push("pause");
  }

  resume(): void {
    this.calls.push("resume");
  }

  close(): void {
    this.calls.push("close");
  }
}

/** The network. */
export class ScriptedDriver implements SocketDriver {
  readonly hasHostPaths: boolean = false;
  opening: Opening = "later";
  supported: Errno = Errno.SUCCESS;
  readonly listeners: ScriptedListener[] = [];
  readonly connections: ScriptedConnection[] = [];
  readonly datagrams: ScriptedDatagrams[] = [];
  readonly lookups: {
    readonly name: string;
    readonly answer: (result: readonly SocketAddress[] | Failure) => void;
    isCancelled: boolean;
  }[] = [];

  supports(): number {
    return resultFromErrno(this.supported);
  }

  options(): ReadonlySet<SocketOption> {
    return new Set([SocketOption.NODELAY, SocketOption.KEEPALIVE, SocketOption.SNDBUF, SocketOption.KEEPIDLE]);
  }

  #open(events: { failed(errno: Errno): void }, opened: () => void): void {
    if (this.opening === "now") opened();
    else if (this.opening !== "later") events.failed(this.opening.refusal);
  }

  listen(address: SocketAddress, options: OptionValues, events: ListenerEvents): ScriptedListener {
    const listener = new ScriptedListener(address, new Map(options), events);
    this.listeners.push(listener);
    this.#open(events, () => events.listening());
    return listener;
  }

  connect(
    address: SocketAddress,
    local: SocketAddress | undefined,
    options: OptionValues,
    events: ConnectionEvents,
  ): ScriptedConnection {
    const connection = new ScriptedConnection(address, local, options, events);
    this.connections.push(connection);
    this.#open(events, () => events.opened());
    return connection;
  }

  openDatagram(local: SocketAddress, options: OptionValues, events: DatagramEvents): ScriptedDatagrams {
    const datagrams = new ScriptedDatagrams(local, options, events);
    this.datagrams.push(datagrams);
    this.#open(events, () => events.opened());
    return datagrams;
  }

  lookup(name: string, _family: Family | 0, answer: (result: readonly SocketAddress[] | Failure) => void): () => void {
    const lookup = { name, answer, isCancelled: false };
    this.lookups.push(lookup);
    return () => lookup.isCancelled = true;
  }
}

/** Bytes that count on from `from`, so that none can be lost, doubled or moved unseen. */
export function counting(from: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (from + i) % 251);
}

/** The loopback address of IPv4 with a port. */
export function loopback(port: number): SocketAddress {
  return addressOf(Uint8Array.of(127, 0, 0, 1), port);
}
