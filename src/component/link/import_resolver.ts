/** What the imports of a component are linked to. */

import type { ImportDefinition } from "../binary/model.ts";
import { evaluateExtern, type ResourceProvider } from "../types/evaluate.ts";
import type { FunctionType } from "../types/function_type.ts";
import { parseName } from "../types/names/names.ts";
import { namedType } from "../types/named_type.ts";
import type { ResourceIdentity } from "../types/resource_identity.ts";
import type { TypeScope } from "../types/scope.ts";
import type { ExternShape, InstanceShape } from "../types/shapes.ts";
import { functionTypeText } from "../types/text.ts";
import type { ComponentFunction } from "./component_function.ts";
import { HostComponentFunction } from "./call/host_component_function.ts";
import type { HostFunction } from "./function.ts";
import { compatibleName, type HostInterface, type HostInterfaces } from "./host_interfaces.ts";
import { ComponentLinkError } from "./link_error.ts";
import type { Linking } from "./call/linking.ts";
import type { InstanceExports, LinkItem } from "./link_scope.ts";

/**
 * Changes a function of the host before it is linked.
 *
 * @param name Interface and function: `wasi:io/poll@0.2.0#poll`.
 */
export type ObserveFunction = (name: string, type: FunctionType, fn: HostFunction) => HostFunction;

/** What resolves the imports of one component. */
export interface ImportResolver {
  /**
   * What an import is linked to.
   *
   * @param definition The import.
   * @param scope Where it stands.
   * @throws {ComponentLinkError} If there is nothing to link it to.
   */
  resolve(definition: ImportDefinition, scope: TypeScope): LinkItem;
}

/** Items given to a component by the one that instantiates it. */
export class GivenImports implements ImportResolver {
  readonly #items: ReadonlyMap<string, LinkItem>;

  /** @param items The items by the names of the imports. */
  constructor(items: ReadonlyMap<string, LinkItem>) {
    this.#items = items;
  }

  resolve({ name, type }: ImportDefinition): LinkItem {
    const item = this.#items.get(name);
    if (item === undefined) {
      throw new ComponentLinkError(`Cannot instantiate a component: missing import named "${name}"`);
    }
    if (item.sort === type.sort) return item;
    throw new ComponentLinkError(
      `Cannot instantiate a component: its import "${name}" is a ${type.sort}, and it was given a ${item.sort}`,
    );
  }
}

/** Imports of the outermost component: what the caller gives, then the host's interfaces. */
export class OuterImports implements ImportResolver {
  readonly #given: ReadonlyMap<string, LinkItem>;
  readonly #hosts: HostInterfaces;
  readonly #linking: Linking;
  readonly #observe: ObserveFunction | undefined;

  /**
   * Make it.
   *
   * @param given Items by the names of imports, with or without (patch) version.
   * @param hosts Interfaces of the host.
   * @param linking What all definitions of the guest share.
   * @param observe Changes functions of the host before they are linked, such as to trace their calls.
   */
  constructor(
    given: ReadonlyMap<string, LinkItem>,
    hosts: HostInterfaces,
    linking: Linking,
    observe?: ObserveFunction,
  ) {
    this.#observe = observe;
    this.#given = given;
    this.#hosts = hosts;
    this.#linking = linking;
  }

