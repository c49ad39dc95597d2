/** The standard streams of a guest as streams of `wasi:io`. */

import { Errno } from "../../../witx/errno.ts";
import type { HeldBytes, HeldStdio } from "../../../core/io/held_bytes.ts";
import { type ByteSink, OutQueue } from "../../../core/io/out_queue.ts";
import type { OpenStream } from "../../../core/io/stream.ts";
import { OneBuffer } from "../../../core/io/vectored_io.ts";
import type { Pollable } from "../../../contract/pollable.ts";
import type { WasiGuest } from "../../guest.ts";
import type { WasiHost } from "../../host.ts";
import { guestIo } from "../io/guest_io.ts";
import { InputStream, type StreamSource } from "../io/input_stream.ts";
import { OutputStream } from "../io/output_stream.ts";
import { StdinSource } from "./stdin_source.ts";

/** The standard streams of a guest: `host.shared(guestStdio)`. */
export function guestStdio(host: WasiHost): GuestStdio {
  const { guest } = host;
  const { pending } = host.shared(guestIo);
  return new GuestStdio(
    new StdinSource(guest.stdin),
    new OutQueue(new StdioSink(guest.stdout, guest), pending),
    new OutQueue(unfailing(new StdioSink(guest.stderr, guest)), pending),
  );
}

/** Streams over the standard streams: each call makes one, and all of a kind share one queue. */
class GuestStdio {
  readonly #stdin: StreamSource & HeldBytes;
  readonly #stdout: OutQueue;
  readonly #stderr: OutQueue;

  /**
   * @param stdin Standard input.
   * @param stdout Queue before standard output.
   * @param stderr Queue before standard error.
   */
  constructor(stdin: StreamSource & HeldBytes, stdout: OutQueue, stderr: OutQueue) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** What is held here of the standard streams, for another interface of the guest. */
  held(): HeldStdio {
    return { stdin: this.#stdin, stdout: queued(this.#stdout), stderr: queued(this.#stderr) };
  }

  /** A stream over standard input, which stays open when it is dropped. */
  stdin(): InputStream {
    return new InputStream(this.#stdin);
  }

  /** A stream over standard output, which stays open when it is dropped. */
  stdout(): OutputStream {
    return new OutputStream(this.#stdout, "filesystem", { isShared: true });
  }

  /** A stream over standard error, which stays open when it is dropped. */
  stderr(): OutputStream {
    return new OutputStream(this.#stderr, "filesystem", { isShared: true });
  }
}

function queued(queue: OutQueue): HeldBytes {
  return { aheadBytes: 0, readAhead: () => 0, drain: () => queue.isBusy ? queue.drain() : 0 };
}

class StdioSink implements ByteSink {
  readonly pollable: Pollable;
  readonly #stream: OpenStream;
  readonly #guest: Pick<WasiGuest, "brokenPipe">;
  readonly #buffer: OneBuffer = new OneBuffer();

  constructor(stream: OpenStream, guest: Pick<WasiGuest, "brokenPipe">) {
    this.#stream = stream;
    this.#guest = guest;
    this.pollable = stream.pollable;
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    const count = this.#stream.write(this.#buffer.of(bytes, start, length));
    if (count === -Errno.PIPE) this.#guest.brokenPipe();
    return count;
  }

  flush(): number {
    return this.#stream.flush();
  }
}

/** What can't be written is dropped (RATIONALE "Why do writes to standard error never fail?"). */
function unfailing(sink: StdioSink): ByteSink {
  return {
    pollable: sink.pollable,
    write(bytes, start, length): number {
      const count = sink.write(bytes, start, length);
      return count < 0 && count !== -Errno.AGAIN ? length : count;
    },
    flush: () => sink.flush() === -Errno.INPROGRESS ? -Errno.INPROGRESS : 0,
  };
}
