/** The records of fd_readdir. */

import { lenientBytesOfText } from "../text/byte_text.ts";
import type { DirectoryEntry } from "../contract/platform.ts";
import type { EntryCursor } from "../core/fs/directory.ts";

/** Size of a `dirent` without its name. */
const DIRENT_SIZE = 24;

/**
 * Stores entries as `dirent` records, until they end or the buffer is full. The last record is cut where the buffer ends.
 *
 * @param entries The entries.
 * @param bytes The buffer.
 * @param start Index of the first byte.
 * @param length Size of the buffer.
 * @returns Bytes stored.
 */
export function storeDirents(entries: EntryCursor, bytes: Uint8Array, start: number, length: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = start + length;
  let at = start;
  while (at < end) {
    const entry = entries.next();
    if (entry === undefined) break;
    at = storeDirent(view, bytes, at, end, entry, entries.cookie);
  }
  return at - start;
}

/**
 * Stores one record:
 *
 *     0       8      16        20       21   24
 *     | d_next | d_ino | d_namlen | d_type | 0 | name …
 *
 * @returns Index behind it.
 */
function storeDirent(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  end: number,
  entry: DirectoryEntry,
  next: number,
): number {
  const { name } = entry;
  const nameAt = at + DIRENT_SIZE;
  let nameEnd = nameAt + name.length;
  if (nameEnd > end || !storeAscii(name, bytes, nameAt)) {
    const encoded = lenientBytesOfText(name);
    nameEnd = nameAt + encoded.length;
    if (nameEnd > end) return storeCut(bytes, at, end, entry, encoded, next);
    bytes.set(encoded, nameAt);
  }
  storeHead(view, at, entry, nameEnd - nameAt, next);
  return nameEnd;
}

function storeHead(view: DataView, at: number, { ino, filetype }: DirectoryEntry, size: number, next: number): void {
  view.setUint32(at, next % 2 ** 32, true);
  view.setUint32(at + 4, next / 2 ** 32, true);
  view.setBigUint64(at + 8, ino, true);
  view.setUint32(at + 16, size, true);
  view.setUint32(at + 20, filetype, true);
}

function storeCut(
  bytes: Uint8Array,
  at: number,
  end: number,
  entry: DirectoryEntry,
  name: Uint8Array,
  next: number,
): number {
  const record = new Uint8Array(DIRENT_SIZE + name.length);
  storeHead(new DataView(record.buffer), 0, entry, name.length, next);
  record.set(name, DIRENT_SIZE);
  bytes.set(record.subarray(0, end - at), at);
  return end;
}

/** Stores a text that is all ASCII. @returns False if it is not; then it is stored in part. */
function storeAscii(text: string, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char > 127) return false;
    bytes[at + i] = char;
  }
  return true;
}
