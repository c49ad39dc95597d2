/** From what the caller names to a compiled module. */

import type { Platform } from "../core/platform.ts";
import { ModuleError } from "./errors.ts";
import type { ModuleSource } from "./options.ts";

/** What has yet to be read or compiled. */
type ByteSource = string | URL | Response | Uint8Array<ArrayBuffer> | ArrayBuffer;

/** A module and what it is called in messages. */
export interface LoadedModule {
  /** The compiled module. */
  readonly module: WebAssembly.Module;
  /** Where it came from, or `the module`. */
  readonly label: string;
  /** Last part of the path, for `argv[0]`. */
  readonly basename: string;
  /** The bytes, where they were read here: they tell more than the compiled module does. */
  readonly bytes: Uint8Array | undefined;
}

/** Changes a module before it is compiled. */
export type ModuleChange = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

const UNNAMED = { label: "the module", basename: "main.wasm" };

/**
 * Load and compile, without blocking while it compiles. What can be read at once has begun to compile when this call
 * returns its promise.
 *
 * @param source What to load.
 * @param platform Reads files.
 * @param change What is done to its bytes; a module that is compiled already stays as it is.
 * @throws {ModuleError} If there is nothing to be read, or it is no module.
 */
export async function loadModule(
  source: ModuleSource,
  platform: Platform,
  change?: ModuleChange,
): Promise<LoadedModule> {
  if (source instanceof WebAssembly.Module) return { module: source, bytes: undefined, ...UNNAMED };
  const fetched = fetchSource(source as ByteSource);
  const { bytes: read, label, basename } = fetched === undefined
    ? readSourceSync(source as ByteSource, platform)
    : await fetched;
  checkHeader(read, label);
  const bytes = change === undefined ? read : change(read);
  try {
    return { module: await WebAssembly.compile(bytes), bytes, label, basename };
  } catch (error) {
    throw notCompiled(label, error);
  }
}

/** As {@linkcode loadModule}, at once: no URL that must be fetched and no response. */
export function loadModuleSync(source: ModuleSource, platform: Platform, change?: ModuleChange): LoadedModule {
  if (source instanceof WebAssembly.Module) return { module: source, bytes: undefined, ...UNNAMED };
  const { bytes: read, label, basename } = readSourceSync(source as ByteSource, platform);
  checkHeader(read, label);
  const bytes = change === undefined ? read : change(read);
  try {
    return { module: new WebAssembly.Module(bytes), bytes, label, basename };
  } catch (error) {
    throw notCompiled(label, error);
  }
}

interface SourceBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly label: string;
  readonly basename: string;
}

/** What has to be waited for; undefined for what can be read at once, so that compiling it begins at once too. */
function fetchSource(source: ByteSource): Promise<SourceBytes> | undefined {
  if (isResponse(source)) return readResponse(source, source.url || UNNAMED.label);
  const url = asUrl(source);
  return url === undefined || url.protocol === "file:" ? undefined : fetchUrl(url);
}

async function fetchUrl(url: URL): Promise<SourceBytes> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new ModuleError(`Cannot fetch ${url.href}: ${reason(error)}`, { cause: error });
  }
  return await readResponse(response, url.href);
}

async function readResponse(response: Response, label: string): Promise<SourceBytes> {
  if (!response.ok) throw new ModuleError(`Cannot fetch ${label}: the server answered ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { bytes, label, basename: basenameOf(label) };
}

function readSourceSync(source: ByteSource, platform: Platform): SourceBytes {
  if (source instanceof Uint8Array) return { bytes: source, ...UNNAMED };
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source), ...UNNAMED };
  if (isResponse(source)) throw new TypeError("Cannot load a Response synchronously: use run, or pass its bytes");
  const url = asUrl(source);
  if (url !== undefined && url.protocol !== "file:") {
    throw new TypeError(`Cannot load ${url.href} synchronously: use run, or fetch it first and pass the bytes`);
  }
  const label = url === undefined ? String(source) : decodeURIComponent(url.pathname);
  try {
    return { bytes: platform.readFile(url ?? String(source)), label, basename: basenameOf(label) };
  } catch (error) {
    throw new ModuleError(`Cannot read ${label}: ${reason(error)}`, { cause: error });
  }
}

/** By its tag: to name the global `Response` makes Node load its whole HTTP client, which takes 40 ms. */
function isResponse(source: ByteSource): source is Response {
  return Object.prototype.toString.call(source) === "[object Response]";
}

/** A string is a URL if it has a scheme of two letters or more; one letter is a drive. */
function asUrl(source: string | URL | Uint8Array | ArrayBuffer): URL | undefined {
  if (source instanceof URL) return source;
  return typeof source === "string" && /^[a-z][a-z0-9+.-]+:/i.test(source) ? new URL(source) : undefined;
}

function basenameOf(path: string): string {
  const name = path.replace(/[?#].*$/, "").replace(/\/+$/, "").split(/[\\/]/).at(-1);
  return name === undefined || name === "" ? UNNAMED.basename : name;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  switch ((error as { code?: unknown }).code) {
    case "ENOENT":
      return "there is no such file";
    case "EISDIR":
      return "it is a directory; name the .wasm file in it";
    case "EACCES":
      return "permission denied; check who may read it";
    default:
      return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
  }
}

/**
 * A binary begins with:
 *
 *     0        4         6       8
 *     | \0asm  | version | layer |
 *
 * Layer 0 is a core module, layer 1 a component.
 */
function checkHeader(bytes: Uint8Array, label: string): void {
  if (bytes.length === 0) throw new ModuleError(`Cannot run ${label}: the file is empty`);
  const isWasm = bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
  if (!isWasm) {
    throw new ModuleError(`Cannot run ${label}: it is not WebAssembly (it does not begin with \\0asm)${guess(bytes)}`);
  }
  if (bytes.length < 8) throw new ModuleError(`Cannot run ${label}: it ends within its header; the file is truncated`);
  if (bytes[6] === 1) {
    throw new ModuleError(
      `Cannot run ${label}: it is a component (WASI preview 2 or later), and only core modules of preview 1 are run; ` +
        "build it for wasip1 (Go: GOOS=wasip1, Rust: --target wasm32-wasip1)",
    );
  }
}

function guess(bytes: Uint8Array): string {
  const begins = (text: string): boolean => [...text].every((char, i) => bytes[i] === char.charCodeAt(0));
  if (begins("(module") || begins("(component")) return "; it looks like text: assemble it with wat2wasm first";
  if (begins("\x7fELF")) return "; it is a native program: build it for wasip1 (Go: GOOS=wasip1 GOARCH=wasm)";
  if (begins("#!")) return "; it is a script";
  return "";
}

function notCompiled(label: string, error: unknown): ModuleError {
  const message = error instanceof Error ? error.message : String(error);
  const isShort =
    /past end|end of|unexpected end|extends past|expected \d+ bytes|truncat|reached end|overflow module's size|module's remaining size|can't get|couldn't get/i
      .test(message);
  return new ModuleError(`Cannot compile ${label}: ${message}${isShort ? "; the file may be truncated" : ""}`, {
    cause: error,
  });
}
