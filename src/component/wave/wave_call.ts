/** A call in WAVE: `add(1, 2)`. */

import type { FunctionType } from "../types/function_type.ts";
import { WaveReader } from "./wave_reader.ts";
import { floatOf, noneOf, readWave } from "./wave_value.ts";

/** A call whose arguments are not read yet. */
export interface WaveCall {
  /** Of the function. */
  readonly name: string;
  /** The arguments, with their parentheses; undefined if there are none. */
  readonly argumentsText: string | undefined;
}

/**
 * Take a call apart.
 *
 * @param text The name of a function, which may be `interface#name`, and perhaps arguments in parentheses.
 */
export function splitCall(text: string): WaveCall {
  const at = text.indexOf("(");
  if (at < 0) return { name: text.trim(), argumentsText: undefined };
  return { name: text.slice(0, at).trim(), argumentsText: text.slice(at) };
}

/**
 * Read the arguments of a call.
 *
 * @param text The arguments, with their parentheses.
 * @param type Of the function.
 * @returns Values of JavaScript. Options at the end may be left out.
 * @throws {WaveError} They are no arguments of the function.
 */
export function readArguments(text: string, { params }: Pick<FunctionType, "params">): unknown[] {
  const reader = new WaveReader(text);
  const values: unknown[] = [];
  reader.items("(", ")", () => {
    const param = params[values.length] ?? reader.fail(`the function takes ${countOf(params.length)}`);
    values.push(readWave(reader, param.type));
  });
  reader.end();
  for (const { name, type } of params.slice(values.length)) {
    values.push(type.kind === "option" ? noneOf(type) : reader.fail(`the argument ${name} is missing`));
  }
  return values;
}

/**
 * Read the arguments of a function of a core module. Integers may be signed or unsigned.
 *
 * @param text The arguments, with their parentheses.
 * @param types Core types of the parameters.
 * @throws {WaveError} They are no arguments of the function.
 */
export function readNumbers(text: string, types: readonly string[]): (number | bigint)[] {
  const reader = new WaveReader(text);
  const values: (number | bigint)[] = [];
  reader.items("(", ")", () => {
    const type = types[values.length] ?? reader.fail(`the function takes ${countOf(types.length)}`);
    values.push(readNumber(reader, type));
  });
  reader.end();
  if (values.length < types.length) reader.fail(`the function takes ${countOf(types.length)}, not ${values.length}`);
  return values;
}

function readNumber(reader: WaveReader, type: string): number | bigint {
  switch (type) {
    case "i32":
    case "i64": {
      const text = reader.number(`a number of the type ${type}`);
      const bits = Number(type.slice(1));
      const value = /^-?\d+$/.test(text) ? BigInt(text) : reader.fail(`${text} is no ${type}`);
      const wrapped = BigInt.asIntN(bits, value);
      if (wrapped !== value && BigInt.asUintN(bits, value) !== value) {
        reader.fail(`${text} is out of the range of ${type}`);
      }
      return type === "i64" ? wrapped : Number(wrapped);
    }
    case "f32":
    case "f64":
      return floatOf(reader.number("a number"));
    default:
      return reader.fail(`an argument of the type ${type} can't be written`);
  }
}

function countOf(count: number): string {
  return count === 1 ? "1 argument" : `${count} arguments`;
}
