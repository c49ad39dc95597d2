/** Ends of connections, listeners and datagram sockets that can be waited for, and that check what a driver promises. */

import { expect } from "vitest";
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
import type { SocketAddress, SocketOption } from "../../src/contract/network.ts";
import { type Errno, errnoName } from "../../src/witx/errno.ts";

/** How long an event may take (ms); a test that waits longer fails. */
const PATIENCE_MS = 8000;

/** No options. */
const NO_OPTIONS: ReadonlyMap<SocketOption, number> = new Map();

/** Bytes of a text. */
export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Wait some turns of the event loop, for what must not happen. */
export function pass(ms = 30): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Something that changes by events. */
abstract class Waiting {
  /** What was told that never may be. */
  readonly violations: string[] = [];
  readonly #waiting: Set<() => void> = new Set();
  protected over = false;
  protected readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** Note an event. */
  protected told(event: string): void {
    if (this.over) this.violations.push(`${this.name}: ${event} after it was over`);
    for (const check of [...this.#waiting]) check();
  }

  /** Wait until something holds. */
  async until(holds: () => boolean, what: string): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`${this.name} waited in vain: ${what}; it is ${this.describe()}`));
      }, PATIENCE_MS);
      const check = (): void => {
        if (!holds()) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
    });
  }

  protected abstract describe(): string;
}

/** An end of a connection. */
export class ConnectionEnd extends Waiting implements ConnectionEvents {
  handle!: ConnectionHandle;
  isOpen = false;
  hasEnded = false;
  /** Times that room was told of. */
  writables = 0;
  errno: Errno | undefined;
  chunks: Uint8Array[] = [];
  size = 0;
  /** Called with what came, in place of keeping it. */
  onBytes: ((bytes: Uint8Array) => void) | undefined;

  opened(): void {
    if (this.isOpen) this.violations.push(`${this.name}: opened twice`);
    this.isOpen = true;
    this.told("opened");
  }

  received(bytes: Uint8Array): void {
    if (this.hasEnded) this.violations.push(`${this.name}: bytes after the end`);
    this.size += bytes.length;
    if (this.onBytes === undefined) this.chunks.push(bytes);
    else this.onBytes(bytes);
    this.told("received");
  }

  ended(): void {
    if (this.hasEnded) this.violations.push(`${this.name}: ended twice`);
    this.hasEnded = true;
    this.told("ended");
  }

  writable(): void {
    this.writables++;
    this.told("writable");
  }

  failed(errno: Errno): void {
    this.errno = errno;
    this.told("failed");
    this.over = true;
  }

  /** All that came, as text. */
  get text(): string {
    return new TextDecoder().decode(joined(this.chunks));
  }

  /** Send a text that the driver has room for. */
  send(text: string): void {
    const bytes = encode(text);
    expect(this.handle.write(bytes, 0, bytes.length)).toBe(bytes.length);
  }

  /** Send everything, waiting for room. */
  async sendAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const before = this.writables;
      const taken = this.handle.write(bytes, at, bytes.length - at);
      expect(taken).toBeGreaterThanOrEqual(0);
      at += taken;
      if (at < bytes.length) await this.until(() => this.writables > before, "room to send");
    }
  }

  opening(): Promise<void> {
    return this.until(() => this.isOpen || this.errno !== undefined, "open");
  }

  receiving(size: number): Promise<void> {
    return this.until(() => this.size >= size, `${size} bytes`);
  }

  ending(): Promise<void> {
    return this.until(() => this.hasEnded, "the end");
  }

  failing(): Promise<void> {
    return this.until(() => this.errno !== undefined, "an error");
  }

  close(): void {
    this.over = true;
    this.handle.close();
  }

  reset(): void {
    this.over = true;
    this.handle.reset();
  }

  protected describe(): string {
    const { isOpen, hasEnded, size, errno } = this;
    return JSON.stringify({ isOpen, hasEnded, size, errno: errno === undefined ? "none" : errnoName(errno) });
  }
}

/** A listener. */
class ListenerEnd extends Waiting implements ListenerEvents {
  handle!: ListenerHandle;
  isListening = false;
  errno: Errno | undefined;
  readonly ends: ConnectionEnd[] = [];
  /** Called with each end before it is attached. */
  onEnd: ((end: ConnectionEnd) => void) | undefined;

  listening(): void {
    this.isListening = true;
    this.told("listening");
  }

  failed(errno: Errno): void {
    this.errno = errno;
    this.told("failed");
    this.over = true;
  }

  accepted(attach: (events: ConnectionEvents) => ConnectionHandle): void {
    const end = new ConnectionEnd(`server ${this.ends.length}`);
    end.isOpen = true;
    this.onEnd?.(end);
    end.handle = attach(end);
    this.ends.push(end);
    this.told("accepted");
  }

  get address(): SocketAddress {
    return this.handle.localAddress();
  }

  async next(count = 1): Promise<ConnectionEnd> {
    await this.until(() => this.ends.length >= count, `connection ${count}`);
    return this.ends[count - 1]!;
  }

  close(): void {
    this.over = true;
    this.handle.close();
  }

  protected describe(): string {
    return JSON.stringify({ listening: this.isListening, connections: this.ends.length, errno: this.errno ?? "none" });
  }
}

/** A datagram and its sender. */
export interface DatagramReceived {
  readonly bytes: Uint8Array;
  readonly from: SocketAddress;
}

