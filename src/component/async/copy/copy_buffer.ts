/** Where elements of streams and futures are copied from and to. */

import type { Codec } from "../../abi/codec.ts";
import type { CallContext } from "../../abi/context.ts";
import { isNumberKind } from "../../abi/number_lists.ts";
import { trap } from "../../link/trap.ts";

/** Most elements of a copy, as in the specification. */
const MAX_LENGTH = 2 ** 28 - 1;

/** One side of a copy. */
export interface CopyBuffer {
  /** Number of elements. */
  readonly length: number;
  /** How many of them have been copied. */
  progress: number;
}

/** A side that is not in a guest's memory. */
export interface HostBuffer extends CopyBuffer {
  /** Take elements of a guest, and let both progress. */
  take(source: GuestBuffer, count: number): void;
  /** Give elements to a guest, and let both progress. */
  give(target: GuestBuffer, count: number): void;
  /** Give elements to another side of the host, and let both progress. */
  pass(target: HostBuffer, count: number): void;
}

/** A buffer in a guest's memory. */
export class GuestBuffer implements CopyBuffer {
  /** The context of the copy. */
  readonly cx: CallContext;
  readonly length: number;
  progress = 0;
  readonly #element: Codec | undefined;
  readonly #pointer: number;

  /**
   * Make it.
   *
   * @param cx The context of the copy.
   * @param element Passes elements from guest to guest; undefined if they have no content.
   * @param pointer Where they are: an i32, signed or not.
   * @param length Number of elements: an i32, signed or not.
   * @throws {ComponentTrap} If they are too many, not in memory, or not aligned.
   */
  constructor(cx: CallContext, element: Codec | undefined, pointer: number, length: number) {
    this.cx = cx;
    this.#element = element;
    this.#pointer = pointer >>> 0;
    this.length = length >>> 0;
    if (this.length > MAX_LENGTH) trap("stream read/write count too large");
    if (element === undefined || this.length === 0) return;
    cx.refresh();
    const { size, align } = element.type;
    cx.checkSpan(this.#pointer, this.length * size, align);
  }

  /** Where the next element is. */
  get at(): number {
    return this.#pointer + this.progress * (this.#element?.type.size ?? 0);
  }

  /** Copy elements to another guest, and let both progress. */
  copyTo(target: GuestBuffer, count: number): void {
    const element = this.#element;
    if (element !== undefined) {
      this.cx.refresh();
      target.cx.refresh();
      if (isNumberKind(element.type.kind)) this.#copyBytes(target, count * element.type.size);
      else this.#copyValues(target, count, element);
    }
    this.progress += count;
    target.progress += count;
  }

  #copyBytes(target: GuestBuffer, size: number): void {
    const { at } = this;
    target.cx.bytes.set(this.cx.bytes.subarray(at, at + size), target.at);
  }

  #copyValues(target: GuestBuffer, count: number, { load, store, type: { size } }: Codec): void {
    const { at } = this;
    for (let i = 0; i < count; i++) {
      this.cx.refresh();
      const value = load(this.cx, at + i * size);
      target.cx.refresh();
      store(target.cx, target.at + i * size, value);
    }
  }
}

/** Number of elements that are still to be copied. */
export function remaining({ length, progress }: CopyBuffer): number {
  return length - progress;
}

/** Copy elements, and let both sides progress. */
export function copyElements(source: CopyBuffer, target: CopyBuffer, count: number): void {
  if (source instanceof GuestBuffer) {
    if (target instanceof GuestBuffer) source.copyTo(target, count);
    else (target as HostBuffer).take(source, count);
  } else if (target instanceof GuestBuffer) (source as HostBuffer).give(target, count);
  else (source as HostBuffer).pass(target as HostBuffer, count);
}
