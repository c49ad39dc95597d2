/** The error for components that can't be linked. */

import { printable } from "../../text/printable.ts";

/**
 * A component that can't be linked: it imports what is not there, or in another form. The message names what is missing.
 */
export class ComponentLinkError extends Error {
  /** Always `ComponentLinkError`. */
  override readonly name: string = "ComponentLinkError";

  /**
   * Make the error.
   *
   * @param message What is wrong.
   * @param options The error that it comes from.
   */
  constructor(message: string, options?: ErrorOptions) {
    super(printable(message), options);
  }
}
