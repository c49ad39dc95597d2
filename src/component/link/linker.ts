/** Links components: one pass over the definitions, in which each extends an index space. */

import { InvalidComponentError } from "../binary/invalid_component.ts";
import type {
  CoreInlineInstanceDefinition,
  CoreInstantiateDefinition,
  CoreModuleDefinition,
  Definition,
  ExportDefinition,
  InlineInstanceDefinition,
  InstantiateDefinition,
  TypeDefinition,
} from "../binary/model.ts";
import type { AliasDefinition } from "../binary/model_references.ts";
import { defineCoreType } from "../types/define_core.ts";
import { defineType } from "../types/define.ts";
import { namedType } from "../types/named_type.ts";
import { CanonFunctions } from "./canon/canon_functions.ts";
import { ComponentInstance } from "./component_instance.ts";
import { instantiateCore } from "./core_instance.ts";
import type { CoreModules } from "./core_modules.ts";
import type { CoreSubstitute } from "./core_substitute.ts";
import { GivenImports, type ImportResolver } from "./import_resolver.ts";
import type { Linking } from "./call/linking.ts";
import {
  type ComponentClosure,
  type InstanceExports,
  isComponentSort,
  type LinkItem,
  LinkScope,
} from "./link_scope.ts";
import { guestResourceType } from "./canon/resource_builtins.ts";
import { ResourceType } from "./resource_type.ts";

/** What is linked together. */
export interface LinkRequest {
  /** What all definitions of the guest share. */
  readonly linking: Linking;
  /** Compiled core modules of the component and of those nested in it. */
  readonly modules: CoreModules;
  /** What imports are linked to. */
  readonly imports: ImportResolver;
  /** The instance that instantiates the component; undefined for the outermost. */
  readonly parent?: ComponentInstance | undefined;
  /** Puts functions of the host in the place of core modules of this component; undefined if nothing does. */
  readonly substitute?: CoreSubstitute | undefined;
}

/** An instance of a component. */
export interface LinkedComponent {
  /** Its state. */
  readonly instance: ComponentInstance;
  /** What it exports. */
  readonly exports: InstanceExports;
}

/**
 * Instantiate a component. Start functions of core modules run meanwhile.
 *
 * @param closure The component, in the scope that its outer aliases refer to.
 * @param request What it is linked with.
 * @throws {ComponentLinkError} If something that it imports is missing, or of another type.
 * @throws {InvalidComponentError} If it is not valid.
 */
export function linkComponent({ component, scope }: ComponentClosure, request: LinkRequest): LinkedComponent {
  const linker = new ComponentLinker(new LinkScope(scope), request);
  for (const definition of component.definitions) linker.define(definition);
  return { instance: linker.instance, exports: linker.exports };
}

/** Links one component. */
class ComponentLinker {
  readonly instance: ComponentInstance;
  readonly exports: Map<string, LinkItem> = new Map();
  readonly #scope: LinkScope;
  readonly #request: LinkRequest;
  readonly #canon: CanonFunctions;

  constructor(scope: LinkScope, request: LinkRequest) {
    const { linking, parent } = request;
    this.instance = new ComponentInstance(linking.store, parent);
    this.#scope = scope;
    this.#request = request;
    this.#canon = new CanonFunctions(scope, this.instance, linking);
  }

