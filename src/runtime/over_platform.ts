/**
 * `run` and its relatives over the platform of a runtime. The core has none; each entry point of the package makes its
 * own of them, so that importing one changes nothing.
 *
 * @module
 */

import { type PlatformMaker, platformOf } from "./default_platform.ts";
import { type compileComponent, compileComponentOn } from "./compile_component.ts";
import { type instantiate, instantiateOn } from "./instantiate.ts";
import type { ModuleSource, RunOptions } from "./options/options.ts";
import { type run, runOn } from "./run.ts";
import { type runSync, runSyncOn } from "./run_sync.ts";

/** {@linkcode run} and its relatives as values. */
export type Run = typeof run;
export type RunSync = typeof runSync;
export type Instantiate = typeof instantiate;
export type CompileComponent = typeof compileComponent;

/**
 * {@linkcode run}, over a platform.
 *
 * @param ofRuntime Makes the platform for callers who pass none.
 */
export function runOver(ofRuntime: PlatformMaker): Run {
  return async (source, options) => await runOn(platformOf(options, ofRuntime), source, options);
}

/** {@linkcode runSync}, over a platform. */
export function runSyncOver(ofRuntime: PlatformMaker): RunSync {
  return (source, options) => runSyncOn(platformOf(options, ofRuntime), source, options);
}

/** {@linkcode instantiate}, over a platform. */
export function instantiateOver(ofRuntime: PlatformMaker): Instantiate {
  const instantiated = async (source: ModuleSource, options: RunOptions = {}): Promise<unknown> => {
    return await instantiateOn(platformOf(options, ofRuntime), source, options);
  };
  return instantiated as Instantiate;
}

/** {@linkcode compileComponent}, over a platform. */
export function compileComponentOver(ofRuntime: PlatformMaker): CompileComponent {
  return async (source, options) => await compileComponentOn(platformOf(options, ofRuntime), source);
}
