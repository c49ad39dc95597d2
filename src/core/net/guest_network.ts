/**
 * The network of a guest: sockets, connections and lookups as its policy admits them.
 *
 * No call waits. Calls on a socket return 0, `-INPROGRESS` or minus an errno, as those of `PlatformSocket` do; what is
 * in progress is the {@linkcode OpenSocket.operation}, which has something to wait for, and goes on with {@linkcode
 * OpenSocket.finish}.
 *
 * @module
 */

import { Errno } from "../../witx/errno.ts";
import { Family, type PlatformNetwork, type SocketAddress, SocketType, type Wakeable } from "../../contract/network.ts";
import { unmappedAddress } from "../../contract/address.ts";
import type { IoVectors } from "../../contract/vectors.ts";
import { NAME_SERVER } from "./dns/resolver_files.ts";
import { GuestLookup, type LookupContext, PendingNames } from "./guest_lookup.ts";
import type { NetAction, NetPolicy } from "./policy/policy.ts";
import { OpenSocket } from "./socket.ts";
import { type OperationSteps, SocketOperation } from "./socket_operation.ts";
import type { UnixPaths } from "./unix_paths.ts";
import type { Failure } from "../../contract/results.ts";

/** What may be refused. */
export type RefusedAction = NetAction | "lookup";

/** Called with what was refused. `target` is an address, or a name. */
export type OnRefused = (action: RefusedAction, target: SocketAddress | string) => void;

/** Parts of a {@linkcode GuestNetwork}. */
export interface GuestNetworkOptions {
  /** Makes sockets and looks up names. */
  readonly network: PlatformNetwork;
  /** What the guest may reach. */
  readonly policy: NetPolicy;
  /** Notified of everything that happens to the guest's sockets and lookups. */
  readonly wake: Wakeable;
  /** Answers in place of name servers that the guest may not reach. */
  readonly nameServer: PlatformNetwork;
  /** True if `nameServer` answers in place of all name servers. */
  readonly redirectsAllQueries: boolean;
  /** Addresses of unix sockets. */
  readonly paths: UnixPaths;
  /** Called with what the policy refuses. */
  readonly onRefused?: OnRefused | undefined;
}

/** What the policy says: 0, minus an errno, or names to look up first. */
type Verdict = number | readonly string[];

/** The network of a guest. */
export class GuestNetwork {
  readonly #network: PlatformNetwork;
  readonly #policy: NetPolicy;
  readonly #wake: Wakeable;
  readonly #nameServer: PlatformNetwork;
  readonly #redirectsAllQueries: boolean;
  readonly #paths: UnixPaths;
  readonly #onRefused: OnRefused | undefined;
  readonly #lookups: LookupContext;
  readonly #redirected: WeakSet<OpenSocket> = new WeakSet();

  /** @param options Its parts. */
  constructor(options: GuestNetworkOptions) {
    this.#network = options.network;
    this.#policy = options.policy;
    this.#wake = options.wake;
    this.#nameServer = options.nameServer;
    this.#redirectsAllQueries = options.redirectsAllQueries;
    this.#paths = options.paths;
    this.#onRefused = options.onRefused;
    this.#lookups = options;
  }

  /** Make a socket. Errors: AFNOSUPPORT, PROTONOSUPPORT, MFILE. */
  openSocket(family: Family, type: SocketType): OpenSocket | Failure {
    const socket = this.#network.socket(family, type, this.#wake);
    return typeof socket === "number" ? socket : new OpenSocket(socket);
  }

