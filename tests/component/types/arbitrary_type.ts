/** Types of values at random. */

import fc from "fast-check";
import {
  borrowType,
  enumType,
  fixedListType,
  flagsType,
  futureType,
  listType,
  mapType,
  optionType,
  ownType,
  recordType,
  resultType,
  streamType,
  tupleType,
  variantType,
} from "../../../src/component/types/make.ts";
import { PRIMITIVES } from "../../../src/component/types/primitive.ts";
import type { ValueType } from "../../../src/component/types/value_type.ts";

const RESOURCES = [{ name: "pollable" }, { name: "descriptor" }];
const resource = fc.constantFrom(...RESOURCES);
const labels = (most: number): fc.Arbitrary<string[]> =>
  fc.integer({ min: 1, max: most }).map((count) => Array.from({ length: count }, (_, i) => `label-${i}`));

/** A type of values, with or without elements. */
export const valueType: fc.Arbitrary<ValueType> = fc.letrec<{ type: ValueType; leaf: ValueType }>((tie) => {
  const some = fc.array(tie("type"), { minLength: 1, maxLength: 5 });
  const optional = fc.option(tie("type"), { nil: undefined });
  return {
    leaf: fc.oneof(
      fc.constantFrom(...Object.values(PRIMITIVES)),
      labels(300).map(enumType),
      labels(32).map(flagsType),
      resource.map(ownType),
      resource.map(borrowType),
    ),
    type: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      tie("leaf"),
      tie("type").map(listType),
      fc.tuple(tie("type"), fc.integer({ min: 1, max: 20 })).map(([type, length]) => fixedListType(type, length)),
      some.map(tupleType),
      some.map((types) => recordType(types.map((type, i) => ({ name: `field-${i}`, type })))),
      fc.array(optional, { minLength: 1, maxLength: 5 })
        .map((types) => variantType(types.map((type, i) => ({ name: `case-${i}`, type })))),
      tie("type").map(optionType),
      fc.tuple(optional, optional).map(([ok, error]) => resultType(ok, error)),
      tie("type").map((value) => mapType(PRIMITIVES.string, value)),
      optional.map(streamType),
      optional.map(futureType),
    ),
  };
}).type;
