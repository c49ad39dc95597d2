/**
 * `npm run races`: a guest on the posix platform while another process swaps its directories with symbolic links to the
 * outside. Nothing outside may be reached; two weakened resolvers show that the races are there to be lost.
 *
 * @module
 */

import { join } from "node:path";
import { parseCount } from "../suites/arguments.ts";
import { describeEnd, runProcess } from "../suites/process.ts";
import type { Execution, Suite } from "../suites/suite.ts";

const SCRIPT = join(import.meta.dirname, "one_race.ts");
const RACES = [
  "by openat2",
  "by components",
  "a component",
  "weakened by path",
  "weakened without O_NOFOLLOW",
  "a component, weakened without O_NOFOLLOW",
];
/** Elsewhere the runtimes' own calls lose the race: README says so. */
const LINUX_RACES = ["by the runtime's own calls", "a component by the runtime's own calls"];

/** The suite. */
export const suite: Suite = {
  title: "Opens paths while another process swaps directories with symbolic links; nothing outside may be reached.",
  runtimes: ["deno", "bun", "node"],
  jobs: 1,
  seconds: 1800,
  options: {
    attempts: { value: "N", help: "how often each race is run (default: 1000000)", default: "1000000" },
  },
  open: ({ seconds, values }) => {
    const attempts = String(parseCount("--attempts", values["attempts"] ?? ""));
    const races = process.platform === "linux" ? [...RACES, ...LINUX_RACES] : RACES;
    const run = async (name: string, script: readonly string[]): Promise<Execution> => {
      const words = [...script, SCRIPT, name, attempts];
      const result = await runProcess(words, { timeoutMs: seconds * 1000, stdin: "null" });
      const complaints = result.exitCode === 0 ? [] : [describeEnd(result)];
      return { complaints, output: result.output, note: result.stdout.split("\n", 1)[0] ?? "" };
    };
    return Promise.resolve({ cases: races.map((name) => ({ name, run: ({ script }) => run(name, script) })) });
  },
};
