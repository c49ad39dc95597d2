/**
 * Validates canonical definitions.
 *
 * Source: "Canonical Definitions" of CanonicalABI.md.
 *
 * @module
 */

import { InvalidComponentError } from "../binary/invalid_component.ts";
import type { Canon, CanonLift, CanonLower, CanonOptions } from "../binary/model_canon.ts";
import type { CoreFunctionType } from "../binary/model_types.ts";
import {
  asyncLiftSignature,
  asyncLowerSignature,
  type CoreSignature,
  syncLiftSignature,
  syncLowerSignature,
  taskReturnSignature,
} from "../types/flat.ts";
import type { FunctionType } from "../types/function_type.ts";
import { coreFunctionText } from "../types/compare/match_module.ts";
import type { ResourceIdentity } from "../types/resource_identity.ts";
import type { FutureType, StreamType, ValueType } from "../types/value_type.ts";
import { builtinSignature } from "./builtin_signatures.ts";
import type { IndexSpaces } from "./index_spaces.ts";
import { CanonOptionRules } from "./option_rules.ts";

/** Slots of a task's storage. */
const CONTEXT_SLOTS = 2;

/** Validates the canonical definitions of a component. */
export class CanonRules {
  readonly #spaces: IndexSpaces;
  /** Resource types that the component defines itself. */
  readonly #ownResources: ReadonlySet<ResourceIdentity>;

  /**
   * @param spaces The index spaces of the component.
   * @param ownResources Resource types that the component defines itself.
   */
  constructor(spaces: IndexSpaces, ownResources: ReadonlySet<ResourceIdentity>) {
    this.#spaces = spaces;
    this.#ownResources = ownResources;
  }

  /** Validate a definition, and add the function that it defines. @throws {InvalidComponentError} It is not valid. */
  define(canon: Canon, offset: number): void {
    if (canon.operation === "lift") this.#spaces.functions.push(this.#lift(canon, offset));
    else this.#spaces.addCoreFunction(this.#coreFunction(canon, offset));
  }

