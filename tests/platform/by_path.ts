/**
 * Directories of the runtime's platform as they are where no descriptor can hold them: known by their paths.
 *
 * @module
 */

import process from "node:process";
import type { PlatformDirectory } from "../../src/contract/platform.ts";
import { denoPaths } from "../../src/platform/deno/paths.ts";
import type { PathCalls } from "../../src/platform/shared/fs/directory_calls.ts";
import { openPathDirectory } from "../../src/platform/shared/fs/path_directory.ts";
import type { DenoNamespace, NodeFsOfDeno } from "../../src/platform/deno/api.ts";

async function ownPaths(): Promise<PathCalls> {
  if (process.versions["deno"] === undefined) return (await import("../../src/platform/node/paths.ts")).NODE_PATHS;
  const { Deno } = globalThis as unknown as { Deno: DenoNamespace };
  return denoPaths(Deno, () => process.getBuiltinModule("node:fs") as unknown as NodeFsOfDeno);
}

const calls = await ownPaths();

/**
 * Open a directory.
 *
 * @param path Path of the host, without any symbolic link in it.
 */
export function openByPath(path: string): PlatformDirectory {
  return openPathDirectory(calls, path);
}
