/** Types of component functions. */

import type { ValueType } from "./value_type.ts";

/** A parameter. */
export interface Parameter {
  /** In kebab case. */
  readonly name: string;
  readonly type: ValueType;
}

/** The type of a function. */
export interface FunctionType {
  readonly kind: "func";
  /** True for `async func`: a call may return before it has a result. */
  readonly isAsync: boolean;
  readonly params: readonly Parameter[];
  /** Undefined if it has no result. */
  readonly result: ValueType | undefined;
}
