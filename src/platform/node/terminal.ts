/** isatty(3), for Node and Bun, without loading `node:tty` where the type of the file suffices: loading it takes milliseconds at start. */

import { createRequire } from "node:module";
import type tty from "node:tty";
import { Filetype } from "../../witx/types.ts";

/** Major number of /dev/null, /dev/zero, /dev/random and their like on Linux. Source: devices.txt of the kernel. */
const MEMORY_DEVICES = 1;

/**
 * @param fd Descriptor of the process.
 * @param filetype Its type.
 * @param rdev Number of the device, `st_rdev`.
 * @returns True for a terminal.
 */
export function isTerminal(fd: number, filetype: Filetype, rdev: number): boolean {
  if (filetype !== Filetype.CHARACTER_DEVICE || rdev >> 8 === MEMORY_DEVICES) return false;
  return loadTty().isatty(fd);
}

/** `node:tty`, loaded when it is first needed. */
export function loadTty(): typeof tty {
  return createRequire(import.meta.url)("node:tty") as typeof tty;
}
