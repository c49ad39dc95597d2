/** Names of platforms on the command line. */

import { UsageError } from "./usage_error.ts";

/** Value of `--platform`; `auto` is the posix platform where available. */
export type PlatformName = "auto" | "posix" | "runtime";

/**
 * Parses the value of `--platform`.
 *
 * @throws {UsageError} If it is unknown.
 */
export function parsePlatform(value: string | undefined): PlatformName {
  if (value === undefined) return "auto";
  if (value === "posix" || value === "runtime") return value;
  throw new UsageError(`Cannot use --platform=${value}: it is posix or runtime`);
}
