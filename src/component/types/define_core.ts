/** Resolves definitions of core types. */

import { InvalidComponentError } from "../binary/invalid_component.ts";
import type {
  CoreExternType,
  CoreFunctionType,
  CoreTypeExpression,
  ModuleTypeExpression,
} from "../binary/model_types.ts";
import type { CoreExternShape, ModuleImport, ModuleShape } from "./module_shape.ts";
import { type DefinedCoreType, outOfRange, type TypeScope } from "./scope.ts";

/**
 * Resolve a definition of a core type. It is not added to the scope.
 *
 * @param expression The definition.
 * @param scope Where it stands.
 * @throws {InvalidComponentError} It is not valid.
 */
export function defineCoreType(expression: CoreTypeExpression, scope: TypeScope): DefinedCoreType {
  return expression.kind === "core-func" ? expression : defineModule(expression, scope);
}

function defineModule({ declarations }: ModuleTypeExpression, scope: TypeScope): ModuleShape {
  // Of the types around it, only outer aliases come into a module type, and none of them is a module type.
  const types: CoreFunctionType[] = [];
  const imports: ModuleImport[] = [];
  const importNames = new Set<string>();
  const exports = new Map<string, CoreExternShape>();
  for (const declaration of declarations) {
    switch (declaration.kind) {
      case "type":
        types.push(declaration.type);
        break;
      case "alias-outer":
        types.push(outerFunction(types, declaration, scope));
        break;
      case "import": {
        const { module, name, type } = declaration;
        const key = `${module}\0${name}`;
        if (importNames.has(key)) throw duplicate("import", `${module}" "${name}`, declaration.offset);
        importNames.add(key);
        imports.push({ module, name, type: externShape(type, types, declaration.offset) });
        break;
      }
      case "export": {
        const { name, type } = declaration;
        if (exports.has(name)) throw duplicate("export", name, declaration.offset);
        exports.set(name, externShape(type, types, declaration.offset));
        break;
      }
    }
  }
  return { kind: "core-module", imports, exports };
}

function duplicate(what: string, name: string, offset: number): InvalidComponentError {
  return new InvalidComponentError(`a module type has a duplicate ${what} name "${name}"`, offset);
}

/** The function type that an outer alias refers to. The module type itself is scope 0. */
function outerFunction(
  own: readonly CoreFunctionType[],
  { count, index, offset }: { readonly count: number; readonly index: number; readonly offset: number },
  scope: TypeScope,
): CoreFunctionType {
  if (count === 0) return functionType(own, index, offset);
  const type = scope.ancestor(count - 1, offset).coreType(index, offset);
  if (type.kind === "core-func") return type;
  throw new InvalidComponentError("an outer alias inside a module type refers to a module type", offset);
}

function functionType(types: readonly CoreFunctionType[], index: number, offset: number): CoreFunctionType {
  const type = types[index];
  if (type === undefined) throw new InvalidComponentError(outOfRange("core type", index, types.length), offset);
  return type;
}

function externShape(type: CoreExternType, types: readonly CoreFunctionType[], offset: number): CoreExternShape {
  switch (type.sort) {
    case "core func":
    case "core tag":
      return { sort: type.sort, type: functionType(types, type.type, offset) };
    default:
      return type;
  }
}
