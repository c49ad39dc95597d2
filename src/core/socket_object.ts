/** An open socket under a descriptor number. */

import { Errno } from "../witx/errno.ts";
import { type Filestat, Filetype } from "../witx/types.ts";
import type { OpenObject } from "./descriptor.ts";
import { Family, type PlatformSocket, type Received, type SocketAddress, SocketOption, SocketType } from "./network.ts";
import { Interest } from "./pollable.ts";
import { transferred } from "./scatter.ts";
import type { SizeResult } from "./system.ts";
import { Unseekable } from "./unseekable.ts";
import type { IoVectors } from "./vectors.ts";

const received: Received = { truncated: false, from: undefined };

/** A socket. */
export class Socket extends Unseekable implements OpenObject {
  readonly filetype: Filetype;
  readonly isTerminal = false;
  /** The platform's socket, closed with this object. It is another one once a name server took its place. */
  socket: PlatformSocket;
  /** The path that the guest knows a unix socket by. */
  localPath = "";
  /** The path that the guest connected a unix socket to. */
  peerPath = "";

  /** @param socket The platform's socket. */
  constructor(socket: PlatformSocket) {
    super();
    this.socket = socket;
    this.filetype = socket.type === SocketType.STREAM ? Filetype.SOCKET_STREAM : Filetype.SOCKET_DGRAM;
  }

  get pollable(): PlatformSocket {
    return this.socket;
  }

  /** How long a blocking call waits at most (ns). */
  timeoutNs(interest: number): number {
    const option = interest === Interest.READ ? SocketOption.RCVTIMEO : SocketOption.SNDTIMEO;
    return this.socket.getOption(option) || Infinity;
  }

  /** Its own address, as the guest knows it. */
  localAddress(): SocketAddress {
    return this.#guestAddress(this.socket.localAddress(), this.localPath);
  }

  /** The peer's address, as the guest knows it. */
  peerAddress(): SocketAddress | Errno {
    const address = this.socket.peerAddress();
    return typeof address === "number" ? address : this.#guestAddress(address, this.peerPath);
  }

  #guestAddress(address: SocketAddress, path: string): SocketAddress {
    return address.family === Family.UNIX ? { family: Family.UNIX, host: path, port: 0 } : address;
  }

  readableBytes(): number {
    return this.socket.readableBytes();
  }

  read(iovs: IoVectors, out: SizeResult): Errno {
    return this.receive(iovs, false, out, received);
  }

  write(iovs: IoVectors, _append: boolean, out: SizeResult): Errno {
    return this.send(iovs, undefined, out);
  }

  /** Receive; `from` gets what came with it. */
  receive(iovs: IoVectors, peek: boolean, out: SizeResult, from: Received): Errno {
    return transferred(this.socket.receive(iovs, peek, from), out);
  }

  /** Send, to an address or the peer. */
  send(iovs: IoVectors, to: SocketAddress | undefined, out: SizeResult): Errno {
    return transferred(this.socket.send(iovs, to), out);
  }

  stat(out: Filestat): Errno {
    Object.assign(out, {
      dev: 0n,
      ino: 0n,
      filetype: this.filetype,
      nlink: 1n,
      size: 0n,
      atim: 0n,
      mtim: 0n,
      ctim: 0n,
    });
    return Errno.SUCCESS;
  }

  close(): Errno {
    this.socket.close();
    return Errno.SUCCESS;
  }
}
