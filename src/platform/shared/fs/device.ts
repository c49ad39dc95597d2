/** FIFOs, terminals and devices that the guest opened by their path. */

import { Errno } from "../../../witx/errno.ts";
import type { Filestat, Filetype } from "../../../witx/types.ts";
import { Interest, type PlatformStream, Readiness } from "../../../contract/platform.ts";
import { attempt, failureFromError } from "../errors.ts";

/** Bytes that are read ahead to learn whether there is something to read. */
const AHEAD = 4096;

/** How long a full pipe is left alone (ms). */
const FULL_MS = 1;

/** Calls of `node:fs` that a device needs, and fstat(2). */
export interface DeviceCalls {
  /** read(2). */
  readSync(fd: number, bytes: Uint8Array, start: number, length: number, position: null): number;
  /** write(2). */
  writeSync(fd: number, bytes: Uint8Array, start: number, length: number, position: null): number;
  /** close(2). */
  closeSync(fd: number): void;
  /** fstat(2). @returns 0 or minus an errno. */
  fstat(fd: number, out: Filestat): number;
}

/** An open device. */
export interface DeviceFile {
  /** Descriptor with O_NONBLOCK, not shared with any other process. */
  readonly fd: number;
  /** Its type. */
  readonly filetype: Filetype;
  /** True for a terminal. */
  readonly isTerminal: boolean;
}

/** A device by a descriptor of this process that never blocks. No event reports that it is ready: waits poll it. */
export class Device implements PlatformStream {
  readonly kind = "stream";
  readonly filetype: Filetype;
  readonly isTerminal: boolean;
  readonly needsEventLoop = false;
  readonly #calls: DeviceCalls;
  /** -1 once it is closed: the number may stand for something else then. */
  #fd: number;
  #fullUntilMs = 0;
  #ahead: Uint8Array | undefined;
  /** Result of the read that found no bytes, until the guest's own read returns it: 0 at the end, or minus an errno. */
  #end: number | undefined;

  /**
   * @param calls The runtime.
   * @param file The open device.
   */
  constructor(calls: DeviceCalls, { fd, filetype, isTerminal }: DeviceFile) {
    this.#calls = calls;
    this.#fd = fd;
    this.filetype = filetype;
    this.isTerminal = isTerminal;
  }

  readiness(interest: number): number {
    let ready = this.#isFull ? 0 : interest & Interest.WRITE;
    if ((interest & Interest.READ) === 0) return ready;
    if (this.#ahead === undefined && this.#end === undefined) this.#readAhead();
    if (this.#ahead !== undefined) ready |= Readiness.READ;
    if (this.#end !== undefined) ready |= Readiness.READ | Readiness.HANGUP;
    return ready;
  }

  #readAhead(): void {
    const bytes = new Uint8Array(AHEAD);
    const count = this.#readNow(bytes, 0, AHEAD);
    if (count > 0) this.#ahead = bytes.subarray(0, count);
    else if (count !== -Errno.AGAIN) this.#end = count;
  }

  readableBytes(): number {
    return this.#ahead?.length ?? 0;
  }

  /** Nothing reports how much fits; a pipe takes so much as a whole or not at all (PIPE_BUF). */
  writableBytes(): number {
    return this.#fd < 0 ? -Errno.BADF : this.#isFull ? 0 : AHEAD;
  }

  flush(): number {
    return 0;
  }

  subscribe(): undefined {
    return undefined;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    if (length === 0) return 0;
    const ahead = this.#ahead;
    if (ahead === undefined) return this.#takeEnd() ?? this.#readNow(bytes, start, length);
    const taken = Math.min(length, ahead.length);
    bytes.set(ahead.subarray(0, taken), start);
    this.#ahead = taken < ahead.length ? ahead.subarray(taken) : undefined;
    return taken;
  }

  /** The end of a terminal is read once, and must not be lost; then the terminal goes on. */
  #takeEnd(): number | undefined {
    const end = this.#end;
    this.#end = undefined;
    return end;
  }

  #readNow(bytes: Uint8Array, start: number, length: number): number {
    if (this.#fd < 0) return -Errno.BADF;
    try {
      return this.#calls.readSync(this.#fd, bytes, start, length, null);
    } catch (error) {
      return failureFromError(error);
    }
  }

  /** Nothing reports that there is room again: a full one is left alone for a while. */
  get #isFull(): boolean {
    return this.#fullUntilMs !== 0 && performance.now() < this.#fullUntilMs;
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.#fd < 0) return -Errno.BADF;
    try {
      const written = this.#calls.writeSync(this.#fd, bytes, start, length, null);
      this.#fullUntilMs = 0;
      return written;
    } catch (error) {
      const failure = failureFromError(error);
      if (failure === -Errno.AGAIN) this.#fullUntilMs = performance.now() + FULL_MS;
      return failure;
    }
  }

  fstat(out: Filestat): number {
    return this.#fd < 0 ? -Errno.BADF : this.#calls.fstat(this.#fd, out);
  }

  close(): number {
    const fd = this.#fd;
    this.#fd = -1;
    this.#ahead = undefined;
    this.#end = undefined;
    return fd < 0 ? -Errno.BADF : attempt(() => this.#calls.closeSync(fd));
  }
}

/** A standard stream of the process, opened once more. It outlives the guests that use it, so that closing it does nothing. */
export class StandardDevice extends Device {
  override close(): number {
    return 0;
  }
}
