/** State that all inodes of a file system share. */

import type { PlatformClock } from "../../../contract/platform.ts";
import { type MemoryLimits, Quota } from "./quota.ts";

/** Device numbers start above those of hosts, so that no file in memory is taken for one of the host. */
let nextDevice = 2n ** 32n;

/** A file system. */
export class Volume {
  /** Its device number. */
  readonly dev: bigint;
  /** Quota of contents. */
  readonly bytes: Quota;
  /** Quota of names. */
  readonly names: Quota;
  readonly #clock: PlatformClock;
  /** Halves of a time. */
  readonly #time: Uint32Array = new Uint32Array(2);
  #nextIno = 1n;

  /**
   * @param clock Clock for file times.
   * @param limits Limits on its size.
   */
  constructor(clock: PlatformClock, limits: MemoryLimits) {
    this.dev = nextDevice++;
    this.bytes = new Quota(limits.maxBytes ?? Infinity, "maxBytes");
    this.names = new Quota(limits.maxNames ?? Infinity, "maxNames");
    this.#clock = clock;
  }

  /** A serial number that no other inode has or had. */
  takeIno(): bigint {
    return this.#nextIno++;
  }

  /** Wall-clock time in ns. */
  now(): bigint {
    const time = this.#time;
    this.#clock.realtime(time);
    return (BigInt(time[1]!) << 32n) | BigInt(time[0]!);
  }
}
