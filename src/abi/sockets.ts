/** The socket functions of preview 1, and what those of WasmEdge share with them: pieces, results, trying again. */

import { Errno } from "../witx/errno.ts";
import { Riflags } from "../witx/types.ts";
import { type Answer, settled } from "../core/answer.ts";
import { type AddressResult, Interest, type SizeResult, type SocketAddress, type System } from "../core/system.ts";
import { emptyIoVectors, type GuestMemory } from "./memory.ts";
import { retryWhileAgain } from "./suspend.ts";

/** Where the results of a receive go; a pointer below 0 is none. */
export interface ReceiveResults {
  /** Number of bytes (u32). */
  readonly sizePtr: number;
  /** `roflags` (u16). */
  readonly flagsPtr: number;
  /** Answers FAULT where who sent it could not be stored, before anything is received. */
  readonly checkAddress?: (() => Errno) | undefined;
  /** Stores who sent it, and answers SUCCESS, FAULT or INVAL. */
  readonly storeAddress?: ((from: SocketAddress | undefined) => Errno) | undefined;
}

/** Where to send: an address, undefined for the peer, or why it can't be read. */
type Destination = () => SocketAddress | Errno | undefined;

const toPeer: Destination = () => undefined;

/** Receives, sends and accepts, and tries again while a blocking socket is not ready. */
export class SocketTransfers {
  readonly #system: System;
  readonly #memory: GuestMemory;
  readonly #iovs = emptyIoVectors();
  readonly #moved: SizeResult = { size: 0 };
  readonly #roFlags: SizeResult = { size: 0 };
  readonly #from: AddressResult = { address: undefined };
  readonly #plain = { sizePtr: 0, flagsPtr: 0 };

  /**
   * @param system Answers the calls.
   * @param memory Memory of the guest.
   */
  constructor(system: System, memory: GuestMemory) {
    this.#system = system;
    this.#memory = memory;
  }

