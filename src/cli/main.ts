/** The command, on any runtime. */

import { isWithin } from "../core/guest_path.ts";
import type { Platform, PlatformDirectory } from "../core/platform.ts";
import { changeFor, hasNetwork } from "../runtime/guest_network.ts";
import { type LoadedModule, loadModule, loadModuleSync, type ModuleChange } from "../runtime/load.ts";
import type { Mount, NetOptions, RunOptions } from "../runtime/options.ts";
import { runLoaded } from "../runtime/run.ts";
import { guestEnvironment } from "./environment.ts";
import { type Invocation, parseCommandLine } from "./flags.ts";
import type { CommandHost } from "./host.ts";
import { parseMounts } from "./mounts.ts";
import { choosePlatform } from "./platform.ts";
import { refusalText } from "./refusal.ts";
import { reportOf } from "./report.ts";
import { UsageError } from "./usage_error.ts";
import { VERSION } from "./version.ts";

/** Frames that the engine keeps of a trap. */
const STACK_FRAMES = 200;

/**
 * Run the command and end the process.
 *
 * @param host The process.
 */
export async function main(host: CommandHost): Promise<never> {
  try {
    const invocation = await parseCommandLine(host.args);
    return host.exit(await perform(invocation, host));
  } catch (error) {
    const { text, status } = reportOf(error, host.deeperStack());
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
      host.print(describe(host, (await choosePlatform(invocation.platform, host, false)).platform));
      return 0;
    case "run":
      return await runModule(invocation, host);
  }
}

/** A line on the command, the runtime and the platform. */
function describe({ runtime }: CommandHost, platform: Platform): string {
  return `wasirun ${VERSION} (${runtime}, platform ${platform.name})\n`;
}

/** Begin a trace on standard error. @returns What writes its lines. */
function startTrace(host: CommandHost, platform: Platform): (line: string) => void {
  host.warn(describe(host, platform));
  return (line) => host.warn(`${line}\n`);
}

async function runModule(invocation: Invocation, host: CommandHost): Promise<number> {
  const net = await networkOf(invocation);
  const change = await changeFor(net);
  // Only the runtime can ask another name server than the system's.
  const needsEventLoop = net?.dnsServer !== undefined;
  await host.restart(invocation.stackBytes);
  const { platform, suspends } = await choosePlatform(invocation.platform, host, needsEventLoop);
  if (hasNetwork(net) && (suspends || platform === host.platform)) host.requireSuspension();
  const mounts = parseMounts(invocation.dirs);
  if (invocation.cwd !== undefined) checkCwd(invocation.cwd, Object.keys(mounts));
  const preopens = openMounts(mounts, platform);
  const env = guestEnvironment(invocation, host, (path) => isHeld(path, Object.keys(mounts)));
  const loading = load(invocation.module, host, change);
  host.setEngineFlags(invocation.stackBytes);
  const loaded = await loading;
  const options: RunOptions = {
    args: invocation.args,
    env,
    preopens,
    stdin: "inherit",
    nonBlockingStdio: invocation.nonBlockingStdio,
    maxOpenFiles: invocation.maxOpenFiles,
    onMissingPreopen: hintOnce(host, Object.keys(mounts).length > 0),
    net: { ...net, onRefused: (refusal) => host.warn(`wasirun: ${refusalText(refusal)}\n`) },
    ...(invocation.argv0 === undefined ? {} : { argv0: invocation.argv0 }),
    ...(invocation.cwd === undefined ? {} : { cwd: invocation.cwd }),
    ...(invocation.trace ? { trace: startTrace(host, platform) } : {}),
  };
  (Error as { stackTraceLimit?: number }).stackTraceLimit = STACK_FRAMES;
  try {
    const { exitCode } = await runLoaded(loaded, options, platform, suspends);
    return exitCode;
  } catch (error) {
    throw net === undefined ? error : (await import("./network.ts")).withOptionNamed(error);
  }
}

/** The options on the network. */
async function networkOf({ network }: Invocation): Promise<NetOptions | undefined> {
  if (network === undefined) return undefined;
  const { netOptions } = await import("./network.ts");
  return netOptions(network);
}

/** Say once which option the guest would have needed; it sees no more than "Bad file number". */
function hintOnce(host: CommandHost, hasMounts: boolean): (path: string) => void {
  let said = false;
  return (path) => {
    if (said) return;
    said = true;
    const advice = hasMounts ? `--dir ${path.replace(/(?<=.)\/[^/]*$/, "")}` : "--dir . for the working directory";
    host.warn(`wasirun: no preopen holds ${path}; add ${advice}\n`);
  };
}

function isHeld(path: string, mounts: readonly string[]): boolean {
  return mounts.some((mount) => isWithin(path, mount));
}

function checkCwd(cwd: string, mounts: readonly string[]): void {
  if (!cwd.startsWith("/")) {
    throw new UsageError(`Cannot use --cwd ${cwd}: a path in the guest is absolute; write /${cwd}`);
  }
  if (!isHeld(cwd, mounts)) throw new UsageError(`Cannot use --cwd ${cwd}: no preopen holds it; add --dir ${cwd}`);
}

async function load(module: string, host: CommandHost, change: ModuleChange | undefined): Promise<LoadedModule> {
  const source = module === "-" ? host.readStdin() : module;
  const isFetched = /^[a-z][a-z0-9+.-]+:/i.test(module) && !module.startsWith("file:");
  if (isFetched || host.compilesInBackground) return await loadModule(source, host.platform, change);
  return loadModuleSync(source, host.platform, change);
}

/** Open the host directories, so that what is wrong with one is told with the option that named it. */
function openMounts(mounts: Readonly<Record<string, Mount>>, platform: Platform): Record<string, Mount> {
  const opened: Record<string, Mount> = {};
  for (const [path, mount] of Object.entries(mounts)) {
    opened[path] = { ...mount, source: openRoot(String(mount.source), platform) };
  }
  return opened;
}

function openRoot(source: string, platform: Platform): PlatformDirectory {
  try {
    return platform.openRoot(source);
  } catch (error) {
    if (error instanceof Error && error.name === "NotCapable") throw error;
    throw new Error(`Cannot mount --dir ${source}: ${reason(error)}`, { cause: error });
  }
}

function reason(error: unknown): string {
  const { code } = error as { code?: unknown };
  switch (code) {
    case "ENOENT":
      return "there is no such directory; make it first";
    case "ENOTDIR":
      return "it is a file; name the directory that it is in";
    case "EACCES":
      return "permission denied; check who may read it";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
