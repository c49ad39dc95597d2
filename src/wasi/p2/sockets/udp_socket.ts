/** A UDP socket of WASI, and what its two streams have in common. */

import {
  Family,
  type PlatformSocket,
  type Received,
  type SocketAddress,
  SocketOption,
  SocketType,
} from "../../../contract/network.ts";
import { isMapped, isSameAddress, parseIp } from "../../../contract/address.ts";
import type { Pollable } from "../../../contract/pollable.ts";
import type { IoVectors } from "../../../contract/vectors.ts";
import type { OpenSocket } from "../../../core/net/socket.ts";
import { Errno } from "../../../witx/errno.ts";
import type { PollTarget } from "../io/pollable.ts";
import { checkFamily, checkRemote } from "./address_rules.ts";
import { connectFailure, ErrorCode, failure, type SocketFailure, socketFailure } from "./error_code.ts";
import { openCounted, SharedSocket, type SocketScope } from "./shared_socket.ts";
import { getSocketOption, setSocketOption, type SocketOptionName } from "./socket_options.ts";

/** States of a socket. Source: wasi:sockets/udp@0.2.12, `udp-socket`. */
const UdpState = { UNBOUND: 0, BIND_IN_PROGRESS: 1, BOUND: 2 } as const;
type UdpState = (typeof UdpState)[keyof typeof UdpState];

const INVALID_STATE: SocketFailure = failure(ErrorCode.INVALID_STATE);
const INVALID_ARGUMENT: SocketFailure = failure(ErrorCode.INVALID_ARGUMENT);

/** A UDP socket. Its calls return 0 or more, or an object; or a failure (`SocketFailure`). None waits. */
export class UdpSocket implements PollTarget {
  /** The socket, which its streams own as well. */
  readonly shared: SharedSocket;
  readonly #scope: SocketScope;
  #state: UdpState = UdpState.UNBOUND;
  /** Result of the bind in progress, as the core returned it. */
  #bound = 0;
  #remote: SocketAddress | undefined;
  /** Counts the calls of `stream`: only the streams of the last one work. */
  #generation = 0;
  #isClosed = false;

  /**
   * @param scope Where the guest's sockets are; the socket is counted there already.
   * @param socket A datagram socket of the core, which becomes the property of this object.
   */
  constructor(scope: SocketScope, socket: OpenSocket) {
    this.#scope = scope;
    this.shared = new SharedSocket(socket, scope.files);
  }

  /** Make a socket that is not bound. Failures: `not-supported`, `new-socket-limit`. */
  static create(scope: SocketScope, family: Family): UdpSocket | SocketFailure {
    const socket = openCounted(scope, family, SocketType.DGRAM);
    if (typeof socket === "number") return socket;
    if (family === Family.INET6) socket.platformSocket.setOption(SocketOption.V6ONLY, 1);
    return new UdpSocket(scope, socket);
  }

  /** Its family. */
  get family(): Family {
    return this.#open.family;
  }

  /** The number of the last call of {@linkcode UdpSocket.stream}. */
  get generation(): number {
    return this.#generation;
  }

