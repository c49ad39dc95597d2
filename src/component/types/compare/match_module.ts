/** Subtyping of core modules. */

import type { CoreFunctionType, CoreLimits } from "../../binary/model_types.ts";
import type { CoreExternShape, ModuleShape } from "../module_shape.ts";

/** Says why a core module can't be used where one is needed; undefined if it can. */
export function moduleMismatch(supplied: ModuleShape, needed: ModuleShape): string | undefined {
  const offered = new Map(needed.imports.map(({ module, name, type }) => [`${module}\0${name}`, type]));
  for (const { module, name, type } of supplied.imports) {
    const found = offered.get(`${module}\0${name}`);
    if (found === undefined) return `imports "${module}" "${name}", which it is not given`;
    const problem = coreMismatch(found, type);
    if (problem !== undefined) return `imports "${module}" "${name}", which ${problem}`;
  }
  for (const [name, type] of needed.exports) {
    const found = supplied.exports.get(name);
    if (found === undefined) return `has no export "${name}", which is needed`;
    const problem = coreMismatch(found, type);
    if (problem !== undefined) return `exports "${name}", which ${problem}`;
  }
  return undefined;
}

/** Says why something can't be used where something is needed; undefined if it can. */
export function coreMismatch(supplied: CoreExternShape, needed: CoreExternShape): string | undefined {
  const text = coreTypeText(needed);
  const mismatch = `is ${coreTypeText(supplied)}, and ${text} is needed`;
  if (supplied.sort !== needed.sort) return mismatch;
  switch (supplied.sort) {
    case "core func":
    case "core tag":
    case "core global":
      return coreTypeText(supplied) === text ? undefined : mismatch;
    case "core table":
      return needed.sort === supplied.sort && supplied.element === needed.element &&
          doLimitsFit(supplied.limits, needed.limits)
        ? undefined
        : mismatch;
    case "core memory":
      return needed.sort === supplied.sort && doLimitsFit(supplied.limits, needed.limits) ? undefined : mismatch;
  }
}

/** A core type in the text format, without parentheses. */
export function coreTypeText(type: CoreExternShape): string {
  switch (type.sort) {
    case "core func":
      return coreFunctionText(type.type);
    case "core tag":
      return `tag ${coreFunctionText(type.type)}`;
    case "core table":
      return `table ${limitsText(type.limits)} ${type.element}`;
    case "core memory":
      return `memory ${limitsText(type.limits)}`;
    case "core global":
      return `global ${type.isMutable ? `(mut ${type.type})` : type.type}`;
  }
}

/** The text of a type of core functions: `func (i32, i32) -> (i64)`. */
export function coreFunctionText({ params, results }: CoreFunctionType): string {
  return `func (${params.join(", ")}) -> (${results.join(", ")})`;
}

function limitsText({ min, max, isShared, is64 }: CoreLimits): string {
  return `${is64 ? "i64 " : ""}${min}${max === undefined ? "" : ` ${max}`}${isShared ? " shared" : ""}`;
}

function doLimitsFit(supplied: CoreLimits, needed: CoreLimits): boolean {
  if (supplied.is64 !== needed.is64 || supplied.isShared !== needed.isShared) return false;
  if (supplied.pageSizeLog2 !== needed.pageSizeLog2 || supplied.min < needed.min) return false;
  return needed.max === undefined || (supplied.max !== undefined && supplied.max <= needed.max);
}
