/** Attributes of a file, as `node:fs` returns them. */

/** The part of `BigIntStats` that preview 1 has fields for. */
export interface NodeStats {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly nlink: bigint;
  readonly size: bigint;
  readonly atimeNs: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}
