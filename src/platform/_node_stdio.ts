/** The standard streams of the process, for Node and Bun. */

import fs from "node:fs";
import { Errno } from "../witx/errno.ts";
import { type Filestat, Filetype } from "../witx/types.ts";
import { Interest, type PlatformStdio, type PlatformStream } from "../core/platform.ts";
import { toErrno } from "./_errors.ts";
import { StandardDevice } from "./_device.ts";
import { filetypeOf, fstatInto, NODE_DEVICE_CALLS } from "./_node_file.ts";
import { PulledStream } from "./_pulled_stream.ts";
import { isTerminal } from "./_terminal.ts";

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

  constructor({ fd, filetype, isTerminal }: Endpoint) {
    this.#fd = fd;
    this.filetype = filetype;
    this.isTerminal = isTerminal;
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

/** A standard stream as the process has it. */
interface Endpoint {
  readonly fd: number;
  readonly filetype: Filetype;
  readonly isTerminal: boolean;
  /** False if it is closed. */
  readonly isOpen: boolean;
}

function endpointOf(fd: number): Endpoint {
  try {
    const { mode, rdev } = fs.fstatSync(fd);
    const filetype = filetypeOf(mode);
    return { fd, filetype, isTerminal: isTerminal(fd, filetype, rdev), isOpen: true };
  } catch {
    return { fd, filetype: Filetype.UNKNOWN, isTerminal: false, isOpen: false };
  }
}

/**
 * Standard input. Of a pipe and a terminal, O_NONBLOCK is never set: it would hold for every process that shares them.
 *
 * @param suspends True to read by promises.
 * @param pull How the runtime does that.
 */
function standardInput(suspends: boolean, pull: StdinPull): PlatformStream {
  const endpoint = endpointOf(0);
  const { filetype, isTerminal, isOpen } = endpoint;
  const neverWaits = !isOpen || filetype === Filetype.REGULAR_FILE ||
    (filetype === Filetype.CHARACTER_DEVICE && !isTerminal);
  if (neverWaits) return new DirectStream(endpoint);
  if (!suspends) return reopenedInput(endpoint) ?? new DirectStream(endpoint);
  return new PulledStream({
    filetype,
    isTerminal,
    fstat: (out) => fstatInto(0, out),
    pull: pull(filetype, isTerminal),
    toErrno,
  });
}

/** A descriptor of our own for the same pipe or terminal, which may be non-blocking; only Linux has such. */
function reopenedInput({ filetype, isTerminal }: Endpoint): PlatformStream | undefined {
  const fd = reopenNonBlocking();
  return fd === undefined ? undefined : new StandardDevice(NODE_DEVICE_CALLS, fd, filetype, isTerminal);
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
    if (stream === undefined) outputs.set(fd, stream = new DirectStream(endpointOf(fd)));
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
