/** An open socket: the platform's, and what the guest knows of it. */

import { Errno } from "../../witx/errno.ts";
import { type Filestat, Filetype } from "../../witx/types.ts";
import {
  Family,
  type PlatformSocket,
  type Received,
  type SocketAddress,
  SocketOption,
  SocketType,
} from "../../contract/network.ts";
import { Interest } from "../../contract/pollable.ts";
import type { SocketOperation } from "./socket_operation.ts";
import type { Failure } from "../../contract/results.ts";
import type { IoVectors } from "../../contract/vectors.ts";

/** An open socket. */
export class OpenSocket {
  readonly kind = "socket";
  readonly filetype: Filetype;
  /** Its address family. */
  readonly family: Family;
  /** Its type. */
  readonly type: SocketType;
  /** The path that the guest gave a unix socket. */
  localPath = "";
  /** The path that the guest connected a unix socket to. */
  peerPath = "";
  #socket: PlatformSocket;
  #operation: SocketOperation | undefined;
  readonly #ignored: Received = { truncated: false, from: undefined };

  /** @param socket The platform's socket. */
  constructor(socket: PlatformSocket) {
    this.#socket = socket;
    this.family = socket.family;
    this.type = socket.type;
    this.filetype = socket.type === SocketType.STREAM ? Filetype.SOCKET_STREAM : Filetype.SOCKET_DGRAM;
  }

  /** The platform's socket, closed with this object. */
  get platformSocket(): PlatformSocket {
    return this.#socket;
  }

  get pollable(): PlatformSocket {
    return this.#socket;
  }

  /** Close the platform's socket and take another one of the same family and type in its place. */
  replace(socket: PlatformSocket): void {
    this.#socket.close();
    this.#socket = socket;
  }

  /** What is in progress, if anything. */
  get operation(): SocketOperation | undefined {
    return this.#operation;
  }

  /** Start an operation. @returns 0, `-INPROGRESS` (see {@linkcode OpenSocket.finish}), or minus an errno. */
  begin(operation: SocketOperation): number {
    const result = operation.advance();
    if (result === -Errno.INPROGRESS) this.#operation = operation;
    return result;
  }

  /** Continue the operation in progress. @returns 0, `-INPROGRESS` (wait for it again), or minus its errno. */
  finish(): number {
    const operation = this.#operation;
    if (operation === undefined) return this.#socket.finish();
    const result = operation.advance();
    if (result !== -Errno.INPROGRESS && this.#operation === operation) this.#operation = undefined;
    return result;
  }

  /** End the association of a datagram socket with its peer. @returns As `PlatformSocket.disconnect`. */
  disconnect(): number {
    const result = this.#socket.disconnect();
    if (result >= 0) this.peerPath = "";
    return result;
  }

  /** Take a connection that waits. Errors: those of `PlatformSocket.accept`. */
  accept(): OpenSocket | Failure {
    const socket = this.#socket.accept();
    if (typeof socket === "number") return socket;
    const accepted = new OpenSocket(socket);
    accepted.localPath = this.localPath;
    return accepted;
  }

  /** How long a blocking call waits at most (ns). */
  timeoutNs(interest: number): number {
    const option = interest === Interest.READ ? SocketOption.RCVTIMEO : SocketOption.SNDTIMEO;
    return this.#socket.getOption(option) || Infinity;
  }

  /** Its own address, as the guest knows it. */
  localAddress(): SocketAddress {
    return this.#guestAddress(this.#socket.localAddress(), this.localPath);
  }

  /** The peer's address, as the guest knows it. */
  peerAddress(): SocketAddress | Failure {
    const address = this.#socket.peerAddress();
    return typeof address === "number" ? address : this.#guestAddress(address, this.peerPath);
  }

  #guestAddress(address: SocketAddress, path: string): SocketAddress {
    return address.family === Family.UNIX ? { family: Family.UNIX, host: path, port: 0 } : address;
  }

  readableBytes(): number {
    return this.#socket.readableBytes();
  }

  /** As `PlatformSocket.writableBytes`. */
  writableBytes(): number {
    return this.#socket.writableBytes();
  }

  /** As `PlatformSocket.flush`. */
  flush(): number {
    return this.#socket.flush();
  }

  /** A datagram is not sent or received in part: readv(2) and writev(2) have INVAL for too many pieces. */
  #isTooMany(iovs: IoVectors): boolean {
    return iovs.isCut === true && this.type === SocketType.DGRAM;
  }

  /** Receives like readv(2). @returns As `PlatformSocket.receive`; `-INVAL` for too many pieces of a datagram. */
  read(iovs: IoVectors): number {
    return this.#isTooMany(iovs) ? -Errno.INVAL : this.#socket.receive(iovs, 0, this.#ignored);
  }

  /** Sends to the peer like writev(2). @returns As `PlatformSocket.send`; `-INVAL` for too many pieces of a datagram. */
  write(iovs: IoVectors): number {
    return this.#isTooMany(iovs) ? -Errno.INVAL : this.#socket.send(iovs, undefined);
  }

  /** Receives; `flags` are `ReceiveFlags`, `from` is filled. @returns As `PlatformSocket.receive`; `-MSGSIZE` for too many pieces of a datagram. */
  receive(iovs: IoVectors, flags: number, from: Received): number {
    return this.#isTooMany(iovs) ? -Errno.MSGSIZE : this.#socket.receive(iovs, flags, from);
  }

  /** Send, to an address or the peer. @returns As `PlatformSocket.send`; `-MSGSIZE` for too many pieces of a datagram. */
  sendTo(iovs: IoVectors, to: SocketAddress | undefined): number {
    return this.#isTooMany(iovs) ? -Errno.MSGSIZE : this.#socket.send(iovs, to);
  }

  /** Stores the attributes: of a socket, only the type. */
  stat(out: Filestat): number {
    out.words.fill(0);
    out.filetype = this.filetype;
    out.nlink = 1n;
    return 0;
  }

  /** Closes the socket; what is in progress is cancelled. */
  close(): number {
    this.#operation?.cancel();
    this.#socket.close();
    return 0;
  }
}
