/** Types of files from their mode. */

import { Filetype } from "../../../witx/types.ts";

/** The format bits of `st_mode`, the same everywhere. Source: inode(7). */
const S_IFMT = 0o170000;

const FILETYPES: Readonly<Record<number, Filetype>> = {
  0o010000: Filetype.UNKNOWN,
  0o020000: Filetype.CHARACTER_DEVICE,
  0o040000: Filetype.DIRECTORY,
  0o060000: Filetype.BLOCK_DEVICE,
  0o100000: Filetype.REGULAR_FILE,
  0o120000: Filetype.SYMBOLIC_LINK,
  0o140000: Filetype.SOCKET_STREAM,
};

/** Type of a file from its `st_mode`; a FIFO is `UNKNOWN`, for preview 1 has no type for it. */
export function filetypeOf(mode: number): Filetype {
  return FILETYPES[mode & S_IFMT] ?? Filetype.UNKNOWN;
}
