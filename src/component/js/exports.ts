/** What a component exports, as objects of JavaScript. */

import { camelCase } from "../abi/names.ts";
import type { Bindings, JsFunction } from "./bindings.ts";
import type { Callee, ExportedInterface, ExportedItems } from "./callee.ts";
import {
  functionLabel,
  type FunctionName,
  interfaceAliases,
  parseFunctionName,
  pascalCase,
  withoutVersion,
} from "./names.ts";
import type { ResourceClass } from "./resource_class.ts";

/** Property of an interface of a guest: what it was made from, for guests that import it. */
export const LINKED: unique symbol = Symbol("linked");

/** An interface of a guest, as JavaScript has it. */
export interface JsInterface {
  /** Functions in camelCase, and classes of resources in PascalCase. */
  readonly [name: string]: unknown;
  readonly [LINKED]?: LinkedInterface;
}

/** An interface that another guest may import. */
export interface LinkedInterface {
  readonly items: ExportedInterface;
  /** Calls the functions. */
  readonly bindings: Bindings;
}

/**
 * The exports of a guest.
 *
 * @param items What the component exports.
 * @param bindings Of the guest.
 * @returns Functions and classes by their names; interfaces by their names in WIT, also without the version and by the
 * last part of the name, unless two have the same.
 */
export function jsExports(items: ExportedItems, bindings: Bindings): Readonly<Record<string, unknown>> {
  const exports: Record<string, unknown> = Object.create(null);
  Object.assign(exports, jsInterface(items, bindings));
  for (const [name, each] of items.interfaces) exports[name] = jsInterface(each, bindings);
  for (const [alias, name] of interfaceAliases(items.interfaces.keys())) {
    if (!(alias in exports)) Object.defineProperty(exports, alias, { value: exports[name] });
  }
  return Object.freeze(exports);
}

/**
 * The functions of a guest by their names in WIT: `greet`, `my:pkg/api#greet`, `my:pkg/api#[method]counter.value`; with
 * and without the version of the interface.
 */
export function functionsByName(
  items: ExportedItems,
  exports: Readonly<Record<string, unknown>>,
): Map<string, JsFunction> {
  const functions = new Map<string, JsFunction>();
  const add = (prefix: string, each: ExportedInterface, made: Readonly<Record<string, unknown>>): void => {
    for (const name of each.functions.keys()) {
      const fn = find(parseFunctionName(name), made);
      if (fn !== undefined) functions.set(`${prefix}${name}`, fn);
    }
  };
  add("", items, exports);
  for (const [name, each] of items.interfaces) {
    const made = exports[name] as JsInterface;
    for (const prefix of [name, withoutVersion(name)]) add(`${prefix}#`, each, made);
  }
  return functions;
}

function find(name: FunctionName, made: Readonly<Record<string, unknown>>): JsFunction | undefined {
  if (name.kind === "function") return made[camelCase(name.name)] as JsFunction;
  if (name.kind === "constructor") return undefined;
  const resource = made[pascalCase(name.resource)] as ResourceClass;
  const place = name.kind === "method" ? resource.prototype : resource;
  return (place as unknown as Record<string, JsFunction>)[camelCase(name.name)];
}

function jsInterface(items: ExportedInterface, bindings: Bindings): JsInterface {
  const made: Record<string, unknown> = Object.create(null);
  for (const [name, type] of items.resources) {
    if (type.owner !== undefined) made[pascalCase(name)] = bindings.classes.of(type, pascalCase(name));
  }
  for (const [text, callee] of items.functions) {
    const name = parseFunctionName(text);
    if (name.kind === "function") made[camelCase(name.name)] = bindings.function(callee, functionLabel(name));
    else addToClass(name, callee, items, bindings);
  }
  Object.defineProperty(made, LINKED, { value: { items, bindings } });
  return Object.freeze(made) as JsInterface;
}

function addToClass(name: FunctionName, callee: Callee, items: ExportedInterface, bindings: Bindings): void {
  if (name.kind === "function") return;
  const type = items.resources.get(name.resource);
  // Validation has refused such a name; a resource of the host has a class already.
  if (type === undefined || type.owner === undefined) return;
  const label = functionLabel(name);
  if (name.kind === "constructor") return bindings.classes.setConstructor(type, bindings.constructing(callee, label));
  const resource = bindings.classes.of(type, pascalCase(name.resource));
  const isMethod = name.kind === "method";
  const value = isMethod ? bindings.method(callee, label) : bindings.function(callee, label);
  Object.defineProperty(isMethod ? resource.prototype : resource, camelCase(name.name), {
    value,
    configurable: true,
    writable: true,
  });
}
