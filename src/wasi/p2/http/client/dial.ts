/** Connecting to a host, as the policy of the guest's network admits it. */

import { parseIp } from "../../../../contract/address.ts";
import { Family, type SocketAddress, SocketOption, SocketType } from "../../../../contract/network.ts";
import { Interest, type Pollable } from "../../../../contract/pollable.ts";
import type { GuestLookup } from "../../../../core/net/guest_lookup.ts";
import type { GuestNetwork } from "../../../../core/net/guest_network.ts";
import type { OpenSocket } from "../../../../core/net/socket.ts";
import { Errno } from "../../../../witx/errno.ts";
import type { OpenFiles } from "../../../open_files.ts";
import { connectError, type ErrorCode, lookupError } from "../error_code.ts";
import { anyInterest, SocketTransport, type Transport } from "./transport.ts";

/** Where sockets are made and counted. */
export interface DialScope {
  /** The network of the guest. */
  readonly network: GuestNetwork;
  /** Its open files. */
  readonly files: OpenFiles;
}

/** Looks up a name and connects to one of its addresses, in their order. It goes on whenever it is asked. */
export class Dial {
  readonly #scope: DialScope;
  readonly #port: number;
  #lookup: GuestLookup | undefined;
  #addresses: readonly SocketAddress[] = [];
  #next = 0;
  #socket: OpenSocket | undefined;
  #failure: ErrorCode | undefined;

  /**
   * @param scope Where sockets are made.
   * @param host A name, or an IP address.
   * @param port The port.
   */
  constructor(scope: DialScope, host: string, port: number) {
    this.#scope = scope;
    this.#port = port;
    const ip = parseIp(host);
    if (ip !== undefined) {
      this.#addresses = [{ family: ip.length === 4 ? Family.INET : Family.INET6, host, port }];
      return;
    }
    const lookup = scope.network.startLookup(host, 0);
    if (typeof lookup === "number") this.#failure = lookupError(lookup);
    else this.#lookup = lookup;
  }

  /** @returns The connection, or why there is none; undefined while there is neither. */
  advance(): Transport | ErrorCode | undefined {
    if (this.#lookup !== undefined && !this.#lookedUp(this.#lookup)) return undefined;
    for (;;) {
      if (this.#socket !== undefined) {
        const result = this.#socket.finish();
        if (result === -Errno.INPROGRESS) return undefined;
        if (result === 0) return this.#connected(this.#socket);
        this.#drop(connectError(result));
      }
      const address = this.#addresses[this.#next++];
      if (address === undefined) return this.#failure ?? { tag: "destination-not-found" };
      const transport = this.#connect({ ...address, port: this.#port });
      if (transport !== undefined) return transport;
    }
  }

  #lookedUp(lookup: GuestLookup): boolean {
    const found = lookup.finish();
    if (found === -Errno.INPROGRESS) return false;
    this.#lookup = undefined;
    if (typeof found === "number") this.#failure = lookupError(found);
    else this.#addresses = found;
    return true;
  }

  #connect(address: SocketAddress): Transport | undefined {
    const { network, files } = this.#scope;
    if (!files.take()) return this.#failed(-Errno.MFILE);
    const socket = network.openSocket(address.family, SocketType.STREAM);
    if (typeof socket === "number") {
      files.release();
      return this.#failed(socket);
    }
    this.#socket = socket;
    const result = network.startConnect(socket, address);
    if (result === 0) return this.#connected(socket);
    if (result !== -Errno.INPROGRESS) this.#drop(connectError(result));
    return undefined;
  }

  #connected(socket: OpenSocket): Transport {
    this.#socket = undefined;
    // Unsupported is fine: small writes are then slower.
    socket.platformSocket.setOption(SocketOption.NODELAY, 1);
    return new SocketTransport(socket, this.#scope.files);
  }

  #failed(result: number): undefined {
    this.#failure = connectError(result);
    return undefined;
  }

  #drop(failure: ErrorCode): void {
    this.#failure = failure;
    this.#socket?.close();
    this.#socket = undefined;
    this.#scope.files.release();
  }

  /** What to wait for, in whatever direction. */
  get pollable(): Pollable | undefined {
    if (this.#lookup !== undefined) return anyInterest(this.#lookup.pollable, Interest.READ);
    const operation = this.#socket?.operation;
    return operation === undefined ? this.#socket?.pollable : anyInterest(operation.pollable, operation.interest);
  }

  /** Nobody wants the connection any more. */
  cancel(): void {
    this.#lookup?.cancel();
    if (this.#socket !== undefined) this.#drop({ tag: "connection-terminated" });
  }
}
