/** Scripts with their components assembled. */

import { parse } from "@bytecodealliance/jco";
import { type LocatedCommand, readScript, type Source } from "./script.ts";

/** A component of a script: its binary, or what the assembler says of its text. */
export type AssembledSource = { readonly base64: string } | { readonly refusal: string };

/** A command whose component is assembled. */
export type AssembledCommand = LocatedCommand extends infer Command
  ? Command extends { readonly source: Source } ? Omit<Command, "source"> & { readonly source: AssembledSource }
  : Command
  : never;

/** Read a script and assemble its components. @throws {SyntaxError} It has a command that is not known. */
export async function assembleScript(text: string): Promise<AssembledCommand[]> {
  const commands: AssembledCommand[] = [];
  for (const command of readScript(text)) {
    commands.push("source" in command ? { ...command, source: await assembled(command.source) } : command);
  }
  return commands;
}

async function assembled(source: Source): Promise<AssembledSource> {
  if (source.kind === "binary") return { base64: source.base64 };
  try {
    return { base64: Buffer.from(await parse(source.text)).toString("base64") };
  } catch (error) {
    return { refusal: messageOf(error) };
  }
}

/** The tools are components: they throw an object with what they say in it. */
function messageOf(error: unknown): string {
  const { payload, message } = error as { payload?: unknown; message?: unknown };
  return String(payload ?? message ?? error);
}
