/** A command that is a component, from its start until all that it has written is out. */

import { type ExitStatus, exitStatusOrThrow } from "../guest/exit_status.ts";
import type { ComponentInstanceGuest } from "./component_guest.ts";

/** What is run. */
type Command = Pick<ComponentInstanceGuest, "start" | "flushed">;
/** What is run blocking the thread. */
type BlockingCommand = Pick<ComponentInstanceGuest, "startSync" | "flushed">;

/** How it ended. */
type End = { readonly status: ExitStatus } | { readonly error: unknown };

/**
 * Run a command to its end, and write what it leaves queued: also after a trap, but not after its signal was aborted.
 *
 * @param command The command.
 * @returns How it ended.
 * @throws What ended it, if that is a failure.
 */
export async function runToEnd(command: Command): Promise<ExitStatus> {
  let end: End;
  try {
    end = { status: await command.start() };
  } catch (error) {
    end = endOf(error);
  }
  try {
    await command.flushed();
  } catch (error) {
    return statusOf(laterEnd(end, error));
  }
  return statusOf(end);
}

/** As {@linkcode runToEnd}, blocking the thread. */
export function runToEndSync(command: BlockingCommand): ExitStatus {
  let end: End;
  try {
    end = { status: command.startSync() };
  } catch (error) {
    end = endOf(error);
  }
  try {
    command.flushed();
  } catch (error) {
    return statusOf(laterEnd(end, error));
  }
  return statusOf(end);
}

function endOf(error: unknown): End {
  try {
    return { status: exitStatusOrThrow(error) };
  } catch {
    return { error };
  }
}

/** The output could not be written. A command that has failed before has failed for that reason. */
function laterEnd(end: End, error: unknown): End {
  return "error" in end ? end : endOf(error);
}

function statusOf(end: End): ExitStatus {
  if ("error" in end) throw end.error;
  return end.status;
}
