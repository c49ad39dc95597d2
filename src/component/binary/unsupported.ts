/** What the component model describes and has not released. */

import { InvalidComponentError } from "./invalid_component.ts";

/** The error of a component that uses a feature which is not supported. */
export function unsupported(feature: string, offset: number): InvalidComponentError {
  return new InvalidComponentError(
    `it uses ${feature}, which the component model has not released and which is not supported`,
    offset,
  );
}

/** The error of a byte that has no meaning. @param what What it would be the code of. */
export function unknownCode(what: string, code: number, offset: number): InvalidComponentError {
  return new InvalidComponentError(`0x${code.toString(16).padStart(2, "0")} is not the code of ${what}`, offset);
}

/** Values as imports, exports and arguments. */
export const VALUES = "values as imports or exports";
