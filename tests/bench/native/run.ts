/** What a call costs beside the system's own, and on other hosts: one program of C as a guest and natively. */

import { hostsOf, unsetVariables } from "./hosts.ts";
import { measureRounds } from "./measure.ts";
import { startPeer } from "./peer.ts";
import type { Effort } from "./program.ts";
import { tablesOf } from "./table.ts";

const ROUNDS = 3;
const EFFORT: Effort = { loopMs: 8, repeats: 15 };

/**
 * Measure and print.
 *
 * @param runtimes `deno`, `bun` or `node`.
 */
export async function printNative(runtimes: readonly string[]): Promise<void> {
  const tell = (progress: string): void => console.error(progress);
  const hosts = await hostsOf(runtimes);
  const files = await measureRounds(hosts, undefined, ROUNDS, EFFORT, tell);
  const peer = await startPeer();
  try {
    const connectable = hosts.filter(({ hasSockets }) => hasSockets);
    const sockets = await measureRounds(connectable, peer.port, ROUNDS, EFFORT, tell);
    console.log(`\ncalls beside native ones: medians of ${ROUNDS} rounds; rt: --platform runtime${unsetText()}\n`);
    console.log(tablesOf([files, sockets], hosts.map(({ name }) => name)));
  } finally {
    peer.close();
  }
}

function unsetText(): string {
  const unset = unsetVariables();
  return unset.length === 0 ? "" : `; set ${unset.join(", ")} to a command to have it measured as well`;
}
