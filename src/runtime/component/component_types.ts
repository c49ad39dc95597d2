/** What the core modules of a component declare. */

import type { CoreModules } from "../../component/link/core_modules.ts";
import { type ModuleTypes, readModuleTypes } from "../module/types.ts";

/**
 * Memory and table elements that the core modules of a component declare, each module counted once.
 *
 * @param modules The core modules.
 */
export function componentTypes(modules: CoreModules): ModuleTypes {
  const types = [...modules.keys()].map(({ bytes }) => readModuleTypes(bytes));
  return {
    imports: undefined,
    memoryBytes: sum(types.map(({ memoryBytes }) => memoryBytes)),
    tableElements: sum(types.map(({ tableElements }) => tableElements)),
    hasWideMemory: undefined,
  };
}

function sum(numbers: readonly (number | undefined)[]): number | undefined {
  return numbers.reduce((total, number) => {
    return total === undefined || number === undefined ? undefined : total + number;
  }, 0);
}
