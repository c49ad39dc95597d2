/** Prints whether foreign calls are made without being asked for. */

import { mayCallForeign } from "../../src/platform/shared/foreign_calls.ts";

console.log(mayCallForeign());
