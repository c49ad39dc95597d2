/** UDP over `node:dgram`: `Deno.listenDatagram` is unstable (https://github.com/denoland/deno/issues/11022). */

import { Errno } from "../../witx/errno.ts";
import { Family, type SocketAddress, SocketOption } from "../../contract/network.ts";
import { inetAddress, isSameAddress, unspecifiedAddress } from "../../contract/address.ts";
import type { DatagramEvents, DatagramHandle, OptionValues } from "../../core/net/events/driver.ts";
import { networkErrno, networkFailure } from "./errors.ts";
import { mayReach } from "./permission.ts";
import { attempt } from "../shared/errors.ts";
import { isOn } from "../shared/net/stream_options.ts";
import type { DenoNamespace, NodeDatagramSender, NodeDatagramSocket, NodeDgramOfDeno } from "./api.ts";

/** Options that {@linkcode DenoDatagram} takes. */
export const DATAGRAM_OPTIONS: ReadonlySet<SocketOption> = new Set([
  SocketOption.BROADCAST,
  SocketOption.HOPS,
  SocketOption.MULTICAST_HOPS,
  SocketOption.MULTICAST_LOOP,
  SocketOption.SNDBUF,
  SocketOption.REUSEADDR,
  SocketOption.V6ONLY,
]);

/** Most bytes of a datagram: what the headers of IPv4 leave of 65535, and that of UDP. */
const MAX_V4 = 65507;
const MAX_V6 = 65527;
/** Bytes that may wait because the system did not take them yet; each datagram counts for a little more than it has. */
const MAX_UNSENT = 256 * 1024;
const OVERHEAD = 64;
/** Deno reads each datagram into 64 KiB of its own, which a smaller one would hold for as long as it waits. */
const WORTH_ITS_ROOM = 32 * 1024;

interface Datagram {
  readonly bytes: Uint8Array;
  readonly to: SocketAddress;
}

/** The name always is an IP address. With the callback called at once, binding and sending complete within their calls. */
function noLookup(host: string, family: number, callback: (error: null, host: string, family: number) => void): void {
  callback(null, host, family);
}

/**
 * What connect(2) makes of a local address: where it was open, it is one that reaches the peer. Of the loopback
 * addresses that is known here; which one of the machine's reaches another peer, only its routes know.
 */
function facing(local: SocketAddress, peer: SocketAddress): SocketAddress {
  const isOpen = local.host === "0.0.0.0" || local.host === "::";
  if (!isOpen) return local;
  if (/^127\.|^0\.0\.0\.0$/.test(peer.host)) return { ...local, host: "127.0.0.1" };
  return peer.host === "::1" || peer.host === "::" ? { ...local, host: "::1" } : local;
}

/** A UDP socket. Deno's connect(2) is none, so that the peer is kept here. */
export class DenoDatagram implements DatagramHandle {
  readonly #deno: DenoNamespace;
  readonly #family: Family;
  readonly #events: DatagramEvents;
  #socket: NodeDatagramSocket | undefined;
  #open = false;
  #over = false;
  #unsent = 0;
  #full = false;
  /** False until the first datagram is sent: earlier ones may overtake it. No issue known; seen with Deno 2.9. */
  #inOrder = false;
  /** What waits for the first one. */
  #waiting: Datagram[] = [];
  #mayBroadcast = false;
  #peer: SocketAddress | undefined;
  #lastFrom: SocketAddress | undefined;
  #lastHost = "";

  /**
   * @param deno The runtime.
   * @param dgram `node:dgram`.
   * @param local As for `SocketDriver.openDatagram`, like what follows.
   */
  constructor(
    deno: DenoNamespace,
    dgram: NodeDgramOfDeno,
    local: SocketAddress,
    options: OptionValues,
    events: DatagramEvents,
  ) {
    this.#deno = deno;
    this.#family = local.family;
    this.#events = events;
    try {
      this.#bind(dgram, local, options);
    } catch (error) {
      this.#fail(networkErrno(error));
    }
  }

