/** Lowers functions of WIT for a core module, which has no canonical definitions. */

import { CallContext, type CallContextOptions, type Realloc } from "../../../component/abi/context.ts";
import type { StringEncoding } from "../../../component/abi/strings.ts";
import { resourceDrop } from "../../../component/link/canon/resource_builtins.ts";
import { guarded } from "../../../component/link/call/guard.ts";
import { ComponentInstance } from "../../../component/link/component_instance.ts";
import type { InstanceExports } from "../../../component/link/link_scope.ts";
import { ResourceType } from "../../../component/link/resource_type.ts";
import type { Store } from "../../../component/link/store.ts";
import { trap } from "../../../component/link/trap.ts";
import { syncLowerSignature } from "../../../component/types/flat.ts";
import { ModuleError } from "../../errors.ts";
import type { ImportedFunction } from "../../guest/wit_imports.ts";
import { type FunctionType, functionTypeText } from "../../module/type_section.ts";

/** Name of the import that drops a resource. */
const DROP = /^\[resource-drop\](.*)$/s;
const DROP_TYPE: FunctionType = { params: ["i32"], results: [] };
/** By what the canonical ABI allocates, in the names that tools have agreed on. */
const REALLOC = "cabi_realloc";

/** Options that are set once there is an instance. */
type LateOptions = { -readonly [key in keyof CallContextOptions]: CallContextOptions[key] };

/** Lowers functions for one instance of a module: the module imports them before it has a memory. */
export class CoreLowering {
  readonly #instance: ComponentInstance;
  readonly #label: string;
  readonly #options: LateOptions[] = [];
  readonly #contexts: Map<StringEncoding, CallContext> = new Map();

  /**
   * @param store What all calls of the guest share.
   * @param label What the module is called in messages.
   */
  constructor(store: Store, label: string) {
    this.#instance = new ComponentInstance(store);
    this.#label = label;
  }

  /** @param exports Those of the instance: its memory, and what allocates in it. */
  attach(exports: WebAssembly.Exports): void {
    const memory = exports["memory"] as WebAssembly.Memory;
    const realloc = exports[REALLOC];
    for (const options of this.#options) {
      options.memory = memory;
      options.realloc = typeof realloc === "function" ? realloc as Realloc : lacksRealloc;
    }
  }

  /**
   * A function as the module imports it.
   *
   * @param imported The import.
   * @param items What its interface has.
   * @param encoding How strings are encoded.
   * @returns Undefined if the interface has no such function.
   * @throws {ModuleError} If the module imports it with another type.
   */
  lower(
    imported: ImportedFunction,
    items: InstanceExports | undefined,
    encoding: StringEncoding,
  ): WebAssembly.ImportValue | undefined {
    const dropped = DROP.exec(imported.name)?.[1];
    if (dropped !== undefined) return this.#drop(imported, items?.get(dropped));
    const item = items?.get(imported.name);
    if (item?.sort !== "func") return undefined;
    this.#check(imported, syncLowerSignature(item.value.type));
    return item.value.lower(this.#context(encoding));
  }

  #drop(imported: ImportedFunction, item: ReturnType<InstanceExports["get"]>): WebAssembly.ImportValue | undefined {
    if (item?.sort !== "type" || item.value.kind !== "resource") return undefined;
    const { resource } = item.value;
    if (!(resource instanceof ResourceType)) return undefined;
    this.#check(imported, DROP_TYPE);
    const drop = resourceDrop(this.#instance, resource as ResourceType);
    return guarded(drop, this.#instance.store.outcome, 1);
  }

  #check({ module, name, type }: ImportedFunction, wanted: FunctionType): void {
    if (type === undefined || functionTypeText(type) === functionTypeText(wanted)) return;
    throw new ModuleError(
      `Cannot run ${this.#label}: it imports ${module}.${name} as ${functionTypeText(type)}, but the function is ` +
        functionTypeText(wanted),
    );
  }

  #context(encoding: StringEncoding): CallContext {
    let cx = this.#contexts.get(encoding);
    if (cx === undefined) {
      const options: LateOptions = { encoding };
      cx = new CallContext(this.#instance, options);
      this.#options.push(options);
      this.#contexts.set(encoding, cx);
    }
    return cx;
  }
}

function lacksRealloc(): never {
  return trap(`cannot allocate: the module exports no ${REALLOC}`);
}
