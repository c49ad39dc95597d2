/** What may stay in a process after many runs of guests. */

import type { LeakReport } from "./holdings.ts";

/** What a runtime may take for itself meanwhile, for each run: far less than a mapping, and the 64 KiB of a guest. */
const MAX_MAPPINGS = 0.05;
/**
 * What the engine maps for itself once, however many runs follow: its heap and compiled code. Seen on Deno after 250 to
 * 2,000 runs of a component: 122 to 144, and 248 on a busy machine.
 */
const ENGINE_MAPPINGS = 350;
const MAX_KILOBYTES = 10;
/** What the engine keeps once: compiled code and a heap that has grown. Seen: up to 80 on Deno, most of it within the first 3,000 runs. */
const ENGINE_MEGABYTES = 100;
const MAX_DESCRIPTORS = 8;

/**
 * What is wrong with what was left.
 *
 * @param report What there was before and after.
 * @param runs Runs in between.
 * @param folder Of the guests: no descriptor may lead into it.
 */
export function leakComplaints({ before, after }: LeakReport, runs: number, folder: string): string[] {
  const own = after.descriptors.filter((descriptor) => descriptor.includes(folder));
  const growth = {
    descriptors: [after.descriptors.length - before.descriptors.length, MAX_DESCRIPTORS],
    mappings: [after.mappings - before.mappings, ENGINE_MAPPINGS + runs * MAX_MAPPINGS],
    megabytes: [after.megabytes - before.megabytes, ENGINE_MEGABYTES + runs * MAX_KILOBYTES / 1024],
  };
  const grown = Object.entries(growth).filter(([, [more, most]]) => more! >= most!);
  return [
    ...own.map((descriptor) => `left open: ${descriptor}`),
    ...grown.map(([what, [more, most]]) => `${more} more ${what}; fewer than ${most} may be`),
  ];
}
