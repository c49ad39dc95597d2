/** What variants, options, results and enums are in JavaScript. */

import type { EnumType, OptionType, ResultType, ValueType, VariantType } from "../types/value_type.ts";
import { mismatch } from "./mismatch.ts";

/** The types that have a discriminant. */
export type DiscriminatedType = VariantType | OptionType | ResultType | EnumType;

/** A value of a case. */
export interface TaggedValue {
  /** Name of the case, in kebab case. */
  readonly tag: string;
  /** Its payload, if the case has one. */
  readonly val?: unknown;
}

/** Converts between values of JavaScript, and cases with payloads. */
export interface CaseValues {
  /** Index of the case of a value. @throws {TypeError} If it is of no case. */
  readonly caseOf: (value: unknown) => number;
  /** Payload of a value, whose case has one. */
  readonly payloadOf: (value: unknown) => unknown;
  /** Make a value of a case. */
  readonly make: (index: number, payload: unknown) => unknown;
}

/**
 * - variant: `{ tag, val }`, without `val` where the case has no payload
 * - result: the same, with tags `ok` and `err`
 * - option: the value, or undefined (null is accepted); `{ tag: "some", val }` and `{ tag: "none" }` where the value is an
 *   option itself
 * - enum: the label
 */
export function caseValues(type: DiscriminatedType): CaseValues {
  switch (type.kind) {
    case "variant":
      return tagged(type, type.cases.map(({ name }) => name), type.cases.map((each) => each.type !== undefined));
    case "result":
      return tagged(type, ["ok", "err"], [type.ok !== undefined, type.error !== undefined]);
    case "option":
      return type.some.kind === "option" ? tagged(type, ["none", "some"], [false, true]) : OPTION;
    case "enum":
      return labels(type);
  }
}

const OPTION: CaseValues = {
  caseOf: (value) => value === undefined || value === null ? 0 : 1,
  payloadOf: (value) => value,
  make: (_, payload) => payload,
};

function tagged(type: ValueType, tags: readonly string[], hasPayload: readonly boolean[]): CaseValues {
  const indices = new Map(tags.map((tag, i) => [tag, i]));
  return {
    caseOf: (value) => {
      const tag = (value as TaggedValue | null | undefined)?.tag;
      const index = indices.get(tag as string);
      return index ?? mismatch(value, type, expected("tag", tags));
    },
    payloadOf: (value) => (value as TaggedValue).val,
    make: (index, val): TaggedValue => {
      const tag = tags[index] as string;
      return hasPayload[index] ? { tag, val } : { tag };
    },
  };
}

function labels(type: EnumType): CaseValues {
  const indices = new Map(type.labels.map((label, i) => [label, i]));
  return {
    caseOf: (value) => indices.get(value as string) ?? mismatch(value, type, expected("label", type.labels)),
    payloadOf: () => undefined,
    make: (index) => type.labels[index],
  };
}

function expected(what: string, names: readonly string[]): string {
  return `expected the ${what} ${names.slice(0, 8).join(", ")}${names.length > 8 ? ", …" : ""}`;
}