  #bind(dgram: NodeDgramOfDeno, { host, port }: SocketAddress, options: OptionValues): void {
    const socket = this.#socket = dgram.createSocket({
      type: this.#family === Family.INET ? "udp4" : "udp6",
      reuseAddr: isOn(options, SocketOption.REUSEADDR),
      ipv6Only: isOn(options, SocketOption.V6ONLY),
      lookup: noLookup,
    });
    socket.on("error", (error) => this.#onError(error));
    socket.on("message", (bytes, from) => this.#onMessage(bytes, from));
    socket.on("listening", () => this.#onListening(options));
    socket.bind({ address: host, port, exclusive: true });
  }

  #onListening(options: OptionValues): void {
    if (this.#over) return;
    this.#open = true;
    for (const [option, value] of options) this.setOption(option, value);
    this.#events.opened();
  }

  #onError(error: unknown): void {
    if (!this.#open) this.#fail(networkErrno(error));
    else if (!this.#over) this.#events.refused(networkErrno(error));
  }

  #fail(errno: Errno): void {
    if (this.#over) return;
    this.close();
    this.#events.failed(errno);
  }

  #onMessage(bytes: Uint8Array, sender: NodeDatagramSender): void {
    if (this.#over) return;
    const from = this.#addressOf(sender);
    if (this.#peer !== undefined && !isSameAddress(from, this.#peer)) return;
    this.#events.received(bytes.length < WORTH_ITS_ROOM ? new Uint8Array(bytes) : bytes, from);
  }

  /** Datagrams mostly come from the same sender as the one before. */
  #addressOf({ address, port }: NodeDatagramSender): SocketAddress {
    const last = this.#lastFrom;
    if (last !== undefined && last.port === port && this.#lastHost === address) return last;
    this.#lastHost = address;
    return this.#lastFrom = inetAddress(address, port) ?? unspecifiedAddress(this.#family);
  }

  localAddress(): SocketAddress {
    if (!this.#open || this.#over) return unspecifiedAddress(this.#family);
    const { address, port } = this.#socket!.address();
    const local = inetAddress(address, port) ?? unspecifiedAddress(this.#family);
    return this.#peer === undefined ? local : facing(local, this.#peer);
  }

  connect(address: SocketAddress | undefined): void {
    this.#peer = address;
  }

  send(bytes: Uint8Array, start: number, length: number, to: SocketAddress | undefined): number {
    const target = to ?? this.#peer;
    if (target === undefined) return -Errno.DESTADDRREQ;
    if (!this.#open || this.#over) return -Errno.BADF;
    if (length > (this.#family === Family.INET ? MAX_V4 : MAX_V6)) return -Errno.MSGSIZE;
    const cost = length + OVERHEAD;
    if (this.#unsent + cost > MAX_UNSENT) {
      this.#full = true;
      return -Errno.AGAIN;
    }
    if (target.port === 0) return -Errno.INVAL;
    const isFirst = this.#unsent === 0;
    this.#unsent += cost;
    const datagram = { bytes: bytes.slice(start, start + length), to: target };
    if (this.#inOrder || isFirst) this.#send(datagram);
    else this.#waiting.push(datagram);
    return length;
  }

  /** Deno sends within the call, if the system takes it. */
  #send({ bytes, to }: Datagram): void {
    const { length } = bytes;
    try {
      this.#socket!.send(bytes, 0, length, to.port, to.host, (error) => this.#onSent(length, to, error));
    } catch (error) {
      queueMicrotask(() => this.#onSent(length, to, error as Error));
    }
  }

  #onSent(length: number, to: SocketAddress, error: Error | null): void {
    this.#unsent -= length + OVERHEAD;
    this.#sendWaiting(error === null);
    if (this.#over) return this.#closeOnceSent();
    if (error) this.#events.refused(this.#sendErrno(error, to));
    if (!this.#full || this.#unsent > MAX_UNSENT / 2) return;
    this.#full = false;
    this.#events.writable();
  }

  #sendWaiting(wasSent: boolean): void {
    if (this.#inOrder) return;
    this.#inOrder = wasSent;
    for (const datagram of this.#waiting.splice(0, wasSent ? Infinity : 1)) this.#send(datagram);
  }

  /** Most errors have the code `UNKNOWN`. No issue known; seen with Deno 2.9. */
  #sendErrno(error: Error, to: SocketAddress): Errno {
    if ((error as { code?: unknown }).code !== "UNKNOWN") return networkErrno(error);
    if (!mayReach(this.#deno, to)) return Errno.ACCES;
    const isBroadcast = this.#family === Family.INET && to.host.endsWith(".255");
    return isBroadcast && !this.#mayBroadcast ? Errno.ACCES : Errno.IO;
  }

  setOption(option: SocketOption, value: number): number {
    const socket = this.#socket;
    if (socket === undefined || this.#over) return -Errno.BADF;
    switch (option) {
      case SocketOption.BROADCAST:
        this.#mayBroadcast = value !== 0;
        return attempt(() => socket.setBroadcast(value !== 0));
      case SocketOption.MULTICAST_LOOP:
        return attempt(() => socket.setMulticastLoopback(value !== 0));
      case SocketOption.SNDBUF:
        return attempt(() => socket.setSendBufferSize(value));
      case SocketOption.HOPS:
        return this.#setHops(() => socket.setTTL(value));
      case SocketOption.MULTICAST_HOPS:
        return this.#setHops(() => socket.setMulticastTTL(value));
      case SocketOption.V6ONLY:
      case SocketOption.REUSEADDR:
        return -Errno.INVAL;
      default:
        return -Errno.NOPROTOOPT;
    }
  }

  /** On IPv6, Deno 2.9 sets the option of IPv4 (https://github.com/rust-lang/rust/issues/47727). */
  #setHops(set: () => void): number {
    return this.#family === Family.INET ? attempt(set) : -Errno.NOPROTOOPT;
  }

  getOption(option: SocketOption): number {
    if (option !== SocketOption.SNDBUF || !this.#open || this.#over) return -Errno.NOPROTOOPT;
    try {
      return this.#socket!.getSendBufferSize();
    } catch (error) {
      return networkFailure(error);
    }
  }

  /** `node:dgram` has no way to leave datagrams to the kernel. */
  pause(): void {}

  resume(): void {}

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#closeOnceSent();
  }

  /** A socket that is closed loses what it has not sent yet. */
  #closeOnceSent(): void {
    if (this.#unsent === 0) attempt(() => void this.#socket?.close());
  }
}
