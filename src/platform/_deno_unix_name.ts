/** Names of unix sockets on Deno. */

import { Errno } from "../witx/errno.ts";
import { networkErrno } from "./_deno_errors.ts";
import type { DenoListenerObject, DenoNamespace } from "./types/deno.ts";

/**
 * Listen at a path. Deno unlinks what it listens at some time after it was closed, be it another's by then; but POSIX
 * leaves the name to who made it. So it listens at another name in the same directory, which is gone before this returns.
 * Where that name can't be had, Deno does what it does.
 *
 * @throws {Error} Deno's own error.
 */
export function listenAtPath(deno: DenoNamespace, path: string): DenoListenerObject {
  const spare = spareName(path);
  const listener = mayUse(deno, spare) ? listenOrNothing(deno, spare) : undefined;
  if (listener === undefined) return deno.listen({ transport: "unix", path });
  try {
    moveName(deno, spare, path);
    return listener;
  } catch (error) {
    listener.close();
    throw error;
  }
}

function moveName(deno: DenoNamespace, from: string, to: string): void {
  try {
    deno.linkSync(from, to);
  } catch (error) {
    throw networkErrno(error) === Errno.EXIST ? new AddrInUse(to) : error;
  } finally {
    deno.removeSync(from);
  }
}

/** As short as a name can be that nobody else takes, for `sockaddr_un` has little room. */
function spareName(path: string): string {
  const directory = path.slice(0, path.lastIndexOf("/") + 1);
  return `${directory}.${Math.trunc(Math.random() * 36 ** 6).toString(36)}`;
}

/** Asking the user for a permission that only a detour needs is not for us. */
function mayUse(deno: DenoNamespace, path: string): boolean {
  return (["read", "write"] as const).every((name) => deno.permissions.querySync({ name, path }).state === "granted");
}

/** Whatever is wrong with the detour, the direct way tells. */
function listenOrNothing(deno: DenoNamespace, path: string): DenoListenerObject | undefined {
  try {
    return deno.listen({ transport: "unix", path });
  } catch {
    return undefined;
  }
}

class AddrInUse extends Error {
  override readonly name = "AddrInUse";
}
