/** Interfaces of WIT as TypeScript: an `interface` of functions and classes, and a `namespace` of their types. */

import { camelCase } from "../abi/names.ts";
import { parseFunctionName, pascalCase } from "../js/names.ts";
import type { FunctionType } from "../types/function_type.ts";
import type { DefinedType } from "../types/scope.ts";
import type { ExternShape } from "../types/shapes.ts";
import { propertyKey, UniqueNames } from "./identifiers.ts";
import { isOptional, type TypeNames, type ValueTexts } from "./value_text.ts";

/** Who calls: the caller of an export, or the component whose import it is. */
export type Direction = "import" | "export";

/** What all interfaces of a component share. */
export interface Vocabulary {
  /** Names of types. */
  readonly names: TypeNames;
  /** Writes types. */
  readonly values: ValueTexts;
}

/** An interface, or the functions and types of the world itself. */
export class InterfaceText {
  /** What it is called. */
  readonly name: string;
  /** True if there are functions or classes. */
  readonly hasMembers: boolean;
  readonly #items: ReadonlyMap<string, ExternShape>;
  readonly #direction: Direction;
  readonly #vocabulary: Vocabulary;
  /** Lines of the namespace. */
  readonly #types: string[] = [];
  readonly #resources: Map<string, ResourceText> = new Map();

  /**
   * Give its types their names.
   *
   * @param name What it is called.
   * @param items What it exports.
   * @param direction Who calls.
   * @param vocabulary Names of the types before it.
   */
  constructor(
    name: string,
    items: ReadonlyMap<string, ExternShape>,
    direction: Direction,
    vocabulary: Vocabulary,
  ) {
    this.name = name;
    this.#items = items;
    this.#direction = direction;
    this.#vocabulary = vocabulary;
    const names = new UniqueNames();
    for (const [key, item] of items) {
      if (item.sort === "type") this.#type(key, names.take(pascalCase(key)), item.type);
    }
    this.hasMembers = this.#resources.size > 0 || [...items.values()].some(({ sort }) => sort === "func");
  }

  /** The declarations. @param comment What the documentation says of it. */
  lines(comment: string): string[] {
    const members = this.#members();
    const types = [...this.#types, ...[...this.#resources.values()].flatMap((resource) => resource.instance())];
    const lines = [`/** ${comment} */`];
    if (members.length > 0) lines.push(`export interface ${this.name} {`, ...indented(members), "}");
    if (types.length > 0) lines.push(`export declare namespace ${this.name} {`, ...indented(types), "}");
    return lines.length === 1 ? [] : lines;
  }

  #type(key: string, name: string, type: DefinedType): void {
    const { names, values } = this.#vocabulary;
    const path = `${this.name}.${name}`;
    const earlier = names.of(type);
    if (earlier !== undefined) {
      this.#types.push(`type ${name} = ${earlier};`);
      return;
    }
    switch (type.kind) {
      case "resource":
        names.give(type, path);
        this.#resources.set(key, new ResourceText(name, path, this.#direction));
        return;
      case "func":
      case "instance":
      case "component":
        return;
      case "record":
        names.give(type, path);
        this.#types.push(`interface ${name} {`, ...indented(values.fields(type).map((field) => `${field};`)), "}");
        return;
      case "flags":
        names.give(type, path);
        this.#types.push(
          `interface ${name} {`,
          ...indented(type.labels.map((label) => `${propertyKey(camelCase(label))}?: boolean;`)),
          "}",
        );
        return;
      case "variant":
        names.give(type, path);
        this.#types.push(`type ${name} =`, ...indented(unionLines(values.cases(type))));
        return;
      default:
        names.give(type, path);
        this.#types.push(`type ${name} = ${values.definition(type)};`);
    }
  }

  /** Functions, and classes of the resources that it defines. */
  #members(): string[] {
    const functions: string[] = [];
    for (const [key, item] of this.#items) {
      if (item.sort !== "func") continue;
      const name = parseFunctionName(key);
      if (name.kind === "function") functions.push(...this.#function(camelCase(name.name), item.type));
      else this.#resources.get(name.resource)?.add(name.kind, this.#method(name, item.type));
    }
    const classes = [...this.#resources.values()].flatMap((resource) => resource.class());
    return [...classes, ...functions];
  }

  #method(name: Exclude<ReturnType<typeof parseFunctionName>, { kind: "function" }>, type: FunctionType): string[] {
    if (name.kind === "constructor") return this.#function("new ", type);
    const called = name.kind === "method" ? { ...type, params: type.params.slice(1) } : type;
    return this.#function(camelCase(name.name), called);
  }

  /** A function, with what it throws. */
  #function(name: string, { params, result, isAsync }: FunctionType): string[] {
    const { values } = this.#vocabulary;
    const lastNeeded = params.findLastIndex(({ type }) => !isOptional(type));
    const used = new UniqueNames();
    const list = params.map((param, i) => {
      const mark = i > lastNeeded ? "?" : "";
      return `${used.take(camelCase(param.name))}${mark}: ${values.of(param.type)}`;
    });
    const returned = result?.kind === "result" ? result.ok : result;
    const text = this.#returned(returned === undefined ? "void" : values.of(returned), isAsync, name === "new ");
    const key = name === "new " ? name : propertyKey(name);
    const line = `${key}(${list.join(", ")}): ${text};`;
    if (result?.kind !== "result") return [line];
    const payload = result.error === undefined
      ? "without a payload"
      : `with the payload \`${values.of(result.error)}\``;
    return [`/** @throws {ComponentError} ${payload} */`, line];
  }

  #returned(text: string, isAsync: boolean, isConstructor: boolean): string {
    if (isConstructor) return text;
    if (this.#direction === "import") return `${text} | Promise<${text}>`;
    return isAsync ? `Promise<${text}>` : text;
  }
}

/** A resource that an interface defines: the type of its objects, and the class. */
class ResourceText {
  readonly #name: string;
  readonly #path: string;
  readonly #direction: Direction;
  readonly #methods: string[] = [];
  readonly #statics: string[] = [];
  #construct: string[] = [];

  constructor(name: string, path: string, direction: Direction) {
    this.#name = name;
    this.#path = path;
    this.#direction = direction;
  }

  add(kind: "constructor" | "method" | "static", lines: readonly string[]): void {
    if (kind === "method") this.#methods.push(...lines);
    else if (kind === "static") this.#statics.push(...lines);
    else this.#construct = [...lines];
  }

  /** Type of its objects. The host's need nothing to be disposed of; a guest's can be. */
  instance(): string[] {
    const dispose = this.#direction === "export" ? "[Symbol.dispose](): void;" : "[Symbol.dispose]?(): void;";
    return [`interface ${this.#name} {`, ...indented([...this.#methods, dispose]), "}"];
  }

  class(): string[] {
    const members = [`readonly prototype: ${this.#path};`, ...this.#statics];
    return [`readonly ${this.#name}: {`, ...indented([...this.#construct, ...members]), "};"];
  }
}

function unionLines(cases: readonly string[]): string[] {
  return cases.map((text, i) => `| ${text}${i === cases.length - 1 ? ";" : ""}`);
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
