/** What a call needs of the guest: memory, allocation, strings and handles. */

import type { WasmMemory } from "../../contract/web_types.ts";
import type { Pollable } from "../../contract/pollable.ts";
import { type Nothing, reserveStack } from "../../core/guest/stack_reserve.ts";
import type { ComponentInstance } from "../link/component_instance.ts";
import { type BorrowScope, ResourceHandle } from "../link/handles.ts";
import type { ResourceType } from "../link/resource_type.ts";
import { trap } from "../link/trap.ts";
import { loadString, storeString, type StringEncoding } from "./strings.ts";

/** A guest's `realloc`: old pointer, old size, alignment, new size (bytes). */
export type Realloc = (oldPointer: number, oldSize: number, align: number, newSize: number) => number;

/** Options of a canonical definition. Memory and realloc may be set after the context is made: each use reads them. */
export interface CallContextOptions {
  /** Memory of the guest, if the definition names one. */
  readonly memory?: WasmMemory | undefined;
  /** Allocates in that memory, if the definition names it. */
  readonly realloc?: Realloc | undefined;
  /** How strings are encoded; UTF-8 by default. */
  readonly encoding?: StringEncoding | undefined;
}

/**
 * Access to the guest for one combination of instance, memory, realloc and string encoding. Functions of the host that are
 * lowered by hand, and the closures that lift and lower values, use nothing else of the guest.
 *
 * The views are those of the memory as it was at the last `enter`, `refresh` or `realloc`.
 */
export class CallContext {
  /** The component instance that calls or is called. */
  readonly instance: ComponentInstance;
  /** How strings are encoded. */
  readonly encoding: StringEncoding;
  /** All of memory. */
  bytes: Uint8Array = new Uint8Array(0);
  /** All of memory. */
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Eight bytes to reinterpret core values in. */
  readonly scratch: DataView = new DataView(new ArrayBuffer(8));
  /** Length of the string that was stored last, as the canonical ABI counts it. */
  stringLength = 0;
  /** The call that gets borrowed handles which are lowered now; undefined outside of calls that have some. */
  borrowScope: BorrowScope | undefined;
  /** Where handles are collected that are lent now: the call returns them. */
  readonly lenders: ResourceHandle[] = [];
  /** The core result of an attempt whose result needs no return pointer. */
  result: number | bigint | undefined;
  readonly #options: CallContextOptions;
  readonly #nothing: Nothing = undefined;

  /**
   * Make a context.
   *
   * @param instance The component instance.
   * @param options Of the canonical definition.
   */
  constructor(instance: ComponentInstance, options: CallContextOptions = {}) {
    this.instance = instance;
    this.encoding = options.encoding ?? "utf8";
    this.#options = options;
  }

  /**
   * The guest calls an import: check that it may, and refresh the views. The first line of every function that is lowered
   * by hand.
   *
   * @throws {ComponentTrap} If the guest runs `realloc` or `post-return`.
   * @throws {RangeError} If the stack has no room for the call.
   */
  enter(): void {
    reserveStack(this.#nothing);
    if (!this.instance.mayLeave) this.#refuse();
    if (this.bytes.length === 0) this.#renew();
  }

  #refuse(): never {
    const { outcome } = this.instance.store;
    if (outcome.ended) throw outcome.reason;
    return trap("cannot leave component instance");
  }

  /** True if it lifts as another context does: with the same encoding, and from the same memory, if it has one. */
  lifts(other: CallContext): boolean {
    const { memory } = this.#options;
    return (memory === undefined || memory === other.#options.memory) && this.encoding === other.encoding;
  }

  /** Make the views again if memory has grown. Call it after the guest has run: growing detaches the views. */
  refresh(): void {
    if (this.bytes.length === 0) this.#renew();
  }

  #renew(): void {
    const { memory } = this.#options;
    if (memory === undefined) return;
    const { buffer } = memory;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }

  /**
   * Allocate memory of the guest. Calls it, so that memory may grow; the views are refreshed.
   *
   * @param align Alignment (bytes): a power of two.
   * @param size Size (bytes).
   * @returns A pointer to `size` bytes inside memory.
   * @throws {ComponentTrap} If the pointer is not aligned or not in memory.
   */
  realloc(align: number, size: number): number {
    return this.reallocFrom(0, 0, align, size);
  }

