/** Records that calls answer. */

import type { Prestat } from "../core/system.ts";
import { PREOPEN_SOCKET } from "../core/system.ts";
import { Fdflags, type Fdstat, type Filestat, Filetype, Preopentype } from "../witx/types.ts";
import { flagText, nameText, rightsText } from "./flag_text.ts";
import { quotedBytes } from "./string_text.ts";

const PREOPENS = { ...Preopentype, SOCKET: PREOPEN_SOCKET };

/** `REGULAR_FILE, APPEND, FD_READ|FD_SEEK, 0`: type, flags, both rights. */
export function fdstatText({ fsFiletype, fsFlags, fsRightsBase, fsRightsInheriting }: Fdstat): string {
  const rights = `${rightsText(fsRightsBase)}, ${rightsText(fsRightsInheriting)}`;
  return `${nameText(Filetype, fsFiletype)}, ${flagText(Fdflags, fsFlags)}, ${rights}`;
}

/** `REGULAR_FILE, size 3, nlink 1, dev 5, ino 7, atim 1, mtim 2, ctim 3`; times in ns. */
export function filestatText(stat: Filestat): string {
  const { filetype, size, nlink, dev, ino, atim, mtim, ctim } = stat;
  const times = `atim ${atim}, mtim ${mtim}, ctim ${ctim}`;
  return `${nameText(Filetype, filetype)}, size ${size}, nlink ${nlink}, dev ${dev}, ino ${ino}, ${times}`;
}

/** `DIR "/"`. */
export function prestatText({ tag, name }: Prestat): string {
  return `${nameText(PREOPENS, tag)} ${quotedBytes(name)}`;
}

/** Time that a clock answered (ns). */
export function timeText([low = 0, high = 0]: Uint32Array): string {
  return String(BigInt(high) << 32n | BigInt(low));
}
