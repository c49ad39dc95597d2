/** Canonical texts of the types of `wasi:filesystem/types`. */

import { ERROR_CODES } from "./error_code.ts";
import { ADVICES, DESCRIPTOR_TYPES } from "./flags.ts";

const DATETIME = "record{seconds: u64, nanoseconds: u32}";

/** `path-flags`. */
export const PATH_FLAGS = "flags{symlink-follow}";

/** `open-flags`. */
export const OPEN_FLAGS = "flags{create, directory, exclusive, truncate}";

/** `descriptor-flags`. */
export const DESCRIPTOR_FLAGS =
  "flags{read, write, file-integrity-sync, data-integrity-sync, requested-write-sync, mutate-directory}";

/** `new-timestamp`. */
export const NEW_TIMESTAMP: string = `variant{no-change, now, timestamp(${DATETIME})}`;

/** `metadata-hash-value`. */
export const METADATA_HASH = "record{lower: u64, upper: u64}";

/** `error-code`. */
export function errorCodeText(): string {
  return `enum{${ERROR_CODES.join(", ")}}`;
}

/** `advice`. */
export function adviceText(): string {
  return `enum{${ADVICES.join(", ")}}`;
}

/** `descriptor-type`. */
export function descriptorTypeText(): string {
  return `enum{${DESCRIPTOR_TYPES.join(", ")}}`;
}

/** `descriptor-stat`. */
export function descriptorStatText(): string {
  const times = ["data-access-timestamp", "data-modification-timestamp", "status-change-timestamp"];
  const fields = times.map((name) => `${name}: option<${DATETIME}>`).join(", ");
  return `record{type: ${descriptorTypeText()}, link-count: u64, size: u64, ${fields}}`;
}

/** `directory-entry`. */
export function directoryEntryText(): string {
  return `record{type: ${descriptorTypeText()}, name: string}`;
}

/**
 * A method of `descriptor` that can fail.
 *
 * @param parameters Beside `self`; empty, or with a leading comma.
 * @param result What it produces, `_` for nothing.
 */
export function methodText(parameters: string, result: string): string {
  return `func(self: borrow<descriptor>${parameters}) -> result<${result}, ${errorCodeText()}>`;
}
