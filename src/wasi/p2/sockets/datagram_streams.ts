/** The streams of a UDP socket. */

import type { Received, SocketAddress } from "../../../contract/network.ts";
import { Interest, type Pollable } from "../../../contract/pollable.ts";
import type { IoVectors } from "../../../contract/vectors.ts";
import { Errno } from "../../../witx/errno.ts";
import type { PollTarget } from "../io/pollable.ts";
import { connectFailure, ErrorCode, failure, type SocketFailure, socketFailure } from "./error_code.ts";
import type { UdpSocket } from "./udp_socket.ts";

/** Datagrams that one call sends at most. */
const MAX_SENT = 16;

/** A stream of a socket: works until the guest asks the socket for another pair. */
abstract class DatagramStream implements PollTarget {
  protected readonly socket: UdpSocket;
  readonly #generation: number;
  readonly #interest: number;
  #isClosed = false;

  /**
   * @param socket The socket, of which the stream is an owner.
   * @param interest Bits of `Interest` that it waits for.
   */
  constructor(socket: UdpSocket, interest: number) {
    this.socket = socket;
    this.#generation = socket.generation;
    this.#interest = interest;
    socket.shared.retain();
  }

  /** True while it works. */
  protected get isCurrent(): boolean {
    return this.#generation === this.socket.generation;
  }

  awaited(): Pollable | undefined {
    if (this.#isClosed || !this.isCurrent) return undefined;
    const { open } = this.socket.shared;
    return open.operation?.pollable ?? open.pollable;
  }

  get interest(): number {
    return this.socket.shared.open.operation?.interest ?? this.#interest;
  }

  /** The guest has dropped it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.socket.shared.release();
  }
}

/** `incoming-datagram-stream`. */
export class IncomingDatagramStream extends DatagramStream {
  /** @param socket The socket. */
  constructor(socket: UdpSocket) {
    super(socket, Interest.READ);
  }

  /**
   * Receive a datagram.
   *
   * @param from Gets the sender.
   * @returns Bytes; a failure: `would-block` if there is none, `remote-unreachable`, `connection-refused`, `access-denied`.
   */
  receive(iovs: IoVectors, from: Received): number {
    if (!this.isCurrent) return failure(ErrorCode.INVALID_STATE);
    const settled = this.socket.settle();
    if (settled < 0) return connectFailure(settled);
    const count = this.socket.receive(iovs, from);
    return count < 0 ? receiveFailure(count) : count;
  }
}

/** A reset of UDP is an ICMP message: what was sent before could not be delivered. */
function receiveFailure(result: number): SocketFailure {
  return result === -Errno.CONNRESET ? failure(ErrorCode.REMOTE_UNREACHABLE) : socketFailure(result);
}

/** `outgoing-datagram-stream`. */
export class OutgoingDatagramStream extends DatagramStream {
  /** Datagrams that the next `send` may have; undefined if `check-send` was not called. */
  #permit: number | undefined;

  /** @param socket The socket. */
  constructor(socket: UdpSocket) {
    super(socket, Interest.WRITE);
  }

  /** @returns Datagrams that may be sent, 0 for none yet; or a failure. */
  checkSend(): number {
    if (!this.isCurrent) return failure(ErrorCode.INVALID_STATE);
    const settled = this.socket.settle();
    if (settled < 0 && settled !== -Errno.INPROGRESS) return connectFailure(settled);
    const isReady = settled === 0 && this.socket.shared.open.writableBytes() !== 0;
    return this.#permit = isReady ? MAX_SENT : 0;
  }

  /** True if so many datagrams may be sent: {@linkcode OutgoingDatagramStream.checkSend} said so. */
  takePermit(count: number): boolean {
    const permit = this.#permit;
    if (count === 0) return true;
    if (permit === undefined || count > permit) return false;
    this.#permit = undefined;
    return true;
  }

  /** Send a datagram. @returns As `UdpSocket.send`. */
  send(iovs: IoVectors, to: SocketAddress | undefined): number {
    return this.isCurrent ? this.socket.send(iovs, to) : failure(ErrorCode.INVALID_STATE);
  }
}
