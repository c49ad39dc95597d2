/** What a module imports, matched with what there is. */

import type { GuestMemory } from "../../preview1/abi/memory.ts";
import type { TransferModes } from "../../preview1/abi/fd_transfer.ts";
import type { ImportTable } from "../../preview1/abi/import_function.ts";
import type { WaitMode } from "../../contract/waiter.ts";
import { preview1, unstable, WAITING_IMPORTS, WAITING_SOCKET_IMPORTS } from "../../preview1/abi/preview1.ts";
import type { SocketImports } from "../../preview1/abi/sockets.ts";
import type { System } from "../../preview1/system.ts";
import type { Watch } from "../../preview1/trace/trace.ts";
import { ModuleError } from "../errors.ts";
import type { HostGuard } from "./host_guard.ts";
import { hostFunction } from "./host_functions.ts";
import { suspending } from "../jspi.ts";
import type { LoadedModule } from "../module/load.ts";
import { type FunctionType, functionTypeText } from "../module/type_section.ts";
import type { HostImports, SocketExtension } from "../options/options.ts";
import { standardType, typeMismatch } from "../module/wasi_types.ts";
import { isWitName, LACKS_LINKER, type Suspend, type WitImports } from "./wit_imports.ts";

const PREVIEW1 = "wasi_snapshot_preview1";

/** How the imports of a guest wait, and which there are. A call is wrapped to suspend only where it must be: wrapping slows it down. */
export interface ImportOptions extends TransferModes {
  /** How polls, sleeps and async functions of the caller wait. */
  readonly mode: WaitMode;
  /** How the calls with sockets wait. */
  readonly sockets: WaitMode;
  /** Which functions for sockets there are. */
  readonly extension: SocketExtension;
  /** Makes the functions for sockets; undefined if the module imports none. */
  readonly socketImports: SocketImports | undefined;
  /** Makes the imports that may wait; missing for those of the engine. */
  readonly suspend?: Suspend | undefined;
}

/** Preview 1 for one guest. */
export interface Preview1Calls {
  /** Answers the calls. */
  readonly system: System;
  /** Memory of the guest. */
  readonly memory: GuestMemory;
}

/** What the caller provides. */
export interface CallerImports {
  /** By module and name. */
  readonly imports: HostImports;
  /** Stands between the guest and the functions. */
  readonly guard: HostGuard;
  /** Functions of WIT that the module imports; undefined if it imports none. */
  readonly wit: WitImports | undefined;
}

/**
 * Collect the imports of a module.
 *
 * @param loaded The module.
 * @param system The calls of preview 1.
 * @param memory Memory of the guest.
 * @param host Imports of the caller; they go before those of WASI.
 * @param options How the imports wait, and which there are.
 * @param watch Traces the functions of WASI; none without a trace.
 * @throws {ModuleError} Naming what nobody provides, or what is imported by another type than it has.
 * @throws {TypeError} If a function of the caller would have to suspend a guest that can't be.
 */
export function collectImports(
  loaded: LoadedModule,
  system: System,
  memory: GuestMemory,
  host: CallerImports,
  options: ImportOptions,
  watch?: Watch,
): WebAssembly.Imports {
  const waits: Waits = { wrapped: suspendingNames(options), suspend: options.suspend };
  const tables = new Map<string, ImportTable>();
  // Without prototypes: a guest may import "constructor" or "__proto__".
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = Object.create(null);
  const descriptors = WebAssembly.Module.imports(loaded.module);
  descriptors.forEach(({ module, name, kind }, index) => {
    const type = loaded.types?.imports?.[index];
    const own = ownImport(host.imports, module, name);
    const wit = kind === "function" ? host.wit?.find({ module, name, type }, own !== undefined) : undefined;
    const provided = wit ?? (own === undefined
      ? wasiImport(
        tables,
        { module, name, type },
        () => watched(tableOf(module, system, memory, options, descriptors), module, watch),
        waits,
      )
      : hostFunction({ module, name, value: own, type }, options.mode, host.guard));
    if (provided === undefined) {
      const text = type ? functionText(type) : kind;
      throw missingImport(loaded, module, name, `${text}${adviceOn(module, name, options.socketImports, host.wit)}`);
    }
    if (own === undefined && wit === undefined) {
      checkWasiImport(loaded, { module, name, kind, type }, options.socketImports);
    }
    (imports[module] ??= Object.create(null) as Record<string, WebAssembly.ImportValue>)[name] = provided;
  });
  return imports;
}

/**
 * The functions of preview 1 that a core module of a component imports; others of its imports are left out.
 *
 * @param loaded The module.
 * @param calls Preview 1.
 * @param options How the imports wait, and which there are.
 * @param watch Traces the functions; none without a trace.
 * @returns The functions by the names of the imports, which tools number if they are the same: `fd_write [v2]`.
 * @throws {ModuleError} Naming one that is not provided, or is imported as something else.
 */
