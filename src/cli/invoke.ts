/** `--invoke`: a call of one export. */

import type { WasiExit } from "../core/guest/exit.ts";
import type { Platform, WaitMode } from "../contract/platform.ts";
import type { Bytes } from "../contract/web_types.ts";
import { type Invocation, moduleInvocation } from "../runtime/component/invocation.ts";
import { type ComponentProgram, isProgram } from "../runtime/component_program.ts";
import { instantiateModule } from "../runtime/instantiate.ts";
import type { ComponentError } from "../runtime/mod.ts";
import type { LoadingModule } from "../runtime/module/load.ts";
import type { RunOptions } from "../runtime/options/options.ts";
import type { CommandHost } from "./host/host.ts";
import { UsageError } from "./usage_error.ts";

/** How to run the guest. */
export interface InvokeContext {
  /** Options of the guest. */
  readonly options: RunOptions;
  /** The platform. */
  readonly platform: Platform;
  /** How it waits. */
  readonly mode: WaitMode;
  /** The process. */
  readonly host: CommandHost;
}

/**
 * Instantiate a guest, call one of its exports, and print the result on standard output.
 *
 * @param loading The module or component.
 * @param call The value of `--invoke`.
 * @param words The arguments of the command, which are those of the call if it has none.
 * @param context How to run the guest.
 * @returns The status to exit with: 1 if the function returns the error of a `result`.
 * @throws {UsageError} There is no such function, or its arguments are wrong.
 * @throws {TrapError} The guest traps.
 */
export async function invoke(
  loading: LoadingModule | ComponentProgram,
  call: string,
  words: readonly string[],
  { options, platform, mode, host }: InvokeContext,
): Promise<number> {
  const invocation = await prepared(loading, call, words);
  await using guest = isProgram(loading)
    ? await loading.instantiate(options, platform, mode)
    : await instantiateModule(loading, options, platform, mode);
  const callExport = guest.call as (name: string, ...args: readonly unknown[]) => Promise<unknown>;
  try {
    const text = invocation.resultText(await callExport(invocation.name, ...invocation.args));
    if (text !== undefined) host.print(`${text}\n`);
    return 0;
  } catch (error) {
    if (isNamed<WasiExit>(error, "WasiExit")) return error.code;
    if (!isNamed<ComponentError>(error, "ComponentError")) throw error;
    host.print(`${invocation.errorText(error.payload)}\n`);
    return 1;
  }
}

/** By its name: the built command has this in a separate file, with separate copies of classes. */
function isNamed<Kind extends Error>(error: unknown, name: Kind["name"]): error is Kind {
  return error instanceof Error && error.name === name;
}

async function prepared(
  loading: LoadingModule | ComponentProgram,
  call: string,
  words: readonly string[],
): Promise<Invocation> {
  try {
    if (isProgram(loading)) return await loading.invocation(call, words);
    return moduleInvocation(loading.bytes as Bytes, call, words);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`Cannot use --invoke '${call}': ${error.message}`);
  }
}
