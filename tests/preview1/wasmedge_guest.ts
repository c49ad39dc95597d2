/**
 * A guest on a virtual network that can call every function of WasmEdge's extension, with either number of arguments, and
 * whose memory is looked at byte for byte.
 *
 * @module
 */

import { expect } from "vitest";
import { type VirtualNetwork, virtualNetwork } from "../../src/platform/memory/mod.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import type { GuestInstance } from "../../src/runtime/guest/instance.ts";
import { instantiateGuest } from "../../src/runtime/guest/instantiate_guest.ts";
import { type ExportFunction, promising } from "../../src/runtime/jspi.ts";
import type { NetOptions, RunOptions } from "../../src/runtime/options/options.ts";
import { Errno, errnoName } from "../../src/witx/errno.ts";
import type { Parameter } from "../../src/witx/signature.ts";
import { WASMEDGE_SIGNATURES } from "../../src/witx/wasmedge.ts";
import { functionType, signatureOf } from "../tools/proxy.ts";
import { assemble } from "../tools/wat.ts";
import { type Argument, differences, le, MEMORY_SIZE, type Regions, SENTINEL } from "./abi_guest.ts";

/** Functions of the extension by the names of the exports that call them: `sock_accept/2`, `sock_accept_v2/3`. */
export const EXTENSION: ReadonlyMap<string, { readonly name: string; readonly params: readonly Parameter[] }> = new Map(
  Object.entries(WASMEDGE_SIGNATURES).flatMap(([name, { v1, v2 }]) =>
    ["", "_v2"].flatMap((suffix) =>
      [v1, v2].map(({ params }) => [`${name}${suffix}/${params.length}`, { name: `${name}${suffix}`, params }] as const)
    )
  ),
);

/** Functions of preview 1 that guests need beside them. */
const OTHERS = ["fd_close", "fd_read", "fd_write", "fd_fdstat_get", "fd_fdstat_set_flags", "poll_oneoff", "path_open"];

/** Which functions a module imports. */
export interface Imports {
  /** Exports of {@linkcode EXTENSION}. Default: all. */
  readonly extension?: readonly string[];
}

const modules = new Map<string, WebAssembly.Module>();

/** A module of these imports; it exports each, and its memory. */
export function extensionModule({ extension = [...EXTENSION.keys()] }: Imports = {}): WebAssembly.Module {
  const key = extension.join();
  const known = modules.get(key);
  if (known !== undefined) return known;
  const functions = extension.map((as) => {
    const { name, params } = EXTENSION.get(as)!;
    return { as, name, type: `(param${" i32".repeat(params.length)}) (result i32)`, count: params.length };
  });
  for (const name of OTHERS) {
    const signature = signatureOf(name);
    functions.push({ as: name, name, type: functionType(signature), count: signature.params.length });
  }
  const text = [
    "(module",
    ...functions.map(({ as, name, type }) => `(import "wasi_snapshot_preview1" "${name}" (func $${as} ${type}))`),
    '(memory (export "memory") 1)',
    '(func (export "_initialize"))',
    ...functions.map(({ as, type, count }) => {
      const args = Array.from({ length: count }, (_, i) => `(local.get ${i})`).join(" ");
      return `(func (export "${as}") ${type} (call $${as} ${args}))`;
    }),
    ")",
  ];
  const module = new WebAssembly.Module(assemble("extension.wat", text.join("\n")));
  modules.set(key, module);
  return module;
}

/** What a guest is made with. */
export interface WasmEdgeOptions {
  readonly imports?: Imports;
  /** Its network; undefined for none. Default: everything is allowed, on a virtual network. */
  readonly net?: NetOptions | undefined;
  readonly run?: RunOptions;
}

/** Where strings, records and results of tests are. */
export const At = {
  RESULT: 100,
  OTHER: 200,
  THIRD: 300,
  VECTORS: 1000,
  RECORD: 2000,
  BUFFER: 3000,
  DATA: 8000,
} as const;

const encoder = new TextEncoder();

/** The guest. */
export class WasmEdgeGuest {
  readonly instance: GuestInstance;
  readonly virtual: VirtualNetwork;
  readonly bytes: Uint8Array;

  private constructor(instance: GuestInstance, virtual: VirtualNetwork) {
    this.instance = instance;
    this.virtual = virtual;
    this.bytes = new Uint8Array((instance.exports["memory"] as WebAssembly.Memory).buffer);
    this.bytes.fill(SENTINEL);
  }

  static async start(options: WasmEdgeOptions = {}): Promise<WasmEdgeGuest> {
    const virtual = virtualNetwork({ hosts: { "one.test": "10.0.0.1", "two.test": ["10.0.0.2", "fd00::2"] } });
    const module = extensionModule(options.imports);
    const loading = { compiled: module, label: "extension", basename: "extension.wasm", bytes: undefined };
    const net = "net" in options ? options.net : { allow: true as const };
    const network = net === undefined ? {} : { net: { network: virtual.network, ...net } };
    const platform = detectPlatform()();
    const run = { stdout: "null", stderr: "null", ...options.run, ...network } as const;
    return new WasmEdgeGuest(await instantiateGuest(loading, run, platform, "suspend"), virtual);
  }

