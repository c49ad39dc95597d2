/**
 * A guest whose every import can be called with any arguments, and whose memory is looked at byte for byte.
 *
 * @module
 */

import { expect } from "vitest";
import { SOCKET_IMPORTS } from "../../src/preview1/abi/sockets.ts";
import { GuestEnvironment } from "../../src/runtime/environment/environment.ts";
import { GuestInstance } from "../../src/runtime/guest/instance.ts";
import type { RunOptions } from "../../src/runtime/options/options.ts";
import { type MemoryPlatform, memoryPlatform, type MemoryPlatformOptions } from "../../src/platform/memory/mod.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import { proxyModule } from "../tools/proxy.ts";

/** What memory is filled with before each call: `?`. */
export const SENTINEL = 0x3f;

/** Bytes of the guest's memory. */
export const MEMORY_SIZE = 65536;

/** Where {@linkcode AbiGuest.path} puts strings. */
const STRINGS = 32768;

const encoder = new TextEncoder();

const modules = new Map<string, WebAssembly.Module>();

/** The proxy for a module of imports, compiled once. */
export function compiledProxy(name: string): WebAssembly.Module {
  let module = modules.get(name);
  if (module === undefined) modules.set(name, module = new WebAssembly.Module(proxyModule({ module: name })));
  return module;
}

/** What an {@linkcode AbiGuest} is made with. */
export interface AbiGuestOptions extends MemoryPlatformOptions {
  /** Module of the imports. Default: `wasi_snapshot_preview1`. */
  readonly module?: string;
  /** Options of the guest. Default: the whole of the files at `/`, standard streams inherited. */
  readonly run?: RunOptions;
}

/** Bytes that a call is to store, by their addresses. */
export type Regions = Readonly<Record<number, readonly number[] | Uint8Array | string>>;

/** An argument as a test writes it. */
export type Argument = number | bigint;

/** Little-endian bytes of numbers, each with its size: `[[1, 4], [2n, 8]]`. */
export function le(...numbers: readonly (readonly [value: number | bigint, size: number])[]): number[] {
  const bytes: number[] = [];
  for (const [value, size] of numbers) {
    const unsigned = BigInt.asUintN(size * 8, BigInt(value));
    for (let i = 0; i < size; i++) bytes.push(Number((unsigned >> BigInt(8 * i)) & 0xffn));
  }
  return bytes;
}

/** A guest on the platform in memory that blocks. */
export class AbiGuest {
  readonly platform: MemoryPlatform;
  readonly instance: GuestInstance;
  readonly bytes: Uint8Array;
  #strings = STRINGS;

  constructor(options: AbiGuestOptions = {}) {
    const { module = "wasi_snapshot_preview1", run, ...files } = options;
    this.platform = memoryPlatform(files);
    const loaded = { module: compiledProxy(module), label: "proxy", basename: "proxy.wasm", bytes: undefined };
    const inherit = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
    const runOptions = { preopens: { "/": "." }, ...inherit, ...run };
    const environment = new GuestEnvironment(runOptions, this.platform, "block");
    this.instance = new GuestInstance(loaded, environment, { sockets: SOCKET_IMPORTS });
    this.instance.instantiateSync();
    this.bytes = new Uint8Array((this.instance.exports["memory"] as WebAssembly.Memory).buffer);
    this.bytes.fill(SENTINEL);
  }

  get view(): DataView {
    return new DataView(this.bytes.buffer);
  }

  /** Call an import. */
  call(name: string, ...args: readonly Argument[]): number {
    return this.instance.calls.callSync(name, args) as number;
  }

  /** Call an import that is to succeed. */
  must(name: string, ...args: readonly Argument[]): void {
    expect(errnoName(this.call(name, ...args)), name).toBe("SUCCESS");
  }

  /** Store bytes. */
  put(ptr: number, bytes: readonly number[] | Uint8Array): number {
    this.bytes.set(bytes, ptr);
    return ptr;
  }

  /** Store a string, or its bytes. @returns Its address and length. */
  path(text: string | readonly number[]): [ptr: number, length: number] {
    const bytes = typeof text === "string" ? encoder.encode(text) : text;
    const ptr = this.put(this.#strings, bytes);
    this.#strings += bytes.length + 1;
    return [ptr, bytes.length];
  }

  /** Fill memory with `?` again. */
  reset(): void {
    this.bytes.fill(SENTINEL);
    this.#strings = STRINGS;
  }

  /** Call an import, and check what it answers, and that it stored these bytes and no other. */
  check(name: string, args: readonly Argument[], errno: Errno, regions: Regions = {}): void {
    const expected = this.bytes.slice();
    for (const [ptr, bytes] of Object.entries(regions)) {
      expected.set(typeof bytes === "string" ? encoder.encode(bytes) : bytes, Number(ptr));
    }
    expect(errnoName(this.call(name, ...args)), name).toBe(errnoName(errno));
    expect(differences(this.bytes, expected), `memory after ${name}`).toEqual([]);
  }

  /** Open a path with all rights. @returns The descriptor. */
  open(path: string, options: { oflags?: number; rights?: bigint; fdflags?: number } = {}): number {
    const { oflags = 0, rights = 0x3fffffffn, fdflags = 0 } = options;
    this.must("path_open", 3, 1, ...this.path(path), oflags, rights, 0x3fffffffn, fdflags, 0);
    return this.view.getUint32(0, true);
  }

  close(): void {
    this.instance.close();
  }
}

/** Where two memories differ, at most ten places: `[address, is, should be]`. */
export function differences(actual: Uint8Array, expected: Uint8Array): [number, number, number][] {
  const found: [number, number, number][] = [];
  for (let i = 0; i < actual.length && found.length < 10; i++) {
    if (actual[i] !== expected[i]) found.push([i, actual[i]!, expected[i]!]);
  }
  return found;
}
