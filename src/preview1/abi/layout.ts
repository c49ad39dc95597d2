/**
 * Records of preview 1 in guest memory. Offsets in bytes, all numbers little-endian; the caller has checked the range.
 *
 * Source: typenames.witx (WebAssembly/WASI@1ad15f3), with the alignment rules of C.
 */

import type { ResultType } from "../../witx/signature.ts";
import { Eventtype, type Fdstat, type Filestat, FilestatWord } from "../../witx/types.ts";
import type { Events, Subscriptions } from "../results.ts";

/** Bytes of an `fdstat`. */
export const FDSTAT_SIZE = 24;
/** Bytes of a `filestat`. */
export const FILESTAT_SIZE = 64;
/** Bytes of a `filestat` of `wasi_unstable`. */
export const UNSTABLE_FILESTAT_SIZE = 56;
/** Bytes of a `prestat`. */
export const PRESTAT_SIZE = 8;
/** Bytes of a `subscription`. */
export const SUBSCRIPTION_SIZE = 48;
/** Bytes of an `event`. */
export const EVENT_SIZE = 32;

/** Bytes of each result, by its type. */
export const RESULT_SIZES: Readonly<Record<ResultType, number>> = {
  address_type: 4,
  bytes: 4,
  count: 4,
  fd: 4,
  fdstat: FDSTAT_SIZE,
  filesize: 8,
  filestat: FILESTAT_SIZE,
  port: 4,
  prestat: PRESTAT_SIZE,
  roflags: 2,
  size: 4,
  timestamp: 8,
};

const WORD = 2 ** 32;

/**
 *     0             2          8                16                     24
 *     | filetype | 0 | flags | 0 | rights_base  | rights_inheriting    |
 */
export function writeFdstat(view: DataView, ptr: number, stat: Fdstat): void {
  view.setUint16(ptr, stat.fsFiletype, true);
  view.setUint16(ptr + 2, stat.fsFlags, true);
  view.setUint32(ptr + 4, 0, true);
  view.setUint32(ptr + 8, stat.fsRightsBase, true);
  view.setUint32(ptr + 12, 0, true);
  view.setUint32(ptr + 16, stat.fsRightsInheriting, true);
  view.setUint32(ptr + 20, 0, true);
}

/**
 *     0     8     16             24      32     40     48     56     64
 *     | dev | ino | filetype | 0 | nlink | size | atim | mtim | ctim |
 */
export function writeFilestat(view: DataView, ptr: number, { words }: Filestat): void {
  for (let i = 0; i < FilestatWord.END; i++) view.setUint32(ptr + i * 4, words[i]!, true);
}

/**
 * The record of `wasi_unstable`, whose `nlink` has 32 bits:
 *
 *     0     8     16         20      24     32     40     48     56
 *     | dev | ino | filetype | nlink | size | atim | mtim | ctim |
 */
export function writeUnstableFilestat(view: DataView, ptr: number, { words }: Filestat): void {
  for (let i = 0; i <= FilestatWord.FILETYPE; i++) view.setUint32(ptr + i * 4, words[i]!, true);
  view.setUint32(ptr + 20, words[FilestatWord.NLINK]!, true);
  for (let i = FilestatWord.SIZE; i < FilestatWord.END; i++) view.setUint32(ptr + i * 4 - 8, words[i]!, true);
}

/**
 * Read subscriptions:
 *
 *     0          8          16         24        32          40      48
 *     | userdata | type | 0 | clockid  | timeout | precision | flags |
 *                           | fd       |
 *
 * In `wasi_unstable` a clock has a second userdata before its id, which moves the fields after it by 8 bytes.
 *
 * @param userdata Gets two words for each subscription.
 * @param shift 0, or 8 for `wasi_unstable`.
 */
export function readSubscriptions(
  view: DataView,
  ptr: number,
  subs: Subscriptions,
  userdata: Uint32Array,
  shift: 0 | 8,
): void {
  for (let i = 0; i < subs.count; i++, ptr += SUBSCRIPTION_SIZE + shift) {
    userdata[2 * i] = view.getUint32(ptr, true);
    userdata[2 * i + 1] = view.getUint32(ptr + 4, true);
    const type = view.getUint8(ptr + 8);
    subs.type[i] = type;
    if (type !== Eventtype.CLOCK) {
      subs.fd[i] = view.getUint32(ptr + 16, true);
      continue;
    }
    const clock = ptr + 16 + shift;
    subs.clockid[i] = view.getUint32(clock, true);
    subs.timeout[i] = view.getUint32(clock + 12, true) * WORD + view.getUint32(clock + 8, true);
    subs.flags[i] = view.getUint16(clock + 24, true);
  }
}

/**
 * Write events:
 *
 *     0          8       10         16       24          32
 *     | userdata | error | type | 0 | nbytes | flags | 0 |
 *
 * @param userdata Two words for each subscription.
 */
export function writeEvents(
  view: DataView,
  ptr: number,
  events: Events,
  subs: Subscriptions,
  userdata: Uint32Array,
): void {
  for (let row = 0; row < events.count; row++, ptr += EVENT_SIZE) {
    const index = events.index[row]!;
    const nbytes = events.nbytes[row]!;
    view.setUint32(ptr, userdata[2 * index]!, true);
    view.setUint32(ptr + 4, userdata[2 * index + 1]!, true);
    view.setUint32(ptr + 8, events.error[row]! | subs.type[index]! << 16, true);
    view.setUint32(ptr + 12, 0, true);
    const high = nbytes < WORD ? 0 : Math.floor(nbytes / WORD);
    view.setUint32(ptr + 16, nbytes - high * WORD, true);
    view.setUint32(ptr + 20, high, true);
    view.setUint32(ptr + 24, events.flags[row]!, true);
    view.setUint32(ptr + 28, 0, true);
  }
}

/** Minimum number of rows, so that small polls share one allocation. */
const MIN_ROWS = 16;

/** @returns Room for `count` subscriptions. */
export function subscriptionRows(count: number): Subscriptions {
  const rows = Math.max(count, MIN_ROWS);
  return {
    count: 0,
    type: new Uint8Array(rows),
    fd: new Uint32Array(rows),
    clockid: new Uint32Array(rows),
    timeout: new Float64Array(rows),
    flags: new Uint16Array(rows),
  };
}

/** @returns Room for `count` events. */
export function eventRows(count: number): Events {
  const rows = Math.max(count, MIN_ROWS);
  return {
    count: 0,
    index: new Uint32Array(rows),
    error: new Uint16Array(rows),
    nbytes: new Float64Array(rows),
    flags: new Uint16Array(rows),
  };
}
