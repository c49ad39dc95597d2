/**
 * A second ABI over the core, as small as can be: resources in place of descriptors, no rights, no preview 1. It proves that
 * files, directories, streams, sockets, lookups and waits can be used without preview 1.
 *
 * @module
 */

import type { Family, PlatformNetwork, SocketAddress } from "../../src/contract/network.ts";
import { SocketType } from "../../src/contract/network.ts";
import type { Platform, PlatformDirectory } from "../../src/contract/platform.ts";
import { Interest, type Pollable } from "../../src/contract/pollable.ts";
import type { IoVectors } from "../../src/contract/vectors.ts";
import type { WaitMode } from "../../src/contract/waiter.ts";
import { OpenDirectory } from "../../src/core/fs/directory.ts";
import { Mount, MountedDirectory } from "../../src/core/fs/mounted_directory.ts";
import { newOpenRequest, type OpenedPath, openPath } from "../../src/core/fs/open.ts";
import { PathResolver } from "../../src/core/fs/path_resolver.ts";
import { Deadline } from "../../src/core/io/deadline.ts";
import type { Interrupt } from "../../src/core/io/interrupt.ts";
import type { MaybePromise } from "../../src/core/io/maybe_promise.ts";
import { PollList, type ReadyIndices } from "../../src/core/io/poll_list.ts";
import { GuestWaiter } from "../../src/core/io/wait.ts";
import { nameServerNetwork } from "../../src/core/net/dns/name_server.ts";
import { DnsStub } from "../../src/core/net/dns/stub.ts";
import { GuestWakeSource } from "../../src/core/net/events/wake_source.ts";
import type { GuestLookup } from "../../src/core/net/guest_lookup.ts";
import { GuestNetwork } from "../../src/core/net/guest_network.ts";
import { nameLookup } from "../../src/core/net/name_lookup.ts";
import { NetPolicy } from "../../src/core/net/policy/policy.ts";
import type { OpenSocket } from "../../src/core/net/socket.ts";
import { UnixPaths } from "../../src/core/net/unix_paths.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";

/** The failure of a call. */
class TinyError extends Error {
  /** @param failure Minus an errno. */
  constructor(failure: number) {
    super(errnoName(-failure));
  }
}

/** A resource that can be waited for. */
export interface TinyPollable {
  /** What to wait for. */
  readonly pollable: Pollable;
  /** Bits of `Interest`. */
  readonly interest: number;
}

/** A connect or listen in progress. */
export interface TinyTask extends TinyPollable {
  /** The socket, which is connected or listens once {@linkcode TinyTask.finish} has returned true. */
  readonly socket: OpenSocket;
  /** True once it is over; false to wait again. @throws {TinyError} If it failed. */
  finish(): boolean;
}

/** What a host is made of. */
export interface TinyOptions {
  readonly platform: Platform;
  readonly mode: WaitMode;
  readonly root: PlatformDirectory;
  readonly network?: PlatformNetwork | undefined;
  readonly interrupt?: Interrupt;
}

/** The calls. */
export class TinyHost {
  readonly #waiter: GuestWaiter;
  readonly #polls: PollList;
  readonly #resolver: PathResolver = new PathResolver();
  readonly #mount: Mount;
  readonly #network: GuestNetwork | undefined;

  constructor({ platform, mode, root, network, interrupt }: TinyOptions) {
    this.#waiter = new GuestWaiter(platform, mode, interrupt);
    this.#polls = new PollList(this.#waiter);
    this.#mount = new Mount("/", root);
    if (network !== undefined) this.#network = guestNetwork(network, this.#mount);
  }

