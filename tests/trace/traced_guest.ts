/**
 * A guest that is traced, over memory, whose every import can be called.
 *
 * @module
 */

import { MemoryInput, memoryPlatform } from "../../src/platform/memory/mod.ts";
import type { GuestInstance } from "../../src/runtime/guest/instance.ts";
import { instantiateGuest } from "../../src/runtime/guest/instantiate_guest.ts";
import { type ExportFunction, promising } from "../../src/runtime/jspi.ts";
import type { RunOptions } from "../../src/runtime/options/options.ts";
import { errnoName } from "../../src/witx/errno.ts";
import { type Argument, compiledProxy } from "../preview1/abi_guest.ts";
import { FILE, storeInputs } from "../preview1/arguments.ts";

/** What a {@linkcode TracedGuest} is made with. */
export interface TracedOptions {
  /** Module of the imports. Default: `wasi_snapshot_preview1`. */
  readonly module?: string;
  /** Options of the guest. */
  readonly run?: RunOptions;
}

/** The guest. Its directory has a file `file`, which is open as `FILE`; memory has what `storeInputs` stores. */
export class TracedGuest {
  readonly instance: GuestInstance;
  readonly stdin: MemoryInput;
  readonly #lines: string[];

  private constructor(instance: GuestInstance, stdin: MemoryInput, lines: string[]) {
    this.instance = instance;
    this.stdin = stdin;
    this.#lines = lines;
  }

  static async start({ module = "wasi_snapshot_preview1", run }: TracedOptions = {}): Promise<TracedGuest> {
    const lines: string[] = [];
    const stdin = new MemoryInput();
    const platform = memoryPlatform({ files: { file: "text" }, stdin });
    const loading = { compiled: compiledProxy(module), label: "proxy", basename: "app", bytes: undefined };
    const inherit = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
    const trace = (line: string): void => void lines.push(line);
    const options = { argv0: "app", env: { A: "1" }, preopens: { "/": "." }, ...inherit, trace, ...run };
    const guest = new TracedGuest(await instantiateGuest(loading, options, platform, "suspend"), stdin, lines);
    storeInputs(guest.bytes);
    const opened = await guest.call("path_open", 3, 1, 1024, 4, 0, 0x3fffffffn, 0x3fffffffn, 0, 4096);
    if (opened !== "SUCCESS" || guest.view.getUint32(4096, true) !== FILE) throw new Error(`Cannot open: ${opened}`);
    guest.told();
    return guest;
  }

  get view(): DataView {
    return new DataView(this.#memory.buffer);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.#memory.buffer);
  }

  get #memory(): WebAssembly.Memory {
    return this.instance.exports["memory"] as WebAssembly.Memory;
  }

  /** Call an import; waits as the guest would. Calls may overlap: this guest has no stack of its own. */
  async call(name: string, ...args: readonly Argument[]): Promise<string> {
    return errnoName(await promising(this.instance.exports[name] as ExportFunction)(...args) as number);
  }

  /** The lines since the last time. */
  told(): string[] {
    return this.#lines.splice(0);
  }

  close(): void {
    this.instance.close();
  }
}
