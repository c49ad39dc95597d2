/** Finds resource types in types. */

import type { ResourceIdentity } from "./resource_identity.ts";
import type { DefinedType } from "./scope.ts";
import type { ExternShape } from "./shapes.ts";
import type { ValueType } from "./value_type.ts";

/**
 * Collect the resource types that an export introduces.
 *
 * @param shape Its type.
 * @param except Resource types that are known.
 * @param found Receives them.
 */
export function collectResources(
  shape: ExternShape,
  except: ReadonlySet<ResourceIdentity>,
  found: Set<ResourceIdentity>,
): void {
  if (shape.sort === "instance") {
    for (const item of shape.shape.exports.values()) collectResources(item, except, found);
  } else if (shape.sort === "type" && shape.type.kind === "resource" && !except.has(shape.type.resource)) {
    found.add(shape.type.resource);
  }
}

/**
 * True if a type refers to a resource type.
 *
 * @param type The type. Types of instances and components are not looked into.
 * @param except Resource types that do not count.
 */
export function hasResource(type: DefinedType, except: ReadonlySet<ResourceIdentity>): boolean {
  switch (type.kind) {
    case "resource":
      return !except.has(type.resource);
    case "instance":
    case "component":
      return false;
    case "func":
      return [...type.params.map((param) => param.type), type.result]
        .some((each) => each !== undefined && hasHandle(each, except, new Set()));
    default:
      return hasHandle(type, except, new Set());
  }
}

/**
 * True if imports or exports refer to a resource type.
 *
 * @param externs The imports or exports.
 * @param except Resource types that do not count.
 */
export function hasResourceIn(
  externs: ReadonlyMap<string, ExternShape>,
  except: ReadonlySet<ResourceIdentity>,
): boolean {
  return [...externs.values()].some((item) => {
    switch (item.sort) {
      case "func":
      case "type":
        return hasResource(item.type, except);
      case "instance":
        return hasResourceIn(item.shape.exports, except);
      case "component": {
        const { imports, exports, importedResources, definedResources } = item.shape;
        const known = new Set([...except, ...importedResources, ...definedResources]);
        return hasResourceIn(imports, known) || hasResourceIn(exports, known);
      }
      default:
        return false;
    }
  });
}

function hasHandle(type: ValueType, except: ReadonlySet<ResourceIdentity>, seen: Set<ValueType>): boolean {
  if (type.kind === "own" || type.kind === "borrow") return !except.has(type.resource);
  if (seen.has(type)) return false;
  seen.add(type);
  return elementsOf(type).some((element) => element !== undefined && hasHandle(element, except, seen));
}

/** The types that a type of values is made of. */
function elementsOf(type: ValueType): readonly (ValueType | undefined)[] {
  switch (type.kind) {
    case "record":
      return type.fields.map((field) => field.type);
    case "variant":
    case "option":
    case "result":
      return type.cases.map((each) => each.type);
    case "tuple":
      return type.types;
    case "map":
      return [type.key, type.value];
    case "list":
    case "stream":
    case "future":
      return [type.element];
    default:
      return [];
  }
}
