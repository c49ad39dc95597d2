/**
 * Components in the text format, linked without any runtime around them.
 *
 * @module
 */

import { Codecs } from "../../../src/component/abi/codecs.ts";
import { decodeComponent } from "../../../src/component/binary/decode.ts";
import { compileCoreModules } from "../../../src/component/link/core_modules.ts";
import { callableExport } from "../../../src/component/link/call/callable_export.ts";
import type { CallableExport } from "../../../src/component/link/call/export_call.ts";
import type { HostFunction } from "../../../src/component/link/function.ts";
import type { HostInterface } from "../../../src/component/link/host_interfaces.ts";
import { OuterImports } from "../../../src/component/link/import_resolver.ts";
import type { InstanceExports, LinkItem } from "../../../src/component/link/link_scope.ts";
import { linkComponent } from "../../../src/component/link/linker.ts";
import { Linking } from "../../../src/component/link/call/linking.ts";
import type { ComponentInstance } from "../../../src/component/link/component_instance.ts";
import type { ResourceType } from "../../../src/component/link/resource_type.ts";
import { Store, type StoreOptions } from "../../../src/component/link/store.ts";
import { TrampolineModules } from "../../../src/component/link/call/trampoline_modules.ts";
import { assembleComponent } from "../../tools/component_guests.ts";

/** What a component of a test is linked with. */
export interface LinkedOptions extends StoreOptions {
  /** Functions of the host by interface (without patch version) and name. */
  readonly functions?: Readonly<Record<string, Readonly<Record<string, HostFunction>>>>;
  /** Resource types of the host by interface and name. */
  readonly resources?: Readonly<Record<string, Readonly<Record<string, ResourceType<never>>>>>;
  /** Exports of other guests. */
  readonly imports?: ReadonlyMap<string, LinkItem>;
}

/** A linked component. */
export interface Linked {
  readonly instance: ComponentInstance;
  readonly exports: InstanceExports;
  readonly store: Store;
  /** Call an export by its path: `f`, or `my:package/interface#f`. */
  call(path: string, ...args: readonly unknown[]): unknown;
  /** As `call`, suspending the guest while it waits. */
  callSuspending(path: string, ...args: readonly unknown[]): Promise<unknown>;
  /** What calls an export. */
  export(path: string): CallableExport;
}

/** Link a component in the text format. */
export async function linked(text: string, options: LinkedOptions = {}): Promise<Linked> {
  const component = decodeComponent(await assembleComponent(text));
  const store = new Store(options);
  const linking = new Linking(store, new TrampolineModules());
  const { functions = {}, resources = {}, imports = new Map() } = options;
  const find = (name: string): HostInterface | undefined => {
    if (functions[name] === undefined && resources[name] === undefined) return undefined;
    return { functions: functions[name] ?? {}, resources: resources[name] ?? {} };
  };
  const outer = new OuterImports(imports, { find }, linking);
  const { instance, exports } = linkComponent({ component, scope: undefined }, {
    linking,
    modules: compileCoreModules(component),
    imports: outer,
  });
  const codecs = new Codecs();
  const callOf = (path: string): CallableExport => functionAt(exports, path, codecs);
  return {
    instance,
    exports,
    store,
    export: callOf,
    call: (path, ...args) => callOf(path).call(args),
    callSuspending: (path, ...args) => callOf(path).callSuspending(args),
  };
}

function functionAt(exports: InstanceExports, path: string, codecs: Codecs): CallableExport {
  const [first = "", second] = path.split("#");
  const item = exports.get(first);
  const found = second === undefined || item?.sort !== "instance" ? item : item.value.get(second);
  const callee = found?.sort === "func" ? callableExport(found.value, codecs) : undefined;
  if (callee !== undefined) return callee;
  throw new Error(`There is no function ${path}: the exports are ${[...exports.keys()]}`);
}

/** A core module with a memory and an allocator that never frees: `(core instance $libc)`. */
export const LIBC = `
  (core module $Libc
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $at) (local.get $new)))
      (memory.copy (local.get $at) (local.get $old) (local.get $size))
      (local.get $at)))
  (core instance $libc (instantiate $Libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))`;
