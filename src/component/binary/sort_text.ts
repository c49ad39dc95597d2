/** Sorts in messages. */

import type { Sort } from "./model_references.ts";

/** A sort with its article: `an instance`, `a core module`. */
export function oneOfSort(sort: Sort): string {
  switch (sort) {
    case "func":
      return "a function";
    case "core func":
      return "a core function";
    case "instance":
      return "an instance";
    default:
      return `a ${sort}`;
  }
}
