/** Addresses of unix sockets: paths of the guest, which lie beneath its mounts, and what they are on the host. */

import { Errno } from "../witx/errno.ts";
import { emptyFilestat, Filetype, Lookupflags } from "../witx/types.ts";
import { isWithin, normalPath } from "./guest_path.ts";
import { Family, type SocketAddress } from "./network.ts";
import { atPath, changeAtPath } from "./path_calls.ts";
import { type Mount, Place } from "./place.ts";
import type { Walk } from "./sandbox.ts";
import type { Socket } from "./socket_object.ts";

/** A call with a path of the host: 0 or more, or minus an errno. */
type HostCall = (address: SocketAddress) => number;

/** A call that is made where a look-up ends. */
interface Request {
  readonly call: HostCall;
  result: number;
}

const stat = emptyFilestat();

/** Translates addresses; those of other families stay as they are. */
export class UnixPaths {
  readonly #mounts: readonly Mount[];
  readonly #cwd: string;
  readonly #onHost: boolean;
  /** Paths of the guest, by those of the host, of the sockets that it bound. */
  readonly #bound: Map<string, string> = new Map();

  /**
   * @param mounts Mounts of the guest.
   * @param cwd Where its relative paths start.
   * @param onHost True if sockets lie in the host's file system; false if their names are just names.
   */
  constructor(mounts: readonly Mount[], cwd: string, onHost: boolean) {
    this.#mounts = mounts;
    this.#cwd = cwd;
    this.#onHost = onHost;
  }

  /**
   * Make a call with the address on the host, while the directories that lead there are open: it may name them.
   *
   * @param address Of the guest.
   * @param creates True if the socket is to be made: its directory must be there, not read-only; false if it is there.
   * @param call What to do.
   * @returns What the call answers, or minus an errno: those of `System.pathCreateDirectory`; `NOTSUP` in a directory
   * that is not of the host.
   */
  at(address: SocketAddress, creates: boolean, call: HostCall): number {
    if (address.family !== Family.UNIX) return call(address);
    if (address.host === "") return -Errno.INVAL;
    const path = this.absolute(address).host;
    if (!this.#onHost) return call({ family: Family.UNIX, host: path, port: 0 });
    const mount = this.#mountOf(path);
    if (mount === undefined) return -Errno.ACCES;
    const request: Request = { call, result: 0 };
    const place = new Place(mount.root, mount, "", false);
    const rest = (mount.path === "/" ? path.slice(1) : path.slice(mount.path.length + 1)) || ".";
    const errno = creates
      ? changeAtPath(place, rest, callWithNew, request)
      : atPath(place, rest, Lookupflags.SYMLINK_FOLLOW, callWithSocket, request);
    return errno === Errno.SUCCESS ? request.result : -errno;
  }

  /** The same address with its path from the root on. */
  absolute(address: SocketAddress): SocketAddress {
    if (address.family !== Family.UNIX || address.host === "") return address;
    const path = address.host.startsWith("/") ? address.host : `${this.#cwd}/${address.host}`;
    return { family: Family.UNIX, host: normalPath(path), port: 0 };
  }

  /** Keep the name that the guest gave a socket, which is bound. */
  remember(object: Socket, address: SocketAddress): void {
    object.localPath = address.host;
    this.#bound.set(object.socket.localAddress().host, address.host);
  }

  /** An address of the host as the guest knows it; without a path if it does not. */
  toGuest(address: SocketAddress): SocketAddress {
    if (address.family !== Family.UNIX) return address;
    return { family: Family.UNIX, host: this.#bound.get(address.host) ?? "", port: 0 };
  }

  #mountOf(path: string): Mount | undefined {
    let best: Mount | undefined;
    for (const mount of this.#mounts) {
      if (!isWithin(path, mount.path)) continue;
      if (best === undefined || mount.path.length > best.path.length) best = mount;
    }
    return best;
  }
}

function callWithNew(at: Walk, request: Request): Errno {
  const { directory } = at.place!;
  if (at.name === "") return Errno.ADDRINUSE;
  if (directory.fstatat(at.name, stat) >= 0) return Errno.ADDRINUSE;
  return callAt(at, request);
}

function callWithSocket(at: Walk, request: Request): Errno {
  if (at.name === "") return Errno.CONNREFUSED;
  const result = at.place!.directory.fstatat(at.name, stat);
  if (result < 0) return -result as Errno;
  if (stat.filetype === Filetype.SYMBOLIC_LINK) return Errno.LOOP;
  return callAt(at, request);
}

function callAt(at: Walk, request: Request): Errno {
  const path = at.place!.directory.socketPath?.(at.name) ?? Errno.NOTSUP;
  if (typeof path === "number") return path;
  request.result = request.call({ family: Family.UNIX, host: path, port: 0 });
  return Errno.SUCCESS;
}
