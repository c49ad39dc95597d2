/** A TCP socket of WASI: a state machine over a socket of the core. */

import {
  Family,
  type PlatformSocket,
  type SocketAddress,
  SocketOption,
  SocketType,
} from "../../../contract/network.ts";
import { isMapped, parseIp } from "../../../contract/address.ts";
import { Interest, type Pollable } from "../../../contract/pollable.ts";
import type { OpenSocket } from "../../../core/net/socket.ts";
import type { Failure } from "../../../contract/results.ts";
import { Errno } from "../../../witx/errno.ts";
import { checkRemote, checkUnicast } from "./address_rules.ts";
import { connectFailure, ErrorCode, failure, type SocketFailure, socketFailure } from "./error_code.ts";
import { openCounted, SharedSocket, type SocketScope } from "./shared_socket.ts";
import { getSocketOption, setSocketOption, type SocketOptionName } from "./socket_options.ts";
import { TcpStreams } from "./tcp_streams.ts";
import type { GuestIo } from "../io/guest_io.ts";
import type { PollTarget } from "../io/pollable.ts";

/** States of a socket, in the words of the specification. Source: wasi:sockets/tcp@0.2.12, `tcp-socket`. */
const TcpState = {
  UNBOUND: 0,
  BIND_IN_PROGRESS: 1,
  BOUND: 2,
  LISTEN_IN_PROGRESS: 3,
  LISTENING: 4,
  CONNECT_IN_PROGRESS: 5,
  CONNECTED: 6,
  CLOSED: 7,
} as const;
/** One of {@linkcode TcpState}. */
export type TcpState = (typeof TcpState)[keyof typeof TcpState];

/** Connections that may wait to be accepted, unless the guest asks for another number. */
const DEFAULT_BACKLOG = 128;

/** Largest backlog; systems cut it further. */
const MAX_BACKLOG = 65_535;

const INVALID_STATE: SocketFailure = failure(ErrorCode.INVALID_STATE);
const CONCURRENCY_CONFLICT: SocketFailure = failure(ErrorCode.CONCURRENCY_CONFLICT);

/**
 * A TCP socket. Its calls return 0 or more, or an object; or a failure (`SocketFailure`). None waits: the guest polls the
 * socket itself, whose readiness follows its state.
 */
export class TcpSocket implements PollTarget {
  readonly #shared: SharedSocket;
  readonly #scope: SocketScope;
  #state: TcpState;
  #streams: TcpStreams | undefined;
  /** Result of the operation in progress, as the core returned it: 0, `-INPROGRESS` or minus an errno. */
  #result = 0;
  #backlog = DEFAULT_BACKLOG;
  #isClosed = false;
  /** The system forgets the peer's address once both directions have ended, and wasi-libc then aborts. */
  #peer: SocketAddress | undefined;

  /**
   * @param scope Where the guest's sockets are; the socket is counted there already.
   * @param socket A stream socket of the core, which becomes the property of this object.
   * @param state Its state.
   */
  constructor(scope: SocketScope, socket: OpenSocket, state: TcpState = TcpState.UNBOUND) {
    this.#scope = scope;
    this.#shared = new SharedSocket(socket, scope.files);
    this.#state = state;
  }

  /** Make a socket that is not bound. Failures: `not-supported`, `new-socket-limit`. */
  static create(scope: SocketScope, family: Family): TcpSocket | SocketFailure {
    const socket = openCounted(scope, family, SocketType.STREAM);
    if (typeof socket === "number") return socket;
    // Not every runtime can: `accept` then passes over what comes by IPv4.
    if (family === Family.INET6) socket.platformSocket.setOption(SocketOption.V6ONLY, 1);
    return new TcpSocket(scope, socket);
  }

  /** Its state. */
  get state(): TcpState {
    return this.#state;
  }

  /** Its family. */
  get family(): Family {
    return this.#open.family;
  }

