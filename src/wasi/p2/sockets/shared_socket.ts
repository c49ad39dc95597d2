/** A socket that several resources of a guest have in common. */

import type { Family, SocketType } from "../../../contract/network.ts";
import type { GuestNetwork } from "../../../core/net/guest_network.ts";
import type { OpenSocket } from "../../../core/net/socket.ts";
import type { OpenFiles } from "../../open_files.ts";
import { creationFailure, ErrorCode, failure, type SocketFailure } from "./error_code.ts";

/** Where a guest's sockets are. */
export interface SocketScope {
  /** The network of the guest. */
  readonly network: GuestNetwork;
  /** Counts its sockets. */
  readonly files: OpenFiles;
}

/** Make a socket of the core, and count it. Failures: `not-supported`, `new-socket-limit`. */
export function openCounted(
  { network, files }: SocketScope,
  family: Family,
  type: SocketType,
): OpenSocket | SocketFailure {
  if (!files.take()) return failure(ErrorCode.NEW_SOCKET_LIMIT);
  const socket = network.openSocket(family, type);
  if (typeof socket !== "number") return socket;
  files.release();
  return creationFailure(socket);
}

/**
 * An open socket that is closed with the last of its owners: the socket's resource, its streams, its pollables. A guest may drop
 * them in any order.
 */
export class SharedSocket {
  /** The socket. */
  readonly open: OpenSocket;
  readonly #files: OpenFiles;
  #owners = 1;

  /**
   * @param open The socket, whose one owner is the caller.
   * @param files Where it is counted already.
   */
  constructor(open: OpenSocket, files: OpenFiles) {
    this.open = open;
    this.#files = files;
  }

  /** True until the last owner has released it. */
  get isOpen(): boolean {
    return this.#owners > 0;
  }

  /** There is one more owner. */
  retain(): this {
    this.#owners++;
    return this;
  }

  /** There is one owner less. */
  release(): void {
    if (--this.#owners > 0) return;
    this.#files.release();
    this.open.close();
  }
}
