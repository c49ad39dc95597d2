/** Index spaces of a component while it is validated. */

import { oneOfSort } from "../binary/sort_text.ts";
import { InvalidComponentError } from "../binary/invalid_component.ts";
import type { CoreItemSort, Sort } from "../binary/model_references.ts";
import type { CoreFunctionType } from "../binary/model_types.ts";
import type { EvaluationBudget } from "../types/evaluation_budget.ts";
import type { FunctionType } from "../types/function_type.ts";
import { coreTypeText } from "../types/compare/match_module.ts";
import type { CoreExternShape, ModuleShape } from "../types/module_shape.ts";
import { outOfRange, TypeScope } from "../types/scope.ts";
import type { ComponentShape, ExternShape, InstanceShape } from "../types/shapes.ts";

/** What a core instance exports; undefined if its module can't be read: whatever it is used for passes then. */
export type CoreInstanceShape = ReadonlyMap<string, CoreExternShape> | undefined;

/** An entry of an index space of core definitions; undefined if it comes from a module that can't be read. */
export type CoreItem = CoreExternShape | undefined;

/** The index spaces of a component. Each method adds under the next index, or looks an index up. */
export class IndexSpaces {
  /** Those of the component that it stands in; undefined for the outermost one. */
  readonly outer: IndexSpaces | undefined;
  readonly types: TypeScope;
  readonly functions: FunctionType[] = [];
  readonly instances: InstanceShape[] = [];
  readonly components: ComponentShape[] = [];
  readonly modules: (ModuleShape | undefined)[] = [];
  readonly coreInstances: CoreInstanceShape[] = [];
  readonly coreItems: Readonly<Record<CoreItemSort, CoreItem[]>> = {
    "core func": [],
    "core table": [],
    "core memory": [],
    "core global": [],
    "core tag": [],
  };

  /**
   * Make index spaces.
   *
   * @param outer Those of the component that it stands in.
   * @param budget Bounds the evaluation of types, for the outermost component.
   */
  constructor(outer: IndexSpaces | undefined, budget: EvaluationBudget) {
    this.outer = outer;
    this.types = new TypeScope(outer?.types, { isComponent: true, budget });
  }

  /** The entry at an index. @throws {InvalidComponentError} There is none. */
  at<T>(sort: Sort, space: readonly T[], index: number, offset: number): T {
    if (index < space.length) return space[index] as T;
    throw new InvalidComponentError(outOfRange(sort, index, space.length), offset);
  }

  /** A core function; undefined if its type is unknown. */
  coreFunction(index: number, offset: number): CoreFunctionType | undefined {
    const item = this.at("core func", this.coreItems["core func"], index, offset);
    return item?.sort === "core func" ? item.type : undefined;
  }

  /** Add a core function. */
  addCoreFunction(type: CoreFunctionType): void {
    this.coreItems["core func"].push({ sort: "core func", type });
  }

  /** Check that there is a memory that canonical definitions can use. */
  checkMemory(index: number, offset: number): void {
    const item = this.at("core memory", this.coreItems["core memory"], index, offset);
    if (item?.sort !== "core memory" || !(item.limits.is64 || item.limits.isShared)) return;
    throw new InvalidComponentError(`${coreTypeText(item)} can't be used by canonical definitions`, offset);
  }

  /**
   * What can be exported under a sort and an index; undefined for a core module that can't be read.
   *
   * @throws {InvalidComponentError} There is none, or the sort can't be exported.
   */
  extern(sort: Sort, index: number, offset: number): ExternShape | undefined {
    switch (sort) {
      case "func":
        return { sort, type: this.at(sort, this.functions, index, offset) };
      case "type":
        return { sort, type: this.types.type(index, offset) };
      case "instance":
        return { sort, shape: this.at(sort, this.instances, index, offset) };
      case "component":
        return { sort, shape: this.at(sort, this.components, index, offset) };
      case "core module": {
        const shape = this.at(sort, this.modules, index, offset);
        return shape === undefined ? undefined : { sort, shape };
      }
      default:
        throw new InvalidComponentError(`${oneOfSort(sort)} can't be exported or be an argument`, offset);
    }
  }

  /** Add what an import, an export or an alias refers to. */
  add(shape: ExternShape): void {
    switch (shape.sort) {
      case "func":
        this.functions.push(shape.type);
        break;
      case "type":
        this.types.add(shape.type);
        break;
      case "instance":
        this.instances.push(shape.shape);
        break;
      case "component":
        this.components.push(shape.shape);
        break;
      case "core module":
        this.modules.push(shape.shape);
        break;
    }
  }

  /** Those of a component further out. @throws {InvalidComponentError} There are fewer. */
  ancestor(count: number, offset: number): IndexSpaces {
    if (count === 0) return this;
    if (this.outer !== undefined) return this.outer.ancestor(count - 1, offset);
    throw new InvalidComponentError("an outer alias goes further out than there are scopes", offset);
  }
}
