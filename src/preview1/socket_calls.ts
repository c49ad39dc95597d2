/** The calls `sock_*`. */

import { Errno } from "../witx/errno.ts";
import { Fdflags, FDFLAGS_ALL, Riflags, Rights, Sdflags } from "../witx/types.ts";
import { type MaybePromise, settled } from "../core/io/maybe_promise.ts";
import { type Descriptor, newDescriptor } from "./descriptor.ts";
import type { FdTable } from "./fd_table.ts";
import {
  Family,
  LINGER_OFF,
  type Received,
  ReceiveFlags,
  type SocketAddress,
  type SocketOption,
  SocketType,
} from "../contract/network.ts";
import { Interest } from "../contract/pollable.ts";
import { SOCKET_RIGHTS } from "./rights.ts";
import type { GuestLookup } from "../core/net/guest_lookup.ts";
import type { GuestNetwork, OnRefused, RefusedAction } from "../core/net/guest_network.ts";
import { OpenSocket } from "../core/net/socket.ts";
import { type AddressResult, type LookupResult, type OptionResult, storeCount, type U32Result } from "./results.ts";
import type { SystemContext } from "./system_context.ts";
import type { IoVectors } from "../contract/vectors.ts";
import { errnoFromResult } from "../contract/results.ts";

/** What {@linkcode SocketCalls} needs beside the context. */
export interface SocketCallsOptions {
  /** The network of the guest, if it has one. */
  readonly network?: GuestNetwork | undefined;
  /** Called with what is refused to a guest without a network. */
  readonly onRefused?: OnRefused | undefined;
}

/** The calls on sockets: find the descriptor, check its rights, ask the network, and wait. */
export class SocketCalls {
  readonly #context: SystemContext;
  readonly #table: FdTable;
  readonly #network: GuestNetwork | undefined;
  readonly #onRefused: OnRefused | undefined;
  /** What came with the bytes of a call. */
  readonly #received: Received = { truncated: false, from: undefined };

  /**
   * @param context What the parts of the system share.
   * @param options The network.
   */
  constructor(context: SystemContext, { network, onRefused }: SocketCallsOptions) {
    this.#context = context;
    this.#table = context.table;
    this.#network = network;
    this.#onRefused = onRefused;
  }

