/** How busy the machine is. */

import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

/** Ticks of /proc in a second. */
const TICKS_PER_SECOND = 100;
/** Columns of the first line of /proc/stat in which a processor does nothing: idle, iowait. */
const IDLE: readonly number[] = [3, 4];
/** Its last two columns, for guests of the machine, are counted in the first two as well. */
const COLUMNS = 8;

/** True where the system tells what a process has used. */
export const TELLS_CPU: boolean = existsSync("/proc/self/stat");

/** Processors. */
export const PROCESSORS: number = cpus().length;

/** Seconds that all processors together have been busy. */
export function busySeconds(): number {
  const [, ...columns] = readFileSync("/proc/stat", "utf8").split("\n", 1)[0]!.split(/\s+/);
  const busy = columns.slice(0, COLUMNS).filter((_, i) => !IDLE.includes(i));
  return busy.reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
}
