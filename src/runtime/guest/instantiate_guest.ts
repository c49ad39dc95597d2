/** From a module that is being compiled, and the options of a caller, to a guest that can be started. */

import type { Platform, WaitMode } from "../../contract/platform.ts";
import { type EnvironmentOptions, type GuestEnvironment, openEnvironment } from "../environment/environment.ts";
import { type LoadedModule, type LoadingModule, whenCompiled } from "../module/load.ts";
import type { RunOptions } from "../options/options.ts";
import { explainerOf } from "../trap/explain.ts";
import { GuestInstance, type InstanceOptions, type Tracer } from "./instance.ts";
import { socketImportsOf } from "./socket_imports.ts";
import { witLinkerOf } from "./wit_linker.ts";

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
    const { loaded, sockets, wit } = await loadedFor(loading, environment);
    const guest = new GuestInstance(loaded, environment, { tracer, sockets, wit });
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
): Promise<Pick<InstanceOptions, "sockets" | "wit"> & { readonly loaded: LoadedModule }> {
  try {
    const loaded = await whenCompiled(loading);
    const sockets = await socketImportsOf(loaded.module, environment.options.net);
    return { loaded, sockets, wit: await witLinkerOf(loaded) };
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
