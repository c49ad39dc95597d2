/**
 * Resources inside values. The canonical ABI passes what stands for a resource (its "rep"); JavaScript has objects of
 * classes. Values of types without resources of guests stay as they are. A resource of the host is the host's own object
 * on both sides.
 *
 * @module
 */

import { camelCase } from "../abi/names.ts";
import { ResourceType } from "../link/resource_type.ts";
import type { FutureType, StreamType, ValueType } from "../types/value_type.ts";
import type { TaggedValue } from "../abi/variant_values.ts";

/** Converts a value of one type; undefined if it stays as it is. */
export type Conversion<Context> = ((value: unknown, context: Context) => unknown) | undefined;

/** Converts the resources, streams and futures of guests. */
export interface ResourceConversion<Context> {
  /** A resource; undefined if they stay as they are. @param isOwn False for a borrow. */
  convert?(type: ResourceType, isOwn: boolean, value: unknown, context: Context): unknown;
  /** A stream or a future. @param element Converts elements; undefined if they stay as they are. */
  copy(type: StreamType | FutureType, element: Conversion<Context>, value: unknown): unknown;
}

/** Makes the conversions of one guest in one direction; one for each type. */
export class Conversions<Context> {
  readonly #resources: ResourceConversion<Context>;
  readonly #made: Map<ValueType, Conversion<Context>> = new Map();

  /** @param resources Converts resources. */
  constructor(resources: ResourceConversion<Context>) {
    this.#resources = resources;
  }

  /** The conversion of a type. */
  of(type: ValueType): Conversion<Context> {
    if (this.#made.has(type)) return this.#made.get(type);
    const made = this.#make(type);
    this.#made.set(type, made);
    return made;
  }

  #make(type: ValueType): Conversion<Context> {
    switch (type.kind) {
      case "own":
      case "borrow":
        return this.#resource(type.resource as ResourceType, type.kind === "own");
      case "list":
        return elements([this.of(type.element)], () => 0);
      case "map":
        return elements([this.of(type.entry)], () => 0);
      case "tuple":
        return elements(type.types.map((each) => this.of(each)), (i) => i);
      case "record":
        return fields(type.fields.map((each) => [camelCase(each.name), this.of(each.type)]));
      case "stream":
      case "future": {
        const element = type.element === undefined ? undefined : this.of(type.element);
        return (value) => this.#resources.copy(type, element, value);
      }
      case "option":
        return type.some.kind === "option" ? this.#tagged(["none", "some"], type.cases) : optional(this.of(type.some));
      case "result":
        return this.#tagged(["ok", "err"], type.cases);
      case "variant":
        return this.#tagged(type.cases.map(({ name }) => name), type.cases);
      default:
        return undefined;
    }
  }

  #resource(type: ResourceType, isOwn: boolean): Conversion<Context> {
    const resources = this.#resources;
    if (type.owner === undefined || resources.convert === undefined) return undefined;
    return (value, context) => resources.convert?.(type, isOwn, value, context);
  }

  #tagged(tags: readonly string[], cases: readonly { readonly type: ValueType | undefined }[]): Conversion<Context> {
    const byTag = new Map<string, NonNullable<Conversion<Context>>>();
    cases.forEach(({ type }, i) => {
      const conversion = type === undefined ? undefined : this.of(type);
      if (conversion !== undefined) byTag.set(tags[i]!, conversion);
    });
    if (byTag.size === 0) return undefined;
    return (value, context) => {
      // What is no such value is refused by what lowers it.
      const tagged = value as TaggedValue | null | undefined;
      const conversion = byTag.get(tagged?.tag as string);
      return conversion === undefined ? value : { tag: tagged!.tag, val: conversion(tagged!.val, context) };
    };
  }
}

function optional<Context>(some: Conversion<Context>): Conversion<Context> {
  if (some === undefined) return undefined;
  return (value, context) => value === undefined || value === null ? undefined : some(value, context);
}

function elements<Context>(
  conversions: readonly Conversion<Context>[],
  indexOf: (position: number) => number,
): Conversion<Context> {
  if (conversions.every((conversion) => conversion === undefined)) return undefined;
  return (value, context) => {
    if (!Array.isArray(value)) return value;
    return value.map((element: unknown, i) => {
      const conversion = conversions[indexOf(i)];
      return conversion === undefined ? element : conversion(element, context);
    });
  };
}

function fields<Context>(all: readonly (readonly [key: string, Conversion<Context>])[]): Conversion<Context> {
  const converted = all.filter(([, conversion]) => conversion !== undefined);
  if (converted.length === 0) return undefined;
  return (value, context) => {
    if (typeof value !== "object" || value === null) return value;
    const copy: Record<string, unknown> = { ...value };
    for (const [key, conversion] of converted) copy[key] = conversion!(copy[key], context);
    return copy;
  };
}
