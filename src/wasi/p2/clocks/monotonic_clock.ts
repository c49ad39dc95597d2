/** `wasi:clocks/monotonic-clock`. */

import type { CallContext } from "../../../component/abi/context.ts";
import type { HostFunction } from "../../../component/link/function.ts";
import type { PlatformClock } from "../../../contract/platform.ts";
import { Deadline } from "../../../core/io/deadline.ts";
import { Clockid } from "../../../witx/types.ts";
import type { HostInterface, WasiHost } from "../../host.ts";
import { guestIo } from "../io/guest_io.ts";
import { targetOf } from "../io/pollable.ts";

const WORD = 2 ** 32;

/** The interface `wasi:clocks/monotonic-clock@0.2`. */
export function monotonicClockInterface(host: WasiHost): HostInterface {
  const io = host.shared(guestIo);
  const { clock } = host.guest;
  const subscribe = (cx: CallContext, timeNs: number): number =>
    io.subscribe(cx, targetOf(new Deadline(clock, timeNs)));
  return {
    functions: {
      now: now(clock),
      resolution: {
        type: "func() -> u64",
        lower: (cx) => (): bigint => {
          cx.enter();
          return BigInt(clock.resolution(Clockid.MONOTONIC));
        },
      },
      "subscribe-instant": {
        type: "func(when: u64) -> own<pollable>",
        lower: (cx) => (when: bigint): number => {
          cx.enter();
          return subscribe(cx, unsigned(when));
        },
      },
      "subscribe-duration": {
        type: "func(when: u64) -> own<pollable>",
        lower: (cx) => (when: bigint): number => {
          cx.enter();
          return subscribe(cx, clock.monotonic() + unsigned(when));
        },
      },
    },
    resources: { pollable: io.pollable },
  };
}

/** The time as a bigint comes from two words, without arithmetic on bigints. */
function now(clock: PlatformClock): HostFunction {
  const words = new Uint32Array(2);
  const time = new BigUint64Array(words.buffer);
  return {
    type: "func() -> u64",
    lower: (cx) => (): bigint => {
      cx.enter();
      if (clock.monotonicInto !== undefined) {
        clock.monotonicInto(words);
      } else {
        const ns = clock.monotonic();
        const high = Math.floor(ns / WORD);
        words[0] = ns - high * WORD;
        words[1] = high;
      }
      return time[0]!;
    },
  };
}

/** A u64 that arrives as an s64, as a number: exact below 2^53. */
function unsigned(value: bigint): number {
  return Number(BigInt.asUintN(64, value));
}
