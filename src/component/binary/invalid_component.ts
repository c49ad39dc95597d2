/** The error of a component that is not valid. */

import { printable } from "../../text/printable.ts";

/** A component that can't be decoded, or that the specification does not allow. */
export class InvalidComponentError extends Error {
  /** Always `InvalidComponentError`. */
  override readonly name: string = "InvalidComponentError";
  /** Bytes from the start of the binary to what is wrong. */
  readonly offset: number;

  /**
   * Make the error.
   *
   * @param problem What is wrong, as a sentence without a full stop: `function 7 is used, and there are 3`. Names from the
   * binary may stand in it as they are.
   * @param offset Bytes from the start of the binary to what is wrong.
   */
  constructor(problem: string, offset: number) {
    super(`Invalid component: ${printable(problem)} (at offset 0x${offset.toString(16)})`);
    this.offset = offset;
  }
}
