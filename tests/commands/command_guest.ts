/** The component that takes commands: `tests/guests/component/c/commands.c`. */

import { compileComponent, type RunOptions } from "wasirun";
import type { Platform, WaitMode } from "../../src/contract/platform.ts";
import {
  type ComponentExports,
  type ComponentGuest,
  type ComponentProgram,
  isProgram,
} from "../../src/runtime/component_program.ts";
import { platformOfRuntime } from "./runtime_platform.ts";
import { witComponent } from "../tools/component_guests.ts";

/** A field of a command. Texts are bytes in UTF-8, or what is not. */
export type Field = string | number | bigint | Uint8Array;

/** A command: the name of a function, and its arguments. */
export type Command = readonly [name: string, ...args: readonly Field[]];

/** What a command answered: `ok`, or the error code; and what it produced. */
export type Reply = readonly [code: string, ...values: readonly string[]];

const SEPARATOR = 0x1f;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The compiled component. */
export async function commandProgram(): Promise<ComponentProgram> {
  const program = await compileComponent(await witComponent("commands"));
  if (!isProgram(program)) throw new TypeError("A compiled component is not a program");
  return program;
}

/** A command as the guest reads it. */
export function encodeCommand(command: Command): Uint8Array {
  const fields = command.map((field) => field instanceof Uint8Array ? field : encoder.encode(String(field)));
  const bytes = new Uint8Array(fields.reduce((total, field) => total + field.length + 1, -1));
  let at = 0;
  for (const field of fields) {
    bytes.set(field, at);
    at += field.length;
    if (at < bytes.length) bytes[at++] = SEPARATOR;
  }
  return bytes;
}

/** What the guest answered. */
export function decodeReply(bytes: Uint8Array): Reply {
  const [code = "", ...values] = decoder.decode(bytes).split(String.fromCharCode(SEPARATOR));
  if (code === "unknown command") throw new TypeError("The guest does not know the command");
  return [code, ...values];
}

/** How a guest is started. */
export interface CommandOptions {
  readonly options: RunOptions;
  /** How it waits. */
  readonly mode: WaitMode;
}

interface Exports {
  perform(command: Uint8Array): Uint8Array;
}

/** A guest that is instantiated, and does one command after another. */
export class CommandGuest {
  readonly #guest: ComponentGuest<Exports>;

  private constructor(guest: ComponentGuest<Exports>) {
    this.#guest = guest;
  }

  /** Start one. */
  static async start(program: ComponentProgram, { options, mode }: CommandOptions): Promise<CommandGuest> {
    const platform: Platform = options.platform ?? platformOfRuntime;
    const imports = { "test:commands/host": { next: () => new Uint8Array() } };
    const guest = await program.instantiate({ ...options, imports }, platform, mode);
    return new CommandGuest(guest as ComponentGuest<Exports & ComponentExports>);
  }

  /** Let it do a command, which may wait. */
  async perform(...command: Command): Promise<Reply> {
    return decodeReply(await this.#guest.call(this.#guest.exports.perform, encodeCommand(command)));
  }

  /** Let it do a command that does not wait. */
  performSync(...command: Command): Reply {
    return decodeReply(this.#guest.exports.perform(encodeCommand(command)));
  }

  /** End it. */
  async close(): Promise<void> {
    await this.#guest.close();
  }
}
