/** What the command says when a guest could not be run, or trapped. */

import { ModuleError, TrapError } from "../runtime/errors.ts";
import { WITH_STACK_SIZE } from "./host.ts";
import { isUsageError } from "./usage_error.ts";

/** Exit statuses. */
export const Status = { FAILED: 1, USAGE: 2, TRAPPED: 134 } as const;

/** A message and the status to exit with. */
export interface Report {
  /** Lines for standard error. */
  readonly text: string;
  /** Exit status. */
  readonly status: number;
}

/** Frames of a guest's stack that are printed: the innermost and the outermost of them. */
const FIRST_FRAMES = 30;
const LAST_FRAMES = 10;

/**
 * Say what went wrong.
 *
 * @param error What was thrown while a guest was started or run.
 * @param deeperStack What to do about a stack that is too small.
 */
export function reportOf(error: unknown, deeperStack: string = WITH_STACK_SIZE): Report {
  if (isUsageError(error)) {
    return { text: `wasirun: ${error.message}\nTry wasirun --help.\n`, status: Status.USAGE };
  }
  if (error instanceof TrapError) return { text: trapText(error, deeperStack), status: Status.TRAPPED };
  return { text: `wasirun: ${messageOf(error)}\n`, status: Status.FAILED };
}

function trapText(error: TrapError, deeperStack: string): string {
  const frames = error.guestStack;
  const left = frames.length - FIRST_FRAMES - LAST_FRAMES;
  const lines = frames.map((frame) => `    at ${frame}\n`);
  if (left > 0) lines.splice(FIRST_FRAMES, left, `    ... ${left} more ...\n`);
  const hint = error.cause instanceof RangeError ? `; ${deeperStack}` : "";
  return `wasirun: ${error.message}${hint}\n${lines.join("")}`;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ModuleError) return permissionHint(error.cause) ?? error.message;
  return permissionHint(error) ?? error.message;
}

/** Deno refuses with the name of the permission; what to do is a flag for `deno run`. */
function permissionHint(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== "NotCapable") return undefined;
  const flag = /--allow-[a-z]+/.exec(error.message)?.[0] ?? "-A";
  const what = /Requires (.*?), run again/.exec(error.message)?.[1] ?? error.message;
  return `Cannot go on: Deno does not permit ${what}; run it with deno run ${flag}`;
}
