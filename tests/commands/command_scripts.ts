/** Commands from a generator, which a guest takes while it runs: the same for both ways of waiting. */

import type { RunOptions } from "wasirun";
import type { Platform } from "../../src/contract/platform.ts";
import type { ComponentProgram } from "../../src/runtime/component_program.ts";
import { type Command, decodeReply, encodeCommand, type Reply } from "./command_guest.ts";

/** What a guest shall do: yields commands, and gets their replies. */
export type Script<Result = void> = Generator<Command, Result, Reply>;

/** How a guest runs. */
export interface ScriptHost {
  readonly program: ComponentProgram;
  readonly platform: Platform;
  readonly options: RunOptions;
}

/** One command of a script, and its reply. */
export function* does(...command: Command): Script<Reply> {
  return yield command;
}

/** Run a guest, suspending it while it waits. */
export async function runScript(script: Script, { program, platform, options }: ScriptHost): Promise<number> {
  const { exitCode } = await program.run({ ...options, ...importsFor(script) }, platform, "suspend");
  return exitCode;
}

/** Run a guest, blocking the thread while it waits; as the command does on the posix platform, also with a network. */
export async function runScriptBlocking(script: Script, { program, platform, options }: ScriptHost): Promise<number> {
  const { exitCode } = await program.run({ ...options, ...importsFor(script) }, platform, "block");
  return exitCode;
}

/** Run a guest by the function that returns once it has ended. */
export function runScriptSync(script: Script, { program, platform, options }: ScriptHost): number {
  return program.runSync({ ...options, ...importsFor(script) }, platform).exitCode;
}

function importsFor(script: Script): Pick<RunOptions, "imports"> {
  let isStarted = false;
  const next = (bytes: Uint8Array): Uint8Array => {
    const { done, value } = isStarted ? script.next(decodeReply(bytes)) : script.next();
    isStarted = true;
    return done === true ? new Uint8Array() : encodeCommand(value);
  };
  return { imports: { "test:commands/host": { next } } };
}
