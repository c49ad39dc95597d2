/** The types without elements. */

import type { PrimitiveKind } from "../binary/primitive_kind.ts";
import type { CoreType, PrimitiveType } from "./value_type.ts";

/** The types without elements, by kind. */
export const PRIMITIVES: Readonly<Record<PrimitiveKind, PrimitiveType>> = {
  bool: scalar("bool", 1, "i32"),
  s8: scalar("s8", 1, "i32"),
  u8: scalar("u8", 1, "i32"),
  s16: scalar("s16", 2, "i32"),
  u16: scalar("u16", 2, "i32"),
  s32: scalar("s32", 4, "i32"),
  u32: scalar("u32", 4, "i32"),
  s64: scalar("s64", 8, "i64"),
  u64: scalar("u64", 8, "i64"),
  f32: scalar("f32", 4, "f32"),
  f64: scalar("f64", 8, "f64"),
  char: scalar("char", 4, "i32"),
  string: {
    kind: "string",
    size: 8,
    align: 4,
    layout64: { size: 16, align: 8 },
    flat: ["i32", "i32"],
    depth: 1,
    hasBorrow: false,
    hasPointer: true,
  },
  "error-context": scalar("error-context", 4, "i32"),
};

function scalar(kind: PrimitiveKind, size: number, core: CoreType): PrimitiveType {
  return {
    kind,
    size,
    align: size,
    layout64: { size, align: size },
    flat: [core],
    depth: 1,
    hasBorrow: false,
    hasPointer: false,
  };
}
