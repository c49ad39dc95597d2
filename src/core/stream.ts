/** An open stream: a terminal, a pipe, a device, a standard stream. */

import { Errno } from "../witx/errno.ts";
import type { Filestat, Filetype } from "../witx/types.ts";
import type { OpenObject } from "./descriptor.ts";
import type { PlatformStream, Pollable } from "./platform.ts";
import { toErrno, transferAll, transferred } from "./scatter.ts";
import { Unseekable } from "./unseekable.ts";
import type { IoVectors, SizeResult } from "./system.ts";

/** A stream. */
export class Stream extends Unseekable implements OpenObject {
  readonly filetype: Filetype;
  readonly isTerminal: boolean;
  readonly pollable: Pollable;
  readonly #stream: PlatformStream;

  /** @param stream The platform's stream; closed with this object. */
  constructor(stream: PlatformStream) {
    super();
    this.#stream = stream;
    this.pollable = stream;
    this.filetype = stream.filetype;
    this.isTerminal = stream.isTerminal;
  }

  readableBytes(): number {
    return this.#stream.readableBytes();
  }

  read(iovs: IoVectors, out: SizeResult): Errno {
    const stream = this.#stream;
    if (iovs.count > 1 && stream.readv !== undefined) return transferred(stream.readv(iovs), out);
    return transferAll(iovs, out, stream, readPiece);
  }

  write(iovs: IoVectors, _append: boolean, out: SizeResult): Errno {
    const stream = this.#stream;
    if (iovs.count > 1 && stream.writev !== undefined) return transferred(stream.writev(iovs), out);
    return transferAll(iovs, out, stream, writePiece);
  }

  stat(out: Filestat): Errno {
    return toErrno(this.#stream.fstat(out));
  }

  close(): Errno {
    return toErrno(this.#stream.close());
  }
}

function readPiece(stream: PlatformStream, bytes: Uint8Array, start: number, length: number, done: number): number {
  const moved = stream.read(bytes, start, length);
  // After the first piece, waiting for more is not called for: what there is, is the answer.
  return done > 0 && moved < 0 ? 0 : moved;
}

function writePiece(stream: PlatformStream, bytes: Uint8Array, start: number, length: number): number {
  return stream.write(bytes, start, length);
}
