/** Why something can't be linked, for the caller. */

import { InvalidComponentError } from "../../../component/binary/invalid_component.ts";
import { ComponentLinkError } from "../../../component/link/link_error.ts";
import { ModuleError } from "../../errors.ts";

/**
 * An error of the linker as one of the library.
 *
 * @param error What was thrown.
 * @param label What the component is called.
 * @returns A `ModuleError`; any other error as it is.
 */
export function asModuleError(error: unknown, label: string): unknown {
  if (error instanceof ComponentLinkError) {
    return new ModuleError(error.message.replace("the component", label), { cause: error });
  }
  if (error instanceof InvalidComponentError) {
    return new ModuleError(`Cannot link ${label}: ${error.message}`, { cause: error });
  }
  return error;
}
