/** What sockets cost: a Go server as a guest, beside the same natively and on wasi-go. */

import { join } from "node:path";
import process from "node:process";
import { goProgram } from "../../tools/go_program.ts";
import { startHosts, stopHosts } from "./hosts.ts";
import { measureRounds } from "./measure.ts";
import { tablesOf } from "./table.ts";

/**
 * Measure and print.
 *
 * @param runtimes `deno`, `bun` or `node`.
 */
export async function printNetwork(runtimes: readonly string[]): Promise<void> {
  const load = await goProgram(join(import.meta.dirname, "load"), "native");
  const hosts = await startHosts(runtimes);
  try {
    const samples = await measureRounds(load, hosts, (progress) => console.error(progress));
    console.log(`\nsockets: medians; native has GOMAXPROCS=1${wasiGoText()}\n`);
    console.log(tablesOf(samples));
  } finally {
    await stopHosts(hosts);
  }
}

function wasiGoText(): string {
  return process.env["WASI_GO"] ? "" : "; set WASI_GO to wasi-go's wasirun to have it measured as well";
}
