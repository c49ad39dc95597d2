/** A component that is instantiated: linked to host interfaces and the caller's imports, called, ended. */

import { Bindings, type JsFunction } from "../../component/js/bindings.ts";
import type { Callee, ExportedItems } from "../../component/js/callee.ts";
import { functionsByName, jsExports } from "../../component/js/exports.ts";
import { JsImports, type JsImportsOption } from "../../component/js/imports.ts";
import { Store } from "../../component/link/store.ts";
import type { GuestOutcome } from "../../core/guest/outcome.ts";
import type { WasiHost } from "../../wasi/host.ts";
import { WasiInterfaces } from "../../wasi/registry.ts";
import type { GuestEnvironment } from "../environment/environment.ts";
import { ModuleError } from "../errors.ts";
import type { ExitStatus } from "../guest/exit_status.ts";
import { endWith } from "../guest/instance.ts";
import type { RunOptions } from "../options/options.ts";
import { ComponentCalls } from "./component_calls.ts";
import { STACKS } from "./shared/component_stacks.ts";
import type { Elide } from "./elision/elision.ts";
import { flushed, flushedIfPossible } from "./shared/flushed.ts";
import { linkGuest, type LinkSource } from "./link.ts";
import { observer } from "./shared/observer.ts";
import type { OpenedComponent } from "./opened_component.ts";
import { wasiGuest } from "./wasi_guest.ts";

/** What every command exports, without its version. */
const RUN = "wasi:cli/run";

/** A component that runs in an environment, which is closed with it. */
export class ComponentInstanceGuest implements OpenedComponent {
  /** What it runs in. */
  readonly environment: GuestEnvironment;
  /** Functions and interfaces, as JavaScript has them. */
  readonly exports: Readonly<Record<string, unknown>>;
  readonly #label: string;
  readonly #store: Store;
  readonly #calls: ComponentCalls;
  readonly #bindings: Bindings;
  readonly #interfaces: WasiInterfaces;
  readonly #items: ExportedItems;
  readonly #releaseSignal: () => void;
  #functions: ReadonlyMap<string, JsFunction> | undefined;

