/** Flags and enums of `wasi:filesystem/types`, as numbers and by name. */

import { Filetype } from "../../../witx/types.ts";

/** Bits of `descriptor-flags`. */
export const DescriptorFlags = {
  READ: 1,
  WRITE: 2,
  FILE_INTEGRITY_SYNC: 4,
  DATA_INTEGRITY_SYNC: 8,
  REQUESTED_WRITE_SYNC: 16,
  MUTATE_DIRECTORY: 32,
} as const;

/** Every defined bit of `descriptor-flags`. */
export const DESCRIPTOR_FLAGS_ALL = 63;

/** Bits of `open-flags`. */
export const OpenFlags = { CREATE: 1, DIRECTORY: 2, EXCLUSIVE: 4, TRUNCATE: 8 } as const;

/** Every defined bit of `open-flags`. */
export const OPEN_FLAGS_ALL = 15;

/** The bit of `path-flags`. */
export const SYMLINK_FOLLOW = 1;

/** Cases of `descriptor-type`, in the order of their numbers. */
export const DESCRIPTOR_TYPES = [
  "unknown",
  "block-device",
  "character-device",
  "directory",
  "fifo",
  "symbolic-link",
  "regular-file",
  "socket",
] as const;

/** Cases of `advice`, in the order of their numbers, which those of `Advice` in witx are too. */
export const ADVICES = ["normal", "sequential", "random", "will-need", "dont-need", "no-reuse"] as const;

/** Numbers of `descriptor-type` by `Filetype`. A FIFO is an unknown type to the core. */
const NUMBERS: Readonly<Record<Filetype, number>> = {
  [Filetype.UNKNOWN]: 0,
  [Filetype.BLOCK_DEVICE]: 1,
  [Filetype.CHARACTER_DEVICE]: 2,
  [Filetype.DIRECTORY]: 3,
  [Filetype.REGULAR_FILE]: 6,
  [Filetype.SOCKET_DGRAM]: 7,
  [Filetype.SOCKET_STREAM]: 7,
  [Filetype.SYMBOLIC_LINK]: 5,
};

/** Number of the `descriptor-type` of a file type. */
export function descriptorTypeNumber(filetype: Filetype): number {
  return NUMBERS[filetype];
}
