/** Names of unix sockets in the file system, on Node and Bun. */

import fs from "node:fs";

/**
 * Close a listener whose runtime unlinks its name, so that the name stays, as POSIX has it: the name is linked once more
 * before and renamed back after. For a moment between the two it is not there. Where the directory can't be written,
 * what the runtime does is done.
 *
 * @param path Name of the socket.
 * @param close Closes it, and unlinks the name before it returns.
 */
export function closeKeepingName(path: string, close: () => void): void {
  const spare = `${path}.${process.pid}~`;
  let linked = false;
  try {
    fs.linkSync(path, spare);
    linked = true;
  } catch {
    // The name is gone already, or may not be linked.
  }
  close();
  if (!linked) return;
  try {
    if (fs.lstatSync(path, { throwIfNoEntry: false }) === undefined) fs.renameSync(spare, path);
    else fs.unlinkSync(spare);
  } catch {
    // The directory is gone.
  }
}
