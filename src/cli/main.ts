/** The command, on any runtime. */

import { type Invocation, parseCommandLine } from "./flags.ts";
import type { CommandHost } from "./host/host.ts";
import { loadInBackground } from "./load.ts";
import { choosePlatform } from "./platform.ts";
import { subcommandOf } from "./subcommands.ts";
import { versionLine } from "./version.ts";

/**
 * Run the command and end the process.
 *
 * @param host The process.
 */
export async function main(host: CommandHost): Promise<never> {
  try {
    host.enterWorkingDirectory();
    const { args } = host;
    const subcommand = await subcommandOf(args[0]);
    return host.exit(await (subcommand?.(args.slice(1), host) ?? perform(await parseCommandLine(args), host)));
  } catch (error) {
    const { reportOf } = await import("./report.ts");
    const { text, status } = reportOf(error, host.deeperStack(), host.whereOptionsGo);
    host.warn(text);
    return host.exit(status);
  }
}

async function perform(invocation: Invocation, host: CommandHost): Promise<number> {
  switch (invocation.action) {
    case "help":
      host.print((await import("./help.ts")).HELP);
      return 0;
    case "version":
      host.print(versionLine(host, (await choosePlatform(invocation.platform, host, "block")).platform));
      return 0;
    case "run": {
      await host.restart(invocation.stackBytes);
      const load = loadInBackground(invocation, host);
      const { runModule } = await import("./run_module.ts");
      return await runModule(invocation, host, load);
    }
  }
}
