/** What a module imports, matched with what there is. */

import type { GuestMemory } from "../abi/memory.ts";
import { withPathOpenSockets } from "../abi/path_open_sockets.ts";
import {
  type ImportFunction,
  type ImportTable,
  preview1,
  unstable,
  WAITING_IMPORTS,
  WAITING_SOCKET_IMPORTS,
} from "../abi/preview1.ts";
import { WASMEDGE_SIGNATURES } from "../witx/wasmedge.ts";
import type { System } from "../core/system.ts";
import { ModuleError } from "./errors.ts";
import { suspending } from "./jspi.ts";
import type { LoadedModule } from "./load.ts";
import type { HostImports, SocketExtension } from "./options.ts";
import { sectionsOf, WasmReader } from "./wasm_reader.ts";

/** What may wait for the event loop. */
export interface WaitingCalls {
  /** True if the guest is suspended while it waits. */
  readonly suspends: boolean;
  /** True if `fd_read` may. */
  readonly reads: boolean;
  /** True if `fd_write` may. */
  readonly writes: boolean;
  /** True if the calls with sockets may. */
  readonly sockets: boolean;
  /** Which functions for sockets there are. */
  readonly extension: SocketExtension;
}

/**
 * Collect the imports of a module.
 *
 * @param loaded The module.
 * @param system Answers preview 1.
 * @param memory Memory of the guest.
 * @param extra Imports of the caller; they go before those of WASI.
 * @param waiting Which calls can wait for the event loop: they are wrapped, which slows them down.
 * @param watch Stands between the guest and the functions of WASI, if it is given.
 * @throws {ModuleError} Naming what nobody provides.
 */
export function collectImports(
  loaded: LoadedModule,
  system: System,
  memory: GuestMemory,
  extra: HostImports,
  waiting: WaitingCalls,
  watch?: (name: string, fn: ImportFunction) => ImportFunction,
): WebAssembly.Imports {
  const wrapped = suspendingNames(waiting);
  const tables = new Map<string, ImportTable>();
  // Without prototypes: a guest may import "constructor" or "__proto__".
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = Object.create(null);
  for (const { module, name, kind } of WebAssembly.Module.imports(loaded.module)) {
    const provided = ownImport(extra, module, name) ??
      wasiImport(tables, module, name, () => watched(tableOf(module, system, memory, waiting), watch), wrapped);
    if (provided === undefined) throw missingImport(loaded, module, name, kind);
    (imports[module] ??= Object.create(null) as Record<string, WebAssembly.ImportValue>)[name] = provided;
  }
  return imports;
}

function suspendingNames({ suspends, reads, writes, sockets, extension }: WaitingCalls): ReadonlySet<string> {
  if (!suspends) return new Set();
  const names = WAITING_IMPORTS.filter((name) => (name !== "fd_read" || reads) && (name !== "fd_write" || writes));
  if (!sockets) return new Set(names);
  return new Set([...names, ...WAITING_SOCKET_IMPORTS, ...(extension === "path_open" ? ["path_open"] : [])]);
}

function tableOf(
  module: string,
  system: System,
  memory: GuestMemory,
  { reads, writes, extension }: WaitingCalls,
): ImportTable | undefined {
  const blocking = { reads: !reads, writes: !writes };
  if (module === "wasi_unstable") return unstable(system, memory, blocking);
  if (module !== "wasi_snapshot_preview1") return undefined;
  if (extension === "path_open") return withPathOpenSockets(preview1(system, memory, blocking, "none"), system, memory);
  return preview1(system, memory, blocking, extension);
}

function watched(
  table: ImportTable | undefined,
  watch: ((name: string, fn: ImportFunction) => ImportFunction) | undefined,
): ImportTable | undefined {
  if (table === undefined || watch === undefined) return table;
  return Object.fromEntries(Object.entries(table).map(([name, fn]) => [name, watch(name, fn)]));
}

function ownImport(extra: HostImports, module: string, name: string): WebAssembly.ImportValue | undefined {
  const functions = Object.hasOwn(extra, module) ? extra[module] : undefined;
  return functions !== undefined && Object.hasOwn(functions, name) ? functions[name] : undefined;
}

