/** Reads the bytes of a module from what the caller names. */

import type { Platform } from "../../contract/platform.ts";
import type { Bytes, WebResponse, WebUrl } from "../../contract/web_types.ts";
import { ModuleError } from "../errors.ts";
import { formatValue } from "../options/format_value.ts";
import type { BlobSource, ModuleSource } from "../options/options.ts";

/** A source that must be read or compiled. */
export type ByteSource = string | WebUrl | WebResponse | BlobSource | Bytes | ArrayBuffer;

/** The bytes of a module. */
export interface SourceBytes {
  /** All of them. */
  readonly bytes: Bytes;
  /** Where they came from, or `the module`. */
  readonly label: string;
  /** Last part of the path, for `argv[0]`. */
  readonly basename: string;
}

/** Reads files of the host. */
export type ModuleFiles = Pick<Platform, "readFile">;

/** What a module without a name is called. */
export const UNNAMED: Omit<SourceBytes, "bytes"> = { label: "the module", basename: "main.wasm" };

/** True for a promise of a module. */
export function isPromise(source: ModuleSource): source is PromiseLike<Awaited<ModuleSource>> {
  return typeof source === "object" && source !== null && typeof (source as { then?: unknown }).then === "function";
}

/** The source that a promise resolves to. @throws {ModuleError} If it rejects. */
export async function settled(source: PromiseLike<Awaited<ModuleSource>>): Promise<Awaited<ModuleSource>> {
  try {
    return await source;
  } catch (error) {
    throw new ModuleError(`Cannot load the module: the promise of it was rejected: ${reason(error)}`, { cause: error });
  }
}

/**
 * Read what must be waited for.
 *
 * @returns Undefined for what can be read at once, so that it can begin to compile at once.
 * @throws {ModuleError} If it can't be read.
 */
export function fetchSource(source: ByteSource): Promise<SourceBytes> | undefined {
  if (isResponse(source)) return readResponse(source, source.url || UNNAMED.label);
  if (isBlob(source)) return readBlob(source);
  const url = asUrl(source);
  return url === undefined || url.protocol === "file:" ? undefined : fetchUrl(url);
}

async function readBlob(blob: BlobSource): Promise<SourceBytes> {
  const { name } = blob as { readonly name?: unknown };
  const label = typeof name === "string" && name !== "" ? name : UNNAMED.label;
  try {
    return { bytes: new Uint8Array(await blob.arrayBuffer()), label, basename: basenameOf(label) };
  } catch (error) {
    throw new ModuleError(`Cannot read ${label}: ${reason(error)}`, { cause: error });
  }
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
  try {
    return { bytes: new Uint8Array(await response.arrayBuffer()), label, basename: basenameOf(label) };
  } catch (error) {
    throw new ModuleError(`Cannot read the response of ${label}: ${reason(error)}`, { cause: error });
  }
}

/**
 * Read what can be read at once.
 *
 * @throws {ModuleError} If it can't be read.
 * @throws {TypeError} If it must be waited for, or is nothing that a module can be loaded from.
 */
export function readSourceSync(source: ByteSource, files: ModuleFiles): SourceBytes {
  if (source instanceof Uint8Array) return { bytes: source, ...UNNAMED };
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source), ...UNNAMED };
  if (typeof source !== "string" && !(source instanceof URL)) throw notLoadable(source);
  if (source === "") throw new TypeError("Cannot load a module: its path is empty");
  const url = asUrl(source);
  if (url !== undefined && url.protocol !== "file:") {
    throw new TypeError(`Cannot load ${url.href} synchronously: use run, or fetch it first and pass the bytes`);
  }
  const label = url === undefined ? String(source) : decodeURIComponent(url.pathname);
  try {
    return { bytes: files.readFile(url ?? String(source)), label, basename: basenameOf(label) };
  } catch (error) {
    throw new ModuleError(`Cannot read ${label}: ${reason(error)}`, { cause: error });
  }
}

function notLoadable(source: unknown): TypeError {
  const isLater = isResponse(source) || isBlob(source) || isPromise(source as ModuleSource);
  if (isLater) {
    return new TypeError(`Cannot load ${formatValue(source)} synchronously: use run, or await it and pass its bytes`);
  }
  return new TypeError(
    `Cannot load ${
      formatValue(source)
    } as a module: pass its path, URL or bytes, a Blob, a Response, a promise of one of ` +
      "these, or a WebAssembly.Module",
  );
}

/** By its tag: to name the global `Response` makes Node load its whole HTTP client, which takes 40 ms. */
function isResponse(source: unknown): source is Response {
  return Object.prototype.toString.call(source) === "[object Response]";
}

/** A `Blob`, a `File` or a file of Bun. */
function isBlob(source: unknown): source is BlobSource {
  return /^\[object (?:Blob|File)\]$/.test(Object.prototype.toString.call(source));
}

/** A string is a URL if it has a scheme of two letters or more; one letter is a drive. */
function asUrl(source: unknown): URL | undefined {
  if (source instanceof URL) return source;
  if (typeof source !== "string" || !/^[a-z][a-z0-9+.-]+:/i.test(source)) return undefined;
  try {
    return new URL(source);
  } catch (error) {
    throw new TypeError(`Cannot load ${source}: it is not a valid URL`, { cause: error });
  }
}

function basenameOf(path: string): string {
  const [, name] = /([^\\/?#]*)\/*(?:[?#].*)?$/s.exec(path) ?? [];
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
