/** An open stream: a terminal, a pipe, a device, a standard stream. */

import type { Filestat, Filetype } from "../../witx/types.ts";
import type { PlatformStream, Pollable } from "../../contract/platform.ts";
import type { IoVectors } from "../../contract/vectors.ts";
import { transferEach } from "./vectored_io.ts";

/** An open stream. Its calls return what {@linkcode PlatformStream} returns: a count or 0, or minus an errno. */
export class OpenStream {
  readonly kind = "stream";
  readonly filetype: Filetype;
  /** True for a terminal. */
  readonly isTerminal: boolean;
  /** What to wait for after `-AGAIN`. */
  readonly pollable: Pollable;
  readonly #stream: PlatformStream;

  /** @param stream The platform's stream, which is closed with this object. */
  constructor(stream: PlatformStream) {
    this.#stream = stream;
    this.pollable = stream;
    this.filetype = stream.filetype;
    this.isTerminal = stream.isTerminal;
  }

  /** Bytes that can be read at once, as far as known. */
  readableBytes(): number {
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
    if (iovs.count > 1 && stream.readv !== undefined) return stream.readv(iovs);
    return transferEach(iovs, stream, readBuffer);
  }

  /** Writes what fits. */
  write(iovs: IoVectors): number {
    const stream = this.#stream;
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

function readBuffer(stream: PlatformStream, bytes: Uint8Array, start: number, length: number, done: number): number {
  const count = stream.read(bytes, start, length);
  // A read that has bytes already does not wait for more.
  return done > 0 && count < 0 ? 0 : count;
}

function writeBuffer(stream: PlatformStream, bytes: Uint8Array, start: number, length: number): number {
  return stream.write(bytes, start, length);
}
