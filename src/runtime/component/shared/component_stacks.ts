/** JavaScript Promise Integration for components. */

import type { StackSwitching } from "../../../component/link/store.ts";
import { type ExportFunction, promising, suspending } from "../../jspi.ts";

/** How a guest is suspended that runs in the mode `"suspend"`. */
export const STACKS: StackSwitching = { suspending, promising: (fn) => promising(fn as ExportFunction) };