export function preview1Imports(
  loaded: LoadedModule,
  { system, memory }: Preview1Calls,
  options: ImportOptions,
  watch: Watch | undefined,
): WebAssembly.ModuleImports {
  const waits: Waits = { wrapped: suspendingNames(options), suspend: options.suspend };
  const all = WebAssembly.Module.imports(loaded.module)
    .map((each, index) => ({ ...each, type: loaded.types?.imports?.[index] }))
    .filter(({ module }) => module === PREVIEW1);
  const named = all.map((each) => ({ ...each, name: each.name.replace(/ \[v\d+\]$/, "") }));
  const table = watched(tableOf(PREVIEW1, system, memory, options, named), PREVIEW1, watch) ?? {};
  const imports: WebAssembly.ModuleImports = Object.create(null);
  named.forEach((each, index) => {
    const provided = importOf(table, each.name, each.type, waits);
    if (provided === undefined) throw missingImport(loaded, PREVIEW1, each.name, each.kind);
    checkWasiImport(loaded, each, options.socketImports);
    imports[all[index]!.name] = provided;
  });
  return imports;
}

function suspendingNames({ mode, reads, writes, sockets, extension }: ImportOptions): ReadonlySet<string> {
  if (mode === "block") return new Set();
  const names = WAITING_IMPORTS.filter((name) =>
    (name !== "fd_read" || reads === mode) && (name !== "fd_write" || writes === mode)
  );
  if (sockets === "block") return new Set(names);
  return new Set([...names, ...WAITING_SOCKET_IMPORTS, ...(extension === "path_open" ? ["path_open"] : [])]);
}

function tableOf(
  module: string,
  system: System,
  memory: GuestMemory,
  { reads, writes, extension, socketImports: sockets }: ImportOptions,
  imported: readonly WebAssembly.ModuleImportDescriptor[],
): ImportTable | undefined {
  const names = new Set(imported.filter((one) => one.module === module).map(({ name }) => name));
  const table = { modes: { reads, writes }, isNeeded: (name: string) => names.has(name), sockets, extension };
  if (module === "wasi_unstable") return unstable(system, memory, table);
  return module === PREVIEW1 ? preview1(system, memory, table) : undefined;
}

function watched(table: ImportTable | undefined, module: string, watch: Watch | undefined): ImportTable | undefined {
  if (table === undefined || watch === undefined) return table;
  return Object.fromEntries(Object.entries(table).map(([name, fn]) => [name, watch(module, name, fn)]));
}

function ownImport(extra: HostImports, module: string, name: string): WebAssembly.ImportValue | undefined {
  const functions = Object.hasOwn(extra, module) ? extra[module] : undefined;
  return functions !== undefined && Object.hasOwn(functions, name) ? functions[name] : undefined;
}

function wasiImport(
  tables: Map<string, ImportTable>,
  { module, name, type }: Omit<Imported, "kind">,
  make: () => ImportTable | undefined,
  waits: Waits,
): WebAssembly.ImportValue | undefined {
  let table = tables.get(module);
  if (table === undefined) {
    table = make();
    if (table === undefined) return undefined;
    tables.set(module, table);
  }
  return importOf(table, name, type, waits);
}

/** Which imports may wait, and how they are made. */
interface Waits extends Pick<ImportOptions, "suspend"> {
  readonly wrapped: ReadonlySet<string>;
}

function importOf(
  table: ImportTable,
  name: string,
  type: FunctionType | undefined,
  { wrapped, suspend }: Waits,
): WebAssembly.ImportValue | undefined {
  const fn = Object.hasOwn(table, name) ? table[name] : undefined;
  if (fn === undefined || !wrapped.has(name.replace(/_v2$/, ""))) return fn;
  const known = suspend && (type ?? standardType(name));
  return suspend === undefined || known === undefined ? suspending(fn) : suspend(fn, known);
}

interface Imported {
  readonly module: string;
  readonly name: string;
  readonly kind: string;
  readonly type: FunctionType | undefined;
}

/** Refuse what the function of WASI could only misunderstand. */
function checkWasiImport(
  { label }: LoadedModule,
  { module, name, kind, type }: Imported,
  sockets: SocketImports | undefined,
): void {
  const problem = kind !== "function"
    ? `it imports ${module}.${name} as a ${kind}, but it is a function`
    : type && typeMismatch({ module, name, type }, sockets?.signatures);
  if (problem !== undefined) throw new ModuleError(`Cannot run ${label}: ${problem}`);
}

function functionText(type: FunctionType): string {
  return `function ${functionTypeText(type)}`;
}

function missingImport(loaded: LoadedModule, module: string, name: string, what: string): ModuleError {
  return new ModuleError(`Cannot run ${loaded.label}: nobody provides its import "${module}" "${name}", a ${what}`);
}

function adviceOn(
  module: string,
  name: string,
  sockets: SocketImports | undefined,
  wit: WitImports | undefined,
): string {
  if (module.startsWith("wasi_snapshot_preview1") && name.startsWith("sock_")) {
    return Object.hasOwn(sockets?.signatures ?? {}, name.replace(/_v2$/, ""))
      ? "; the option --sockets (net.sockets) turns its socket extension off"
      : "; it belongs to a socket extension that is not supported";
  }
  if (module === "gojs" || module === "go") return "; it was built with GOOS=js: build it with GOOS=wasip1";
  if (isWitName(module)) return `; ${wit?.advice ?? LACKS_LINKER}`;
  return '; pass it with the option "imports" of the library';
}
