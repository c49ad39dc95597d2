/** Links a component to the caller's imports and to the host interfaces. */

import type { Component } from "../../component/binary/model.ts";
import type { ExportedItems } from "../../component/js/callee.ts";
import type { CoreModules } from "../../component/link/core_modules.ts";
import type { CoreSubstitute } from "../../component/link/core_substitute.ts";
import { linkComponent } from "../../component/link/linker.ts";
import { Linking } from "../../component/link/call/linking.ts";
import type { Store } from "../../component/link/store.ts";
import type { TrampolineModules } from "../../component/link/call/trampoline_modules.ts";
import type { InterfaceFactories } from "../../wasi/host.ts";
import { exportedItems } from "./exported_items.ts";
import { GuestImports, type ImportSources } from "./guest_imports.ts";
import { asModuleError } from "./shared/link_failure.ts";

/** A compiled component. */
export interface LinkSource {
  /** Its definitions. */
  readonly component: Component;
  /** Its core modules. */
  readonly modules: CoreModules;
  /** Compiled trampolines, which all instances of the component share. */
  readonly trampolines: TrampolineModules;
  /** Host interfaces beside those that every component gets. */
  readonly interfaces: InterfaceFactories;
  /** What it is called in messages. */
  readonly label: string;
  /** Last part of its path. */
  readonly basename: string;
}

/** What a component is linked to. */
export interface LinkTarget extends ImportSources {
  /** What all its instances share. */
  readonly store: Store;
  /** Puts functions of the host in the place of core modules; undefined if nothing does. */
  readonly substitute: CoreSubstitute | undefined;
}

/**
 * Link a component. Start functions of core modules run meanwhile.
 *
 * @returns What it exports.
 * @throws {ModuleError} If an import is unknown, or of another type than it should be.
 */
export function linkGuest({ component, modules, trampolines, label }: LinkSource, target: LinkTarget): ExportedItems {
  const linking = new Linking(target.store, trampolines);
  const imports = new GuestImports(target, linking);
  try {
    const { exports } = linkComponent({ component, scope: undefined }, {
      linking,
      modules,
      imports,
      substitute: target.substitute,
    });
    return exportedItems(exports, linking);
  } catch (error) {
    throw asModuleError(error, label);
  }
}
