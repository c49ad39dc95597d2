/** Small binaries that stand for a lot are refused before anything is computed from them. */

import { expect, test } from "vitest";
import { decodeComponent } from "../../../src/component/binary/decode.ts";
import { InvalidComponentError } from "../../../src/component/binary/invalid_component.ts";
import { validateComponent } from "../../../src/component/validate/validate.ts";
import { leb } from "../../tools/binary.ts";

const HEADER = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];
const TYPES = 7;

type Sections = readonly (readonly [id: number, content: readonly number[]])[];

function component(sections: Sections): number[] {
  return [...HEADER, ...sections.flatMap(([id, content]) => [id, ...leb(content.length), ...content])];
}

function types(definitions: readonly (readonly number[])[]): number[] {
  return component([[TYPES, [...leb(definitions.length), ...definitions.flat()]]]);
}

/** Types 0, 1, …, each of which refers to the one before it. */
function chain(length: number, first: readonly number[], next: (previous: number) => readonly number[]): number[] {
  return types(Array.from({ length }, (_, i) => i === 0 ? first : next(i - 1)));
}

function problem(bytes: readonly number[]): string {
  try {
    validateComponent(decodeComponent(Uint8Array.from(bytes)));
    return "none";
  } catch (error) {
    if (error instanceof InvalidComponentError) return error.message;
    throw error;
  }
}

const U8 = 0x7d;
const tuple = (...elements: number[]): number[] => [0x6f, ...leb(elements.length), ...elements.flatMap(index)];
const list = (element: number): number[] => [0x70, ...index(element)];

/** An index, or a primitive type as the byte that it has: they are told apart by their sign. */
function index(value: number): number[] {
  return value === U8 || value < 0x40 ? [value] : [value | 0x80, 0];
}

test("tuples of tuples may not get too large", () => {
  const tuples = (count: number): number[] => chain(count, tuple(U8, U8), (i) => tuple(i, i));
  expect(problem(tuples(27))).toBe("none");
  expect(problem(tuples(28))).toContain("exceeds the maximum byte size");
});

test("types that are exponential when they are written out cost as much as they have definitions", () => {
  const pairs = chain(90, tuple(U8, U8), (i) => i % 2 === 0 ? list(i) : tuple(i, i));
  expect(problem(pairs)).toBe("none");
});

test("types may not nest too deep", () => {
  expect(problem(chain(99, list(U8), list))).toBe("none");
  expect(problem(chain(100, list(U8), list))).toContain("types are nested more than 100 deep");
});

test("components may not nest too deep", () => {
  const nested = (depth: number): number[] => depth === 0 ? component([]) : component([[4, nested(depth - 1)]]);
  expect(problem(nested(100))).toBe("none");
  expect(problem(nested(101))).toContain("nested more than 100 deep");
});

test("declarations of types may not nest too deep", () => {
  const instance = (depth: number): number[] => depth === 0 ? [0x42, 0] : [0x42, 1, 0x01, ...instance(depth - 1)];
  expect(problem(types([instance(99)]))).toBe("none");
  expect(problem(types([instance(100)]))).toContain("nested more than 100 deep");
});

test("instance types that use others twice may not become too large", () => {
  // (export "a" (instance (type outer))) (export "b" (instance (type outer)))
  const twice = (previous: number): number[] => [
    ...[0x42, 3, 0x02, 0x03, 0x02, 0x01, ...leb(previous)],
    ...[0x04, 0x00, 1, 0x61, 0x05, 0x00],
    ...[0x04, 0x00, 1, 0x62, 0x05, 0x00],
  ];
  expect(problem(chain(8, [0x42, 0], twice))).toBe("none");
  expect(problem(chain(40, [0x42, 0], twice))).toContain("imports and exports");
});

test("lists may not have more items than bytes", () => {
  const HUGE = [0xff, 0xff, 0xff, 0xff, 0x0f];
  const sections: Sections = [[2, HUGE], [5, HUGE], [6, HUGE], [8, HUGE], [10, HUGE], [11, HUGE]];
  for (const section of sections) {
    expect(problem(component([section]))).toContain("4294967295 definitions are declared");
  }
  expect(problem(types([[0x72, ...HUGE]]))).toContain("4294967295 fields are declared");
  expect(problem(types([[0x6e, ...HUGE]]))).toContain("4294967295 flags are declared");
});

test("a binary may not have too many items, whatever its size", () => {
  const PRIMITIVE = 0x7f;
  const many = (count: number): number[] => [...leb(count), ...Array.from({ length: count }, () => PRIMITIVE)];
  expect(problem(component([[TYPES, many(1_000_000)]]))).toBe("none");
  expect(problem(component([[TYPES, many(600_000)], [TYPES, many(600_000)]]))).toContain("more than 1000000");
});