function wasiImport(
  tables: Map<string, ImportTable>,
  module: string,
  name: string,
  make: () => ImportTable | undefined,
  wrapped: ReadonlySet<string>,
): WebAssembly.ImportValue | undefined {
  let table = tables.get(module);
  if (table === undefined) {
    table = make();
    if (table === undefined) return undefined;
    tables.set(module, table);
  }
  const fn = Object.hasOwn(table, name) ? table[name] : undefined;
  if (fn === undefined) return undefined;
  return wrapped.has(name.replace(/_v2$/, "")) ? suspending(fn) : fn;
}

function missingImport(loaded: LoadedModule, module: string, name: string, kind: string): ModuleError {
  const type = signatureOf(loaded.bytes, module, name) ?? kind;
  return new ModuleError(
    `Cannot run ${loaded.label}: nobody provides its import "${module}" "${name}", a ${type}${advice(module, name)}`,
  );
}

function advice(module: string, name: string): string {
  if (module.startsWith("wasi_snapshot_preview1") && name.startsWith("sock_")) {
    return Object.hasOwn(WASMEDGE_SIGNATURES, name.replace(/_v2$/, ""))
      ? "; the option --sockets (net.sockets) turns its socket extension off"
      : "; it belongs to a socket extension that is not supported";
  }
  if (module === "gojs" || module === "go") return "; it was built with GOOS=js: build it with GOOS=wasip1";
  if (module.startsWith("wasi:")) return "; it was built for a component: build it for wasip1";
  return '; pass it with the option "imports" of the library';
}

const VALUE_TYPES: Record<number, string> = {
  0x7f: "i32",
  0x7e: "i64",
  0x7d: "f32",
  0x7c: "f64",
  0x7b: "v128",
  0x70: "funcref",
  0x6f: "externref",
};

/**
 * The signature of an imported function, read from the binary.
 *
 * @returns `function (i32, i64) -> i32`, or undefined if it can't be told.
 */
export function signatureOf(bytes: Uint8Array | undefined, module: string, name: string): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    return importedType(bytes, module, name);
  } catch {
    // What an engine has compiled may still use types that are not known here.
    return undefined;
  }
}

/** The signature of an imported function; undefined if there is no such import, or it is no function. */
function importedType(bytes: Uint8Array, module: string, name: string): string | undefined {
  let types: readonly string[] = [];
  for (const { id, start, end } of sectionsOf(bytes)) {
    const reader = new WasmReader(bytes, start, end);
    if (id === 1) types = readTypes(reader);
    if (id === 2) return findImport(reader, types, module, name);
  }
  return undefined;
}

function readTypes(reader: WasmReader): string[] {
  const types: string[] = [];
  for (let count = reader.u32(); count > 0; count--) {
    if (reader.byte() !== 0x60) throw new RangeError("Cannot read a type that is no function");
    const params = readValueTypes(reader);
    const results = readValueTypes(reader);
    types.push(`function (${params.join(", ")}) -> ${results.join(", ") || "()"}`);
  }
  return types;
}

function readValueTypes(reader: WasmReader): string[] {
  const types: string[] = [];
  for (let count = reader.u32(); count > 0; count--) {
    const type = VALUE_TYPES[reader.byte()];
    if (type === undefined) throw new RangeError("Cannot read an unknown value type");
    types.push(type);
  }
  return types;
}

function findImport(reader: WasmReader, types: readonly string[], module: string, name: string): string | undefined {
  const decoder = new TextDecoder();
  for (let count = reader.u32(); count > 0; count--) {
    const from = decoder.decode(reader.vector());
    const found = decoder.decode(reader.vector()) === name && from === module;
    const kind = reader.byte();
    if (kind === 0) {
      const type = types[reader.u32()];
      if (found) return type;
    } else {
      if (found) return undefined;
      skipType(reader, kind);
    }
  }
  return undefined;
}

/** Type of a table, memory or global. */
function skipType(reader: WasmReader, kind: number): void {
  if (kind !== 2) reader.byte();
  if (kind === 3) return void reader.byte();
  const flags = reader.u32();
  reader.u32();
  if ((flags & 1) !== 0) reader.u32();
}
