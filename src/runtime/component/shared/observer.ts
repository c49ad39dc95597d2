/** Traces what a guest calls of the host. */

import type { ObserveFunction } from "../../../component/link/import_resolver.ts";
import { tracedFunction } from "../../../component/trace/traced_function.ts";
import type { RunOptions } from "../../options/options.ts";

/** Traces the calls of host functions. @param write Called with each line; undefined for no trace. */
export function observer(write: RunOptions["trace"]): ObserveFunction | undefined {
  return write === undefined ? undefined : (name, type, fn) => tracedFunction(name, type, fn, write);
}
