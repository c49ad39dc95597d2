/** Attempts of the host where the guest can't be suspended. */

import { type Attempt, type CoreFunction, WAIT } from "../function.ts";
import type { Store } from "../store.ts";

type AnyAttempt = (...args: unknown[]) => 0 | 1;

/**
 * An attempt that blocks the thread while it has to wait, unless the stack can be suspended. With as many parameters as the
 * guest passes, it costs next to nothing.
 *
 * @param attempt The attempt.
 * @param store Blocks.
 * @param arity Number of parameters.
 */
export function blockingAttempt(attempt: Attempt, store: Store, arity: number): CoreFunction {
  const call = attempt as AnyAttempt;
  const waits = (answer: 0 | 1): boolean => {
    if (answer !== WAIT || store.canSuspend) return false;
    store.block();
    return true;
  };
  switch (arity) {
    case 1:
      return (a: unknown) => {
        let answer = call(a);
        while (waits(answer)) answer = call(a);
        return answer;
      };
    case 2:
      return (a: unknown, b: unknown) => {
        let answer = call(a, b);
        while (waits(answer)) answer = call(a, b);
        return answer;
      };
    case 3:
      return (a: unknown, b: unknown, c: unknown) => {
        let answer = call(a, b, c);
        while (waits(answer)) answer = call(a, b, c);
        return answer;
      };
    case 4:
      return (a: unknown, b: unknown, c: unknown, d: unknown) => {
        let answer = call(a, b, c, d);
        while (waits(answer)) answer = call(a, b, c, d);
        return answer;
      };
    default:
      return (...args: unknown[]) => {
        let answer = call(...args);
        while (waits(answer)) answer = call(...args);
        return answer;
      };
  }
}