  resolve(definition: ImportDefinition, scope: TypeScope): LinkItem {
    const { name, type, offset } = definition;
    const given = this.#find(name);
    if (given !== undefined) {
      const shape = evaluateExtern(name, type, scope, new GivenResources(name, given, this.#given), offset);
      return checkedItem(name, shape, given);
    }
    if (type.sort === "type" && type.equal !== undefined) {
      return { sort: "type", value: namedType(scope.type(type.equal, offset)) };
    }
    if (type.sort !== "instance") throw missing(name, type.sort);
    const host = this.#hosts.find(compatibleName(name));
    if (host === undefined) return typesOnly(definition, scope);
    const provider: ResourceProvider = {
      resource: (resource) => hostResource(host, name, resource),
      instance: () => provider,
    };
    const shape = evaluateExtern(name, type, scope, provider, offset) as ExternShape & { readonly sort: "instance" };
    return { sort: "instance", value: this.#hostInstance(name, host, shape.shape) };
  }

  #find(name: string): LinkItem | undefined {
    const given = this.#given;
    return given.get(name) ?? given.get(compatibleName(name)) ?? given.get(name.replace(/@.*$/, ""));
  }

  #hostInstance(name: string, host: HostInterface, { exports }: InstanceShape): InstanceExports {
    const items = new Map<string, LinkItem>();
    for (const [key, shape] of exports) {
      if (shape.sort === "type") items.set(key, { sort: "type", value: shape.type });
      else if (shape.sort === "func") {
        items.set(key, { sort: "func", value: this.#hostFunction(name, key, host, shape.type) });
      } else {throw new ComponentLinkError(
          `Cannot link the component: ${importText(name)} has a ${shape.sort} "${key}"`,
        );}
    }
    return items;
  }

  #hostFunction(name: string, key: string, host: HostInterface, type: FunctionType): ComponentFunction {
    const fn = Object.hasOwn(host.functions, key) ? host.functions[key] : undefined;
    if (fn === undefined) throw missingFunction(name, key, type);
    const text = functionTypeText(type);
    if (fn.type !== text) throw mismatch(name, key, text, fn.type);
    return new HostComponentFunction(type, this.#observe?.(`${name}#${key}`, type, fn) ?? fn, this.#linking);
  }
}

/** Resource types of items that the caller gives. */
class GivenResources implements ResourceProvider {
  readonly #path: string;
  readonly #item: LinkItem | undefined;
  readonly #siblings: ReadonlyMap<string, LinkItem>;

  constructor(path: string, item: LinkItem | undefined, siblings: ReadonlyMap<string, LinkItem>) {
    this.#path = path;
    this.#item = item;
    this.#siblings = siblings;
  }

  resource(name: string): ResourceIdentity {
    const item = this.#item?.sort === "instance" ? this.#item.value.get(name) : this.#siblings.get(name);
    if (item?.sort === "type" && item.value.kind === "resource") return item.value.resource;
    throw new ComponentLinkError(
      `Cannot link the component: it imports the resource "${name}" of ${importText(this.#path)}, ` +
        "which was given without it",
    );
  }

  instance(name: string): ResourceProvider {
    if (name === this.#path) return this;
    const item = this.#item?.sort === "instance" ? this.#item.value.get(name) : undefined;
    return new GivenResources(`${this.#path}#${name}`, item, this.#siblings);
  }
}

/** Check that an item has what an import needs. */
function checkedItem(path: string, shape: ExternShape, item: LinkItem): LinkItem {
  if (item.sort !== shape.sort) {
    throw new ComponentLinkError(
      `Cannot link the component: it imports ${importText(path)} as a ${shape.sort}, and was given a ${item.sort}`,
    );
  }
  if (shape.sort === "func" && item.sort === "func") {
    const wanted = functionTypeText(shape.type);
    const found = functionTypeText(item.value.type);
    if (wanted !== found) throw mismatch(path, undefined, wanted, found);
  }
  if (shape.sort === "instance" && item.sort === "instance") {
    for (const [key, each] of shape.shape.exports) {
      const found = item.value.get(key);
      if (found !== undefined) checkedItem(`${path}#${key}`, each, found);
      else if (each.sort === "func") throw missingFunction(path, key, each.type);
      else throw new ComponentLinkError(`Cannot link the component: ${importText(path)} was given without "${key}"`);
    }
  }
  return item;
}

/** An interface that nobody provides: it needs nobody if it has no more than types that are not resources. */
function typesOnly({ name, type, offset }: ImportDefinition, scope: TypeScope): LinkItem {
  const provider: ResourceProvider = {
    resource: () => {
      throw missing(name, "instance");
    },
    instance: () => provider,
  };
  const shape = evaluateExtern(name, type, scope, provider, offset) as ExternShape & { readonly sort: "instance" };
  const items = new Map<string, LinkItem>();
  for (const [key, each] of shape.shape.exports) {
    if (each.sort !== "type") throw missing(name, "instance");
    items.set(key, { sort: "type", value: each.type });
  }
  return { sort: "instance", value: items };
}

function hostResource(host: HostInterface, name: string, resource: string): ResourceIdentity {
  const type = Object.hasOwn(host.resources, resource) ? host.resources[resource] : undefined;
  if (type !== undefined) return type;
  throw new ComponentLinkError(
    `Cannot link the component: it imports the resource "${resource}" of ${
      importText(name)
    }, which this host does not have`,
  );
}

function missing(name: string, sort: string): ComponentLinkError {
  return new ComponentLinkError(
    `Cannot link the component: it imports ${importText(name)}${sort === "instance" ? "" : ` (a ${sort})`}, ` +
      `which this host does not provide; pass it with the option imports${sort === "instance" ? "" : ", in $root"}`,
  );
}

function missingFunction(name: string, key: string, type: FunctionType): ComponentLinkError {
  return new ComponentLinkError(
    `Cannot link the component: it imports the function "${key}" of ${
      importText(name)
    }, which is not provided; its type is ` +
      functionTypeText(type),
  );
}

function mismatch(name: string, key: string | undefined, wanted: string, found: string): ComponentLinkError {
  const what = key === undefined ? importText(name) : `the function "${key}" of ${importText(name)}`;
  return new ComponentLinkError(
    `Cannot link the component: it imports ${what} with another type than is provided; ` +
      `imported: ${wanted}; provided: ${found}`,
  );
}

/** A name for messages: interface, package and version. */
function importText(name: string): string {
  const parsed = parseName(name);
  if (parsed?.kind !== "interface") return `"${name}"`;
  const version = parsed.version === undefined ? "" : `, version ${parsed.version}`;
  return `the interface ${parsed.interface} of the package ${parsed.namespace}:${parsed.package}${version}`;
}