  #find(fd: number): Descriptor | Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    return descriptor.object instanceof OpenSocket ? descriptor : Errno.NOTSOCK;
  }

  #socketOf(fd: number, right: number = 0, otherwise: Errno = Errno.NOTCAPABLE): OpenSocket | Errno {
    const found = this.#find(fd);
    if (typeof found === "number") return found;
    return (found.rightsBase & right) === right ? (found.object as OpenSocket) : otherwise;
  }

  #insert(object: OpenSocket, flags: number, rights: number): number {
    return this.#table.insert(newDescriptor(object, flags, rights, rights));
  }

  #refuse(action: RefusedAction, target: string): Errno {
    this.#onRefused?.(action, target);
    return Errno.ACCES;
  }

  /** Make a socket. Errors: `ACCES` the network is closed; `AFNOSUPPORT`; `PROTONOSUPPORT`; `MFILE`; `INVAL` unknown family or type. POSIX: socket. */
  open(family: number, type: number, out: U32Result): Errno {
    if (family < Family.INET || family > Family.UNIX || type < SocketType.DGRAM || type > SocketType.STREAM) {
      return Errno.INVAL;
    }
    if (this.#network === undefined) return this.#refuse("connect", "*");
    if (!this.#table.hasRoom()) return Errno.MFILE;
    const socket = this.#network.openSocket(family as Family, type as SocketType);
    if (typeof socket === "number") return errnoFromResult(socket);
    out.value = this.#insert(socket, 0, SOCKET_RIGHTS);
    return Errno.SUCCESS;
  }

  /**
   * Accept a connection; `flags`: NONBLOCK or 0. Errors of every call with a socket: `NOTSOCK`. Errors: `AGAIN` none waits;
   * `INVAL` unknown flags, or it does not listen; `MFILE`. POSIX: accept4.
   */
  accept(fd: number, flags: number, out: U32Result): Errno {
    if ((flags & ~FDFLAGS_ALL) !== 0) return Errno.INVAL;
    const listener = this.#socketOf(fd, Rights.SOCK_ACCEPT);
    if (typeof listener === "number") return listener;
    if ((flags & ~Fdflags.NONBLOCK) !== 0) return Errno.INVAL;
    if (!this.#table.hasRoom()) return Errno.MFILE;
    const socket = listener.accept();
    if (typeof socket === "number") return errnoFromResult(socket);
    out.value = this.#insert(socket, flags, this.#table.get(fd)!.rightsInheriting);
    return Errno.SUCCESS;
  }

  /**
   * Receive.
   *
   * @param riFlags `Riflags`; WAITALL is the caller's business.
   * @param roFlags Gets `Roflags`.
   * @param from Gets who sent a datagram.
   *
   * Errors: `AGAIN` nothing is there; `NOTCONN`; `CONNRESET`; `CONNREFUSED` an earlier datagram was; `INVAL` unknown flags.
   * POSIX: recvmsg.
   */
  recv(
    fd: number,
    iovs: IoVectors,
    riFlags: number,
    out: U32Result,
    roFlags: U32Result,
    from: AddressResult,
  ): Errno {
    const socket = this.#socketOf(fd, Rights.FD_READ, Errno.BADF);
    if (typeof socket === "number") return socket;
    if ((riFlags & ~(Riflags.RECV_PEEK | Riflags.RECV_WAITALL)) !== 0) return Errno.INVAL;
    const received = this.#received;
    const flags = (riFlags & Riflags.RECV_PEEK) !== 0 ? ReceiveFlags.PEEK : 0;
    const errno = storeCount(socket.receive(iovs, flags, received), out);
    roFlags.value = received.truncated ? 1 : 0;
    from.address = received.from && this.#network?.guestAddress(received.from);
    return errno;
  }

  /**
   * Send; datagrams to `to`, or to the connected peer if that is undefined. Answers a promise if names of the policy
   * have to be looked up first.
   *
   * Errors: `AGAIN` no room; `NOTCONN`; `PIPE`; `CONNRESET`; `MSGSIZE`; `DESTADDRREQ`; `ISCONN`; `ACCES` refused by the policy; `INVAL`
   * unknown flags. POSIX: sendmsg.
   */
  send(
    fd: number,
    iovs: IoVectors,
    siFlags: number,
    to: SocketAddress | undefined,
    out: U32Result,
  ): MaybePromise {
    const socket = this.#socketOf(fd, Rights.FD_WRITE, Errno.BADF);
    if (typeof socket === "number") return socket;
    if (siFlags !== 0) return Errno.INVAL;
    const result = this.#network === undefined ? socket.sendTo(iovs, to) : this.#network.send(socket, iovs, to);
    if (result !== -Errno.INPROGRESS) return storeCount(result, out);
    out.value = 0;
    // The bytes belong to this call: once the names are known, the caller sends again.
    return settled(this.#finish(socket, result, Infinity), (errno) => errno || Errno.AGAIN);
  }

  /** Shut down one or both directions. Errors: `NOTCONN`; `INVAL` none or unknown bits. POSIX: shutdown. */
  shutdown(fd: number, how: number): Errno {
    const socket = this.#socketOf(fd, Rights.SOCK_SHUTDOWN);
    if (typeof socket === "number") return socket;
    if (how === 0 || (how & ~(Sdflags.RD | Sdflags.WR)) !== 0) return Errno.INVAL;
    return errnoFromResult(socket.platformSocket.shutdown(how));
  }

  /** Bind to an address. Errors: `ACCES`; `ADDRINUSE`; `ADDRNOTAVAIL`; `AFNOSUPPORT`; `INVAL` it is bound; those of a path for unix sockets. POSIX: bind. */
  bind(fd: number, address: SocketAddress): MaybePromise {
    const socket = this.#socketOf(fd);
    if (typeof socket === "number") return socket;
    return this.#finish(socket, this.#network!.startBind(socket, address), Infinity);
  }

  /** Listen. Errors: `INVAL`; `NOTSUP` datagrams; `DESTADDRREQ` a unix socket that is not bound; `ACCES`. POSIX: listen. */
  listen(fd: number, backlog: number): MaybePromise {
    const socket = this.#socketOf(fd);
    if (typeof socket === "number") return socket;
    return this.#finish(socket, this.#network!.startListen(socket, backlog), Infinity);
  }

  /**
   * Connect. A stream socket that is NONBLOCK returns `INPROGRESS`: wait until it can be written, then read the option
   * ERROR.
   *
   * Errors: `ACCES`; `CONNREFUSED`; `TIMEDOUT`; `HOSTUNREACH`; `NETUNREACH`; `ISCONN`; `ALREADY`; `AFNOSUPPORT`; `NOENT` no such unix
   * socket. POSIX: connect.
   */
  connect(fd: number, address: SocketAddress): MaybePromise {
    const found = this.#find(fd);
    if (typeof found === "number") return found;
    const socket = found.object as OpenSocket;
    const isStream = socket.type === SocketType.STREAM;
    return settled(this.#admitted(socket, this.#network!.startConnect(socket, address)), (begun) => {
      if (begun === Errno.INPROGRESS && isStream && (found.flags & Fdflags.NONBLOCK) !== 0) return begun;
      const timeoutNs = isStream ? socket.timeoutNs(Interest.WRITE) : Infinity;
      return settled(this.#finish(socket, -begun, timeoutNs), inProgressIfAgain);
    });
  }

  /** Wait until the policy has decided about an operation. @returns 0, INPROGRESS or an errno. */
  #admitted(socket: OpenSocket, begun: number): MaybePromise {
    const names = begun === -Errno.INPROGRESS ? socket.operation?.pendingNames : undefined;
    if (names === undefined) return errnoFromResult(begun);
    const looked = this.#context.waiter.retry(
      names,
      Interest.READ,
      Infinity,
      () => names.readiness() ? Errno.SUCCESS : Errno.AGAIN,
    );
    return settled(looked, () => this.#admitted(socket, socket.finish()));
  }

  /** Wait until an operation is over. */
  #finish(socket: OpenSocket, begun: number, timeoutNs: number): MaybePromise {
    return settled(this.#admitted(socket, begun), (errno) => {
      if (errno !== Errno.INPROGRESS) return errno;
      return this.#context.waiter.retry(socket.pollable, Interest.WRITE, timeoutNs, () => {
        const result = socket.finish();
        return result === -Errno.INPROGRESS ? Errno.AGAIN : errnoFromResult(result);
      });
    });
  }

  /** Value of an option (`SocketOption`). Errors: `NOPROTOOPT`. POSIX: getsockopt. */
  getOpt(fd: number, option: SocketOption, out: OptionResult): Errno {
    const socket = this.#socketOf(fd);
    if (typeof socket === "number") return socket;
    const value = socket.platformSocket.getOption(option);
    if (value < 0 && value !== LINGER_OFF) return errnoFromResult(value);
    out.value = value;
    return Errno.SUCCESS;
  }

  /** Set an option. Errors: `NOPROTOOPT`; `INVAL`. POSIX: setsockopt. */
  setOpt(fd: number, option: SocketOption, value: number): Errno {
    const socket = this.#socketOf(fd);
    if (typeof socket === "number") return socket;
    return errnoFromResult(socket.platformSocket.setOption(option, value));
  }

  /** Its own address. POSIX: getsockname. */
  getLocalAddr(fd: number, out: AddressResult): Errno {
    const socket = this.#socketOf(fd);
    if (typeof socket === "number") return socket;
    out.address = socket.localAddress();
    return Errno.SUCCESS;
  }

  /** The peer's address. Errors: `NOTCONN`. POSIX: getpeername. */
  getPeerAddr(fd: number, out: AddressResult): Errno {
    const socket = this.#socketOf(fd);
    if (typeof socket === "number") return socket;
    const address = socket.peerAddress();
    if (typeof address === "number") return errnoFromResult(address);
    out.address = address;
    return Errno.SUCCESS;
  }

  /**
   * Addresses of a name.
   *
   * @param family `Family`, or 0 for all.
   *
   * Errors: `NOENT` no such name; `AGAIN` try later; `ACCES` the policy names no such name; `IO` the resolver failed. POSIX: getaddrinfo.
   */
  lookup(name: string, family: Family | 0, out: LookupResult): MaybePromise {
    if (this.#network === undefined) return this.#refuse("lookup", name);
    const lookup = this.#network.startLookup(name, family);
    if (typeof lookup === "number") return errnoFromResult(lookup);
    return settled(this.#untilOver(lookup), () => {
      const result = lookup.finish();
      if (typeof result === "number") return errnoFromResult(result);
      out.addresses = result;
      return Errno.SUCCESS;
    });
  }

  /** Wait for a lookup, and drop it if the wait ends early. */
  #untilOver(lookup: GuestLookup): MaybePromise {
    const drop = (reason: unknown): never => {
      lookup.cancel();
      throw reason;
    };
    try {
      const attempt = (): Errno => lookup.isOver ? Errno.SUCCESS : Errno.AGAIN;
      const waited = this.#context.waiter.retry(lookup.pollable, Interest.READ, Infinity, attempt);
      return typeof waited === "number" ? waited : waited.catch(drop);
    } catch (reason) {
      return drop(reason);
    }
  }
}

/** SNDTIMEO ends the wait for a connect, not the connect. */
function inProgressIfAgain(connected: Errno): Errno {
  return connected === Errno.AGAIN ? Errno.INPROGRESS : connected;
}
