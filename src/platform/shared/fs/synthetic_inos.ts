/** Serial numbers for entries of a directory that may be listed, but not searched. */

import { Errno } from "../../../witx/errno.ts";
import { emptyFilestat } from "../../../witx/types.ts";
import type { DirectoryEntry, PlatformDirectory } from "../../../contract/platform.ts";

/** Set in every number that is made up: file systems count from the other end. */
const TOP_BIT = 1n << 63n;
/** FNV-1a of 64 bits. Source: RFC 9923. */
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/**
 * Number the entries of a directory that may not be searched. Nobody can ask for their real numbers there, and 0 would have
 * the guest's libc try and fail (RATIONALE "Why is d_ino sometimes 0?"). Those of any other directory stay as they are.
 *
 * @param directory The directory.
 * @param entries All its entries, without numbers.
 * @returns `entries`.
 */
export function fillUnsearchableInos(directory: PlatformDirectory, entries: DirectoryEntry[]): DirectoryEntry[] {
  if (!isUnsearchable(directory, entries)) return entries;
  const stat = emptyFilestat();
  directory.fstat(stat);
  for (const entry of entries) entry.ino = hash(`${stat.dev} ${stat.ino} ${entry.name}`);
  return entries;
}

/** What the first entry says that is still there. */
function isUnsearchable(directory: PlatformDirectory, entries: readonly DirectoryEntry[]): boolean {
  const stat = emptyFilestat();
  for (const { name } of entries) {
    const result = directory.fstatat(name, stat);
    if (result !== -Errno.NOENT) return result === -Errno.ACCES;
  }
  return false;
}

function hash(text: string): bigint {
  let value = FNV_OFFSET;
  for (let i = 0; i < text.length; i++) value = BigInt.asUintN(64, (value ^ BigInt(text.charCodeAt(i))) * FNV_PRIME);
  return value | TOP_BIT;
}
