/** Receives, sends and accepts, shared by the socket functions of preview 1 and WasmEdge. */

import { Errno } from "../../witx/errno.ts";
import { Riflags } from "../../witx/types.ts";
import type { MaybePromise } from "../../core/io/maybe_promise.ts";
import type { SocketAddress } from "../../contract/network.ts";
import { Interest } from "../../contract/pollable.ts";
import type { AddressResult, U32Result } from "../results.ts";
import type { System } from "../system.ts";
import type { Abi } from "./abi.ts";
import { emptyIoVectors, type GuestMemory } from "./memory.ts";
import { resumed, retryWhileAgain } from "./suspend.ts";

/** Where the results of a receive go. */
export interface ReceiveResults {
  /** Number of bytes (u32). */
  readonly sizePtr: number;
  /** `roflags` (u16). */
  readonly flagsPtr: number;
  /** Called before anything is received. Returns `FAULT` if the sender's address can't be stored. */
  readonly checkAddress?: (() => Errno) | undefined;
  /** Stores the sender's address. Returns `SUCCESS`, `FAULT` or `INVAL`. */
  readonly storeAddress?: ((from: SocketAddress | undefined) => Errno) | undefined;
}

/** Reads where to send: an address, undefined for the peer, or the errno of an address that can't be read. */
type Destination = () => SocketAddress | Errno | undefined;

/** Sends to the peer of a connected socket. */
export const toPeer: Destination = (): undefined => undefined;

/** Receives, sends and accepts; while a blocking socket is not ready it waits and tries again. */
export class SocketTransfers {
  readonly #abi: Abi;
  readonly #system: System;
  readonly #memory: GuestMemory;
  readonly #iovs = emptyIoVectors();
  readonly #moved: U32Result = { value: 0 };
  readonly #roFlags: U32Result = { value: 0 };
  readonly #from: AddressResult = { address: undefined };
  readonly #plain = { sizePtr: 0, flagsPtr: 0 };

  /** @param abi What the imports of the guest share. */
  constructor(abi: Abi) {
    this.#abi = abi;
    this.#system = abi.system;
    this.#memory = abi.memory;
  }

  /** Accept a connection and store its descriptor. */
  accept(fd: number, flags: number, resultPtr: number): MaybePromise {
    const attempt = (): Errno => {
      const errno = this.#system.sock.accept(fd, flags, this.#moved);
      if (errno === Errno.SUCCESS) this.#memory.storeU32(resultPtr, this.#moved.value);
      return errno;
    };
    return this.#whileAgain(fd, Interest.READ, attempt);
  }

  /** As {@linkcode receive}, without the sender's address. Does not allocate unless it has to wait. */
  receivePlain(fd: number, ptr: number, count: number, flags: number, sizePtr: number, flagsPtr: number): MaybePromise {
    if ((flags & Riflags.RECV_WAITALL) === 0) {
      this.#plain.sizePtr = sizePtr;
      this.#plain.flagsPtr = flagsPtr;
      const errno = this.#receiveOnce(fd, ptr, count, flags, this.#plain);
      if (errno !== Errno.AGAIN) return errno;
    }
    return this.receive(fd, ptr, count, flags, { sizePtr, flagsPtr });
  }

