/**
 * A guest that calls wasi:sockets, over the networks that other suites have.
 *
 * @module
 */

import type { FamilyValue, SocketAddressValue } from "../../src/wasi/p2/sockets/address_values.ts";
import { ERROR_NAMES } from "../../src/wasi/p2/sockets/error_code.ts";
import type { GuestNetwork } from "../../src/core/net/guest_network.ts";
import type { Interrupt } from "../../src/core/io/interrupt.ts";
import { MemoryInput, MemoryOutput } from "../../src/platform/memory/mod.ts";
import { openNetwork } from "../../src/runtime/net/network.ts";
import type { NetOptions, Refusal } from "../../src/runtime/options/options.ts";
import type { ResourceType } from "../../src/component/link/resource_type.ts";
import type { SocketBackend } from "../system/socket_systems.ts";
import { FakeComponent, fakeGuest } from "./fake_context.ts";

/** `ip-address`. */
type IpAddressValue =
  | { readonly tag: "ipv4"; readonly val: readonly number[] }
  | { readonly tag: "ipv6"; readonly val: readonly number[] };

const TCP = "wasi:sockets/tcp@0.2";
const UDP = "wasi:sockets/udp@0.2";
const LOOKUP = "wasi:sockets/ip-name-lookup@0.2";
const STREAMS = "wasi:io/streams@0.2";
const POLL = "wasi:io/poll@0.2";

/** What a guest is made with. */
export interface SocketGuestOptions {
  /** Default: everything is allowed; undefined for no network. */
  readonly net?: NetOptions | undefined;
  /** In place of one that is made of `net`. */
  readonly network?: GuestNetwork;
  /** Ends its waits. */
  readonly interrupt?: Interrupt;
  /** Handles at a time. Default: 1024. */
  readonly maxOpenFiles?: number;
}

/** Parts of a backend that a guest needs. */
export type GuestBackend = Pick<SocketBackend, "platform" | "network" | "mode">;

/** Make a guest over a network. */
export async function socketGuest(backend: GuestBackend, options: SocketGuestOptions = {}): Promise<SocketGuest> {
  const { platform, network, mode } = backend;
  const refusals: Refusal[] = [];
  const net = "net" in options ? options.net : { allow: true as const };
  const opened = net === undefined || options.network !== undefined ? undefined : await openNetwork(
    { ...mode === "block" ? {} : { network }, onRefused: (refusal) => void refusals.push(refusal), ...net },
    platform,
    mode,
  );
  const guest = fakeGuest(platform, {
    mode,
    stdio: { stdin: new MemoryInput(), stdout: new MemoryOutput(), stderr: new MemoryOutput() },
    network: options.network ?? opened?.guestNetwork([], "/"),
    onRefused: (action, target) => void refusals.push({ action, target: String(target), rule: "*" }),
    maxOpenFiles: options.maxOpenFiles ?? 1024,
    ...options.interrupt === undefined ? {} : { interrupt: options.interrupt },
  });
  return new SocketGuest(new FakeComponent(guest), refusals);
}

/** A value, or the name of an error code. */
type Result<T> = T | { readonly error: string };

/** A connection: handles. */
export interface Connection {
  readonly socket: number;
  readonly input: number;
  readonly output: number;
}

/** What a datagram has. */
export interface Datagram {
  readonly data: Uint8Array;
  readonly from: SocketAddressValue;
}

/** An IPv4 address. */
export function ipv4(port: number, ...address: number[]): SocketAddressValue {
  return { tag: "ipv4", val: { port, address: address.length === 0 ? [127, 0, 0, 1] : address } };
}

/** An IPv6 address: loopback, unless it is given. */
export function ipv6(port: number, address: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 1]): SocketAddressValue {
  return { tag: "ipv6", val: { port, flowInfo: 0, address, scopeId: 0 } };
}

/** The loopback address of a family. */
export function loopback(family: FamilyValue, port: number): SocketAddressValue {
  return family === "ipv4" ? ipv4(port) : ipv6(port);
}

/** The port of an address. */
export function portOf(address: Result<SocketAddressValue>): number {
  if ("error" in address) throw new Error(address.error);
  return address.val.port;
}

/** Calls functions of wasi:sockets. Handles are numbers; results without a value are `"ok"` or the name of an error code. */
export class SocketGuest {
  readonly component: FakeComponent;
  /** What was told of refusals. */
  readonly refusals: Refusal[];
  readonly #network: unknown;

  constructor(component: FakeComponent, refusals: Refusal[]) {
    this.component = component;
    this.refusals = refusals;
    this.#network = component.value("wasi:sockets/instance-network@0.2", "instance-network");
  }

