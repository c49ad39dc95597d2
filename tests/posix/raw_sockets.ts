/**
 * Sockets of the posix network as tests call them: without a system.
 *
 * @module
 */

import type { WaitMode } from "../../src/contract/waiter.ts";
import {
  Family,
  type PlatformSocket,
  type Received,
  ReceiveFlags,
  type SocketAddress,
  SocketType,
} from "../../src/contract/network.ts";
import { Reactor, Registration } from "../../src/platform/posix/poll/reactor.ts";
import { pollSyscallsOf } from "../../src/platform/posix/poll/poll_syscalls.ts";
import { PosixSocket, SocketContext } from "../../src/platform/posix/net/socket.ts";
import { PosixDatagramSocket } from "../../src/platform/posix/net/datagram_socket.ts";
import { PosixStreamSocket } from "../../src/platform/posix/net/stream_socket.ts";
import { fdWatchOf } from "../../src/platform/posix/poll/fd_watch.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { ownHost } from "./posix_sockets.ts";
import { errnoFromResult } from "../../src/contract/results.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A socket whose descriptor a test can ask for. */
export interface Raw {
  readonly socket: PosixSocket;
  readonly fd: number;
}

/** The sockets of one network, with their descriptors. */
export class RawSockets {
  readonly set: Reactor;
  readonly context: SocketContext;
  readonly #open: Set<PosixSocket> = new Set();

  /** @param mode As for `posixNetwork`. */
  constructor(mode: WaitMode = "block") {
    this.set = new Reactor(ownHost(), () => fdWatchOf(ownHost()));
    this.context = new SocketContext(ownHost(), this.set, mode);
  }

  /** A socket. */
  open(family: Family = Family.INET, type: SocketType = SocketType.STREAM): Raw {
    const fd = must(this.context.calls.socket(family, type));
    const socket = type === SocketType.STREAM
      ? new PosixStreamSocket(this.context, family, fd)
      : new PosixDatagramSocket(this.context, family, fd);
    must(this.set.add(socket, fd));
    this.#open.add(socket);
    return { socket, fd };
  }

  /** A listener at a loopback address, or a path. */
  listener(path?: string, backlog = 128): Raw {
    const raw = this.open(path === undefined ? Family.INET : Family.UNIX);
    must(raw.socket.bind(path === undefined ? LOOPBACK : unixAddress(path)));
    must(raw.socket.listen(backlog));
    return raw;
  }

  /** Take a connection that is there. */
  accept({ socket }: Raw): PosixSocket {
    const accepted = socket.accept();
    if (typeof accepted === "number") throw new Error(`Cannot accept: ${errnoName(errnoFromResult(accepted))}`);
    if (!(accepted instanceof PosixSocket)) throw new Error("Not a socket of this platform");
    this.#open.add(accepted);
    return accepted;
  }

  /** Two ends of a connection. */
  pair(listener: Raw): readonly [client: PosixSocket, server: PosixSocket] {
    const client = this.open(listener.socket.family).socket;
    connect(client, listener.socket.localAddress());
    return [client, this.accept(listener)];
  }

  /** Close all. */
  close(): void {
    for (const socket of this.#open) socket.close();
    this.#open.clear();
  }
}

/** Any port of this machine. */
export const LOOPBACK: SocketAddress = { family: Family.INET, host: "127.0.0.1", port: 0 };

/** The address of a unix socket. */
export function unixAddress(host: string): SocketAddress {
  return { family: Family.UNIX, host, port: 0 };
}

/** @throws {Error} For minus an errno. */
export function must(result: number): number {
  if (result >= 0) return result;
  throw new Error(errnoName(-result as Errno));
}

/** Connect to a listener of this machine, which is done at once. */
export function connect(socket: PlatformSocket, address: SocketAddress): void {
  const begun = socket.connect(address);
  must(begun === -Errno.INPROGRESS ? socket.finish() : begun);
}

/** Send bytes, or a text. @returns How many, or the name of an error. */
export function send(socket: PlatformSocket, what: number | string, to?: SocketAddress): number | string {
  const bytes = typeof what === "string" ? encoder.encode(what) : new Uint8Array(what);
  const iovs = { bytes, starts: Uint32Array.of(0), lengths: Uint32Array.of(bytes.length), count: 1 };
  return named(socket.send(iovs, to));
}

const received: Received = { truncated: false, from: undefined };

/** Receive. @returns The text, or the name of an error. */
export function receive(socket: PlatformSocket, room: number, peek = false, out: Received = received): string {
  const bytes = new Uint8Array(room);
  const iovs = { bytes, starts: Uint32Array.of(0), lengths: Uint32Array.of(room), count: 1 };
  const count = socket.receive(iovs, peek ? ReceiveFlags.PEEK : 0, out);
  return count < 0 ? errnoName(-count as Errno) : decoder.decode(bytes.subarray(0, count));
}

/** How many bytes come, or the name of an error. */
export function receiveCount(socket: PlatformSocket, room: number, peek = false): number | string {
  const iovs = { bytes: new Uint8Array(room), starts: Uint32Array.of(0), lengths: Uint32Array.of(room), count: 1 };
  return named(socket.receive(iovs, peek ? ReceiveFlags.PEEK : 0, received));
}

function named(result: number): number | string {
  return result < 0 ? errnoName(-result as Errno) : result;
}

/** What poll(2) says of a socket now: bits of `Told`. */
export function asked(socket: Registration): number {
  return pollSyscallsOf(ownHost().libc).pollNow(fdOf(socket));
}

/** Descriptor of a socket, which is nobody's business but a test's. */
export function fdOf(socket: Registration): number {
  return (socket as unknown as { readonly fd: number }).fd;
}