  #receiveOnce(fd: number, ptr: number, count: number, flags: number, results: ReceiveResults): Errno {
    const decoded = this.#decode(ptr, count, results);
    if (decoded !== Errno.SUCCESS) return decoded;
    const errno = this.#system.sock.recv(fd, this.#iovs, flags, this.#moved, this.#roFlags, this.#from);
    return errno === Errno.SUCCESS ? this.#received(this.#moved.value, results) : errno;
  }

  /** Receive; with WAITALL until all buffers are full. */
  receive(fd: number, ptr: number, count: number, flags: number, results: ReceiveResults): MaybePromise {
    const waitsForAll = (flags & (Riflags.RECV_WAITALL | Riflags.RECV_PEEK)) === Riflags.RECV_WAITALL;
    let done = 0;
    const attempt = (): Errno => {
      const decoded = this.#decode(ptr, count, results);
      if (decoded !== Errno.SUCCESS) return decoded;
      const wanted = waitsForAll ? skip(this.#iovs, done) : 0;
      if (done > 0 && this.#hasFailed(fd)) return this.#received(done, results);
      const errno = this.#system.sock.recv(fd, this.#iovs, flags, this.#moved, this.#roFlags, this.#from);
      if (errno !== Errno.SUCCESS) return errno;
      done += this.#moved.value;
      if (waitsForAll && this.#moved.value > 0 && this.#moved.value < wanted && this.#isStream()) return Errno.AGAIN;
      return this.#received(done, results);
    };
    const result = this.#whileAgain(fd, Interest.READ, attempt);
    if (!waitsForAll) return result;
    // A non-blocking socket returns what has arrived.
    return resumed(
      this.#memory,
      result,
      (errno) =>
        errno === Errno.AGAIN && done > 0 ? this.#decode(ptr, count, results) || this.#received(done, results) : errno,
    );
  }

  /** An error after the first bytes is left to the next call. */
  #hasFailed(fd: number): boolean {
    const errno = this.#system.sock.recv(
      fd,
      this.#iovs,
      Riflags.RECV_PEEK,
      this.#moved,
      this.#roFlags,
      this.#from,
    );
    return errno !== Errno.SUCCESS && errno !== Errno.AGAIN;
  }

  #isStream(): boolean {
    return this.#from.address === undefined;
  }

  #decode(ptr: number, count: number, { checkAddress }: ReceiveResults): Errno {
    const checked = checkAddress?.() ?? Errno.SUCCESS;
    return checked === Errno.SUCCESS ? this.#memory.readIovecs(ptr, count, this.#iovs) : checked;
  }

  #received(size: number, { sizePtr, flagsPtr, storeAddress }: ReceiveResults): Errno {
    const stored = storeAddress?.(this.#from.address) ?? Errno.SUCCESS;
    if (stored !== Errno.SUCCESS) return stored;
    this.#memory.storeU32(sizePtr, size);
    this.#memory.view.setUint16(flagsPtr, this.#roFlags.value, true);
    return Errno.SUCCESS;
  }

  /** Send, to an address or to the peer. Does not allocate unless it has to wait. */
  send(fd: number, ptr: number, count: number, flags: number, to: Destination, sizePtr: number): MaybePromise {
    const first = this.#sendOnce(fd, ptr, count, flags, to, sizePtr);
    return first === Errno.SUCCESS ? first : this.#sendAfter(first, fd, ptr, count, flags, to, sizePtr);
  }

  #sendOnce(fd: number, ptr: number, count: number, flags: number, to: Destination, sizePtr: number): MaybePromise {
    const memory = this.#memory;
    const decoded = memory.readIovecs(ptr, count, this.#iovs);
    if (decoded !== Errno.SUCCESS) return decoded;
    const address = to();
    if (typeof address === "number") return address;
    const sent = this.#system.sock.send(fd, this.#iovs, flags, address, this.#moved);
    if (sent === Errno.SUCCESS) memory.storeU32(sizePtr, this.#moved.value);
    return sent;
  }

  /** Continue after a first attempt that did not succeed at once. */
  #sendAfter(
    first: MaybePromise,
    fd: number,
    ptr: number,
    count: number,
    flags: number,
    to: Destination,
    sizePtr: number,
  ): MaybePromise {
    // Host names of the policy are looked up once: no later attempt returns a promise.
    const attempt = (): Errno => this.#sendOnce(fd, ptr, count, flags, to, sizePtr) as Errno;
    if (typeof first === "number") {
      return first === Errno.AGAIN ? retryWhileAgain(this.#abi, fd, Interest.WRITE, "suspend", attempt) : first;
    }
    return resumed(
      this.#memory,
      first,
      (errno) => errno === Errno.AGAIN ? this.#whileAgain(fd, Interest.WRITE, attempt) : errno,
    );
  }

  #whileAgain(fd: number, interest: number, attempt: () => Errno): MaybePromise {
    const errno = attempt();
    return errno === Errno.AGAIN ? retryWhileAgain(this.#abi, fd, interest, "suspend", attempt) : errno;
  }
}

/** Drop the first `bytes` of the buffers. @returns Bytes that are left. */
function skip(iovs: { starts: Uint32Array; lengths: Uint32Array; count: number }, bytes: number): number {
  let left = 0;
  for (let i = 0; i < iovs.count; i++) {
    const taken = Math.min(bytes, iovs.lengths[i]!);
    iovs.starts[i]! += taken;
    iovs.lengths[i]! -= taken;
    bytes -= taken;
    left += iovs.lengths[i]!;
  }
  return left;
}
