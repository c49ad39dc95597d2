/** Errors in the command line. */

/** An error in the command line: exit status 2. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/**
 * True for a {@linkcode UsageError}. Recognised by name: the built command has network code in a separate file,
 * with a separate copy of the class.
 */
export function isUsageError(error: unknown): error is Error {
  return error instanceof Error && error.name === "UsageError";
}
