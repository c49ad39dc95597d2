/** Classes of the resources that a guest defines. */

import type { ResourceType } from "../link/resource_type.ts";
import type { Caller } from "./callee.ts";
import { Handle } from "./handle.ts";

/** Property of an object of a resource: what it holds. */
const HANDLE: unique symbol = Symbol("handle");

/** An object of a resource. */
export interface ResourceObject {
  readonly [HANDLE]: Handle;
}

/** A class whose objects are resources. */
export interface ResourceClass {
  new (...args: unknown[]): ResourceObject;
  readonly prototype: ResourceObject;
}

/** Makes the handle of a resource from the arguments of its constructor. */
export type Construct = (args: readonly unknown[]) => Handle;

/** The classes of one guest, one for each of its resource types. */
export class ResourceClasses {
  readonly #caller: Caller;
  readonly #classes: Map<ResourceType, ResourceClass> = new Map();
  readonly #constructors: Map<ResourceType, Construct> = new Map();
  /** Objects that own resources, and were forgotten without being disposed of. */
  readonly #forgotten: FinalizationRegistry<Handle>;

  /** @param caller Calls the guest. */
  constructor(caller: Caller) {
    this.#caller = caller;
    this.#forgotten = new FinalizationRegistry((handle) => {
      if (!handle.isAlive) return;
      handle.dispose();
      caller.destroy(handle);
    });
  }

  /**
   * The class of a type.
   *
   * @param type The type.
   * @param name Name of the class, where it is made first.
   */
  of(type: ResourceType, name: string): ResourceClass {
    let made = this.#classes.get(type);
    if (made === undefined) {
      made = this.#define(type, name);
      this.#classes.set(type, made);
    }
    return made;
  }

  /** Let `new` make resources of a type. */
  setConstructor(type: ResourceType, construct: Construct): void {
    this.#constructors.set(type, construct);
  }

  /**
   * The object of a resource that comes from the guest.
   *
   * @param isOwn True if the object owns it.
   */
  wrap(type: ResourceType, rep: unknown, isOwn: boolean, name: string): ResourceObject {
    return new (this.of(type, name))(new Handle(type, rep, isOwn));
  }

  /**
   * What an object holds.
   *
   * @throws {TypeError} If it is no resource of this type.
   */
  unwrap(type: ResourceType, value: unknown): Handle {
    const handle = (value as Partial<ResourceObject> | null | undefined)?.[HANDLE];
    if (handle?.type !== type) {
      const what = handle === undefined ? "no resource" : `a resource ${handle.type.name} of another type`;
      throw new TypeError(`Cannot pass a value as the resource ${type.name}: it is ${what}`);
    }
    return handle;
  }

  /** What a resource is held by that has just come from the guest. */
  handle(type: ResourceType, rep: unknown): Handle {
    return new Handle(type, rep, true);
  }

  /** Take what an object holds, for another object. */
  take(type: ResourceType, object: unknown): Handle {
    const handle = this.unwrap(type, object);
    this.#forgotten.unregister(handle);
    return handle;
  }

  #define(type: ResourceType, name: string): ResourceClass {
    const made = (args: readonly unknown[]): Handle => {
      const construct = this.#constructors.get(type);
      if (construct === undefined) throw new TypeError(`Cannot construct ${name}: the resource has no constructor`);
      return construct(args);
    };
    const forgotten = this.#forgotten;
    const caller = this.#caller;
    class Resource implements ResourceObject {
      declare readonly [HANDLE]: Handle;

      constructor(...args: unknown[]) {
        const handle = args[0] instanceof Handle ? args[0] : made(args);
        Object.defineProperty(this, HANDLE, { value: handle });
        if (handle.isOwn) forgotten.register(this, handle, handle);
      }

      [Symbol.dispose](): void {
        const handle = this[HANDLE];
        // May be called again, and is called at the end of a block also if the object was given away in it.
        if (!handle.isAlive || !handle.isOwn) return;
        handle.dispose();
        forgotten.unregister(handle);
        caller.destroy(handle);
      }
    }
    Object.defineProperty(Resource, "name", { value: name });
    return Resource;
  }
}