  /** A guest of {@linkcode extensionModule} that was made otherwise. */
  static over(instance: GuestInstance): WasmEdgeGuest {
    return new WasmEdgeGuest(instance, virtualNetwork());
  }

  get view(): DataView {
    return new DataView(this.bytes.buffer);
  }

  /** Call an export; waits as the guest would. Calls may overlap: this guest has no stack of its own. */
  async call(name: string, ...args: readonly Argument[]): Promise<string> {
    return errnoName(await promising(this.instance.exports[name] as ExportFunction)(...args) as number);
  }

  /** Call one that is to succeed. */
  async must(name: string, ...args: readonly Argument[]): Promise<void> {
    expect(await this.call(name, ...args), name).toBe("SUCCESS");
  }

  /** Call one, and check what it answers, and that it stored these bytes and no other. */
  async check(name: string, args: readonly Argument[], errno: string, regions: Regions = {}): Promise<void> {
    const expected = this.bytes.slice();
    for (const [ptr, bytes] of Object.entries(regions)) {
      expected.set(typeof bytes === "string" ? encoder.encode(bytes) : bytes, Number(ptr));
    }
    expect(await this.call(name, ...args), name).toBe(errno);
    expect(differences(this.bytes, expected), `memory after ${name}`).toEqual([]);
  }

  /** Store bytes or text. @returns `ptr`. */
  put(ptr: number, bytes: readonly number[] | Uint8Array | string): number {
    this.bytes.set(typeof bytes === "string" ? encoder.encode(bytes) : bytes, ptr);
    return ptr;
  }

  /** The u32 at an address. */
  u32(ptr: number): number {
    return this.view.getUint32(ptr, true);
  }

  /** Store an address record of this length with these bytes at its start. @returns Its address. */
  record(bytes: readonly number[] = [], length: number = bytes.length): number {
    this.bytes.fill(SENTINEL, At.BUFFER, At.BUFFER + 300);
    this.put(At.BUFFER, bytes);
    return this.put(At.RECORD, le([At.BUFFER, 4], [length, 4]));
  }

  /** Store vectors. @returns Their address. */
  vectors(...pieces: readonly (readonly [ptr: number, length: number])[]): number {
    return this.put(At.VECTORS, pieces.flatMap(([ptr, length]) => le([ptr, 4], [length, 4])));
  }

  /** Make a socket. */
  async open(family = 1, type = 2): Promise<number> {
    await this.must("sock_open/3", family, type, At.RESULT);
    return this.u32(At.RESULT);
  }

  /** Make a socket that listens at a loopback address. */
  async listen(port: number): Promise<number> {
    const fd = await this.open();
    await this.must("sock_bind/3", fd, this.record([127, 0, 0, 1]), port);
    await this.must("sock_listen/2", fd, 8);
    return fd;
  }

  /** The port that a socket is bound to. */
  async portOf(fd: number): Promise<number> {
    this.record([], 4);
    await this.must("sock_getlocaladdr/4", fd, At.RECORD, At.OTHER, At.RESULT);
    return this.u32(At.RESULT);
  }

  /** Two ends of a connection. `port` may be 0 for any. */
  async pair(port: number): Promise<{ readonly client: number; readonly server: number; readonly listener: number }> {
    const listener = await this.listen(port);
    const bound = port === 0 ? await this.portOf(listener) : port;
    const client = await this.open();
    await this.must("sock_connect/3", client, this.record([127, 0, 0, 1]), bound);
    await this.must("sock_accept/2", listener, At.RESULT);
    return { client, server: this.u32(At.RESULT), listener };
  }

  /** A bound datagram socket. */
  async datagrams(port: number): Promise<number> {
    const fd = await this.open(1, 1);
    await this.must("sock_bind/3", fd, this.record([127, 0, 0, 1]), port);
    return fd;
  }

  /** Fill memory with `?` again. */
  reset(): void {
    this.bytes.fill(SENTINEL);
  }

  close(): void {
    this.instance.close();
  }
}

/** The wide form of an address: its family, and its bytes up to 128. */
export function wide(family: number, bytes: readonly number[] | string): number[] {
  const tail = typeof bytes === "string" ? [...encoder.encode(bytes)] : bytes;
  return [family, 0, ...tail, ...new Array<number>(126 - tail.length).fill(0)];
}

/** The last address at which `size` bytes still lie in memory. */
export function lastOf(size: number): number {
  return MEMORY_SIZE - size;
}

/** For tests of errors that are told by their numbers. */
export const SUCCESS: string = errnoName(Errno.SUCCESS);
