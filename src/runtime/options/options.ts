/**
 * Options of `run`, `runSync` and `instantiate`.
 *
 * @module
 */

import type { PlatformNetwork } from "../../contract/network.ts";
import type { Platform, PlatformDirectory } from "../../contract/platform.ts";
import type {
  ByteReadable,
  Bytes,
  ByteWritable,
  WasmImportValue,
  WasmMemory,
  WasmModule,
  WebAbortSignal,
  WebRequest,
  WebResponse,
  WebUrl,
} from "../../contract/web_types.ts";

/** A `Blob`, a `File`, or Bun's `Bun.file(path)`. */
export interface BlobSource {
  /** Size in bytes. */
  readonly size: number;
  /** Reads the content. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * A component that `compileComponent` has compiled. It can be run again and again, and also by `runSync`, which can't
 * wait until the runtime of components is loaded.
 */
export interface CompiledComponent {
  /** Names in WIT of what it imports, such as `wasi:io/streams@0.2.12`. */
  readonly imports: readonly string[];
  /** Names in WIT of what it exports. */
  readonly exports: readonly string[];
}

/** Where a module or a component can be loaded from. */
export type LoadableSource =
  | WasmModule
  | CompiledComponent
  | Bytes
  | ArrayBuffer
  | WebResponse
  | BlobSource
  | WebUrl
  | string;

/**
 * A module or a component, or its source: compiled, bytes, a `Response`, a `Blob`, a URL, a host path, or a promise of one of these,
 * such as that of `fetch`.
 */
export type ModuleSource = LoadableSource | PromiseLike<LoadableSource>;

/** Source of the guest's standard input. */
export type StdinSource =
  /** The standard input of the process. */
  | "inherit"
  /** Empty: the guest reads the end at once. The default. */
  | "null"
  /** These bytes, then the end. A string is passed as `{ text }` because "inherit" and "null" are keywords. */
  | Uint8Array
  | { readonly text: string }
  /** A stream; only with {@linkcode run}. It is cancelled when the guest ends. */
  | ByteReadable;

/** Destination of the guest's standard output or standard error. */
export type OutputSink =
  /** The stream of the process. */
  | "inherit"
  /** Discarded. */
  | "null"
  /** Into the result, as bytes; see {@linkcode RunOptions.maxCapturedBytes}. */
  | "bytes"
  /** Into the result, as text (UTF-8; invalid bytes become U+FFFD). */
  | "text"
  /**
   * Into a web stream, which is closed when the guest ends (see {@linkcode RunOptions.preventClose}); only with
   * {@linkcode run}. After its reader has cancelled it, the guest's writes return `PIPE`.
   */
  | ByteWritable;

/** A directory that the guest may use. */
export interface Mount {
  /** A host path, or a platform's directory, such as one made by `memoryDirectory`. */
  readonly source: string | PlatformDirectory;
  /** True if the guest may not change anything beneath it. Default: false. */
  readonly readOnly?: boolean;
}

/** Socket functions that a guest can import: `"auto"` provides WasmEdge's in the version that each import declares. */
export type SocketExtension = "none" | "auto" | "wasmedgev1" | "wasmedgev2" | "path_open";

/**
 * What a guest may do with the network: only what is named here. Only with {@linkcode run} and `instantiate`.
 *
 * A Go program that uses `os/signal` would never poll its sockets, so its module is patched before it is compiled. Pass
 * such a module as bytes, path, URL or response: a compiled `WebAssembly.Module` can't be patched.
 */
export interface NetOptions {
  /**
   * Where it may listen and connect: `true` for everywhere, or rules `[listen:|connect:]HOST[:PORT|:PORT-PORT]`. HOST
   * is an IP address, a range (`10.0.0.0/8`), a name, `*.NAME` or `*`; `unix:/PATH` is for unix sockets. Default:
   * nowhere.
   *
   * The host resolves a name once; the rule then applies to those addresses. A refused call returns `ACCES`.
   */
  readonly allow?: true | readonly string[];
  /**
   * Listening sockets to open before the guest starts: `ADDRESS:PORT` or `unix:/HOST/PATH`, with `NAME=` in front for a
   * name in `LISTEN_FDNAMES`. They get the descriptors from 3, before the preopened directories, and are NONBLOCK;
   * their number is in the guest's `LISTEN_FDS`.
   */
  readonly listen?: readonly string[];
  /** Connections to open before the guest starts, as for {@linkcode NetOptions.listen}; their descriptors follow. */
  readonly dial?: readonly string[];
  /** `ADDRESS[:PORT]` of the name server to query instead of the system's resolver. */
  readonly dnsServer?: string;
  /** Default: `"auto"`. */
  readonly sockets?: SocketExtension;
  /** The network, such as a `virtualNetwork()`. Default: the one of the platform. */
  readonly network?: PlatformNetwork | { readonly network: PlatformNetwork };
  /**
   * False to leave Go modules unpatched. By default the goroutine of `os/signal.Notify`, which would starve the
   * network, is patched to sleep; the trace reports it. A compiled `WebAssembly.Module` is never patched.
   */
  readonly patchGoSignals?: boolean;
  /** Called once for each refused target, with the rule that would allow it. */
  readonly onRefused?: (refusal: Refusal) => void;
}

/** An operation that the rules of {@linkcode NetOptions.allow} do not allow. */
export interface Refusal {
  /** What the guest attempted. */
  readonly action: "listen" | "connect" | "lookup";
  /** An address or a name. */
  readonly target: string;
  /** The rule that would allow it. */
  readonly rule: string;
}

/** Functions that the guest imports in addition to WASI: by module name, then by function name. */
export type HostImports = Readonly<Record<string, Readonly<Record<string, WasmImportValue>>>>;

/**
 * What a component imports in addition to WASI: objects of functions (in camelCase) and classes (in PascalCase, for
 * resources) by the names of their interfaces in WIT, with or without the version; or interfaces of another guest's
 * exports. Functions and classes of the world itself are in `$root`, or the `default` of an object of their own name.
 */
export interface ComponentImports {
  /** An interface. */
  readonly [name: `${string}:${string}`]: object;
  /** Functions and classes that the world itself imports. */
  readonly $root?: object;
}

/** Creates functions that access the guest's memory, such as those of `//go:wasmimport`. */
export type HostImportsMaker = (guest: { readonly memory: () => WasmMemory }) => HostImports;

/** Options of `run`, `runSync` and `instantiate`. A guest gets nothing that is not named here. */
export interface RunOptions {
  /**
   * Arguments after the program's name. Default: none. Here and in `env`, a lone surrogate U+DC80 to U+DCFF represents
   * a byte 0x80 to 0xff that is not UTF-8, as in Python (PEP 383). Other lone surrogates are rejected.
   */
  readonly args?: readonly string[];
  /** The program's name, `argv[0]`. Default: the last part of the path or URL, or `main.wasm`. */
  readonly argv0?: string;
  /**
   * Environment, which may be `process.env`: undefined values are ignored. Default: empty except `PWD` (see
   * {@linkcode RunOptions.cwd}).
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * Directories by their path in the guest, which starts with a slash; a string is a host path. They are preopened in
   * this order. Default: none.
   */
  readonly preopens?: Readonly<Record<string, string | Mount>>;
  /** `PWD` of the guest. Default: that of `env`, or else the first preopen. */
  readonly cwd?: string;
  /** Default: `"null"`. */
  readonly stdin?: StdinSource;
  /** Default: `"inherit"`. */
  readonly stdout?: OutputSink;
  /** Default: `"inherit"`. */
  readonly stderr?: OutputSink;
  /**
   * Limit on each captured output, in bytes. A guest that writes more ends with an {@linkcode OutputLimitError}.
   * Default: 256 MiB.
   */
  readonly maxCapturedBytes?: number;
  /**
   * True to leave the web streams of outputs open when the guest ends. Those of the process itself, such as
   * `Deno.stdout.writable`, are never closed. Default: false.
   */
  readonly preventClose?: boolean;
  /** True if standard streams report NONBLOCK from the start. Default: false. */
  readonly nonBlockingStdio?: boolean;
  /**
   * True to end a guest that writes to a standard output without a reader, as SIGPIPE ends a native program: exit code
   * 141, signal 13. Default: false; the write fails with `PIPE`, which many guests ignore.
   */
  readonly endOnBrokenPipe?: boolean;
  /** Network access. Default: none. */
  readonly net?: NetOptions;
  /**
   * Answers the requests that a component makes with `wasi:http/outgoing-handler`, in place of the network and its rules:
   * `fetch` itself, or a function that forwards, changes or makes up. What it throws is the guest's error; an `error-code`
   * of wasi:http may be thrown, or an error that has one as its `payload`.
   */
  readonly fetch?: ((request: WebRequest) => WebResponse | Promise<WebResponse>) | undefined;
  /** Limit on open descriptors, including standard streams and preopens. Default: 1,024. */
  readonly maxOpenFiles?: number;
  /**
   * Limit on the initial memory that a module declares, in bytes; it may grow later. Not checked for a
   * `WebAssembly.Module`. Default: 4 GiB.
   */
  readonly maxMemoryBytes?: number;
  /**
   * Limit on the initial table elements that a module declares. Each takes 24 to 70 bytes of the host. Not checked for
   * a
   * `WebAssembly.Module`. Default: 1,000,000.
   */
  readonly maxTableElements?: number;
  /**
   * Host functions. An `async` function suspends the guest until its promise settles, and so does a
   * `WebAssembly.Suspending`; both only with {@linkcode run} and `instantiate`. Any other function must not return a
   * promise: that ends the guest with a `TypeError`.
   *
   * An exception or rejection of a function ends the guest, which can't catch it, and `run` or `call` rejects with it;
   * only a `WebAssembly.Exception` reaches handlers of the guest. (A rejection of the caller's own
   * `WebAssembly.Suspending` can be caught.) While a function runs, or its promise is pending, it may call the guest,
   * which resumes after that call.
   */
  readonly imports?: HostImports | HostImportsMaker | ComponentImports;
  /**
   * Called with an absolute path that is beneath no preopen, if the guest's libc reveals it (Go's does). The guest
   * itself gets `BADF`.
   */
  readonly onMissingPreopen?: ((path: string) => void) | undefined;
  /** The platform. Default: that of the runtime. */
  readonly platform?: Platform;
  /**
   * Called with a line for each call from the guest to the host, with arguments and result; only with {@linkcode run}
   * and
   * `instantiate`. Paths, arguments and variables are shown, data only as a byte count. A call that did not return,
   * because the guest ended in it, has no `=>`.
   *
   * @example See what a guest does
   * ```ts
   * import { run } from "wasirun";
   * import assert from "node:assert/strict";
   *
   * // (module (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
   * //   (memory (export "memory") 1) (func (export "_start") (drop (call $close (i32.const 9)))))
   * const module = Uint8Array.from(
   * atob("AGFzbQEAAAABCQJgAX8Bf2AAAAIjARZ3YXNpX3NuYXBzaG90X3ByZXZpZXcxCGZkX2Nsb3NlAAADAgEBBQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAEKCQEHAEEJEAAaCw=="),
   *   (char) => char.charCodeAt(0),
   * );
   * const lines: string[] = [];
   * await run(module, { trace: (line) => lines.push(line) });
   * assert.deepEqual(lines, ["fd_close(9) => BADF"]);
   * ```
   */
  readonly trace?: (line: string) => void;
  /**
   * Ends the guest at its next host call or while it waits; the guest can't catch that, and `run` rejects with the
   * signal's reason. Only where the guest can be suspended: `runSync`, and Node without JavaScript Promise Integration,
   * reject it.
   */
  readonly signal?: WebAbortSignal;
}

/** How a guest ended by itself. */
export interface RunResult {
  /** Exit code (u32): 0 when `_start` returned; 128 + n when the guest raised signal n. */
  readonly exitCode: number;
  /** `Signal` that the guest raised (u8), if it did. */
  readonly signal?: number;
}

/**
 * Captured output: text for `"text"`, bytes for `"bytes"`, and no property otherwise. It is optional if it depends on
 * options whose values are unknown at compile time, such as those of the type {@linkcode RunOptions}.
 */
export type Captured<Options extends RunOptions> =
  & CapturedAs<"stdout", Options["stdout"]>
  & CapturedAs<"stderr", Options["stderr"]>;

/** One output of {@linkcode Captured}. */
export type CapturedAs<Name extends string, Sink> = [CapturedValue<Sink>] extends [never] ? unknown
  : [Sink] extends ["text" | "bytes"] ? { readonly [key in Name]: CapturedValue<Sink> }
  : { readonly [key in Name]?: CapturedValue<Sink> };

/** Type of the captured value for a sink, or for a union of sinks. */
export type CapturedValue<Sink> = Sink extends "text" ? string : Sink extends "bytes" ? Uint8Array : never;
