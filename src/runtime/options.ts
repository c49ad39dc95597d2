/**
 * What `run`, `runSync`, `instantiate` and their relatives take.
 *
 * @module
 */

import type { PlatformNetwork } from "../core/network.ts";
import type { Platform, PlatformDirectory } from "../core/platform.ts";

/** A module, or where to find one: compiled, bytes, a response, a URL, or a path of the host. */
export type ModuleSource = WebAssembly.Module | Uint8Array<ArrayBuffer> | ArrayBuffer | Response | URL | string;

/** Where the guest's standard input comes from. */
export type StdinSource =
  /** The standard input of the process. */
  | "inherit"
  /** Nothing: the guest reads the end at once. This is the default. */
  | "null"
  /** These bytes, then the end. A string is passed as `{ text }` because "inherit" and "null" are words of their own. */
  | Uint8Array
  | { readonly text: string }
  /** Bytes as they come; only with {@linkcode run}. */
  | ReadableStream<Uint8Array>;

/** Where the guest's standard output or standard error goes. */
export type OutputSink =
  /** The stream of the process. */
  | "inherit"
  /** Nowhere. */
  | "null"
  /** Into the result, as bytes. */
  | "bytes"
  /** Into the result, as text (UTF-8; what is not valid becomes U+FFFD). */
  | "text"
  /** Into a web stream, which is closed when the guest ends; only with {@linkcode run}. */
  | WritableStream<Uint8Array>;

/** A directory that the guest may use. */
export interface Mount {
  /** A path of the host, or a directory of a platform, such as one of `memoryDirectory`. */
  readonly source: string | PlatformDirectory;
  /** True if the guest may not change anything beneath it. Default: false. */
  readonly readOnly?: boolean;
}

/** Which socket functions a guest may import: WasmEdge's, each in the version that it asks for, or one version only. */
export type SocketExtension = "none" | "auto" | "wasmedgev1" | "wasmedgev2" | "path_open";

/**
 * What a guest may do with the network: nothing that is not named. Only with {@linkcode run} and `instantiate`.
 *
 * A Go program that asks for signals (`os/signal`) would never find out what its sockets are ready for. Its module is
 * changed before it is compiled so that it does. Pass such a one as bytes, path, URL or response: in a
 * `WebAssembly.Module` nothing can be changed.
 */
export interface NetOptions {
  /**
   * Where it may listen and connect: `true` for everywhere, or rules `[listen:|connect:]HOST[:PORT|:PORT-PORT]`. HOST is an
   * IP address, a range (`10.0.0.0/8`), a name, `*.NAME` or `*`; `unix:/PATH` is for unix sockets. Default: nowhere.
   *
   * A name is resolved by the host, once, and what it resolved to is checked. Refusals are `ACCES` to the guest.
   */
  readonly allow?: true | readonly string[];
  /**
   * Sockets that listen when the guest starts: `ADDRESS:PORT`, `unix:/PATH of the host`, with `NAME=` in front for a name in
   * `LISTEN_FDNAMES`. They are the descriptors from 3 on, before the preopened directories, and NONBLOCK; their number is in
   * the guest's `LISTEN_FDS`.
   */
  readonly listen?: readonly string[];
  /** Sockets that are connected when the guest starts, as {@linkcode NetOptions.listen}; their descriptors follow. */
  readonly dial?: readonly string[];
  /** `ADDRESS[:PORT]` of the name server to ask in place of the system's resolver. */
  readonly dnsServer?: string;
  /** Default: `"auto"`. */
  readonly sockets?: SocketExtension;
  /** The network, such as a `virtualNetwork`. Default: the one of the platform. */
  readonly network?: PlatformNetwork;
  /** Told once of each thing that was refused, and of the rule that would allow it. */
  readonly onRefused?: (refusal: Refusal) => void;
}

/** Something that the rules of {@linkcode NetOptions.allow} do not allow. */
export interface Refusal {
  /** What the guest asked for. */
  readonly action: "listen" | "connect" | "lookup";
  /** Where: an address, or a name. */
  readonly target: string;
  /** The rule that would allow it. */
  readonly rule: string;
}