  get #open(): OpenSocket {
    return this.#shared.open;
  }

  get #socket(): PlatformSocket {
    return this.#shared.open.platformSocket;
  }

  /**
   * Begin to bind to an address.
   *
   * @returns 0, or a failure: `invalid-state`, `concurrency-conflict`, `invalid-argument`, `access-denied`,
   * `address-in-use`, `address-not-bindable`.
   */
  startBind(address: SocketAddress): number {
    if (isInProgress(this.#state)) return CONCURRENCY_CONFLICT;
    if (this.#state !== TcpState.UNBOUND) return INVALID_STATE;
    const checked = checkUnicast(address, this.family);
    if (checked < 0) return checked;
    // Connections of the past (TIME_WAIT) do not hold the port. A port that the system chooses is nobody else's.
    if (address.port !== 0) this.#socket.setOption(SocketOption.REUSEADDR, 1);
    const result = this.#scope.network.startBind(this.#open, address);
    if (result < 0 && result !== -Errno.INPROGRESS) return socketFailure(result);
    return this.#begin(TcpState.BIND_IN_PROGRESS, result);
  }

  /** @returns 0, or a failure: `not-in-progress`, `would-block`, or those of {@linkcode TcpSocket.startBind}. */
  finishBind(): number {
    const result = this.#finish(TcpState.BIND_IN_PROGRESS);
    if (result === 0) {
      this.#state = TcpState.BOUND;
      // Its connections shall not hold the port in turn.
      this.#socket.setOption(SocketOption.REUSEADDR, 1);
    } else if (this.#isOver(result)) this.#state = TcpState.UNBOUND;
    return result < 0 ? this.#failureOf(result) : result;
  }

  /**
   * Begin to connect. The socket stays as it is if the address is invalid or refused; it is closed if the system fails.
   *
   * @returns 0, or a failure: `invalid-state`, `concurrency-conflict`, `invalid-argument`, `access-denied`, and those of
   * {@linkcode TcpSocket.finishConnect}.
   */
  startConnect(address: SocketAddress): number {
    if (isInProgress(this.#state)) return CONCURRENCY_CONFLICT;
    if (this.#state !== TcpState.UNBOUND && this.#state !== TcpState.BOUND) return INVALID_STATE;
    const checked = checkUnicast(address, this.family) || checkRemote(address, this.family);
    if (checked < 0) return checked;
    const result = this.#scope.network.startConnect(this.#open, address);
    if (result === -Errno.ACCES) return socketFailure(result);
    if (result < 0 && result !== -Errno.INPROGRESS) {
      this.#state = TcpState.CLOSED;
      return connectFailure(result);
    }
    return this.#begin(TcpState.CONNECT_IN_PROGRESS, result);
  }

  /**
   * @returns 0: it is connected, and the caller makes its streams; or a failure: `not-in-progress`, `would-block`,
   * `connection-refused`, `connection-reset`, `connection-aborted`, `remote-unreachable`, `timeout`, `address-in-use`,
   * `access-denied`.
   */
  finishConnect(): number {
    const result = this.#finish(TcpState.CONNECT_IN_PROGRESS);
    if (result === 0) {
      this.#state = TcpState.CONNECTED;
      this.remoteAddress();
    } else if (this.#isOver(result)) this.#state = TcpState.CLOSED;
    if (result >= 0 || result === NOT_IN_PROGRESS) return result < 0 ? this.#failureOf(result) : result;
    return connectFailure(result);
  }

  /** Begin to listen. @returns 0, or a failure: `invalid-state`, `concurrency-conflict`, `address-in-use`. */
  startListen(): number {
    if (isInProgress(this.#state)) return CONCURRENCY_CONFLICT;
    if (this.#state !== TcpState.BOUND) return INVALID_STATE;
    const result = this.#scope.network.startListen(this.#open, this.#backlog);
    if (result < 0 && result !== -Errno.INPROGRESS) {
      this.#state = TcpState.CLOSED;
      return socketFailure(result);
    }
    return this.#begin(TcpState.LISTEN_IN_PROGRESS, result);
  }

  /** @returns 0, or a failure: `not-in-progress`, `would-block`, or those of {@linkcode TcpSocket.startListen}. */
  finishListen(): number {
    const result = this.#finish(TcpState.LISTEN_IN_PROGRESS);
    if (result === 0) this.#state = TcpState.LISTENING;
    else if (this.#isOver(result)) this.#state = TcpState.CLOSED;
    return result < 0 ? this.#failureOf(result) : result;
  }

  #begin(state: TcpState, result: number): number {
    this.#state = state;
    this.#result = result;
    return 0;
  }

  /** Result of the operation of a state: as the core returns it, or {@linkcode NOT_IN_PROGRESS}. */
  #finish(state: TcpState): number {
    if (this.#state !== state) return NOT_IN_PROGRESS;
    if (this.#result === -Errno.INPROGRESS) this.#result = this.#open.finish();
    return this.#result;
  }

  #isOver(result: number): boolean {
    return result !== NOT_IN_PROGRESS && result !== -Errno.INPROGRESS;
  }

  #failureOf(result: number): SocketFailure {
    return result === NOT_IN_PROGRESS ? failure(ErrorCode.NOT_IN_PROGRESS) : socketFailure(result);
  }

  /**
   * Take a connection that waits.
   *
   * @returns The socket, connected, for which the caller makes streams; or a failure: `invalid-state`, `would-block`,
   * `connection-aborted`, `new-socket-limit`.
   */
  accept(): TcpSocket | SocketFailure {
    if (this.#state !== TcpState.LISTENING) return INVALID_STATE;
    // The connection waits until there is room.
    if (!this.#scope.files.take()) return failure(ErrorCode.NEW_SOCKET_LIMIT);
    const socket = this.#acceptIp();
    if (typeof socket !== "number") return new TcpSocket(this.#scope, socket, TcpState.CONNECTED);
    this.#scope.files.release();
    return socket === -Errno.AGAIN ? WOULD_BLOCK : socketFailure(socket);
  }

  /** Take the next connection that is not of IPv4 where the socket is of IPv6. */
  #acceptIp(): OpenSocket | Failure {
    for (;;) {
      const socket = this.#open.accept();
      if (typeof socket === "number" || !isFromIpv4(socket)) return socket;
      socket.platformSocket.setOption(SocketOption.LINGER, 0);
      socket.close();
    }
  }

  /** Its own address. Failures: `invalid-state` while it is not bound. */
  localAddress(): SocketAddress | SocketFailure {
    const isBound = this.#state >= TcpState.BOUND && this.#state !== TcpState.CLOSED;
    if (!isBound) return INVALID_STATE;
    const address = this.#open.localAddress();
    return address.port === 0 ? INVALID_STATE : address;
  }

  /** The peer's address. Failures: `invalid-state` while it is not connected. */
  remoteAddress(): SocketAddress | SocketFailure {
    if (this.#state !== TcpState.CONNECTED) return INVALID_STATE;
    if (this.#peer !== undefined) return this.#peer;
    const address = this.#open.peerAddress();
    return typeof address === "number" ? socketFailure(address) : this.#peer = address;
  }

  /** True if it listens. */
  get isListening(): boolean {
    return this.#state === TcpState.LISTENING;
  }

  /**
   * Set how many connections may wait to be accepted.
   *
   * @param size Connections.
   * @returns 0, or a failure: `invalid-argument` for 0, `invalid-state`, `not-supported`.
   */
  setListenBacklogSize(size: number): number {
    if (size === 0) return failure(ErrorCode.INVALID_ARGUMENT);
    if (this.#state >= TcpState.CONNECT_IN_PROGRESS) return INVALID_STATE;
    this.#backlog = Math.min(size, MAX_BACKLOG);
    if (this.#state !== TcpState.LISTENING) return 0;
    const result = this.#scope.network.startListen(this.#open, this.#backlog);
    return result < 0 && result !== -Errno.INPROGRESS ? failure(ErrorCode.NOT_SUPPORTED) : 0;
  }

  /** 1 if keep-alive probes are sent, or 0. */
  keepAliveEnabled(): number {
    return Math.max(0, this.#socket.getOption(SocketOption.KEEPALIVE));
  }

  /** Turn keep-alive probes on or off. @returns 0, or a failure: `not-supported`. */
  setKeepAliveEnabled(isEnabled: boolean): number {
    const result = this.#socket.setOption(SocketOption.KEEPALIVE, isEnabled ? 1 : 0);
    return result < 0 ? socketFailure(result) : 0;
  }

  /** Value of an option. */
  option(name: SocketOptionName): number {
    return this.#state === TcpState.CLOSED ? INVALID_STATE : getSocketOption(this.#socket, name);
  }

  /** Set an option. @returns 0, or a failure: `invalid-argument` for 0, `not-supported`. */
  setOption(name: SocketOptionName, value: number): number {
    return this.#state === TcpState.CLOSED ? INVALID_STATE : setSocketOption(this.#socket, name, value);
  }

  /**
   * Make the streams of a connection: once, when it is connected.
   *
   * @param io Of the guest.
   */
  openStreams(io: GuestIo): TcpStreams {
    return this.#streams = new TcpStreams(this.#shared, io);
  }

  /**
   * End directions of the connection. What was written is sent first.
   *
   * @param how Bits of `Shutdown`.
   * @returns 0, or a failure: `invalid-state` if it is not connected.
   */
  shutdown(how: number): number {
    if (this.#state !== TcpState.CONNECTED) return INVALID_STATE;
    const result = this.#streams!.shutdown(how);
    return result < 0 ? socketFailure(result) : 0;
  }

  awaited(): Pollable | undefined {
    if (!this.#shared.isOpen) return undefined;
    if (this.#state === TcpState.LISTENING) return this.#socket;
    return this.#isWaiting ? this.#open.operation?.pollable : undefined;
  }

  get interest(): number {
    return this.#isWaiting ? this.#open.operation?.interest ?? Interest.READ : Interest.READ;
  }

  get #isWaiting(): boolean {
    return this.#result === -Errno.INPROGRESS && isInProgress(this.#state);
  }

  /** The guest drops the socket. Its streams go on. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#shared.release();
  }
}

/** No errno: the operation that is to be finished was not begun. */
const NOT_IN_PROGRESS = -Infinity;

const WOULD_BLOCK: SocketFailure = failure(ErrorCode.WOULD_BLOCK);

function isInProgress(state: TcpState): boolean {
  return state === TcpState.BIND_IN_PROGRESS || state === TcpState.LISTEN_IN_PROGRESS ||
    state === TcpState.CONNECT_IN_PROGRESS;
}

/** An IPv6 socket of WASI is never dual-stack. */
function isFromIpv4(socket: OpenSocket): boolean {
  if (socket.family !== Family.INET6) return false;
  const peer = socket.peerAddress();
  return typeof peer !== "number" && isMapped(parseIp(peer.host)!);
}
