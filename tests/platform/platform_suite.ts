/** One suite for every platform: what the contracts of `Platform` say, as Linux does it. */

import { describe, it } from "vitest";
import { DIRECTORY_CASES } from "./directory_cases.ts";
import { ERRNO_CASES } from "./errno_cases.ts";
import { FILE_CASES } from "./file_cases.ts";
import { RENAME_CASES } from "./rename_cases.ts";
import { TIME_CASES } from "./time_cases.ts";
import { CLOCK_CASES, RANDOM_CASES } from "./clock_cases.ts";
import type { Cases, PlatformMaker } from "./under_test.ts";

export type { PlatformFeatures } from "./under_test.ts";

const GROUPS: Readonly<Record<string, Cases>> = {
  "a file": FILE_CASES,
  "a directory": DIRECTORY_CASES,
  "rename": RENAME_CASES,
  "an error": ERRNO_CASES,
  "timestamps": TIME_CASES,
  "clocks": CLOCK_CASES,
  "random bytes": RANDOM_CASES,
};

/**
 * Run the suite.
 *
 * @param name Name of the backend.
 * @param make Makes a platform with an empty directory, for each test a new one.
 */
export function platformSuite(name: string, make: PlatformMaker): void {
  describe(`platform ${name}`, () => {
    for (const [group, cases] of Object.entries(GROUPS)) {
      describe(group, () => {
        for (const [sentence, run] of Object.entries(cases)) {
          it(sentence, async () => {
            const test = await make();
            try {
              await run(test);
            } finally {
              await test.cleanup();
            }
          });
        }
      });
    }
  });
}
