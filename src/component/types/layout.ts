/**
 * Sizes and alignments in memory.
 *
 * All arithmetic is in doubles and can't overflow: `resolve.ts` refuses sizes above 2^28 before they add up.
 *
 * Source: `alignment` and `elem_size` of the canonical ABI.
 *
 * @module
 */

import type { Layout } from "./value_type.ts";

/** Round up to a multiple of a power of two. */
function alignTo(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}

/** Where the elements of a sequence stand. */
export interface SequenceLayout extends Layout {
  /** Bytes from the start of the sequence to each element. */
  readonly offsets: readonly number[];
}

/** The layout of a record or a tuple. */
export function sequenceLayout(elements: readonly Layout[]): SequenceLayout {
  const offsets: number[] = [];
  let end = 0;
  let align = 1;
  for (const element of elements) {
    const offset = alignTo(end, element.align);
    offsets.push(offset);
    end = offset + element.size;
    align = Math.max(align, element.align);
  }
  return { offsets, size: alignTo(end, align), align };
}

/** Where discriminant and payload of a variant stand. */
export interface VariantLayout extends Layout {
  /** Bytes of the discriminant, which stands first. */
  readonly discriminantSize: number;
  /** Bytes from the start of the variant to its payload. */
  readonly payloadOffset: number;
}

/** The layout of a variant. @param payloads Those of the cases, undefined for cases without payload. */
export function variantLayout(payloads: readonly (Layout | undefined)[]): VariantLayout {
  const discriminantSize = discriminantBytes(payloads.length);
  let payloadSize = 0;
  let payloadAlign = 1;
  for (const payload of payloads) {
    if (payload === undefined) continue;
    payloadSize = Math.max(payloadSize, payload.size);
    payloadAlign = Math.max(payloadAlign, payload.align);
  }
  const payloadOffset = alignTo(discriminantSize, payloadAlign);
  const align = Math.max(discriminantSize, payloadAlign);
  return { discriminantSize, payloadOffset, size: alignTo(payloadOffset + payloadSize, align), align };
}

/** Bytes of the discriminant of so many cases: 1, 2 or 4. */
export function discriminantBytes(caseCount: number): number {
  return caseCount <= 0x100 ? 1 : caseCount <= 0x10000 ? 2 : 4;
}

/** Bytes of so many flags: 1, 2 or 4. */
export function flagsBytes(flagCount: number): number {
  return flagCount <= 8 ? 1 : flagCount <= 16 ? 2 : 4;
}
