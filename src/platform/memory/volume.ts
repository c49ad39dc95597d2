/** What all inodes of one file system share. */

import type { PlatformClock } from "../../core/platform.ts";
import { type MemoryLimits, Quota } from "./quota.ts";

/** Device numbers start above those of hosts, so that no file in memory is taken for one of the host. */
let nextDevice = 2n ** 32n;

const words: Uint32Array = new Uint32Array(2);

/** A file system. */
export class Volume {
  /** Its device number. */
  readonly dev: bigint;
  /** Pays for contents. */
  readonly bytes: Quota;
  /** Pays for names. */
  readonly names: Quota;
  readonly #clock: PlatformClock;
  #nextIno = 1n;

  /**
   * @param clock Tells the times of files.
   * @param limits How much it may hold.
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

  /** Time of day in ns. */
  now(): bigint {
    this.#clock.realtime(words);
    return (BigInt(words[1]!) << 32n) | BigInt(words[0]!);
  }
}
