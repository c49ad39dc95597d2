/** UDP over `node:dgram`, for Node and Bun. */

import { createRequire } from "node:module";
import type dgram from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { Errno } from "../../witx/errno.ts";
import { Family, type SocketAddress, SocketOption } from "../../contract/network.ts";
import type { DatagramEvents, DatagramHandle, OptionValues } from "../../core/net/events/driver.ts";
import { inetAddress, isSameAddress, unspecifiedAddress } from "../../contract/address.ts";
import { attempt, errnoFromError, failureFromError } from "../shared/errors.ts";
import { isOn } from "../shared/net/stream_options.ts";
import { errnoFromResult } from "../../contract/results.ts";

/** Options that {@linkcode NodeDatagram} takes. RCVBUF is the kernel's queue; the core has one of its own behind it. */
export const DATAGRAM_OPTIONS: ReadonlySet<SocketOption> = new Set([
  SocketOption.BROADCAST,
  SocketOption.HOPS,
  SocketOption.MULTICAST_HOPS,
  SocketOption.MULTICAST_LOOP,
  SocketOption.SNDBUF,
  SocketOption.RCVBUF,
  SocketOption.REUSEADDR,
  SocketOption.V6ONLY,
]);

/** Most bytes of a datagram: what the headers of IPv4 leave of 65535, and that of UDP. */
const MAX_V4 = 65507;
const MAX_V6 = 65527;
/** Bytes that may wait because the system did not take them yet. */
const MAX_UNSENT = 256 * 1024;

type LookupCallback = (error: Error | null, host: string, family: number) => void;

/** Replaces the module `dns`: the name always is an IP address, and the callback is called within the call. */
function noLookup(host: string, options: unknown, callback?: unknown): void {
  const onResult = (typeof options === "function" ? options : callback) as LookupCallback;
  onResult(null, host, host.includes(":") ? 6 : 4);
}

function createSocket(family: Family, options: OptionValues): Socket {
  const { createSocket: create } = createRequire(import.meta.url)("node:dgram") as typeof dgram;
  return create({
    type: family === Family.INET ? "udp4" : "udp6",
    reuseAddr: isOn(options, SocketOption.REUSEADDR),
    ipv6Only: isOn(options, SocketOption.V6ONLY),
    lookup: noLookup as never,
  });
}

/** A UDP socket. */
export class NodeDatagram implements DatagramHandle {
  readonly #family: Family;
  readonly #events: DatagramEvents;
  readonly #socket: Socket;
  readonly #sent: (error: Error | null, bytes?: number) => void;
  /** Options to be set once there is a descriptor. */
  readonly #options: OptionValues;
  #open = false;
  #over = false;
  #full = false;
  /** Datagrams and bytes of which it is not known yet what became of them. */
  #unsent = 0;
  #unsentBytes = 0;
  #peer: SocketAddress | undefined;
  #lastFrom: SocketAddress | undefined;
  #lastHost = "";

  /** As `SocketDriver.openDatagram`. */
  constructor(local: SocketAddress, options: OptionValues, events: DatagramEvents) {
    this.#family = local.family;
    this.#events = events;
    this.#options = options;
    this.#sent = (error, bytes) => this.#onSent(error, bytes ?? 0);
    this.#socket = createSocket(local.family, options);
    this.#socket.on("error", (error) => this.#onError(error));
    this.#socket.on("message", (bytes, from) => this.#onMessage(bytes, from));
    this.#socket.once("listening", () => this.#onListening());
    this.#socket.bind({ address: local.host, port: local.port, exclusive: true });
  }

