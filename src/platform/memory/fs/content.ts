/** The bytes of a file, in chunks that exist only where data was written. */

import { Errno } from "../../../witx/errno.ts";
import type { Quota } from "./quota.ts";

/** Size of a chunk. A file of up to one chunk takes at most twice its size. */
const CHUNK_SIZE = 65536;

/** Initial size of a chunk's buffer. */
const FIRST_CAPACITY = 64;

/** Limit on the size of a file: 1 TiB. */
export const MAX_FILE_SIZE: number = 2 ** 40;

/** Part of a file. In `bytes`, everything from `length` on is zero. */
interface Chunk {
  bytes: Uint8Array;
  length: number;
}

/**
 * Bytes of a file.
 *
 * The buffer of a chunk doubles when it is full, so that writing at the end costs the same for each byte, however
 * long the file is. Holes take no memory and read as zeros.
 */
export class Content {
  readonly #quota: Quota;
  readonly #chunks: Map<number, Chunk> = new Map();
  #size = 0;
  #capacity = 0;

  /** @param quota Counts what is written. */
  constructor(quota: Quota) {
    this.#quota = quota;
  }

  /** Size, including holes. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of all buffers. */
  get capacity(): number {
    return this.#capacity;
  }

  /** As documented on `PlatformFile.pread`. */
  read(bytes: Uint8Array, start: number, length: number, offset: number): number {
    const count = Math.min(length, this.#size - offset);
    if (count <= 0) return 0;
    for (let done = 0; done < count;) {
      const index = Math.floor((offset + done) / CHUNK_SIZE);
      const from = offset + done - index * CHUNK_SIZE;
      const piece = Math.min(count - done, CHUNK_SIZE - from);
      load(this.#chunks.get(index), from, bytes, start + done, piece);
      done += piece;
    }
    return count;
  }

  /** As documented on `PlatformFile.pwrite`: `FBIG` beyond the largest size, `NOSPC` without room for one byte. */
  write(bytes: Uint8Array, start: number, length: number, offset: number): number {
    if (length === 0) return 0;
    const count = Math.min(length, MAX_FILE_SIZE - offset);
    if (count <= 0) return -Errno.FBIG;
    let done = 0;
    while (done < count) {
      const index = Math.floor((offset + done) / CHUNK_SIZE);
      const from = offset + done - index * CHUNK_SIZE;
      const piece = Math.min(count - done, CHUNK_SIZE - from);
      const stored = this.#store(index, from, bytes, start + done, piece);
      done += stored;
      if (stored < piece) break;
    }
    if (done === 0) return -Errno.NOSPC;
    this.#size = Math.max(this.#size, offset + done);
    return done;
  }

  /** Writes to one chunk what the quota grants. */
  #store(index: number, from: number, bytes: Uint8Array, start: number, count: number): number {
    const oldLength = this.#chunks.get(index)?.length ?? 0;
    const growth = Math.max(from + count - oldLength, 0);
    const granted = growth === 0 ? 0 : this.#quota.take(growth);
    const stored = count - (growth - granted);
    if (stored <= 0) {
      this.#quota.release(granted);
      return 0;
    }
    const chunk = this.#chunkFor(index, from + stored);
    chunk.bytes.set(bytes.subarray(start, start + stored), from);
    chunk.length = Math.max(oldLength, from + stored);
    return stored;
  }

  /** The chunk, with a buffer of `needed` bytes or more. */
  #chunkFor(index: number, needed: number): Chunk {
    let chunk = this.#chunks.get(index);
    if (chunk === undefined) {
      chunk = { bytes: new Uint8Array(0), length: 0 };
      this.#chunks.set(index, chunk);
    }
    const old = chunk.bytes;
    if (needed > old.length) {
      chunk.bytes = new Uint8Array(Math.min(Math.max(needed, old.length * 2, FIRST_CAPACITY), CHUNK_SIZE));
      chunk.bytes.set(old);
      this.#capacity += chunk.bytes.length - old.length;
    }
    return chunk;
  }

  /** Truncates or extends with a hole. */
  setSize(size: number): void {
    if (size < this.#size) this.#cut(size);
    this.#size = size;
  }

  #cut(size: number): void {
    const first = Math.ceil(size / CHUNK_SIZE);
    const end = Math.ceil(this.#size / CHUNK_SIZE);
    if (end - first <= this.#chunks.size) {
      for (let index = first; index < end; index++) this.#drop(index);
    } else {
      for (const index of this.#chunks.keys()) {
        if (index >= first) this.#drop(index);
      }
    }
    this.#shorten(first - 1, size - (first - 1) * CHUNK_SIZE);
  }

  #drop(index: number): void {
    const chunk = this.#chunks.get(index);
    if (chunk === undefined) return;
    this.#chunks.delete(index);
    this.#capacity -= chunk.bytes.length;
    this.#quota.release(chunk.length);
  }

  #shorten(index: number, length: number): void {
    const chunk = this.#chunks.get(index);
    if (chunk === undefined || chunk.length <= length) return;
    chunk.bytes.fill(0, length, chunk.length);
    this.#quota.release(chunk.length - length);
    chunk.length = length;
  }
}

function load(chunk: Chunk | undefined, from: number, bytes: Uint8Array, start: number, count: number): void {
  const there = chunk === undefined ? 0 : Math.min(Math.max(chunk.length - from, 0), count);
  if (there > 0) bytes.set(chunk!.bytes.subarray(from, from + there), start);
  if (there < count) bytes.fill(0, start + there, start + count);
}
