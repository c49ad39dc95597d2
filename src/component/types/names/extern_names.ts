/** Checks the names of imports or exports. */

import { oneOfSort } from "../../binary/sort_text.ts";
import { InvalidComponentError } from "../../binary/invalid_component.ts";
import type { ExternName } from "../../binary/model_references.ts";
import type { ExternShape } from "../shapes.ts";
import type { FunctionType } from "../function_type.ts";
import { attributesProblem } from "./attributes.ts";
import { parseName, uniqueForm } from "./names.ts";
import type { ResourceIdentity } from "../resource_identity.ts";

/** The names of all imports, or of all exports, of a component, an instance, or a type of these. */
export class ExternNames {
  readonly #what: "import" | "export";
  readonly #seen = new Set<string>();
  readonly #resources = new Map<string, ResourceIdentity>();

  /** @param what What they name, for messages. */
  constructor(what: "import" | "export") {
    this.#what = what;
  }

  /**
   * Check a name and add it.
   *
   * @param extern The name and its attributes.
   * @param shape The type of what it names.
   * @param offset Where it stands, for messages.
   * @throws {InvalidComponentError} It is not a valid name, is there already, or does not fit the type.
   */
  add({ name, attributes }: ExternName, shape: ExternShape, offset: number): void {
    const parsed = parseName(name);
    if (parsed === undefined) throw this.#error(name, "is not a valid name", offset);
    const form = uniqueForm(name);
    if (this.#seen.has(form)) throw this.#error(name, "conflicts with a previous name", offset);
    this.#seen.add(form);
    if (parsed.kind === "label") {
      if (shape.sort === "type" && shape.type.kind === "resource") this.#resources.set(name, shape.type.resource);
    } else if (parsed.kind !== "interface") {
      const problem = shape.sort === "func"
        ? annotationProblem(parsed.kind, this.#resources.get(parsed.resource), shape.type)
        : `is ${oneOfSort(shape.sort)}, and only functions can have such a name`;
      if (problem !== undefined) throw this.#error(name, problem, offset);
    }
    const problem = attributes === undefined ? undefined : attributesProblem(parsed, attributes, shape);
    if (problem !== undefined) throw this.#error(name, problem, offset);
  }

  #error(name: string, problem: string, offset: number): InvalidComponentError {
    return new InvalidComponentError(`${this.#what} name "${name}" ${problem}`, offset);
  }
}

function annotationProblem(
  kind: "constructor" | "method" | "static",
  resource: ResourceIdentity | undefined,
  type: FunctionType,
): string | undefined {
  if (resource === undefined) return "refers to a resource that is not found before it";
  if (kind === "static") return undefined;
  if (kind === "method") {
    const self = type.params[0];
    const isSelf = self?.name === "self" && self.type.kind === "borrow" && self.type.resource === resource;
    return isSelf ? undefined : `is a method, and its first parameter is not "self" of type borrow<${resource.name}>`;
  }
  const result = type.result?.kind === "result" ? type.result.ok : type.result;
  const makes = result?.kind === "own" && result.resource === resource;
  return makes ? undefined : `is a constructor, and its result is not own<${resource.name}>, or a result of it`;
}
