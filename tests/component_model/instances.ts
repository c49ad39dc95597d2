/** Links the components of a script, without a runtime around them. */

import { Codecs } from "../../src/component/abi/codecs.ts";
import type { Component } from "../../src/component/binary/model.ts";
import { asCallee } from "../../src/component/link/call/as_callee.ts";
import type { Callee } from "../../src/component/link/call/callee.ts";
import { ExportCall } from "../../src/component/link/call/export_call.ts";
import { Linking } from "../../src/component/link/call/linking.ts";
import { TrampolineModules } from "../../src/component/link/call/trampoline_modules.ts";
import { type CoreModules } from "../../src/component/link/core_modules.ts";
import { OuterImports } from "../../src/component/link/import_resolver.ts";
import type { InstanceExports } from "../../src/component/link/link_scope.ts";
import { linkComponent } from "../../src/component/link/linker.ts";
import { Store } from "../../src/component/link/store.ts";

/** A component that has been decoded, validated and compiled. */
export interface Definition {
  readonly component: Component;
  readonly modules: CoreModules;
}

/** An instance of a component. */
export class ScriptInstance {
  readonly #exports: InstanceExports;
  readonly #codecs = new Codecs();

  /** @param definition The component. It can import nothing. */
  constructor({ component, modules }: Definition) {
    const linking = new Linking(new Store(), new TrampolineModules());
    const imports = new OuterImports(new Map(), { find: () => undefined }, linking);
    this.#exports = linkComponent({ component, scope: undefined }, { linking, modules, imports }).exports;
  }

  /** An export. @throws {Error} There is none of this name. */
  function(name: string): Callee {
    const item = this.#exports.get(name);
    const callee = item?.sort === "func" ? asCallee(item.value) : undefined;
    if (callee !== undefined) return callee;
    throw new Error(`There is no function "${name}" among the exports: ${[...this.#exports.keys()].join(", ")}`);
  }

  /** Call an export. */
  call(name: string, args: readonly unknown[]): unknown {
    return new ExportCall(this.function(name), this.#codecs).call(args);
  }
}
