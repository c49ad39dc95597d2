/** What streams of files read from and write to. */

import type { Pollable } from "../../../contract/pollable.ts";
import type { ByteSink } from "../../../core/io/out_queue.ts";
import type { ErrorOrigin } from "../io/io_error.ts";
import { InputStream, type StreamSource } from "../io/input_stream.ts";
import type { Descriptor } from "./descriptor.ts";

/** Only what is not a file has to be waited for. */
function pollableOf({ object }: Descriptor): Pollable | undefined {
  return object.kind === "stream" ? object.pollable : undefined;
}

/** Opens a stream that reads a file from an offset on, or a pipe or device. */
export function openInput(descriptor: Descriptor, offset: number): InputStream {
  const pollable = pollableOf(descriptor);
  return new InputStream(
    pollable === undefined ? new FileSource(descriptor, offset) : new DeviceSource(descriptor, pollable),
  );
}

/** Reads a file. It holds the file, which its descriptor may have dropped. */
class FileSource implements StreamSource {
  readonly origin: ErrorOrigin = "filesystem";
  readonly pollable: undefined = undefined;
  readonly #descriptor: Descriptor;
  #offset: number;

  constructor(descriptor: Descriptor, offset: number) {
    this.#descriptor = descriptor.retain();
    this.#offset = offset;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    const count = this.#descriptor.readOn(bytes, start, length, this.#offset);
    if (count > 0) this.#offset += count;
    return count;
  }

  readableBytes(): number {
    return this.#descriptor.bytesFrom(this.#offset);
  }

  skip(length: number): number {
    const count = Math.min(length, this.readableBytes());
    if (count > 0) this.#offset += count;
    return count;
  }

  close(): void {
    this.#descriptor.close();
  }
}

/** Reads a pipe or device. It holds it, which its descriptor may have dropped. */
class DeviceSource implements StreamSource {
  readonly origin: ErrorOrigin = "filesystem";
  readonly pollable: Pollable;
  readonly #descriptor: Descriptor;

  constructor(descriptor: Descriptor, pollable: Pollable) {
    this.#descriptor = descriptor.retain();
    this.pollable = pollable;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    return this.#descriptor.readOn(bytes, start, length, 0);
  }

  close(): void {
    this.#descriptor.close();
  }
}

/** Where a stream writes: `"end"` for the end of the file at the time of each write. */
export type WritePosition = number | "end";

/** Writes a file from an offset on or at its end, or a device. It holds the file, which its descriptor may have dropped. */
export class FileSink implements ByteSink {
  readonly pollable: Pollable | undefined;
  readonly #descriptor: Descriptor;
  readonly #appends: boolean;
  #offset: number;

  /**
   * @param descriptor The file.
   * @param position Bytes from its start, or its end.
   */
  constructor(descriptor: Descriptor, position: WritePosition) {
    this.#descriptor = descriptor.retain();
    this.#appends = position === "end";
    this.#offset = position === "end" ? 0 : position;
    this.pollable = pollableOf(descriptor);
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.#appends) return this.#descriptor.append(bytes, start, length);
    const count = this.#descriptor.writeOn(bytes, start, length, this.#offset);
    if (count > 0) this.#offset += count;
    return count;
  }

  close(): void {
    this.#descriptor.close();
  }
}
