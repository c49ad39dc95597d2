/** Loading the module that the command line names. */

import type { ComponentProgram } from "../runtime/component_program.ts";
import { type LoadingModule, startLoading } from "../runtime/module/load.ts";
import { moduleTransform } from "../runtime/net/guest_network.ts";
import type { NetOptions } from "../runtime/options/options.ts";
import type { Invocation } from "./flags.ts";
import type { CommandHost } from "./host/host.ts";

/**
 * Begins to load the module, so that it compiles while the rest of the command is loaded.
 *
 * A module on standard input is read only when it is needed, so that mistakes in the options are reported first.
 *
 * @param invocation The command line.
 * @param host The process.
 * @returns Waits for the module.
 */
export function loadInBackground(
  invocation: Invocation,
  host: CommandHost,
): () => Promise<LoadingModule | ComponentProgram> {
  if (invocation.module === "-") return () => load(invocation, host);
  const loading = load(invocation, host);
  // The caller awaits it later; until then a rejection is not unhandled.
  loading.catch(() => {});
  return () => loading;
}

async function load(invocation: Invocation, host: CommandHost): Promise<LoadingModule | ComponentProgram> {
  const { module } = invocation;
  const source = module === "-" ? host.readStdin() : module;
  // Without a wait before it, the module compiles while the next file of the command is loaded.
  if (invocation.network === undefined) return await startLoading(source, host);
  return await startLoading(source, host, await moduleTransform(await networkOf(invocation)));
}

/** The options on the network. @throws {UsageError} If one of them is wrong. */
export async function networkOf({ network }: Invocation): Promise<NetOptions | undefined> {
  if (network === undefined) return undefined;
  const { netOptions } = await import("./network.ts");
  return netOptions(network);
}
