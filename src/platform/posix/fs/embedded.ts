/**
 * Files that `bun build --compile` and `deno compile --include` have put into the executable: only the runtime's own API
 * reads them, no call of the system.
 */

import { currentRuntime } from "../../runtime.ts";

/** The folder of the files in Bun. */
const BUN_FOLDER = "/$bunfs/";

interface Globals {
  readonly Deno?: {
    readonly build: { readonly standalone?: boolean };
    readFileSync(path: string): Uint8Array<ArrayBuffer>;
  };
}

/**
 * Read a file of the executable.
 *
 * @param path Its path.
 * @returns Its bytes, or undefined if there is none.
 */
export function readEmbedded(path: string): Uint8Array<ArrayBuffer> | undefined {
  const { Deno } = globalThis as unknown as Globals;
  const isOfBun = currentRuntime() === "bun" && path.startsWith(BUN_FOLDER);
  if (!isOfBun && Deno?.build.standalone !== true) return undefined;
  try {
    if (!isOfBun) return Deno!.readFileSync(path);
    const { buffer, byteOffset, byteLength } = process.getBuiltinModule("node:fs").readFileSync(path);
    return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
  } catch {
    // The system may have such a file.
    return undefined;
  }
}
