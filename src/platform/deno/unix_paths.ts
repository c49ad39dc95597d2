/** Names of unix sockets on Deno. */

import { Errno } from "../../witx/errno.ts";
import { networkFailure } from "./errors.ts";
import { errnoFromError } from "../shared/errors.ts";
import { O_PATH } from "../shared/fs/directory_calls.ts";
import { publishSocket, temporaryPathFor, type UnixPathCalls } from "../shared/net/unix_socket_path.ts";
import type { DenoListenerObject, DenoNamespace, ProcessOfDeno } from "./api.ts";
import type { Failure } from "../../contract/results.ts";

/**
 * Calls with names.
 *
 * @param deno The runtime.
 * @param process The global one, which has `node:fs`.
 */
export function denoUnixPaths(deno: DenoNamespace, process: ProcessOfDeno): UnixPathCalls {
  return {
    link: deno.linkSync,
    rename: deno.renameSync,
    unlink: deno.removeSync,
    identify(path) {
      try {
        const { dev, ino } = deno.lstatSync(path);
        return `${dev} ${ino}`;
      } catch (error) {
        if (errnoFromError(error) === Errno.NOENT) return undefined;
        throw error;
      }
    },
    hold(path) {
      const fs = process.getBuiltinModule("node:fs");
      return fs.openSync(path, O_PATH | (fs.constants["O_NOFOLLOW"] ?? 0));
    },
    close: (fd) => process.getBuiltinModule("node:fs").closeSync(fd),
  };
}

/**
 * Listen at a path.
 *
 * @param deno The runtime.
 * @param names Its calls with names.
 * @param path Where the socket is to be.
 * @returns The listener; or minus ADDRINUSE, ACCES, NOENT, NAMETOOLONG, …
 */
export function listenAtPath(deno: DenoNamespace, names: UnixPathCalls, path: string): DenoListenerObject | Failure {
  const spare = temporaryPathFor(path);
  if (typeof spare === "number") return spare;
  if (!mayUse(deno, spare) || !mayUse(deno, path)) return -Errno.ACCES;
  let listener: DenoListenerObject;
  try {
    listener = deno.listen({ transport: "unix", path: spare });
  } catch (error) {
    return networkFailure(error);
  }
  const result = publishSocket(names, spare, path);
  if (result >= 0) return listener;
  listener.close();
  return result;
}

/** The user is not asked for a name that nobody knows. */
function mayUse(deno: DenoNamespace, path: string): boolean {
  return (["read", "write"] as const).every((name) => deno.permissions.querySync({ name, path }).state === "granted");
}
