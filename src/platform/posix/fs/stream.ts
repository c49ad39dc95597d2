/** Open streams: pipes, terminals, devices, and the standard streams of the process. */

import { MAX_WRITABLE } from "../../../contract/pollable.ts";
import { Errno } from "../../../witx/errno.ts";
import { type Filestat, Filetype } from "../../../witx/types.ts";
import { Interest, type PlatformStream, Readiness, type WaitMode } from "../../../contract/platform.ts";
import type { IoVectors } from "../../../contract/vectors.ts";
import { totalLength } from "../../../contract/vectors.ts";
import type { FdPollable } from "../poll/fd_pollable.ts";
import type { Syscalls } from "../syscalls.ts";

/** A pipe that poll(2) calls writable takes so many bytes without waiting (PIPE_BUF). */
const PIPE_BYTES = { linux: 4096, darwin: 512 };

/** How the descriptor of a stream behaves. */
export interface StreamTraits {
  /** True for one that others share: it is never made non-blocking, so it is asked before each call, and never closed. */
  readonly isShared: boolean;
  /** How the guest waits: with `"block"`, a large write to a shared descriptor may block the thread. */
  readonly mode: WaitMode;
}

const OWN: StreamTraits = { isShared: false, mode: "suspend" };

/** A stream, by its descriptor. */
export class PosixStream implements PlatformStream, FdPollable {
  readonly kind = "stream";
  readonly needsEventLoop = false;
  readonly filetype: Filetype;
  readonly isTerminal: boolean;
  readonly #syscalls: Syscalls;
  readonly #traits: StreamTraits;
  /** True for what never waits: a file, a device that is no terminal. */
  readonly #isAlwaysReady: boolean;
  #fd: number;

  /**
   * @param syscalls The system's calls.
   * @param fd Its descriptor: non-blocking, unless it is shared.
   * @param filetype Type of the file behind it.
   * @param traits How it behaves.
   */
  constructor(syscalls: Syscalls, fd: number, filetype: Filetype, traits: StreamTraits = OWN) {
    this.#syscalls = syscalls;
    this.#fd = fd;
    this.#traits = traits;
    this.filetype = filetype;
    const isDevice = filetype === Filetype.CHARACTER_DEVICE;
    this.isTerminal = isDevice && syscalls.fds.isatty(fd);
    this.#isAlwaysReady = filetype === Filetype.REGULAR_FILE || filetype === Filetype.BLOCK_DEVICE ||
      (traits.isShared && isDevice && !this.isTerminal);
  }

  get fd(): number {
    return this.#isAlwaysReady ? -1 : this.#fd;
  }

  readiness(interest: number): number {
    if (this.#isAlwaysReady) return interest;
    return this.#syscalls.poll.readiness(this.#fd, interest);
  }

  readableBytes(): number {
    return this.#isAlwaysReady ? 0 : this.#syscalls.fds.readableBytes(this.#fd);
  }

  writableBytes(): number {
    if (this.#isAlwaysReady) return MAX_WRITABLE;
    const ready = this.readiness(Interest.WRITE);
    if ((ready & Readiness.HANGUP) !== 0) return -Errno.PIPE;
    return ready === 0 ? 0 : this.#pipeBytes;
  }

  flush(): number {
    return 0;
  }

  subscribe(interest: number, wake: () => void): (() => void) | undefined {
    return this.#syscalls.watch(this.#fd, interest, wake);
  }

  /** True if a shared descriptor would hold up the thread. */
  #wouldWait(interest: number): boolean {
    return this.#traits.isShared && !this.#isAlwaysReady && this.readiness(interest) === 0;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    if (this.#wouldWait(Interest.READ)) return -Errno.AGAIN;
    return this.#syscalls.io.read(this.#fd, bytes, start, length);
  }

  readv(iovs: IoVectors): number {
    if (this.#wouldWait(Interest.READ)) return -Errno.AGAIN;
    return this.#syscalls.io.readv(this.#fd, iovs);
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.#wouldWait(Interest.WRITE)) return -Errno.AGAIN;
    if (!this.#mustBeShort(length)) return this.#syscalls.io.write(this.#fd, bytes, start, length);
    return this.#writeInPieces(bytes, start, length);
  }

  writev(iovs: IoVectors): number {
    if (this.#mustBeShort(totalLength(iovs))) return this.#writeFirst(iovs);
    if (this.#wouldWait(Interest.WRITE)) return -Errno.AGAIN;
    return this.#syscalls.io.writev(this.#fd, iovs);
  }

  get #pipeBytes(): number {
    return PIPE_BYTES[this.#syscalls.libc.target.os];
  }

  #mustBeShort(length: number): boolean {
    const { isShared, mode } = this.#traits;
    return isShared && mode === "suspend" && !this.#isAlwaysReady && length > this.#pipeBytes;
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
      const written = this.#syscalls.io.write(this.#fd, bytes, start + done, piece);
      if (written < 0) return done > 0 ? done : written;
      done += written;
      if (written < piece) break;
    } while (done < length && (this.readiness(Interest.WRITE) & Readiness.WRITE) !== 0);
    return done;
  }

  fstat(out: Filestat): number {
    return this.#syscalls.fds.fstatInto(this.#fd, out);
  }

  close(): number {
    if (this.#traits.isShared) return 0;
    const fd = this.#fd;
    this.#fd = -1;
    return this.#syscalls.fds.close(fd);
  }
}
