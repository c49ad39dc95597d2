/** Whether the runtime's FFI may be used: what a foreign call does, no permission of the runtime checks. */

import { isUnlimited } from "../deno/permission.ts";
import type { DenoNamespace } from "../deno/api.ts";
import { currentRuntime } from "../runtime.ts";

/** `process.permission` of Node, there if the process was started with `--permission`. */
interface NodePermission {
  has(scope: string): boolean;
}

/**
 * @returns True if the FFI may be used without asking the user for it, and nothing that the runtime forbids would be
 * allowed by it: files and the network are not limited.
 */
export function mayCallForeign(): boolean {
  if (currentRuntime() === "deno") {
    const { Deno } = globalThis as unknown as { Deno: DenoNamespace };
    return isUnlimited(Deno, ["ffi", "read", "write", "net"]);
  }
  return mayUse(["ffi", "fs.read", "fs.write", "net"]);
}

/** @returns True if the process may read and write all files by `node:fs`. */
export function mayUseAllFiles(): boolean {
  return mayUse(["fs.read", "fs.write"]);
}

function mayUse(scopes: readonly string[]): boolean {
  const { permission } = process as { permission?: NodePermission };
  return permission === undefined || scopes.every((scope) => permission.has(scope));
}
