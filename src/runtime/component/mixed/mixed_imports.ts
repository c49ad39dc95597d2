/** The functions of WIT that one instance of a core module imports. */

import type { StringEncoding } from "../../../component/abi/strings.ts";
import { Bindings } from "../../../component/js/bindings.ts";
import { JsImports, type JsImportsOption } from "../../../component/js/imports.ts";
import { Linking } from "../../../component/link/call/linking.ts";
import type { TrampolineModules } from "../../../component/link/call/trampoline_modules.ts";
import type { InstanceExports } from "../../../component/link/link_scope.ts";
import { Store } from "../../../component/link/store.ts";
import type { HeldStdio } from "../../../core/io/held_bytes.ts";
import type { StackState } from "../../../core/io/stack_state.ts";
import type { InterfaceFactories } from "../../../wasi/host.ts";
import { WasiInterfaces } from "../../../wasi/registry.ts";
import type { GuestEnvironment } from "../../environment/environment.ts";
import type { ExitStatus } from "../../guest/exit_status.ts";
import type { ImportedFunction, Suspend, WitClient, WitImports } from "../../guest/wit_imports.ts";
import { ComponentCalls } from "../component_calls.ts";
import { STACKS } from "../shared/component_stacks.ts";
import { flushed, flushedIfPossible } from "../shared/flushed.ts";
import { GuestImports, type ImportSources } from "../guest_imports.ts";
import { asModuleError } from "../shared/link_failure.ts";
import { observer } from "../shared/observer.ts";
import { promisedImports } from "../shared/promised_import.ts";
import { runToEnd, runToEndSync } from "../run_to_end.ts";
import { wasiGuest } from "../wasi_guest.ts";
import { CoreLowering } from "./core_lowering.ts";
import { knownFunctions, type KnownSources } from "./known_functions.ts";
import type { World } from "./type_sections.ts";
import { linkWorld, type UsedFunctions } from "./world_imports.ts";

/** What is known of a module. */
export interface MixedSource {
  /** The worlds that it was built for; undefined if its bytes are not at hand. */
  readonly worlds: readonly World[] | undefined;
  /** What it imports. */
  readonly used: UsedFunctions;
  /** Host interfaces that are not always there. */
  readonly extra: InterfaceFactories;
  /** Compiled trampolines, which all of its instances share. */
  readonly trampolines: TrampolineModules;
  /** What it is called in messages. */
  readonly label: string;
  /** Last part of its path. */
  readonly basename: string;
}

/** Interfaces by the names of the modules that they are imported from, for strings of one encoding. */
interface LinkedWorld {
  readonly interfaces: ReadonlyMap<string, InstanceExports>;
  readonly encoding: StringEncoding;
}

/** Functions of WIT for one guest, with the files, streams and sockets that preview 1 has. */
export class MixedImports implements WitImports {
  readonly stack: StackState | undefined;
  readonly suspend: Suspend | undefined;
  readonly #source: MixedSource;
  readonly #environment: GuestEnvironment;
  readonly #store: Store;
  readonly #interfaces: WasiInterfaces;
  readonly #lowering: CoreLowering;
  readonly #linking: Linking;
  readonly #sources: KnownSources & ImportSources;
  readonly #worlds: readonly LinkedWorld[];
  /** By the names of modules that no world has. */
  readonly #known: Map<string, InstanceExports> = new Map();

  /**
   * @param source The module.
   * @param client The instance.
   * @throws {ModuleError} If something that it imports is missing, or of another type.
   */
  constructor(source: MixedSource, { environment, outcome }: WitClient) {
    const { options, waiter, mode } = environment;
    const store = new Store({ waiter, outcome, stacks: mode === "suspend" ? STACKS : undefined });
    this.stack = mode === "suspend" ? store : undefined;
    if (mode === "suspend") waiter.follow(store);
    this.#source = source;
    this.#environment = environment;
    this.#store = store;
    this.#interfaces = new WasiInterfaces(wasiGuest(environment, source.basename), source.extra);
    this.#interfaces.writeMeanwhile();
    this.#linking = new Linking(store, source.trampolines);
    this.suspend = mode === "suspend" ? promisedImports(this.#linking) : undefined;
    this.#lowering = new CoreLowering(store, source.label);
    // A function that makes imports makes core functions.
    const passed = typeof options.imports === "function" ? {} : options.imports ?? {};
    this.#sources = {
      imports: new JsImports(passed as JsImportsOption, new Bindings(new ComponentCalls(outcome))),
      interfaces: this.#interfaces,
      observe: observer(options.trace),
    };
    this.#worlds = this.#link();
  }

  #link(): readonly LinkedWorld[] {
    const { worlds = [], used, label } = this.#source;
    const imports = new GuestImports(this.#sources, this.#linking);
    try {
      return worlds.map((world) => ({
        interfaces: linkWorld(world, used, imports, this.#linking),
        encoding: world.encoding,
      }));
    } catch (error) {
      throw asModuleError(error, label);
    }
  }

  find(imported: ImportedFunction, isPassed: boolean): WebAssembly.ImportValue | undefined {
    const { module } = imported;
    for (const { interfaces, encoding } of this.#worlds) {
      const found = this.#lowering.lower(imported, interfaces.get(module), encoding);
      if (found !== undefined) return found;
    }
    if (isPassed) return undefined;
    return this.#lowering.lower(imported, this.#knownInterface(module), "utf8");
  }

  #knownInterface(module: string): InstanceExports | undefined {
    let found = this.#known.get(module);
    if (found === undefined) {
      found = knownFunctions(module, this.#source.used, this.#sources, this.#linking);
      this.#known.set(module, found);
    }
    return found;
  }

  get heldStdio(): HeldStdio {
    return this.#interfaces.heldStdio;
  }

  get advice(): string {
    const { worlds } = this.#source;
    if (worlds === undefined) {
      return "the types of its functions of WIT are not known: pass the bytes of the module in place of a " +
        "WebAssembly.Module";
    }
    return worlds.length === 0
      ? 'the module has no types of its functions of WIT: add them with "wasm-tools component embed", or make a ' +
        "component of it"
      : "the types in the module do not have it; make a component of the module";
  }

  attach(exports: WebAssembly.Exports): void {
    this.#lowering.attach(exports);
  }

  async runToEnd(start: () => Promise<ExitStatus>): Promise<ExitStatus> {
    return await runToEnd({ start, flushed: () => this.#flushed() });
  }

  runToEndSync(startSync: () => ExitStatus): ExitStatus {
    return runToEndSync({ startSync, flushed: () => this.#flushed() });
  }

  async finish(): Promise<void> {
    if (this.#store.outcome.ended) await flushedIfPossible(() => this.#flushed());
  }

  #flushed(): void | Promise<void> {
    return flushed(this.#interfaces, this.#environment.options.signal);
  }

  close(): void {
    this.#store.close();
    this.#interfaces.close();
  }
}
