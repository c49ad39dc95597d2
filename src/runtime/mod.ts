/**
 * The library without a platform: what `wasirun` exports, for runtimes that none of its platforms is for.
 *
 * @module
 */

export { run } from "./run.ts";
export { runSync } from "./run_sync.ts";
export { type Guest, type GuestOf, instantiate } from "./instantiate.ts";
export { compileComponent } from "./compile_component.ts";
export type { ComponentExports, ComponentGuest } from "./component_program.ts";
export { ComponentError } from "../component/js/errors.ts";
export { ModuleError, MountError, OutputLimitError, TrapError } from "./errors.ts";
export type {
  BlobSource,
  Captured,
  CapturedAs,
  CapturedValue,
  CompiledComponent,
  ComponentImports,
  HostImports,
  HostImportsMaker,
  LoadableSource,
  ModuleSource,
  Mount,
  NetOptions,
  OutputSink,
  Refusal,
  RunOptions,
  RunResult,
  SocketExtension,
  StdinSource,
} from "./options/options.ts";
export { WasiExit, WasiSignal } from "../core/guest/exit.ts";
export { Errno, errnoName } from "../witx/errno.ts";
export { errnoFromResult, type Failure } from "../contract/results.ts";
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
  WaitMode,
  WakeSource,
} from "../contract/platform.ts";
export type {
  Family,
  PlatformLookup,
  PlatformNetwork,
  PlatformSocket,
  Received,
  SocketAddress,
  SocketOption,
  SocketType,
  Wakeable,
} from "../contract/network.ts";
export type { OpenTls, TlsEvents, TlsFailure, TlsOptions, TlsSession } from "../contract/tls.ts";
export type { PollGroup } from "../contract/pollable.ts";
export type { IoVectors } from "../contract/vectors.ts";
export type {
  AsyncDisposal,
  ByteReadable,
  Bytes,
  ByteWritable,
  WasmExports,
  WasmImportValue,
  WasmMemory,
  WasmModule,
  WebAbortSignal,
  WebRequest,
  WebResponse,
  WebUrl,
} from "../contract/web_types.ts";
export type { Fdstat, Filestat, Filetype } from "../witx/types.ts";
