/** From a module that is being compiled, and the options of a caller, to a guest that can be started. */

import type { Platform, WaitMode } from "../../contract/platform.ts";
import { type EnvironmentOptions, type GuestEnvironment, openEnvironment } from "../environment/environment.ts";
import { type LoadedModule, type LoadingModule, whenCompiled } from "../module/load.ts";
import type { SocketImports } from "../../preview1/abi/sockets.ts";
import type { RunOptions } from "../options/options.ts";
import { explainerOf } from "../trap/explain.ts";
import { GuestInstance, type Tracer } from "./instance.ts";
import { socketImportsOf } from "./socket_imports.ts";

/**
 * Make a guest. Its environment is opened while the module compiles.
 *
 * @param loading The module.
 * @param options Options of the caller.
 * @param platform The host.
 * @param mode How the guest waits.
 * @throws {ModuleError} If the module can't be run.
 * @throws {MountError} If a directory can't be opened.
 * @throws {TypeError} If the options are wrong.
 */
export async function instantiateGuest(
  loading: LoadingModule,
  options: EnvironmentOptions,
  platform: Platform,
  mode: WaitMode,
): Promise<GuestInstance> {
  const tracer = await tracerOf(options);
  if (loading.isPatched === true) {
    options.trace?.(`patched ${loading.label}: its wait for signals sleeps (net.patchGoSignals)`);
  }
  const environment = await environmentFor(loading, options, platform, mode);
  try {
    const { loaded, sockets } = await loadedFor(loading, environment);
    const guest = new GuestInstance(loaded, environment, { tracer, sockets });
    await guest.instantiate();
    return guest;
  } catch (error) {
    await explainerOf(loading)(error);
    throw error;
  }
}

/** @throws The error of a module that can't be compiled first, whatever else is wrong. */
async function environmentFor(
  { compiled }: LoadingModule,
  options: EnvironmentOptions,
  platform: Platform,
  mode: WaitMode,
): Promise<GuestEnvironment> {
  try {
    return await openEnvironment(options, platform, mode);
  } catch (error) {
    await compiled;
    throw error;
  }
}

async function loadedFor(
  loading: LoadingModule,
  environment: GuestEnvironment,
): Promise<{ readonly loaded: LoadedModule; readonly sockets: SocketImports | undefined }> {
  try {
    const loaded = await whenCompiled(loading);
    return { loaded, sockets: await socketImportsOf(loaded.module, environment.options.net) };
  } catch (error) {
    environment.release();
    throw error;
  }
}

async function tracerOf({ trace: write }: RunOptions): Promise<Tracer | undefined> {
  if (write === undefined) return undefined;
  const { trace } = await import("../../preview1/trace/trace.ts");
  return (system, memory) => trace(system, memory, write);
}
