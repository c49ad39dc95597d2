/** Answers that may come later: at once where nothing has to be waited for, so that no promise is made for them. */

import { Errno } from "../witx/errno.ts";

/** An errno, or a promise of it where the system suspends. */
export type Answer = Errno | Promise<Errno>;

/** Go on with an answer, now or when it is there. */
export function settled(answer: Answer, next: (errno: Errno) => Answer): Answer {
  return typeof answer === "number" ? next(answer) : answer.then(next);
}

/** Go on after success; any other answer is the answer. */
export function andThen(answer: Answer, next: () => Answer): Answer {
  return settled(answer, (errno) => errno === Errno.SUCCESS ? next() : errno);
}
