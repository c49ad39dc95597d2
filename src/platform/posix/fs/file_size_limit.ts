/** The limit of the size of files (`ulimit -f`): by default a process that goes beyond it is killed. */

import type { ForeignFunctions } from "../ffi/ffi.ts";
import type { Libc } from "../ffi/libc.ts";

const FUNCTIONS = {
  signal: { parameters: ["i32", "i64"], result: "i64" },
} as const satisfies ForeignFunctions<string>;

/** The same number on Linux and macOS, and its dispositions. Source: signal.h. */
const SIGXFSZ = 25;
const SIG_DFL = 0;
const SIG_IGN = 1;

/**
 * Makes calls return FBIG at the limit instead of ending the process with a signal. Node and Bun do so themselves, Deno
 * does not. A handler that the embedder has installed stays.
 *
 * @param libc The C library.
 */
export function ignoreFileSizeSignal(libc: Libc): void {
  libc.parts.get(ignoreSignal);
}

function ignoreSignal(libc: Libc): true {
  const { signal } = libc.open(FUNCTIONS);
  const before = signal(SIGXFSZ, libc.ffi.i64(SIG_IGN));
  if (before !== SIG_DFL && before !== SIG_IGN) signal(SIGXFSZ, libc.ffi.i64(before));
  return true;
}
