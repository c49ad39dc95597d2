/** Received bytes that were not read yet. */

import type { IoVectors } from "../../../contract/vectors.ts";

/** Overhead of a chunk. */
const CHUNK_OVERHEAD = 64;

/** Chunks in the order of arrival. */
export class ReceiveQueue {
  #chunks: Uint8Array[] = [];
  /** First unread chunk, and the offset in it. */
  #head = 0;
  #offset = 0;
  #size = 0;

  /** Bytes in it. */
  get size(): number {
    return this.#size;
  }

  /** Approximate memory use: many small chunks take more than their contents. */
  get footprint(): number {
    return this.#size + (this.#chunks.length - this.#head) * CHUNK_OVERHEAD;
  }

  /** Add a chunk at the end; it belongs to the queue. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** Copies as much as possible to the buffers, and removes it unless `peek`. @returns Bytes copied. */
  read(iovs: IoVectors, peek: boolean): number {
    let head = this.#head;
    let offset = this.#offset;
    let done = 0;
    for (let i = 0; i < iovs.count && head < this.#chunks.length; i++) {
      let start = iovs.starts[i]!;
      const end = start + iovs.lengths[i]!;
      while (start < end && head < this.#chunks.length) {
        const chunk = this.#chunks[head]!;
        const count = Math.min(end - start, chunk.length - offset);
        iovs.bytes.set(offset === 0 && count === chunk.length ? chunk : chunk.subarray(offset, offset + count), start);
        start += count;
        done += count;
        offset += count;
        if (offset < chunk.length) break;
        head++;
        offset = 0;
      }
    }
    if (!peek) this.#take(head, offset, done);
    return done;
  }

  #take(head: number, offset: number, bytes: number): void {
    this.#size -= bytes;
    this.#offset = offset;
    this.#head = head;
    if (head === 0) return;
    if (head === this.#chunks.length) {
      this.#chunks.length = 0;
      this.#head = 0;
    } else if (head >= 32) {
      this.#chunks = this.#chunks.slice(head);
      this.#head = 0;
    } else {
      this.#chunks.fill(EMPTY, 0, head);
    }
  }

  /** Discards everything. */
  clear(): void {
    this.#chunks = [];
    this.#head = 0;
    this.#offset = 0;
    this.#size = 0;
  }
}

const EMPTY: Uint8Array = new Uint8Array(0);
