/** Rules for attributes of the names of imports and exports. */

import { oneOfSort } from "../../binary/sort_text.ts";
import type { NameAttributes } from "../../binary/model_references.ts";
import type { ExternShape } from "../shapes.ts";
import { isCanonicalVersion, isVersion, type ParsedName, parseName } from "./names.ts";

/**
 * Says what is wrong with the attributes of a name; undefined if nothing is.
 *
 * @param name The name.
 * @param attributes Its attributes.
 * @param shape The type of what it names.
 */
export function attributesProblem(
  name: ParsedName,
  attributes: NameAttributes,
  shape: ExternShape,
): string | undefined {
  const { implements: implemented, versionSuffix } = attributes;
  if (implemented !== undefined) {
    if (parseName(implemented)?.kind !== "interface") {
      return `implements "${implemented}", which is not an interface name`;
    }
    if (shape.sort !== "instance") {
      return `implements an interface, and only instances can: it is ${oneOfSort(shape.sort)}`;
    }
    if (name.kind !== "label") return "implements an interface, and its name is not a plain name";
  }
  if (versionSuffix === undefined) return undefined;
  const version = name.kind === "interface" ? name.version : undefined;
  const isFine = version !== undefined && isCanonicalVersion(version) && isVersion(version + versionSuffix);
  return isFine ? undefined : `and the version suffix "${versionSuffix}" are not a valid version`;
}