/** Functions that the guest imports beside WASI: module name, then function name. */
export type HostImports = Readonly<Record<string, Readonly<Record<string, WebAssembly.ImportValue>>>>;

/** Functions made once the guest's memory is there, for `//go:wasmimport` functions that read or write it. */
export type HostImportsMaker = (guest: { readonly memory: () => WebAssembly.Memory }) => HostImports;

/** Options of {@linkcode run} and its relatives. Nothing is passed to a guest that is not named here. */
export interface RunOptions {
  /** Arguments after the program's name. Default: none. */
  readonly args?: readonly string[];
  /** The program's name, `argv[0]`. Default: the last part of the path or URL, or `main.wasm`. */
  readonly argv0?: string;
  /** Environment. Default: empty, but for `PWD` (see {@linkcode RunOptions.cwd}). */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Directories by their path in the guest, which starts with a slash; a string is a path of the host.
   * The order is the order of the preopens. Default: none.
   */
  readonly preopens?: Readonly<Record<string, string | Mount>>;
  /** `PWD` of the guest. Default: what `env` says, or else the first preopen. */
  readonly cwd?: string;
  /** Default: `"null"`. */
  readonly stdin?: StdinSource;
  /** Default: `"inherit"`. */
  readonly stdout?: OutputSink;
  /** Default: `"inherit"`. */
  readonly stderr?: OutputSink;
  /** True if standard streams report NONBLOCK from the start. Default: false. */
  readonly nonBlockingStdio?: boolean;
  /** The network. Default: none. */
  readonly net?: NetOptions;
  /** Descriptors that may be open at once, standard streams and preopens among them. Default: 1,024. */
  readonly maxOpenFiles?: number;
  /** More imports. A function may answer a promise under {@linkcode run} if it was made by `WebAssembly.Suspending`. */
  readonly imports?: HostImports | HostImportsMaker;
  /**
   * Told of an absolute path beneath no preopen, as far as the guest's libc lets the host know (Go's does). The guest
   * itself gets `BADF`.
   */
  readonly onMissingPreopen?: ((path: string) => void) | undefined;
  /** The host. Default: the one of the runtime. */
  readonly platform?: Platform;
  /**
   * Told of every call that the guest makes of the host, with what it was given and what came of it; only with
   * {@linkcode run} and `instantiate`. What is read and written is told as a count of bytes, paths, arguments and
   * variables as they are. A call that did not return, because the guest ended in it, has no `=>`.
   *
   * @example See what a guest does
   * ```ts
   * import { run } from "wasirun";
   * import assert from "node:assert/strict";
   *
   * // (module (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
   * //   (memory (export "memory") 1) (func (export "_start") (drop (call $close (i32.const 9)))))
   * const module = Uint8Array.from(
   *   atob("AGFzbQEAAAABCQJgAX8Bf2AAAAIjARZ3YXNpX3NuYXBzaG90X3ByZXZpZXcxCGZkX2Nsb3NlAAADAgEBBQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAEKCQEHAEEJEAAaCw=="),
   *   (char) => char.charCodeAt(0),
   * );
   * const lines: string[] = [];
   * await run(module, { trace: (line) => lines.push(line) });
   * assert.deepEqual(lines, ["fd_close(9) => BADF"]);
   * ```
   */
  readonly trace?: (line: string) => void;
  /** Ends the guest at its next call of the host or while it waits: `run` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What became of a guest that ended by itself. */
export interface RunResult {
  /** Exit code (u32): 0 when `_start` returned; 128 + n when the guest raised signal n. */
  readonly exitCode: number;
  /** `Signal` that the guest raised (u8), if it did. */
  readonly signal?: number;
}

/** What the guest wrote: text for `"text"`, bytes for `"bytes"`, and nothing for what was not captured. */
export type Captured<Options extends RunOptions> =
  & CapturedAs<"stdout", Options["stdout"]>
  & CapturedAs<"stderr", Options["stderr"]>;

/** One output of {@linkcode Captured}. */
export type CapturedAs<Name extends string, Sink> = Sink extends "text" ? { readonly [key in Name]: string }
  : Sink extends "bytes" ? { readonly [key in Name]: Uint8Array }
  : unknown;
