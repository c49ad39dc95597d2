/** What the two ends of a stream or a future share: at most one of them waits for the other. */

import { isNumberKind } from "../../abi/number_lists.ts";
import type { ComponentInstance } from "../../link/component_instance.ts";
import { trap } from "../../link/trap.ts";
import type { ValueType } from "../../types/value_type.ts";
import { type CopyBuffer, copyElements, remaining } from "./copy_buffer.ts";

/** How a copy ends. */
export const CopyResult = { COMPLETED: 0, DROPPED: 1, CANCELLED: 2 } as const;

/** A copy that one end has begun. */
export interface Copy {
  /** The instance that has the end; undefined for the host. */
  readonly instance: ComponentInstance | undefined;
  /** Where elements come from or go to. */
  readonly buffer: CopyBuffer;
  /** Elements were copied. More may follow until the owner of the end takes notice, and calls `WaitingCopy.reset`. */
  copied(): void;
  /** The copy is over. @param result One of {@linkcode CopyResult}. */
  done(result: number): void;
}

/** The copy that one end has begun and that waits for the other end, and whether an end was dropped. */
class WaitingCopy {
  #isDropped = false;
  #copy: Copy | undefined;

  /** The copy; undefined if none waits. */
  get copy(): Copy | undefined {
    return this.#copy;
  }

  /** True if an end was dropped, with which a copy is over. */
  refuses(copy: Copy): boolean {
    if (this.#isDropped) copy.done(CopyResult.DROPPED);
    return this.#isDropped;
  }

  /** Let a copy wait. */
  hold(copy: Copy): void {
    this.#copy = copy;
  }

  /** The owner of the copy has taken notice of what was copied. */
  reset(): void {
    this.#copy = undefined;
  }

  /** The copy is over. @param result One of {@linkcode CopyResult}. */
  end(result: number): void {
    const copy = this.#copy as Copy;
    this.#copy = undefined;
    copy.done(result);
  }

  /** An end was dropped: a copy of the other that waits ends. */
  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    if (this.#copy !== undefined) this.end(CopyResult.DROPPED);
  }
}

/** What the two ends of a stream share. */
export class SharedStream {
  /** Type of the elements; undefined if they have no content. */
  readonly element: ValueType | undefined;
  /** The copy that waits. */
  readonly waiting: WaitingCopy = new WaitingCopy();

  /** @param element Type of the elements; undefined if they have no content. */
  constructor(element: ValueType | undefined) {
    this.element = element;
  }

  /** Begin to read. */
  read(copy: Copy): void {
    const pending = this.#partnerOf(copy);
    if (pending === undefined) return;
    if (remaining(pending.buffer) > 0) this.#transfer(pending.buffer, copy.buffer, copy, pending);
    else this.#replace(copy);
  }

  /** Begin to write. */
  write(copy: Copy): void {
    const pending = this.#partnerOf(copy);
    if (pending === undefined) return;
    if (remaining(pending.buffer) > 0) this.#transfer(copy.buffer, pending.buffer, copy, pending);
    else if (copy.buffer.length === 0 && pending.buffer.length === 0) copy.done(CopyResult.COMPLETED);
    else this.#replace(copy);
  }

  /** The copy of the other end, if it waits; else the given one waits or is over. */
  #partnerOf(copy: Copy): Copy | undefined {
    if (this.waiting.refuses(copy)) return undefined;
    const pending = this.waiting.copy;
    if (pending === undefined) this.waiting.hold(copy);
    else checkCopy(this.element, copy, pending);
    return pending;
  }

  #transfer(from: CopyBuffer, to: CopyBuffer, copy: Copy, pending: Copy): void {
    const count = Math.min(remaining(from), remaining(to));
    if (count > 0) {
      copyElements(from, to, count);
      pending.copied();
    }
    copy.done(CopyResult.COMPLETED);
  }

  /** The copy that waits is over, and the given one waits in its place. */
  #replace(copy: Copy): void {
    this.waiting.end(CopyResult.COMPLETED);
    this.waiting.hold(copy);
  }
}

/** What the two ends of a future share. */
export class SharedFuture {
  /** Type of the value; undefined if it has no content. */
  readonly element: ValueType | undefined;
  /** The copy that waits. */
  readonly waiting: WaitingCopy = new WaitingCopy();

  /** @param element Type of the value; undefined if it has no content. */
  constructor(element: ValueType | undefined) {
    this.element = element;
  }

  /** Begin to read. */
  read(copy: Copy): void {
    this.#begin(copy, (pending) => copyElements(pending.buffer, copy.buffer, 1));
  }

  /** Begin to write. */
  write(copy: Copy): void {
    this.#begin(copy, (pending) => copyElements(copy.buffer, pending.buffer, 1));
  }

  #begin(copy: Copy, transfer: (pending: Copy) => void): void {
    const { waiting } = this;
    if (waiting.refuses(copy)) return;
    const pending = waiting.copy;
    if (pending === undefined) return waiting.hold(copy);
    checkCopy(this.element, copy, pending);
    transfer(pending);
    waiting.end(CopyResult.COMPLETED);
    copy.done(CopyResult.COMPLETED);
  }
}

/** Within one instance only numbers can be copied, for now. */
function checkCopy(element: ValueType | undefined, { instance }: Copy, pending: Copy): void {
  if (instance === undefined || instance !== pending.instance) return;
  if (element === undefined || isNumberKind(element.kind)) return;
  trap("cannot read from and write to intra-component stream or future with non-numeric payload");
}