  #lift({ coreFunction, options, type: index }: CanonLift, offset: number): FunctionType {
    const spaces = this.#spaces;
    const core = spaces.coreFunction(coreFunction, offset);
    const type = spaces.types.functionType(index, offset);
    const rules = new CanonOptionRules(spaces, "lift", options, offset);
    if (options.isAsync && !type.isAsync) throw error("an async lift needs an async function type", offset);
    const signature = options.isAsync
      ? asyncLiftSignature(type, options.callback !== undefined)
      : syncLiftSignature(type);
    rules.checkLift(signature.results);
    const hasPointers = type.params.some((param) => param.type.hasPointer);
    if (hasPointers || signature.hasSpilledParams) rules.needRealloc();
    if (!options.isAsync && (type.result?.hasPointer === true || signature.hasSpilledResult)) rules.needMemory();
    checkSignature("lifted function", core, signature, offset);
    return type;
  }

  #lower({ function: index, options }: CanonLower, offset: number): CoreSignature {
    const type = this.#spaces.at("func", this.#spaces.functions, index, offset);
    const rules = new CanonOptionRules(this.#spaces, "lower", options, offset);
    if (options.isAsync && !type.isAsync) throw error("an async lower needs an async function type", offset);
    rules.checkLower();
    const signature = options.isAsync ? asyncLowerSignature(type) : syncLowerSignature(type);
    const hasPointers = type.params.some((param) => param.type.hasPointer);
    if (hasPointers || signature.hasSpilledParams || signature.hasSpilledResult) rules.needMemory();
    if (type.result?.hasPointer === true) rules.needRealloc();
    return signature;
  }

  #coreFunction(canon: Exclude<Canon, CanonLift>, offset: number): CoreFunctionType {
    switch (canon.operation) {
      case "lower":
        return coreType(this.#lower(canon, offset));
      case "resource.new":
      case "resource.rep":
        if (!this.#ownResources.has(this.#spaces.types.resource(canon.type, offset))) {
          throw error(`${canon.operation} needs a resource type that the component defines itself`, offset);
        }
        break;
      case "resource.drop":
        this.#spaces.types.resource(canon.type, offset);
        break;
      case "task.return":
        return coreType(this.#taskReturn(canon.result, canon.options, offset));
      case "context.get":
      case "context.set":
        if (canon.type !== "i32") throw error(`${canon.operation} of an i64 is not supported`, offset);
        if (canon.slot >= CONTEXT_SLOTS) {
          throw error(`a task has ${CONTEXT_SLOTS} slots, and slot ${canon.slot} is used`, offset);
        }
        break;
      case "waitable-set.wait":
      case "waitable-set.poll":
        this.#spaces.checkMemory(canon.memory, offset);
        break;
      case "error-context.new":
      case "error-context.debug-message":
        this.#errorContext(canon.operation, canon.options, offset);
        break;
      case "thread.new-indirect":
        this.#newThread(canon.type, canon.table, offset);
        break;
      default:
        if (canon.operation.startsWith("stream.") || canon.operation.startsWith("future.")) this.#copy(canon, offset);
    }
    return builtinSignature(canon.operation);
  }

  #taskReturn(result: number | string | undefined, options: CanonOptions, offset: number): CoreSignature {
    const type = result === undefined ? undefined : this.#spaces.types.valueType(result as never, offset);
    if (type?.hasBorrow === true) throw error("the result of task.return contains a borrow", offset);
    const rules = new CanonOptionRules(this.#spaces, "task.return", options, offset);
    rules.checkTaskReturn();
    const signature = taskReturnSignature(type);
    if (type?.hasPointer === true || signature.hasSpilledParams) rules.needMemory();
    return signature;
  }

  #errorContext(operation: "error-context.new" | "error-context.debug-message", options: CanonOptions, offset: number) {
    const rules = new CanonOptionRules(this.#spaces, operation, options, offset);
    rules.checkLower();
    rules.needMemory();
    if (operation === "error-context.debug-message") rules.needRealloc();
  }

  #copy(canon: Canon, offset: number): void {
    if (!("type" in canon) || typeof canon.type !== "number") return;
    const kind = canon.operation.startsWith("stream.") ? "stream" : "future";
    const type = this.#spaces.types.type(canon.type, offset);
    if (type.kind !== kind) {
      throw error(`${canon.operation} needs a ${kind} type, and type ${canon.type} is none`, offset);
    }
    if (!("options" in canon)) return;
    const rules = new CanonOptionRules(this.#spaces, canon.operation, canon.options, offset);
    rules.checkCopy();
    const { element } = type as StreamType | FutureType;
    if (element !== undefined) rules.needMemory();
    if (canon.operation.endsWith(".read") && hasPointer(element)) rules.needRealloc();
  }

  #newThread(type: number, table: number, offset: number): void {
    const function_ = this.#spaces.types.coreType(type, offset);
    if (function_.kind !== "core-func" || coreFunctionText(function_) !== "func (i32) -> ()") {
      throw error("thread.new-indirect needs the core type (func (param i32))", offset);
    }
    const item = this.#spaces.at("core table", this.#spaces.coreItems["core table"], table, offset);
    if (item?.sort === "core table" && item.element !== "funcref") {
      throw error(`thread.new-indirect needs a table of funcref, not of ${item.element}`, offset);
    }
  }
}

function hasPointer(type: ValueType | undefined): boolean {
  return type?.hasPointer === true;
}

function coreType({ params, results }: CoreSignature): CoreFunctionType {
  return { kind: "core-func", params, results };
}

function checkSignature(
  what: string,
  found: CoreFunctionType | undefined,
  needed: CoreSignature,
  offset: number,
): void {
  if (found === undefined) return;
  const text = coreFunctionText(coreType(needed));
  if (coreFunctionText(found) === text) return;
  throw error(`type mismatch: the ${what} is ${coreFunctionText(found)}, and ${text} is needed`, offset);
}

function error(problem: string, offset: number): InvalidComponentError {
  return new InvalidComponentError(problem, offset);
}
