/** Running the module that the command line names. */

import type { Platform, WaitMode } from "../contract/platform.ts";
import { GO_REPORT_BYTES } from "../runtime/go/fake_network.ts";
import { hasNetwork } from "../runtime/net/guest_network.ts";
import { type ComponentProgram, isProgram } from "../runtime/component_program.ts";
import { canSuspend } from "../runtime/jspi.ts";
import type { LoadingModule } from "../runtime/module/load.ts";
import type { RunOptions } from "../runtime/options/options.ts";
import { runLoading } from "../runtime/run.ts";
import { Tail, withStderrTail } from "../runtime/stdio/stderr_tail.ts";
import { guestEnvironment } from "./environment.ts";
import type { Invocation } from "./flags.ts";
import { checkCwd, isHeld, limitsOf, openMounts, startTrace } from "./guest_options.ts";
import { isGo } from "./hints/go_network.ts";
import { GuestHints } from "./hints/guest_hints.ts";
import type { CommandHost } from "./host/host.ts";
import { networkOf } from "./load.ts";
import { parseMounts } from "./mounts.ts";
import { choosePlatform } from "./platform.ts";
import { UsageError } from "./usage_error.ts";

/** Frames that the engine keeps of a trap. */
const STACK_FRAMES = 200;

/**
 * Run a module to its end.
 *
 * @param invocation The command line.
 * @param host The process.
 * @param load Waits for the module.
 * @returns The status to exit with.
 * @throws {UsageError} If the command line is wrong.
 * @throws {ModuleError} If the module can't be run.
 * @throws {TrapError} If the guest traps.
 */
export async function runModule(
  invocation: Invocation,
  host: CommandHost,
  load: () => Promise<LoadingModule | ComponentProgram>,
): Promise<number> {
  const net = await networkOf(invocation);
  const mounts = parseMounts(invocation.dirs);
  if (invocation.cwd !== undefined) checkCwd(invocation.cwd, Object.keys(mounts), host);
  const env = guestEnvironment(invocation, host, (path) => isHeld(path, Object.keys(mounts)));
  // Only the runtimes can query a name server other than the system's, and they need the event loop.
  const posixMode = net?.dnsServer === undefined ? "block" : "suspend";
  const { platform, isPosix, mode: chosenMode } = await choosePlatform(invocation.platform, host, posixMode);
  if (hasNetwork(net) && (chosenMode === "suspend" || !isPosix)) host.requireSuspension();
  const preopens = openMounts(mounts, platform);
  host.setEngineFlags(invocation.stackBytes);
  const loading = await load();
  if (isProgram(loading) && net?.sockets !== undefined) {
    throw new UsageError("Cannot use --sockets with a component: it has the sockets of wasi:sockets; leave it out");
  }
  // TLS needs the event loop.
  const mode = hasNetwork(net) && makesRequests(loading) && canSuspend() ? "suspend" : chosenMode;
  const hints = new GuestHints(host, loading, invocation.args);
  const options: RunOptions = {
    ...limitsOf(invocation),
    args: invocation.args,
    env,
    preopens,
    stdin: "inherit",
    nonBlockingStdio: invocation.nonBlockingStdio,
    endOnBrokenPipe: true,
    onMissingPreopen: (path) => hints.missingPreopen(path),
    net: { ...net, onRefused: (refusal) => hints.refused(refusal) },
    ...(invocation.argv0 === undefined ? {} : { argv0: invocation.argv0 }),
    ...(invocation.cwd === undefined ? {} : { cwd: invocation.cwd }),
    ...(invocation.trace ? { trace: startTrace(host, platform) } : {}),
  };
  (Error as { stackTraceLimit?: number }).stackTraceLimit = STACK_FRAMES;
  try {
    if (invocation.invoke !== undefined) {
      const { invoke } = await import("./invoke.ts");
      return await invoke(loading, invocation.invoke, invocation.args, { options, platform, mode, host });
    }
    return isGo(loading)
      ? await runGo(loading, options, platform, mode, hints)
      : (await runLoading(loading, options, platform, mode)).exitCode;
  } catch (error) {
    throw net === undefined ? error : (await import("./network.ts")).withOptionNamed(error);
  }
}

/** Run a program of Go, whose report says if it ended because it has no network. */
async function runGo(
  loading: LoadingModule | ComponentProgram,
  options: RunOptions,
  platform: Platform,
  mode: WaitMode,
  hints: GuestHints,
): Promise<number> {
  const tail = new Tail(GO_REPORT_BYTES);
  const result = await runLoading(loading, options, withStderrTail(platform, tail), mode);
  hints.ended(result, tail.text());
  return result.exitCode;
}

/** True for a component that makes requests of HTTP. */
function makesRequests(loading: LoadingModule | ComponentProgram): boolean {
  return isProgram(loading) && loading.imports.some((name) => name.startsWith("wasi:http/outgoing-handler@"));
}
