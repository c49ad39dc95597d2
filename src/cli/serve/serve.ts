/** `wasirun serve`: a module or component behind the HTTP server of the runtime. */

import type { Platform } from "../../contract/platform.ts";
import { WasiExit } from "../../core/guest/exit.ts";
import type { App } from "../../serve/app.ts";
import { serveOn, type ServeOptions } from "../../serve/serve.ts";
import { printable } from "../../text/printable.ts";
import { guestEnvironment } from "../environment.ts";
import { checkCwd, isHeld, limitsOf, openMounts, startTrace } from "../guest_options.ts";
import type { CommandHost } from "../host/host.ts";
import { networkOf } from "../load.ts";
import { parseMounts } from "../mounts.ts";
import { choosePlatform } from "../platform.ts";
import { reportOf } from "../report.ts";
import { parseServe, type ServeInvocation } from "./flags.ts";
import { SERVE_HELP } from "./help.ts";
import { type HttpServer, type ServerHandler, startServer } from "./http_server.ts";
import { nextSignal } from "./signals.ts";

/** How long the end waits for requests in progress (ms). */
const GRACE_MS = 10_000;

/** Perform `wasirun serve`. @throws {UsageError} If its command line is wrong. @throws {ModuleError} By the module. */
export async function serve(args: readonly string[], host: CommandHost): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    host.print(SERVE_HELP);
    return 0;
  }
  const parsed = await parseServe(args);
  const { invocation } = parsed;
  await host.restart(invocation.stackBytes);
  host.requireSuspension();
  const { platform } = await choosePlatform(invocation.platform, host, "suspend");
  const options = await serveOptions(parsed, host, platform);
  host.setEngineFlags(invocation.stackBytes);
  const source = invocation.module === "-" ? host.readStdin() : invocation.module;
  const app = await serveOn(platform, source, options);
  const server = await startServer(parsed.address, parsed.isLogged ? logged(app, host) : app.fetch);
  host.warn(`Serving HTTP at ${server.url}\n`);
  return await untilEnd(app, server, host);
}

async function serveOptions(parsed: ServeInvocation, host: CommandHost, platform: Platform): Promise<ServeOptions> {
  const { invocation, timeoutMs, maxBodyBytes, instances, reuse } = parsed;
  const net = await networkOf(invocation);
  const mounts = parseMounts(invocation.dirs);
  if (invocation.cwd !== undefined) checkCwd(invocation.cwd, Object.keys(mounts), host);
  return {
    ...limitsOf(invocation),
    args: invocation.args,
    env: guestEnvironment(invocation, host, (path) => isHeld(path, Object.keys(mounts))),
    preopens: openMounts(mounts, platform),
    timeoutMs,
    maxBodyBytes,
    onError: (error) => report(error, host),
    ...(net === undefined ? {} : { net }),
    ...(instances === undefined ? {} : { maxConnections: instances }),
    ...(reuse === undefined ? {} : { requestsPerInstance: reuse }),
    ...(invocation.argv0 === undefined ? {} : { argv0: invocation.argv0 }),
    ...(invocation.cwd === undefined ? {} : { cwd: invocation.cwd }),
    ...(invocation.trace ? { trace: startTrace(host, platform) } : {}),
  };
}

/** A guest that exits while it handles a request says so itself. */
function report(error: unknown, host: CommandHost): void {
  if (!(error instanceof WasiExit)) host.warn(reportOf(error, host.deeperStack()).text);
}

/** A handler that prints a line for each response: time, client, method, path, status and duration. */
function logged({ fetch }: App, host: CommandHost): ServerHandler {
  return async (request, client) => {
    const started = performance.now();
    const log = (status: number | string): void => {
      const path = request.url.replace(/^[^/]*\/\/[^/]*/, "");
      const ms = (performance.now() - started).toFixed(1);
      host.warn(
        `${new Date().toISOString()} ${client || "-"} ${request.method} ${printable(path)} ${status} ${ms} ms\n`,
      );
    };
    try {
      const response = await fetch(request);
      log(response.status);
      return response;
    } catch (error) {
      log("-");
      throw error;
    }
  };
}

/** Serve until a signal comes, or the guest ends. @returns The status to exit with. */
async function untilEnd(app: App, server: HttpServer, host: CommandHost): Promise<number> {
  let isEnding = false;
  const status = await Promise.race([nextSignal().then(() => 0), ended(app, (text) => isEnding || host.warn(text))]);
  isEnding = true;
  const hurry = nextSignal();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, GRACE_MS));
  await Promise.race([server.shutdown(), late, hurry]);
  clearTimeout(timer);
  await app.close();
  return status;
}

/** The end of a module that serves by itself: it should not end. */
async function ended(app: App, warn: (text: string) => unknown): Promise<number> {
  try {
    const { exitCode } = await app.ended;
    warn(`wasirun: The guest has ended with exit code ${exitCode}\n`);
    return exitCode || 1;
  } catch (error) {
    const { text, status } = reportOf(error);
    warn(text);
    return status;
  }
}
