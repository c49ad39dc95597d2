/** Names of platforms on the command line. */

import { UsageError } from "./usage_error.ts";

/** What `--platform` says: `auto` is the posix platform where it can be had. */
export type PlatformName = "auto" | "posix" | "runtime";

/**
 * Read the value of `--platform`.
 *
 * @throws {UsageError} If it is none.
 */
export function parsePlatform(value: string | undefined): PlatformName {
  if (value === undefined) return "auto";
  if (value === "posix" || value === "runtime") return value;
  throw new UsageError(`Cannot use --platform=${value}: it is posix or runtime`);
}
