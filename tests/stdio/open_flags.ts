/** What Linux tells of open files, and whether a program is there. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** O_NONBLOCK. */
export const NON_BLOCKING = 0o4000;

/** The flags in the text of files in /proc/PID/fdinfo, which are octal. */
export function openFlags(fdinfo: string): number[] {
  return [...fdinfo.matchAll(/^flags:\s*([0-7]+)/gm)].map(([, flags]) => Number.parseInt(flags!, 8));
}

/** True if a program is on PATH. */
export function isInstalled(program: string): boolean {
  return (process.env["PATH"] ?? "").split(":").some((folder) => folder !== "" && existsSync(join(folder, program)));
}
