/** Arguments of `wasi:filesystem/types` as JavaScript values. */

import { SYMLINK_FOLLOW } from "./flags.ts";

/** `path-flags` as a JavaScript value. */
export interface PathFlagsValue {
  readonly symlinkFollow?: boolean;
}

/** Bits of `path-flags`. */
export function pathFlagsOf({ symlinkFollow }: PathFlagsValue): number {
  return symlinkFollow === true ? SYMLINK_FOLLOW : 0;
}