  /** A resource type. */
  type(interfaceName: string, name: string): ResourceType<object> {
    return this.component.find(interfaceName).resources[name] as unknown as ResourceType<object>;
  }

  #make(interfaceName: string, name: string, family: FamilyValue): number | string {
    const at = this.#area(8);
    this.component.call(interfaceName, name, family === "ipv4" ? 0 : 1, at);
    return this.#error(at, 4) ?? this.component.u32(at + 4);
  }

  /** A TCP socket, or why there is none. */
  tcpOrError(family: FamilyValue): number | string {
    return this.#make("wasi:sockets/tcp-create-socket@0.2", "create-tcp-socket", family);
  }

  /** A TCP socket. */
  tcp(family: FamilyValue = "ipv4"): number {
    return handleOr(this.tcpOrError(family));
  }

  /** A UDP socket, or why there is none. */
  udpOrError(family: FamilyValue): number | string {
    return this.#make("wasi:sockets/udp-create-socket@0.2", "create-udp-socket", family);
  }

  /** A UDP socket. */
  udp(family: FamilyValue = "ipv4"): number {
    return handleOr(this.udpOrError(family));
  }

  /** Call a method with JavaScript values. */
  value(kind: "tcp-socket" | "udp-socket", socket: number, name: string, ...args: readonly unknown[]): unknown {
    const interfaceName = kind === "tcp-socket" ? TCP : UDP;
    const rep = this.component.rep(socket, this.type(interfaceName, kind));
    return this.component.value(interfaceName, `[method]${kind}.${name}`, rep, ...args);
  }

  /** Call a method whose result has no value. */
  done(kind: "tcp-socket" | "udp-socket", socket: number, name: string, ...args: readonly unknown[]): string {
    const result = valueOf(this.value(kind, socket, name, ...args));
    return result === undefined ? "ok" : (result as { error: string }).error;
  }

  /** Call a method whose result has a value. */
  get<T>(kind: "tcp-socket" | "udp-socket", socket: number, name: string): Result<T> {
    return valueOf(this.value(kind, socket, name)) as Result<T>;
  }

  startBind(socket: number, address: SocketAddressValue, kind: "tcp-socket" | "udp-socket" = "tcp-socket"): string {
    return this.done(kind, socket, "start-bind", this.#network, address);
  }

  startConnect(socket: number, address: SocketAddressValue): string {
    return this.done("tcp-socket", socket, "start-connect", this.#network, address);
  }

  startListen(socket: number): string {
    return this.done("tcp-socket", socket, "start-listen");
  }

  /** A result area. */
  #area(size: number): number {
    return this.component.room(size, 8);
  }

  /** Error code of a result area, or undefined. */
  #error(at: number, payload: number): string | undefined {
    const { view } = this.component;
    return view.getUint8(at) === 0 ? undefined : ERROR_NAMES[view.getUint8(at + payload)]!;
  }

  async #attempt(interfaceName: string, name: string, ...args: readonly (number | bigint)[]): Promise<unknown> {
    return await this.component.call(interfaceName, name, ...args);
  }

  async finishBind(socket: number, kind: "tcp-socket" | "udp-socket" = "tcp-socket"): Promise<string> {
    const at = this.#area(2);
    await this.#attempt(kind === "tcp-socket" ? TCP : UDP, `[method]${kind}.finish-bind`, socket, at);
    return this.#error(at, 1) ?? "ok";
  }

  async finishListen(socket: number): Promise<string> {
    const at = this.#area(2);
    await this.#attempt(TCP, "[method]tcp-socket.finish-listen", socket, at);
    return this.#error(at, 1) ?? "ok";
  }

  async finishConnect(socket: number): Promise<Connection | string> {
    const at = this.#area(12);
    await this.#attempt(TCP, "[method]tcp-socket.finish-connect", socket, at);
    const { component } = this;
    return this.#error(at, 4) ?? { socket, input: component.u32(at + 4), output: component.u32(at + 8) };
  }

  async accept(socket: number): Promise<Connection | string> {
    const at = this.#area(16);
    await this.#attempt(TCP, "[method]tcp-socket.accept", socket, at);
    const { component } = this;
    const accepted = { socket: component.u32(at + 4), input: component.u32(at + 8), output: component.u32(at + 12) };
    return this.#error(at, 4) ?? accepted;
  }

  /** Subscribe to a socket or stream. @returns The handle of a pollable. */
  subscribe(interfaceName: string, resource: string, handle: number): number {
    return this.component.call(interfaceName, `[method]${resource}.subscribe`, handle) as number;
  }

  /** Wait until a resource is ready. */
  async wait(resource: string, handle: number): Promise<void> {
    const pollable = this.subscribe(interfaceOf(resource), resource, handle);
    await this.#attempt(POLL, "[method]pollable.block", pollable);
    this.drop(pollable, "pollable");
  }

  /** True if a resource is ready. */
  async isReady(resource: string, handle: number): Promise<boolean> {
    const pollable = this.subscribe(interfaceOf(resource), resource, handle);
    const ready = await this.#attempt(POLL, "[method]pollable.ready", pollable);
    this.drop(pollable, "pollable");
    return ready === 1;
  }

  /** Poll. @returns Indices of what is ready. */
  async poll(pollables: readonly number[]): Promise<number[]> {
    const { component } = this;
    const list = component.room(4 * pollables.length, 4);
    pollables.forEach((pollable, i) => component.view.setUint32(list + 4 * i, pollable, true));
    const at = this.#area(8);
    await this.#attempt(POLL, "poll", list, pollables.length, at);
    const [pointer, count] = [component.u32(at), component.u32(at + 4)];
    return Array.from({ length: count }, (_, i) => component.u32(pointer + 4 * i));
  }

  /** Drop a handle. */
  drop(handle: number, resource: string): void {
    this.component.drop(handle, this.type(interfaceOf(resource), resource));
  }

  /** Bind, waiting for it. */
  async bind(
    socket: number,
    address: SocketAddressValue,
    kind: "tcp-socket" | "udp-socket" = "tcp-socket",
  ): Promise<string> {
    const started = this.startBind(socket, address, kind);
    return started === "ok" ? await this.#until(kind, socket, () => this.finishBind(socket, kind)) : started;
  }

  /** Listen, waiting for it. */
  async listen(socket: number): Promise<string> {
    const started = this.startListen(socket);
    return started === "ok" ? await this.#until("tcp-socket", socket, () => this.finishListen(socket)) : started;
  }

  /** Connect, waiting for it. */
  async connect(socket: number, address: SocketAddressValue): Promise<Connection | string> {
    const started = this.startConnect(socket, address);
    return started === "ok" ? await this.#until("tcp-socket", socket, () => this.finishConnect(socket)) : started;
  }

  /** Accept, waiting for it. */
  async accepted(listener: number): Promise<Connection> {
    return connectionOr(await this.#until("tcp-socket", listener, () => this.accept(listener)));
  }

  async #until<T>(kind: string, socket: number, finish: () => Promise<T>): Promise<T> {
    for (;;) {
      const result = await finish();
      if (result as unknown !== "would-block") return result;
      await this.wait(kind, socket);
    }
  }

  /** A listener at a port of its own. */
  async listener(
    family: FamilyValue = "ipv4",
  ): Promise<{ readonly socket: number; readonly address: SocketAddressValue }> {
    const socket = this.tcp(family);
    const bound = await this.bind(socket, loopback(family, 0));
    const listening = bound === "ok" ? await this.listen(socket) : bound;
    if (listening !== "ok") throw new Error(listening);
    return { socket, address: this.localAddress(socket) };
  }

  /** Two ends of a connection. */
  async pair(family: FamilyValue = "ipv4"): Promise<{ readonly client: Connection; readonly server: Connection }> {
    const listener = await this.listener(family);
    const client = connectionOr(await this.connect(this.tcp(family), listener.address));
    const server = await this.accepted(listener.socket);
    this.drop(listener.socket, "tcp-socket");
    return { client, server };
  }

  localAddress(socket: number, kind: "tcp-socket" | "udp-socket" = "tcp-socket"): SocketAddressValue {
    const address = this.get<SocketAddressValue>(kind, socket, "local-address");
    if ("error" in address) throw new Error(address.error as string);
    return address;
  }

  /** Bytes, `"would-block"`, `"closed"`, or `"failed"`. */
  async read(input: number, length: number): Promise<Uint8Array | string> {
    return await this.component.freeing(() => this.#read(input, length));
  }

  async #read(input: number, length: number): Promise<Uint8Array | string> {
    const at = this.#area(12);
    await this.#attempt(STREAMS, "[method]input-stream.read", input, BigInt(length), at);
    const failed = this.#streamError(at, 4);
    if (failed !== undefined) return failed;
    const bytes = this.component.list(at + 4);
    return bytes.length === 0 && length > 0 ? "would-block" : bytes;
  }

  /** Read all until the end. @returns Bytes. */
  async readAll(input: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (;;) {
      const read = await this.read(input, 65536);
      if (typeof read !== "string") pieces.push(read);
      else if (read === "closed") return joined(pieces);
      else if (read === "would-block") await this.wait("input-stream", input);
      else throw new Error(read);
    }
  }

  /** Permitted bytes, `"closed"`, or `"failed"`. */
  async checkWrite(output: number): Promise<number | string> {
    return await this.component.freeing(() => this.#checkWrite(output));
  }

  async #checkWrite(output: number): Promise<number | string> {
    const at = this.#area(16);
    await this.#attempt(STREAMS, "[method]output-stream.check-write", output, at);
    return this.#streamError(at, 8) ?? Number(this.component.u64(at + 8));
  }

  /** `"ok"`, `"closed"`, or `"failed"`. */
  async write(output: number, bytes: Uint8Array): Promise<string> {
    return await this.component.freeing(() => this.#write(output, bytes));
  }

  async #write(output: number, bytes: Uint8Array): Promise<string> {
    const at = this.#area(12);
    await this.#attempt(STREAMS, "[method]output-stream.write", output, ...this.component.put(bytes), at);
    return this.#streamError(at, 4) ?? "ok";
  }

  /** Write all within the permits. @param step Bytes of a write at most. */
  async writeAll(output: number, bytes: Uint8Array, step: number = Infinity): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const permit = await this.checkWrite(output);
      if (typeof permit === "string") throw new Error(permit);
      const piece = bytes.subarray(done, done + Math.min(permit, step));
      if (piece.length === 0) {
        await this.wait("output-stream", output);
        continue;
      }
      const written = await this.write(output, piece);
      if (written !== "ok") throw new Error(written);
      done += piece.length;
    }
  }

  #streamError(at: number, payload: number): string | undefined {
    const { component } = this;
    if (component.view.getUint8(at) === 0) return undefined;
    if (component.view.getUint8(at + payload) === 1) return "closed";
    this.lastError = component.u32(at + payload + 4);
    return "failed";
  }

  /** Handle of the last `error`. */
  lastError = 0;

  /** What `network-error-code` says of the last error. */
  lastErrorCode(): unknown {
    const error = this.component.rep(this.lastError, this.type("wasi:sockets/network@0.2", "error"));
    return this.component.value("wasi:sockets/network@0.2", "network-error-code", error);
  }

  /** `shutdown`. */
  shutdown(socket: number, how: "receive" | "send" | "both"): string {
    return this.done("tcp-socket", socket, "shutdown", how);
  }

  /** `stream` of a UDP socket: the handles of its streams, or an error code. */
  stream(socket: number, remote?: SocketAddressValue): readonly [incoming: number, outgoing: number] | string {
    const result = valueOf(this.value("udp-socket", socket, "stream", remote)) as Result<readonly object[]>;
    if ("error" in result) return result.error as string;
    const { component } = this;
    return [
      component.own(this.type(UDP, "incoming-datagram-stream"), result[0]!),
      component.own(this.type(UDP, "outgoing-datagram-stream"), result[1]!),
    ];
  }

  /** `check-send`: datagrams, or an error code. */
  async checkSend(outgoing: number): Promise<number | string> {
    const at = this.#area(16);
    await this.#attempt(UDP, "[method]outgoing-datagram-stream.check-send", outgoing, at);
    return this.#error(at, 8) ?? Number(this.component.u64(at + 8));
  }

  /** `send`: datagrams, or an error code. */
  send(
    outgoing: number,
    ...datagrams: readonly (readonly [data: Uint8Array | string, to?: SocketAddressValue])[]
  ): number | string {
    const { component } = this;
    const list = component.room(44 * datagrams.length, 4);
    datagrams.forEach(([data, to], i) => {
      const [pointer, length] = component.put(data);
      const at = list + 44 * i;
      component.view.setUint32(at, pointer, true);
      component.view.setUint32(at + 4, length, true);
      if (to !== undefined) this.#storeAddress(at + 8, to);
    });
    const at = this.#area(16);
    component.call(UDP, "[method]outgoing-datagram-stream.send", outgoing, list, datagrams.length, at);
    return this.#error(at, 8) ?? Number(component.u64(at + 8));
  }

  #storeAddress(at: number, address: SocketAddressValue): void {
    const { view } = this.component;
    view.setUint8(at, 1);
    view.setUint8(at + 4, address.tag === "ipv4" ? 0 : 1);
    view.setUint16(at + 8, address.val.port, true);
    if (address.tag === "ipv4") {
      address.val.address.forEach((byte, i) => view.setUint8(at + 10 + i, byte));
      return;
    }
    view.setUint32(at + 12, address.val.flowInfo, true);
    address.val.address.forEach((group, i) => view.setUint16(at + 16 + 2 * i, group, true));
    view.setUint32(at + 32, address.val.scopeId, true);
  }

  /** `receive`: datagrams, or an error code. */
  async receive(incoming: number, most: number | bigint = 64): Promise<Datagram[] | string> {
    const at = this.#area(12);
    await this.#attempt(UDP, "[method]incoming-datagram-stream.receive", incoming, BigInt(most), at);
    const { component } = this;
    const failed = this.#error(at, 4);
    if (failed !== undefined) return failed;
    const [list, count] = [component.u32(at + 4), component.u32(at + 8)];
    return Array.from({ length: count }, (_, i) => ({
      data: component.list(list + 40 * i),
      from: this.#loadAddress(list + 40 * i + 8),
    }));
  }

  #loadAddress(at: number): SocketAddressValue {
    const { view, component } = { view: this.component.view, component: this.component };
    const port = view.getUint16(at + 4, true);
    if (view.getUint8(at) === 0) return ipv4(port, ...component.bytes(at + 6, 4));
    const address = Array.from({ length: 8 }, (_, i) => view.getUint16(at + 12 + 2 * i, true));
    return {
      tag: "ipv6",
      val: { port, flowInfo: view.getUint32(at + 8, true), address, scopeId: view.getUint32(at + 28, true) },
    };
  }

  /** Receive at least one datagram, waiting for it. */
  async received(incoming: number): Promise<Datagram[]> {
    for (;;) {
      const datagrams = await this.receive(incoming);
      if (typeof datagrams === "string") throw new Error(datagrams);
      if (datagrams.length > 0) return datagrams;
      await this.wait("incoming-datagram-stream", incoming);
    }
  }

  /** Send datagrams as permitted, waiting for that. */
  async sent(
    outgoing: number,
    ...datagrams: readonly (readonly [data: Uint8Array | string, to?: SocketAddressValue])[]
  ): Promise<number | string> {
    for (;;) {
      const permit = await this.checkSend(outgoing);
      if (typeof permit === "string") return permit;
      if (permit >= datagrams.length) {
        const sent = this.send(outgoing, ...datagrams);
        if (sent !== 0) return sent;
      }
      await this.wait("outgoing-datagram-stream", outgoing);
    }
  }

  /** Start a lookup: the handle of its stream, or an error code. */
  resolve(name: string): number | string {
    const result = valueOf(this.component.value(LOOKUP, "resolve-addresses", this.#network, name)) as Result<object>;
    if ("error" in result) return result.error as string;
    return this.component.own(this.type(LOOKUP, "resolve-address-stream"), result);
  }

  /** The next address, undefined after the last, or an error code. */
  async next(stream: number): Promise<IpAddressValue | undefined | string> {
    const at = this.#area(22);
    await this.#attempt(LOOKUP, "[method]resolve-address-stream.resolve-next-address", stream, at);
    const failed = this.#error(at, 2);
    if (failed !== undefined) return failed;
    const { view } = this.component;
    if (view.getUint8(at + 2) === 0) return undefined;
    if (view.getUint8(at + 4) === 0) return { tag: "ipv4", val: [...this.component.bytes(at + 6, 4)] };
    return { tag: "ipv6", val: Array.from({ length: 8 }, (_, i) => view.getUint16(at + 6 + 2 * i, true)) };
  }

  /** All addresses of a name, or an error code. */
  async resolved(name: string): Promise<readonly IpAddressValue[] | string> {
    const stream = this.resolve(name);
    if (typeof stream === "string") return stream;
    const found: IpAddressValue[] = [];
    for (;;) {
      const next = await this.#until("resolve-address-stream", stream, () => this.next(stream));
      if (next === undefined) break;
      if (typeof next === "string") return next;
      found.push(next);
    }
    this.drop(stream, "resolve-address-stream");
    return found;
  }
}

function interfaceOf(resource: string): string {
  switch (resource) {
    case "tcp-socket":
      return TCP;
    case "udp-socket":
    case "incoming-datagram-stream":
    case "outgoing-datagram-stream":
      return UDP;
    case "resolve-address-stream":
      return LOOKUP;
    case "pollable":
      return POLL;
    default:
      return STREAMS;
  }
}

/** The value of a `result`: undefined if it has none. */
function valueOf(result: unknown): unknown {
  const { tag, val } = result as { readonly tag: string; readonly val: unknown };
  return tag === "ok" ? val : { error: val };
}

function handleOr(made: number | string): number {
  if (typeof made === "string") throw new Error(made);
  return made;
}

/** A connection; throws an error code. */
export function connectionOr(made: Connection | string): Connection {
  if (typeof made === "string") throw new Error(made);
  return made;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
