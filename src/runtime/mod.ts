/**
 * The library without a platform: what `wasirun` exports, for runtimes that none of its platforms is for.
 *
 * @module
 */

export { run, runSync } from "./run.ts";
export { type Guest, instantiate } from "./instantiate.ts";
export { ModuleError, TrapError } from "./errors.ts";
export type {
  Captured,
  CapturedAs,
  HostImports,
  HostImportsMaker,
  ModuleSource,
  Mount,
  NetOptions,
  OutputSink,
  Refusal,
  RunOptions,
  RunResult,
  SocketExtension,
  StdinSource,
} from "./options.ts";
export { setDefaultPlatform } from "./default_platform.ts";
export { WasiExit, WasiSignal } from "../core/system.ts";
export { Errno, errnoName } from "../witx/errno.ts";
export type {
  DirectoryEntry,
  OpenFlags,
  Platform,
  PlatformClock,
  PlatformDirectory,
  PlatformFile,
  PlatformRandom,
  PlatformStdio,
  PlatformStream,
  Pollable,
  Waiter,
} from "../core/platform.ts";
export type { Fdstat, Filestat, Filetype } from "../witx/types.ts";
