/** A call of an export that is written as text. */

import { withoutVersion } from "../../component/js/names.ts";
import type { CoreFunctionType } from "../../component/binary/model_types.ts";
import type { FunctionType } from "../../component/types/function_type.ts";
import type { ComponentShape, ExternShape } from "../../component/types/shapes.ts";
import { readModuleShape } from "../../component/validate/core_module.ts";
import { readArguments, readNumbers, splitCall } from "../../component/wave/wave_call.ts";
import { waveText } from "../../component/wave/wave_text.ts";
import type { Bytes } from "../../contract/web_types.ts";

/** A call that is ready to be made. */
export interface Invocation {
  /** What `guest.call` takes: the name of the function. */
  readonly name: string;
  /** What it takes after that. */
  readonly args: readonly unknown[];
  /** The text of its result; undefined if it has none. */
  resultText(result: unknown): string | undefined;
  /** The text of the error that it returned. */
  errorText(payload: unknown): string;
}

/**
 * A call of a component: `greet("you")`, `my:pkg/api#greet("you")`, or `greet` and the arguments as words.
 *
 * @param shape Of the component.
 * @param text The call.
 * @param words The arguments, if the call has none itself.
 * @throws {TypeError} There is no such function, or the arguments are wrong.
 */
export function componentInvocation(shape: ComponentShape, text: string, words: readonly string[]): Invocation {
  const { name, argumentsText = `(${words.join(", ")})` } = splitCall(text);
  const [found, type] = findFunction(functionsOf(shape), name);
  const { result } = type;
  return {
    name: found,
    args: readArguments(argumentsText, type),
    resultText(value) {
      if (result?.kind !== "result") return result === undefined ? undefined : waveText(result, value);
      return waveText(result, { tag: "ok", val: value });
    },
    errorText: (payload) => waveText(result!, { tag: "err", val: payload }),
  };
}

/**
 * As {@linkcode componentInvocation}, of a module, whose functions take numbers.
 *
 * @param bytes The module.
 */
export function moduleInvocation(bytes: Bytes, text: string, words: readonly string[]): Invocation {
  const { name, argumentsText = `(${words.join(", ")})` } = splitCall(text);
  const shape = readModuleShape(bytes, 0);
  if (shape === undefined) throw new TypeError("Cannot read the types of its functions");
  const functions = new Map<string, CoreFunctionType>();
  for (const [key, item] of shape.exports) if (item.sort === "core func") functions.set(key, item.type);
  const [found, { params, results }] = findFunction(functions, name);
  return {
    name: found,
    args: readNumbers(argumentsText, params),
    resultText: (value) => results.length === 0 ? undefined : String(value),
    errorText: String,
  };
}

/** The functions of the world by their names, and those of its interfaces by `interface#name`. */
function functionsOf({ exports }: ComponentShape): Map<string, FunctionType> {
  const functions = new Map<string, FunctionType>();
  const add = (items: ReadonlyMap<string, ExternShape>, prefix: string): void => {
    for (const [name, item] of items) if (item.sort === "func") functions.set(prefix + name, item.type);
  };
  add(exports, "");
  for (const [name, item] of exports) if (item.sort === "instance") add(item.shape.exports, `${name}#`);
  return functions;
}

/** By its name, its name without the version of its interface, or its last part if no other has it. */
function findFunction<Type>(functions: ReadonlyMap<string, Type>, name: string): readonly [string, Type] {
  const names = [...functions.keys()];
  const forms: readonly ((full: string) => string)[] = [
    (full) => full,
    (full) => full.replace(/^([^#]*)#/, (_, owner: string) => `${withoutVersion(owner)}#`),
    (full) => full.slice(full.indexOf("#") + 1),
  ];
  for (const form of forms) {
    const found = names.filter((full) => form(full) === name);
    if (found.length === 1) return [found[0]!, functions.get(found[0]!)!];
    if (found.length > 1) throw new TypeError(`Cannot tell which ${name} is meant: choose of ${found.join(", ")}`);
  }
  const list = names.slice(0, 20).join(", ");
  const advice = list === "" ? "it exports none" : `choose of ${list}${names.length > 20 ? ", …" : ""}`;
  throw new TypeError(`Cannot find an exported function ${name}: ${advice}`);
}
