/** Errors for the host program. */

import { Errno, errnoName } from "../../../witx/errno.ts";

const REASONS: Readonly<Partial<Record<Errno, string>>> = {
  [Errno.EXIST]: "the path already exists",
  [Errno.FBIG]: "it would be larger than a file can be",
  [Errno.INVAL]: "it has a NUL in it",
  [Errno.ISDIR]: "it is a directory",
  [Errno.LOOP]: "too many symbolic links lead on to each other",
  [Errno.NAMETOOLONG]: "a name in it is longer than 255 bytes",
  [Errno.NOENT]: "there is no such file or directory",
  [Errno.NOSPC]: "the limit of the file system is reached",
  [Errno.NOTDIR]: "a part of it is not a directory",
};

/**
 * Creates an error for the host program.
 *
 * @param action What failed, as a verb: `read`.
 * @param path The path as it was given.
 * @param errno Why.
 * @returns An error whose `code` is the errno's name as hosts write it: `ENOENT`.
 */
export function failure(action: string, path: string, errno: Errno): Error & { readonly code: string } {
  const name = errnoName(errno);
  const error = new Error(`Cannot ${action} "${path}": ${REASONS[errno] ?? name}`);
  return Object.assign(error, { code: "E" + name });
}
