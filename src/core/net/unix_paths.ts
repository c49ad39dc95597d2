/** Addresses of unix sockets: paths of the guest, beneath its mounts, and the paths of the host that they stand for. */

import { Errno } from "../../witx/errno.ts";
import { Filetype } from "../../witx/types.ts";
import { isWithin, normalPath } from "../fs/guest_path.ts";
import { Family, type SocketAddress } from "../../contract/network.ts";
import { PathResolver } from "../fs/path_resolver.ts";
import { type Mount, MountedDirectory } from "../fs/mounted_directory.ts";
import type { PathWalk } from "../fs/path_walk.ts";
import type { OpenSocket } from "./socket.ts";

/** Called with a path of the host. @returns 0 or more, or minus an errno. */
type HostCall = (address: SocketAddress) => number;

/** Resolves a path and makes the call there. */
type LookUp = (resolver: PathResolver, root: MountedDirectory, path: string, call: HostCall) => number;

/** Parts of {@linkcode UnixPaths}. */
export interface UnixPathsOptions {
  /** Mounts of the guest. */
  readonly mounts: readonly Mount[];
  /** The directory of the guest that relative paths start from. */
  readonly cwd: string;
  /** True if sockets lie in the host's file system; false if their paths are just names. */
  readonly onHost: boolean;
}

/** Translates addresses of unix sockets; those of other families stay as they are. */
export class UnixPaths {
  readonly #options: UnixPathsOptions;
  readonly #resolver: PathResolver = new PathResolver();
  /** Paths of the guest, by those of the host, of the sockets that it bound. */
  readonly #bound: Map<string, string> = new Map();

  /** @param options Their parts. */
  constructor(options: UnixPathsOptions) {
    this.#options = options;
  }

  /**
   * Make a call that creates a socket in the host's file system. The directories of its path stay open during the call.
   *
   * @param address Of the guest.
   * @param call What to do with the address on the host.
   * @returns The result of the call, or minus an errno: those of `System.pathCreateDirectory`; ADDRINUSE if the path
   * exists; NOTSUP in a directory that is not of the host.
   */
  create(address: SocketAddress, call: HostCall): number {
    return this.#at(address, call, createAt);
  }

  /**
   * Make a call with a socket that exists. The directories of its path stay open during the call.
   *
   * @param address Of the guest.
   * @param call What to do with the address on the host.
   * @returns The result of the call, or minus an errno: those of `System.pathOpen`; NOTSUP in a directory that is not of
   * the host.
   */
  reach(address: SocketAddress, call: HostCall): number {
    return this.#at(address, call, reachAt);
  }

  #at(address: SocketAddress, call: HostCall, lookUp: LookUp): number {
    if (address.family !== Family.UNIX) return call(address);
    if (address.host === "") return -Errno.INVAL;
    const path = this.absolute(address).host;
    if (!this.#options.onHost) return call({ family: Family.UNIX, host: path, port: 0 });
    const mount = this.#mountOf(path);
    if (mount === undefined) return -Errno.ACCES;
    const rest = (mount.path === "/" ? path.slice(1) : path.slice(mount.path.length + 1)) || ".";
    return lookUp(this.#resolver, MountedDirectory.rootOf(mount), rest, call);
  }

  /** The same address with an absolute path. */
  absolute(address: SocketAddress): SocketAddress {
    if (address.family !== Family.UNIX || address.host === "") return address;
    const path = address.host.startsWith("/") ? address.host : `${this.#options.cwd}/${address.host}`;
    return { family: Family.UNIX, host: normalPath(path), port: 0 };
  }

  /** Keep the path that the guest gave a socket, which is bound now. */
  remember(socket: OpenSocket, address: SocketAddress): void {
    if (address.family !== Family.UNIX) return;
    socket.localPath = address.host;
    this.#bound.set(socket.platformSocket.localAddress().host, address.host);
  }

  /** An address of the host as the guest knows it: without a path, unless the guest bound it. */
  toGuest(address: SocketAddress): SocketAddress {
    if (address.family !== Family.UNIX) return address;
    return { family: Family.UNIX, host: this.#bound.get(address.host) ?? "", port: 0 };
  }

  #mountOf(path: string): Mount | undefined {
    let best: Mount | undefined;
    for (const mount of this.#options.mounts) {
      if (!isWithin(path, mount.path)) continue;
      if (best === undefined || mount.path.length > best.path.length) best = mount;
    }
    return best;
  }
}

function createAt(resolver: PathResolver, root: MountedDirectory, path: string, call: HostCall): number {
  return resolver.resolveToModify(root, path, callWithNew, call);
}

function reachAt(resolver: PathResolver, root: MountedDirectory, path: string, call: HostCall): number {
  return resolver.resolve(root, path, "follow", callWithSocket, call);
}

function callWithNew(walk: PathWalk, call: HostCall): number {
  if (walk.name === "") return -Errno.ADDRINUSE;
  if (walk.parent!.directory.fstatat(walk.name, walk.stat) >= 0) return -Errno.ADDRINUSE;
  return callAt(walk, call);
}

function callWithSocket(walk: PathWalk, call: HostCall): number {
  if (walk.name === "") return -Errno.CONNREFUSED;
  const result = walk.parent!.directory.fstatat(walk.name, walk.stat);
  if (result < 0) return result;
  if (walk.stat.filetype === Filetype.SYMBOLIC_LINK) return -Errno.LOOP;
  return callAt(walk, call);
}

function callAt(walk: PathWalk, call: HostCall): number {
  const path = walk.parent!.directory.socketPath?.(walk.name) ?? -Errno.NOTSUP;
  return typeof path === "number" ? path : call({ family: Family.UNIX, host: path, port: 0 });
}
