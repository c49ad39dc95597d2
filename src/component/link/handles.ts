/** The handles of one component instance: one table of resources, waitables, waitable sets and error contexts. */

import type { ResourceType } from "./resource_type.ts";
import { trap } from "./trap.ts";

/** Most handles of one instance, as in the specification. */
const MAX_HANDLES = 2 ** 28 - 1;

/** RATIONALE "Why may a component have a million handles?". */
const DEFAULT_MAX_HANDLES = 2 ** 20;

/** What a handle stands for. `type` tells resources of different types, and other kinds of handles, apart. */
export interface HandleEntry {
  /** Compared by identity: the {@linkcode ResourceType} of a resource, a constant for each other kind. */
  readonly type: object;
}

/** A call during which borrowed handles exist. They must be dropped before it returns. */
export interface BorrowScope {
  /** Number of borrowed handles that belong to the call. */
  borrowCount: number;
}

/** A handle of a resource, owned or borrowed. */
export class ResourceHandle<Rep = unknown> implements HandleEntry {
  /** Its type. */
  readonly type: ResourceType<Rep>;
  /** What stands for the resource. */
  readonly rep: Rep;
  /** The call that a borrowed handle belongs to; undefined for a handle that owns its resource. */
  readonly scope: BorrowScope | undefined;
  /** Number of calls that the handle is lent to now. An owner that is lent can be neither dropped nor given away. */
  lendCount = 0;

  /**
   * Make a handle; {@linkcode HandleTable.add} gives it an index.
   *
   * @param type Type of the resource.
   * @param rep What stands for the resource.
   * @param scope The call that a borrowed handle belongs to; undefined for a handle that owns its resource.
   */
  constructor(type: ResourceType<Rep>, rep: Rep, scope?: BorrowScope) {
    this.type = type;
    this.rep = rep;
    this.scope = scope;
  }

  /** True if the handle owns its resource. */
  get isOwn(): boolean {
    return this.scope === undefined;
  }
}

/** Handles by index. Index 0 is never valid; the index that was freed last is used first. */
export class HandleTable {
  readonly #entries: (HandleEntry | undefined)[] = [undefined];
  readonly #free: number[] = [];
  readonly #maxHandles: number;

  /** @param maxHandles Most handles at a time; a guest that keeps more of them has to trap before the host is out of memory. */
  constructor(maxHandles: number = DEFAULT_MAX_HANDLES) {
    this.#maxHandles = Math.min(maxHandles, MAX_HANDLES);
  }

  /** Number of handles. */
  get size(): number {
    return this.#entries.length - 1 - this.#free.length;
  }

  /** True if so many more can be added: a host asks where its interface has an error for it, in place of the trap. */
  hasRoom(count: number): boolean {
    return this.size + count <= this.#maxHandles;
  }

  /**
   * Add a handle.
   *
   * @returns Its index.
   * @throws {ComponentTrap} If the table is full.
   */
  add(entry: HandleEntry): number {
    const entries = this.#entries;
    const index = this.#free.pop();
    if (index !== undefined) {
      entries[index] = entry;
      return index;
    }
    if (entries.length > this.#maxHandles) trap(`too many handles: the limit is ${this.#maxHandles}`);
    return entries.push(entry) - 1;
  }

  /**
   * What a handle stands for.
   *
   * @param index From the guest: an i32, signed or not.
   * @throws {ComponentTrap} If there is no such handle.
   */
  get(index: number): HandleEntry {
    return this.#entries[index >>> 0] ?? unknownHandle(index);
  }

  /**
   * The handle of a resource, owned or borrowed.
   *
   * @param index From the guest: an i32, signed or not.
   * @param type The type that it must have.
   * @throws {ComponentTrap} If there is no such handle, or it is of another type.
   */
  resource<Rep>(index: number, type: ResourceType<Rep>): ResourceHandle<Rep> {
    const entry = this.#entries[index >>> 0];
    if (entry === undefined) return unknownHandle(index);
    if (entry.type !== type) wrongType(index, type, entry);
    return entry as ResourceHandle<Rep>;
  }

  /**
   * Remove a handle.
   *
   * @param index From the guest: an i32, signed or not.
   * @returns What it stood for.
   * @throws {ComponentTrap} If there is no such handle.
   */
  remove(index: number): HandleEntry {
    const entry = this.get(index);
    this.#entries[index >>> 0] = undefined;
    this.#free.push(index >>> 0);
    return entry;
  }

  /**
   * Remove the handle of a resource, which must not be lent.
   *
   * @param index From the guest: an i32, signed or not.
   * @param type The type that it must have.
   * @throws {ComponentTrap} If there is no such handle, it is of another type, or it is lent.
   */
  removeResource<Rep>(index: number, type: ResourceType<Rep>): ResourceHandle<Rep> {
    const handle = this.resource(index, type);
    if (handle.lendCount > 0) trap("cannot remove owned resource while borrowed");
    this.#entries[index >>> 0] = undefined;
    this.#free.push(index >>> 0);
    return handle;
  }

  /** All handles, in the order of their indices. */
  *entries(): Generator<HandleEntry> {
    for (const entry of this.#entries) if (entry !== undefined) yield entry;
  }
}

function unknownHandle(index: number): never {
  return trap(`unknown handle index ${index >>> 0}`);
}

function wrongType(index: number, wanted: ResourceType<never>, found: HandleEntry): never {
  const types = `expected ${kind(wanted)} but found ${other(found, wanted)}`;
  return trap(`handle index ${index >>> 0} used with the wrong type, ${types}`);
}

function kind(type: Pick<ResourceType, "owner" | "name">): string {
  return type.owner === undefined ? `the host resource \`${type.name}\`` : "guest-defined resource";
}

function other(found: HandleEntry, wanted: ResourceType<never>): string {
  if (!(found instanceof ResourceHandle)) return "a handle of another kind";
  const { type } = found as ResourceHandle;
  if (type.owner === undefined) return kind(type);
  return wanted.owner === undefined ? "a guest-defined resource" : "a different guest-defined resource";
}
