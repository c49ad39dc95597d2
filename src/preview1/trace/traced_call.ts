/** One call of a guest as text, made from its signature. */

import { Errno, errnoName } from "../../witx/errno.ts";
import type { Signature } from "../../witx/signature.ts";
import { SIGNATURES } from "../../witx/signatures.ts";
import { WASMEDGE_SIGNATURES } from "../../witx/wasmedge.ts";
import type { Abi } from "../abi/abi.ts";
import { CallArguments } from "./call_arguments.ts";
import { ARGUMENT_TEXTS, RESULT_TEXTS, STORED_TEXTS } from "./type_texts.ts";

const UNKNOWN: Signature = { params: [], results: [] };

/** One call. */
export class TracedCall {
  /** The function and its arguments: `fd_close(3)`. */
  readonly text: string;
  readonly #numbers: string;
  readonly #args: CallArguments;

  /**
   * @param abi What the imports of the guest share.
   * @param name Name of the function.
   * @param values Arguments as the guest passed them.
   */
  constructor(abi: Abi, name: string, values: readonly (number | bigint)[]) {
    this.#args = new CallArguments(abi, signatureOf(name, values.length), values);
    this.#numbers = `${name}(${values.join(", ")})`;
    const words = this.#words();
    this.text = words === undefined ? this.#numbers : `${name}(${words})`;
  }

  /**
   * The whole line: `fd_read(0, 512 bytes) => 17`.
   *
   * After `FAULT` the pointers are what matters: the arguments are shown as numbers.
   */
  textWith(errno: Errno): string {
    if (errno === Errno.FAULT) return `${this.#numbers} => FAULT`;
    return `${this.text} => ${(errno === Errno.SUCCESS ? this.#stored() : "") || errnoName(errno)}`;
  }

  #words(): string | undefined {
    const words: string[] = [];
    for (const [at, param] of this.#args.signature.params.entries()) {
      if (param.kind === "result") continue;
      const word = ARGUMENT_TEXTS[param.type](this.#args, at);
      if (word === undefined) return undefined;
      words.push(word);
    }
    return joined(words);
  }

  #stored(): string {
    this.#args.abi.memory.update();
    try {
      return this.#storedWords();
    } catch {
      // Results may overlap: then some are no longer in memory.
      return "";
    }
  }

  /** Results first: an address stands behind the number of bytes that it sent. */
  #storedWords(): string {
    const results: string[] = [];
    const others: string[] = [];
    for (const [at, param] of this.#args.signature.params.entries()) {
      if (param.kind === "result") results.push(RESULT_TEXTS[param.type](this.#args, at));
      else others.push(STORED_TEXTS[param.type]?.(this.#args, at) ?? "");
    }
    return joined([...results, ...others]);
  }
}

/** Versions of a function differ in the number of their parameters. */
function signatureOf(name: string, length: number): Signature {
  const { v1, v2 } = WASMEDGE_SIGNATURES[name] ?? {};
  return [SIGNATURES[name], v1, v2].find((signature) => signature?.params.length === length) ?? UNKNOWN;
}

function joined(words: readonly string[]): string {
  return words.filter((word) => word !== "").join(", ");
}