  #onListening(): void {
    if (this.#over) return;
    this.#open = true;
    for (const [option, value] of this.#options) this.setOption(option, value);
    if (this.#peer !== undefined) this.#connectNow(this.#peer);
    this.#events.opened();
  }

  #onError(error: Error): void {
    if (this.#over) return;
    const errno = errnoFromError(error);
    if (this.#open) return this.#events.refused(errno);
    this.close();
    this.#events.failed(errno);
  }

  #onMessage(bytes: Uint8Array, from: RemoteInfo): void {
    if (!this.#over) this.#events.received(bytes, this.#addressOf(from));
  }

  /** Datagrams mostly come from the same sender as the one before. */
  #addressOf({ address, port }: RemoteInfo): SocketAddress {
    const last = this.#lastFrom;
    if (last !== undefined && last.port === port && this.#lastHost === address) return last;
    this.#lastHost = address;
    return this.#lastFrom = inetAddress(address, port) ?? unspecifiedAddress(this.#family);
  }

  #onSent(error: Error | null, bytes: number): void {
    this.#unsent--;
    // The size of a datagram that failed is not reported; the total is corrected when none is left.
    this.#unsentBytes = this.#unsent === 0 ? 0 : this.#unsentBytes - bytes;
    if (this.#over) return;
    if (error) this.#events.refused(errnoFromError(error));
    if (!this.#full || this.#unsentBytes > MAX_UNSENT / 2) return;
    this.#full = false;
    this.#events.writable();
  }

  localAddress(): SocketAddress {
    const { address, port } = this.#socket.address();
    return inetAddress(address, port) ?? unspecifiedAddress(this.#family);
  }

  connect(address: SocketAddress | undefined): void {
    if (this.#open && this.#peer !== undefined) attempt(() => this.#socket.disconnect());
    this.#peer = address;
    if (this.#open && address !== undefined) this.#connectNow(address);
  }

  /** The lookup completes within the call, so that the socket is connected on return. Errors are reported later. */
  #connectNow({ host, port }: SocketAddress): void {
    const result = attempt(() => this.#socket.connect(port, host));
    if (result < 0) queueMicrotask(() => !this.#over && this.#events.refused(errnoFromResult(result)));
  }

  send(bytes: Uint8Array, start: number, length: number, to: SocketAddress | undefined): number {
    if (length > (this.#family === Family.INET ? MAX_V4 : MAX_V6)) return -Errno.MSGSIZE;
    if (this.#unsentBytes + length > MAX_UNSENT) {
      this.#full = true;
      return -Errno.AGAIN;
    }
    const peer = this.#peer;
    if (peer === undefined && to === undefined) return -Errno.DESTADDRREQ;
    // Node sends to nobody else while it is connected.
    if (peer !== undefined && to !== undefined && !isSameAddress(peer, to)) return -Errno.ISCONN;
    const copy = Buffer.from(bytes.subarray(start, start + length));
    this.#unsent++;
    this.#unsentBytes += length;
    try {
      if (peer !== undefined) this.#socket.send(copy, this.#sent);
      else this.#socket.send(copy, 0, length, to!.port, to!.host, this.#sent);
      return length;
    } catch (error) {
      this.#unsent--;
      this.#unsentBytes -= length;
      return failureFromError(error);
    }
  }

  setOption(option: SocketOption, value: number): number {
    const socket = this.#socket;
    switch (option) {
      case SocketOption.BROADCAST:
        return attempt(() => socket.setBroadcast(value !== 0));
      case SocketOption.HOPS:
        return attempt(() => socket.setTTL(value));
      case SocketOption.MULTICAST_HOPS:
        return attempt(() => socket.setMulticastTTL(value));
      case SocketOption.MULTICAST_LOOP:
        return attempt(() => socket.setMulticastLoopback(value !== 0));
      case SocketOption.SNDBUF:
        return attempt(() => socket.setSendBufferSize(value));
      case SocketOption.RCVBUF:
        return attempt(() => socket.setRecvBufferSize(value));
      case SocketOption.V6ONLY:
      case SocketOption.REUSEADDR:
        return -Errno.INVAL;
      default:
        return -Errno.NOPROTOOPT;
    }
  }

  getOption(option: SocketOption): number {
    try {
      if (option === SocketOption.SNDBUF) return this.#socket.getSendBufferSize();
      if (option === SocketOption.RCVBUF) return this.#socket.getRecvBufferSize();
    } catch (error) {
      return failureFromError(error);
    }
    return -Errno.NOPROTOOPT;
  }

  /** Node has no way to leave datagrams to the kernel. */
  pause(): void {}

  resume(): void {}

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.close();
  }
}
