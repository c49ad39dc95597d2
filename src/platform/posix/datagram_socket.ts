/** Datagram sockets: UDP, and unix datagram sockets. */

import { Errno } from "../../witx/errno.ts";
import { Family, type Received, Shutdown, type SocketAddress, SocketType } from "../../core/network.ts";
import { Interest } from "../../core/pollable.ts";
import type { IoVectors } from "../../core/vectors.ts";
import { PosixSocket, type SocketContext } from "./socket.ts";
import { pathToBind, pathToReach } from "./unix_place.ts";

/** Pieces of a datagram at most. */
const MOST_PIECES = 1024;

/** A datagram socket. */
export class PosixDatagramSocket extends PosixSocket {
  readonly type: SocketType = SocketType.DGRAM;
  protected readonly failsForGood = false;
  protected readonly isListening = false;
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
    return this.family === Family.UNIX ? this.#bindUnix(address) : this.context.calls.bind(this.fd, address);
  }

  #bindUnix(address: SocketAddress): number {
    const { host, calls } = this.context;
    const place = pathToBind(host, address.host);
    if (typeof place === "number") return place;
    let result = calls.bind(this.fd, { ...address, host: place.path });
    // Where this process is another one to /proc, or the path is too long so.
    if (place.fd >= 0 && (result === -Errno.NOENT || result === -Errno.NAMETOOLONG)) {
      result = calls.bind(this.fd, address);
    }
    if (result >= 0) this.hold(place.fd);
    else if (place.fd >= 0) host.descriptors.close(place.fd);
    return result;
  }

  accept(): Errno {
    return Errno.NOTSUP;
  }

  connect(address: SocketAddress): number {
    if (address.family !== this.family) return -Errno.AFNOSUPPORT;
    const { calls } = this.context;
    const result = address.family === Family.UNIX
      ? this.#reach(address, (place) => calls.connect(this.fd, place))
      : calls.connect(this.fd, address);
    if (result >= 0) this.#down = 0;
    this.renew();
    return result;
  }

  /** Do something with what is at a path now. */
  #reach(address: SocketAddress, call: (place: SocketAddress) => number): number {
    const { host } = this.context;
    const place = pathToReach(host, address.host);
    if (typeof place === "number") return place;
    const result = call({ ...address, host: place.path });
    if (place.fd >= 0) host.descriptors.close(place.fd);
    return result;
  }

  finish(): number {
    return 0;
  }

  receive(iovs: IoVectors, peek: boolean, out: Received): number {
    out.truncated = false;
    out.from = undefined;
    const { calls, host } = this.context;
    const { MSG_PEEK, MSG_TRUNC } = host.libc.target.socket;
    const count = calls.receiveFrom(this.fd, iovs, peek ? MSG_PEEK : 0);
    if (count === -Errno.AGAIN) {
      // It is ready to be read for ever, and yet the system says to try again.
      if ((this.#down & Shutdown.RD) !== 0) return 0;
      this.spent(Interest.READ);
      return count;
    }
    this.doubt(Interest.READ);
    if (count < 0) return count;
    out.truncated = (calls.receivedFlags & MSG_TRUNC) !== 0;
    out.from = calls.sender(this.family);
    return count;
  }

  send(iovs: IoVectors, to: SocketAddress | undefined): number {
    if (to !== undefined && to.family !== this.family) return -Errno.AFNOSUPPORT;
    if (iovs.count > MOST_PIECES) return -Errno.MSGSIZE;
    const { calls } = this.context;
    const count = to === undefined
      ? calls.send(this.fd, iovs)
      : this.family === Family.UNIX
      ? this.#reach(to, (place) => calls.sendTo(this.fd, iovs, place))
      : calls.sendTo(this.fd, iovs, to);
    if (count >= 0) return count;
    if (count === -Errno.AGAIN) this.#full(to);
    else this.doubt(Interest.READ | Interest.WRITE);
    return count === -Errno.NOTCONN && to === undefined ? -Errno.DESTADDRREQ : count;
  }

  /** It is the receiver of a unix datagram that has no room, which nobody tells of whom it is not connected to. */
  #full(to: SocketAddress | undefined): void {
    if (this.family === Family.UNIX && to !== undefined) this.stall();
    else this.spent(Interest.WRITE);
  }

  override shutdown(how: number): number {
    const result = super.shutdown(how);
    if (result >= 0) this.#down |= how;
    return result;
  }

  readableBytes(): number {
    return this.context.host.descriptors.readableBytes(this.fd);
  }
}
