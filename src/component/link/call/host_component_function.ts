/** Functions of the host as component functions. */

import type { CoreValue } from "../../abi/codec.ts";
import type { CallContext } from "../../abi/context.ts";
import { FunctionCodec, returnPointer } from "../../abi/function_codec.ts";
import { lowerHostAsync, lowerHostSync } from "../../async/host_call.ts";
import { syncLowerSignature } from "../../types/flat.ts";
import type { FunctionType } from "../../types/function_type.ts";
import type { ComponentFunction } from "../component_function.ts";
import type { CoreFunction, HostFunction } from "../function.ts";
import { guarded } from "./guard.ts";
import type { Linking } from "./linking.ts";
import { withFloats } from "./trampoline_modules.ts";
import type { CoreSignatureTypes } from "./wasm_writer.ts";
import { waitingFunction } from "./waiting_function.ts";
import { ComponentLinkError } from "../link_error.ts";

/** A function of the host, for one guest. */
export class HostComponentFunction implements ComponentFunction {
  readonly type: FunctionType;
  readonly mayWait: boolean;
  readonly #host: HostFunction;
  readonly #linking: Linking;

  /**
   * Make it.
   *
   * @param type Its type, with the resource types of the guest.
   * @param host The function.
   * @param linking What all definitions of the guest share.
   */
  constructor(type: FunctionType, host: HostFunction, linking: Linking) {
    this.type = type;
    this.#host = host;
    this.#linking = linking;
    this.mayWait = host.attempt !== undefined || type.isAsync;
  }

  lower(cx: CallContext): CoreFunction {
    if (this.#host.takesFloats !== true) return this.#lowered(cx, syncLowerSignature(this.type));
    const signature = syncLowerSignature(this.type);
    const floats = this.#lowered(cx, withFloats(signature)) as WebAssembly.ImportValue;
    const module = this.#linking.trampolines.floats(signature);
    return new WebAssembly.Instance(module, { "": { floats } }).exports[""] as CoreFunction;
  }

  #lowered(cx: CallContext, signature: CoreSignatureTypes): CoreFunction {
    const { attempt, lower, call } = this.#host;
    const { outcome } = this.#linking.store;
    const { params } = signature;
    if (this.type.isAsync) return lowerHostSync({ type: this.type, host: this.#host }, cx, this.#linking);
    if (attempt !== undefined) {
      return waitingFunction({ attempt: attempt(cx), holder: cx, signature }, this.#linking);
    }
    if (lower !== undefined) return guarded(lower(cx), outcome, params.length);
    if (call !== undefined) return guarded(genericCall(this.type, call, cx, this.#linking), outcome, params.length);
    throw new ComponentLinkError(`A function of the host has no implementation: ${this.#host.type}`);
  }

  lowerAsync(cx: CallContext): CoreFunction {
    return lowerHostAsync({ type: this.type, host: this.#host }, cx, this.#linking);
  }
}

/** Lift the parameters, call, and lower the result. */
function genericCall(
  type: FunctionType,
  call: (args: readonly unknown[]) => unknown,
  cx: CallContext,
  { values }: Linking,
): CoreFunction {
  // Made by the first call: a guest calls few of the functions that it imports.
  let made: FunctionCodec | undefined;
  return (...flat: CoreValue[]) => {
    cx.enter();
    const codec = made ??= new FunctionCodec(type, values);
    const first = cx.lenders.length;
    const value = call(codec.params.lift(cx, flat));
    cx.refresh();
    const result = codec.lowerResult(cx, value, returnPointer(flat));
    if (codec.hasBorrow) cx.returnLent(first);
    return result;
  };
}
