/** `--dir HOST[::GUEST][:ro]`. */

import { normalPath } from "../core/fs/guest_path.ts";
import type { Mount } from "../runtime/options/options.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Parses the mounts of a command line.
 *
 * Without GUEST a directory appears at its own path: `--dir /data` at `/data`. A relative one starts at the root:
 * `--dir .` at `/`, `--dir ./static` at `/static`, so that all paths of the guest are absolute, as Go needs them.
 *
 * @param dirs Values of `--dir`, in order.
 * @throws {UsageError} For two mounts at one path, or a missing host directory.
 */
export function parseMounts(dirs: readonly string[]): Record<string, Mount> {
  const mounts: Record<string, Mount> = {};
  for (const dir of dirs) {
    const { path, source, readOnly } = parseMount(dir);
    if (mounts[path] !== undefined) {
      throw new UsageError(
        `Cannot mount ${source} at ${path}: ${mounts[path].source} is there already; write --dir ${source}::/OTHER`,
      );
    }
    mounts[path] = { source, readOnly };
  }
  return mounts;
}

interface ParsedMount {
  readonly path: string;
  readonly source: string;
  readonly readOnly: boolean;
}

function parseMount(dir: string): ParsedMount {
  const readOnly = dir.endsWith(":ro");
  const spec = readOnly ? dir.slice(0, -":ro".length) : dir;
  checkColons(dir, spec);
  const separator = spec.lastIndexOf("::");
  const source = separator < 0 ? spec : spec.slice(0, separator);
  if (source === "") throw new UsageError(`Cannot use --dir ${dir}: it names no directory of the host`);
  const path = normalPath(separator < 0 ? source : spec.slice(separator + 2));
  return { path, source, readOnly };
}

/** Rejects the forms of other tools: HOST:GUEST and :rw. */
function checkColons(dir: string, spec: string): void {
  if (spec.endsWith(":rw")) {
    throw new UsageError(`Cannot use --dir ${dir}: a mount can be written unless it ends with :ro; leave out :rw`);
  }
  const [, source, path] = /^([^:]+):(\/[^:]*)$/.exec(spec) ?? [];
  if (source === undefined) return;
  throw new UsageError(
    `Cannot use --dir ${dir}: the path in the guest follows two colons; write --dir ${source}::${path}` +
      (spec === dir ? "" : ":ro"),
  );
}
