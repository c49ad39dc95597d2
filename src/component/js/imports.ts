/** Functions and classes of the caller that a guest imports. */

import { camelCase } from "../abi/names.ts";
import { ResourceType } from "../link/resource_type.ts";
import type { FunctionType } from "../types/function_type.ts";
import type { Bindings, JsFunction, LentObjects } from "./bindings.ts";
import { payloadOf } from "./errors.ts";
import { type JsInterface, LINKED, type LinkedInterface } from "./exports.ts";
import { CallHandles } from "./handle.ts";
import { functionLabel, type FunctionName, parseFunctionName, pascalCase, withoutVersion } from "./names.ts";

/** What has the functions and classes that the world itself imports. */
const ROOT = "$root";
/** What jco names them in a module of their own: `imports["get-url"].default`. */
const DEFAULT = "default";

/** What the caller passes: interfaces by their names in WIT, and functions and classes of the world itself. */
export type JsImportsOption = Readonly<Record<string, unknown>>;

/** An interface of the caller. */
export interface ImportedInterface {
  /** An interface of another guest, which is linked as it is. */
  readonly linked: LinkedInterface | undefined;
  /**
   * What to call for a function.
   *
   * @param name In WIT: `get-url`, `[method]blob.size`.
   * @param type As the guest imports it.
   * @returns Takes and answers values as the canonical ABI has them; may answer a promise.
   * @throws {TypeError} If the caller passed none.
   */
  function(name: string, type: FunctionType): (args: readonly unknown[]) => unknown;
  /** A resource type, whose resources are objects of the caller. */
  resource(name: string): ResourceType;
}

/** The imports of one guest. */
export class JsImports {
  readonly #option: JsImportsOption;
  readonly #bindings: Bindings;
  readonly #root: JsInterface;
  readonly #rootInterface: ObjectInterface;

  /**
   * @param option What the caller passes.
   * @param bindings Of the guest.
   */
  constructor(option: JsImportsOption, bindings: Bindings) {
    this.#option = option;
    this.#bindings = bindings;
    this.#root = rootOf(option);
    this.#rootInterface = new ObjectInterface(this.#root, `options.imports.${ROOT}`, bindings);
  }

  /**
   * Find an interface: by its name, by its name without the version, or with another version that is compatible.
   *
   * @param name In WIT, such as `my:pkg/api@1.2.0`.
   * @returns Undefined if the caller passed none.
   */
  interface(name: string): ImportedInterface | undefined {
    const key = [name, withoutVersion(name)].find((each) => this.#isPassed(each)) ??
      this.#compatible(name);
    if (key === undefined) return undefined;
    const value = this.#option[key];
    if ((typeof value !== "object" && typeof value !== "function") || value === null) {
      throw new TypeError(
        `Cannot use options.imports[${JSON.stringify(key)}]: pass an object of functions and classes`,
      );
    }
    return new ObjectInterface(value as JsInterface, `options.imports[${JSON.stringify(key)}]`, this.#bindings);
  }

  /**
   * A function that the world itself imports.
   *
   * @param name In WIT.
   * @returns Undefined if the caller passed none.
   */
  function(name: string, type: FunctionType): ((args: readonly unknown[]) => unknown) | undefined {
    const parsed = parseFunctionName(name);
    const isPassed = parsed.kind === "function"
      ? name in this.#root || camelCase(name) in this.#root
      : pascalCase(parsed.resource) in this.#root;
    return isPassed ? this.#rootInterface.function(name, type) : undefined;
  }

  /**
   * A resource type that the world itself imports, whose resources are objects of the caller.
   *
   * @param name In WIT.
   * @returns Undefined if the caller passed none.
   */
  resource(name: string): ResourceType | undefined {
    return pascalCase(name) in this.#root ? this.#rootInterface.resource(name) : undefined;
  }

  #compatible(name: string): string | undefined {
    const track = versionTrack(name);
    if (track === undefined) return undefined;
    return Object.keys(this.#option).find((key) => versionTrack(key) === track && this.#isPassed(key));
  }

  #isPassed(key: string): boolean {
    return Object.hasOwn(this.#option, key) && this.#option[key] !== undefined;
  }
}

/** What the caller passes for the world itself, in either form. */
function rootOf(option: JsImportsOption): JsInterface {
  const modules = Object.entries(option).filter(([name, value]) =>
    name !== ROOT && !name.includes(":") && typeof value === "object" && value !== null && DEFAULT in value
  );
  const functions = modules.flatMap(([name, value]) => {
    const item = (value as JsInterface)[DEFAULT];
    return [[camelCase(name), item], [pascalCase(name), item]] as const;
  });
  if (functions.length === 0) return (option[ROOT] ?? {}) as JsInterface;
  return { ...Object.fromEntries(functions), ...(option[ROOT] as JsInterface | undefined) };
}

/** The name with the part of its version that compatible versions share; undefined without a version. */
function versionTrack(name: string): string | undefined {
  const match = /^([^@]+)@(\d+)\.(\d+)\.(\d+)/.exec(name);
  if (match === null) return undefined;
  const [, bare, major, minor, patch] = match;
  if (major !== "0") return `${bare}@${major}`;
  return minor !== "0" ? `${bare}@0.${minor}` : `${bare}@0.0.${patch}`;
}

class ObjectInterface implements ImportedInterface {
  readonly linked: LinkedInterface | undefined;
  readonly #object: JsInterface;
  readonly #place: string;
  readonly #bindings: Bindings;
  readonly #resources: Map<string, ResourceType> = new Map();

