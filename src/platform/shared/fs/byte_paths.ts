/** Paths that are not UTF-8, for the calls of runtimes. */

import { bytesOfText } from "../../../text/byte_text.ts";

/**
 * A path for `node:fs`, which takes bytes as well.
 *
 * @param path A path, as the text of its bytes.
 * @throws {Error} With the code `EILSEQ`, if it stands for no bytes.
 */
export function pathForNode(path: string): string | Buffer {
  if (path.isWellFormed()) return path;
  const bytes = bytesOfText(path);
  if (bytes !== undefined) return Buffer.from(bytes.buffer);
  throw notUtf8(path, "it has a lone surrogate that stands for no byte");
}

/**
 * A path for Deno, which takes UTF-8 only (https://github.com/denoland/deno/issues/627).
 *
 * @throws {Error} With the code `EILSEQ`, if it is not UTF-8.
 */
export function pathForDeno(path: string): string {
  if (path.isWellFormed()) return path;
  throw notUtf8(path, "Deno takes no path that is not UTF-8; rename it, or use the posix platform");
}

function notUtf8(path: string, why: string): Error {
  return Object.assign(new Error(`EILSEQ: cannot open ${JSON.stringify(path)}: ${why}`), { code: "EILSEQ" });
}
