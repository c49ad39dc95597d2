/** Modules that can't be run. */

import { UnknownMemoryError } from "../../preview1/abi/memory.ts";
import { ModuleError } from "../errors.ts";
import { isSuspendError } from "../jspi.ts";
import type { LoadedModule } from "../module/load.ts";
import { entryPoint } from "./exit_status.ts";

/** @throws {ModuleError} If a module lacks the exports that every WASI module has. */
export function checkExports({ module, label }: LoadedModule): void {
  const kinds = new Map<string, string>();
  for (const { name, kind } of WebAssembly.Module.exports(module)) kinds.set(name, kind);
  if (kinds.get("_start") !== "function" && kinds.get("_initialize") !== "function") {
    throw new ModuleError(
      `Cannot run ${label}: it exports neither _start (a command) nor _initialize (a reactor); ` +
        "was it built for WASI?",
    );
  }
  if (kinds.get("memory") !== "memory") {
    throw new ModuleError(`Cannot run ${label}: it exports no memory named "memory"`);
  }
}

/**
 * Refuse an entry point with parameters, before it is called. The engine reports their number and nothing else of its
 * type.
 *
 * @throws {ModuleError} If it has parameters.
 */
export function checkEntryPoint({ label }: LoadedModule, exports: WebAssembly.Exports): void {
  const name = entryPoint(exports);
  const { length } = exports[name] as (...args: readonly unknown[]) => unknown;
  if (length === 0) return;
  throw new ModuleError(
    `Cannot run ${label}: its export ${name} has ${length} parameter${length === 1 ? "" : "s"}, but must have none`,
  );
}

/**
 * Tell a module that can't be instantiated from a start section that fails.
 *
 * @param loaded The module.
 * @param error What its instantiation threw.
 * @returns Why the module is refused, or undefined if its start section threw.
 */
export function refusedModule({ label }: LoadedModule, error: unknown): ModuleError | undefined {
  if (error instanceof ModuleError) return error;
  if (error instanceof UnknownMemoryError) return new ModuleError(`Cannot run ${label}: ${error.message}`);
  // The engine can't allocate a memory or a table.
  if (error instanceof RangeError && /out of memory|could not allocate/i.test(error.message)) {
    return new ModuleError(`Cannot start ${label}: ${error.message}`, { cause: error });
  }
  if (isSuspendError(error)) {
    return new ModuleError(
      `Cannot run ${label}: its start section calls an import that may wait, which a compiled module can't do there; ` +
        "pass the bytes, the path or the URL of the module in place of a WebAssembly.Module",
      { cause: error },
    );
  }
  if (!(error instanceof WebAssembly.LinkError)) return undefined;
  return new ModuleError(`Cannot link ${label}: ${error.message}`, { cause: error });
}
