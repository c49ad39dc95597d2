/** Values that pass from guest to guest. */

import type { CopyValues } from "../../component/js/copy_values.ts";
import { Conversions } from "../../component/js/resource_values.ts";
import type { FunctionType } from "../../component/types/function_type.ts";

/** Converts the values of one function. */
export interface LinkedValues {
  readonly given: (args: readonly unknown[]) => readonly unknown[];
  readonly returned: (value: unknown) => unknown;
}

/**
 * How the values of a function pass between two guests. They stay as they are but for streams and futures: the guests run
 * independently, so that elements have to pass through JavaScript.
 *
 * @param type The function's type.
 * @param caller Those of the guest that calls.
 * @param callee Those of the guest that is called; undefined if it has none.
 */
export function linkedValues({ params, result }: FunctionType, caller: CopyValues, callee?: CopyValues): LinkedValues {
  if (callee === undefined) return { given: (args) => args, returned: (value) => value };
  const there = passing(caller, callee);
  const back = passing(callee, caller);
  const given = params.map((param) => there.of(param.type));
  const returned = result === undefined ? undefined : back.of(result);
  return {
    given: (args) => args.map((value, i) => given[i]?.(value, undefined) ?? value),
    returned: (value) => returned === undefined ? value : returned(value, undefined),
  };
}

function passing(from: CopyValues, to: CopyValues): Conversions<undefined> {
  return new Conversions<undefined>({
    copy(type, element, value) {
      const convert = element === undefined ? undefined : (each: unknown) => element(each, undefined);
      return to.inward(type, from.outward(type, value, convert), undefined);
    },
  });
}