  constructor(object: JsInterface, place: string, bindings: Bindings) {
    this.#object = object;
    this.#place = place;
    this.#bindings = bindings;
    this.linked = object[LINKED];
  }

  function(name: string, type: FunctionType): (args: readonly unknown[]) => unknown {
    const parsed = parseFunctionName(name);
    return this.#converting(this.#call(parsed), type);
  }

  resource(name: string): ResourceType {
    let made = this.#resources.get(name);
    if (made === undefined) {
      this.#class(name);
      made = new ResourceType(name, (object: unknown) => (object as Partial<Disposable>)[Symbol.dispose]?.());
      this.#resources.set(name, made);
    }
    return made;
  }

  #call(name: FunctionName): (args: readonly unknown[]) => unknown {
    switch (name.kind) {
      case "function":
        return this.#plain(name.name);
      case "constructor": {
        const made = this.#class(name.resource);
        return (args) => new made(...args);
      }
      case "static": {
        const owner = this.#class(name.resource);
        const key = camelCase(name.name);
        const fn = (owner as unknown as Record<string, unknown>)[key];
        if (typeof fn !== "function") this.#missing(functionLabel(name));
        return (args) => (fn as JsFunction).apply(owner, [...args]);
      }
      case "method": {
        const key = camelCase(name.name);
        const { prototype } = this.#class(name.resource);
        if (typeof (prototype as Record<string, unknown>)[key] !== "function") this.#missing(functionLabel(name));
        return ([self, ...args]) => (self as Record<string, JsFunction>)[key]!(...args);
      }
    }
  }

  #plain(name: string): (args: readonly unknown[]) => unknown {
    const object = this.#object;
    const key = name in object ? name : camelCase(name);
    const fn = object[key];
    if (typeof fn !== "function") this.#missing(key);
    return (args) => (fn as JsFunction).apply(object, [...args]);
  }

  #class(name: string): new (...args: unknown[]) => object {
    const key = pascalCase(name);
    const found = this.#object[key];
    if (typeof found !== "function") this.#missing(key);
    return found as unknown as new (...args: unknown[]) => object;
  }

  #missing(key: string): never {
    throw new TypeError(`Cannot link the component: ${this.#place} has no ${key}, which the component imports`);
  }

  /** Converts resources of the guest, and results that are returned or thrown. */
  #converting(fn: (args: readonly unknown[]) => unknown, type: FunctionType): (args: readonly unknown[]) => unknown {
    const outward = type.params.map((each) => this.#bindings.outward.of(each.type));
    const isPlain = outward.every((conversion) => conversion === undefined);
    const { returned, thrown } = this.#results(type);
    return (args) => {
      const lent: LentObjects = [];
      const values = isPlain ? args : args.map((value, i) => {
        const conversion = outward[i];
        return conversion === undefined ? value : conversion(value, lent);
      });
      const over = (): void => {
        for (const handle of lent) handle.expire();
      };
      let result: unknown;
      try {
        result = fn(values);
      } catch (error) {
        over();
        return thrown(error);
      }
      if (isThenable(result)) return settled(result, returned, thrown, over);
      over();
      return returned(result);
    };
  }

  #results({ result }: FunctionType): Results {
    const inward = (value: unknown, of: NonNullable<FunctionType["result"]> | undefined): unknown => {
      const conversion = of === undefined ? undefined : this.#bindings.inward.of(of);
      return conversion === undefined ? value : conversion(value, new CallHandles());
    };
    const rethrow = (error: unknown): never => {
      throw error;
    };
    if (result?.kind !== "result") return { returned: (value) => inward(value, result), thrown: rethrow };
    return {
      returned: (value) => ({ tag: "ok", val: inward(value, result.ok) }),
      thrown: (error) => {
        const payload = payloadOf(error);
        return payload === undefined ? rethrow(error) : { tag: "err", val: inward(payload[0], result.error) };
      },
    };
  }
}

interface Results {
  readonly returned: (value: unknown) => unknown;
  readonly thrown: (error: unknown) => unknown;
}

async function settled(
  promise: PromiseLike<unknown>,
  returned: Results["returned"],
  thrown: Results["thrown"],
  over: () => void,
): Promise<unknown> {
  let result: unknown;
  try {
    result = await promise;
  } catch (error) {
    return thrown(error);
  } finally {
    over();
  }
  return returned(result);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
