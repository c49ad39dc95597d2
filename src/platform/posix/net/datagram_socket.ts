/** Datagram sockets: UDP, and unix datagram sockets. */

import { Errno } from "../../../witx/errno.ts";
import {
  Family,
  MAX_DATAGRAM_BYTES,
  type Received,
  ReceiveFlags,
  Shutdown,
  type SocketAddress,
  SocketType,
} from "../../../contract/network.ts";
import { Interest } from "../../../contract/pollable.ts";
import type { IoVectors } from "../../../contract/vectors.ts";
import { PosixSocket, type SocketContext } from "./socket.ts";
import { pathToBind, pathToConnect } from "./unix_path.ts";
import type { Failure } from "../../../contract/results.ts";

/** A datagram socket. */
export class PosixDatagramSocket extends PosixSocket {
  readonly type: SocketType = SocketType.DGRAM;
  protected readonly isErrorFinal = false;
  protected readonly isListening = false;
  /** True for a socket of IP that the guest has bound. */
  #isBound = false;
  /** Directions that were shut down. */
  #down = 0;

  /**
   * @param context What it shares.
   * @param family Its family.
   * @param fd Its descriptor.
   */
  constructor(context: SocketContext, family: Family, fd: number) {
    super(context, family, fd);
  }

  bind(address: SocketAddress): number {
    if (address.family !== this.family) return -Errno.AFNOSUPPORT;
    if (this.family === Family.UNIX) return this.#bindUnix(address);
    const result = this.context.calls.bind(this.fd, address);
    if (result >= 0) this.#isBound = true;
    return result;
  }

  #bindUnix(address: SocketAddress): number {
    const { syscalls, calls } = this.context;
    const place = pathToBind(syscalls, address.host);
    if (typeof place === "number") return place;
    let result = calls.bind(this.fd, { ...address, host: place.path });
    // Where this process is another one to /proc, or the path is too long so.
    if (place.fd >= 0 && (result === -Errno.NOENT || result === -Errno.NAMETOOLONG)) {
      result = calls.bind(this.fd, address);
    }
    if (result >= 0) this.hold(place.fd);
    else if (place.fd >= 0) syscalls.fds.close(place.fd);
    return result;
  }

  accept(): Failure {
    return -Errno.NOTSUP;
  }

  connect(address: SocketAddress): number {
    if (address.family !== this.family) return -Errno.AFNOSUPPORT;
    const { calls } = this.context;
    const result = address.family === Family.UNIX
      ? this.#reach(address, (place) => calls.connect(this.fd, place))
      : calls.connect(this.fd, address);
    if (result >= 0) this.#down = 0;
    this.invalidateAll();
    return result;
  }

  /** Do something with what is at a path now. */
  #reach(address: SocketAddress, call: (place: SocketAddress) => number): number {
    const { syscalls } = this.context;
    const place = pathToConnect(syscalls, address.host);
    if (typeof place === "number") return place;
    const result = call({ ...address, host: place.path });
    if (place.fd >= 0) syscalls.fds.close(place.fd);
    return result;
  }

  disconnect(): number {
    const { calls } = this.context;
    const bound = this.#isBound ? this.localAddress() : undefined;
    const result = calls.disconnect(this.fd);
    // Linux takes a port away that it chose itself.
    if (bound !== undefined && this.localAddress().port !== bound.port) calls.bind(this.fd, bound);
    this.invalidateAll();
    return result;
  }

  finish(): number {
    return 0;
  }

  receive(iovs: IoVectors, flags: number, out: Received): number {
    out.truncated = false;
    out.from = undefined;
    const { calls, syscalls } = this.context;
    const { MSG_PEEK, MSG_TRUNC } = syscalls.libc.target.socket;
    const count = calls.receiveFrom(this.fd, iovs, (flags & ReceiveFlags.PEEK) !== 0 ? MSG_PEEK : 0);
    if (count === -Errno.AGAIN) {
      // It is ready to be read for ever, and yet the system says to try again.
      if ((this.#down & Shutdown.RD) !== 0) return 0;
      this.clearReady(Interest.READ);
      return count;
    }
    this.invalidate(Interest.READ);
    if (count < 0) return count;
    out.truncated = (calls.receivedFlags & MSG_TRUNC) !== 0;
    out.from = calls.sender(this.family);
    return count;
  }

  send(iovs: IoVectors, to: SocketAddress | undefined): number {
    if (to !== undefined && to.family !== this.family) return -Errno.AFNOSUPPORT;
    const { calls } = this.context;
    const count = to === undefined
      ? calls.send(this.fd, iovs)
      : this.family === Family.UNIX
      ? this.#reach(to, (place) => calls.sendTo(this.fd, iovs, place))
      : calls.sendTo(this.fd, iovs, to);
    if (count >= 0) return count;
    if (count === -Errno.AGAIN) this.#full(to);
    else this.invalidate(Interest.READ | Interest.WRITE);
    return count === -Errno.NOTCONN && to === undefined ? -Errno.DESTADDRREQ : count;
  }

  /** The receiver of a unix datagram has no room, which is reported only to a socket that is connected to it. */
  #full(to: SocketAddress | undefined): void {
    if (this.family === Family.UNIX && to !== undefined) this.retryLater();
    else this.clearReady(Interest.WRITE);
  }

  override shutdown(how: number): number {
    const result = super.shutdown(how);
    if (result >= 0) this.#down |= how;
    return result;
  }

  readableBytes(): number {
    return this.context.syscalls.fds.readableBytes(this.fd);
  }

  writableBytes(): number {
    return this.readiness(Interest.WRITE) === 0 ? 0 : MAX_DATAGRAM_BYTES;
  }
}
