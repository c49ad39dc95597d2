/** The standard streams of the process, for Node and Bun. */

import fs from "node:fs";
import tty from "node:tty";
import { Errno } from "../witx/errno.ts";
import { type Filestat, Filetype } from "../witx/types.ts";
import { Interest, type PlatformStdio, type PlatformStream } from "../core/platform.ts";
import { toErrno } from "./_errors.ts";
import { StandardDevice } from "./_device.ts";
import { filetypeOf, fstatInto, NODE_DEVICE_CALLS } from "./_node_file.ts";
import { PulledStream } from "./_pulled_stream.ts";

/** How long a full pipe is left alone (ms). */
const FULL_MS = 1;

/** A standard stream whose calls are made at once: a file, a device, a pipe to be written. */
class DirectStream implements PlatformStream {
  readonly kind = "stream";
  readonly filetype: Filetype;
  readonly isTerminal: boolean;
  readonly needsEventLoop = false;
  readonly #fd: number;
  #fullUntilMs = 0;

  constructor(fd: number, filetype: Filetype) {
    this.#fd = fd;
    this.filetype = filetype;
    this.isTerminal = tty.isatty(fd);
  }

  readiness(interest: number): number {
    const full = this.#fullUntilMs !== 0 && performance.now() < this.#fullUntilMs;
    return (interest & Interest.READ) | (full ? 0 : interest & Interest.WRITE);
  }

  readableBytes(): number {
    if (this.filetype !== Filetype.REGULAR_FILE) return 0;
    try {
      return fs.fstatSync(this.#fd).size;
    } catch {
      return 0;
    }
  }

  subscribe(): undefined {
    return undefined;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    try {
      return fs.readSync(this.#fd, bytes, start, length, null);
    } catch (error) {
      return -toErrno(error);
    }
  }

  /** The pipe may be non-blocking because whoever shares it made it so; then a full one is tried again. */
  write(bytes: Uint8Array, start: number, length: number): number {
    try {
      const written = fs.writeSync(this.#fd, bytes, start, length, null);
      this.#fullUntilMs = 0;
      return written;
    } catch (error) {
      const errno = toErrno(error);
      if (errno === Errno.AGAIN) this.#fullUntilMs = performance.now() + FULL_MS;
      return -errno;
    }
  }

  fstat(out: Filestat): number {
    return fstatInto(this.#fd, out);
  }

  close(): number {
    return 0;
  }
}

/** How a runtime reads standard input by promises. */
export type StdinPull = (filetype: Filetype, isTerminal: boolean) => (bytes: Uint8Array) => Promise<number>;

function typeOf(fd: number): Filetype | undefined {
  try {
    return filetypeOf(fs.fstatSync(fd).mode);
  } catch {
    return undefined;
  }
}

/**
 * Standard input. Of a pipe and a terminal, O_NONBLOCK is never set: it would hold for every process that shares them.
 *
 * @param suspends True to read by promises.
 * @param pull How the runtime does that.
 */
function standardInput(suspends: boolean, pull: StdinPull): PlatformStream {
  const filetype = typeOf(0);
  const isTerminal = tty.isatty(0);
  const neverWaits = filetype === undefined || filetype === Filetype.REGULAR_FILE ||
    (filetype === Filetype.CHARACTER_DEVICE && !isTerminal);
  if (neverWaits) return new DirectStream(0, filetype ?? Filetype.UNKNOWN);
  if (!suspends) return reopenedInput(filetype) ?? new DirectStream(0, filetype);
  return new PulledStream({
    filetype,
    isTerminal,
    fstat: (out) => fstatInto(0, out),
    pull: pull(filetype, isTerminal),
    toErrno,
  });
}

/** A descriptor of our own for the same pipe or terminal, which may be non-blocking; only Linux has such. */
function reopenedInput(filetype: Filetype): PlatformStream | undefined {
  const fd = reopenNonBlocking();
  return fd === undefined ? undefined : new StandardDevice(NODE_DEVICE_CALLS, fd, filetype, tty.isatty(fd));
}

/** Open standard input once more, with O_NONBLOCK, and only for this process. */
export function reopenNonBlocking(): number | undefined {
  try {
    return fs.openSync("/proc/self/fd/0", fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/**
 * The standard streams, made when first asked for.
 *
 * @param pull How the runtime reads standard input by promises.
 */
export function nodeStdio(pull: StdinPull): (suspends: boolean) => PlatformStdio {
  const inputs = new Map<boolean, PlatformStream>();
  const outputs = new Map<number, PlatformStream>();

  function output(fd: number): PlatformStream {
    let stream = outputs.get(fd);
    if (stream === undefined) outputs.set(fd, stream = new DirectStream(fd, typeOf(fd) ?? Filetype.UNKNOWN));
    return stream;
  }

  function input(suspends: boolean): PlatformStream {
    let stream = inputs.get(suspends);
    if (stream === undefined) inputs.set(suspends, stream = standardInput(suspends, pull));
    return stream;
  }

  return (suspends) => ({
    get stdin(): PlatformStream {
      return input(suspends);
    },
    get stdout(): PlatformStream {
      return output(1);
    },
    get stderr(): PlatformStream {
      return output(2);
    },
  });
}