  /** As {@linkcode CallContext.realloc}, for a block that moves or changes its size. */
  reallocFrom(oldPointer: number, oldSize: number, align: number, size: number): number {
    const { instance } = this;
    const { realloc } = this.#options;
    if (realloc === undefined) throw new TypeError("Cannot allocate: the canonical definition names no realloc");
    const { store } = instance;
    const { isNested } = store;
    instance.mayLeave = false;
    store.isNested = true;
    const pointer = realloc(oldPointer, oldSize, align, size) >>> 0;
    store.isNested = isNested;
    instance.mayLeave = true;
    if (this.bytes.length === 0) this.#renew();
    if ((pointer & (align - 1)) !== 0) trap("realloc return: result not aligned");
    if (pointer + size > this.bytes.length) trap("realloc return: beyond end of memory");
    return pointer;
  }

  /**
   * Check that a part of memory exists.
   *
   * @param pointer Unsigned: `pointer >>> 0`.
   * @param length Bytes; a number up to 2^53.
   * @param align Alignment (bytes): a power of two.
   * @throws {ComponentTrap} If it does not.
   */
  checkSpan(pointer: number, length: number, align: number = 1): void {
    if ((pointer & (align - 1)) !== 0) trap("unaligned pointer");
    if (pointer + length > this.bytes.length) trap("pointer out of bounds of memory");
  }

  /**
   * Read a string.
   *
   * @param pointer Where it begins; an i32, signed or not.
   * @param length Code units, as in the canonical ABI; an i32, signed or not.
   * @throws {ComponentTrap} If it is not in memory, or not encoded properly.
   */
  loadString(pointer: number, length: number): string {
    return loadString(this, pointer >>> 0, length >>> 0);
  }

  /**
   * Allocate a string, and store its pointer and length. Lone surrogates become U+FFFD.
   *
   * @param at Where to store pointer and length: 8 bytes, inside memory, aligned to 4.
   * @param text The string.
   */
  storeString(at: number, text: string): void {
    const pointer = storeString(this, text);
    this.view.setUint32(at, pointer, true);
    this.view.setUint32(at + 4, this.stringLength, true);
  }

  /**
   * Allocate a string. Its length is {@linkcode CallContext.stringLength} afterwards. Lone surrogates become U+FFFD.
   *
   * @param text The string.
   * @returns A pointer to it.
   */
  allocateString(text: string): number {
    return storeString(this, text);
  }

  /**
   * The resource behind a handle, owned or borrowed, for the duration of a call.
   *
   * @param index From the guest: an i32, signed or not.
   * @throws {ComponentTrap} If there is no such handle, or it is of another type.
   */
  handle<Rep>(index: number, type: ResourceType<Rep>): Rep {
    return this.instance.handles.resource(index, type).rep;
  }

  /**
   * Take over the resource of a handle that owns it. The handle is removed.
   *
   * @param index From the guest: an i32, signed or not.
   * @throws {ComponentTrap} If there is no such handle, it is of another type, it is borrowed, or it is lent.
   */
  takeHandle<Rep>(index: number, type: ResourceType<Rep>): Rep {
    const { handles } = this.instance;
    if (!handles.resource(index, type).isOwn) trap("cannot lift own resource from a borrow");
    return handles.removeResource(index, type).rep;
  }

  /**
   * The resource behind a handle, owned or borrowed, which can be neither dropped nor given away before
   * {@linkcode CallContext.returnLent} is called.
   *
   * @param index From the guest: an i32, signed or not.
   * @throws {ComponentTrap} If there is no such handle, or it is of another type.
   */
  lend<Rep>(index: number, type: ResourceType<Rep>): Rep {
    const handle = this.instance.handles.resource(index, type);
    handle.lendCount++;
    this.lenders.push(handle as ResourceHandle<unknown>);
    return handle.rep;
  }

  /**
   * Return the handles that were lent to a call.
   *
   * @param first Length of {@linkcode CallContext.lenders} before the call.
   */
  returnLent(first: number): void {
    const { lenders } = this;
    while (lenders.length > first) (lenders.pop() as ResourceHandle).lendCount--;
  }

  /**
   * Give a resource to the guest.
   *
   * @returns The index of a handle that owns it.
   */
  addHandle<Rep>(type: ResourceType<Rep>, rep: Rep): number {
    return this.instance.handles.add(new ResourceHandle(type, rep));
  }

  /**
   * Request a wait on behalf of an attempt: `return cx.waitFor(…)`.
   *
   * @param pollables What to wait for; not copied.
   * @param interests Bits of `Interest`, one entry for each pollable; not copied.
   * @param timeoutNs Timeout; `Infinity` for none.
   * @returns `WAIT`.
   */
  waitFor(pollables: readonly Pollable[], interests: readonly number[], timeoutNs: number): 1 {
    this.instance.store.requestWait(pollables, interests, timeoutNs);
    return 1;
  }
}
