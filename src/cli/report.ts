/** Messages for a guest that could not be run, or trapped. */

import { printable } from "../text/printable.ts";
import { ModuleError, TrapError } from "../runtime/errors.ts";
import { WITH_STACK_SIZE } from "./host/host.ts";
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

/** Number of stack frames to print: the innermost and the outermost. */
const FIRST_FRAMES = 30;
const LAST_FRAMES = 10;

/**
 * Creates the message for an error.
 *
 * @param error The error of starting or running a guest.
 * @param deeperStack Advice for a stack that is too small.
 * @param where Place of the options, such as ` in GOWASIRUNTIMEARGS`; empty for the command line.
 */
export function reportOf(error: unknown, deeperStack: string = WITH_STACK_SIZE, where: string = ""): Report {
  if (isUsageError(error)) {
    return {
      text: `wasirun: ${printable(error.message)}\n${
        where === "" ? "" : `The options are those${where}. `
      }Try wasirun --help.\n`,
      status: Status.USAGE,
    };
  }
  if (error instanceof TrapError) return { text: trapText(error, deeperStack + where), status: Status.TRAPPED };
  return { text: `wasirun: ${printable(messageOf(error))}\n`, status: Status.FAILED };
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

/** Deno's error names the permission; the advice is a flag for `deno run`. */
function permissionHint(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== "NotCapable") return undefined;
  const flag = /--allow-[a-z]+/.exec(error.message)?.[0] ?? "-A";
  const what = /Requires (.*?), run again/.exec(error.message)?.[1] ?? error.message;
  return `Cannot go on: Deno does not permit ${what}; run it with deno run ${flag}`;
}