  /** Accept a connection and store its descriptor. */
  accept(fd: number, flags: number, resultPtr: number): Answer {
    const attempt = (): Errno => {
      this.#memory.refresh();
      if (!this.#memory.holds(resultPtr, 4)) return Errno.FAULT;
      const errno = this.#system.sockAccept(fd, flags, this.#moved);
      if (errno === Errno.SUCCESS) this.#memory.storeU32(resultPtr, this.#moved.size);
      return errno;
    };
    return this.#whileAgain(fd, Interest.READ, attempt);
  }

  /** As {@linkcode receive}, of a guest that does not ask who sent it; makes no memory where nothing has to be waited for. */
  receivePlain(fd: number, ptr: number, count: number, flags: number, sizePtr: number, flagsPtr: number): Answer {
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
    const errno = this.#system.sockRecv(fd, this.#iovs, flags, this.#moved, this.#roFlags, this.#from);
    return errno === Errno.SUCCESS ? this.#received(this.#moved.size, results) : errno;
  }

  /** Receive; with WAITALL until all pieces are full. */
  receive(fd: number, ptr: number, count: number, flags: number, results: ReceiveResults): Answer {
    const waitsForAll = (flags & (Riflags.RECV_WAITALL | Riflags.RECV_PEEK)) === Riflags.RECV_WAITALL;
    let done = 0;
    const attempt = (): Errno => {
      const decoded = this.#decode(ptr, count, results);
      if (decoded !== Errno.SUCCESS) return decoded;
      const wanted = waitsForAll ? skip(this.#iovs, done) : 0;
      if (done > 0 && this.#hasFailed(fd)) return this.#received(done, results);
      const errno = this.#system.sockRecv(fd, this.#iovs, flags, this.#moved, this.#roFlags, this.#from);
      if (errno !== Errno.SUCCESS) return errno;
      done += this.#moved.size;
      if (waitsForAll && this.#moved.size > 0 && this.#moved.size < wanted && this.#isStream()) return Errno.AGAIN;
      return this.#received(done, results);
    };
    const answer = this.#whileAgain(fd, Interest.READ, attempt);
    if (!waitsForAll) return answer;
    // A non-blocking socket has what is there.
    const settle = (errno: Errno): Errno =>
      errno === Errno.AGAIN && done > 0 ? this.#decode(ptr, count, results) || this.#received(done, results) : errno;
    return settled(answer, settle);
  }

  /** What failed after some bytes had come is left to the next call. */
  #hasFailed(fd: number): boolean {
    const errno = this.#system.sockRecv(
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

  #decode(ptr: number, count: number, { sizePtr, flagsPtr, checkAddress }: ReceiveResults): Errno {
    const memory = this.#memory;
    memory.refresh();
    if (!memory.holds(sizePtr, 4) || !memory.holds(flagsPtr, 2)) return Errno.FAULT;
    const checked = checkAddress?.() ?? Errno.SUCCESS;
    if (checked !== Errno.SUCCESS) return checked;
    return memory.readIovecs(ptr, count, this.#iovs);
  }

  #received(size: number, { sizePtr, flagsPtr, storeAddress }: ReceiveResults): Errno {
    const stored = storeAddress?.(this.#from.address) ?? Errno.SUCCESS;
    if (stored !== Errno.SUCCESS) return stored;
    this.#memory.storeU32(sizePtr, size);
    this.#memory.view.setUint16(flagsPtr, this.#roFlags.size, true);
    return Errno.SUCCESS;
  }

  /** Send, to an address or to the peer; makes no memory where nothing has to be waited for. */
  send(fd: number, ptr: number, count: number, flags: number, to: Destination, sizePtr: number): Answer {
    const first = this.#sendOnce(fd, ptr, count, flags, to, sizePtr);
    return first === Errno.SUCCESS ? first : this.#sendAfter(first, fd, ptr, count, flags, to, sizePtr);
  }

  #sendOnce(fd: number, ptr: number, count: number, flags: number, to: Destination, sizePtr: number): Answer {
    const memory = this.#memory;
    memory.refresh();
    if (!memory.holds(sizePtr, 4)) return Errno.FAULT;
    const decoded = memory.readIovecs(ptr, count, this.#iovs);
    if (decoded !== Errno.SUCCESS) return decoded;
    const address = to();
    if (typeof address === "number") return address;
    const sent = this.#system.sockSend(fd, this.#iovs, flags, address, this.#moved);
    if (sent === Errno.SUCCESS) memory.storeU32(sizePtr, this.#moved.size);
    return sent;
  }

  /** Go on after a first attempt that was not done at once. */
  #sendAfter(
    first: Answer,
    fd: number,
    ptr: number,
    count: number,
    flags: number,
    to: Destination,
    sizePtr: number,
  ): Answer {
    // A name of the policy is looked up once: the answers after that are there at once.
    const attempt = (): Errno => this.#sendOnce(fd, ptr, count, flags, to, sizePtr) as Errno;
    if (typeof first === "number") return first === Errno.AGAIN ? this.#again(fd, attempt) : first;
    return first.then((errno) => errno === Errno.AGAIN ? this.#whileAgain(fd, Interest.WRITE, attempt) : errno);
  }

  #again(fd: number, attempt: () => Errno): Answer {
    return retryWhileAgain(this.#system, fd, Interest.WRITE, false, attempt);
  }

  #whileAgain(fd: number, interest: number, attempt: () => Errno): Answer {
    const errno = attempt();
    return errno === Errno.AGAIN ? retryWhileAgain(this.#system, fd, interest, false, attempt) : errno;
  }
}

/** Take `bytes` off the front of the pieces. @returns Bytes that are left. */
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

/** The socket functions of preview 1 as the guest calls them; `sock_accept` is also that of WasmEdge, see `wasmedge.ts`. */
export function socketFunctions(
  system: System,
  memory: GuestMemory,
  transfers: SocketTransfers,
): Record<string, (...args: never[]) => Answer> {
  return {
    sock_accept: (fd: number, flags: number, resultPtr: number): Answer =>
      transfers.accept(fd >>> 0, flags & 0xffff, resultPtr >>> 0),
    sock_recv: (fd: number, ptr: number, count: number, flags: number, sizePtr: number, flagsPtr: number): Answer =>
      transfers.receivePlain(fd >>> 0, ptr >>> 0, count >>> 0, flags & 0xffff, sizePtr >>> 0, flagsPtr >>> 0),
    sock_send: (fd: number, ptr: number, count: number, flags: number, sizePtr: number): Answer =>
      transfers.send(fd >>> 0, ptr >>> 0, count >>> 0, flags & 0xffff, toPeer, sizePtr >>> 0),
    sock_shutdown(fd: number, how: number): Errno {
      memory.refresh();
      return system.sockShutdown(fd >>> 0, how & 0xff);
    },
  };
}
