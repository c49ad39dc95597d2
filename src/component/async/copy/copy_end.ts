/** Ends of streams and futures that components have. */

import type { ComponentInstance } from "../../link/component_instance.ts";
import { trap } from "../../link/trap.ts";
import { areValueTypesEqual } from "../../types/compare/type_equality.ts";
import type { FutureType, StreamType, ValueType } from "../../types/value_type.ts";
import type { CopyBuffer } from "./copy_buffer.ts";
import { type Copy, CopyResult, SharedFuture, SharedStream } from "./shared_copy.ts";
import { EventCode, Waitable, type WaitableEvent } from "../waitable.ts";

/** States of an end. */
const EndState = { IDLE: 0, COPYING: 1, CANCELLING: 2, DONE: 3 } as const;

/** Which end it is. */
export interface EndKind {
  readonly kind: "stream" | "future";
  readonly isReadable: boolean;
}

/** An end of a stream or a future. */
export class CopyEnd extends Waitable implements EndKind {
  readonly type: object = CopyEnd;
  /** What it shares with the other end. */
  readonly shared: SharedStream | SharedFuture;
  readonly isReadable: boolean;
  #state: number = EndState.IDLE;
  #copy: EndCopy | undefined;

  /**
   * Make it.
   *
   * @param shared What it shares with the other end.
   * @param side Which end it is.
   */
  constructor(shared: SharedStream | SharedFuture, side: "readable" | "writable") {
    super();
    this.shared = shared;
    this.isReadable = side === "readable";
  }

  get kind(): "stream" | "future" {
    return this.shared instanceof SharedStream ? "stream" : "future";
  }

  /** True while a copy goes on. */
  get isCopying(): boolean {
    return this.#state === EndState.COPYING || this.#state === EndState.CANCELLING;
  }

  /** @throws {ComponentTrap} If it can't begin a copy, or be given away. */
  checkIdle(): void {
    if (this.isCopying) trap(`cannot use an end of a ${this.kind} while a copy goes on`);
    if (this.#state === EndState.DONE) trap(`cannot use an end of a ${this.kind} after its last copy`);
  }

  /** Begin a copy. */
  begin(buffer: CopyBuffer, instance: ComponentInstance): void {
    this.#state = EndState.COPYING;
    const copy = this.#copy = new EndCopy(this, buffer, instance);
    if (this.isReadable) this.shared.read(copy);
    else this.shared.write(copy);
  }

  /** Cancel a copy. @throws {ComponentTrap} If none goes on, or a task waits for it. */
  cancel(): void {
    if (this.#state !== EndState.COPYING || this.hasSyncWaiter) {
      trap(`cannot cancel a copy of a ${this.kind} that does not go on`);
    }
    this.#state = EndState.CANCELLING;
    if (this.#copy?.hasMore === true || !this.hasEvent) this.shared.waiting.end(CopyResult.CANCELLED);
  }

  /** Drop it. @throws {ComponentTrap} If a copy goes on, or a future was not written. */
  drop(): void {
    if (this.kind === "future" && !this.isReadable && this.#state !== EndState.DONE) {
      trap("cannot drop future write end without first writing a value");
    }
    if (this.isCopying) trap(`cannot drop an end of a ${this.kind} while a copy goes on`);
    this.shared.waiting.drop();
    this.join(undefined);
  }

  protected deliver(): WaitableEvent {
    const { kind, isReadable, index } = this;
    const { result, hasMore, buffer } = this.#copy as EndCopy;
    this.#copy = undefined;
    if (hasMore) this.shared.waiting.reset();
    const isLast = result === CopyResult.DROPPED || (kind === "future" && result === CopyResult.COMPLETED);
    this.#state = isLast ? EndState.DONE : EndState.IDLE;
    if (kind === "future") {
      return { code: isReadable ? EventCode.FUTURE_READ : EventCode.FUTURE_WRITE, index, payload: result };
    }
    const payload = result | (buffer.progress << 4);
    return { code: isReadable ? EventCode.STREAM_READ : EventCode.STREAM_WRITE, index, payload };
  }
}

/** A copy of an end of a component. */
class EndCopy implements Copy {
  readonly instance: ComponentInstance;
  readonly buffer: CopyBuffer;
  /** How it ends. */
  result: number = CopyResult.COMPLETED;
  /** True if more may be copied until the owner takes notice. */
  hasMore = false;
  readonly #end: CopyEnd;

  constructor(end: CopyEnd, buffer: CopyBuffer, instance: ComponentInstance) {
    this.#end = end;
    this.buffer = buffer;
    this.instance = instance;
  }

  copied(): void {
    this.hasMore = true;
    this.#end.notify();
  }

  done(result: number): void {
    this.result = result;
    this.hasMore = false;
    this.#end.notify();
  }
}

/**
 * The end behind a handle.
 *
 * @param index From the guest.
 * @param type The type that it must have.
 * @param isReadable Which end it must be.
 * @throws {ComponentTrap} If there is no such end.
 */
export function endAt(
  instance: ComponentInstance,
  index: number,
  type: StreamType | FutureType,
  isReadable: boolean,
): CopyEnd {
  const end = instance.handles.get(index);
  const isRight = end instanceof CopyEnd && end.kind === type.kind && end.isReadable === isReadable;
  if (!isRight) {
    return trap(`handle index ${index >>> 0} is not a ${isReadable ? "readable" : "writable"} end of a ${type.kind}`);
  }
  if (!areElementsEqual(end.shared.element, type.element)) {
    trap(`handle index ${index >>> 0} is an end of a ${type.kind} of another type`);
  }
  return end;
}

function areElementsEqual(a: ValueType | undefined, b: ValueType | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && areValueTypesEqual(a, b));
}

/** Give an end to an instance. @returns The index of its handle. */
export function addEnd(instance: ComponentInstance, end: CopyEnd): number {
  end.index = instance.handles.add(end);
  return end.index;
}

/**
 * Take the readable end of a stream or future from an instance that gives it away.
 *
 * @param index From the guest.
 * @throws {ComponentTrap} If there is no such end, or it is in use.
 */
export function takeReadable(
  instance: ComponentInstance,
  index: number,
  type: StreamType | FutureType,
): SharedStream | SharedFuture {
  const end = endAt(instance, index, type, true);
  end.checkIdle();
  if (end.set !== undefined) trap(`cannot give away an end of a ${type.kind} that is in a waitable set`);
  instance.handles.remove(index);
  return end.shared;
}
