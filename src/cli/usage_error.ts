/** Mistakes in the command line. */

/** A mistake in the command line: exit status 2. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/**
 * True for a {@linkcode UsageError}. Told by its name: the built command has what concerns the network in a file of its
 * own, with a class of its own.
 */
export function isUsageError(error: unknown): error is Error {
  return error instanceof Error && error.name === "UsageError";
}
