/** Results of wasi:sockets in memory, for the functions that are lowered by hand. */

import type { CallContext } from "../../../component/abi/context.ts";
import { type Attempt, DONE } from "../../../component/link/function.ts";
import type { ResourceType } from "../../../component/link/resource_type.ts";
import { parseIp, unmapped } from "../../../contract/address.ts";
import type { SocketAddress } from "../../../contract/network.ts";
import type { GuestIo } from "../io/guest_io.ts";
import type { PollTarget } from "../io/pollable.ts";
import { codeOf, ErrorCode, failure, type SocketFailure } from "./error_code.ts";

const WOULD_BLOCK: SocketFailure = failure(ErrorCode.WOULD_BLOCK);

/** Store an `ip-address`, never an IPv4-mapped one. @param at Where: 18 bytes in memory, aligned to 2. */
export function storeIpAddress({ bytes, view }: CallContext, at: number, { host }: SocketAddress): void {
  const ip = unmapped(parseIp(host)!);
  if (ip.length === 4) {
    bytes[at] = 0;
    bytes.set(ip, at + 2);
    return;
  }
  bytes[at] = 1;
  for (let i = 0; i < 16; i += 2) view.setUint16(at + 2 + i, ip[i]! << 8 | ip[i + 1]!, true);
}

/** Store the `error` case of a `result`. @param payload Where its payload begins: the alignment of its cases. */
export function storeFailure({ bytes }: CallContext, at: number, payload: number, failed: SocketFailure): void {
  bytes[at] = 1;
  bytes[at + payload] = codeOf(failed);
}

/** A method that may find nothing yet. */
export interface WaitingMethod<Rep extends PollTarget> {
  /** Its resource. */
  readonly self: ResourceType<Rep>;
  /** Bytes of its result. */
  readonly size: number;
  /** Offset of the payload of its result, which is its alignment. */
  readonly payload: number;
  /** Make the call, and store the `ok` case at `at`. @returns 0 or more, or a failure. */
  run(cx: CallContext, rep: Rep, at: number): number;
}

/** Lower a method by hand: a guest that asks in vain again and again lets the event loop turn now and then. */
export function waitingMethod<Rep extends PollTarget>(
  io: GuestIo,
  method: WaitingMethod<Rep>,
): (cx: CallContext) => Attempt {
  const { self, size, payload } = method;
  return (cx) => (handle: number, result: number): 0 | 1 => {
    cx.enter();
    const rep = cx.handle(handle, self);
    const at = result >>> 0;
    cx.checkSpan(at, size, payload);
    const outcome = method.run(cx, rep, at);
    if (outcome === WOULD_BLOCK && io.foundNothing(cx, rep.awaited()) !== DONE) return 1;
    if (outcome < 0) storeFailure(cx, at, payload, outcome);
    else cx.bytes[at] = 0;
    return DONE;
  };
}
