/**
 * The races of one runtime: `one_runtime.ts ATTEMPTS`.
 *
 * @module
 */

import process from "node:process";
import type { PlatformDirectory } from "../../src/core/platform.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { hostWithoutOpenat2, openOn } from "./posix_host.ts";
import { race, type RaceResult } from "./race.ts";
import { followingLinks, resolvedByPath } from "./weak_directories.ts";

const WEAK_SECONDS = 60;
const platform = posix();
const attempts = Number(process.argv[2]);
const seed = Date.now() & 0x7fffffff;
let isFine = true;

function line(name: string, { attempts, seconds, swapsSeen, swapper, outside }: RaceResult): string {
  const rate = Math.round(attempts / seconds).toLocaleString("en");
  return `  ${name}: ${attempts.toLocaleString("en")} attempts in ${seconds.toFixed(1)} s (${rate}/s), ` +
    `${swapsSeen.toLocaleString("en")} swaps seen (by ${swapper}), accesses outside: ${outside.length}`;
}

async function strong(name: string, openRoot: (path: string) => PlatformDirectory): Promise<void> {
  const result = await race(platform, openRoot, { attempts, seconds: Infinity, seed, untilFound: false });
  console.log(line(name, result));
  const errnos = [...result.errnos].sort(([, one], [, two]) => two - one);
  console.log(`    ${errnos.map(([errno, count]) => `${errno} ${count.toLocaleString("en")}`).join(", ")}`);
  for (const access of result.outside) console.log(`    OUTSIDE: ${access}`);
  if (result.outside.length > 0 || result.swapsSeen === 0) isFine = false;
}

async function weak(name: string, openRoot: (path: string) => PlatformDirectory): Promise<void> {
  const result = await race(platform, openRoot, { attempts: Infinity, seconds: WEAK_SECONDS, seed, untilFound: true });
  console.log(line(name, result));
  if (result.outside.length === 0) isFine = false;
}

console.log(`  seed ${seed}`);
await strong("by openat2", (path) => platform.openRoot(path));
await strong("by components", (path) => openOn(hostWithoutOpenat2(), path));
await weak("weakened, by path", (path) => resolvedByPath(platform, path));
await weak("weakened, without O_NOFOLLOW", followingLinks);
process.exitCode = isFine ? 0 : 1;
