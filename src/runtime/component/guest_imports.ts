/** What the imports of a component are linked to: first what the caller passes, then the host interfaces. */

import type { ImportDefinition } from "../../component/binary/model.ts";
import type { LinkedInterface } from "../../component/js/exports.ts";
import type { ImportedInterface, JsImports } from "../../component/js/imports.ts";
import { HostComponentFunction } from "../../component/link/call/host_component_function.ts";
import type { HostFunction } from "../../component/link/function.ts";
import type { HostInterfaces } from "../../component/link/host_interfaces.ts";
import { type ImportResolver, type ObserveFunction, OuterImports } from "../../component/link/import_resolver.ts";
import { ComponentLinkError } from "../../component/link/link_error.ts";
import type { InstanceExports, LinkItem } from "../../component/link/link_scope.ts";
import type { Linking } from "../../component/link/call/linking.ts";
import type { ResourceType } from "../../component/link/resource_type.ts";
import { evaluateExtern, type ResourceProvider } from "../../component/types/evaluate.ts";
import type { FunctionType } from "../../component/types/function_type.ts";
import type { TypeScope } from "../../component/types/scope.ts";
import type { InstanceShape } from "../../component/types/shapes.ts";
import { functionTypeText } from "../../component/types/text.ts";
import { CopyValues } from "../../component/js/copy_values.ts";
import { linkedValues } from "./linked_values.ts";
import { callerFunction } from "./caller_function.ts";

/** What imports are linked to. */
export interface ImportSources {
  /** The caller's. */
  readonly imports: JsImports;
  /** Those of WASI. */
  readonly interfaces: HostInterfaces;
  /** Changes what is linked. */
  readonly observe: ObserveFunction | undefined;
}

/** Resolves the imports of the outermost component. */
export class GuestImports implements ImportResolver {
  readonly #sources: ImportSources;
  readonly #linking: Linking;
  readonly #hosts: OuterImports;
  readonly #copies: CopyValues;

  /**
   * @param sources What imports are linked to.
   * @param linking What all definitions of the guest share.
   */
  constructor(sources: ImportSources, linking: Linking) {
    this.#sources = sources;
    this.#linking = linking;
    this.#copies = new CopyValues(linking.store);
    this.#hosts = new OuterImports(new Map(), sources.interfaces, linking, sources.observe);
  }

  resolve(definition: ImportDefinition, scope: TypeScope): LinkItem {
    const { name, type, offset } = definition;
    const { imports } = this.#sources;
    if (type.sort === "type" && type.equal === undefined) {
      const resource = imports.resource(name);
      if (resource !== undefined) return { sort: "type", value: { kind: "resource", resource } };
    }
    if (type.sort === "func") {
      const functionType = scope.functionType(type.type, offset);
      const fn = imports.function(name, functionType);
      if (fn !== undefined) return this.#function(name, functionType, fn);
    }
    const given = type.sort === "instance" ? imports.interface(name) : undefined;
    if (given === undefined) return this.#hosts.resolve(definition, scope);
    const shape = evaluateExtern(name, type, scope, resourcesOf(name, given), offset);
    if (shape.sort !== "instance") throw new TypeError(`The type of the instance ${name} is a ${shape.sort}`);
    return { sort: "instance", value: this.#instance(name, given, shape.shape) };
  }

  #instance(name: string, given: ImportedInterface, { exports }: InstanceShape): InstanceExports {
    const items = new Map<string, LinkItem>();
    for (const [key, shape] of exports) {
      if (shape.sort === "type") items.set(key, { sort: "type", value: shape.type });
      else if (shape.sort !== "func") {
        throw new ComponentLinkError(`Cannot import ${name}#${key}: it is a ${shape.sort}`);
      } else if (given.linked === undefined) {
        items.set(key, this.#function(`${name}#${key}`, shape.type, given.function(key, shape.type)));
      } else items.set(key, this.#linked(name, key, shape.type, given.linked));
    }
    return items;
  }

  #function(name: string, type: FunctionType, call: (args: readonly unknown[]) => unknown): LinkItem {
    return this.#item(name, type, callerFunction({ label: name, type, call }, this.#linking));
  }

  /** A function of another guest: values pass from one to the other as the canonical ABI has them. */
  #linked(name: string, key: string, type: FunctionType, { items, bindings }: LinkedInterface): LinkItem {
    const callee = items.functions.get(key);
    const label = `${name}#${key}`;
    const wanted = functionTypeText(type);
    const found = callee === undefined ? "no such function" : functionTypeText(callee.type);
    if (callee === undefined || found !== wanted) {
      throw new ComponentLinkError(
        `Cannot link the component: it imports the function "${key}" of ${name} with another type than the other guest ` +
          `exports; imported: ${wanted}; provided: ${found}`,
      );
    }
    const { caller } = bindings;
    const { given, returned } = linkedValues(type, this.#copies, bindings.copies);
    return this.#item(
      label,
      type,
      callerFunction({
        label,
        type,
        call: (args, mayAnswerPromise) => {
          const values = given(args);
          if (!mayAnswerPromise || !callee.mayWait) return returned(caller.callSync(callee, values, label));
          return caller.call(callee, values, label).then(returned);
        },
      }, this.#linking),
    );
  }

  #item(name: string, type: FunctionType, fn: HostFunction): LinkItem {
    const observed = this.#sources.observe?.(name, type, fn) ?? fn;
    return { sort: "func", value: new HostComponentFunction(type, observed, this.#linking) };
  }
}

function resourcesOf(name: string, given: ImportedInterface): ResourceProvider {
  const provider: ResourceProvider = {
    resource(key): ResourceType {
      if (given.linked === undefined) return given.resource(key);
      const type = given.linked.items.resources.get(key);
      if (type !== undefined) return type;
      throw new ComponentLinkError(`Cannot link the component: the other guest's ${name} has no resource "${key}"`);
    },
    instance: () => provider,
  };
  return provider;
}
