/** The streams of a TCP connection. */

import { Shutdown, SocketOption } from "../../../contract/network.ts";
import type { Pollable } from "../../../contract/pollable.ts";
import type { ByteSink } from "../../../core/io/out_queue.ts";
import { OneBuffer } from "../../../core/io/vectored_io.ts";
import type { GuestIo } from "../io/guest_io.ts";
import { InputStream, type StreamSource } from "../io/input_stream.ts";
import type { OutputStream } from "../io/output_stream.ts";
import type { SharedSocket } from "./shared_socket.ts";

/** How long the end of a guest waits for a peer that does not read (ns). */
const LINGER_NS = 2e9;

/** The two streams of a connection, each an owner of its socket. */
export class TcpStreams {
  /** What the peer sends. */
  readonly input: InputStream;
  /** What the peer gets. */
  readonly output: OutputStream;
  readonly #shared: SharedSocket;
  readonly #receiver: Receiver;
  /** Directions that were ended: bits of `Shutdown`. */
  #ended = 0;

  /**
   * @param shared The socket, connected.
   * @param io Of the guest.
   */
  constructor(shared: SharedSocket, io: GuestIo) {
    this.#shared = shared;
    // WASI has no such option, and guests can't know that a small write waits. Unsupported is fine.
    shared.open.platformSocket.setOption(SocketOption.NODELAY, 1);
    this.#receiver = new Receiver(shared.retain());
    this.input = new InputStream(this.#receiver);
    this.output = io.openOutput(new Sender(shared.retain()), "sockets");
  }

  /**
   * End directions. What was written is sent before the end.
   *
   * @param how Bits of `Shutdown`.
   * @returns 0, also if they were ended before; or minus an errno.
   */
  shutdown(how: number): number {
    const added = how & ~this.#ended;
    this.#ended |= how;
    const received = (added & Shutdown.RD) === 0 ? 0 : this.#endInput();
    const sent = (added & Shutdown.WR) === 0 ? 0 : this.#endOutput();
    return received < 0 ? received : sent;
  }

  #endInput(): number {
    this.#receiver.isEnded = true;
    return this.#shared.open.platformSocket.shutdown(Shutdown.RD);
  }

  /** The result is that of the system if nothing is queued. */
  #endOutput(): number {
    let result = 0;
    this.output.end(() => {
      if (this.#shared.isOpen) result = this.#shared.open.platformSocket.shutdown(Shutdown.WR);
    });
    return result;
  }
}

/** The receiving half of a connection. */
class Receiver implements StreamSource {
  readonly origin = "sockets";
  isEnded = false;
  readonly #shared: SharedSocket;
  readonly #buffer: OneBuffer = new OneBuffer();

  constructor(shared: SharedSocket) {
    this.#shared = shared;
  }

  get pollable(): Pollable {
    return this.#shared.open.pollable;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    return this.isEnded ? 0 : this.#shared.open.read(this.#buffer.of(bytes, start, length));
  }

  close(): void {
    this.#shared.release();
  }
}

/** The sending half of a connection. */
class Sender implements ByteSink {
  readonly lingerNs: number = LINGER_NS;
  readonly #shared: SharedSocket;
  readonly #buffer: OneBuffer = new OneBuffer();

  constructor(shared: SharedSocket) {
    this.#shared = shared;
  }

  get pollable(): Pollable {
    return this.#shared.open.pollable;
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    return this.#shared.open.write(this.#buffer.of(bytes, start, length));
  }

  flush(): number {
    return this.#shared.open.flush();
  }

  close(): void {
    this.#shared.release();
  }
}
