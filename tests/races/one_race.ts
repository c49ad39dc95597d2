/**
 * One race: `one_race.ts NAME ATTEMPTS`. Its first line says what was found; it ends with 1 if that is wrong.
 *
 * @module
 */

import process from "node:process";
import { detectPlatform } from "../../src/platform/detect.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { hostWithoutOpenat2, openOn } from "./posix_host.ts";
import { componentOn } from "./component_race_guest.ts";
import { race, type RaceResult } from "./race.ts";
import { moduleOn, type StartRaceGuest } from "./race_guest.ts";
import { followingLinks, resolvedByPath } from "./weak_directories.ts";

const WEAK_SECONDS = 60;
const [name = "", attempts = ""] = process.argv.slice(2);
const seed = Date.now() & 0x7fffffff;

/** Nothing outside may be reached. */
async function strong(start: StartRaceGuest): Promise<boolean> {
  const result = await race(start, {
    attempts: Number(attempts),
    seconds: Infinity,
    seed,
    untilFound: false,
  });
  print(result);
  const errnos = [...result.errnos].sort(([, one], [, two]) => two - one);
  console.log(errnos.map(([errno, count]) => `${errno} ${count.toLocaleString("en")}`).join(", "));
  for (const access of result.outside) console.log(`OUTSIDE: ${access}`);
  return result.outside.length === 0 && result.swapsSeen > 0;
}

/** Something outside must be reached. */
async function weak(start: StartRaceGuest): Promise<boolean> {
  const result = await race(start, {
    attempts: Infinity,
    seconds: WEAK_SECONDS,
    seed,
    untilFound: true,
  });
  print(result);
  return result.outside.length > 0;
}

function print({ attempts, seconds, swapsSeen, swapper, outside }: RaceResult): void {
  const rate = Math.round(attempts / seconds).toLocaleString("en");
  console.log(
    `${attempts.toLocaleString("en")} attempts in ${seconds.toFixed(1)} s (${rate}/s), ` +
      `${swapsSeen.toLocaleString("en")} swaps seen (by ${swapper}), accesses outside: ${outside.length}; seed ${seed}`,
  );
}

async function run(): Promise<boolean> {
  const platform = posix();
  switch (name) {
    case "by openat2":
      return await strong(moduleOn(platform, (path) => platform.openRoot(path)));
    case "by components":
      return await strong(moduleOn(platform, (path) => openOn(hostWithoutOpenat2(), path)));
    case "by the runtime's own calls": {
      const runtime = (await detectPlatform())();
      return await strong(moduleOn(runtime, (path) => runtime.openRoot(path)));
    }
    case "a component":
      return await strong(componentOn(platform, (path) => platform.openRoot(path)));
    case "a component by the runtime's own calls": {
      const runtime = (await detectPlatform())();
      return await strong(componentOn(runtime, (path) => runtime.openRoot(path)));
    }
    case "a component, weakened without O_NOFOLLOW":
      return await weak(componentOn(platform, followingLinks));
    case "weakened by path":
      return await weak(moduleOn(platform, (path) => resolvedByPath(platform, path)));
    case "weakened without O_NOFOLLOW":
      return await weak(moduleOn(platform, followingLinks));
    default:
      throw new TypeError(`Unknown race "${name}"`);
  }
}

process.exitCode = await run() ? 0 : 1;
