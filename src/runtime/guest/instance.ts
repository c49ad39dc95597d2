/** An instance of a core module: linked to preview 1, called, ended. */

import type { WaitMode } from "../../contract/platform.ts";
import { GuestMemory } from "../../preview1/abi/memory.ts";
import { GuestOutcome } from "../../core/guest/outcome.ts";

import type { SocketImports } from "../../preview1/abi/sockets.ts";
import type { System } from "../../preview1/system.ts";
import type { Watch } from "../../preview1/trace/trace.ts";
import type { GuestEnvironment } from "../environment/environment.ts";
import { checkBounds } from "../module/bounds.ts";
import type { LoadedModule } from "../module/load.ts";
import { checkImports } from "../options/check_options.ts";
import type { HostImports, RunOptions } from "../options/options.ts";
import { exportedMemory, narrowMemory } from "./exported_memory.ts";
import { GuestCalls } from "./guest_calls.ts";
import { HostGuard } from "./host_guard.ts";
import { collectImports, type ImportOptions } from "./imports.ts";
import { preview1System } from "./preview1_system.ts";
import { checkEntryPoint, checkExports, refusedModule } from "./refused_module.ts";
import type { WitImports, WitLinker } from "./wit_imports.ts";

/** Makes the trace of a guest. */
export type Tracer = (system: System, memory: GuestMemory) => Watch;

/** Options of an instance. */
export interface InstanceOptions {
  /** Makes the trace of the guest. */
  readonly tracer?: Tracer | undefined;
  /** Makes the functions for sockets; none if the module imports none. */
  readonly sockets?: SocketImports | undefined;
  /** Links the functions of WIT that the module imports; none if it imports none. */
  readonly wit?: WitLinker | undefined;
}

/** A guest. It can be called once it is instantiated. */
export class GuestInstance {
  /** What it runs in; closed with it. */
  readonly environment: GuestEnvironment;
  /** The system behind its imports. */
  readonly system: System;
  /** Calls its exports. */
  readonly calls: GuestCalls;
  /** The functions of WIT that it imports; undefined if it imports none. */
  readonly wit: WitImports | undefined;
  readonly #outcome: GuestOutcome = new GuestOutcome();
  readonly #loaded: LoadedModule;
  readonly #memory: GuestMemory;
  readonly #imports: WebAssembly.Imports;
  #exports: WebAssembly.Exports = Object.freeze({});
  readonly #releaseSignal: () => void;

