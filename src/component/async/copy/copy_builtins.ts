/** Built-ins for streams and futures. */

import type { CallContext } from "../../abi/context.ts";
import { guarded } from "../../link/call/guard.ts";
import type { Linking } from "../../link/call/linking.ts";
import { checkLeave } from "../../link/canon/resource_builtins.ts";
import type { ComponentInstance } from "../../link/component_instance.ts";
import type { CoreFunction } from "../../link/function.ts";
import { trap } from "../../link/trap.ts";
import type { CoreType, FutureType, StreamType } from "../../types/value_type.ts";
import { blockingFunction } from "../blocking.ts";
import { GuestBuffer } from "./copy_buffer.ts";
import { addEnd, CopyEnd, endAt } from "./copy_end.ts";
import { SharedFuture, SharedStream } from "./shared_copy.ts";
import type { Operation } from "../task_waits.ts";
import { BLOCKED } from "../waitable.ts";

type CopyType = StreamType | FutureType;

/** `canon stream.new` and `canon future.new`: the readable end is in the lower half of the result. */
export function copyNew(instance: ComponentInstance, { kind, element }: CopyType): CoreFunction {
  return () => {
    checkLeave(instance);
    const shared = kind === "stream" ? new SharedStream(element) : new SharedFuture(element);
    const readable = addEnd(instance, new CopyEnd(shared, "readable"));
    const writable = addEnd(instance, new CopyEnd(shared, "writable"));
    return BigInt.asIntN(64, BigInt(readable) | (BigInt(writable) << 32n));
  };
}

/** A built-in that copies. */
export interface CopyBuiltin {
  /** Type of the stream or future. */
  readonly type: CopyType;
  /** Which end it is for. */
  readonly isReadable: boolean;
  /** True if it does not wait for the other end. */
  readonly isAsync: boolean;
}

/**
 * `canon stream.read`, `stream.write`, `future.read`, `future.write`.
 *
 * @param cx Has the memory that is copied from or to.
 * @param builtin Which of them.
 * @param linking What all definitions of the guest share.
 */
export function copyElementsOf(cx: CallContext, builtin: CopyBuiltin, linking: Linking): CoreFunction {
  const { type, isReadable, isAsync } = builtin;
  const { instance } = cx;
  const element = type.element === undefined ? undefined : linking.spans.of(type.element);
  const begin = (index: number, pointer: number, length: number = 1): CopyEnd => {
    checkLeave(instance);
    const end = endAt(instance, index, type, isReadable);
    end.checkIdle();
    if (!isAsync) checkAlone(end);
    end.begin(new GuestBuffer(cx, element, pointer, length), instance);
    return end;
  };
  const params: readonly CoreType[] = type.kind === "stream" ? ["i32", "i32", "i32"] : ["i32", "i32"];
  if (isAsync) {
    const copy = type.kind === "stream"
      ? (index: number, pointer: number, length: number) => payloadOf(begin(index, pointer, length))
      : (index: number, pointer: number) => payloadOf(begin(index, pointer));
    return guarded(copy, linking.store.outcome, params.length);
  }
  const wait = (index: number, pointer: number, length?: number): Operation => waitFor(begin(index, pointer, length));
  return blockingFunction(wait, instance, { params, results: ["i32"] }, linking);
}

/** What a copy has come to by now. */
function payloadOf(end: CopyEnd): number {
  return end.hasEvent ? end.takeEvent().payload : BLOCKED;
}

function waitFor(end: CopyEnd): Operation {
  end.hasSyncWaiter = true;
  return {
    isReady: () => end.hasEvent,
    isCancellable: false,
    finish: () => {
      end.hasSyncWaiter = false;
      return end.takeEvent().payload;
    },
  };
}

function checkAlone(end: CopyEnd): void {
  if (end.set !== undefined) trap("cannot wait for a waitable that is in a waitable set");
}

/** `canon stream.cancel-read` and the like. The other end has no say: a copy ends at once. */
export function copyCancel(instance: ComponentInstance, { type, isReadable, isAsync }: CopyBuiltin): CoreFunction {
  return (index: number) => {
    checkLeave(instance);
    const end = endAt(instance, index, type, isReadable);
    if (!isAsync) checkAlone(end);
    end.cancel();
    return end.takeEvent().payload;
  };
}

/** `canon stream.drop-readable` and the like. */
export function copyDrop(
  instance: ComponentInstance,
  type: CopyType,
  side: "readable" | "writable",
): CoreFunction {
  return (index: number) => {
    checkLeave(instance);
    endAt(instance, index, type, side === "readable").drop();
    instance.handles.remove(index);
  };
}
