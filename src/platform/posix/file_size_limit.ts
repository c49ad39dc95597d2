/** The limit of the size of files (`ulimit -f`): by default a process that goes beyond it is killed. */

import type { ForeignFunctions } from "./ffi.ts";
import type { Libc } from "./libc.ts";

const FUNCTIONS = {
  signal: { parameters: ["i32", "i64"], result: "i64" },
} as const satisfies ForeignFunctions<string>;

/** The same number on Linux and macOS, and its dispositions. Source: signal.h. */
const SIGXFSZ = 25;
const SIG_DFL = 0;
const SIG_IGN = 1;

let isDone = false;

/**
 * Let calls answer FBIG where the limit is reached, rather than a signal end the process: as Node and Bun do, and Deno
 * does not. A handler that somebody set stays.
 *
 * @param libc The C library.
 */
export function answerFileSizeLimit(libc: Libc): void {
  if (isDone) return;
  isDone = true;
  const { signal } = libc.open(FUNCTIONS);
  const before = signal(SIGXFSZ, libc.ffi.i64(SIG_IGN));
  if (before !== SIG_DFL && before !== SIG_IGN) signal(SIGXFSZ, libc.ffi.i64(before));
}
