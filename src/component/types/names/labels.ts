/** Checks labels: names of fields, cases, flags and parameters. */

import { InvalidComponentError } from "../../binary/invalid_component.ts";
import { isLabel, uniqueForm } from "./names.ts";

/**
 * Check that labels are in kebab case and unique.
 *
 * @param what What they name, for messages.
 * @param labels The labels.
 * @param offset Where they stand, for messages.
 * @throws {InvalidComponentError} One is not.
 */
export function checkLabels(
  what: string,
  labels: readonly (string | { readonly name: string })[],
  offset: number,
): void {
  const seen = new Set<string>();
  for (const each of labels) {
    const label = typeof each === "string" ? each : each.name;
    if (!isLabel(label)) throw new InvalidComponentError(`${what} name "${label}" is not in kebab case`, offset);
    const form = uniqueForm(label);
    if (seen.has(form)) throw new InvalidComponentError(`${what} name "${label}" is used twice`, offset);
    seen.add(form);
  }
}
