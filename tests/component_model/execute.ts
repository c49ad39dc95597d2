/** Executes the commands of a script. */

import { decodeComponent } from "../../src/component/binary/decode.ts";
import { InvalidComponentError } from "../../src/component/binary/invalid_component.ts";
import { compileCoreModules } from "../../src/component/link/core_modules.ts";
import { validateComponent } from "../../src/component/validate/validate.ts";
import type { AssembledCommand, AssembledSource } from "./assembled.ts";
import { type Definition, ScriptInstance } from "./instances.ts";
import type { Invocation } from "./script.ts";
import { textOf, valueOf } from "./values.ts";

/** What became of a command. */
export interface CommandResult {
  readonly line: number;
  readonly kind: AssembledCommand["kind"];
  /** `assembler`: the text was refused, as it should be, before it was a component. */
  readonly verdict: "passed" | "assembler" | "failed";
  /** Why it failed; for what should fail and did, what was said. */
  readonly message: string;
}

/** What a command was about is wrong. */
class Failure extends Error {}

/** The text of a component is refused by the assembler. */
class Refusal extends Error {}

/** Executes the commands of one script. */
export class ScriptRun {
  readonly #definitions = new Map<string | undefined, Definition>();
  readonly #instances = new Map<string | undefined, ScriptInstance>();

  /** Execute a command. */
  async execute(command: AssembledCommand): Promise<CommandResult> {
    const { line, kind } = command;
    try {
      return { line, kind, verdict: "passed", message: await this.#perform(command) };
    } catch (error) {
      if (error instanceof Refusal) {
        const isRight = kind === "assert_invalid" || kind === "assert_malformed";
        return { line, kind, verdict: isRight ? "assembler" : "failed", message: `the assembler: ${error.message}` };
      }
      return { line, kind, verdict: "failed", message: messageOf(error) };
    }
  }

  async #perform(command: AssembledCommand): Promise<string> {
    switch (command.kind) {
      case "component":
        return this.#component(command);
      case "instance":
        this.#set(this.#instances, command.name, new ScriptInstance(get(this.#definitions, command.component)));
        return "";
      case "invoke":
        await this.#invoke(command.invocation);
        return "";
      case "assert_return":
        return await this.#assertReturn(command);
      case "assert_trap":
        return await expectError(() => this.#invoke(command.invocation), isTrap);
      case "assert_instantiation_trap":
        return await expectError(() => new ScriptInstance(definitionOf(command.source)), isTrap);
      case "assert_unlinkable":
        return await expectError(() => new ScriptInstance(definitionOf(command.source)), () => true);
      case "assert_invalid":
      case "assert_malformed":
        return await expectError(() => definitionOf(command.source), isInvalid);
      case "register":
        throw new Failure("scripts that register instances are not supported");
    }
  }

  #component({ name, isDefinition, source }: AssembledCommand & { readonly kind: "component" }): string {
    const definition = definitionOf(source);
    this.#set(this.#definitions, name, definition);
    if (!isDefinition && !hasImports(definition)) this.#set(this.#instances, name, new ScriptInstance(definition));
    return "";
  }

  async #assertReturn(
    { invocation, results }: AssembledCommand & { readonly kind: "assert_return" },
  ): Promise<string> {
    const found = await this.#invoke(invocation);
    const { result } = get(this.#instances, invocation.instance).function(invocation.export).type;
    const [wanted] = results;
    const text = wanted === undefined || result === undefined ? textOf(undefined) : textOf(valueOf(wanted, result));
    if (textOf(found) === text) return "";
    throw new Failure(`${invocation.export} answers ${textOf(found)}, not ${text}`);
  }

  async #invoke({ instance: name, export: key, args }: Invocation): Promise<unknown> {
    const instance = get(this.#instances, name);
    const { params } = instance.function(key).type;
    return await instance.call(key, args.map((arg, i) => valueOf(arg, params[i]!.type)));
  }

  /** What has a name can be referred to without it, too, until there is another. */
  #set<T>(items: Map<string | undefined, T>, name: string | undefined, item: T): void {
    items.set(name, item);
    items.set(undefined, item);
  }
}

function get<T>(items: ReadonlyMap<string | undefined, T>, name: string | undefined): T {
  const item = items.get(name);
  if (item === undefined) throw new Failure(`there is no ${name ?? "component or instance"}`);
  return item;
}

/** Decode, validate and compile a component. */
function definitionOf(source: AssembledSource): Definition {
  if ("refusal" in source) throw new Refusal(source.refusal);
  const component = decodeComponent(Uint8Array.from(Buffer.from(source.base64, "base64")));
  validateComponent(component);
  return { component, modules: compileCoreModules(component) };
}

/** A test of what is valid may import what nobody provides. */
function hasImports({ component }: Definition): boolean {
  return component.definitions.some(({ kind }) => kind === "import");
}

async function expectError(action: () => unknown, isRight: (error: unknown) => boolean): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (isRight(error)) return messageOf(error);
    throw error;
  }
  throw new Failure("nothing was wrong");
}

function isInvalid(error: unknown): boolean {
  return error instanceof InvalidComponentError || error instanceof WebAssembly.CompileError;
}

/** Traps of the engine and of the component model, but not those that stand for what is not implemented. */
function isTrap(error: unknown): boolean {
  return error instanceof Error && /^(ComponentTrap|RuntimeError|TrapError|RangeError)$/.test(error.name) &&
    !error.message.includes("not supported");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