  get #open(): OpenSocket {
    return this.shared.open;
  }

  get #socket(): PlatformSocket {
    return this.shared.open.platformSocket;
  }

  /**
   * Begin to bind to an address.
   *
   * @returns 0, or a failure: `invalid-state`, `concurrency-conflict`, `invalid-argument`, `access-denied`,
   * `address-in-use`, `address-not-bindable`.
   */
  startBind(address: SocketAddress): number {
    if (this.#state === UdpState.BIND_IN_PROGRESS) return failure(ErrorCode.CONCURRENCY_CONFLICT);
    if (this.#state !== UdpState.UNBOUND) return INVALID_STATE;
    const checked = checkFamily(address, this.family);
    if (checked < 0) return checked;
    const result = this.#scope.network.startBind(this.#open, address);
    if (result < 0 && result !== -Errno.INPROGRESS) return socketFailure(result);
    this.#bound = result;
    this.#state = UdpState.BIND_IN_PROGRESS;
    return 0;
  }

  /** @returns 0, or a failure: `not-in-progress`, `would-block`, or those of {@linkcode UdpSocket.startBind}. */
  finishBind(): number {
    if (this.#state !== UdpState.BIND_IN_PROGRESS) return failure(ErrorCode.NOT_IN_PROGRESS);
    if (this.#bound === -Errno.INPROGRESS) this.#bound = this.#open.finish();
    const result = this.#bound;
    if (result === 0) this.#state = UdpState.BOUND;
    else if (result !== -Errno.INPROGRESS) this.#state = UdpState.UNBOUND;
    return result < 0 ? socketFailure(result) : 0;
  }

  /**
   * Choose the peer, or none. The streams of earlier calls stop working.
   *
   * @param remote The peer; undefined for all.
   * @returns 0, or a failure: `invalid-state`, `invalid-argument`, `access-denied`, `remote-unreachable`.
   */
  stream(remote: SocketAddress | undefined): number {
    if (this.#state !== UdpState.BOUND) return INVALID_STATE;
    const checked = remote === undefined ? 0 : checkRemote(remote, this.family);
    if (checked < 0) return checked;
    if (this.#remote !== undefined) {
      const result = this.#open.disconnect();
      if (result < 0) return socketFailure(result);
    }
    this.#remote = undefined;
    if (remote !== undefined) {
      const result = this.#scope.network.startConnect(this.#open, remote);
      if (result < 0 && result !== -Errno.INPROGRESS) return connectFailure(result);
      this.#remote = remote;
    }
    this.#generation++;
    return 0;
  }

  /** The peer chosen last. */
  get remote(): SocketAddress | undefined {
    return this.#remote;
  }

  /**
   * Finish what holds up sending and receiving: names that a rule of the policy has are looked up first.
   *
   * @returns 0; `-INPROGRESS`; or minus an errno, once.
   */
  settle(): number {
    return this.#open.operation === undefined ? 0 : this.#open.finish();
  }

  /**
   * Receive a datagram. Those that came before the peer was chosen, and those of IPv4 where an IPv6 socket gets them, are
   * passed over.
   *
   * @returns As `OpenSocket.receive`.
   */
  receive(iovs: IoVectors, from: Received): number {
    for (;;) {
      const count = this.#open.receive(iovs, 0, from);
      if (count < 0 || this.#accepts(from.from)) return count;
    }
  }

  #accepts(from: SocketAddress | undefined): boolean {
    if (from === undefined) return false;
    if (this.#remote !== undefined) return isSameAddress(from, this.#remote);
    return this.family === Family.INET || !isMapped(parseIp(from.host)!);
  }

  /**
   * Send a datagram.
   *
   * @param to The destination; undefined for the peer.
   * @returns Bytes sent; a failure: `would-block` (names are looked up first, or nothing fits), `invalid-argument`,
   * `access-denied`, `datagram-too-large`, `remote-unreachable`, `connection-refused`.
   */
  send(iovs: IoVectors, to: SocketAddress | undefined): number {
    const checked = this.#checkDestination(to);
    if (checked < 0) return checked;
    const result = this.#scope.network.send(this.#open, iovs, this.#remote === undefined ? to : undefined);
    return result < 0 ? socketFailure(result) : result;
  }

  #checkDestination(to: SocketAddress | undefined): number {
    const remote = this.#remote;
    if (to === undefined) return remote === undefined ? INVALID_ARGUMENT : 0;
    const checked = checkRemote(to, this.family);
    if (checked < 0 || remote === undefined) return checked;
    return isSameAddress(to, remote) ? 0 : INVALID_ARGUMENT;
  }

  /** Its own address. Failures: `invalid-state` while it is not bound. */
  localAddress(): SocketAddress | SocketFailure {
    return this.#state === UdpState.BOUND ? this.#open.localAddress() : INVALID_STATE;
  }

  /** The peer's address. Failures: `invalid-state` without a peer. */
  remoteAddress(): SocketAddress | SocketFailure {
    return this.#remote ?? INVALID_STATE;
  }

  /** Value of an option. */
  option(name: SocketOptionName): number {
    return getSocketOption(this.#socket, name);
  }

  /** Set an option. @returns 0, or a failure: `invalid-argument` for 0, `not-supported`. */
  setOption(name: SocketOptionName, value: number): number {
    return setSocketOption(this.#socket, name, value);
  }

  awaited(): Pollable | undefined {
    return this.shared.isOpen && this.#isBinding ? this.#open.operation?.pollable : undefined;
  }

  get interest(): number {
    return this.#open.operation?.interest ?? 0;
  }

  get #isBinding(): boolean {
    return this.#state === UdpState.BIND_IN_PROGRESS && this.#bound === -Errno.INPROGRESS;
  }

  /** The guest drops the socket. Its streams go on. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.shared.release();
  }
}
