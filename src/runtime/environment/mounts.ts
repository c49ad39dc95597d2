/** The directories of a guest, opened. */

import { isByteText } from "../../text/byte_text.ts";
import { normalPath } from "../../core/fs/guest_path.ts";
import { Mount } from "../../core/fs/mounted_directory.ts";
import type { Platform, PlatformDirectory } from "../../contract/platform.ts";
import { MountError } from "../errors.ts";
import type { Mount as MountOption, RunOptions } from "../options/options.ts";

/**
 * Open the directories that the options name.
 *
 * @throws {MountError} If one of them can't be opened.
 * @throws {TypeError} If a path in the guest is not absolute.
 */
export function openMounts({ preopens = {} }: RunOptions, platform: Platform): Mount[] {
  const mounts: Mount[] = [];
  try {
    for (const [path, option] of Object.entries(preopens)) {
      const { source, readOnly = false }: MountOption = typeof option === "string" ? { source: option } : option;
      if (!isByteText(path)) {
        throw new TypeError(`Cannot mount at ${JSON.stringify(path)}: it has a lone surrogate that stands for no byte`);
      }
      const guestPath = absolute(path);
      const root = openSource(source, guestPath, platform);
      mounts.push(new Mount(guestPath, root, { readOnly, borrowed: typeof source !== "string" }));
    }
  } catch (error) {
    for (const mount of mounts) mount.close();
    throw error;
  }
  return mounts;
}

function openSource(source: string | PlatformDirectory, path: string, platform: Platform): PlatformDirectory {
  if (typeof source !== "string") return source;
  try {
    return platform.openRoot(source);
  } catch (error) {
    throw new MountError(`Cannot mount ${source} at ${path}: ${mountFailure(error)}`, { cause: error });
  }
}

/** Why a directory of the host can't be opened, and what to do. @param error The host's own error. */
export function mountFailure(error: unknown): string {
  switch ((error as { readonly code?: unknown } | null | undefined)?.code) {
    case "ENOENT":
      return "there is no such directory; make it first";
    case "ENOTDIR":
      return "it is a file; name the directory that it is in";
    case "EACCES":
      return "permission denied; check who may read it";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** An absolute path of the guest without `.`, `..` and superfluous slashes. */
function absolute(path: string): string {
  if (!path.startsWith("/")) {
    throw new TypeError(
      `Cannot mount at "${path}": a path in the guest is absolute; write "/${path.replace(/^\.?\/?/, "")}"`,
    );
  }
  return normalPath(path);
}
