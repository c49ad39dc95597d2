/** Which component functions can be called from JavaScript. */

import type { Codecs } from "../../abi/codecs.ts";
import { AsyncExportCall } from "../../async/async_export_call.ts";
import { AsyncLiftedFunction } from "../../async/async_lifted_function.ts";
import type { ComponentFunction } from "../component_function.ts";
import { type CallableExport, ExportCall } from "./export_call.ts";
import { LiftedFunction } from "./lifted_function.ts";

/**
 * What calls a component function from JavaScript.
 *
 * @param fn The function.
 * @param codecs What values become in JavaScript.
 * @returns Undefined for a function of the host.
 */
export function callableExport(fn: ComponentFunction, codecs: Codecs): CallableExport | undefined {
  if (fn instanceof LiftedFunction) return new ExportCall(fn, codecs);
  return fn instanceof AsyncLiftedFunction ? new AsyncExportCall(fn, codecs) : undefined;
}