/** A datagram socket. */
export class DatagramEnd extends Waiting implements DatagramEvents {
  handle!: DatagramHandle;
  isOpen = false;
  errno: Errno | undefined;
  writables = 0;
  readonly refusals: Errno[] = [];
  readonly datagrams: DatagramReceived[] = [];

  opened(): void {
    this.isOpen = true;
    this.told("opened");
  }

  failed(errno: Errno): void {
    this.errno = errno;
    this.told("failed");
    this.over = true;
  }

  received(bytes: Uint8Array, from: SocketAddress): void {
    this.datagrams.push({ bytes, from });
    this.told("received");
  }

  writable(): void {
    this.writables++;
    this.told("writable");
  }

  refused(errno: Errno): void {
    this.refusals.push(errno);
    this.told("refused");
  }

  get address(): SocketAddress {
    return this.handle.localAddress();
  }

  get texts(): string[] {
    return this.datagrams.map(({ bytes }) => new TextDecoder().decode(bytes));
  }

  send(text: string, to?: SocketAddress): number {
    const bytes = encode(text);
    return this.handle.send(bytes, 0, bytes.length, to);
  }

  opening(): Promise<void> {
    return this.until(() => this.isOpen || this.errno !== undefined, "open");
  }

  receiving(count: number): Promise<void> {
    return this.until(() => this.datagrams.length >= count, `${count} datagrams`);
  }

  close(): void {
    this.over = true;
    this.handle.close();
  }

  protected describe(): string {
    return JSON.stringify({ isOpen: this.isOpen, texts: this.texts, refusals: this.refusals, errno: this.errno });
  }
}

/** Makes ends of one driver, and closes all of them at the end of a test. */
export class Ends {
  readonly driver: SocketDriver;
  readonly #connections: ConnectionEnd[] = [];
  readonly #listeners: ListenerEnd[] = [];
  readonly #datagrams: DatagramEnd[] = [];

  constructor(driver: SocketDriver) {
    this.driver = driver;
  }

  /** Begin to listen. */
  beginToListen(address: SocketAddress, options: OptionValues = NO_OPTIONS): ListenerEnd {
    const end = new ListenerEnd("listener");
    end.handle = this.driver.listen(address, options, end);
    this.#listeners.push(end);
    return end;
  }

  /** Listen, and wait until that is so. */
  async listen(address: SocketAddress, options: OptionValues = NO_OPTIONS): Promise<ListenerEnd> {
    const end = this.beginToListen(address, options);
    await end.until(() => end.isListening || end.errno !== undefined, "listening");
    expect(end.errno).toBeUndefined();
    return end;
  }

  /** Why it can't be listened there. */
  async listenError(address: SocketAddress): Promise<string> {
    const end = this.beginToListen(address);
    await end.until(() => end.isListening || end.errno !== undefined, "an error");
    return end.errno === undefined ? "none" : errnoName(end.errno);
  }

  /** Begin to connect. */
  beginToConnect(address: SocketAddress, local?: SocketAddress, options: OptionValues = NO_OPTIONS): ConnectionEnd {
    const end = new ConnectionEnd("client");
    end.handle = this.driver.connect(address, local, options, end);
    this.#connections.push(end);
    return end;
  }

  /** Connect, and wait until it is open. */
  async connect(address: SocketAddress, local?: SocketAddress, options?: OptionValues): Promise<ConnectionEnd> {
    const end = this.beginToConnect(address, local, options);
    await end.opening();
    expect(end.errno).toBeUndefined();
    return end;
  }

  /** Why it can't be connected there. */
  async connectError(address: SocketAddress, local?: SocketAddress): Promise<string> {
    const end = this.beginToConnect(address, local);
    await end.opening();
    return end.errno === undefined ? "none" : errnoName(end.errno);
  }

  /** A listener and both ends of a connection to it. */
  async pair(
    address: SocketAddress,
    options?: OptionValues,
  ): Promise<{ listener: ListenerEnd; client: ConnectionEnd; server: ConnectionEnd }> {
    const listener = await this.listen(address, options);
    const client = await this.connect(listener.address, undefined, options);
    return { listener, client, server: await listener.next() };
  }

  /** Open a datagram socket, and wait until it is open. */
  async datagram(local: SocketAddress, options: OptionValues = NO_OPTIONS): Promise<DatagramEnd> {
    const end = this.beginDatagram(local, options);
    await end.opening();
    expect(end.errno).toBeUndefined();
    return end;
  }

  /** Why a datagram socket can't be bound there. */
  async datagramError(local: SocketAddress): Promise<string> {
    const end = this.beginDatagram(local, NO_OPTIONS);
    await end.opening();
    return end.errno === undefined ? "none" : errnoName(end.errno);
  }

  /** Begin to open a datagram socket. */
  beginDatagram(local: SocketAddress, options: OptionValues): DatagramEnd {
    const end = new DatagramEnd("datagram socket");
    end.handle = this.driver.openDatagram(local, options, end);
    this.#datagrams.push(end);
    return end;
  }

  /** Close everything, and check that the driver kept its promises. */
  async finish(): Promise<void> {
    const accepted = this.#listeners.flatMap((listener) => listener.ends);
    for (const end of [...this.#connections, ...accepted]) {
      if (end.errno === undefined) end.reset();
    }
    for (const end of this.#listeners) {
      if (end.errno === undefined) end.close();
    }
    for (const end of this.#datagrams) {
      if (end.errno === undefined) end.close();
    }
    await pass(2);
    const all = [...this.#connections, ...accepted, ...this.#listeners, ...this.#datagrams];
    expect(all.flatMap((end) => end.violations)).toEqual([]);
  }
}

/** Chunks as one. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
