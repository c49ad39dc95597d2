/** The complaints of a check, one a line: `file:line: text`. */
const COMPLAINT = /^\S+:\d+: /;

/**
 * The complaints among what a check wrote.
 *
 * The process of TypeScript's parser may write lines of its own, such as "context canceled", when it is closed.
 */
export function complaintsIn(stderr: string): string[] {
  return stderr.split("\n").filter((line) => COMPLAINT.test(line));
}
