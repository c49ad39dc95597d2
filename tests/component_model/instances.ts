/** Links the components of a script, without a runtime around them. */

import { Codecs } from "../../src/component/abi/codecs.ts";
import type { Component } from "../../src/component/binary/model.ts";
import { callableExport } from "../../src/component/link/call/callable_export.ts";
import { Linking } from "../../src/component/link/call/linking.ts";
import { TrampolineModules } from "../../src/component/link/call/trampoline_modules.ts";
import { type CoreModules } from "../../src/component/link/core_modules.ts";
import { OuterImports } from "../../src/component/link/import_resolver.ts";
import type { InstanceExports } from "../../src/component/link/link_scope.ts";
import { linkComponent } from "../../src/component/link/linker.ts";
import type { ComponentFunction } from "../../src/component/link/component_function.ts";
import { type StackSwitching, Store } from "../../src/component/link/store.ts";
import { canSuspend, promising, suspending } from "../../src/runtime/jspi.ts";

/** A component that has been decoded, validated and compiled. */
export interface Definition {
  readonly component: Component;
  readonly modules: CoreModules;
}

const STACKS: StackSwitching = { promising, suspending };

/** An instance of a component. */
export class ScriptInstance {
  readonly #exports: InstanceExports;
  readonly #codecs = new Codecs();

  /** @param definition The component. It can import nothing. */
  constructor({ component, modules }: Definition) {
    const linking = new Linking(new Store({ stacks: canSuspend() ? STACKS : undefined }), new TrampolineModules());
    const imports = new OuterImports(new Map(), { find: () => undefined }, linking);
    this.#exports = linkComponent({ component, scope: undefined }, { linking, modules, imports }).exports;
  }

  /** An export. @throws {Error} There is none of this name. */
  function(name: string): ComponentFunction {
    const item = this.#exports.get(name);
    if (item?.sort === "func") return item.value;
    throw new Error(`There is no function "${name}" among the exports: ${[...this.#exports.keys()].join(", ")}`);
  }

  /** Call an export, on a stack of its own where that is possible. */
  async call(name: string, args: readonly unknown[]): Promise<unknown> {
    const call = callableExport(this.function(name), this.#codecs);
    if (call === undefined) throw new Error(`The function "${name}" is not one of the component`);
    return await call.callSuspending(args);
  }
}
