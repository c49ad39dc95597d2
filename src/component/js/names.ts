/** Names of WIT, and what they are in JavaScript. */

import { camelCase } from "../abi/names.ts";

/** The name of a function, taken apart. */
export type FunctionName =
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "constructor"; readonly resource: string }
  | { readonly kind: "method" | "static"; readonly resource: string; readonly name: string };

/**
 * Take the name of a function apart.
 *
 * @param text As in a component: `get-url`, `[constructor]blob`, `[method]blob.size`, `[static]blob.join`.
 */
export function parseFunctionName(text: string): FunctionName {
  const match = /^\[(constructor|method|static)\]([^.]*)(?:\.(.*))?$/s.exec(text);
  if (match === null) return { kind: "function", name: text };
  const [, kind, resource = "", name = ""] = match;
  if (kind === "constructor") return { kind, resource };
  return { kind: kind as "method" | "static", resource, name };
}

/** `output-stream` as the name of a class: `OutputStream`. */
export function pascalCase(name: string): string {
  const camel = camelCase(name);
  return camel.slice(0, 1).toUpperCase() + camel.slice(1);
}

/**
 * What a function is called in JavaScript, for messages: `getUrl`, `new Blob`, `Blob.prototype.size`, `Blob.join`.
 *
 * @param name Its name, taken apart.
 */
export function functionLabel(name: FunctionName): string {
  switch (name.kind) {
    case "function":
      return camelCase(name.name);
    case "constructor":
      return `new ${pascalCase(name.resource)}`;
    case "method":
      return `${pascalCase(name.resource)}.prototype.${camelCase(name.name)}`;
    case "static":
      return `${pascalCase(name.resource)}.${camelCase(name.name)}`;
  }
}

/** The name of an interface without its version: `wasi:io/streams` of `wasi:io/streams@0.2.12`. */
export function withoutVersion(name: string): string {
  const at = name.indexOf("@");
  return at < 0 ? name : name.slice(0, at);
}

/** The last part of the name of an interface, in camelCase: `monotonicClock` of `wasi:clocks/monotonic-clock@0.2.12`. */
export function shortName(name: string): string {
  const bare = withoutVersion(name);
  return camelCase(bare.slice(bare.lastIndexOf("/") + 1));
}

/**
 * Further names of interfaces: the name without its version, and its last part. Two interfaces that would share one both
 * go without it.
 *
 * @param names Of the interfaces in WIT.
 * @returns The name that each alias stands for.
 */
export function interfaceAliases(names: Iterable<string>): Map<string, string> {
  const aliases = new Map<string, string | undefined>();
  for (const name of names) {
    for (const alias of new Set([withoutVersion(name), shortName(name)])) {
      aliases.set(alias, aliases.has(alias) ? undefined : name);
    }
  }
  return new Map([...aliases].flatMap(([alias, name]) => name === undefined ? [] : [[alias, name]]));
}
