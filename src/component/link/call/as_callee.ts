/** Which component functions can be called from JavaScript. */

import { AsyncLiftedFunction } from "../../async/async_lifted_function.ts";
import type { ComponentFunction } from "../component_function.ts";
import type { Callee } from "./callee.ts";
import { LiftedFunction } from "./lifted_function.ts";

/**
 * The callee of a component function.
 *
 * @param fn The function.
 * @returns What `ExportCall` calls; undefined for a function of the host.
 */
export function asCallee(fn: ComponentFunction): Callee | undefined {
  return fn instanceof LiftedFunction || fn instanceof AsyncLiftedFunction ? fn : undefined;
}
