/** Compiled components, and what runs them. The core loads this when it meets the first component. */

import { decodeComponent } from "../../component/binary/decode.ts";
import { InvalidComponentError } from "../../component/binary/invalid_component.ts";
import type { Component } from "../../component/binary/model.ts";
import { compileCoreModulesAsync, type CoreModules } from "../../component/link/core_modules.ts";
import type { ComponentShape } from "../../component/types/shapes.ts";
import { validateComponent } from "../../component/validate/validate.ts";
import { TrampolineModules } from "../../component/link/call/trampoline_modules.ts";
import type { Platform, WaitMode } from "../../contract/platform.ts";
import type { ComponentGuest, ComponentProgram } from "../component_program.ts";
import { type EnvironmentOptions, GuestEnvironment, openEnvironment } from "../environment/environment.ts";
import { ModuleError } from "../errors.ts";
import { checkBounds } from "../module/bounds.ts";
import type { InterfaceFactories } from "../../wasi/host.ts";
import type { SourceBytes } from "../module/source.ts";
import type { ModuleTypes } from "../module/types.ts";
import type { RunOptions, RunResult } from "../options/options.ts";
import { explainerOf } from "../trap/explain.ts";
import { componentTypes } from "./component_types.ts";
import { adapterIndex } from "./adapter_index.ts";
import { ComponentInstanceGuest } from "./component_guest.ts";
import type { Elide } from "./elision/elision.ts";
import { extraInterfaces } from "./shared/extra_interfaces.ts";
import type { Invocation } from "./invocation.ts";
import type { OpenedComponent } from "./opened_component.ts";
import { refuseSockets } from "./refuse_sockets.ts";
import { runToEnd, runToEndSync } from "./run_to_end.ts";

/**
 * Compile a component.
 *
 * @param source The binary.
 * @throws {ModuleError} If it is not valid.
 */
export async function compileComponent({ bytes, label, basename }: SourceBytes): Promise<ComponentProgram> {
  const component = checked(label, () => decodeComponent(bytes));
  // The engine compiles on other threads while the component is validated here.
  const [modules, shape] = await Promise.all([compiled(component, label), validated(component, label)]);
  const names = [...namesOf(component, "import"), ...namesOf(component, "export")];
  const [elide, interfaces] = await Promise.all([elisionOf(component, modules), extraInterfaces(names)]);
  return new Program(component, modules, { label, basename, shape, elide, interfaces });
}

async function elisionOf(component: Component, modules: CoreModules): Promise<Elide | undefined> {
  if (adapterIndex(component) === undefined) return undefined;
  const elision = await import("./elision/elision.ts");
  return elision.elisionOf(component, modules);
}

async function compiled(component: Component, label: string): Promise<CoreModules> {
  try {
    return await compileCoreModulesAsync(component);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ModuleError(`Cannot compile ${label}: ${message}`, { cause: error });
  }
}

/** Asynchronous so that the failures of both can be awaited. */
function validated(component: Component, label: string): Promise<ComponentShape> {
  return Promise.resolve().then(() => checked(label, () => validateComponent(component)));
}

function checked<T>(label: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof InvalidComponentError)) throw error;
    throw new ModuleError(`Cannot load ${label}: ${error.message}`, { cause: error });
  }
}

interface ProgramParts {
  readonly label: string;
  readonly basename: string;
  readonly shape: ComponentShape;
  readonly elide: Elide | undefined;
  readonly interfaces: InterfaceFactories;
}

class Program implements ComponentProgram {
  readonly kind = "component";
  readonly bytes: undefined = undefined;
  readonly label: string;
  readonly basename: string;
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly #shape: ComponentShape;
  readonly #component: Component;
  readonly #modules: CoreModules;
  readonly #trampolines: TrampolineModules = new TrampolineModules();
  readonly #elide: Elide | undefined;
  readonly #interfaces: InterfaceFactories;
  #types: ModuleTypes | undefined;

  constructor(
    component: Component,
    modules: CoreModules,
    { label, basename, shape, elide, interfaces }: ProgramParts,
  ) {
    this.label = label;
    this.basename = basename;
    this.#shape = shape;
    this.imports = namesOf(component, "import");
    this.exports = namesOf(component, "export");
    this.#component = component;
    this.#modules = modules;
    this.#elide = elide;
    this.#interfaces = interfaces;
  }

  async run(options: RunOptions, platform: Platform, mode: WaitMode): Promise<RunResult> {
    const guest = this.#instantiated(options, await environmentFor(options, platform, mode));
    const { environment } = guest;
    const explain = explainerOf(this);
    try {
      return { ...await runToEnd(guest), ...environment.stdio.captured() };
    } catch (error) {
      await explain(error);
      throw error;
    } finally {
      guest.close();
      await environment.finish();
    }
  }

  runSync(options: RunOptions, platform: Platform): RunResult {
    const guest = this.#instantiated(options, new GuestEnvironment(options, platform, "block"));
    try {
      return { ...runToEndSync(guest), ...guest.environment.stdio.captured() };
    } finally {
      guest.close();
    }
  }

  async instantiate(options: RunOptions, platform: Platform, mode: WaitMode): Promise<ComponentGuest> {
    const environment = await environmentFor({ ...options, isClosable: true }, platform, mode);
    const guest = this.#instantiated(options, environment);
    const explain = explainerOf(this);
    const close = (): Promise<void> => guest.end();
    return {
      exports: guest.exports,
      async call(fn: string | ((...args: never[]) => unknown), ...args: readonly unknown[]): Promise<never> {
        try {
          return await guest.call(fn, args) as never;
        } catch (error) {
          await guest.finish();
          await explain(error);
          throw error;
        }
      },
      output: () => environment.stdio.captured(),
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  async open(options: RunOptions, platform: Platform): Promise<OpenedComponent> {
    const environment = await environmentFor({ ...options, isClosable: true }, platform, "suspend");
    return this.#instantiated(options, environment);
  }

  async invocation(call: string, words: readonly string[]): Promise<Invocation> {
    const { componentInvocation } = await import("./invocation.ts");
    return componentInvocation(this.#shape, call, words);
  }

  #instantiated(options: RunOptions, environment: GuestEnvironment): ComponentInstanceGuest {
    try {
      this.#types ??= componentTypes(this.#modules);
      checkBounds({ label: this.label, types: this.#types }, options);
    } catch (error) {
      environment.release();
      throw error;
    }
    return new ComponentInstanceGuest(
      {
        component: this.#component,
        modules: this.#modules,
        trampolines: this.#trampolines,
        interfaces: this.#interfaces,
        label: this.label,
        basename: this.basename,
      },
      environment,
      options,
      this.#elide,
    );
  }
}

async function environmentFor(
  options: EnvironmentOptions,
  platform: Platform,
  mode: WaitMode,
): Promise<GuestEnvironment> {
  refuseSockets(options.net);
  return await openEnvironment(options, platform, mode);
}

function namesOf({ definitions }: Component, kind: "import" | "export"): readonly string[] {
  return Object.freeze(definitions.flatMap((definition) => definition.kind === kind ? definition.name : []));
}
