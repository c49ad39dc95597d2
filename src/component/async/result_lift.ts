/** Makes results of what tasks return. */

import type { CoreValue } from "../abi/codec.ts";
import type { Codecs } from "../abi/codecs.ts";
import type { CallContext } from "../abi/context.ts";
import { FunctionCodec, ParamsCodec } from "../abi/function_codec.ts";
import type { FunctionType } from "../types/function_type.ts";

/** Makes results of one function, for one kind of values. */
export class ResultLift {
  readonly #codec: FunctionCodec;
  readonly #returned: ParamsCodec;

  /**
   * Make it.
   *
   * @param type The function's type.
   * @param codecs What results become.
   */
  constructor(type: FunctionType, codecs: Codecs) {
    this.#codec = new FunctionCodec(type, codecs);
    this.#returned = new ParamsCodec(type.result === undefined ? [] : [type.result], codecs);
  }

  /** Of the core result of a function that was lifted with synchronous options. */
  liftCore(cx: CallContext, core: CoreValue | undefined): unknown {
    return this.#codec.liftResult(cx, core);
  }

  /** Of the core parameters of `task.return`. */
  liftFlat(cx: CallContext, flat: readonly CoreValue[]): unknown {
    return this.#returned.lift(cx, flat)[0];
  }
}
