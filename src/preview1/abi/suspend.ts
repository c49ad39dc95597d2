/** What a call does after it has waited: memory may have grown, and the descriptor may be ready. */

import { Errno } from "../../witx/errno.ts";
import type { WaitMode } from "../../contract/waiter.ts";
import type { MaybePromise } from "../../core/io/maybe_promise.ts";
import type { System } from "../system.ts";
import type { GuestMemory } from "./memory.ts";

/** What waits, and what has to be made anew after a wait. */
interface Waiting {
  readonly system: { readonly poll: Pick<System["poll"], "waitFd"> };
  readonly memory: Pick<GuestMemory, "refresh">;
}

/**
 * Repeat a call that returned `AGAIN` until it returns something else, unless its descriptor is non-blocking.
 *
 * @param waiting Its system waits, blocking or suspending: `attempt` knows nothing of it.
 * @param fd The descriptor.
 * @param interest Bits of `Interest`.
 * @param mode `"block"` where the call must not return a promise.
 * @param attempt The whole call, from decoding on: a guest may have changed its memory in between.
 */
export function retryWhileAgain(
  waiting: Waiting,
  fd: number,
  interest: number,
  mode: WaitMode,
  attempt: () => Errno,
): MaybePromise {
  for (;;) {
    const waited = waiting.system.poll.waitFd(fd, interest, mode);
    if (typeof waited !== "number") return waited.then((errno) => errno || retryAfter(waiting, fd, interest, attempt));
    if (waited !== Errno.SUCCESS) return waited;
    waiting.memory.refresh();
    const errno = attempt();
    if (errno !== Errno.AGAIN) return errno;
  }
}

function retryAfter(waiting: Waiting, fd: number, interest: number, attempt: () => Errno): MaybePromise {
  waiting.memory.refresh();
  const errno = attempt();
  return errno === Errno.AGAIN ? retryWhileAgain(waiting, fd, interest, "suspend", attempt) : errno;
}

/**
 * Continues a call once its result is available.
 *
 * @param memory Memory of the guest, whose views are made anew after a wait.
 * @param result The errno, or a promise of it.
 * @param resume Gets the errno, and returns that of the call.
 */
export function resumed(
  memory: GuestMemory,
  result: MaybePromise,
  resume: (errno: Errno) => MaybePromise,
): MaybePromise {
  if (typeof result === "number") return resume(result);
  return result.then((errno) => {
    memory.refresh();
    return resume(errno);
  });
}
