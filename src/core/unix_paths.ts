/** Addresses of unix sockets: paths of the guest, which lie beneath its mounts, and what they are on the host. */

import { Errno } from "../witx/errno.ts";
import { emptyFilestat, Filetype, Lookupflags } from "../witx/types.ts";
import { isWithin, normalPath } from "./guest_path.ts";
import { Family, type SocketAddress } from "./network.ts";
import { atPath, changeAtPath } from "./path_calls.ts";
import { type Mount, Place } from "./place.ts";
import type { Walk } from "./sandbox.ts";
import type { Socket } from "./socket_object.ts";

interface Found {
  path: string;
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
   * The address on the host.
   *
   * @param address Of the guest.
   * @param creates True if the socket is to be made: its directory must be there, not read-only; false if it is there.
   * @returns Errors as those of `System.pathCreateDirectory`; `NOTSUP` in a directory that is not of the host.
   */
  toHost(address: SocketAddress, creates: boolean): SocketAddress | Errno {
    if (address.family !== Family.UNIX) return address;
    if (address.host === "") return Errno.INVAL;
    const path = this.absolute(address).host;
    if (!this.#onHost) return { family: Family.UNIX, host: path, port: 0 };
    const mount = this.#mountOf(path);
    if (mount === undefined) return Errno.ACCES;
    const found: Found = { path: "" };
    const place = new Place(mount.root, mount, "", false);
    const rest = (mount.path === "/" ? path.slice(1) : path.slice(mount.path.length + 1)) || ".";
    const errno = creates
      ? changeAtPath(place, rest, hostPathOfNew, found)
      : atPath(place, rest, Lookupflags.SYMLINK_FOLLOW, hostPathOfSocket, found);
    return errno === Errno.SUCCESS ? { family: Family.UNIX, host: found.path, port: 0 } : errno;
  }

  /** The same address with its path from the root on. */
  absolute(address: SocketAddress): SocketAddress {
    if (address.family !== Family.UNIX || address.host === "") return address;
    const path = address.host.startsWith("/") ? address.host : `${this.#cwd}/${address.host}`;
    return { family: Family.UNIX, host: normalPath(path), port: 0 };
  }

  /** Keep the name that the guest gave a socket. */
  remember(object: Socket, address: SocketAddress, onHost: SocketAddress): void {
    object.localPath = address.host;
    this.#bound.set(onHost.host, address.host);
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

function hostPathOfNew(at: Walk, found: Found): Errno {
  const { directory } = at.place!;
  if (at.name === "") return Errno.ADDRINUSE;
  if (directory.fstatat(at.name, stat) >= 0) return Errno.ADDRINUSE;
  return storeHostPath(at, found);
}

function hostPathOfSocket(at: Walk, found: Found): Errno {
  if (at.name === "") return Errno.CONNREFUSED;
  const result = at.place!.directory.fstatat(at.name, stat);
  if (result < 0) return -result as Errno;
  if (stat.filetype === Filetype.SYMBOLIC_LINK) return Errno.LOOP;
  return storeHostPath(at, found);
}

function storeHostPath(at: Walk, found: Found): Errno {
  const path = at.place!.directory.socketPath?.(at.name) ?? Errno.NOTSUP;
  if (typeof path === "number") return path;
  found.path = path;
  return Errno.SUCCESS;
}