  /** Open a path below the root. @throws {TinyError} */
  open(path: string): OpenedPath {
    return checked(openPath(this.#resolver, MountedDirectory.rootOf(this.#mount), path, newOpenRequest()));
  }

  /** Text of a file. @throws {TinyError} */
  readText(path: string): string {
    const file = this.open(path);
    if (file.kind === "directory") throw new TinyError(-Errno.ISDIR);
    const buffer = iovsOf(new Uint8Array(100));
    const count = checked(file.read(buffer));
    file.close();
    return new TextDecoder().decode(buffer.bytes.subarray(0, count));
  }

  /** Names in a directory. @throws {TinyError} */
  list(path: string): string[] {
    const directory = this.open(path);
    if (!(directory instanceof OpenDirectory)) throw new TinyError(-Errno.NOTDIR);
    const cursor = checked(directory.entriesFrom(0));
    const names: string[] = [];
    for (let entry = cursor.next(); entry !== undefined; entry = cursor.next()) names.push(entry.name);
    directory.close();
    return names.filter((name) => name !== "." && name !== "..").sort();
  }

  /** Start to connect a socket. @throws {TinyError} */
  connect(address: SocketAddress): TinyTask {
    const network = this.#network!;
    const socket = checked(network.openSocket(address.family, SocketType.STREAM));
    return taskOf(socket, network.startConnect(socket, address));
  }

  /** Start to bind a socket. @throws {TinyError} */
  bind(address: SocketAddress): TinyTask {
    const network = this.#network!;
    const socket = checked(network.openSocket(address.family, SocketType.STREAM));
    return taskOf(socket, network.startBind(socket, address));
  }

  /** Start to listen. @throws {TinyError} */
  listen(socket: OpenSocket): TinyTask {
    return taskOf(socket, this.#network!.startListen(socket, 5));
  }

  /** Start to look a name up. @throws {TinyError} */
  lookUp(name: string, family: Family): GuestLookup {
    return checked(this.#network!.startLookup(name, family));
  }

  /** A deadline from now. */
  deadline(ms: number): TinyPollable {
    const timeNs = this.#waiter.clock.monotonic() + ms * 1e6;
    return { pollable: new Deadline(this.#waiter.clock, timeNs), interest: Interest.READ };
  }

  /** Wait for the first of a list. @returns Indices of those that are ready; at once where the thread may block. */
  poll(list: readonly TinyPollable[]): MaybePromise<number[]> {
    const polled = { pollables: list.map((each) => each.pollable), interests: list.map((each) => each.interest) };
    const ready: ReadyIndices = { count: 0, indices: new Uint32Array(list.length) };
    const waited = this.#polls.poll(polled, ready);
    const found = (): number[] => [...ready.indices.subarray(0, ready.count)];
    return typeof waited === "number" ? found() : waited.then(found);
  }

  close(): void {
    this.#mount.close();
  }
}

function guestNetwork(network: PlatformNetwork, mount: Mount): GuestNetwork {
  const policy = NetPolicy.all();
  return new GuestNetwork({
    network,
    policy,
    wake: new GuestWakeSource(),
    nameServer: nameServerNetwork(new DnsStub(policy, nameLookup(network))),
    redirectsAllQueries: false,
    paths: new UnixPaths({ mounts: [mount], cwd: "/", onHost: network.hasHostPaths }),
  });
}

function taskOf(socket: OpenSocket, begun: number): TinyTask {
  let result = begun;
  return {
    socket,
    get pollable(): Pollable {
      return socket.operation?.pollable ?? socket.pollable;
    },
    get interest(): number {
      return socket.operation?.interest ?? Interest.WRITE;
    },
    finish(): boolean {
      if (result === -Errno.INPROGRESS) result = socket.finish();
      if (result === -Errno.INPROGRESS) return false;
      checked(result);
      return true;
    },
  };
}

/** @throws {TinyError} For minus an errno. */
function checked<T>(result: T | number): Exclude<T, number> | (T extends number ? number : never) {
  if (typeof result === "number" && result < 0) throw new TinyError(result);
  return result as Exclude<T, number> | (T extends number ? number : never);
}

/** One buffer for a read or write. */
export function iovsOf(bytes: Uint8Array): IoVectors {
  return { bytes, starts: Uint32Array.of(0), lengths: Uint32Array.of(bytes.length), count: 1 };
}
