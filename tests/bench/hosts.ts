/** The hosts that are measured side by side: wasirun without and with suspension, and `node:wasi` of the runtime. */

import { GuestMemory } from "../../src/preview1/abi/memory.ts";
import { preview1 } from "../../src/preview1/abi/preview1.ts";
import { System } from "../../src/preview1/system.ts";
import { Mount } from "../../src/core/fs/mounted_directory.ts";
import type { Platform, WaitMode } from "../../src/contract/platform.ts";
import { GuestWaiter } from "../../src/core/io/wait.ts";
import { promising, suspending } from "../../src/runtime/jspi.ts";
import { nullStream } from "../../src/runtime/stdio/fixed_streams.ts";

/** A host that a module can be instantiated with. */
export interface Host {
  /** Name of the column. */
  readonly name: string;
  /** Functions of preview 1. */
  readonly imports: WebAssembly.ModuleImports;
  /** The same functions as they can be called from JavaScript, where {@linkcode Host.imports} are wrapped. */
  readonly opener?: WebAssembly.ModuleImports;
  /** Let the host know the guest's memory. */
  readonly attach: (memory: WebAssembly.Memory) => void;
  /** Makes an export callable; the result is awaited. */
  readonly wrap: (run: (n: number) => number) => (n: number) => number | Promise<unknown>;
}

/** What `run` wraps for a guest whose standard streams do not need the event loop. */
const SUSPENDED: readonly string[] = ["poll_oneoff", "sched_yield"];

/**
 * wasirun over the platform of the runtime.
 *
 * @param folder Mounted at `/`, as descriptor 3.
 * @param mode How the guest waits: `"suspend"` as with `run`, `"block"` as with `runSync`.
 */
export function wasirunHost(platform: Platform, folder: string, mode: WaitMode): Host {
  const memory = new GuestMemory();
  const system = new System({
    platform,
    waiter: new GuestWaiter(platform, mode),
    args: ["bench.wasm"],
    environ: [],
    mounts: [new Mount("/", platform.openRoot(folder))],
    stdio: { stdin: nullStream(), stdout: nullStream(), stderr: nullStream() },
    nonBlockingStdio: false,
    maxOpenFiles: 1024,
  });
  const imports: Record<string, WebAssembly.ImportValue> = {};
  const table = preview1(system, memory, { modes: { reads: "block", writes: "block" } });
  for (const [name, fn] of Object.entries(table)) {
    imports[name] = mode === "suspend" && SUSPENDED.includes(name) ? suspending(fn) : fn;
  }
  return {
    name: mode === "suspend" ? "run" : "runSync",
    imports,
    opener: table,
    attach: (guest) => memory.attach(guest),
    wrap: (run) => mode === "suspend" ? promising(run as (...args: unknown[]) => unknown) : run,
  };
}

interface NodeWasi {
  readonly wasiImport: WebAssembly.ModuleImports;
  start(instance: object): unknown;
}

/** `node:wasi` of the runtime, with the same folder. */
export async function nodeWasiHost(folder: string): Promise<Host> {
  const { WASI } = await import("node:wasi");
  const wasi = new WASI({ version: "preview1", preopens: { "/": folder }, returnOnExit: true }) as unknown as NodeWasi;
  return {
    name: "node:wasi",
    imports: wasi.wasiImport,
    attach: (memory) => void wasi.start({ exports: { memory, _start: () => {} } }),
    wrap: (run) => run,
  };
}
