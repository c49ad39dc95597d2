/** Types that have got a name by an import or an export. */

import type { DefinedType } from "./scope.ts";

/**
 * The type that an import or an export `(type (eq …))` adds to the index space. It equals the given one. Records,
 * variants, enums and flags become objects of their own, so that named types can be distinguished from those
 * without a name.
 */
export function namedType(type: DefinedType): DefinedType {
  switch (type.kind) {
    case "record":
    case "variant":
    case "enum":
    case "flags":
      return { ...type };
    default:
      return type;
  }
}