  define(definition: Definition): void {
    const scope = this.#scope;
    const { offset } = definition;
    switch (definition.kind) {
      case "core-module":
        return scope.coreModules.add(this.#coreModule(definition));
      case "core-instantiate":
        return scope.coreInstances.add(this.#instantiateCore(definition));
      case "core-inline-instance":
        return scope.coreInstances.add(this.#inlineCore(definition));
      case "core-type":
        return scope.types.addCore(defineCoreType(definition.type, scope.types));
      case "component":
        return scope.components.add({ component: definition.component, scope });
      case "instantiate":
        return scope.instances.add(this.#instantiate(definition));
      case "inline-instance":
        return scope.instances.add(this.#inline(definition));
      case "type":
        return this.#type(definition);
      case "canon":
        return this.#canon.define(definition.canon, offset);
      case "import":
        return scope.add(this.#request.imports.resolve(definition, scope.types));
      case "export":
        return this.#export(definition);
      default:
        return this.#alias(definition);
    }
  }

  #coreModule(definition: CoreModuleDefinition): WebAssembly.Module {
    const module = this.#request.modules.get(definition);
    if (module !== undefined) return module;
    throw new TypeError("Cannot link a component with the core modules of another");
  }

  #instantiateCore(definition: CoreInstantiateDefinition): WebAssembly.ModuleImports {
    const { module, args, offset } = definition;
    const { coreModules, coreInstances } = this.#scope;
    const { substitute } = this.#request;
    const given: WebAssembly.Imports = {};
    for (const { name, instance } of args) given[name] = coreInstances.get(instance, offset);
    const imports = substitute?.imports(definition, given) ?? given;
    return substitute?.exports(definition, imports) ??
      instantiateCore(coreModules.get(module, offset), imports, this.instance);
  }

  #inlineCore({ exports }: CoreInlineInstanceDefinition): WebAssembly.ModuleImports {
    const items: WebAssembly.ModuleImports = {};
    for (const { name, sort, index, offset } of exports) items[name] = this.#scope.core[sort].get(index, offset);
    return items;
  }

  #instantiate({ component, args, offset }: InstantiateDefinition): InstanceExports {
    const given = new Map(args.map((arg) => [arg.name, this.#scope.item(arg, arg.offset)]));
    const closure = this.#scope.components.get(component, offset);
    const request = {
      ...this.#request,
      imports: new GivenImports(given),
      parent: this.instance,
      substitute: undefined,
    };
    const { exports, instance } = linkComponent(closure, request);
    this.instance.mayWait ||= instance.mayWait;
    return exports;
  }

  #inline({ exports }: InlineInstanceDefinition): InstanceExports {
    return new Map(exports.map((each) => [each.name, this.#scope.item(each, each.offset)]));
  }

  #type({ type, offset }: TypeDefinition): void {
    const { types, core } = this.#scope;
    types.add(defineType(type, types, offset, ({ destructor }) => {
      return guestResourceType(
        this.instance,
        destructor === undefined ? undefined : core["core func"].get(destructor, offset),
      );
    }));
  }

  #export(definition: ExportDefinition): void {
    const { name, offset } = definition;
    const item = named(name, this.#scope.item(definition, offset));
    this.exports.set(name, item);
    this.#scope.add(item);
  }

  #alias(alias: AliasDefinition): void {
    const { offset } = alias;
    switch (alias.kind) {
      case "alias-core-export":
        return this.#aliasCoreExport(alias);
      case "alias-export": {
        const item = this.#scope.instances.get(alias.instance, offset).get(alias.name);
        if (item === undefined || item.sort !== alias.sort) {
          throw new InvalidComponentError(`instance ${alias.instance} has no ${alias.sort} "${alias.name}"`, offset);
        }
        return this.#scope.add(item);
      }
      case "alias-outer": {
        const scope = this.#scope.outward(alias.count, offset);
        if (isComponentSort(alias.sort)) return this.#scope.add(scope.item(alias, offset));
        return this.#scope.types.addCore(scope.types.coreType(alias.index, offset));
      }
    }
  }

  #aliasCoreExport({ instance, name, sort, offset }: AliasDefinition & { readonly kind: "alias-core-export" }): void {
    const exports = this.#scope.coreInstances.get(instance, offset);
    const item = Object.hasOwn(exports, name) ? exports[name] : undefined;
    if (item === undefined) {
      throw new InvalidComponentError(`core instance ${instance} has no export named \`${name}\``, offset);
    }
    const space = this.#scope.core[sort];
    if (!isOfSort(item, sort)) {
      const what = sort.replace("core ", "");
      throw new InvalidComponentError(`export \`${name}\` for core instance ${instance} is not a ${what}`, offset);
    }
    (space as { add(item: WebAssembly.ImportValue): void }).add(item);
  }
}

/** A type that gets a name. */
function named(name: string, item: LinkItem): LinkItem {
  if (item.sort !== "type") return item;
  const { value } = item;
  if (value.kind === "resource" && value.resource instanceof ResourceType) value.resource.nameOnce(name);
  return { sort: "type", value: namedType(value) };
}

function isOfSort(item: WebAssembly.ImportValue, sort: string): boolean {
  switch (sort) {
    case "core func":
      return typeof item === "function";
    case "core table":
      return item instanceof WebAssembly.Table;
    case "core memory":
      return item instanceof WebAssembly.Memory;
    case "core global":
      return item instanceof WebAssembly.Global;
    default:
      return typeof item === "object" && Object.prototype.toString.call(item) === "[object WebAssembly.Tag]";
  }
}
