/** The part of a system that works on sockets: look up, ask the policy, delegate, and wait for what every caller waits for. */

import { Errno } from "../witx/errno.ts";
import { Fdflags, FDFLAGS_ALL, Riflags, Rights, Sdflags } from "../witx/types.ts";
import { andThen, type Answer, settled } from "./answer.ts";
import type { Descriptor } from "./descriptor.ts";
import { FdTable } from "./fd_table.ts";
import {
  Family,
  LINGER_OFF,
  type PlatformNetwork,
  type PlatformSocket,
  type Received,
  type SocketAddress,
  type SocketOption,
  SocketType,
  type Wakeable,
} from "./network.ts";
import { PathSystem } from "./path_system.ts";
import type { Mount } from "./place.ts";
import type { Platform, Waiter } from "./platform.ts";
import { type Interrupt, type PollContext, retryUntil } from "./poll.ts";
import { Interest } from "./pollable.ts";
import { SOCKET_RIGHTS } from "./rights.ts";
import { NAME_SERVER } from "./socket/resolver_files.ts";
import { Socket } from "./socket_object.ts";
import type { AddressResult, LookupResult, OptionResult, SizeResult } from "./system.ts";
import { TurnMeter } from "./turns.ts";
import { UnixPaths } from "./unix_paths.ts";
import type { IoVectors } from "./vectors.ts";

/** What a guest may reach. */
export interface SocketPolicy {
  /** True if it may listen there. */
  mayListen(address: SocketAddress): boolean;
  /** True if it may connect or send there. */
  mayConnect(address: SocketAddress): boolean;
  /** Names that have to be looked up before an address is refused. */
  pending(address: SocketAddress, action: "listen" | "connect"): readonly string[];
  /** True if the guest may know the addresses of a name. */
  mayLookUp(name: string): boolean;
  /** Told what a name stands for. @returns What it stands for as far as the guest is concerned. */
  learn(name: string, addresses: readonly SocketAddress[]): readonly SocketAddress[];
}

/** What is asked of the policy. */
export type NetAction = "listen" | "connect" | "lookup";

/** The network of a guest. */
export interface GuestNetwork {
  /** Makes sockets. */
  readonly network: PlatformNetwork;
  /** What it may reach. */
  readonly policy: SocketPolicy;
  /** Notified of what happens to its sockets. */
  readonly wake: Wakeable;
  /** Sockets that are open when it starts, from descriptor 3 on. */
  readonly preopened: readonly PlatformSocket[];
  /** Answers in place of name servers that the guest may not reach. */
  readonly nameServer: PlatformNetwork;
  /** True if it answers in place of all name servers. */
  readonly servesAllNames: boolean;
}

/** Told of what was refused. `target` is an address, or a name. */
export type OnRefused = (action: NetAction, target: SocketAddress | string) => void;

const received: Received = { truncated: false, from: undefined };

/** What this part of a system is made of. */
export interface SocketSystemOptions {
  /** The host. */
  readonly platform: Platform;
  /** How to wait. */
  readonly waiter: Waiter;
  /** Ends the guest. */
  readonly interrupt: Interrupt | undefined;
  /** Mounts, in the order of their descriptors, which follow those of the preopened sockets. */
  readonly mounts: readonly Mount[];
  /** Descriptors that may be open at once. */
  readonly maxOpenFiles: number;
  /** Where relative paths of unix sockets start. */
  readonly cwd?: string;
  /** The network, if it may have one. */
  readonly network?: GuestNetwork | undefined;
  /** Told of what the network's policy refused. */
  readonly onRefused?: OnRefused | undefined;
  /** Told of a path beneath no preopen, where the guest's libc hands it on with descriptor -1, as Go's does. */
  readonly onMissingPreopen?: ((path: string) => void) | undefined;
}

/** The calls of `System` with sockets. */
export abstract class SocketSystem extends PathSystem implements PollContext {
  readonly waiter: Waiter;
  readonly interrupt: Interrupt | undefined;
  readonly turns: TurnMeter;
  readonly #guest: GuestNetwork | undefined;
  readonly #paths: UnixPaths;
  readonly #onRefused: OnRefused | undefined;
  /** Sockets that talk with the host's own name server. */
  readonly #diverted: WeakSet<PlatformSocket> = new WeakSet();

