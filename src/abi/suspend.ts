/** The one retry loop: a call that answered AGAIN on a blocking descriptor waits and is made again. */

import { Errno } from "../witx/errno.ts";
import type { System } from "../core/system.ts";

/**
 * Make a call until it does not answer `AGAIN`, unless its descriptor is non-blocking.
 *
 * @param system Waits, blocking or suspending: `attempt` knows nothing of it.
 * @param fd The descriptor.
 * @param interest Bits of `Interest`.
 * @param blocking True where a promise can't be answered.
 * @param attempt The whole call, from decoding on: guest memory may have moved in between.
 */
export function retryWhileAgain(
  system: System,
  fd: number,
  interest: number,
  blocking: boolean,
  attempt: () => Errno,
): Errno | Promise<Errno> {
  for (;;) {
    const waited = system.waitFd(fd, interest, blocking);
    if (typeof waited !== "number") return waited.then((errno) => errno || retryAfter(system, fd, interest, attempt));
    if (waited !== Errno.SUCCESS) return waited;
    const errno = attempt();
    if (errno !== Errno.AGAIN) return errno;
  }
}

function retryAfter(system: System, fd: number, interest: number, attempt: () => Errno): Errno | Promise<Errno> {
  const errno = attempt();
  return errno === Errno.AGAIN ? retryWhileAgain(system, fd, interest, false, attempt) : errno;
}
