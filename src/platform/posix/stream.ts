/** Open streams: pipes, terminals, devices, and the standard streams of the process. */

import { Errno } from "../../witx/errno.ts";
import { type Filestat, Filetype } from "../../witx/types.ts";
import { Interest, type PlatformStream, Readiness } from "../../core/platform.ts";
import type { IoVectors } from "../../core/vectors.ts";
import { totalLength } from "../../core/vectors.ts";
import type { FdPollable } from "./fd_pollable.ts";
import type { Host } from "./host.ts";

/** A pipe that poll(2) calls writable takes so many bytes without waiting (PIPE_BUF). */
const PIPE_BYTES = { linux: 4096, darwin: 512 };

/** How the descriptor of a stream behaves. */
export interface StreamTraits {
  /** True for one that others share: it is never made non-blocking, so it is asked before each call, and never closed. */
  readonly isShared: boolean;
  /** True if the thread may be held up by a large write to a shared one. */
  readonly mayBlock: boolean;
}

const OWN: StreamTraits = { isShared: false, mayBlock: false };

/** A stream, by its descriptor. */
export class PosixStream implements PlatformStream, FdPollable {
  readonly kind = "stream";
  readonly needsEventLoop = false;
  readonly filetype: Filetype;
  readonly isTerminal: boolean;
  readonly #host: Host;
  readonly #traits: StreamTraits;
  /** True for what never waits: a file, a device that is no terminal. */
  readonly #isAlwaysReady: boolean;
  #fd: number;

  /**
   * @param host The system's calls.
   * @param fd Its descriptor: non-blocking, unless it is shared.
   * @param filetype Type of the file behind it.
   * @param traits How it behaves.
   */
  constructor(host: Host, fd: number, filetype: Filetype, traits: StreamTraits = OWN) {
    this.#host = host;
    this.#fd = fd;
    this.#traits = traits;
    this.filetype = filetype;
    const isDevice = filetype === Filetype.CHARACTER_DEVICE;
    this.isTerminal = isDevice && host.descriptors.isatty(fd);
    this.#isAlwaysReady = filetype === Filetype.REGULAR_FILE || filetype === Filetype.BLOCK_DEVICE ||
      (traits.isShared && isDevice && !this.isTerminal);
  }

  get fd(): number {
    return this.#isAlwaysReady ? -1 : this.#fd;
  }

  readiness(interest: number): number {
    if (this.#isAlwaysReady) return interest;
    return this.#host.pollFds.readiness(this.#fd, interest);
  }

  readableBytes(): number {
    return this.#isAlwaysReady ? 0 : this.#host.descriptors.readableBytes(this.#fd);
  }

  subscribe(interest: number, wake: () => void): (() => void) | undefined {
    return this.#host.watch(this.#fd, interest, wake);
  }

  /** True if a shared descriptor would hold up the thread. */
  #wouldWait(interest: number): boolean {
    return this.#traits.isShared && !this.#isAlwaysReady && this.readiness(interest) === 0;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    if (this.#wouldWait(Interest.READ)) return -Errno.AGAIN;
    return this.#host.transfers.read(this.#fd, bytes, start, length);
  }

  readv(iovs: IoVectors): number {
    if (this.#wouldWait(Interest.READ)) return -Errno.AGAIN;
    return this.#host.transfers.readv(this.#fd, iovs);
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.#wouldWait(Interest.WRITE)) return -Errno.AGAIN;
    if (!this.#mustBeShort(length)) return this.#host.transfers.write(this.#fd, bytes, start, length);
    return this.#writeInPieces(bytes, start, length);
  }

  writev(iovs: IoVectors): number {
    if (this.#mustBeShort(totalLength(iovs))) return this.#writeFirst(iovs);
    if (this.#wouldWait(Interest.WRITE)) return -Errno.AGAIN;
    return this.#host.transfers.writev(this.#fd, iovs);
  }

  get #pipeBytes(): number {
    return PIPE_BYTES[this.#host.libc.target.os];
  }

  #mustBeShort(length: number): boolean {
    const { isShared, mayBlock } = this.#traits;
    return isShared && !mayBlock && !this.#isAlwaysReady && length > this.#pipeBytes;
  }

  #writeFirst({ bytes, starts, lengths, count }: IoVectors): number {
    let i = 0;
    while (i < count - 1 && lengths[i] === 0) i++;
    return this.write(bytes, starts[i]!, lengths[i]!);
  }

  #writeInPieces(bytes: Uint8Array, start: number, length: number): number {
    let done = 0;
    do {
      const piece = Math.min(this.#pipeBytes, length - done);
      const written = this.#host.transfers.write(this.#fd, bytes, start + done, piece);
      if (written < 0) return done > 0 ? done : written;
      done += written;
      if (written < piece) break;
    } while (done < length && (this.readiness(Interest.WRITE) & Readiness.WRITE) !== 0);
    return done;
  }

  fstat(out: Filestat): number {
    return this.#host.descriptors.fstatInto(this.#fd, out);
  }

  close(): number {
    if (this.#traits.isShared) return 0;
    const fd = this.#fd;
    this.#fd = -1;
    return this.#host.descriptors.close(fd);
  }
}