  /** @param options What it is made of. */
  constructor(options: SocketSystemOptions) {
    super(options.platform, new FdTable(options.maxOpenFiles), options.onMissingPreopen);
    this.waiter = options.waiter;
    this.interrupt = options.interrupt;
    this.turns = new TurnMeter(options.platform.clock.monotonic());
    this.#guest = options.network;
    this.#paths = new UnixPaths(options.mounts, options.cwd ?? "/", options.network?.network.hasHostPaths ?? false);
    this.#onRefused = options.onRefused;
  }

  #find(fd: number): Descriptor | Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    return descriptor.object instanceof Socket ? descriptor : Errno.NOTSOCK;
  }

  #socketOf(fd: number, right: number = 0, otherwise: Errno = Errno.NOTCAPABLE): Socket | Errno {
    const found = this.#find(fd);
    if (typeof found === "number") return found;
    return (found.rightsBase & right) === right ? (found.object as Socket) : otherwise;
  }

  #insert(object: Socket, flags: number, rights: number): number {
    return this.table.insert({
      object,
      flags,
      rightsBase: rights,
      rightsInheriting: rights,
      preopenName: undefined,
      unfailing: false,
    });
  }

  sockOpen(family: number, type: number, out: SizeResult): Errno {
    if (family < Family.INET || family > Family.UNIX || type < SocketType.DGRAM || type > SocketType.STREAM) {
      return Errno.INVAL;
    }
    const guest = this.#guest;
    if (guest === undefined) return this.#refuse("connect", "*");
    if (!this.table.hasRoom()) return Errno.MFILE;
    const socket = guest.network.socket(family as Family, type as SocketType, guest.wake);
    if (typeof socket === "number") return socket;
    out.size = this.#insert(new Socket(socket), 0, SOCKET_RIGHTS);
    return Errno.SUCCESS;
  }

  sockAccept(fd: number, flags: number, out: SizeResult): Errno {
    if ((flags & ~FDFLAGS_ALL) !== 0) return Errno.INVAL;
    const object = this.#socketOf(fd, Rights.SOCK_ACCEPT);
    if (typeof object === "number") return object;
    if ((flags & ~Fdflags.NONBLOCK) !== 0) return Errno.INVAL;
    if (!this.table.hasRoom()) return Errno.MFILE;
    const socket = object.socket.accept();
    if (typeof socket === "number") return socket;
    const accepted = new Socket(socket);
    accepted.localPath = object.localPath;
    out.size = this.#insert(accepted, flags, this.table.get(fd)!.rightsInheriting);
    return Errno.SUCCESS;
  }

  sockRecv(
    fd: number,
    iovs: IoVectors,
    riFlags: number,
    out: SizeResult,
    roFlags: SizeResult,
    from: AddressResult,
  ): Errno {
    const object = this.#socketOf(fd, Rights.FD_READ, Errno.BADF);
    if (typeof object === "number") return object;
    if ((riFlags & ~(Riflags.RECV_PEEK | Riflags.RECV_WAITALL)) !== 0) return Errno.INVAL;
    const errno = object.receive(iovs, (riFlags & Riflags.RECV_PEEK) !== 0, out, received);
    roFlags.size = received.truncated ? 1 : 0;
    from.address = received.from === undefined ? undefined : this.#paths.toGuest(received.from);
    return errno;
  }

  sockSend(
    fd: number,
    iovs: IoVectors,
    siFlags: number,
    to: SocketAddress | undefined,
    out: SizeResult,
  ): Answer {
    const object = this.#socketOf(fd, Rights.FD_WRITE, Errno.BADF);
    if (typeof object === "number") return object;
    if (siFlags !== 0) return Errno.INVAL;
    if (to === undefined || object.socket.type === SocketType.STREAM) return object.send(iovs, to, out);
    const admitted = this.#admit("connect", to, object);
    if (admitted === Errno.SUCCESS) return this.#sendTo(object, iovs, to, out);
    if (typeof admitted === "number") return admitted;
    // The pieces are valid during this call only: once the name is known, the caller is to try again.
    return admitted.then((errno) => errno || Errno.AGAIN);
  }

  #sendTo(object: Socket, iovs: IoVectors, to: SocketAddress, out: SizeResult): Errno {
    if (to.family !== Family.UNIX) return object.send(iovs, to, out);
    out.size = 0;
    return -this.#paths.at(to, false, (place) => -object.send(iovs, place, out)) as Errno;
  }

  sockShutdown(fd: number, how: number): Errno {
    const object = this.#socketOf(fd, Rights.SOCK_SHUTDOWN);
    if (typeof object === "number") return object;
    if (how === 0 || (how & ~(Sdflags.RD | Sdflags.WR)) !== 0) return Errno.INVAL;
    return -object.socket.shutdown(how) as Errno;
  }

  sockBind(fd: number, address: SocketAddress): Answer {
    const object = this.#socketOf(fd);
    if (typeof object === "number") return object;
    if (address.family !== object.socket.family) return Errno.AFNOSUPPORT;
    const admitted = this.#admit("listen", address, object);
    return andThen(admitted, () => {
      const begun = this.#paths.at(address, true, (place) => object.socket.bind(place));
      return andThen(this.#settle(object, begun, Infinity), () => {
        if (address.family === Family.UNIX) this.#paths.remember(object, address);
        return Errno.SUCCESS;
      });
    });
  }

  sockListen(fd: number, backlog: number): Answer {
    const object = this.#socketOf(fd);
    if (typeof object === "number") return object;
    const { socket } = object;
    const local = socket.localAddress();
    const isBound = local.port !== 0 || socket.family === Family.UNIX;
    const admitted = isBound ? Errno.SUCCESS : this.#admit("listen", local, object);
    return andThen(admitted, () => this.#settle(object, socket.listen(backlog), Infinity));
  }

  sockConnect(fd: number, address: SocketAddress): Answer {
    const found = this.#find(fd);
    if (typeof found === "number") return found;
    const object = found.object as Socket;
    if (address.family !== object.socket.family) return Errno.AFNOSUPPORT;
    const admitted = this.#admit("connect", address, object);
    return andThen(admitted, () => {
      const result = this.#paths.at(address, false, (place) => object.socket.connect(place));
      if (result === 0 || result === -Errno.INPROGRESS) object.peerPath = address.host;
      const isStream = object.socket.type === SocketType.STREAM;
      if (result === -Errno.INPROGRESS && isStream && (found.flags & Fdflags.NONBLOCK) !== 0) return Errno.INPROGRESS;
      const connected = this.#settle(object, result, isStream ? object.timeoutNs(Interest.WRITE) : Infinity);
      return settled(connected, orInProgress);
    });
  }

  /** Wait for what is in progress. */
  #settle(object: Socket, begun: number, timeoutNs: number): Answer {
    if (begun !== -Errno.INPROGRESS) return -begun as Errno;
    return retryUntil(this, object.socket, Interest.WRITE, timeoutNs, () => {
      const result = object.socket.finish();
      return result === -Errno.INPROGRESS ? Errno.AGAIN : (-result as Errno);
    });
  }

  sockGetOpt(fd: number, option: SocketOption, out: OptionResult): Errno {
    const object = this.#socketOf(fd);
    if (typeof object === "number") return object;
    const value = object.socket.getOption(option);
    if (value < 0 && value !== LINGER_OFF) return -value as Errno;
    out.value = value;
    return Errno.SUCCESS;
  }

  sockSetOpt(fd: number, option: SocketOption, value: number): Errno {
    const object = this.#socketOf(fd);
    if (typeof object === "number") return object;
    return -object.socket.setOption(option, value) as Errno;
  }

  sockGetLocalAddr(fd: number, out: AddressResult): Errno {
    const object = this.#socketOf(fd);
    if (typeof object === "number") return object;
    out.address = object.localAddress();
    return Errno.SUCCESS;
  }

  sockGetPeerAddr(fd: number, out: AddressResult): Errno {
    const object = this.#socketOf(fd);
    if (typeof object === "number") return object;
    const address = object.peerAddress();
    if (typeof address === "number") return address;
    out.address = address;
    return Errno.SUCCESS;
  }

  sockLookup(name: string, family: Family | 0, out: LookupResult): Answer {
    const guest = this.#guest;
    if (guest === undefined || !guest.policy.mayLookUp(name)) return this.#refuse("lookup", name);
    return this.#resolve(guest, name, family, out);
  }

  #resolve(guest: GuestNetwork, name: string, family: Family | 0, out: LookupResult): Answer {
    const lookup = guest.network.lookup(name, family, guest.wake);
    const over = retryUntil(this, lookup, Interest.READ, Infinity, () => {
      return lookup.readiness(Interest.READ) === 0 ? Errno.AGAIN : Errno.SUCCESS;
    });
    return andThen(over, () => {
      const result = lookup.result();
      if (typeof result === "number") return result;
      out.addresses = guest.policy.learn(name, result);
      return Errno.SUCCESS;
    });
  }

  /**
   * Ask the policy; a promise if names have to be looked up first. A socket that turns to a name server which it may not
   * reach gets the one of the host instead.
   */
  #admit(action: "listen" | "connect", target: SocketAddress, object: Socket): Answer {
    const guest = this.#guest;
    if (guest === undefined) return Errno.ACCES;
    const address = this.#paths.absolute(target);
    const isQuery = action === "connect" && address.port === NAME_SERVER.port && address.family !== Family.UNIX;
    if (isQuery && (guest.servesAllNames || address.host === NAME_SERVER.host)) return this.#divert(guest, object);
    if (this.#permits(guest, action, address)) return Errno.SUCCESS;
    if (isQuery) return this.#divert(guest, object);
    if (action === "listen" && isEphemeral(address, object)) return Errno.SUCCESS;
    const names = guest.policy.pending(address, action);
    if (names.length === 0) return this.#refuse(action, address);
    return this.#admitAfter(guest, names, action, address);
  }

  #admitAfter(
    guest: GuestNetwork,
    names: readonly string[],
    action: "listen" | "connect",
    address: SocketAddress,
  ): Answer {
    const all = names.map((name) => this.#resolve(guest, name, 0, { addresses: [] }));
    const admit = (): Errno => this.#permits(guest, action, address) ? Errno.SUCCESS : this.#refuse(action, address);
    return all.every((answer) => typeof answer === "number") ? admit() : Promise.all(all).then(admit);
  }

  #permits({ policy }: GuestNetwork, action: "listen" | "connect", address: SocketAddress): boolean {
    return action === "listen" ? policy.mayListen(address) : policy.mayConnect(address);
  }

  #divert(guest: GuestNetwork, object: Socket): Errno {
    const { socket } = object;
    // One that is connected already is told so by its own connect.
    const isConnected = socket.type === SocketType.STREAM && typeof socket.peerAddress() !== "number";
    if (isConnected || this.#diverted.has(socket)) return Errno.SUCCESS;
    const stand = guest.nameServer.socket(socket.family, socket.type, guest.wake);
    if (typeof stand === "number") return stand;
    socket.close();
    this.#diverted.add(stand);
    object.socket = stand;
    return Errno.SUCCESS;
  }

  #refuse(action: NetAction, target: SocketAddress | string): Errno {
    this.#onRefused?.(action, target);
    return Errno.ACCES;
  }
}

/** What a datagram socket that sends is bound to anyway: any port, everywhere. */
function isEphemeral({ host, port }: SocketAddress, { socket }: Socket): boolean {
  return socket.type === SocketType.DGRAM && port === 0 && (host === "0.0.0.0" || host === "::");
}

/** SNDTIMEO ends the wait for a connect, not the connect. */
function orInProgress(connected: Errno): Errno {
  return connected === Errno.AGAIN ? Errno.INPROGRESS : connected;
}
