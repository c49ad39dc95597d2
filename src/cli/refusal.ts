/** What the command says of what the rules on the network refused: the guest sees no more than `ACCES`. */

import type { Refusal } from "../runtime/options.ts";

const VERBS = { listen: "listen at", connect: "connect to", lookup: "look up" } as const;

/**
 * Say what was refused, and which option would allow it.
 *
 * @param refusal What was refused.
 */
export function refusalText({ action, target, rule }: Refusal): string {
  if (action !== "lookup" && target === "*") return "refused a socket; --allow-net would allow it";
  return `refused to ${VERBS[action]} ${printable(target)}; --allow-net=${printable(rule)} would allow it`;
}

/** Names and paths come from the guest: no control characters of them reach a terminal. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}
