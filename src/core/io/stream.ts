/** An open stream: a terminal, a pipe, a device, a standard stream. */

import type { Filestat, Filetype } from "../../witx/types.ts";
import type { PlatformStream, Pollable } from "../../contract/platform.ts";
import { Readiness } from "../../contract/pollable.ts";
import type { IoVectors } from "../../contract/vectors.ts";
import { Errno } from "../../witx/errno.ts";
import type { HeldBytes } from "./held_bytes.ts";
import { transferEach } from "./vectored_io.ts";

/** An open stream. Its calls return what {@linkcode PlatformStream} returns: a count or 0, or minus an errno. */
export class OpenStream {
  readonly kind = "stream";
  readonly filetype: Filetype;
  /** True for a terminal. */
  readonly isTerminal: boolean;
  readonly #stream: PlatformStream;
  readonly #held: HeldBytes | undefined;

  /**
   * @param stream The platform's stream, which is closed with this object.
   * @param held What goes before what is read and written here.
   */
  constructor(stream: PlatformStream, held?: HeldBytes) {
    this.#stream = stream;
    this.#held = held;
    this.filetype = stream.filetype;
    this.isTerminal = stream.isTerminal;
  }

  /** What to wait for after `-AGAIN`. */
  get pollable(): Pollable {
    return this.#held !== undefined && this.#held.aheadBytes > 0 ? READABLE : this.#stream;
  }

  /** Bytes that can be read at once, as far as known. */
  readableBytes(): number {
    const held = this.#held;
    if (held !== undefined && held.aheadBytes > 0) return held.aheadBytes;
    return this.#stream.readableBytes();
  }

  /** As `PlatformStream.writableBytes`. */
  writableBytes(): number {
    return this.#stream.writableBytes();
  }

  /** As `PlatformStream.flush`. */
  flush(): number {
    return this.#stream.flush();
  }

  /** Reads what is there. */
  read(iovs: IoVectors): number {
    const stream = this.#stream;
    const held = this.#held;
    if (held !== undefined && held.aheadBytes > 0) return transferEach(iovs, held, readAhead);
    if (iovs.count > 1 && stream.readv !== undefined) return stream.readv(iovs);
    return transferEach(iovs, stream, readBuffer);
  }

  /** Writes what fits. */
  write(iovs: IoVectors): number {
    const stream = this.#stream;
    if (this.#held?.drain() === -Errno.INPROGRESS) return -Errno.AGAIN;
    if (iovs.count > 1 && stream.writev !== undefined) return stream.writev(iovs);
    return transferEach(iovs, stream, writeBuffer);
  }

  /** Stores the attributes. */
  stat(out: Filestat): number {
    return this.#stream.fstat(out);
  }

  /** Closes the stream. */
  close(): number {
    return this.#stream.close();
  }
}

/** Bytes that were read ahead can be read. */
const READABLE: Pollable = {
  needsEventLoop: false,
  readiness: () => Readiness.READ,
  subscribe(_interest, wake) {
    wake();
    return () => {};
  },
};

function readAhead(held: HeldBytes, bytes: Uint8Array, start: number, length: number): number {
  return held.readAhead(bytes, start, length);
}

function readBuffer(stream: PlatformStream, bytes: Uint8Array, start: number, length: number, done: number): number {
  const count = stream.read(bytes, start, length);
  // A read that has bytes already does not wait for more.
  return done > 0 && count < 0 ? 0 : count;
}

function writeBuffer(stream: PlatformStream, bytes: Uint8Array, start: number, length: number): number {
  return stream.write(bytes, start, length);
}
