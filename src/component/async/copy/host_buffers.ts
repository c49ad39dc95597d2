/** Sides of copies that are values of JavaScript. */

import type { Codec } from "../../abi/codec.ts";
import type { GuestBuffer, HostBuffer } from "./copy_buffer.ts";

/** Elements, as the canonical ABI has them: bytes of a `stream<u8>`, an array otherwise. */
export type Elements = Uint8Array | readonly unknown[];

/** Takes elements of a guest. */
export class TakingBuffer implements HostBuffer {
  readonly length: number;
  progress = 0;
  readonly #codec: Codec | undefined;
  #bytes: Uint8Array | undefined;
  readonly #values: unknown[] = [];

  /**
   * Make it.
   *
   * @param codec Of the elements; undefined if they have no content.
   * @param length Most elements.
   */
  constructor(codec: Codec | undefined, length: number) {
    this.#codec = codec;
    this.length = length;
  }

  /** What has been taken. */
  get elements(): Elements {
    return this.#bytes ?? this.#values;
  }

  take(source: GuestBuffer, count: number): void {
    const { cx, at } = source;
    const codec = this.#codec;
    cx.refresh();
    if (codec?.type.kind === "u8") this.#bytes = cx.bytes.slice(at, at + count);
    else {
      for (let i = 0; i < count; i++) this.#values.push(codec?.load(cx, at + i * codec.type.size));
    }
    source.progress += count;
    this.progress += count;
  }

  /** Take elements of another side of the host. */
  accept(elements: Elements): void {
    if (elements instanceof Uint8Array) this.#bytes = elements.slice();
    else this.#values.push(...elements);
    this.progress += elements.length;
  }

  give(): never {
    throw new TypeError("Cannot read from a buffer that is written to");
  }

  pass(): never {
    return this.give();
  }
}

/** Gives elements to a guest. */
export class GivingBuffer implements HostBuffer {
  readonly length: number;
  progress = 0;
  readonly #codec: Codec | undefined;
  readonly #elements: Elements;

  /**
   * Make it.
   *
   * @param codec Of the elements; undefined if they have no content.
   * @param elements The elements.
   */
  constructor(codec: Codec | undefined, elements: Elements) {
    this.#codec = codec;
    this.#elements = elements;
    this.length = elements.length;
  }

  give(target: GuestBuffer, count: number): void {
    const { cx, at } = target;
    const { progress } = this;
    const elements = this.#elements;
    const codec = this.#codec;
    cx.refresh();
    if (codec?.type.kind === "u8" && elements instanceof Uint8Array) {
      cx.bytes.set(elements.subarray(progress, progress + count), at);
    } else {
      for (let i = 0; i < count; i++) codec?.store(cx, at + i * codec.type.size, elements[progress + i]);
    }
    target.progress += count;
    this.progress += count;
  }

  pass(target: HostBuffer, count: number): void {
    (target as TakingBuffer).accept(this.#elements.slice(this.progress, this.progress + count));
    this.progress += count;
  }

  take(): never {
    throw new TypeError("Cannot write to a buffer that is read from");
  }
}
