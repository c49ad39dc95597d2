/** The types that the functions of WASI have, to compare an import with. */

import type { Signature } from "../../witx/signature.ts";
import { SIGNATURES } from "../../witx/signatures.ts";
import type { WasmEdgeSignature } from "../../witx/wasmedge.ts";
import { type FunctionType, functionTypeText } from "./type_section.ts";

/** A function that has another name here than in the specification. */
const ALIASES: Readonly<Record<string, string>> = { epoll_oneoff: "poll_oneoff" };

/** Signatures of an extension, by name. */
type Extension = Readonly<Record<string, WasmEdgeSignature>>;

/**
 * The types of a function that the host provides.
 *
 * @param name Its name in `wasi_snapshot_preview1` or `wasi_unstable`.
 * @param extension Functions of an extension.
 * @returns As `functionTypeText` has them; several where versions of an extension differ, none for an unknown name.
 */
function wasiTypesOf(name: string, extension: Extension): readonly string[] {
  const types = new Set<string>();
  const standard = ownEntry(SIGNATURES, ALIASES[name] ?? name);
  if (standard !== undefined) types.add(textOf(standard));
  const extended = ownEntry(extension, name.replace(/_v2$/, ""));
  if (extended !== undefined) {
    for (const signature of [extended.v1, extended.v2]) types.add(textOf(signature));
  }
  return [...types];
}

/** The type of a function of preview 1 itself. @returns Undefined if it has no such function. */
export function standardType(name: string): FunctionType | undefined {
  const signature = ownEntry(SIGNATURES, ALIASES[name] ?? name);
  return signature && typeOf(signature);
}

/** A function that a module imports. */
export interface ImportedFunction {
  /** Name of the module that it is imported from. */
  readonly module: string;
  /** Its name. */
  readonly name: string;
  /** The type that the guest expects. */
  readonly type: FunctionType;
}

/**
 * Compare an import with the function of the host.
 *
 * @param imported The import.
 * @param extension Signatures of the functions for sockets.
 * @returns Why it can't be satisfied, or undefined if it can.
 */
export function typeMismatch(
  { module, name, type }: ImportedFunction,
  extension: Extension = {},
): string | undefined {
  const types = wasiTypesOf(name, extension);
  const text = functionTypeText(type);
  if (types.length === 0 || types.includes(text)) return undefined;
  return `it imports ${module}.${name} as ${text}, but the function is ${types.join(" or ")}`;
}

function typeOf({ params, results }: Signature): FunctionType {
  return { params: params.map(({ core }) => core), results };
}

function textOf(signature: Signature): string {
  return functionTypeText(typeOf(signature));
}

function ownEntry<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
