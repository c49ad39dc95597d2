/** The index spaces of a component while it is linked. */

import { InvalidComponentError } from "../binary/invalid_component.ts";
import type { Component } from "../binary/model.ts";
import type { Sort, SortIndex } from "../binary/model_references.ts";
import { type DefinedType, TypeScope } from "../types/scope.ts";
import type { ComponentFunction } from "./component_function.ts";
import type { CoreFunction } from "./function.ts";
import { IndexSpace } from "./index_space.ts";

/** Exports of an instance by their names, in order. */
export type InstanceExports = ReadonlyMap<string, LinkItem>;

/** A component in the scope that its outer aliases refer to. */
export interface ComponentClosure {
  readonly component: Component;
  /** Undefined for an outermost component. */
  readonly scope: LinkScope | undefined;
}

/** What an import can be given, and what an export is. */
export type LinkItem =
  | { readonly sort: "func"; readonly value: ComponentFunction }
  | { readonly sort: "instance"; readonly value: InstanceExports }
  | { readonly sort: "type"; readonly value: DefinedType }
  | { readonly sort: "component"; readonly value: ComponentClosure }
  | { readonly sort: "core module"; readonly value: WebAssembly.Module };

/** Sorts that are imported and exported by components. */
const COMPONENT_SORTS: ReadonlySet<Sort> = new Set(["func", "instance", "type", "component", "core module"]);

/** What core instances export, by sort. */
export interface CoreSpaces {
  readonly "core func": IndexSpace<CoreFunction>;
  readonly "core table": IndexSpace<WebAssembly.Table>;
  readonly "core memory": IndexSpace<WebAssembly.Memory>;
  readonly "core global": IndexSpace<WebAssembly.Global>;
  readonly "core tag": IndexSpace<WebAssembly.ImportValue>;
}

/** The index spaces of a component while it is linked. */
export class LinkScope {
  /** The scope that the component stands in; undefined for the outermost. */
  readonly outer: LinkScope | undefined;
  /** Types and core types. */
  readonly types: TypeScope;
  readonly functions: IndexSpace<ComponentFunction> = new IndexSpace("function");
  readonly instances: IndexSpace<InstanceExports> = new IndexSpace("instance");
  readonly components: IndexSpace<ComponentClosure> = new IndexSpace("component");
  readonly coreModules: IndexSpace<WebAssembly.Module> = new IndexSpace("core module");
  readonly coreInstances: IndexSpace<WebAssembly.ModuleImports> = new IndexSpace("core instance");
  readonly core: CoreSpaces = {
    "core func": new IndexSpace("core function"),
    "core table": new IndexSpace("core table"),
    "core memory": new IndexSpace("core memory"),
    "core global": new IndexSpace("core global"),
    "core tag": new IndexSpace("core tag"),
  };

  /** @param outer The scope that the component stands in; undefined for the outermost. */
  constructor(outer?: LinkScope) {
    this.outer = outer;
    this.types = new TypeScope(outer?.types);
  }

  /** Add an item to the space of its sort. */
  add(item: LinkItem): void {
    switch (item.sort) {
      case "func":
        return this.functions.add(item.value);
      case "instance":
        return this.instances.add(item.value);
      case "type":
        return this.types.add(item.value);
      case "component":
        return this.components.add(item.value);
      case "core module":
        return this.coreModules.add(item.value);
    }
  }

  /**
   * The item that is referred to.
   *
   * @param reference Sort and index.
   * @param offset Where the reference stands, for messages.
   * @throws {InvalidComponentError} There is none, or components can't export it.
   */
  item({ sort, index }: SortIndex, offset: number): LinkItem {
    switch (sort) {
      case "func":
        return { sort, value: this.functions.get(index, offset) };
      case "instance":
        return { sort, value: this.instances.get(index, offset) };
      case "type":
        return { sort, value: this.types.type(index, offset) };
      case "component":
        return { sort, value: this.components.get(index, offset) };
      case "core module":
        return { sort, value: this.coreModules.get(index, offset) };
      default:
        throw new InvalidComponentError(`a component can't import or export a ${sort}`, offset);
    }
  }

  /**
   * The scope that an outer alias refers to.
   *
   * @param count Number of scopes outwards; 0 is this one.
   * @param offset Where the alias stands, for messages.
   * @throws {InvalidComponentError} There is none.
   */
  outward(count: number, offset: number): LinkScope {
    if (count === 0) return this;
    if (this.outer === undefined) throw new InvalidComponentError("invalid outer alias count", offset);
    return this.outer.outward(count - 1, offset);
  }
}

/** True for sorts that are imported and exported by components. */
export function isComponentSort(sort: Sort): sort is LinkItem["sort"] {
  return COMPONENT_SORTS.has(sort);
}
