/** Validates options of canonical definitions. */

import { InvalidComponentError } from "../binary/invalid_component.ts";
import type { Canon, CanonOptions } from "../binary/model_canon.ts";
import { coreFunctionText } from "../types/compare/match_module.ts";
import type { IndexSpaces } from "./index_spaces.ts";

const REALLOC = "func (i32, i32, i32, i32) -> (i32)";
const CALLBACK = "func (i32, i32, i32) -> (i32)";

/** The options of one canonical definition. All methods throw an {@linkcode InvalidComponentError}. */
export class CanonOptionRules {
  readonly #spaces: IndexSpaces;
  readonly #operation: Canon["operation"];
  readonly #options: CanonOptions;
  readonly #offset: number;

  /**
   * @param spaces The index spaces of the component.
   * @param operation The definition, for messages.
   * @param options Its options.
   * @param offset Its offset, for messages.
   */
  constructor(spaces: IndexSpaces, operation: Canon["operation"], options: CanonOptions, offset: number) {
    this.#spaces = spaces;
    this.#operation = operation;
    this.#options = options;
    this.#offset = offset;
  }

  /** Check those of `lift`. @param results Core results of the function, which `post-return` gets. */
  checkLift(results: readonly string[]): void {
    const { isAsync, callback, postReturn } = this.#options;
    this.#checkMemoryAndRealloc();
    if (callback !== undefined && !isAsync) throw this.#error("has a callback, which needs option async");
    if (postReturn !== undefined && isAsync) throw this.#error("has a post-return and is async");
    this.#checkFunction("callback", callback, CALLBACK);
    this.#checkFunction("post-return", postReturn, `func (${results.join(", ")}) -> ()`);
  }

  /** Check those of `lower`, and of others that allow the same. */
  checkLower(): void {
    this.#checkMemoryAndRealloc();
    this.#forbid("callback", this.#options.callback);
    this.#forbid("post-return", this.#options.postReturn);
  }

  /** Check those of `task.return`. */
  checkTaskReturn(): void {
    this.checkLower();
    this.#forbid("realloc", this.#options.realloc);
    if (this.#options.isAsync) throw this.#error("has option async, which it can't have");
  }

  /** Check those of built-ins that read or write streams and futures. */
  checkCopy(): void {
    this.checkLower();
  }

  /** Require a memory. */
  needMemory(): void {
    if (this.#options.memory === undefined) {
      throw this.#error("needs option memory, because of the types of its values");
    }
  }

  /** Require a memory and `realloc`. */
  needRealloc(): void {
    this.needMemory();
    if (this.#options.realloc === undefined) {
      throw this.#error("needs option realloc, because of the types of its values");
    }
  }

  #checkMemoryAndRealloc(): void {
    const { memory, realloc } = this.#options;
    if (memory !== undefined) this.#spaces.checkMemory(memory, this.#offset);
    if (realloc === undefined) return;
    if (memory === undefined) throw this.#error("has option realloc without option memory");
    this.#checkFunction("realloc", realloc, REALLOC);
  }

  #checkFunction(option: string, index: number | undefined, needed: string): void {
    if (index === undefined) return;
    const type = this.#spaces.coreFunction(index, this.#offset);
    if (type === undefined || coreFunctionText(type) === needed) return;
    throw this.#error(`has an option ${option} of type ${coreFunctionText(type)}, and ${needed} is needed`);
  }

  #forbid(option: string, index: number | undefined): void {
    if (index !== undefined) throw this.#error(`has option ${option}, which it can't have`);
  }

  #error(problem: string): InvalidComponentError {
    return new InvalidComponentError(`canon ${this.#operation} ${problem}`, this.#offset);
  }
}
