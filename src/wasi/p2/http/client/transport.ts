/** Connections that carry bytes. */

import { type Pollable, Readiness } from "../../../../contract/pollable.ts";
import { OneBuffer } from "../../../../core/io/vectored_io.ts";
import type { OpenSocket } from "../../../../core/net/socket.ts";
import type { OpenFiles } from "../../../open_files.ts";

/** A connection, with or without TLS. */
export interface Transport {
  /** What to wait for: `Interest.READ` and `Interest.WRITE`. */
  readonly pollable: Pollable;
  /** @returns Bytes read; 0 at the end; `-AGAIN`; or minus an errno. */
  read(bytes: Uint8Array, start: number, length: number): number;
  /** @returns Bytes written; `-AGAIN`; or minus an errno. */
  write(bytes: Uint8Array, start: number, length: number): number;
  /** Close it; called once. */
  close(): void;
}

/** A TCP connection. */
export class SocketTransport implements Transport {
  readonly #socket: OpenSocket;
  readonly #files: OpenFiles;
  readonly #buffer: OneBuffer = new OneBuffer();

  /**
   * @param socket The socket, connected.
   * @param files Where it is counted.
   */
  constructor(socket: OpenSocket, files: OpenFiles) {
    this.#socket = socket;
    this.#files = files;
  }

  get pollable(): Pollable {
    return this.#socket.pollable;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    return this.#socket.read(this.#buffer.of(bytes, start, length));
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    return this.#socket.write(this.#buffer.of(bytes, start, length));
  }

  close(): void {
    this.#files.release();
    this.#socket.close();
  }
}

/**
 * Ready for everything when a pollable is ready for one thing.
 *
 * @param pollable What is waited for.
 * @param interest Bits of `Interest` that are waited for.
 */
export function anyInterest(pollable: Pollable, interest: number): Pollable {
  const { group, source } = pollable;
  return {
    ...(group === undefined ? {} : { group }),
    ...(source === undefined ? {} : { source }),
    needsEventLoop: pollable.needsEventLoop,
    readiness: () => pollable.readiness(interest) === 0 ? 0 : Readiness.READ | Readiness.WRITE,
    subscribe: (_interest, wake) => pollable.subscribe(interest, wake),
  };
}
