/** The arguments of a call, and the memory that they point to. */

import { isPointer, type Signature } from "../../witx/signature.ts";
import type { Events, Subscriptions } from "../results.ts";
import type { Abi } from "../abi/abi.ts";

/** What is kept of a call until it returns, because the call may overwrite it. */
export interface Kept {
  /** Subscriptions of `poll_oneoff`. */
  subscriptions?: Subscriptions;
  /** Two words for each of them. */
  userdata?: Uint32Array;
  /** Events of `poll_oneoff`. */
  events?: Events;
  /** The buffer for an address. */
  buffer?: Uint8Array;
}

/** The arguments of one call. */
export class CallArguments {
  /** Whose call it is. */
  readonly abi: Abi;
  /** The function. */
  readonly signature: Signature;
  /** What is kept until the call returns. */
  readonly kept: Kept = {};
  readonly #values: readonly (number | bigint)[];

  /**
   * @param abi What the imports of the guest share.
   * @param signature The function.
   * @param values Arguments as the guest passed them.
   */
  constructor(abi: Abi, signature: Signature, values: readonly (number | bigint)[]) {
    this.abi = abi;
    this.signature = signature;
    this.#values = values;
    if (signature.params.some(isPointer)) abi.memory.update();
  }

  /** An i32 as an unsigned number of its type's bits. */
  u32(at: number): number {
    const { bits } = this.signature.params[at]!;
    const value = Number(this.#values[at]) >>> 0;
    return bits < 32 ? value & (1 << bits) - 1 : value;
  }

  /** An i64. */
  i64(at: number): bigint {
    return BigInt(this.#values[at]!);
  }

  /** The parameter of this name as a u32, or undefined. */
  named(name: string): number | undefined {
    const at = this.signature.params.findIndex((param) => param.name === name);
    return at < 0 ? undefined : this.u32(at);
  }

  /** The u32 that the call has stored as this result, or undefined if it has no such result. */
  result(name: string): number | undefined {
    const ptr = this.named(`result.${name}`);
    return ptr === undefined ? undefined : this.abi.memory.view.getUint32(ptr, true);
  }

  /** Bytes of memory, or undefined if they lie outside. */
  bytes(ptr: number, length: number): Uint8Array | undefined {
    const { memory } = this.abi;
    return memory.holds(ptr, length) ? memory.bytes.subarray(ptr, ptr + length) : undefined;
  }
}
