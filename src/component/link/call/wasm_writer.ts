/** Writes small modules of WebAssembly. */

import type { CoreType } from "../../types/value_type.ts";

/** Type of a core function. */
export interface CoreSignatureTypes {
  readonly params: readonly CoreType[];
  readonly results: readonly CoreType[];
}

/** A function that a module imports, under a name in the module `""`. */
export interface WrittenImport extends CoreSignatureTypes {
  readonly name: string;
}

/** Opcodes and types, as far as they are used. */
export const Op = {
  BLOCK_VOID: 0x40,
  LOOP: 0x03,
  IF: 0x04,
  TRY: 0x06,
  END: 0x0b,
  BR: 0x0c,
  CALL: 0x10,
  CATCH_ALL: 0x19,
  LOCAL_GET: 0x20,
  LOCAL_SET: 0x21,
  I32_CONST: 0x41,
  F64_CONVERT_I64_S: 0xb9,
  UNREACHABLE: 0x00,
} as const;

/** Codes of core types. */
const TYPE_CODE: Readonly<Record<CoreType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

const HEADER: readonly number[] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** An unsigned number. */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? byte : byte | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** `local.get` of the first locals. */
export function getLocals(count: number): number[] {
  return Array.from({ length: count }, (_, i) => [Op.LOCAL_GET, ...leb(i)]).flat();
}

/**
 * Write a module with one function, which it exports as `""`.
 *
 * @param signature Type of the function.
 * @param imports Functions that it calls: the index of each is its position.
 * @param locals Types of the locals behind the parameters.
 * @param code Body, without the final `end`.
 */
export function functionModule(
  signature: CoreSignatureTypes,
  imports: readonly WrittenImport[],
  locals: readonly CoreType[],
  code: readonly number[],
): Uint8Array<ArrayBuffer> {
  const types = [signature, ...imports].map((
    { params, results },
  ) => [0x60, ...typeCodes(params), ...typeCodes(results)]);
  const importEntries = imports.map(({ name }, i) => [0, ...text(name), 0, ...leb(i + 1)]);
  const body = [...vector(locals.map((type) => [1, TYPE_CODE[type]])), ...code, Op.END];
  return Uint8Array.from([
    ...HEADER,
    ...section(1, vector(types)),
    ...section(2, vector(importEntries)),
    ...section(3, [1, 0]),
    ...section(7, [1, 0, 0, ...leb(imports.length)]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

function typeCodes(types: readonly CoreType[]): number[] {
  return vector(types.map((type) => [TYPE_CODE[type]]));
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

function text(name: string): number[] {
  return [name.length, ...Array.from(name, (char) => char.charCodeAt(0))];
}
