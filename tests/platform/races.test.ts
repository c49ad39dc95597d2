/** Races with another process, on the runtime's own calls: see `tests/posix/races.test.ts`. */

import process from "node:process";
import { describe, expect, test } from "vitest";
import { detectPlatform } from "../../src/platform/detect.ts";
import { race } from "../races/race.ts";
import { moduleOn } from "../races/race_guest.ts";

const ATTEMPTS = 20_000;
/** It takes a few on a machine that has nothing else to do. */
const SECONDS = 300;
const SEED = 20261130;
const platform = (await detectPlatform())();

describe.skipIf(process.platform !== "linux")("where descriptors hold directories", () => {
  test(`a guest that makes ${ATTEMPTS} calls while its directories are swapped reaches nothing outside`, async () => {
    const result = await race(moduleOn(platform, (path) => platform.openRoot(path)), {
      attempts: ATTEMPTS,
      seconds: SECONDS,
      seed: SEED,
      untilFound: false,
    });
    expect(result.outside).toEqual([]);
    expect(result.attempts).toBe(ATTEMPTS);
    expect(result.errnos.get("SUCCESS")).toBeGreaterThan(ATTEMPTS / 20);
    expect(result.swapsSeen).toBeGreaterThan(ATTEMPTS / 100);
  }, (SECONDS + 60) * 1000);
});