  /**
   * @param loaded The module.
   * @param environment What it runs in; released if the module can't be run.
   * @param options Options of the instance.
   * @throws {ModuleError} If the module can't be run.
   * @throws {TypeError} If the options of the caller are wrong.
   */
  constructor(
    loaded: LoadedModule,
    environment: GuestEnvironment,
    options: InstanceOptions = {},
  ) {
    this.environment = environment;
    this.#loaded = loaded;
    this.#memory = new GuestMemory(this.#outcome);
    this.calls = new GuestCalls(this.#outcome);
    const { options: { signal }, interrupt } = environment;
    this.#outcome.onEnd(() => interrupt?.raise(this.#outcome.reason));
    this.#releaseSignal = endWith(signal, this.#outcome);
    try {
      checkExports(loaded);
      checkBounds(loaded, environment.options);
      this.wit = options.wit?.link({ environment, outcome: this.#outcome });
      this.system = preview1System(environment, loaded.basename, this.wit?.heldStdio);
      if (this.wit?.stack !== undefined) this.calls.follow(this.wit.stack);
      this.#imports = this.#link(options);
    } catch (error) {
      this.#release();
      throw refusedModule(loaded, error) ?? error;
    }
  }

  /** Exports of the module; none until it is instantiated, and none if the guest ended in that. */
  get exports(): WebAssembly.Exports {
    return this.#exports;
  }

  #link({ tracer, sockets }: InstanceOptions): WebAssembly.Imports {
    const watch = tracer?.(this.system, this.#memory);
    const imports = callerImports(this.environment.options, () => exportedMemory(this.exports));
    const own = { imports, guard: new HostGuard(this.#outcome, this.calls.turns), wit: this.wit };
    return collectImports(
      this.#loaded,
      this.system,
      this.#memory,
      own,
      { ...importOptions(this.environment, sockets), suspend: this.wit?.suspend },
      watch,
    );
  }

  /**
   * Instantiate the module. The main thread of a browser instantiates large ones only so.
   *
   * @throws {ModuleError} If it can't be linked.
   */
  async instantiate(): Promise<void> {
    try {
      this.#attach(await WebAssembly.instantiate(this.#loaded.module, this.#imports));
    } catch (error) {
      this.#endInstantiation(error);
    }
  }

  /** As {@linkcode instantiate}, at once. */
  instantiateSync(): void {
    try {
      this.#attach(new WebAssembly.Instance(this.#loaded.module, this.#imports));
    } catch (error) {
      this.#endInstantiation(error);
    }
  }

  #attach({ exports }: WebAssembly.Instance): void {
    checkEntryPoint(this.#loaded, exports);
    this.#exports = exports;
    this.calls.attach(exports);
    if (this.#outcome.ended) return;
    this.#memory.attach(narrowMemory(this.#loaded, exports));
    this.wit?.attach(exports);
  }

  /** A start section that ends the guest does so as every other call: {@linkcode start} throws what ended it. */
  #endInstantiation(error: unknown): void {
    const refused = refusedModule(this.#loaded, this.#outcome.ended ? this.#outcome.reason : error);
    if (refused !== undefined) {
      this.#release();
      throw refused;
    }
    this.#outcome.end(error);
    this.calls.attach(this.#exports);
  }

  /**
   * Start the guest, and wait until its start function and its entry point have returned.
   *
   * @param entry The entry point; none if the caller starts it.
   * @throws {WasiExit} When the guest exits.
   * @throws {TrapError} When it traps.
   */
  async start(entry: string | undefined): Promise<void> {
    this.#checkStarted();
    for (const name of [this.#loaded.startFunction, entry]) {
      if (name !== undefined) await this.calls.call(name, []);
    }
  }

  /** As {@linkcode start}, at once. */
  startSync(entry: string): void {
    this.#checkStarted();
    for (const name of [this.#loaded.startFunction, entry]) {
      if (name !== undefined) this.calls.callSync(name, []);
    }
  }

  /** @throws What ended the guest while it was instantiated, if something did. */
  #checkStarted(): void {
    if (this.#outcome.ended) throw this.calls.failure(undefined);
  }

  /** End the guest, and close all that it has open. */
  close(): void {
    this.#releaseSignal();
    this.calls.close();
    this.wit?.close();
    this.environment.close();
  }

  /** The guest could not be started. */
  #release(): void {
    this.#releaseSignal();
    this.environment.release();
  }
}

/** End the guest when a signal is aborted. @returns Call it to have the signal forget the guest. */
export function endWith(signal: AbortSignal | undefined, outcome: GuestOutcome): () => void {
  if (signal === undefined) return () => {};
  const end = (): void => outcome.end(signal.reason);
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return () => signal.removeEventListener("abort", end);
}

/**
 * How the imports of a guest wait: only the calls that may wait for the event loop suspend it.
 *
 * @param environment What it runs in.
 * @param socketImports Makes the functions for sockets; undefined if it imports none.
 */
export function importOptions(
  { mode, network, stdio, options }: Pick<GuestEnvironment, "mode" | "network" | "stdio" | "options">,
  socketImports: SocketImports | undefined,
): ImportOptions {
  const modeIf = (needsEventLoop: boolean): WaitMode => needsEventLoop ? mode : "block";
  const hasNetwork = network !== undefined;
  return {
    mode,
    reads: modeIf(hasNetwork || stdio.stdin.needsEventLoop),
    writes: modeIf(hasNetwork || stdio.stdout.needsEventLoop || stdio.stderr.needsEventLoop),
    sockets: modeIf(hasNetwork),
    extension: options.net?.sockets ?? "auto",
    socketImports,
  };
}

function callerImports({ imports = {} }: RunOptions, memory: () => WebAssembly.Memory): HostImports {
  if (typeof imports !== "function") return imports as HostImports;
  const made = imports({ memory });
  checkImports(made);
  return made;
}
