/** Loads and compiles modules. */

import type { WasmModule } from "../../contract/web_types.ts";
import { ModuleError } from "../errors.ts";
import type { WitLinker } from "../guest/wit_imports.ts";
import type { CompiledComponent, ModuleSource } from "../options/options.ts";
import { compileProgram, type ComponentProgram, isComponent, isProgram } from "../component_program.ts";
import { checkHeader } from "./header.ts";
import {
  type ByteSource,
  fetchSource,
  isPromise,
  type ModuleFiles,
  readSourceSync,
  settled,
  type SourceBytes,
  UNNAMED,
} from "./source.ts";
import { withStartExported } from "./start_section.ts";
import type { ModuleTransform } from "./transform.ts";
import { type ModuleTypes, readModuleTypes } from "./types.ts";

/** A module that is read, and its name in messages. */
export interface ReadModule {
  /** Where it came from, or `the module`. */
  readonly label: string;
  /** Last part of the path, for `argv[0]`. */
  readonly basename: string;
  /** The bytes, if they were read here: they reveal more than the compiled module. */
  readonly bytes: Uint8Array | undefined;
  /** What the bytes declare. */
  readonly types?: ModuleTypes;
  /** The export that the start function was made, if the module had one; it is called once the guest is instantiated. */
  readonly startFunction?: string | undefined;
  /** True if its bytes were changed for its network. */
  readonly isPatched?: boolean;
  /** Links the functions of WIT that it imports; missing if it imports none, or that is not loaded yet. */
  readonly wit?: WitLinker;
}

/** A module that is being compiled, or is compiled. */
export interface LoadingModule extends ReadModule {
  /** The compiled module; its promise rejects with a `ModuleError`, of which nobody needs to take notice. */
  readonly compiled: WasmModule | Promise<WasmModule>;
}

/** A module that is compiled. */
export interface LoadedModule extends ReadModule {
  /** The compiled module. */
  readonly module: WasmModule;
}

/** A module that imports functions of WIT, compiled by `compileComponent`. */
export interface MixedModule extends CompiledComponent {
  /** The module, with what links it. */
  readonly mixed: LoadedModule;
}

function isMixed(source: unknown): source is MixedModule {
  return typeof source === "object" && source !== null && "mixed" in source;
}

/**
 * Loads a module and starts to compile it, or loads and compiles a component. A module that can be read at once is being compiled when this call returns
 * its promise.
 *
 * @param source What to load.
 * @param files Reads a file of the host.
 * @param transform Changes its bytes; a module that is compiled already stays as it is.
 * @throws {ModuleError} If there is nothing to be read, or it is no module.
 * @throws {TypeError} If it is nothing that a module can be loaded from.
 */
export async function startLoading(
  source: ModuleSource,
  files: ModuleFiles,
  transform?: ModuleTransform,
): Promise<LoadingModule | ComponentProgram> {
  if (source instanceof WebAssembly.Module) return { compiled: source, bytes: undefined, ...UNNAMED };
  if (isProgram(source)) return source;
  if (isMixed(source)) return { ...source.mixed, compiled: source.mixed.module };
  if (isPromise(source)) return await startLoading(await settled(source), files, transform);
  const fetched = fetchSource(source as ByteSource);
  const read = fetched === undefined ? readSourceSync(source as ByteSource, files) : await fetched;
  if (isComponent(read.bytes)) return await compileProgram(read);
  const checked = checkedModule(read, transform);
  const compiled = compile(checked);
  compiled.catch(() => {});
  return { ...checked, compiled };
}

/** Waits until a module is compiled. @throws {ModuleError} If it is not valid. */
export async function whenCompiled({ compiled, ...read }: LoadingModule): Promise<LoadedModule> {
  return { ...read, module: await compiled };
}

/** Loads and compiles a module at once: no URL that must be fetched, no response, no Blob and no promise. */
export function loadModuleSync(source: ModuleSource, files: ModuleFiles, transform?: ModuleTransform): LoadedModule {
  if (source instanceof WebAssembly.Module) return { module: source, bytes: undefined, ...UNNAMED };
  if (isMixed(source)) return source.mixed;
  const checked = checkedModule(readSourceSync(source as ByteSource, files), transform);
  try {
    return { ...checked, module: new WebAssembly.Module(checked.bytes) };
  } catch (error) {
    throw notCompiled(checked.label, error);
  }
}

async function compile({ bytes, label }: SourceBytes): Promise<WasmModule> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw notCompiled(label, error);
  }
}

/** Checks what is known before compiling. */
function checkedModule(
  { bytes: read, label, basename }: SourceBytes,
  transform: ModuleTransform | undefined,
): ReadModule & SourceBytes {
  checkHeader(read, label);
  const patched = transform === undefined ? read : transform(read);
  const { bytes, startFunction } = withStartExported(patched);
  const types = readModuleTypes(bytes);
  if (types.hasWideMemory === true) throw wideMemory(label);
  return { bytes, label, basename, types, startFunction, isPatched: patched !== read };
}

/** Why a module with 64-bit pointers can't be run. */
export function wideMemory(label: string): ModuleError {
  return new ModuleError(
    `Cannot run ${label}: its memory "memory" has 64-bit addresses (memory64), and pointers of WASI preview 1 have 32 bits; ` +
      "build it for wasm32",
  );
}

/** What engines say of a binary that ends too early. */
const TRUNCATED =
  /past end|end of|unexpected end|extends past|expected \d+ bytes|truncat|reached end|overflow module's size|module's remaining size|can't get|couldn't get/i;

function notCompiled(label: string, error: unknown): ModuleError {
  const message = error instanceof Error ? error.message : String(error);
  const advice = TRUNCATED.test(message) ? "; the file may be truncated" : "";
  return new ModuleError(`Cannot compile ${label}: ${message}${advice}`, { cause: error });
}
