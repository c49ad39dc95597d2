/** Resolves definitions of types: every index becomes the type that it refers to. */

import { InvalidComponentError } from "../binary/invalid_component.ts";
import type {
  ComponentTypeExpression,
  FunctionTypeExpression,
  LabelledType,
  ResourceTypeExpression,
} from "../binary/model_types.ts";
import { defineValueType } from "./define_value.ts";
import type { FunctionType } from "./function_type.ts";
import { checkLabels } from "./names/labels.ts";
import type { ResourceIdentity } from "./resource_identity.ts";
import type { DefinedType, TypeScope } from "./scope.ts";
import type { ValueType } from "./value_type.ts";

/** Makes the identity of a resource type that a component defines. */
export type ResourceFactory = (expression: ResourceTypeExpression) => ResourceIdentity;

/**
 * Resolve a definition of a type. It is not added to the scope.
 *
 * @param expression The definition.
 * @param scope Where it stands.
 * @param offset Its offset, for messages.
 * @param resource Makes the identity of a resource type; undefined in types of instances and components, which can't
 * define any.
 * @throws {InvalidComponentError} It is not valid.
 */
export function defineType(
  expression: ComponentTypeExpression,
  scope: TypeScope,
  offset: number,
  resource?: ResourceFactory,
): DefinedType {
  switch (expression.kind) {
    case "func":
      return defineFunction(expression, scope, offset);
    case "resource":
      if (resource === undefined) {
        throw new InvalidComponentError("a resource type is defined inside an instance or component type", offset);
      }
      return { kind: "resource", resource: resource(expression) };
    case "instance":
    case "component":
      return { kind: expression.kind, declarations: expression.declarations, scope };
    default:
      return defineValueType(expression, scope, offset);
  }
}

function defineFunction(expression: FunctionTypeExpression, scope: TypeScope, offset: number): FunctionType {
  const { isAsync, params, result } = expression;
  checkLabels("parameter", params, offset);
  return {
    kind: "func",
    isAsync,
    params: params.map(({ name, type }: LabelledType) => ({ name, type: scope.valueType(type, offset) })),
    result: result === undefined ? undefined : resultTypeOf(scope.valueType(result, offset), offset),
  };
}

function resultTypeOf(type: ValueType, offset: number): ValueType {
  if (!type.hasBorrow) return type;
  throw new InvalidComponentError("the result of a function contains a borrow", offset);
}
