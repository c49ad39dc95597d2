/** Replaces resource types in types. */

import type { FunctionType } from "../function_type.ts";
import type { ResourceIdentity } from "../resource_identity.ts";
import type { DefinedType } from "../scope.ts";
import type { ComponentShape, ExternShape, InstanceShape } from "../shapes.ts";
import type { Case, ValueType } from "../value_type.ts";

/** Replaces resource types. Types without any of them stay the same objects. */
export class Substitution {
  readonly #replacements: ReadonlyMap<ResourceIdentity, ResourceIdentity>;
  readonly #values: Map<ValueType, ValueType>;
  readonly #count: () => void;

  /**
   * @param replacements By what they replace.
   * @param types Types of values that are equal then, by what they replace.
   * @param count Called for each import and export that is made.
   */
  constructor(
    replacements: ReadonlyMap<ResourceIdentity, ResourceIdentity>,
    types: ReadonlyMap<ValueType, ValueType>,
    count: () => void,
  ) {
    this.#values = new Map(types);
    this.#replacements = replacements;
    this.#count = count;
  }

  /** What a component or an instance imports or exports. */
  externs(externs: ReadonlyMap<string, ExternShape>): Map<string, ExternShape> {
    return new Map([...externs].map(([name, shape]) => [name, this.extern(shape)]));
  }

  /** The type of an import or an export. */
  extern(shape: ExternShape): ExternShape {
    this.#count();
    switch (shape.sort) {
      case "func":
        return { sort: "func", type: this.func(shape.type) };
      case "type":
        return { sort: "type", type: this.type(shape.type) };
      case "instance":
        return { sort: "instance", shape: this.instance(shape.shape) };
      case "component":
        return { sort: "component", shape: this.#component(shape.shape) };
      case "core module":
        return shape;
    }
  }

  /** The type of an instance. */
  instance({ exports }: InstanceShape): InstanceShape {
    return { exports: this.externs(exports) };
  }

  /** A function type. */
  func(type: FunctionType): FunctionType {
    return {
      ...type,
      params: type.params.map((param) => ({ name: param.name, type: this.value(param.type) })),
      result: this.#optional(type.result),
    };
  }

  /** What an index of types refers to. Declarations of instances and components refer to their own scope still. */
  type(type: DefinedType): DefinedType {
    switch (type.kind) {
      case "resource":
        return { kind: "resource", resource: this.#resource(type.resource) };
      case "func":
        return this.func(type);
      case "instance":
      case "component":
        return type;
      default:
        return this.value(type);
    }
  }

  /** A type of values. */
  value(type: ValueType): ValueType {
    const known = this.#values.get(type);
    if (known !== undefined) return known;
    const made = this.#made(type);
    this.#values.set(type, made);
    return made;
  }

  #made(type: ValueType): ValueType {
    switch (type.kind) {
      case "own":
      case "borrow": {
        const resource = this.#resource(type.resource);
        return resource === type.resource ? type : { ...type, resource };
      }
      case "list": {
        const element = this.value(type.element);
        return element === type.element ? type : { ...type, element };
      }
      case "record": {
        const fields = this.#cases(type.fields);
        return fields === type.fields ? type : { ...type, fields };
      }
      case "tuple": {
        const types = this.#types(type.types);
        return types === type.types ? type : { ...type, types };
      }
      case "map": {
        const entry = this.value(type.entry);
        if (entry === type.entry || entry.kind !== "tuple") return type;
        return { ...type, key: this.value(type.key), value: this.value(type.value), entry };
      }
      case "stream":
      case "future": {
        const element = this.#optional(type.element);
        return element === type.element ? type : { ...type, element };
      }
      default:
        return this.#variant(type);
    }
  }

  #variant(type: ValueType): ValueType {
    if (type.kind !== "variant" && type.kind !== "option" && type.kind !== "result") return type;
    const cases = this.#cases(type.cases);
    if (cases === type.cases) return type;
    switch (type.kind) {
      case "variant":
        return { ...type, cases };
      case "option":
        return { ...type, cases, some: this.value(type.some) };
      case "result":
        return { ...type, cases, ok: this.#optional(type.ok), error: this.#optional(type.error) };
    }
  }

  /** Fields or cases; the given ones if none changes. */
  #cases<Item extends Case>(items: readonly Item[]): readonly Item[] {
    const made = items.map((item) => {
      const type = this.#optional(item.type);
      return type === item.type ? item : { ...item, type };
    });
    return made.every((item, i) => item === items[i]) ? items : made;
  }

  #types(types: readonly ValueType[]): readonly ValueType[] {
    const made = types.map((type) => this.value(type));
    return made.every((type, i) => type === types[i]) ? types : made;
  }

  #component(shape: ComponentShape): ComponentShape {
    return { ...shape, imports: this.externs(shape.imports), exports: this.externs(shape.exports) };
  }

  #optional(type: ValueType | undefined): ValueType | undefined {
    return type === undefined ? undefined : this.value(type);
  }

  #resource(resource: ResourceIdentity): ResourceIdentity {
    return this.#replacements.get(resource) ?? resource;
  }
}
