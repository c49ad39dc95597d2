/** Subcommands other than `run`, each loaded when it is called. A module of such a name is `./types`. */

import type { CommandHost } from "./host/host.ts";

/**
 * Performs a subcommand.
 *
 * @param args What follows its name.
 * @param host The process.
 * @returns The status to exit with.
 */
export type Subcommand = (args: readonly string[], host: CommandHost) => Promise<number>;

/** The subcommand that the first argument names; undefined if it names none. */
export async function subcommandOf(name: string | undefined): Promise<Subcommand | undefined> {
  switch (name) {
    case "types":
      return (await import("./types.ts")).types;
    case "serve":
      return (await import("./serve/serve.ts")).serve;
    default:
      return undefined;
  }
}