  /** Bind a socket. @returns As `PlatformSocket.bind`; `-ACCES` if the policy refuses the address. */
  startBind(socket: OpenSocket, address: SocketAddress): number {
    if (address.family !== socket.family) return -Errno.AFNOSUPPORT;
    return this.#start(socket, "listen", address, {
      start: () => this.#paths.create(address, (place) => socket.platformSocket.bind(place)),
      succeeded: () => this.#paths.remember(socket, address),
    });
  }

  /**
   * Listen for connections.
   *
   * @returns As `PlatformSocket.listen`; `-ACCES` if the policy refuses the address that an unbound socket would get.
   */
  startListen(socket: OpenSocket, backlog: number): number {
    const steps: OperationSteps = { start: () => socket.platformSocket.listen(backlog) };
    const local = socket.platformSocket.localAddress();
    const isBound = local.port !== 0 || local.family === Family.UNIX;
    return isBound ? socket.begin(new SocketOperation(socket, steps)) : this.#start(socket, "listen", local, steps);
  }

  /** Connect a socket. @returns As `PlatformSocket.connect`; `-ACCES` if the policy refuses the address. */
  startConnect(socket: OpenSocket, address: SocketAddress): number {
    if (address.family !== socket.family) return -Errno.AFNOSUPPORT;
    return this.#start(socket, "connect", address, {
      start: () => {
        const result = this.#paths.reach(address, (place) => socket.platformSocket.connect(place));
        if (result === 0 || result === -Errno.INPROGRESS) socket.peerPath = address.host;
        return result;
      },
    });
  }

  /**
   * Send. The policy decides about the address of each datagram.
   *
   * @param to The destination, for datagrams; undefined for the connected peer.
   * @returns As `PlatformSocket.send`; `-ACCES` if the policy refuses the address; `-INPROGRESS` if names have to be
   * looked up first: once {@linkcode OpenSocket.finish} returns 0, the caller sends again.
   */
  send(socket: OpenSocket, iovs: IoVectors, to: SocketAddress | undefined): number {
    if (to === undefined || socket.type === SocketType.STREAM) return socket.sendTo(iovs, to);
    const verdict = this.#admit(socket, "connect", to);
    const admitted = typeof verdict === "number"
      ? verdict
      : this.#lookUpFirst(socket, "connect", to, verdict, { start: () => 0 });
    if (admitted < 0) return admitted;
    if (to.family !== Family.UNIX) return socket.sendTo(iovs, to);
    return this.#paths.reach(to, (place) => socket.sendTo(iovs, place));
  }

  /** Look up a name. @returns The lookup, which the caller finishes or cancels; or -ACCES. */
  startLookup(name: string, family: Family | 0): GuestLookup | Failure {
    if (!this.#policy.mayLookUp(name)) return this.#refuse("lookup", name);
    return new GuestLookup(this.#lookups, name, family);
  }

  /** The address of a peer as the guest knows it: the path of a unix socket that the guest did not bind is unknown. */
  guestAddress(address: SocketAddress): SocketAddress {
    return this.#paths.toGuest(address);
  }

  #start(socket: OpenSocket, action: NetAction, address: SocketAddress, steps: OperationSteps): number {
    const verdict = this.#admit(socket, action, address);
    if (typeof verdict !== "number") return this.#lookUpFirst(socket, action, address, verdict, steps);
    return verdict < 0 ? verdict : socket.begin(new SocketOperation(socket, steps));
  }

  #lookUpFirst(
    socket: OpenSocket,
    action: NetAction,
    target: SocketAddress,
    names: readonly string[],
    steps: OperationSteps,
  ): number {
    if (socket.operation?.pendingNames !== undefined) return -Errno.ALREADY;
    const address = this.#paths.absolute(target);
    const admit = (): number => this.#permits(action, address) ? 0 : this.#refuse(action, address);
    const pending = new PendingNames(this.#lookups, names);
    return socket.begin(new SocketOperation(socket, { ...steps, admit }, pending));
  }

  /** Ask the policy. A socket that turns to a name server out of its reach is redirected to the built-in one. */
  #admit(socket: OpenSocket, action: NetAction, target: SocketAddress): Verdict {
    const address = this.#paths.absolute(target);
    const isQuery = action === "connect" && address.port === NAME_SERVER.port && address.family !== Family.UNIX;
    const isBuiltIn = isQuery && unmappedAddress(address).host === NAME_SERVER.host;
    if (isQuery && (this.#redirectsAllQueries || isBuiltIn)) return this.#redirect(socket);
    if (this.#permits(action, address)) return 0;
    if (isQuery) return this.#redirect(socket);
    if (action === "listen" && isEphemeral(address, socket)) return 0;
    const names = this.#policy.pending(address, action);
    return names.length === 0 ? this.#refuse(action, address) : names;
  }

  #permits(action: NetAction, address: SocketAddress): boolean {
    return action === "listen" ? this.#policy.mayListen(address) : this.#policy.mayConnect(address);
  }

  /** Replace the platform's socket by one of the built-in name server. */
  #redirect(socket: OpenSocket): number {
    // A second connect of a connected socket fails by itself.
    const isConnected = socket.type === SocketType.STREAM && typeof socket.platformSocket.peerAddress() !== "number";
    if (isConnected || this.#redirected.has(socket)) return 0;
    const replacement = this.#nameServer.socket(socket.family, socket.type, this.#wake);
    if (typeof replacement === "number") return replacement;
    this.#redirected.add(socket);
    socket.replace(replacement);
    return 0;
  }

  #refuse(action: RefusedAction, target: SocketAddress | string): number {
    this.#onRefused?.(action, target);
    return -Errno.ACCES;
  }
}

/** True for the address that a datagram socket gets when it sends unbound: any port, everywhere. */
function isEphemeral({ host, port }: SocketAddress, { type }: OpenSocket): boolean {
  return type === SocketType.DGRAM && port === 0 && (host === "0.0.0.0" || host === "::");
}
