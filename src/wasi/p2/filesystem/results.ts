/** Arguments and results of the functions of `wasi:filesystem/types`, with JavaScript values and in memory. */

import type { CallContext } from "../../../component/abi/context.ts";
import type { ResourceType } from "../../../component/link/resource_type.ts";
import type { Failure } from "../../../contract/results.ts";
import { Errno } from "../../../witx/errno.ts";
import { type Filestat, FilestatWord } from "../../../witx/types.ts";
import { storeDatetime } from "../clocks/datetime.ts";
import { type ErrorCode, errorCodeOf, errorNumberOf } from "./error_code.ts";
import { descriptorTypeNumber } from "./flags.ts";

/** A `result` as a JavaScript value. */
export type ResultValue<T> = { readonly tag: "ok"; readonly val: T } | { readonly tag: "err"; readonly val: ErrorCode };

/** A `result` with an error. @param failure Minus an errno. */
export function err(failure: Failure): ResultValue<never> {
  return { tag: "err", val: errorCodeOf(failure) };
}

/** A `result<_, error-code>`. @param result 0 or more, or minus an errno. */
export function unit(result: number): ResultValue<undefined> {
  return result < 0 ? err(result) : { tag: "ok", val: undefined };
}

/** A `result` with what a call has produced, or its error. */
export function produced<T extends object | string>(result: T | Failure): ResultValue<T> {
  return typeof result === "number" ? err(result) : { tag: "ok", val: result };
}

/** Size, alignment and offset of the payload of a result in memory. */
export interface ResultLayout {
  readonly size: number;
  readonly align: number;
  readonly payload: number;
}

/** Of `result<enum, error-code>` and `result<flags, error-code>`. */
export const BYTE_RESULT: ResultLayout = { size: 2, align: 1, payload: 1 };
/** Of `result<own<…>, error-code>`. */
export const HANDLE_RESULT: ResultLayout = { size: 8, align: 4, payload: 4 };
/** Of `result<u64, error-code>`. */
export const SIZE_RESULT: ResultLayout = { size: 16, align: 8, payload: 8 };
/** Of `result<tuple<list<u8>, bool>, error-code>`. */
export const READ_RESULT: ResultLayout = { size: 16, align: 4, payload: 4 };
/** Of `result<metadata-hash-value, error-code>`. */
export const HASH_RESULT: ResultLayout = { size: 24, align: 8, payload: 8 };
/** Of `result<descriptor-stat, error-code>`. */
export const STAT_RESULT: ResultLayout = { size: 104, align: 8, payload: 8 };
/** Of `result<option<directory-entry>, error-code>`. */
export const ENTRY_RESULT: ResultLayout = { size: 20, align: 4, payload: 4 };

const OK = 0;
const ERR = 1;
const NONE = 0;
const SOME = 1;
const WORD = 2 ** 32;
/** Top bit of a word. */
const SIGN = 2 ** 31;

/** @returns 0 if the guest may have one more handle, or `-MFILE`. */
export function roomForHandle(cx: CallContext): number {
  return cx.instance.handles.hasRoom(1) ? 0 : -Errno.MFILE;
}

/** Checks a return pointer. @returns It, unsigned. */
export function resultAt(cx: CallContext, pointer: number, { size, align }: ResultLayout): number {
  const at = pointer >>> 0;
  cx.checkSpan(at, size, align);
  return at;
}

/** Stores the discriminant of a success. @returns Where its payload goes. */
export function storeOk(cx: CallContext, at: number, { payload }: ResultLayout): number {
  cx.bytes[at] = OK;
  return at + payload;
}

/** Stores an error. @param failure Minus an errno. */
export function storeErr(cx: CallContext, at: number, { payload }: ResultLayout, failure: Failure): void {
  cx.bytes[at] = ERR;
  cx.bytes[at + payload] = errorNumberOf(failure);
}

/** Stores a `result<own<…>, error-code>`. @param opened What is given to the guest, or minus an errno. */
export function storeHandle<Rep extends object>(
  cx: CallContext,
  at: number,
  type: ResourceType<Rep>,
  opened: Rep | Failure,
): void {
  if (typeof opened === "number") return storeErr(cx, at, HANDLE_RESULT, opened);
  cx.view.setUint32(storeOk(cx, at, HANDLE_RESULT), cx.addHandle(type, opened), true);
}

/** Stores the discriminant of an option that has a value. */
export function storeSome(cx: CallContext, at: number): void {
  cx.bytes[at] = SOME;
}

/** Stores an option that has none. */
export function storeNone(cx: CallContext, at: number): void {
  cx.bytes[at] = NONE;
}

/** Stores a count below 2^53 as u64. */
export function storeU64(cx: CallContext, at: number, count: number): void {
  cx.view.setUint32(at, count, true);
  cx.view.setUint32(at + 4, count / WORD, true);
}

/** Offsets in a `descriptor-stat`. */
const LINK_COUNT = 8;
const SIZE = 16;
const ACCESS_TIME = 24;
const MODIFICATION_TIME = 48;
const CHANGE_TIME = 72;

/** Stores a `descriptor-stat`. */
export function storeStat(cx: CallContext, at: number, stat: Filestat): void {
  const { words } = stat;
  cx.bytes[at] = descriptorTypeNumber(stat.filetype);
  storeWords(cx, at + LINK_COUNT, words, FilestatWord.NLINK);
  storeWords(cx, at + SIZE, words, FilestatWord.SIZE);
  storeTime(cx, at + ACCESS_TIME, words, FilestatWord.ATIM);
  storeTime(cx, at + MODIFICATION_TIME, words, FilestatWord.MTIM);
  storeTime(cx, at + CHANGE_TIME, words, FilestatWord.CTIM);
}

function storeWords({ view }: CallContext, at: number, words: Uint32Array, word: number): void {
  view.setUint32(at, words[word]!, true);
  view.setUint32(at + 4, words[word + 1]!, true);
}

/** Stores an `option<datetime>`: none for a time before 1970, which a `datetime` can't express. */
function storeTime(cx: CallContext, at: number, words: Uint32Array, word: number): void {
  const high = words[word + 1]!;
  if (high >= SIGN) return storeNone(cx, at);
  storeSome(cx, at);
  storeDatetime(cx, at + 8, words[word]!, high);
}

const MAX_OFFSET = 2n ** 63n - 1n;

/** As {@linkcode fileOffset}, of a u64 that arrives as an s64, and that as a float64. */
export function offsetOf(value: number): number {
  return value < 0 ? -Errno.INVAL : value;
}

/**
 * An offset or a size of a file.
 *
 * @param value u64, also as WebAssembly passes it: as s64.
 * @returns A number, exact below 2^53; `-INVAL` above 2^63 - 1, as the system calls answer.
 */
export function fileOffset(value: bigint): number {
  return value < 0n || value > MAX_OFFSET ? -Errno.INVAL : Number(value);
}
