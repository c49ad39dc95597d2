/** Components, as the core knows them: what runs them is loaded when the first one is met. */

import type { Platform, WaitMode } from "../contract/platform.ts";
import type { AsyncDisposal } from "../contract/web_types.ts";
import type { Invocation } from "./component/invocation.ts";
import type { OpenedComponent } from "./component/opened_component.ts";
import { type SourceBytes, UNNAMED } from "./module/source.ts";
import type { CompiledComponent, RunOptions, RunResult } from "./options/options.ts";

/** Exports of a component: functions, and objects of functions and classes for interfaces. */
export type ComponentExports = Readonly<Record<string, unknown>>;

/**
 * A component that is instantiated: ready to be called until it exits, traps, is aborted by its signal, or is closed.
 * After that every call of it throws.
 *
 * @typeParam Exports The exports, as their WIT world has them.
 */
export interface ComponentGuest<Exports extends object = ComponentExports> extends AsyncDisposal {
  /**
   * Functions, in camelCase, and interfaces by their names in WIT: `exports["my:pkg/api@1.2.0"]`, the same without the
   * version, and by the last part of the name where only one interface has it. An interface has functions, and resources
   * as classes in PascalCase.
   *
   * A function whose WIT type is not `async` returns at once, and throws if it would have to wait: then call it with
   * {@linkcode ComponentGuest.call}.
   */
  readonly exports: Exports;
  /**
   * Call an exported function that may wait. A component runs one call at a time: calls begin in the order in which they
   * were made.
   *
   * @param fn The function. The first argument of a method is its object.
   * @param args Its arguments.
   * @returns Its result.
   * @throws {ComponentError} The function returned the error of a `result`.
   * @throws {WasiExit} The guest exited in it.
   * @throws {TrapError} The guest trapped in it.
   * @throws {TypeError} There is no such function, or an argument has the wrong type.
   * @throws {Error} The guest has ended before; the cause says how.
   */
  call<Args extends readonly unknown[], Result>(
    fn: (...args: Args) => Result,
    ...args: Args
  ): Promise<Awaited<Result>>;
  /** As the other, by the name of the function in WIT: `greet`, `my:pkg/api#greet`, `my:pkg/api#[method]counter.value`. */
  call(name: string, ...args: readonly unknown[]): Promise<unknown>;
  /** What it wrote so far, as {@linkcode RunResult} has it. */
  output(): { stdout?: Uint8Array | string; stderr?: Uint8Array | string };
  /** End it, and close its files and streams. Calls that wait reject. May be called again. */
  close(): Promise<void>;
}

/** A component that is compiled, and what runs it. */
export interface ComponentProgram extends CompiledComponent {
  /** Tells it from a module. */
  readonly kind: "component";
  /** Where it came from, or `the module`. */
  readonly label: string;
  /** Last part of the path, for the program's name. */
  readonly basename: string;
  /** Its bytes are not kept. */
  readonly bytes: undefined;
  /** Run it to its end. */
  run(options: RunOptions, platform: Platform, mode: WaitMode): Promise<RunResult>;
  /** As {@linkcode ComponentProgram.run}, blocking the thread. */
  runSync(options: RunOptions, platform: Platform): RunResult;
  /** Instantiate it. */
  instantiate(options: RunOptions, platform: Platform, mode: WaitMode): Promise<ComponentGuest>;
  /** Instantiate it for the host, which calls it with its own resources; it is suspended while it waits. */
  open(options: RunOptions, platform: Platform): Promise<OpenedComponent>;
  /**
   * A call of an export that is written in WAVE.
   *
   * @param call The call, such as `greet("you")`, or the name of a function.
   * @param words The arguments, if the call has none itself.
   * @throws {TypeError} There is no such function, or the arguments are wrong.
   */
  invocation(call: string, words: readonly string[]): Promise<Invocation>;
}

/** True for what {@linkcode compileProgram} has made. */
export function isProgram(value: unknown): value is ComponentProgram {
  const program = value as Partial<ComponentProgram> | null;
  return typeof value === "object" && program?.kind === "component" && typeof program.instantiate === "function";
}

/** True for the binary of a component: its layer is 1. */
export function isComponent(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && bytes[1] === 0x61 && bytes[6] === 1;
}

/**
 * Compile a component, with the runtime of components.
 *
 * @param source The binary.
 * @throws {ModuleError} If it is not valid.
 */
export async function compileProgram(source: SourceBytes): Promise<ComponentProgram> {
  const { compileComponent } = await import("./component/program.ts");
  return await compileComponent(source.label === UNNAMED.label ? { ...source, label: "the component" } : source);
}
