/**
 * Races with another process that swaps directories and files with symbolic links to the outside. `npm run races` runs
 * a million attempts.
 */

import { describe, expect, test } from "vitest";
import { posix } from "../../src/platform/posix/mod.ts";
import { hostWithoutOpenat2, openOn } from "../races/posix_host.ts";
import { componentOn } from "../races/component_race_guest.ts";
import { race } from "../races/race.ts";
import { moduleOn, type StartRaceGuest } from "../races/race_guest.ts";
import { followingLinks, resolvedByPath } from "../races/weak_directories.ts";

const ATTEMPTS = 20_000;
/** It takes a few on a machine that has nothing else to do. */
const SECONDS = 300;
const TIMEOUT_MS = (SECONDS + 60) * 1000;
const SEED = 20261121;
const ERRNOS = ["LOOP", "NOTDIR", "NOENT", "PERM"];
const ERROR_CODES = ["loop", "not-directory", "no-entry", "not-permitted"];

async function expectNothingOutside(start: StartRaceGuest, errors: readonly string[] = ERRNOS): Promise<void> {
  const result = await race(start, { attempts: ATTEMPTS, seconds: SECONDS, seed: SEED, untilFound: false });
  expect(result.outside).toEqual([]);
  expect(result.attempts).toBe(ATTEMPTS);
  // The guest made progress, and the other process was at work.
  expect(result.errnos.get("SUCCESS")).toBeGreaterThan(ATTEMPTS / 20);
  for (const errno of errors) expect(result.errnos.get(errno), errno).toBeGreaterThan(0);
  expect(result.swapsSeen).toBeGreaterThan(ATTEMPTS / 100);
}

async function expectFound(start: StartRaceGuest): Promise<void> {
  const result = await race(start, { attempts: Infinity, seconds: SECONDS, seed: SEED, untilFound: true });
  expect(result.outside.length).toBeGreaterThan(0);
}

describe(`a guest that makes ${ATTEMPTS} calls while its directories are swapped with links to the outside`, () => {
  test("reaches nothing outside, where the host walks for it", async () => {
    await expectNothingOutside(moduleOn(posix(), (path) => posix().openRoot(path)));
  }, TIMEOUT_MS);

  test("reaches nothing outside, where each component is looked up by itself", async () => {
    await expectNothingOutside(moduleOn(posix(), (path) => openOn(hostWithoutOpenat2(), path)));
  }, TIMEOUT_MS);

  test("reaches nothing outside, as a component", async () => {
    await expectNothingOutside(componentOn(posix(), (path) => posix().openRoot(path)), ERROR_CODES);
  }, TIMEOUT_MS);

  test("is led outside by a resolver that looks where a path leads and opens it then", async () => {
    await expectFound(moduleOn(posix(), (path) => resolvedByPath(posix(), path)));
  }, TIMEOUT_MS);

  test("is led outside by a resolver that looks for links and opens without O_NOFOLLOW then", async () => {
    await expectFound(moduleOn(posix(), followingLinks));
  }, TIMEOUT_MS);
});
