/**
 * Scripts of the component model's tests, as lists of commands.
 *
 * @module
 */

import { type Constant, constantOf } from "./constants.ts";
import { asList, lineAt, type List, optionalWord, readExpressions, string, word } from "./sexpr.ts";

/** Where a component of a script comes from. */
export type Source =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "binary"; readonly base64: string };

/** A call of an export of an instance. */
export interface Invocation {
  /** Name of the instance in the script; undefined for the last one. */
  readonly instance: string | undefined;
  readonly export: string;
  readonly args: readonly Constant[];
}

/** A command of a script. */
export type Command =
  | {
    readonly kind: "component";
    readonly name: string | undefined;
    readonly source: Source;
    readonly isDefinition: boolean;
  }
  | { readonly kind: "instance"; readonly name: string | undefined; readonly component: string | undefined }
  | { readonly kind: "register"; readonly as: string; readonly instance: string | undefined }
  | { readonly kind: "invoke"; readonly invocation: Invocation }
  | { readonly kind: "assert_return"; readonly invocation: Invocation; readonly results: readonly Constant[] }
  | { readonly kind: "assert_trap"; readonly invocation: Invocation; readonly message: string }
  | {
    readonly kind: "assert_invalid" | "assert_malformed" | "assert_unlinkable" | "assert_instantiation_trap";
    readonly source: Source;
    readonly message: string;
  };

/** A command and the number of its line. */
export type LocatedCommand = Command & { readonly line: number };

/** Read a script. @throws {SyntaxError} It has a command that is not known. */
export function readScript(text: string): LocatedCommand[] {
  return readExpressions(text).map((expression) => {
    if (expression.kind !== "list") throw new SyntaxError("A script has something outside parentheses");
    return { ...commandOf(expression, text), line: lineAt(text, expression.start) };
  });
}

function commandOf(list: List, text: string): Command {
  const [head, first, second] = list.items;
  const name = word(head);
  switch (name) {
    case "component":
      return componentOf(list, text);
    case "register":
      return { kind: name, as: string(first), instance: optionalWord(second) };
    case "invoke":
      return { kind: name, invocation: invocationOf(list) };
    case "assert_return":
      return { kind: name, invocation: invocationOf(asList(first)), results: list.items.slice(2).map(constantOf) };
    case "assert_invalid":
    case "assert_malformed":
    case "assert_unlinkable":
      return { kind: name, source: sourceOf(asList(first), text), message: string(second) };
    case "assert_trap": {
      const target = asList(first);
      if (word(target.items[0]) === "invoke") {
        return { kind: name, invocation: invocationOf(target), message: string(second) };
      }
      return { kind: "assert_instantiation_trap", source: sourceOf(target, text), message: string(second) };
    }
    default:
      throw new SyntaxError(`A script has the unknown command "${name}"`);
  }
}

/** `(component …)`, `(component definition …)` or `(component instance $instance $component)`. */
function componentOf(list: List, text: string): Command {
  const words = list.items.slice(1, 4).map(optionalWord);
  if (words[0] === "instance") return { kind: "instance", name: words[1], component: words[2] };
  const isDefinition = words[0] === "definition";
  const name = words[isDefinition ? 1 : 0];
  const isName = name?.startsWith("$") === true;
  return { kind: "component", name: isName ? name : undefined, source: sourceOf(list, text), isDefinition };
}

function sourceOf(list: List, text: string): Source {
  const form = list.items.slice(1, 4).map(optionalWord).find((each) => each === "binary" || each === "quote");
  if (form !== undefined) {
    const bytes = Buffer.from(list.items.flatMap((item) => item.kind === "string" ? item.bytes : []));
    return form === "binary"
      ? { kind: "binary", base64: bytes.toString("base64") }
      : { kind: "text", text: quoted(word(list.items[0]), bytes.toString()) };
  }
  const whole = text.slice(list.start, list.end);
  return { kind: "text", text: whole.replace(/^\(component\s+definition\b/, "(component") };
}

/** What is quoted may be the fields of a component only. */
function quoted(form: string, text: string): string {
  return /^\s*\((?:component|module)\b/.test(text) ? text : `(${form} ${text})`;
}

function invocationOf(list: List): Invocation {
  const rest = list.items.slice(1);
  const instance = optionalWord(rest[0]);
  if (instance !== undefined) rest.shift();
  return { instance, export: string(rest[0]), args: rest.slice(1).map(constantOf) };
}
