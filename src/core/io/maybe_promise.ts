/** Results that may come later: immediate when there is nothing to wait for, so that no promise is allocated. */

import { Errno } from "../../witx/errno.ts";

/** A value, or a promise of it if the guest is suspended. */
export type MaybePromise<T = Errno> = T | Promise<T>;

/** Continue with a result, now or when it arrives. */
export function settled(result: MaybePromise, next: (errno: Errno) => MaybePromise): MaybePromise {
  return typeof result === "number" ? next(result) : result.then(next);
}

/** Continue after success; any other errno is the result. */
export function andThen(result: MaybePromise, next: () => MaybePromise): MaybePromise {
  return settled(result, (errno) => errno === Errno.SUCCESS ? next() : errno);
}
