/** `path_*`. */

import { Errno } from "../../witx/errno.ts";
import { emptyFilestat } from "../../witx/types.ts";
import type { Abi } from "./abi.ts";
import type { ImportTable } from "./import_function.ts";
import type { U32Result } from "../results.ts";

/** The functions with paths, bodies; `path_open` in its narrow form: rights without their upper halves. */
export function pathFunctions(abi: Abi): ImportTable {
  return { ...namingFunctions(abi), ...renamingFunctions(abi), ...openingFunctions(abi), ...filestatFunctions(abi) };
}

/** Those of one name. */
function namingFunctions({ system, memory }: Abi): ImportTable {
  return {
    path_create_directory(fd: number, ptr: number, length: number): Errno {
      const path = memory.readPath(ptr, length);
      return typeof path === "number" ? path : system.path.createDirectory(fd, path);
    },
    path_remove_directory(fd: number, ptr: number, length: number): Errno {
      const path = memory.readPath(ptr, length);
      return typeof path === "number" ? path : system.path.removeDirectory(fd, path);
    },
    path_unlink_file(fd: number, ptr: number, length: number): Errno {
      const path = memory.readPath(ptr, length);
      return typeof path === "number" ? path : system.path.unlinkFile(fd, path);
    },
  };
}

/** Those of two names. */
function renamingFunctions({ system, memory }: Abi): ImportTable {
  return {
    path_link(
      oldFd: number,
      oldFlags: number,
      oldPtr: number,
      oldLength: number,
      newFd: number,
      newPtr: number,
      newLength: number,
    ): Errno {
      const oldPath = memory.readPath(oldPtr, oldLength);
      if (typeof oldPath === "number") return oldPath;
      const newPath = memory.readPath(newPtr, newLength);
      if (typeof newPath === "number") return newPath;
      return system.path.link(oldFd, oldFlags, oldPath, newFd, newPath);
    },
    path_rename(
      oldFd: number,
      oldPtr: number,
      oldLength: number,
      newFd: number,
      newPtr: number,
      newLength: number,
    ): Errno {
      const oldPath = memory.readPath(oldPtr, oldLength);
      if (typeof oldPath === "number") return oldPath;
      const newPath = memory.readPath(newPtr, newLength);
      return typeof newPath === "number" ? newPath : system.path.rename(oldFd, oldPath, newFd, newPath);
    },
    path_symlink(oldPtr: number, oldLength: number, fd: number, newPtr: number, newLength: number): Errno {
      const target = memory.readPath(oldPtr, oldLength);
      if (typeof target === "number") return target;
      const path = memory.readPath(newPtr, newLength);
      return typeof path === "number" ? path : system.path.symlink(target, fd, path);
    },
  };
}

function openingFunctions({ system, memory }: Abi): ImportTable {
  const result: U32Result = { value: 0 };
  return {
    path_open(
      fd: number,
      dirflags: number,
      ptr: number,
      length: number,
      oflags: number,
      base: number,
      inheriting: number,
      fdflags: number,
      resultPtr: number,
    ): Errno {
      const path = memory.readPath(ptr, length);
      if (typeof path === "number") return path;
      const errno = system.path.open(fd, dirflags, path, oflags, base, inheriting, fdflags, result);
      if (errno === Errno.SUCCESS) memory.storeU32(resultPtr, result.value);
      return errno;
    },
    path_readlink(
      fd: number,
      ptr: number,
      length: number,
      bufPtr: number,
      bufLength: number,
      resultPtr: number,
    ): Errno {
      const path = memory.readPath(ptr, length);
      if (typeof path === "number") return path;
      const errno = system.path.readlink(fd, path, memory.bytes, bufPtr, bufLength, result);
      if (errno === Errno.SUCCESS) memory.storeU32(resultPtr, result.value);
      return errno;
    },
  };
}

function filestatFunctions({ system, memory, dialect }: Abi): ImportTable {
  const filestat = emptyFilestat();
  return {
    path_filestat_get(fd: number, flags: number, ptr: number, length: number, resultPtr: number): Errno {
      const path = memory.readPath(ptr, length);
      if (typeof path === "number") return path;
      const errno = system.path.filestatGet(fd, flags, path, filestat);
      if (errno === Errno.SUCCESS) dialect.writeFilestat(memory.view, resultPtr, filestat);
      return errno;
    },
    path_filestat_set_times(
      fd: number,
      flags: number,
      ptr: number,
      length: number,
      atim: bigint,
      mtim: bigint,
      fstFlags: number,
    ): Errno {
      const path = memory.readPath(ptr, length);
      return typeof path === "number" ? path : system.path.filestatSetTimes(fd, flags, path, atim, mtim, fstFlags);
    },
  };
}
