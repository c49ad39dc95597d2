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
  /** Elements were copied. More may follow until the owner of the end takes notice, and calls `SharedCopy.reset`. */
  copied(): void;
  /** The copy is over. @param result One of {@linkcode CopyResult}. */
  done(result: number): void;
}

/** What the two ends of a stream share. */
export class SharedStream {
  /** Type of the elements; undefined if they have no content. */
  readonly element: ValueType | undefined;
  #isDropped = false;
  #pending: Copy | undefined;

  /** @param element Type of the elements; undefined if they have no content. */
  constructor(element: ValueType | undefined) {
    this.element = element;
  }

  /** True once one end was dropped. */
  get isDropped(): boolean {
    return this.#isDropped;
  }

  /** The owner of the copy that waits has taken notice of what was copied. */
  reset(): void {
    this.#pending = undefined;
  }

  /** The copy that waits ends. */
  cancel(): void {
    this.#end(CopyResult.CANCELLED);
  }

  /** An end was dropped: a copy of the other that waits ends. */
  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    if (this.#pending !== undefined) this.#end(CopyResult.DROPPED);
  }

  #end(result: number): void {
    const pending = this.#pending as Copy;
    this.#pending = undefined;
    pending.done(result);
  }

  /** Begin to read. */
  read(copy: Copy): void {
    const { buffer } = copy;
    const pending = this.#pending;
    if (this.#isDropped) return copy.done(CopyResult.DROPPED);
    if (pending === undefined) return this.#wait(copy);
    checkCopy(this.element, copy, pending);
    if (remaining(pending.buffer) === 0) {
      this.#end(CopyResult.COMPLETED);
      return this.#wait(copy);
    }
    const count = Math.min(remaining(buffer), remaining(pending.buffer));
    if (count > 0) {
      copyElements(pending.buffer, buffer, count);
      pending.copied();
    }
    copy.done(CopyResult.COMPLETED);
  }

  /** Begin to write. */
  write(copy: Copy): void {
    const { buffer } = copy;
    const pending = this.#pending;
    if (this.#isDropped) return copy.done(CopyResult.DROPPED);
    if (pending === undefined) return this.#wait(copy);
    checkCopy(this.element, copy, pending);
    if (remaining(pending.buffer) > 0) {
      const count = Math.min(remaining(buffer), remaining(pending.buffer));
      if (count > 0) {
        copyElements(buffer, pending.buffer, count);
        pending.copied();
      }
      return copy.done(CopyResult.COMPLETED);
    }
    if (buffer.length === 0 && pending.buffer.length === 0) return copy.done(CopyResult.COMPLETED);
    this.#end(CopyResult.COMPLETED);
    this.#wait(copy);
  }

  #wait(copy: Copy): void {
    this.#pending = copy;
  }
}

/** What the two ends of a future share. */
export class SharedFuture {
  /** Type of the value; undefined if it has no content. */
  readonly element: ValueType | undefined;
  #isDropped = false;
  #pending: Copy | undefined;

  /** @param element Type of the value; undefined if it has no content. */
  constructor(element: ValueType | undefined) {
    this.element = element;
  }

  /** The owner of the copy that waits has taken notice. */
  reset(): void {
    this.#pending = undefined;
  }

  /** The copy that waits ends. */
  cancel(): void {
    this.#end(CopyResult.CANCELLED);
  }

  /** An end was dropped: a copy of the other that waits ends. */
  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    if (this.#pending !== undefined) this.#end(CopyResult.DROPPED);
  }

  #end(result: number): void {
    const pending = this.#pending as Copy;
    this.#pending = undefined;
    pending.done(result);
  }

  /** Begin to read. */
  read(copy: Copy): void {
    const pending = this.#pending;
    if (this.#isDropped) return copy.done(CopyResult.DROPPED);
    if (pending === undefined) this.#pending = copy;
    else this.#complete(pending, copy, () => copyElements(pending.buffer, copy.buffer, 1));
  }

  /** Begin to write. */
  write(copy: Copy): void {
    const pending = this.#pending;
    if (this.#isDropped) return copy.done(CopyResult.DROPPED);
    if (pending === undefined) this.#pending = copy;
    else this.#complete(pending, copy, () => copyElements(copy.buffer, pending.buffer, 1));
  }

  #complete(pending: Copy, copy: Copy, transfer: () => void): void {
    checkCopy(this.element, copy, pending);
    transfer();
    this.#end(CopyResult.COMPLETED);
    copy.done(CopyResult.COMPLETED);
  }
}

/** Within one instance only numbers can be copied, for now. */
function checkCopy(element: ValueType | undefined, { instance }: Copy, pending: Copy): void {
  if (instance === undefined || instance !== pending.instance) return;
  if (element === undefined || isNumberKind(element.kind)) return;
  trap("cannot read from and write to intra-component stream or future with non-numeric payload");
}
