/** `wasi:random`. The insecure interfaces give secure bytes as well: they cost no more. */

import type { HostFunction } from "../../../component/link/function.ts";
import { trap } from "../../../component/link/trap.ts";
import type { PlatformRandom } from "../../../contract/platform.ts";
import type { HostInterface, WasiHost } from "../../host.ts";

/** Most bytes of a list. */
const MAX_LIST = 2 ** 28 - 1;
/** Bytes of an insecure seed. */
const SEED_BYTES = 16;

/** The interface `wasi:random/random@0.2`. */
export function randomInterface({ guest: { random } }: WasiHost): HostInterface {
  return {
    functions: { "get-random-bytes": randomBytes(random), "get-random-u64": randomU64(random) },
    resources: {},
  };
}

/** The interface `wasi:random/insecure@0.2`. */
export function insecureInterface({ guest: { random } }: WasiHost): HostInterface {
  return {
    functions: { "get-insecure-random-bytes": randomBytes(random), "get-insecure-random-u64": randomU64(random) },
    resources: {},
  };
}

/** The interface `wasi:random/insecure-seed@0.2`. The seed of a guest is one value, as if it were imported. */
export function insecureSeedInterface({ guest: { random } }: WasiHost): HostInterface {
  let value: Uint8Array | undefined;
  const seed: HostFunction = {
    type: "func() -> tuple<u64, u64>",
    lower: (cx) => (result: number): void => {
      cx.enter();
      const at = result >>> 0;
      cx.checkSpan(at, SEED_BYTES, 8);
      if (value === undefined) {
        value = new Uint8Array(SEED_BYTES);
        random.fill(value, 0, SEED_BYTES);
      }
      cx.bytes.set(value, at);
    },
  };
  return { functions: { "insecure-seed": seed }, resources: {} };
}

function randomBytes(random: PlatformRandom): HostFunction {
  return {
    type: "func(len: u64) -> list<u8>",
    lower: (cx) => (length: bigint, result: number): void => {
      cx.enter();
      const at = result >>> 0;
      cx.checkSpan(at, 8, 4);
      if (length < 0n || length > MAX_LIST) trap(`cannot make ${BigInt.asUintN(64, length)} random bytes: too many`);
      const count = Number(length);
      const pointer = cx.realloc(1, count);
      random.fill(cx.bytes, pointer, count);
      cx.view.setUint32(at, pointer, true);
      cx.view.setUint32(at + 4, count, true);
    },
  };
}

function randomU64(random: PlatformRandom): HostFunction {
  const bytes = new Uint8Array(8);
  const number = new BigUint64Array(bytes.buffer);
  return {
    type: "func() -> u64",
    lower: (cx) => (): bigint => {
      cx.enter();
      random.fill(bytes, 0, bytes.length);
      return number[0]!;
    },
  };
}