  /**
   * Instantiate a component.
   *
   * @param source The component.
   * @param environment What it runs in; released if the component can't be linked.
   * @param options Options of the caller.
   * @param elide Runs it without its adapter; undefined to run it as it is.
   * @throws {ModuleError} If it can't be linked.
   * @throws {TrapError} If it traps while it is instantiated.
   */
  constructor(source: LinkSource, environment: GuestEnvironment, options: RunOptions, elide?: Elide) {
    this.environment = environment;
    this.#label = source.label;
    const { interrupt } = environment;
    const store = this.#store = new Store({
      waiter: environment.waiter,
      stacks: environment.mode === "suspend" ? STACKS : undefined,
    });
    const { outcome } = store;
    this.#calls = new ComponentCalls(outcome, store.scheduler);
    this.#bindings = new Bindings(this.#calls, store);
    outcome.onEnd(() => interrupt?.raise(outcome.reason));
    this.#releaseSignal = endWith(options.signal, outcome);
    try {
      const guest = wasiGuest(environment, source.basename);
      this.#interfaces = new WasiInterfaces(guest, source.interfaces);
      const imports = new JsImports((options.imports ?? {}) as JsImportsOption, this.#bindings);
      this.#items = linkGuest(source, {
        store,
        imports,
        interfaces: this.#interfaces,
        substitute: elide?.({ ...source, imports, store, environment, interfaces: this.#interfaces }),
        observe: observer(options.trace),
      });
      this.exports = jsExports(this.#items, this.#bindings);
    } catch (error) {
      this.#releaseSignal();
      const failure = this.#instantiationFailure(outcome, error);
      environment.release();
      throw failure;
    }
  }

  /** A start function of a core module may end the guest. */
  #instantiationFailure(outcome: GuestOutcome, error: unknown): unknown {
    return outcome.ended || error instanceof WebAssembly.RuntimeError ? this.#calls.failure(error) : error;
  }

  /** Run the command to its end. @returns 0, or 1 if it returned an error. */
  async start(): Promise<ExitStatus> {
    const run = this.#command();
    return statusOf(await this.#calls.call(run, [], RUN));
  }

  /** As {@linkcode ComponentInstanceGuest.start}, blocking the thread. */
  startSync(): ExitStatus {
    return statusOf(this.#calls.callSync(this.#command(), [], RUN));
  }

  #command(): Callee {
    const run = this.#exported(RUN, "run");
    if (run !== undefined) return run;
    throw new ModuleError(`Cannot run ${this.#label}: ${notCommand(this.#items)}`);
  }

  /** A function of an interface of WASI 0.2 that it exports. */
  #exported(interfaceName: string, name: string): Callee | undefined {
    for (const [exported, { functions }] of this.#items.interfaces) {
      if (exported.startsWith(`${interfaceName}@0.2.`)) return functions.get(name);
    }
    return undefined;
  }

  get host(): WasiHost {
    return this.#interfaces.host;
  }

  get hasEnded(): boolean {
    return this.#store.outcome.ended;
  }

  async callExported(interfaceName: string, name: string, args: readonly unknown[]): Promise<unknown> {
    const found = this.#exported(interfaceName, name);
    if (found !== undefined) return await this.#calls.call(found, args, `${interfaceName}#${name}`);
    throw new ModuleError(`Cannot serve ${this.#label}: it does not export ${interfaceName}@0.2`);
  }

  /**
   * Call an exported function that may wait.
   *
   * @param fn A function of the exports, or its name in WIT.
   * @param args Its arguments.
   */
  async call(fn: string | ((...args: never[]) => unknown), args: readonly unknown[]): Promise<unknown> {
    const found = typeof fn === "string" ? this.#named(fn) : fn;
    const called = found === undefined ? undefined : this.#bindings.call(found as JsFunction, args);
    if (called !== undefined) return await called;
    const what = typeof fn === "string"
      ? `"${fn}": the component exports no such function`
      : "a function of another guest";
    throw new TypeError(`Cannot call ${what}`);
  }

  #named(name: string): JsFunction | undefined {
    this.#functions ??= functionsByName(this.#items, this.exports);
    return this.#functions.get(name);
  }

  /**
   * Write what the guest has written and is still queued: to be called once it has ended by itself, or has failed.
   *
   * @returns A promise where the guest is suspended and something is queued.
   * @throws The reason of the caller's signal, once that is aborted.
   */
  flushed(): void | Promise<void> {
    return flushed(this.#interfaces, this.environment.options.signal);
  }

  async end(): Promise<void> {
    this.#calls.close();
    await this.finish();
    this.close();
    await this.environment.finish();
  }

  /** Once the guest has ended, write what it leaves queued. Never rejects. */
  async finish(): Promise<void> {
    if (this.hasEnded) await flushedIfPossible(() => this.flushed());
  }

  /** End the guest, and close all that it has open. */
  close(): void {
    this.#releaseSignal();
    this.#calls.close();
    this.#store.close();
    this.#interfaces.close();
    this.environment.close();
  }
}

function statusOf(result: unknown): ExitStatus {
  return { exitCode: (result as { readonly tag: string }).tag === "ok" ? 0 : 1 };
}

function notCommand({ interfaces, functions }: ExportedItems): string {
  if ([...interfaces.keys()].some((name) => name.startsWith(`${RUN}@`))) {
    return "it is a command of another version of WASI than 0.2, which is not supported yet";
  }
  const names = [...interfaces.keys(), ...functions.keys()];
  const what = names.length === 0 ? "it exports nothing" : `it exports ${names.slice(0, 5).join(", ")}`;
  return `${what}, and not ${RUN}, as every command does; use instantiate`;
}
