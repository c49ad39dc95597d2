/** Bounds the evaluation of types of instances and components. */

import { InvalidComponentError } from "../binary/invalid_component.ts";
import { MAX_EVALUATED_NAMES, MAX_NESTING } from "../binary/limits.ts";

/**
 * Counts what evaluation makes. Types that use others several times are exponentially larger when evaluated than in the
 * binary.
 */
export class EvaluationBudget {
  /** True if definitions of types are evaluated even if they are not used, to find out whether they are valid. */
  readonly isForValidation: boolean;
  #names = 0;
  #depth = 0;

  /** @param options Whether the types are validated or linked. */
  constructor(options: { readonly isForValidation: boolean } = { isForValidation: false }) {
    this.isForValidation = options.isForValidation;
  }

  /** Count an import or an export. @throws {InvalidComponentError} There have been too many. */
  count(offset: number): void {
    if (++this.#names <= MAX_EVALUATED_NAMES) return;
    throw new InvalidComponentError(`its types have more than ${MAX_EVALUATED_NAMES} imports and exports`, offset);
  }

  /**
   * Evaluate something that may nest.
   *
   * @throws {InvalidComponentError} It nests too deep.
   */
  nested<T>(offset: number, evaluate: () => T): T {
    if (this.#depth === MAX_NESTING) {
      throw new InvalidComponentError(`instance and component types are nested more than ${MAX_NESTING} deep`, offset);
    }
    this.#depth++;
    try {
      return evaluate();
    } finally {
      this.#depth--;
    }
  }
}
