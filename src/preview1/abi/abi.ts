/** What the imports of one guest share, and where the two modules of preview 1 differ. */

import type { ResultType } from "../../witx/signature.ts";
import type { Filestat } from "../../witx/types.ts";
import type { System } from "../system.ts";
import { RESULT_SIZES, UNSTABLE_FILESTAT_SIZE, writeFilestat, writeUnstableFilestat } from "./layout.ts";
import type { GuestMemory } from "./memory.ts";

/** What the imports of one guest share. */
export interface Abi {
  /** Answers the calls. */
  readonly system: System;
  /** Memory of the guest. */
  readonly memory: GuestMemory;
  /** The module whose functions these are. */
  readonly dialect: Dialect;
}

/** Where `wasi_unstable` differs. */
export interface Dialect {
  /** Bytes of each result. */
  readonly resultSizes: Readonly<Record<ResultType, number>>;
  /** Stores a `filestat`. */
  readonly writeFilestat: (view: DataView, ptr: number, stat: Filestat) => void;
  /** Translates a `whence` to that of preview 1; an unknown one stays unknown. */
  readonly whence: (whence: number) => number;
  /** Bytes by which a subscription to a clock is larger. */
  readonly subscriptionShift: 0 | 8;
}

/** `wasi_snapshot_preview1`. */
export const SNAPSHOT_1: Dialect = {
  resultSizes: RESULT_SIZES,
  writeFilestat,
  whence: (whence) => whence,
  subscriptionShift: 0,
};

/** `wasi_unstable`, the snapshot before it. */
export const UNSTABLE: Dialect = {
  resultSizes: { ...RESULT_SIZES, filestat: UNSTABLE_FILESTAT_SIZE },
  writeFilestat: writeUnstableFilestat,
  // CUR, END, SET were 0, 1, 2.
  whence: (whence) => whence === 2 ? 0 : whence < 2 ? whence + 1 : whence,
  subscriptionShift: 8,
};
