/** Names of unix sockets by `node:fs`, for Node and Bun. */

import fs from "node:fs";
import { O_PATH } from "../shared/fs/directory_calls.ts";
import type { UnixPathCalls } from "../shared/net/unix_socket_path.ts";

/** `node:fs`. */
export const NODE_UNIX_PATHS: UnixPathCalls = {
  link: fs.linkSync,
  rename: fs.renameSync,
  unlink: fs.unlinkSync,
  identify(path) {
    const stats = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? undefined : `${stats.dev} ${stats.ino}`;
  },
  hold: (path) => fs.openSync(path, O_PATH | fs.constants.O_NOFOLLOW),
  close: fs.closeSync,
};
