/** Methods of `descriptor` with paths that are not called often, with JavaScript values. */

import type { HostFunction } from "../../../component/link/function.ts";
import { pathFlagsOf, type PathFlagsValue } from "./arguments.ts";
import type { Descriptor } from "./descriptor.ts";
import {
  createDirectoryAt,
  linkAt,
  readlinkAt,
  removeDirectoryAt,
  renameAt,
  setTimesAt,
  symlinkAt,
  unlinkFileAt,
} from "./descriptor_paths.ts";
import { newTimes, type NewTimestamp } from "./new_timestamp.ts";
import { err, produced, type ResultValue, unit } from "./results.ts";
import { methodText, NEW_TIMESTAMP, PATH_FLAGS } from "./texts.ts";

/** Functions by their names. */
export function pathFunctions(): Record<string, HostFunction> {
  return {
    "[method]descriptor.create-directory-at": onePath(createDirectoryAt),
    "[method]descriptor.remove-directory-at": onePath(removeDirectoryAt),
    "[method]descriptor.unlink-file-at": onePath(unlinkFileAt),
    "[method]descriptor.readlink-at": {
      type: methodText(", path: string", "string"),
      call: ([self, path]) => produced(readlinkAt(self as Descriptor, path as string)),
    },
    "[method]descriptor.symlink-at": {
      type: methodText(", old-path: string, new-path: string", "_"),
      call: ([self, target, path]) => unit(symlinkAt(self as Descriptor, target as string, path as string)),
    },
    "[method]descriptor.rename-at": {
      type: methodText(", old-path: string, new-descriptor: borrow<descriptor>, new-path: string", "_"),
      call: ([self, path, to, newPath]) =>
        unit(renameAt(self as Descriptor, path as string, to as Descriptor, newPath as string)),
    },
    "[method]descriptor.link-at": {
      type: methodText(
        `, old-path-flags: ${PATH_FLAGS}, old-path: string, new-descriptor: borrow<descriptor>, new-path: string`,
        "_",
      ),
      call: ([self, flags, path, to, newPath]) =>
        unit(linkAt(
          self as Descriptor,
          pathFlagsOf(flags as PathFlagsValue),
          path as string,
          to as Descriptor,
          newPath as string,
        )),
    },
    "[method]descriptor.set-times-at": {
      type: methodText(
        `, path-flags: ${PATH_FLAGS}, path: string, data-access-timestamp: ${NEW_TIMESTAMP}, ` +
          `data-modification-timestamp: ${NEW_TIMESTAMP}`,
        "_",
      ),
      call: ([self, flags, path, atim, mtim]) =>
        setTimes(
          self as Descriptor,
          pathFlagsOf(flags as PathFlagsValue),
          path as string,
          atim as NewTimestamp,
          mtim as NewTimestamp,
        ),
    },
  };
}

function onePath(change: (from: Descriptor, path: string) => number): HostFunction {
  return {
    type: methodText(", path: string", "_"),
    call: ([self, path]) => unit(change(self as Descriptor, path as string)),
  };
}

function setTimes(
  from: Descriptor,
  pathFlags: number,
  path: string,
  atim: NewTimestamp,
  mtim: NewTimestamp,
): ResultValue<undefined> {
  const times = newTimes(from.filesystem, atim, mtim);
  return typeof times === "number" ? err(times) : unit(setTimesAt(from, pathFlags, path, times.atim, times.mtim));
}
